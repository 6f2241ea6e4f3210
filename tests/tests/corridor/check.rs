//! `turnpage check`: everything that is wrong, at once, with file, line, caret and suggestion; exit 1.

use std::fs;
use std::process::{Command, Output};

use turnpage_tests::workspace::{root, turnpage};

fn turnpage_says(args: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } =
        Command::new(turnpage()).args(args).current_dir(root()).output().expect("the binary starts");
    (status.code(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
}

#[test]
fn what_ships_is_fine() {
    let (code, said) = turnpage_says(&["check", "journeys/library/theme-park"]);
    assert_eq!(code, Some(0), "{said}");
    let park_day = "journeys/library/park-day";
    let (code, said) = turnpage_says(&["check", "--venue", park_day, park_day]);
    assert_eq!(code, Some(0), "{said}");
}

/// What changed between two versions, as text and as data, with the people of a recorded day on the pages.
#[test]
fn a_new_version_is_told_with_everyone_on_its_pages() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let park_day = "journeys/library/park-day";
    for name in ["heat-rest.yaml", "loyal.yaml", "lunch.yaml", "rainy-day.yaml", "vip-greet.yaml"] {
        let text = fs::read_to_string(root().join(park_day).join(name)).expect("it ships");
        let text = match name {
            "heat-rest.yaml" => text.replacen("temperature >= 30", "temperature >= 33", 1),
            _ => text,
        };
        fs::write(directory.path().join(name), text).expect("the directory takes files");
    }
    let new = directory.path().to_str().expect("a plain path");
    let day = "journeys/library/park-day/golden/events.ndjson";
    let ask = ["check", "--venue", park_day, "--against", park_day, "--events", day];
    let (code, said) = turnpage_says(&[&ask[..], &[new]].concat());
    assert_eq!(code, Some(0), "{said}");
    expect_test::expect![[r#"
        heat-rest, on outside: the guard of `offer rest` was `weather.temperature >= 30`, is `weather.temperature >= 33` (5 are on it)
        heat-rest: 5 stay, 0 are pinned, 0 begin anew
        loyal: 6 stay, 0 are pinned, 0 begin anew
        lunch: 5 stay, 0 are pinned, 0 begin anew
        rainy-day: 5 stay, 0 are pinned, 0 begin anew
        vip-greet: 2 stay, 0 are pinned, 0 begin anew
    "#]].assert_eq(&said);
    for (format, key) in [("json", "findings"), ("sarif", "runs")] {
        let (code, said) = turnpage_says(&[&ask[..], &["--format", format, new]].concat());
        assert_eq!(code, Some(0), "{said}");
        let data: serde_json::Value = serde_json::from_str(&said).expect("it is one JSON value");
        assert!(data[key].is_array(), "{data}");
        assert!(said.contains("changed-guard") && said.contains("(5 are on it)"), "{said}");
    }
}

#[test]
fn a_broken_journey_is_told_with_all_its_faults() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("rain.yaml");
    let sound =
        fs::read_to_string(root().join("journeys/library/theme-park/rainy-day.yaml")).expect("it ships");
    let broken = sound
        .replacen("admit: role != \"staff\"", "admit: role != \"stuff\"", 1)
        .replacen("turn_to: shelter", "turn_to: sheltre", 1)
        .replacen("valid: 20m", "valdi: 20m", 1);
    fs::write(&file, broken).expect("the directory takes files");
    let (code, said) = turnpage_says(&["check", file.to_str().expect("a plain path")]);
    assert_eq!(code, Some(1), "{said}");
    for expected in
        ["rain.yaml:", "`stuff`", "`staff`", "`sheltre`", "`shelter`", "`valdi`", "`valid`", "^^^"]
    {
        assert!(said.contains(expected), "`{expected}` is not in:\n{said}");
    }
}

#[test]
fn machines_get_data_on_stdout() {
    for (format, key) in [("json", "findings"), ("sarif", "runs")] {
        let journeys = "journeys/library/theme-park";
        let Output { status, stdout, .. } = Command::new(turnpage())
            .args(["check", "--format", format, journeys])
            .current_dir(root())
            .output()
            .expect("the binary starts");
        assert_eq!(status.code(), Some(0));
        let data: serde_json::Value = serde_json::from_slice(&stdout).expect("stdout is one JSON value");
        assert!(data[key].is_array(), "{data}");
    }
}

#[test]
fn a_broken_venue_is_told_with_all_its_faults() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let park = root().join("simulators/venue/park");
    let map = fs::read_to_string(park.join("zones.geojson")).expect("it ships");
    fs::write(
        directory.path().join("zones.geojson"),
        map.replacen("\"kind\":\"gate\"", "\"kind\":\"gaet\"", 1),
    )
    .expect("the directory takes files");
    let venue = fs::read_to_string(park.join("venue.yaml")).expect("it ships");
    let venue = venue.replacen("time_zone: America/New_York", "time_zone: America/New_Yrok", 1);
    fs::write(directory.path().join("venue.yaml"), venue.replacen("policy:", "polciy:", 1))
        .expect("the directory takes files");
    let (code, said) = turnpage_says(&["check", "--venue", directory.path().to_str().expect("a plain path")]);
    assert_eq!(code, Some(1), "{said}");
    for expected in
        ["venue.yaml:", "New_Yrok", "America/New_York", "`polciy`", "`policy`", "zones.geojson:", "`gaet`"]
    {
        assert!(said.contains(expected), "`{expected}` is not in:\n{said}");
    }
}

#[test]
fn a_broken_configuration_is_told_with_all_its_faults() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("turnpage.yaml");
    fs::write(&file, "venue: park\ndata: memory\nhtpp: 127.0.0.1:0\nseed: many\n")
        .expect("the directory takes files");
    for command in [["check", "--config"], ["run", "--config"]] {
        let (code, said) = turnpage_says(&[command[0], command[1], file.to_str().expect("a plain path")]);
        assert_eq!(code, Some(1), "{said}");
        for expected in ["turnpage.yaml:3", "`htpp`", "`http`", "turnpage.yaml:4"] {
            assert!(said.contains(expected), "`{expected}` is not in:\n{said}");
        }
    }
}

#[test]
fn wrong_usage_is_exit_2() {
    assert_eq!(turnpage_says(&["demo", "--speed", "0"]).0, Some(2));
    assert_eq!(turnpage_says(&["replay"]).0, Some(2));
}

#[test]
fn a_reader_that_stops_early_is_no_failure_of_its_own() {
    // An unknown role, and JSON that nobody reads.
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("wet.yaml");
    fs::write(&file, "journey: wet\nadmit: role == \"gest\"\npages: { one: }\n").expect("written");
    for (journey, code) in [(file.as_path(), 1), ("journeys/library/theme-park".as_ref(), 0)] {
        let mut command = Command::new(turnpage());
        command.args(["check", "--format", "json"]).arg(journey).current_dir(root());
        let mut process = command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the binary starts");
        drop(process.stdout.take());
        let output = process.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), said.as_ref()), (Some(code), ""));
    }
}

#[test]
fn what_is_no_plain_file_or_holds_no_journey_is_told() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let empty = directory.path().to_str().expect("a plain path");
    let (code, said) = turnpage_says(&["check", empty]);
    assert_eq!(code, Some(1));
    assert!(said.contains("there is no journey in"), "{said}");
    for device in [["check", "--config", "/dev/zero"], ["import", "aws-iot-events", "/dev/zero"]] {
        let (code, said) = turnpage_says(&device);
        assert_eq!((code, said.trim()), (Some(1), "error: `/dev/zero` is not a plain file"));
    }
}

#[test]
fn a_mapping_is_tried_on_a_message_before_anything_runs() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let venue = root().join("journeys/library/park-day");
    let path = |name: &str| directory.path().join(name);
    let config = format!(
        "venue: {0}\njourneys: {0}\ndata: memory\nsecret: {1}\nsources:\n  - {{ use: owntracks }}\n",
        venue.display(),
        "07".repeat(32)
    );
    fs::write(path("turnpage.yaml"), config).expect("the directory takes files");
    let tried = |topic: &str, payload: &str| {
        fs::write(path("message.json"), payload).expect("the directory takes files");
        let (config, message) = (path("turnpage.yaml"), path("message.json"));
        let (config, message) = (config.to_str().expect("a path"), message.to_str().expect("a path"));
        turnpage_says(&["check", "--config", config, "--topic", topic, "--payload", message])
    };
    let location = r#"{"_type":"location","lat":1,"lon":2,"tst":1784360000}"#;
    let (code, said) = tried("owntracks/kim/phone", location);
    assert_eq!(code, Some(0), "{said}");
    for expected in [r#""Sighting""#, r#""at":1784360000000"#, "rule 1: 1 event", "mapped"] {
        assert!(said.contains(expected), "`{expected}` is not in:\n{said}");
    }
    assert!(!said.contains("kim"), "the phone's own name is told:\n{said}");
    let (code, said) = tried("owntracks/kim/phone", r#"{"_type":"location","lat":"x","lon":2,"tst":1}"#);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("rule 1, point.lat: expected a number, found the text `x`"), "{said}");
    assert!(said.contains("    payload.lat\n    ^^^^^^^^^^^\n"), "{said}");
    let (code, said) = tried("elsewhere/kim", location);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("is no source's; sources are: `owntracks` (owntracks/+/+)"), "{said}");
}
