//! What check says about two versions of a journey: everything that is written differently, and nothing else.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use turnpage_journeys_authoring::{Checked, Sources, check, compare};

use crate::stage::schema;

const OLD: &str = r#"journey: rain
version: 1
admit: role != "staff"
variables: { showers: 0 }
offers:
  cocoa: { text: { en: "It rains. Cocoa?" }, channels: [band, app], valid: 20m, limit: 3 per day }
pages:
  strolling:
    choices:
      - { when: place.outdoor && weather.rain > 0.5, offer: cocoa, turn_to: shelter }
      - { on: exit, set: { showers: 0 } }
      - { after: 2h, when: showers > 3, turn_to: done }
  shelter:
    choices:
      - { on: cocoa.accepted, set: { showers: showers + 1 }, turn_to: strolling }
      - { on: cocoa.declined, turn_to: done }
      - { on: cocoa.expired, turn_to: strolling }
  done:
"#;

fn checked(text: &str) -> Checked {
    let mut sources = Sources::default();
    sources.add("rain.yaml", text);
    let checked = check(sources, &schema());
    assert!(checked.library.is_some(), "{:?}", checked.report.findings());
    checked
}

fn differs(changes: &[(&str, &str)], expected: Expect) {
    let mut new = OLD.to_owned();
    for (right, wrong) in changes {
        assert!(new.contains(right), "`{right}` is not in the journey");
        new = new.replacen(right, wrong, 1);
    }
    let new = checked(&new);
    let mut told = String::new();
    for change in compare(&checked(OLD).scripts, &new.scripts) {
        let diagnostic = &change.finding.diagnostic;
        let text = &new.report.sources()[change.finding.source].text;
        let line = text[..diagnostic.span.start as usize].lines().count();
        let page = change.page.as_deref().unwrap_or("-");
        writeln!(told, "{line} {} on {page}: {}", diagnostic.code, diagnostic.message)
            .expect("a string takes everything");
    }
    expected.assert_eq(&told);
}

#[test]
fn what_is_laid_out_differently_is_the_same() {
    let folded = "when: >-\n          place.outdoor &&\n          weather.rain > 0.5\n        offer";
    let choice = "- { when: place.outdoor && weather.rain > 0.5, offer: cocoa, turn_to: shelter }";
    let block = format!("- {folded}: cocoa\n        turn_to: shelter");
    differs(&[(choice, &block), ("version: 1", "version: 2")], expect![[""]]);
}

#[test]
fn guards_that_changed_are_told_with_both_sides() {
    differs(
        &[
            ("weather.rain > 0.5", "weather.rain > 1.5"),
            ("when: showers > 3, ", ""),
            ("role != \"staff\"", "role == \"guest\""),
            ("- { on: exit, set", "- { on: exit, when: place.outdoor, set"),
        ],
        expect![[r#"
            3 changed-guard on -: admit was `role != "staff"`, is `role == "guest"`
            10 changed-guard on strolling: the guard of `offer cocoa, turn to shelter` was `place.outdoor && weather.rain > 0.5`, is `place.outdoor && weather.rain > 1.5`
            11 changed-guard on strolling: `set showers` has a guard now: `place.outdoor`
            12 changed-guard on strolling: `turn to done` has no guard any more; it was `showers > 3`
        "#]],
    );
}

#[test]
fn choices_that_changed_came_and_went_are_told() {
    differs(
        &[
            ("on: cocoa.declined, turn_to: done", "on: cocoa.withheld, turn_to: done"),
            ("showers: showers + 1", "showers: showers + 2"),
            ("on: cocoa.expired, turn_to: strolling", "on: cocoa.expired, turn_to: done"),
            (
                "      - { on: exit, set: { showers: 0 } }\n",
                "      - { pick: home, label: { en: Home }, turn_to: done }\n",
            ),
        ],
        expect![[r#"
            11 new-choice on strolling: new choice `pick home: turn to done`
            8 gone-choice on strolling: the choice `on exit: set showers` is gone
            15 changed-choice on shelter: `on cocoa.accepted: set showers, turn to strolling` does so with other values or words
            17 changed-choice on shelter: `on cocoa.expired` did: turn to strolling; does: turn to done
            16 changed-choice on shelter: `turn to done` waited for `on cocoa.declined`, waits for `on cocoa.withheld`
        "#]],
    );
}

#[test]
fn the_order_counts() {
    let (first, second) = (
        "      - { on: cocoa.declined, turn_to: done }\n",
        "      - { on: cocoa.expired, turn_to: strolling }\n",
    );
    let both = format!("{first}{second}");
    differs(
        &[(&both, &format!("{second}{first}"))],
        expect![[r#"
        17 changed-order on shelter: `on cocoa.declined: turn to done` stands in another place: the first open choice is taken
    "#]],
    );
}

#[test]
fn offers_that_changed_are_told() {
    differs(
        &[
            ("limit: 3 per day", "limit: 1 per 4h"),
            (", valid: 20m", ""),
            ("[band, app]", "[app]"),
            ("en: \"It rains. Cocoa?\"", "en: \"Cocoa?\", es: \"¿Chocolate?\""),
        ],
        expect![[r#"
             6 changed-offer on -: offer `cocoa` changed: limit was `3 per day`, is `1 per 4h`; valid was `20m`, and is nothing; channels was `band, app`, is `app`; en was `It rains. Cocoa?`, is `Cocoa?`; es is `¿Chocolate?`, and was nothing
        "#]],
    );
}
