//! What authors are told about broken journeys: the right place, the reason, and a help that helps.
//!
//! Each test breaks a sound journey in some ways; what is said about each lies in `diagnostics/<name>.expect`, to be read as its
//! author would. `UPDATE_EXPECT=1` writes those files anew.

use std::fmt::Write as _;
use std::path::Path;

use expect_test::expect_file;
use turnpage_journeys_authoring::{Sources, check, render};

use crate::stage::schema;

/// A sound journey; each test breaks it somewhere.
const SOUND: &str = r#"journey: rainy-day
version: 3
admit: role != "staff"
offers:
  cocoa:
    text: { en: "It rains. Cocoa at {nearest('food').name}?" }
    channels: [band, app]
    valid: 20m
    limit: 3 per day
pages:
  strolling:
    choices:
      - { when: place.outdoor && weather.rain > 0.5, offer: cocoa, turn_to: shelter }
  shelter:
    choices:
      - { when: place.kind == "food", outcome: cocoa.accepted, turn_to: cosy }
      - { after: 20m, outcome: cocoa.expired, turn_to: strolling }
  cosy:
    choices:
      - { when: weather.rain < 0.1 && weather.temperature > 18, turn_to: strolling }
"#;

/// Breaks the sound journey in several ways, one at a time: a piece of it, and what stands there instead.
#[track_caller]
fn broken(name: &str, ways: &[(&str, &str)]) {
    let mut told = String::new();
    for (right, wrong) in ways {
        assert!(SOUND.contains(right), "`{right}` is not in the journey");
        let text = SOUND.replacen(right, wrong, 1);
        writeln!(told, "# {right:?} written as {wrong:?}\n").expect("a string takes everything");
        told.push_str(&report(&[("rain.yaml", &text)]));
        told.push('\n');
    }
    golden(name, &told);
}

fn report(files: &[(&str, &str)]) -> String {
    let mut sources = Sources::default();
    for (name, text) in files {
        sources.add(*name, *text);
    }
    let checked = check(sources, &schema());
    assert_eq!(checked.library.is_some(), checked.report.errors() == 0);
    render(&checked.report, false)
}

fn golden(name: &str, told: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/authoring/diagnostics");
    expect_file![folder.join(format!("{name}.expect"))].assert_eq(told);
}

#[test]
fn the_sound_journey_is_sound() {
    assert_eq!(report(&[("rain.yaml", SOUND)]), "");
}

#[test]
fn an_unknown_key_is_named_and_corrected() {
    broken(
        "keys",
        &[
            ("channels:", "chanels:"),
            ("turn_to: shelter", "turn-to: shelter"),
            ("admit:", "colour: red\nadmit:"),
        ],
    );
}

#[test]
fn carets_find_their_place_through_quotes_escapes_and_folds() {
    let admit = r#"admit: role != "staff""#;
    broken(
        "carets",
        &[
            (admit, r#"admit: role != "staf""#),
            (admit, r#"admit: 'role != "staf"'"#),
            (admit, r#"admit: "role != \"staf\"""#),
            (admit, "admit: |\n  role != \"gest\""),
            (admit, "admit: >\n  role != \"staff\"\n  && role !=\n    \"gest\""),
        ],
    );
}

#[test]
fn a_guard_says_what_is_wrong_with_it() {
    let rain = "weather.rain > 0.5";
    broken(
        "guards",
        &[
            (rain, "weather.rian > 0.5"),
            (rain, "weather.rain > place.queue"),
            (rain, "weather.rain"),
            (rain, "weather.rain >"),
            (rain, "weather.rain > \"much\""),
            (rain, "weather.rain = 0.5"),
            ("place.kind == \"food\"", "place.kind == \"restaurant\""),
        ],
    );
}

#[test]
fn names_must_lead_somewhere_and_be_plain() {
    broken(
        "names",
        &[
            ("turn_to: cosy", "turn_to: cozy"),
            ("offer: cocoa", "offer: coco"),
            ("outcome: cocoa.accepted", "outcome: tea.accepted"),
            ("version: 3", "start: strollin"),
            ("journey: rainy-day", "journey: rainy day!"),
            ("  cosy:", "  so.cosy:"),
            ("version: 3", "variables: { times-asked: 0, warm: maybe }"),
        ],
    );
}

#[test]
fn outcomes_and_triggers_are_words() {
    broken(
        "words",
        &[
            ("outcome: cocoa.accepted", "outcome: cocoa.acepted"),
            ("outcome: cocoa.accepted", "outcome: accepted"),
            ("{ when: place.kind", "{ on: entry, when: place.kind"),
            ("version: 3", "kind: guide"),
            ("version: 3", "kind: learning"),
        ],
    );
}

#[test]
fn lengths_of_time_and_limits_have_their_form() {
    broken(
        "lengths",
        &[
            ("valid: 20m", "valid: 20 minutes"),
            ("after: 20m", "after: 0m"),
            ("limit: 3 per day", "limit: 3 a day"),
            ("limit: 3 per day", "limit: 0 per 4h"),
        ],
    );
}

#[test]
fn copy_is_checked_like_guards() {
    let hole = "{nearest('food').name}";
    broken(
        "copy",
        &[
            (hole, "{nearest('fod').name}"),
            (hole, "{nearest('food').name"),
            (hole, "{weather.rian} mm"),
            ("{ en: \"It rains. Cocoa at {nearest('food').name}?\" }", "\"Cocoa?\""),
            ("en:", "english:"),
            ("[band, app]", "[]"),
        ],
    );
}

#[test]
fn shapes_are_explained() {
    broken(
        "shapes",
        &[
            ("channels: [band, app]", "channels: band"),
            ("    channels: [band, app]\n", ""),
            ("version: 3", "version: three"),
            (
                "    choices:\n      - { when: place.outdoor",
                "    choices: none\n    enter:\n      - { when: place.outdoor",
            ),
            ("journey: rainy-day", "journey:"),
            ("journey: rainy-day", "jurney: rainy-day"),
            ("journey: rainy-day\n", ""),
        ],
    );
}

#[test]
fn what_is_unreachable_or_idle_is_a_warning() {
    broken("graph", &[("turn_to: cosy", "turn_to: shelter"), ("offer: cocoa, ", "")]);
}

#[test]
fn bad_yaml_is_told_in_the_authors_words() {
    broken(
        "yaml",
        &[
            // The comma ends a guard inside braces; it is the slip that authors of this language make most.
            ("place.kind == \"food\"", "time.between(\"11:30\", \"13:30\")"),
            ("place.kind == \"food\"", "place.kind in [\"food\", \"shop\"]"),
            ("pages:\n", "pages:\n\tcosy:\n"),
            ("  cosy:", "  shelter:"),
            ("    limit: 3 per day", "   limit: 3 per day"),
            ("text: { en: \"It", "text: \"It"),
            ("[band, app]", "[band, app"),
        ],
    );
}

#[test]
fn everything_wrong_in_every_file_is_told_at_once() {
    let rain = SOUND
        .replace("version: 3", "verzion: 3")
        .replace("role != \"staff\"", "role != \"gest\"")
        .replace("valid: 20m", "valid: 20 min")
        .replace("turn_to: cosy", "turn_to: cozy");
    let loyal = "journey: loyal\nvariables: { rides: 0 }\npages:\n  riding:\n    choices:\n      \
                 - { on: enter, when: rides = 4, set: { ride: 0 } }\n";
    let files = [
        ("rain.yaml", rain.as_str()),
        ("broken.yaml", "journey: [\n"),
        ("loyal.yaml", loyal),
        ("twin.yaml", loyal),
    ];
    golden("everything", &report(&files));
}

#[test]
fn other_files_may_lie_beside_journeys() {
    let files = [("rain.yaml", SOUND), ("notes.yaml", "todo: [more cocoa]\n"), ("empty.yaml", "")];
    assert_eq!(report(&files), "");
}

#[test]
fn no_journey_at_all_is_an_error() {
    for text in ["", "# only a comment\n", "notes: nothing to see\n", "[]\n"] {
        let told = report(&[("notes.yaml", text)]);
        assert!(told.contains("there is no journey here"), "{told}");
        assert!(told.ends_with("1 error\n"), "{told}");
    }
}
