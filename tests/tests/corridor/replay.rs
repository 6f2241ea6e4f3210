//! `turnpage replay`: files in, files out, as the park-day workload and an author call it.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use turnpage_tests::workspace::{root, turnpage};

const BUNDLE: &str = "journeys/library/park-day";

#[test]
fn a_recorded_stretch_gives_its_offers() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let out = directory.path().join("offers.ndjson");
    let status = Command::new(turnpage())
        .args(["replay", "--venue", BUNDLE, "--journeys", BUNDLE])
        .args(["--events", "journeys/library/park-day/golden/events.ndjson", "--out"])
        .arg(&out)
        .current_dir(root())
        .status()
        .expect("the binary starts");
    assert!(status.success());
    let read = |path| fs::read_to_string(path).expect("offers were written");
    assert_eq!(read(out), read(root().join(BUNDLE).join("golden/offers.ndjson")));
}

#[test]
fn a_line_that_is_no_event_is_named() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let events = directory.path().join("events.ndjson");
    let golden =
        fs::read_to_string(root().join(BUNDLE).join("golden/events.ndjson")).expect("it is committed");
    let three: Vec<&str> = golden.lines().take(3).collect();
    fs::write(&events, format!("{}\n{{\"t\":12,\n", three.join("\n"))).expect("the directory takes files");
    let output = Command::new(turnpage())
        .args(["replay", "--venue", BUNDLE, "--journeys", BUNDLE, "--out", "-", "--events"])
        .arg(&events)
        .current_dir(root())
        .output()
        .expect("the binary starts");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("line 4"), "{said}");
}

/// Sixty guests on a hot day, each of whom is offered what chance and the seed say.
#[test]
fn one_seed_chooses_the_same_and_another_does_not() {
    const DAY_OUT: &str = "journeys/library/day-out";
    let directory = tempfile::tempdir().expect("a temporary directory");
    let events = directory.path().join("events.ndjson");
    let mut day =
        String::from("{\"at\": \"2026-07-20 13:00\", \"weather\": {\"temperature\": 33, \"rain\": 0}}\n");
    for guest in 0..60 {
        let (at, name) = (format!("2026-07-20 13:00:{guest:02}"), format!("g{guest}"));
        let line = format!(r#"{{"at": "{at}", "subject": "{name}", "role": "guest", "zone": "square"}}"#);
        writeln!(day, "{line}").expect("memory takes it");
    }
    fs::write(&events, day).expect("the directory takes files");
    let chosen = |seed: &str| {
        let output = Command::new(turnpage())
            .args([
                "replay",
                "--venue",
                DAY_OUT,
                "--journeys",
                DAY_OUT,
                "--seed",
                seed,
                "--out",
                "-",
                "--events",
            ])
            .arg(&events)
            .current_dir(root())
            .output()
            .expect("the binary starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let did = String::from_utf8(output.stdout).expect("text");
        assert_eq!(did.matches(r#""what":"chose""#).count(), 60, "{did}");
        did
    };
    let first = chosen("1");
    assert_eq!(chosen("1"), first);
    let choices = |did: &str| -> Vec<String> {
        let chose = did.lines().filter(|line| line.contains(r#""what":"chose""#));
        chose.filter_map(|line| Some(line.split_once(r#""alternative":"#)?.1[..1].to_owned())).collect()
    };
    let (one, two) = (choices(&first), choices(&chosen("2")));
    assert!(one.len() == 60 && one != two, "{one:?} {two:?}");
}
