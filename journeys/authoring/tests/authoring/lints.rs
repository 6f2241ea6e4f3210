//! What check says about journeys that run and are hardly meant: one small journey a mistake, and its sound twin.

use std::fmt::Write as _;
use std::path::Path;

use expect_test::expect_file;
use turnpage_journeys_authoring::{Sources, check, render};

use crate::stage::schema;

fn report(text: &str) -> String {
    let report = check(Sources::of("journey.yaml", text), &schema()).report;
    assert_eq!(report.errors(), 0, "{}", render(&report, false));
    render(&report, false)
}

/// Journeys that are told about, one after the other, with what is told.
#[track_caller]
fn told(name: &str, journeys: &[&str]) {
    let mut all = String::new();
    for text in journeys {
        let report = report(text);
        assert!(!report.is_empty(), "nothing is told about {text}");
        writeln!(all, "{text}\n{report}").expect("a string takes everything");
    }
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/authoring/lints").join(format!("{name}.expect"));
    expect_file![path].assert_eq(&all);
}

/// Journeys that look like mistakes and are none.
#[track_caller]
fn silent(journeys: &[&str]) {
    for text in journeys {
        assert_eq!(report(text), "", "{text}");
    }
}

/// A journey of two pages, its choices on the first.
fn with(choices: &str) -> String {
    format!(
        "journey: a
offers:
  tea: {{ text: {{ en: Tea? }}, channels: [app], valid: 20m, limit: 1 per day }}
  note: {{ text: {{ en: Hello }}, channels: [app], valid: 1h }}
pages:
  one:
    choices:
      - {{ on: enter, when: place.kind == \"gate\", offer: tea }}
      - {{ after: 1h, offer: note }}
{choices}
  two:
    choices:
      - {{ on: exit, turn_to: one }}
"
    )
}

fn all_with(choices: &[&str]) -> Vec<String> {
    choices.iter().map(|choices| with(choices)).collect()
}

#[test]
fn guards() {
    let texts = all_with(&[
        "      - { when: weather.rain > 1 && weather.rain < 0.5, turn_to: two }\n      - { on: exit, turn_to: two }",
        "      - { when: 'weather.rain < 0', turn_to: two }",
        "      - { when: place.outdoor && weather.rain >= 0, turn_to: two }",
        "      - { when: place.outdoor || !place.outdoor, turn_to: two }",
        "      - { when: 'time.hour == 24', turn_to: two }\n      - { on: exit, turn_to: two }",
        "      - { when: place.outdoor && (role == \"vip\" || weather.humidity > 100), turn_to: two }",
    ]);
    let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let admitted =
        with("      - { when: role == \"staff\", turn_to: two }\n      - { on: exit, turn_to: two }")
            .replace("journey: a", "journey: a\nadmit: role != \"staff\"");
    texts.push(&admitted);
    told("guards", &texts);
}

#[test]
fn hidden_choices() {
    let texts = all_with(&[
        "      - { when: weather.rain > 0.5, turn_to: two }\n      - { when: weather.rain > 1, set: {}, offer: tea }",
        "      - { on: exit, turn_to: two }\n      - { on: exit, when: place.outdoor, offer: tea }",
        "      - { turn_to: two }\n      - { on: weather, when: place.outdoor, offer: tea }",
        "      - { on: signal, when: place.outdoor, turn_to: two }\n      - { on: signal.parking, when: place.outdoor && weather.rain > 1, offer: tea }",
        "      - { when: role == \"vip\" && weather.rain > 1, turn_to: two }\n      - { when: role == \"vip\" && weather.rain <= 1, turn_to: two }\n      - { when: role == \"vip\" && weather.rain > 0.2, offer: tea }",
    ]);
    told("hidden", &texts.iter().map(String::as_str).collect::<Vec<_>>());
    let fine = all_with(&[
        // Another trigger, another delay, a limit that may be used up, a fact that may be unknown, a pick.
        "      - { on: exit, turn_to: two }\n      - { on: weather, offer: tea }",
        "      - { after: 1m, turn_to: two }\n      - { after: 2m, offer: tea }",
        "      - { when: place.outdoor, offer: tea }\n      - { when: place.outdoor, turn_to: two }",
        "      - { when: weather.rain > 0.5, turn_to: two }\n      - { when: weather.rain <= 0.5, turn_to: two }\n      - { turn_to: two }",
        "      - { pick: go, turn_to: two }\n      - { pick: stay, offer: tea }",
        "      - { when: place.outdoor, once: true, turn_to: two }\n      - { when: place.outdoor, offer: tea }",
    ]);
    silent(&fine.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn pages_and_answers() {
    told(
        "pages",
        &[
            "journey: a
pages:
  one:
    choices:
      - { when: weather.rain < 0, turn_to: two }
      - { on: exit, turn_to: three }
  two:
    choices:
      - { on: exit, turn_to: one }
  three:
",
            "journey: a
variables: { n: 0 }
pages:
  one:
    choices:
      - { on: exit, when: n == 0, turn_to: two }
  two:
    choices:
      - { on: feedback, set: { n: n + 1 } }
",
            "journey: a
pages:
  one:
    choices:
      - { on: exit, turn_to: two }
  two:
    choices:
      - { when: weather.humidity > 100, turn_to: one }
",
            "journey: a
offers: { tea: { text: { en: Tea? }, channels: [app], valid: 20m, limit: 1 per day } }
pages:
  one:
    choices:
      - { on: exit, offer: tea, turn_to: two }
  two:
    choices:
      - { on: tea.accepted, turn_to: one }
      - { on: tea.expired, turn_to: one }
",
            "journey: a
offers: { tea: { text: { en: Tea? }, channels: [app], limit: 1 per day } }
pages:
  one:
    choices:
      - { on: exit, offer: tea, turn_to: two }
  two:
    choices:
      - { on: tea.accepted, turn_to: three }
      - { on: tea.expired, turn_to: one }
      - { on: exit, turn_to: one }
  three:
    choices:
      - { on: tea.declined, turn_to: one }
      - { after: 5m, outcome: tea.accepted, turn_to: one }
",
        ],
    );
    silent(&[
        // One page is a journey, a page without choices an end, and a second answer may come after the first.
        "journey: a\nvariables: { n: 0 }\npages:\n  one:\n    choices:\n      - { on: enter, when: n < 5, set: { n: n + 1 } }\n",
        "journey: a\noffers: { tea: { text: { en: Tea? }, channels: [app], valid: 20m, limit: 1 per day } }\npages:\n  one:\n    choices:\n      - { on: exit, offer: tea, turn_to: two }\n  two:\n    choices:\n      - { on: tea.seen }\n      - { on: tea.accepted, turn_to: one }\n      - { after: 30m, turn_to: one }\n"
            .replace("      - { on: tea.seen }\n", "")
            .as_str(),
    ]);
}

#[test]
fn offers_and_copy() {
    let offer = |offer: &str, choice: &str| {
        format!("journey: a\noffers:\n  tea: {offer}\npages:\n  one:\n    choices:\n      - {choice}\n")
    };
    let texts = [
        // That somebody may say no is no end.
        offer(
            "{ text: { en: Tea? }, channels: [app], limit: 1 per day }",
            "{ on: enter, offer: tea }\n      - { on: tea.declined, dispatch: { role: staff, task: { en: Ask } } }",
        ),
        offer(
            "{ text: { en: Tea? }, channels: [app], limit: 1 per day }\n  cake: { text: { en: Cake? }, channels: [app], valid: 20m, limit: 1 per day }",
            "{ on: enter, offer: tea }\n      - { on: exit, offer: cake }",
        ),
        offer("{ text: { en: Tea? }, channels: [app], valid: 20m }", "{ on: enter, offer: tea }"),
        offer(
            "{ text: { en: Tea? }, channels: [app], valid: 20m }",
            "{ when: place.outdoor, offer: tea, turn_to: one }",
        ),
        offer(
            "{ text: { en: Tea? }, channels: [app], valid: 20m, limit: 1 per day }\n  cake: { text: { en: Cake?, es: ¿Tarta? }, channels: [app], valid: 20m, limit: 1 per day }",
            "{ on: enter, offer: tea }\n      - { on: exit, offer: cake }",
        ),
    ];
    told("offers", &texts.iter().map(String::as_str).collect::<Vec<_>>());
    let fine = [
        offer(
            "{ text: { en: Tea? }, channels: [app], limit: 1 per day }",
            "{ on: enter, offer: tea }\n      - { on: tea.declined, withdraw: tea }",
        ),
        offer("{ text: { en: Tea? }, channels: [app], valid: 20m }", "{ on: enter, once: true, offer: tea }"),
        offer("{ text: { en: Tea? }, channels: [app], valid: 20m }", "{ at: \"17:30\", offer: tea }"),
        offer(
            "{ text: { en: Tea? }, channels: [app], valid: 20m }\nvariables: { told: false }",
            "{ on: enter, when: told == false, set: { told: true }, offer: tea }",
        ),
    ];
    silent(&fine.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn orders_and_variables() {
    told(
        "orders",
        &[
            "journey: a
kind: mandated
pages:
  briefing:
    choices:
      - { pick: understood, label: { en: I have read it }, turn_to: ride }
  ride:
",
            "journey: a
kind: mandated
pages:
  briefing:
    choices:
      - { turn_to: ride }
  ride:
",
            "journey: a
kind: mandated
pages:
  briefing:
    choices:
      - { on: sighting, when: weather.rain >= 0, turn_to: ride }
  ride:
",
            "journey: a
variables: { n: 0, m: 1 }
pages:
  one:
    choices:
      - { on: enter, when: m > 2, set: { n: n + 1 } }
",
        ],
    );
    silent(&["journey: a
kind: mandated
pages:
  briefing:
    breach: place.kind == \"ride\"
    choices:
      - { pick: understood, label: { en: I have read it }, turn_to: wait }
  wait:
    choices:
      - { after: 5m, turn_to: ride }
  ride:
"]);
}

/// Alternatives, whose offers need an end, and the pages that only they turn to.
#[test]
fn learning_and_intent() {
    let learning = |valid: &str, cold: &str| {
        format!(
            "journey: a
kind: learning
offers:
  tea: {{ text: {{ en: Tea? }}, channels: [app], valid: 20m, limit: 1 per day }}
  juice: {{ text: {{ en: Juice? }}, channels: [app], {valid}limit: 1 per day }}
pages:
  walking:
    choices:
      - when: place.outdoor
        alternatives: [{{ offer: tea }}, {{ offer: juice, turn_to: cold }}]
        turn_to: warm
  warm:
    choices: [{{ after: 1h, turn_to: walking }}]
  cold:
    choices: [{cold}]
"
        )
    };
    let intent = |choices: &str| {
        format!(
            "journey: a
kind: intent
intent: {{ goal: food, likely: 0.6, within: 20m }}
offers:
  table: {{ text: {{ en: A table? }}, channels: [app], valid: 20m, limit: 1 per day }}
variables: {{ n: 0 }}
pages:
  coming:
    choices:
      - {{ when: n < 1, set: {{ n: n + 1 }}, offer: table }}
{choices}
"
        )
    };
    let back = "{ after: 2h, turn_to: walking }";
    let texts = [
        learning("", back),
        learning("valid: 20m, ", "{ on: feedback, set: {} }"),
        learning("valid: 20m, ", back)
            .replace("when: place.outdoor", "when: place.outdoor && weather.rain < 0"),
        // The last page is nobody's: each alternative has one of its own.
        learning("valid: 20m, ", back).replace("offer: tea }", "offer: tea, turn_to: cold }"),
        intent(
            "      - { on: reached, outcome: table.accepted }\n      - { on: reached, outcome: table.declined }",
        ),
    ];
    told("learning-and-intent", &texts.iter().map(String::as_str).collect::<Vec<_>>());
    let fine = [
        learning("valid: 20m, ", back),
        learning("valid: 20m, ", back)
            .replace("offer: tea }", "offer: tea, turn_to: warm }")
            .replace("        turn_to: warm\n", ""),
        intent("      - { on: reached, outcome: table.accepted }"),
    ];
    silent(&fine.iter().map(String::as_str).collect::<Vec<_>>());
}
