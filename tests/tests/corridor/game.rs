//! `turnpage play` driven through a pipe: what it shows, and that what is saved is a play that passes.

use std::io::Write as _;
use std::process::{Command, Stdio};

use expect_test::expect;
use turnpage_tests::workspace::{root, turnpage};

/// What is said to a game of the sample park's `rainy-day`, and what it shows.
fn played(args: &[&str], lines: &str) -> String {
    let mut game = Command::new(turnpage())
        .arg("play")
        .args(args)
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    game.stdin.take().expect("captured").write_all(lines.as_bytes()).expect("it listens");
    let output = game.wait_with_output().expect("the lines end, and so does it");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it speaks UTF-8")
}

#[test]
fn a_shower_in_the_sample_park() {
    let lines = "zone heron\n+5m\nrain 2.5\n1\ndecline\nback\naccept cocoa\nrain nothing\ndance\n";
    expect![[r#"
        rainy-day  2026-07-18 12:00:00  nowhere
        not on a page
        nothing has happened yet: be seen somewhere, `zone NAME`

        > zone heron
        12:00:00 seen in plaza-heron
            begins on strolling

        rainy-day  2026-07-18 12:00:00  plaza-heron
        page strolling
           1 closed  when place.outdoor && weather.rain > 0.5: offer cocoa, turn to shelter
                     its guard does not hold; false: weather.rain > 0.5; place.outdoor is true, weather.rain is 0 mm/h

        > +5m

        rainy-day  2026-07-18 12:05:00  plaza-heron
        page strolling
           1 closed  when place.outdoor && weather.rain > 0.5: offer cocoa, turn to shelter
                     its guard does not hold; false: weather.rain > 0.5; place.outdoor is true, weather.rain is 0 mm/h

        > rain 2.5
        12:05:00 weather, weather.rain 2.5
            offers cocoa: It rains. Cocoa at Taco Wagon, 88 m from here?
            turns to shelter

        rainy-day  2026-07-18 12:05:00  plaza-heron
        page shelter
           1 waits   on cocoa.accepted: turn to cosy
           2 closed  when place.kind == "food": record cocoa.accepted, turn to cosy
                     its guard does not hold; place.kind is plaza
           3 waits   on cocoa.expired: turn to strolling
           4 waits   on cocoa.declined: turn to left-alone
           5 waits   on cocoa.withheld: turn to later
        offer cocoa: It rains. Cocoa at Taco Wagon, 88 m from here?, until 2026-07-18 12:25:00

        > 1
        no: choice 1 is no pick; it is taken by what it waits for: on cocoa.accepted

        > decline
        12:05:00 answers cocoa.declined
            records cocoa.declined
            turns to left-alone

        rainy-day  2026-07-18 12:05:00  plaza-heron
        page left-alone
           1 closed  when weather.rain < 0.1: turn to strolling
                     its guard does not hold; weather.rain is 2.5 mm/h

        > back

        rainy-day  2026-07-18 12:05:00  plaza-heron
        page shelter
           1 waits   on cocoa.accepted: turn to cosy
           2 closed  when place.kind == "food": record cocoa.accepted, turn to cosy
                     its guard does not hold; place.kind is plaza
           3 waits   on cocoa.expired: turn to strolling
           4 waits   on cocoa.declined: turn to left-alone
           5 waits   on cocoa.withheld: turn to later
        offer cocoa: It rains. Cocoa at Taco Wagon, 88 m from here?, until 2026-07-18 12:25:00

        > accept cocoa
        12:05:00 answers cocoa.accepted
            records cocoa.accepted
            turns to cosy

        rainy-day  2026-07-18 12:05:00  plaza-heron
        page cosy
           1 closed  when weather.rain < 0.1 && weather.temperature > 18: turn to strolling
                     its guard does not hold; false: weather.rain < 0.1; weather.rain is 2.5 mm/h, weather.temperature is 20 celsius

        > rain nothing
        no: `weather.rain` cannot be `nothing`

        > dance
        no: `dance` says nothing here; `help` lists what does
    "#]].assert_eq(&played(&["rainy-day", "--at", "2026-07-18 12:00"], lines));
}

#[test]
fn what_is_saved_is_a_play_that_passes() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for name in ["rainy-day.yaml", "lunch.yaml"] {
        let from = root().join("journeys/library/theme-park").join(name);
        std::fs::copy(from, directory.path().join(name)).expect("the directory takes files");
    }
    let folder = directory.path().to_str().expect("a plain path");
    let lines = "zone heron\nrain 2.5\naccept\nrain 0\n+3h\nsave Wet, then dry\nsave Wet, then dry\nquit\nzone gate\n";
    let shown = played(&["rainy-day", "--journeys", folder], lines);
    assert!(shown.contains("saved as") && shown.contains("take another name"), "{shown}");
    assert!(!shown.contains("zone gate"), "nothing is read after `quit`: {shown}");
    let saved =
        std::fs::read_to_string(directory.path().join("plays/wet--then-dry.yaml")).expect("it was saved");
    expect![[r#"
        plays_of: rainy-day
        plays:
          - play: "Wet, then dry"
            given: { date: 2026-07-18, role: guest, weather.temperature: 20, weather.rain: 0, weather.wind: 2, weather.humidity: 50, weather.light: 20000 }
            when:
              - { at: "10:00", zone: plaza-heron }
              - { at: "10:00", weather.rain: 2.5 }
              - { at: "10:00", answer: cocoa.accepted }
              - { at: "10:00", weather.rain: 0 }
            until: "13:00"
            then:
              - { at: "10:00", offer: cocoa }
              - { at: "10:00", outcome: cocoa.accepted }
              - { at: "13:00", page: strolling }
    "#]].assert_eq(&saved);
    let tested = Command::new(turnpage()).args(["test", "--journeys", folder]).output().expect("it starts");
    assert!(tested.status.success(), "{tested:?}");
}

#[test]
fn a_journey_that_is_not_there_is_told_with_those_that_are() {
    let output = Command::new(turnpage()).args(["play", "sunny-day"]).output().expect("the binary starts");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("`sunny-day`") && said.contains("rainy-day"), "{said}");
    let usage = Command::new(turnpage()).args(["play", "--at", "noon"]).output().expect("the binary starts");
    assert_eq!(usage.status.code(), Some(2));
}
