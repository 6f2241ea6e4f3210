//! All plays at once: properties are asked of every play, and what was reached is counted whole.

use std::sync::atomic::AtomicUsize;

use expect_test::{Expect, expect};
use turnpage_journeys_authoring::guards::Guards;
use turnpage_journeys_authoring::trial::{self, Bench, PlayFile, Trials, tell, tell_coverage};
use turnpage_journeys_authoring::{Source, Sources, check};

use crate::stage::stage;

fn trials(journeys: &[&str], plays: &[&str]) -> (Trials, Vec<Source>) {
    let stage = stage();
    let mut sources = Sources::default();
    for (place, text) in journeys.iter().enumerate() {
        sources.add(format!("{place}.yaml"), *text);
    }
    let mut checked = check(sources, &stage.schema);
    let library = checked.library.take().unwrap_or_else(|| panic!("{:?}", checked.report.findings()));
    let guards = Guards::of(&library, &checked.scripts, &stage.schema);
    let bench = Bench { library: &library, scripts: &checked.scripts, guards: &guards, stage: &stage };
    let file = |(place, text): (usize, &&str)| PlayFile {
        source: Source { name: format!("plays/{place}.yaml"), text: (*text).to_owned() },
        golden: None,
    };
    let files: Vec<PlayFile> = plays.iter().enumerate().map(file).collect();
    let trials = trial::run(bench, &files, None, &AtomicUsize::new(0));
    (trials, checked.report.sources().to_vec())
}

fn told(journeys: &[&str], plays: &[&str], expected: Expect) {
    expected.assert_eq(&tell(&trials(journeys, plays).0, false));
}

fn covered(journeys: &[&str], plays: &[&str], expected: Expect) {
    let (trials, sources) = trials(journeys, plays);
    assert!(trials.passed(), "{}", tell(&trials, false));
    expected.assert_eq(&tell_coverage(&trials.coverage, &sources));
}

const REST: &str = r#"journey: rest
variables: { asked: 0 }
offers:
  bench: { text: { en: "A bench?" }, channels: [app], valid: 10m, limit: 9 per day }
pages:
  walking:
    choices:
      - { when: weather.temperature > 30, offer: bench, set: { asked: asked + 1 }, turn_to: asked }
  asked:
    choices:
      - { on: bench.expired, turn_to: walking }
"#;

const HOT: &str = r#"plays_of: rest
given: { date: 2026-07-18, weather.temperature: 33 }
properties:
  - at_most: { offer: bench, times: 1 per day }
  - never: offer == "bench" && event == "weather"
  - eventually: { after: asked, pages: [walking], within: 5m }
plays:
  - play: twice is once too often
    when:
      - { at: "12:00", zone: square }
      - { at: "12:20", zone: grill }
    then:
      - { at: "12:00", offer: bench }
      - { at: "12:10", outcome: bench.expired }
      - { at: "12:20", offer: bench }
  - play: once is not, and it is not over
    when:
      - { at: "12:00", zone: square }
    then:
      - { at: "12:00", offer: bench }
"#;

#[test]
fn a_play_that_breaks_a_property_fails_though_it_came_as_expected() {
    told(
        &[REST],
        &[HOT],
        expect![[r#"
        FAIL  rest: twice is once too often
        ok    rest: once is not, and it is not over

        rest: twice is once too often
        error[broken-property]: does not hold at 2026-07-18 12:05:00: eventually walking within 5m after asked
         --> plays/0.yaml:6:5
          |
        6 |   - eventually: { after: asked, pages: [walking], within: 5m }
          |     ^^^^^^^^^^

        error[broken-property]: does not hold at 2026-07-18 12:20:00: at most 1 bench per day
         --> plays/0.yaml:4:5
          |
        4 |   - at_most: { offer: bench, times: 1 per day }
          |     ^^^^^^^

          12:05:00 nothing comes
          on the page asked
            waits   on bench.expired: turn to walking

        2 plays: 1 passed, 1 failed
    "#]],
    );
}

#[test]
fn properties_of_another_file_of_the_journey_count_and_wrong_ones_are_told() {
    let elsewhere = "plays_of: rest\nproperties: [{ always: asked < 1 }]\nplays: []\n";
    let wrong = "plays_of: rest\nproperties: [{ always: aksed < 1 }]\nplays: []\n";
    let plays = HOT.split("properties:").next().expect("it is there").to_owned()
        + "plays:\n  - play: once\n    when: [{ at: \"12:00\", zone: square }]\n    then: [{ at: \"12:00\", offer: bench }]\n";
    told(
        &[REST],
        &[&plays, elsewhere, wrong],
        expect![[r#"
        FAIL  rest: once

        rest: once
        error[broken-property]: does not hold at 2026-07-18 12:00:00: always asked < 1
         --> plays/1.yaml:2:16
          |
        2 | properties: [{ always: asked < 1 }]
          |                ^^^^^^

          12:00:00 seen in square
          on the page walking
            taken   when weather.temperature > 30: offer bench, set asked, turn to asked
                    weather.temperature is 33 celsius

        error[unknown-name]: unknown fact `aksed`
         --> plays/2.yaml:2:24
          |
        2 | properties: [{ always: aksed < 1 }]
          |                        ^^^^^^^^^
          |
          = help: did you mean `asked`?

        1 error

        1 play: 0 passed, 1 failed
    "#]],
    );
}

const TIPS: &str = r#"journey: tips
kind: ad-hoc
offers:
  tip: { text: { en: "A tip." }, channels: [app], valid: 10m, limit: 1 per day }
pages:
  queueing:
    enter:
      - { on: enter, when: place.kind == "ride" && place.outdoor }
      - { on: enter, when: place.kind == "gate" }
    choices:
      - { when: place.queue > 45, offer: tip }
  eating:
    enter: [{ on: enter, when: place.kind == "food" }]
"#;

#[test]
fn ways_in_are_counted() {
    let plays = r#"plays_of: tips
given: { date: 2026-07-18 }
plays:
  - play: rides and food
    when:
      - { at: "12:00", zone: mine }
      - { at: "12:01", zone: comet }
      - { at: "12:02", zone: grill }
    then: nothing
"#;
    covered(
        &[TIPS],
        &[plays],
        expect![[r#"
            coverage           pages         choices  guard branches
            tips           2/2 100 %       2/4  50 %      6/10  60 %

            reached by no play
              0.yaml:8: on queueing, never false: place.kind == "ride"
              0.yaml:9: nobody comes to queueing by: on enter, when place.kind == "gate"
              0.yaml:11: on queueing, nobody takes: when place.queue > 45: offer tip
        "#]],
    );
}

const SURVEY: &str = r#"journey: survey
parameters: { patience: 20m }
returns: score
variables: { score: 0 }
pages:
  asking:
    choices:
      - { on: feedback, set: { score: feedback.score }, turn_to: answered }
      - { after: 1h, when: place.dwell > patience, turn_to: answered }
  answered:
"#;

const FAREWELL: &str = r#"journey: farewell
pages:
  inside:
    choices: [{ on: enter, when: place.kind == "gate", turn_to: leaving }]
  leaving:
    call: survey
    choices:
      - { on: returned, when: result >= 4, remember: { tier: '"gold"' }, turn_to: gone }
      - { on: returned, when: result > 2, turn_to: gone }
  gone:
"#;

#[test]
fn guards_over_a_result_are_counted() {
    let plays = r#"plays_of: farewell
given: { date: 2026-07-18 }
plays:
  - play: a good day
    when:
      - { at: "16:00", zone: gate }
      - { at: "16:03", feedback: 5 }
    then: nothing
  - play: a fair day
    when:
      - { at: "16:00", zone: gate }
      - { at: "16:03", feedback: 3 }
    then: nothing
"#;
    covered(
        &[FAREWELL, SURVEY],
        &[plays],
        expect![[r#"
        coverage           pages         choices  guard branches
        farewell       3/3 100 %       3/3 100 %       4/6  66 %
        survey         2/2 100 %       1/2  50 %       0/2   0 %

        reached by no play
          0.yaml:4: on inside, never false: place.kind == "gate"
          0.yaml:9: on leaving, never false: result > 2
          1.yaml:9: on asking, nobody takes: after 1h, when place.dwell > patience: turn to answered
    "#]],
    );
}
