//! Facts that follow from others in a play, and in the walks of explore: nobody says them.

use std::sync::atomic::AtomicUsize;

use turnpage_journeys_authoring::explore::{Options, explore, property};
use turnpage_journeys_authoring::guards::Guards;
use turnpage_journeys_authoring::play::{self, Stage};
use turnpage_journeys_authoring::trial::Bench;
use turnpage_journeys_authoring::{Sources, check};
use turnpage_journeys_expr::air::CONDITIONS;
use turnpage_journeys_expr::{Expression, Scope, Type, Unit};

const WARNED: &str = r#"journey: warned
offers:
  shade: { text: { en: "It feels like {weather.feels_like}." }, channels: [app], valid: 1h, limit: 9 per day }
  boots: { text: { en: "Boots?" }, channels: [app], valid: 1h, limit: 9 per day }
  lounge: { text: { en: "The lounge is open." }, channels: [app], valid: 1h, limit: 9 per day }
pages:
  dry:
    choices:
      - { when: weather.feels_like > 40, offer: shade, turn_to: hot }
      - { when: weather.condition == "heavy-rain", offer: boots, turn_to: wet }
      - { when: '"late_gold" in segments', offer: lounge, turn_to: sitting }
  hot:
    choices: [{ when: weather.feels_like < 35, turn_to: dry }]
  wet:
    choices: [{ when: weather.condition != "heavy-rain", turn_to: dry }]
  sitting:
    choices: [{ on: exit, turn_to: dry }]
"#;

/// The small park, with what a real venue knows beside.
fn stage() -> Stage {
    let mut stage = crate::stage::stage();
    let conditions = stage.schema.domain("condition", CONDITIONS);
    let segments = stage.schema.domain("segment", ["late_gold"]);
    let guard = r#"subject.tier == "gold" && time.hour >= 20"#;
    let scope = Scope { schema: &stage.schema, locals: &[], history: None };
    stage.segments = vec![Expression::check(guard, &scope, Some(Type::Bool)).expect("it is a guard")];
    for (path, of) in [
        ("weather.condition", Type::Symbol(conditions)),
        ("weather.feels_like", Type::Quantity(Unit::Celsius)),
        ("segments", Type::Set(segments)),
    ] {
        stage.schema.fact(path, of).expect("three facts fit");
    }
    stage
}

/// Which plays of a file depart, by their titles, and what explore finds.
fn told(plays: &str) -> (Vec<String>, Vec<String>) {
    let stage = stage();
    let mut sources = Sources::default();
    sources.add("warned.yaml", WARNED);
    let mut checked = check(sources, &stage.schema);
    let library = checked.library.take().unwrap_or_else(|| panic!("{:?}", checked.report.findings()));
    let read = play::read(plays).expect("the plays are well formed");
    let departs = |play: &&play::Play| {
        let transcript = play::run(&library, &stage, &read.of, play).expect("its facts are there");
        play::judge(play, &transcript).departure.is_some()
    };
    let departing = read.plays.iter().filter(departs).map(|play| play.title.value.clone()).collect();
    let guards = Guards::of(&library, &checked.scripts, &stage.schema);
    let bench = Bench { library: &library, scripts: &checked.scripts, guards: &guards, stage: &stage };
    let properties = property::read(plays).expect("the properties are well formed");
    let options = Options { walks: 200, ..Options::default() };
    let explored = explore(bench, &properties, &options, &AtomicUsize::new(0)).expect("they fit");
    (departing, explored.findings.into_iter().map(|finding| finding.message).collect())
}

#[test]
fn heat_rain_and_segments_follow_from_what_is_given() {
    let plays = r#"plays_of: warned
given: { date: 2026-07-18, role: guest, subject.tier: gold }
properties:
  - always: offer != "boots" || weather.rain > 7.6
  - always: offer != "lounge" || (time.hour >= 20 && subject.tier == "gold")
  - always: offer != "shade" || weather.temperature >= 30
plays:
  - play: damp heat feels hotter than it is, dry heat does not
    given: { weather.temperature: 36, weather.humidity: 30 }
    when:
      - { at: "12:00", zone: square }
      - { at: "12:10", weather.humidity: 60 }
      - { at: "12:20", weather.humidity: unknown }
    then:
      - { at: "12:10", offer: shade, text: It feels like 48.1. }
      - { at: "12:20", page: hot }
      - { at: "13:10", outcome: shade.expired }
    until: "14:00"
  - play: it pours
    when:
      - { at: "12:00", zone: square, weather.rain: 7.6 }
      - { at: "12:10", weather.rain: 7.7 }
    then: [{ at: "12:10", offer: boots }]
  - play: gold from eight in the evening
    when:
      - { at: "19:59", zone: square }
      - { at: "20:00" }
    then: [{ at: "20:00", offer: lounge }]
  - play: who says it is believed
    given: { weather.temperature: 10, weather.feels_like: 41 }
    when:
      - { at: "12:00", zone: square }
      - { at: "12:10", weather.temperature: 12 }
    then: [{ at: "12:00", offer: shade }, { at: "12:10", page: hot }]
"#;
    assert_eq!(told(plays), (Vec::new(), Vec::new()));
}
