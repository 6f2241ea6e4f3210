//! `turnpage replay`: files in, files out, as the park-day workload calls it.

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
