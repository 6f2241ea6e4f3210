//! Plays: everything one can say, what a play that fails says, and that what is written is read back.
//!
//! The plays of the journeys that ship are run by `turnpage test`, in real venues; tests/ holds that.

use std::fmt::Write as _;
use std::path::Path;

use expect_test::expect_file;
use turnpage_journeys_authoring::library::THEME_PARK;
use turnpage_journeys_authoring::{Report, Sources, check, play, render};
use turnpage_journeys_engine::Diagnostic;

use crate::stage::stage;

/// A sound play; each way of breaking it is told apart.
const SOUND: &str = r#"plays_of: rainy-day
given: { date: 2026-07-18, role: guest, weather.rain: 2 }
plays:
  - play: cocoa
    when:
      - { at: "12:00", zone: square }
      - { at: "12:07", answer: cocoa.accepted }
    then:
      - { at: "12:00", offer: cocoa }
      - { at: "12:07", outcome: cocoa.accepted }
"#;

#[test]
fn a_play_that_fails_says_where_it_departs() {
    let ways = [
        ("- { at: \"12:00\", offer: cocoa }", "- { at: \"12:01\", offer: cocoa }"),
        ("offer: cocoa }\n", "offer: tea }\n"),
        ("      - { at: \"12:07\", outcome: cocoa.accepted }\n", ""),
        ("      - { at: \"12:07\", answer: cocoa.accepted }\n", ""),
        ("zone: square", "zone: squre"),
        ("role: guest", "role: gest"),
        ("weather.rain: 2", "weather.rian: 2"),
        ("weather.rain: 2", "weather.rain: heavy"),
        ("answer: cocoa.accepted", "answer: tea.accepted"),
        ("answer: cocoa.accepted", "answer: cocoa.taken"),
        ("\"12:07\", answer", "\"11:07\", answer"),
        ("\"12:00\", zone", "noon, zone"),
        ("date: 2026-07-18", "date: 2026-02-30"),
        ("offer: cocoa }", "offer: cocoa, outcome: cocoa.seen }"),
        ("then:", "thn:"),
        ("plays_of: rainy-day", "plays_of: rainy-days"),
    ];
    assert_eq!(departures(SOUND), []);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/authoring/diagnostics");
    expect_file![folder.join("plays.expect")].assert_eq(&told(SOUND, &ways));
}

/// What is said about each way of breaking a sound play.
fn told(sound: &str, ways: &[(&str, &str)]) -> String {
    let mut told = String::new();
    for (right, wrong) in ways {
        assert!(sound.contains(right), "`{right}` is not in the play");
        let text = sound.replacen(right, wrong, 1);
        let diagnostics = departures(&text);
        assert!(!diagnostics.is_empty(), "{wrong:?} is not noticed");
        writeln!(told, "# {right:?} written as {wrong:?}\n").expect("a string takes everything");
        writeln!(told, "{}", render(&Report::of("plays.yaml", text, diagnostics), false))
            .expect("a string takes everything");
    }
    told
}

fn departures(text: &str) -> Vec<Diagnostic> {
    let library = check(THEME_PARK.sources(), &stage().schema).library.expect("sound");
    let plays = match play::read(text) {
        Ok(plays) => plays,
        Err(diagnostics) => return diagnostics,
    };
    match play::run(&library, &stage(), &plays.of, &plays.plays[0]) {
        Ok(transcript) => {
            let judgement = play::judge(&plays.plays[0], &transcript);
            judgement.departure.into_iter().map(|departure| departure.diagnostic).collect()
        }
        Err(diagnostics) => diagnostics,
    }
}

/// What a journey does with everything a play can say, and what the play must say to expect it.
const EVERYTHING: &str = r#"plays_of: rainy-day
given: { date: 2026-07-18, role: guest, weather.rain: 2, seed: 7 }
plays:
  - play: every event and expectation
    when:
      - { at: "12:00", zone: square }
      - { at: "12:01", signal: parking }
      - { at: "12:02", signal.parking: 91 }
      - { at: "12:03", feedback: 2 }
      - { at: "12:04", leaves: true }
      - { at: "12:05", stops: true }
      - { at: "12:06", stops: true }
    until: "13:00"
    then:
      - { at: "12:00", offer: cocoa, text: "It rains. Cocoa at Café Heron, 40 m from here?" }
      - { at: "12:00", page: shelter }
      - { at: "12:04", nothing: true }
"#;

#[test]
fn a_play_can_say_everything() {
    assert_eq!(departures(EVERYTHING), []);
    expect_test::expect![[r#"
        2026-07-18
        12:00:00 seen in square
            begins on strolling
            offers cocoa: It rains. Cocoa at Café Heron, 40 m from here?
            turns to shelter
        12:01:00 signal parking
        12:02:00 signal, signal.parking 91
        12:03:00 feedback 2
        12:04:00 leaves
        12:05:00 stops
            takes cocoa back
            ends
        12:06:00 stops
    "#]]
    .assert_eq(&transcript(EVERYTHING));
}

#[test]
fn pages_silences_and_copy_are_held_to_their_time() {
    let ways = [
        ("page: shelter", "page: strolling"),
        ("\"12:00\", page", "\"12:05\", page"),
        ("\"12:00\", page", "\"11:59\", page"),
        ("\"12:04\", nothing", "\"12:00\", nothing"),
        ("Café Heron,", "Cafe Heron,"),
        ("nothing: true", "nothing: false"),
        ("nothing: true", "nothing: true, text: at all"),
        ("nothing: true", "nothing: true, page: shelter"),
        ("nothing: true", "ticket: true"),
        ("nothing: true", "dispatch: cleaner"),
        ("nothing: true", "breach: shelter"),
        ("leaves: true", "leaves: true, zone: square"),
        ("leaves: true", "pick: rest"),
        ("feedback: 2", "feedback: bad"),
        ("signal: parking", "signal: [parking]"),
        ("seed: 7", "seed: -7"),
        ("role: guest", "role: [guest]"),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/authoring/diagnostics");
    expect_file![folder.join("expectations.expect")].assert_eq(&told(EVERYTHING, &ways));
}

#[test]
fn what_is_written_is_read_back() {
    let plays = play::read(EVERYTHING).expect("sound");
    let text = play::write(&plays);
    let again = play::read(&text).unwrap_or_else(|problems| panic!("{text}\n{problems:?}"));
    assert_eq!(play::write(&again), text);
    assert_eq!(departures(&text), []);
    assert_eq!(transcript(&text), transcript(EVERYTHING));
}

fn transcript(text: &str) -> String {
    let library = check(THEME_PARK.sources(), &stage().schema).library.expect("sound");
    let plays = play::read(text).expect("sound");
    play::run(&library, &stage(), &plays.of, &plays.plays[0]).expect("known to the stage").to_string()
}

/// Whoever comes and goes is somebody else: the zone stays where it is.
#[test]
fn a_zone_is_played_by_who_comes_and_goes() {
    let journey = "journey: sweep\nsubject: zone\nadmit: place.kind == \"food\"\npages:\n  calm:\n    choices: \
                   [{ on: enter, when: place.count >= 2, turn_to: full }]\n  full:\n    choices: [{ on: exit, when: \
                   place.count == 0, ticket: { en: \"Sweep\" }, turn_to: calm }]\n";
    let library = check(Sources::of("sweep.yaml", journey), &stage().schema).library.expect("sound");
    let text = "plays_of: sweep\ngiven: { date: 2026-07-18 }\nplays:\n  - play: lunch\n    when:\n      - { at: \
                \"12:00\", zone: cafe, place.count: 1 }\n      - { at: \"12:01\", zone: cafe, place.count: 2 }\n      \
                - { at: \"12:02\", leaves: true, place.count: 1 }\n      - { at: \"12:03\", leaves: true, \
                place.count: 0 }\n    then:\n      - { at: \"12:03\", ticket: true }\n";
    let plays = play::read(text).expect("they can be read");
    let transcript =
        play::run(&library, &stage(), &plays.of, &plays.plays[0]).expect("the stage knows the names");
    assert!(play::judge(&plays.plays[0], &transcript).passed(), "{transcript}");
}
