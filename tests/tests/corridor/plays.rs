//! `turnpage test`: the plays of every journey that ships, in the venues they ship for, with their golden transcripts.
//!
//! What a play may say and how a failing one is told is held by journeys/authoring; here is the binary with real venues.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use expect_test::expect;
use turnpage_tests::workspace::{root, turnpage};

/// Exit code, stdout and stderr.
fn turnpage_says(args: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(turnpage()).args(args).current_dir(root()).output().expect("the binary starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it speaks UTF-8");
    (status.code(), text(stdout), text(stderr))
}

/// Every folder of journeys that ships, by its path in the project.
fn shipped() -> Vec<String> {
    let folders = fs::read_dir(root().join("journeys/library")).expect("it ships");
    let mut folders: Vec<String> = folders
        .map(|folder| format!("journeys/library/{}", folder.expect("listed").file_name().display()))
        .collect();
    folders.sort_unstable();
    assert!(folders.iter().any(|folder| folder.ends_with("/theme-park")), "{folders:?}");
    folders
}

#[test]
fn every_journey_that_ships_keeps_to_its_plays_and_golden_transcripts() {
    for folder in shipped() {
        // Without one of its own it is made for the sample park.
        let place = if root().join(&folder).join("venue.yaml").is_file() { "--venue" } else { "--journeys" };
        let (code, said, talk) = turnpage_says(&["test", place, &folder]);
        assert_eq!(code, Some(0), "{said}{talk}");
        assert!(said.lines().filter(|line| line.starts_with("ok    ")).count() >= 10, "{said}");
        assert_eq!(talk, "", "nothing but data on a pipe");
        for entry in fs::read_dir(root().join(&folder).join("plays")).expect("plays") {
            let path = entry.expect("listed").path();
            assert!(path.with_extension("expect").is_file(), "{} has no golden transcript", path.display());
        }
    }
}

#[test]
fn every_picture_that_ships_is_the_one_that_is_drawn() {
    let mut pictures = 0;
    for folder in shipped() {
        for entry in fs::read_dir(root().join(&folder)).expect("it ships") {
            let path = entry.expect("listed").path();
            if path.extension().is_some_and(|extension| extension == "svg") {
                let journey = path.with_extension("yaml").display().to_string();
                let (code, drawn, talk) = turnpage_says(&["draw", "--format", "svg", &journey]);
                assert_eq!(code, Some(0), "{talk}");
                let kept = fs::read_to_string(&path).expect("a picture is text");
                assert!(kept == drawn, "{} is out of date: draw it again", path.display());
                pictures += 1;
            }
        }
    }
    assert!(pictures > 0, "some folder has pictures");
}

/// A journey and its plays, one of them wrong, in a folder of their own.
fn rest_stop(folder: &Path) {
    fs::write(
        folder.join("rest-stop.yaml"),
        r#"journey: rest-stop
offers:
  bench: { text: { en: "A bench is free at {place.zone.name}." }, channels: [app], valid: 10m, limit: 1 per 1h }
pages:
  walking:
    choices:
      - { when: place.outdoor && weather.temperature > 30, offer: bench, turn_to: hot }
  hot:
    choices:
      - { on: bench.accepted, turn_to: resting }
      - { after: 30m, turn_to: walking }
  resting:
"#,
    )
    .expect("the directory takes files");
    fs::create_dir(folder.join("plays")).expect("the directory takes files");
    fs::write(
        folder.join("plays/rest-stop.yaml"),
        r#"plays_of: rest-stop
given: { date: 2026-07-18, weather.temperature: 33 }
plays:
  - play: a bench in the heat
    when:
      - { at: "12:00", zone: plaza-heron }
    then:
      - { at: "12:00", offer: bench }
      - { at: "12:10", outcome: bench.expired }
    until: "12:20"

  - play: the wrong minute
    when:
      - { at: "12:00", zone: hall-arcade }
      - { at: "12:05", zone: plaza-heron }
      - { at: "12:06", answer: bench.accepted }
    then:
      - { at: "12:04", offer: bench }
      - { at: "12:06", outcome: bench.accepted }
"#,
    )
    .expect("the directory takes files");
}

#[test]
fn a_play_that_fails_is_told_with_its_line_and_what_decided() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    rest_stop(directory.path());
    let folder = directory.path().to_str().expect("a plain path");
    let (code, said, talk) = turnpage_says(&["test", "--journeys", folder, "--coverage"]);
    assert_eq!((code, talk.as_str()), (Some(1), ""), "{said}");
    expect![[r#"
        ok    rest-stop: a bench in the heat
        FAIL  rest-stop: the wrong minute

        rest-stop: the wrong minute
        error[play]: expected the offer `bench` at 2026-07-18 12:04:00, but the offer `bench` came at 2026-07-18 12:05:00
          --> rest-stop/plays/rest-stop.yaml:18:31
           |
        18 |       - { at: "12:04", offer: bench }
           |                               ^^^^^

                      expected                      came
          - 12:04:00  offer bench
          + 12:05:00                                offer bench: A bench is free at Heron Plaza.
            12:06:00  outcome bench.accepted        outcome bench.accepted

          12:04:00 nothing comes
          on the page walking
            closed  when place.outdoor && weather.temperature > 30: offer bench, turn to hot
                    its guard does not hold; false: place.outdoor; place.outdoor is false, weather.temperature is 33 celsius

          12:05:00 seen in plaza-heron
          on the page walking
            taken   when place.outdoor && weather.temperature > 30: offer bench, turn to hot
                    place.outdoor is true, weather.temperature is 33 celsius

        2 plays: 1 passed, 1 failed

        coverage            pages         choices  guard branches
        rest-stop       3/3 100 %       2/3  66 %       3/4  75 %

        reached by no play
          rest-stop/rest-stop.yaml:7: on walking, never false: weather.temperature > 30
          rest-stop/rest-stop.yaml:11: on hot, nobody takes: after 30m: turn to walking
    "#]].assert_eq(&said.replace(folder, "rest-stop"));
    let (code, said, _) = turnpage_says(&["test", "--journeys", folder, "--filter", "a bench"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, _, talk) = turnpage_says(&["test", "--journeys", folder, "--filter", "no such play"]);
    assert_eq!(code, Some(1));
    assert!(talk.contains("no such play"), "{talk}");
}

#[test]
fn programs_read_results_as_json_and_junit() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    rest_stop(directory.path());
    let folder = directory.path().to_str().expect("a plain path");
    let junit = directory.path().join("junit.xml");
    let args = [
        "test",
        "--journeys",
        folder,
        "--format",
        "json",
        "--coverage",
        "--junit",
        junit.to_str().expect("plain"),
    ];
    let (code, said, _) = turnpage_says(&args);
    assert_eq!(code, Some(1), "{said}");
    let whole: serde_json::Value = serde_json::from_str(&said).expect("stdout is one JSON object");
    assert_eq!((&whole["passed"], &whole["failed"]), (&1.into(), &1.into()));
    assert_eq!(whole["plays"][1]["failure"]["problems"][0]["line"], 18);
    assert_eq!(whole["coverage"]["journeys"][0]["pages"]["reached"], 3);
    let xml = fs::read_to_string(&junit).expect("it was written");
    assert!(xml.contains("failures=\"1\"") && xml.contains("the wrong minute"), "{xml}");
}

#[test]
fn golden_transcripts_are_written_when_asked_and_held_to_afterwards() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    rest_stop(directory.path());
    let folder = directory.path().to_str().expect("a plain path");
    let golden = directory.path().join("plays/rest-stop.expect");
    turnpage_says(&["test", "--journeys", folder, "--update"]);
    assert!(!golden.exists(), "plays that fail have no golden transcript");
    let plays = directory.path().join("plays/rest-stop.yaml");
    let mended =
        fs::read_to_string(&plays).expect("written above").replace("\"12:04\", offer", "\"12:05\", offer");
    fs::write(&plays, mended).expect("it can be written");
    turnpage_says(&["test", "--journeys", folder, "--update"]);
    let text = fs::read_to_string(&golden).expect("it was written");
    assert!(text.contains("offers bench: A bench is free at Heron Plaza."), "{text}");
    fs::write(&golden, text.replacen("Heron Plaza", "Heron Square", 1)).expect("it can be written");
    let (code, said, _) = turnpage_says(&["test", "--journeys", folder, "--filter", "a bench"]);
    assert_eq!(code, Some(0), "a part of the plays is not held to the whole: {said}");
    let (code, said, _) = turnpage_says(&["test", "--journeys", folder]);
    assert_eq!(code, Some(1));
    assert!(said.contains("golden  ") && said.contains("1 failed"), "{said}");
}
