//! Explore on journeys of a few lines: each kind of finding, small plays, and the same findings however it runs.

use std::sync::atomic::AtomicUsize;

use expect_test::{Expect, expect};
use turnpage_journeys_authoring::explore::property;
use turnpage_journeys_authoring::explore::{Explored, Options, explore, tell};
use turnpage_journeys_authoring::guards::Guards;
use turnpage_journeys_authoring::play::{self, judge, run};
use turnpage_journeys_authoring::trial::Bench;
use turnpage_journeys_authoring::{Sources, check};

use crate::stage::stage;

/// Explores one journey on the small park.
pub(crate) fn explored(journey: &str, plays: &str, options: &Options) -> Explored {
    let stage = stage();
    let mut sources = Sources::default();
    sources.add("journey.yaml", journey);
    let mut checked = check(sources, &stage.schema);
    let library = checked.library.take().unwrap_or_else(|| panic!("{:?}", checked.report.findings()));
    let guards = Guards::of(&library, &checked.scripts, &stage.schema);
    let bench = Bench { library: &library, scripts: &checked.scripts, guards: &guards, stage: &stage };
    let properties = property::read(plays).expect("the properties are well formed");
    let done = AtomicUsize::new(0);
    let explored = explore(bench, &properties, options, &done).expect("the properties fit the journey");
    for finding in &explored.findings {
        let Some(plays) = finding.play.as_ref().filter(|_| finding.fails) else { continue };
        let text = play::write(plays);
        let back = play::read(&text).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"));
        for play in &back.plays {
            let transcript =
                run(&library, &stage, &back.of, play).unwrap_or_else(|p| panic!("{p:?}\n{text}"));
            let judgement = judge(play, &transcript);
            assert!(
                judgement.departure.is_some(),
                "a play that shows a fault fails until it is mended:\n{text}"
            );
        }
    }
    explored
}

const FEW: Options =
    Options { seed: 7, walks: 40, depth: 60, exhaustive: 2, spam_per_hour: 6, threads: 2, first: false };

fn finds(journey: &str, plays: &str, expected: Expect) {
    let found = explored(journey, plays, &FEW);
    let alone = explored(journey, plays, &Options { threads: 1, ..FEW });
    assert_eq!(tell(&found), tell(&alone), "the number of threads leaves no mark");
    expected.assert_eq(&tell(&found));
}

const RAIN: &str = r#"
journey: rain
version: 1
kind: guided
subject: visitor
admit: role != "staff"
offers:
  cocoa: { text: { en: "Cocoa?" }, channels: [app], valid: 20m, limit: 3 per day }
pages:
  strolling:
    choices:
      - { when: place.outdoor && weather.rain > 0.5, offer: cocoa, turn_to: shelter }
  shelter:
    choices:
      - { on: cocoa.accepted, turn_to: strolling }
      - { on: cocoa.expired, turn_to: strolling }
      - { on: cocoa.declined, turn_to: strolling }
      - { on: cocoa.withheld, turn_to: strolling }
"#;

const RAIN_HOLDS: &str = r#"
plays_of: rain
properties:
  - always: offer != "cocoa" || (place.outdoor && weather.rain > 0.5)
  - never: offer == "cocoa" && role == "staff"
  - eventually: { after: shelter, pages: [strolling], within: 20m }
  - at_most: { offer: cocoa, times: 3 per day }
plays: []
"#;

#[test]
fn a_sound_journey_has_no_findings() {
    finds(
        RAIN,
        RAIN_HOLDS,
        expect![[r#"
            rain: nothing found in 40 walks and 143 states
        "#]],
    );
}

#[test]
fn a_guard_that_was_flipped_breaks_its_property() {
    finds(
        &RAIN.replace("rain > 0.5", "rain < 0.5"),
        RAIN_HOLDS,
        expect![[r#"
            rain: 1 finding in 40 walks and 155 states

              broken-property: does not hold: always offer != "cocoa" || (place.outdoor && weather.rain > 0.5)
                - play: "does not hold: always offer != \"cocoa\" || (place.outdoor && weather.rain > 0.5)"
                  given: { date: 2026-07-18, role: guest, weather.rain: 0.4 }
                  when:
                    - { at: "11:00", zone: gate }
                  then: nothing
        "#]],
    );
}

#[test]
fn a_threshold_that_is_off_by_a_little_is_met() {
    finds(
        &RAIN.replace("rain > 0.5", "rain > 0.4"),
        RAIN_HOLDS,
        expect![[r#"
            rain: 1 finding in 40 walks and 173 states

              broken-property: does not hold: always offer != "cocoa" || (place.outdoor && weather.rain > 0.5)
                - play: "does not hold: always offer != \"cocoa\" || (place.outdoor && weather.rain > 0.5)"
                  given: { date: 2026-07-18, role: guest }
                  when:
                    - { at: "11:00", zone: gate }
                    - { at: "11:02", weather.rain: 0.5 }
                  then: nothing
        "#]],
    );
}

#[test]
fn an_offer_without_a_limit_comes_again_and_again() {
    let journey = RAIN.replace(", limit: 3 per day", "");
    let no_bound = RAIN_HOLDS.replace("  - at_most: { offer: cocoa, times: 3 per day }\n", "");
    finds(
        &journey,
        &no_bound,
        expect![[r#"
            rain: 1 finding in 40 walks and 143 states

              spam: the offer `cocoa` has no limit and comes more than 6 times an hour
                - play: "the offer `cocoa` has no limit and comes more than 6 times an hour"
                  given: { date: 2026-07-18, role: cleaner }
                  when:
                    - { at: "09:00", weather.rain: 0.6 }
                    - { at: "09:30", zone: gate }
                    - { at: "09:32", stops: true }
                    - { at: "09:33" }
                    - { at: "09:34", answer: cocoa.accepted }
                    - { at: "09:35" }
                    - { at: "10:00", zone: gate }
                    - { at: "10:05", answer: cocoa.withheld }
                    - { at: "10:10" }
                    - { at: "10:11", answer: cocoa.withheld }
                    - { at: "10:12" }
                    - { at: "10:13", answer: cocoa.accepted }
                    - { at: "10:14" }
                  then:
                    - { at: "09:30", offer: cocoa }
                    - { at: "09:33", offer: cocoa }
                    - { at: "09:34", outcome: cocoa.accepted }
                    - { at: "09:35", offer: cocoa }
                    - { at: "09:55", outcome: cocoa.expired }
                    - { at: "10:00", offer: cocoa }
                    - { at: "10:05", outcome: cocoa.withheld }
                    - { at: "10:10", offer: cocoa }
                    - { at: "10:11", outcome: cocoa.withheld }
                    - { at: "10:12", offer: cocoa }
                    - { at: "10:13", outcome: cocoa.accepted }
        "#]],
    );
}

#[test]
fn a_limit_that_is_wider_than_it_must_be_is_found() {
    finds(
        &RAIN.replace("limit: 3 per day", "limit: 4 per day"),
        RAIN_HOLDS,
        expect![[r#"
            rain: 1 finding in 40 walks and 143 states

              broken-property: does not hold: at most 3 cocoa per day
                - play: "does not hold: at most 3 cocoa per day"
                  given: { date: 2026-07-18, role: cleaner }
                  when:
                    - { at: "09:00", zone: gate }
                    - { at: "09:05", weather.rain: 0.6 }
                    - { at: "09:07", answer: cocoa.declined }
                    - { at: "09:08" }
                    - { at: "09:30", zone: gate }
                    - { at: "09:32", stops: true }
                    - { at: "09:33" }
                  then:
                    - { at: "09:05", offer: cocoa }
                    - { at: "09:07", outcome: cocoa.declined }
                    - { at: "09:08", offer: cocoa }
                    - { at: "09:28", outcome: cocoa.expired }
                    - { at: "09:30", offer: cocoa }
        "#]],
    );
}

#[test]
fn what_must_come_in_time_and_does_not_is_found() {
    finds(
        &RAIN.replace("valid: 20m", "valid: 25m"),
        RAIN_HOLDS,
        expect![[r#"
            rain: 1 finding in 40 walks and 143 states

              broken-property: does not hold: eventually strolling within 20m after shelter
                - play: "does not hold: eventually strolling within 20m after shelter"
                  given: { date: 2026-07-18, role: vip, weather.rain: 0.6 }
                  when:
                    - { at: "11:15", zone: square }
                    - { at: "11:40", zone: mine }
                  then:
                    - { at: "11:15", offer: cocoa }
                    - { at: "11:35", page: strolling }
                    - { at: "11:40", outcome: cocoa.expired }
        "#]],
    );
}

#[test]
fn pages_choices_and_offers_nobody_reaches_are_told() {
    let journey = r#"
journey: rain
version: 1
kind: guided
subject: visitor
offers:
  cocoa: { text: { en: "Cocoa?" }, channels: [app], limit: 1 per day }
  tea: { text: { en: "Tea?" }, channels: [app], limit: 1 per day }
pages:
  strolling:
    choices:
      - { when: weather.rain > 0.5, offer: cocoa, turn_to: shelter }
      - { when: weather.rain > 2.5 && weather.rain < 2, offer: tea, turn_to: cosy }
  shelter:
    choices:
      - { when: weather.rain > 9 && weather.rain < 8, turn_to: strolling }
  cosy: {}
"#;
    finds(
        journey,
        "plays_of: rain\nplays: []\n",
        expect![[r#"
            rain: 5 findings in 40 walks and 82 states

              page-never-reached: nobody enters the page `cosy`

              dead-end: nobody leaves the page `shelter`, which is no end: it has choices

              offer-never-made: the offer `tea` is never made

              choice-never-taken: on `strolling`, nobody takes: when weather.rain > 2.5 && weather.rain < 2: offer tea, turn to cosy

              choice-never-taken: on `shelter`, nobody takes: when weather.rain > 9 && weather.rain < 8: turn to strolling
        "#]],
    );
}

#[test]
fn properties_that_are_wrong_are_told_with_their_place() {
    let wrong = |text: &str| match property::read(text) {
        Err(problems) => problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("\n"),
        Ok(_) => "fine".to_owned(),
    };
    let check = |text: &str, expected: Expect| expected.assert_eq(&wrong(text));
    check(
        "plays_of: a\nproperties: [ { always: x, never: y } ]\n",
        expect!["one property is exactly one of `always`, `never`, `eventually`, `at_most`"],
    );
    check(
        "plays_of: a\nproperties: [ { at_most: { offer: x, times: often } } ]\n",
        expect!["write how often, such as `3 per day` or `1 per 4h`"],
    );
    check(
        "plays_of: a\nproperties: [ { eventually: { within: 5m } } ]\n",
        expect!["say what comes: `pages`, an `offer`"],
    );
    check(
        "plays_of: a\nproperties: [ { soon: x } ]\n",
        expect![[r#"
        unknown key `soon`
        one property is exactly one of `always`, `never`, `eventually`, `at_most`"#]],
    );
}

/// The journeys that ship hold what their plays promise, in every walk.
#[test]
fn what_ships_has_no_findings() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../library/theme-park");
    let mut told = String::new();
    for name in ["rainy-day", "lunch", "loyalty"] {
        let text = |path: String| std::fs::read_to_string(folder.join(path)).expect("it ships");
        let (journey, plays) = (text(format!("{name}.yaml")), text(format!("plays/{name}.yaml")));
        let found = explored(&journey, &plays, &Options { walks: 120, ..FEW });
        if !found.findings.is_empty() {
            told.push_str(&tell(&found));
        }
    }
    assert!(told.is_empty(), "{told}");
}

/// All that a choice can do beside an offer.
const HELP: &str = r#"
journey: help
version: 1
kind: mandated
offers:
  seat: { text: { en: "A seat?" }, channels: [app], valid: 10m, limit: 1 per day }
pages:
  waiting:
    breach: place.kind == "ride"
    choices:
      - { on: enter, when: place.kind == "gate", offer: seat, turn_to: seated }
  seated:
    choices:
      - on: enter
        when: place.kind == "food"
        withdraw: seat
        dispatch: { role: cleaner, task: { en: "Mop." } }
        ticket: { en: "A spill." }
        remember: { tier: '"gold"' }
        turn_to: done
  done:
"#;

const HELP_HOLDS: &str = r#"
plays_of: help
properties:
  - always: '("cleaner" in dispatched) == (was == "seated" && page == "done")'
  - always: ticket == (was == "seated" && page == "done")
  - always: '!("seat" in withdrawn) || page != "seated"'
  - always: '("subject.tier" in remembered) == (was == "seated" && page == "done")'
  - always: '!("waiting" in breached) || place.kind == "ride"'
plays: []
"#;

#[test]
fn properties_see_everything_that_was_done() {
    let told = |journey: &str| {
        let explored = explored(journey, HELP_HOLDS, &FEW);
        explored.findings.into_iter().map(|finding| finding.message).collect::<Vec<_>>()
    };
    assert_eq!(told(HELP), Vec::<String>::new());
    for (here, there, property) in [
        ("        ticket: { en: \"A spill.\" }\n", "", "always ticket =="),
        ("        remember: { tier: '\"gold\"' }\n", "", "always (\"subject.tier\" in remembered) =="),
        ("breach: place.kind == \"ride\"", "breach: place.kind == \"shop\"", "\"waiting\" in breached"),
        (
            "  seated:\n    choices:",
            "  seated:\n    choices:\n      - { on: sighting, withdraw: seat }",
            "in withdrawn",
        ),
        ("offer: seat,", "offer: seat, dispatch: { role: cleaner, task: { en: Mop } },", "in dispatched"),
    ] {
        let told = told(&HELP.replace(here, there));
        assert!(told.iter().any(|told| told.contains(property)), "{property}: {told:?}");
    }
}

/// Who comes makes the crowd, and who leaves ends it.
const CROWD: &str = r#"
journey: crowd
version: 1
subject: zone
pages:
  calm:
    choices: [{ on: enter, when: place.count >= 40, turn_to: crowded }]
  crowded:
    choices: [{ on: exit, when: place.count < 10, turn_to: calm }]
"#;

#[test]
fn what_is_known_of_a_zone_comes_with_who_comes() {
    finds(
        CROWD,
        "plays_of: crowd",
        expect![[r#"
            crowd: nothing found in 40 walks and 44 states
        "#]],
    );
}

const QUEUE: &str = r#"
journey: queue
version: 1
kind: guided
subject: visitor
offers:
  pass: { text: { en: "It is full. The mine is not." }, channels: [app], valid: 20m, limit: 1 per day }
pages:
  walking:
    choices: [{ on: enter, when: place.queue > 45, offer: pass, turn_to: told }]
  told:
    choices: [{ when: place.queue < 10, turn_to: walking }]
"#;

#[test]
fn a_queue_is_known_before_somebody_comes_to_it() {
    finds(
        QUEUE,
        "plays_of: queue",
        expect![[r#"
        queue: nothing found in 40 walks and 44 states
    "#]],
    );
}
