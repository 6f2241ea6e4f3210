//! The park-day workload through `replay`: byte for byte what its reference implementation says.
//!
//! A committed stretch always runs. Where the workload is beside the checkout, and Python, fresh seeds of its generator run as
//! well, in both of its modes.

use std::path::{Path, PathBuf};
use std::process::Command;

use turnpage_gateway_core::replay;
use turnpage_journeys_authoring::library::PARK_DAY;
use turnpage_journeys_authoring::{check, render};
use turnpage_tests::workspace::{reference_data, root};

use crate::venues::venue;

/// Visitors, seed and mode of the generated days.
const DAYS: [(&str, &str, &[&str]); 4] =
    [("40", "31", &[]), ("60", "32", &[]), ("6", "33", &["--fuzz"]), ("12", "34", &["--fuzz"])];

#[test]
fn the_committed_stretch_is_the_references() {
    let golden = root().join("journeys/library/park-day/golden");
    let read = |name| std::fs::read_to_string(golden.join(name)).expect("it is committed");
    assert_eq!(offers(&read("events.ndjson")), read("offers.ndjson"));
}

#[test]
fn generated_days_are_the_references() {
    let Some(workload) = workload() else { return };
    let directory = tempfile::tempdir().expect("a temporary directory");
    let (events, reference) = (directory.path().join("events"), directory.path().join("offers"));
    for (visitors, seed, mode) in DAYS {
        let python = |script: &str| {
            let mut command = Command::new("python3");
            command.arg("-B").arg(workload.join(script)).arg(&events);
            command
        };
        let made = python("gen.py").args(["--visitors", visitors, "--seed", seed]).args(mode).status();
        assert!(made.expect("python runs").success());
        assert!(python("reference.py").arg(&reference).status().expect("python runs").success());
        let read = |path: &Path| std::fs::read_to_string(path).expect("python wrote it");
        let expected = read(&reference);
        assert!(expected.lines().count() > 50, "seed {seed} shows too little");
        assert!(offers(&read(&events)) == expected, "seed {seed} {mode:?} differs");
    }
}

fn offers(events: &str) -> String {
    let venue = venue(&PARK_DAY).expect("the bundle brings its venue");
    let checked = check(PARK_DAY.sources(), &venue.schema());
    let library = checked.library.unwrap_or_else(|| panic!("{}", render(&checked.report, false)));
    let mut out = Vec::new();
    let summary = replay::run(&venue, library, 0, events.as_bytes(), &mut out).expect("the events are whole");
    assert_eq!(summary.events, events.lines().count() as u64);
    String::from_utf8(out).expect("offers are text")
}

fn workload() -> Option<PathBuf> {
    let workload = reference_data("bench/park-day")?;
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: there is no python3");
        return None;
    }
    Some(workload)
}
