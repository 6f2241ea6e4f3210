//! What is said about subjects and by them, and what guards make of it.

use turnpage_journeys_engine::{ChoiceDef, Definition, OfferDef, On, PageDef, WordingDef};

use super::park::{MINUTE, NOON, Park, event};
use crate::Timestamp;
use crate::batch::{Reason, State};
use crate::event::{Place, Presence, Sighting, Weather, What};
use crate::id::{SubjectName, ZoneName};
use crate::options::Role;
use crate::pipeline::Admission;

const MORE: &str = "facts: { tier: { values: [silver, gold] }, visits: { type: int }, fresh: 2h }\n\
                    segments: { regular: subject.visits >= 3, gold: \"subject.tier == 'gold'\" }\n\
                    subjects: { team: [staff] }\n";

/// A journey that stays on its page and makes an offer named like its guard, once each.
fn watching(guards: &[(&str, Option<On>, &str)]) -> Definition {
    let offer = |name: &str| OfferDef {
        name: name.into(),
        text: vec![
            WordingDef { language: "en".into(), channel: None, text: "Hello".into() },
            WordingDef { language: "es".into(), channel: None, text: "Hola".into() },
            WordingDef { language: "es".into(), channel: Some("band".into()), text: "HOLA".into() },
        ],
        ..OfferDef::default()
    };
    let choice = |(name, on, guard): &(&str, Option<On>, &str)| ChoiceDef {
        on: on.clone().map(Into::into),
        when: Some((*guard).into()),
        offer: Some((*name).into()),
        ..ChoiceDef::default()
    };
    Definition {
        name: "watch".into(),
        version: 1,
        offers: guards.iter().map(|(name, ..)| offer(name)).collect(),
        pages: vec![PageDef {
            name: "watching".into(),
            choices: guards.iter().map(choice).collect(),
            ..PageDef::default()
        }],
        ..Definition::default()
    }
}

fn park(guards: &[(&str, Option<On>, &str)]) -> Park {
    Park::with(MORE, &[watching(guards)], State::default())
}

fn say(park: &mut Park, now: i64, topic: &str, payload: &str) -> Admission {
    let payload = payload.replace("NOW", &now.to_string());
    park.say(now, Role::Channel, topic, payload.as_bytes())
}

fn seen(park: &mut Park, now: i64, who: &str, role: Option<&str>, zone: &str) {
    let place = Place::Zone(ZoneName::new(zone).unwrap());
    let subject = SubjectName::new(who).unwrap();
    let sighting = Sighting { subject, role: role.map(str::to_owned), place, presence: Presence::Seen };
    let admission = park.pipeline.event(Timestamp(now), event(now, What::Sighting(sighting)));
    assert_eq!(admission, Admission::Admitted);
}

/// Rereads everything that changed from its batch.
fn crash(park: &mut Park, state: &mut State, guards: &[(&str, Option<On>, &str)]) {
    state.absorb(park.pipeline.take_batch());
    assert_eq!(park.pipeline.state(), *state, "batches fold into the state");
    *park = Park::with(MORE, &[watching(guards)], state.clone());
}

#[test]
fn a_fact_opens_a_guard_until_it_is_stale_or_taken_back() {
    let guards = [("gold", Some(On::Sighting), "subject.tier == 'gold' && subject.visits >= 3")];
    let mut park = park(&guards);
    let mut state = State::default();
    let said = r#"{"facts":{"tier":"gold","visits":3},"at":NOW}"#;
    assert_eq!(say(&mut park, NOON, "subject/a", said), Admission::Admitted);
    assert_eq!(say(&mut park, NOON, "subject/a", said), Admission::Duplicate);
    crash(&mut park, &mut state, &guards);
    seen(&mut park, NOON + MINUTE, "a", None, "plaza");
    let batch = park.pipeline.take_batch();
    let facts: Vec<_> =
        batch.decisions[0].facts.iter().map(|fact| (fact.value.as_str(), fact.age_ms)).collect();
    assert_eq!(facts, [("gold", Some(MINUTE)), ("3", Some(MINUTE))]);
    seen(&mut park, NOON + 121 * MINUTE, "a", None, "plaza");
    assert_eq!(park.offers(), [""; 0], "stale after two hours");
    say(&mut park, NOON + 122 * MINUTE, "subject/a", r#"{"facts":{"tier":"gold","visits":3},"at":NOW}"#);
    let old = format!(r#"{{"facts":{{"tier":"silver"}},"at":{}}}"#, NOON + 121 * MINUTE);
    say(&mut park, NOON + 122 * MINUTE, "subject/a", &old);
    seen(&mut park, NOON + 123 * MINUTE, "a", None, "plaza");
    assert_eq!(park.offers(), ["a gold"], "an older word changes nothing");
    say(&mut park, NOON + 124 * MINUTE, "subject/a", r#"{"facts":{"tier":null},"at":NOW}"#);
    seen(&mut park, NOON + 125 * MINUTE, "a", None, "plaza");
    assert_eq!(park.offers(), [""; 0]);
}

#[test]
fn the_language_and_the_channel_choose_the_copy() {
    let guards = [("hello", Some(On::Sighting), "channel == 'band'")];
    let mut park = park(&guards);
    seen(&mut park, NOON, "a", None, "plaza");
    assert_eq!(park.offers(), [""; 0], "nobody knows where to reach it");
    say(&mut park, NOON, "subject/a", r#"{"language":"es-MX","channel":"band","at":NOW}"#);
    seen(&mut park, NOON + 1, "a", None, "plaza");
    assert_eq!(park.pipeline.take_batch().outbox[0].text, "HOLA");
    // Being seen keeps the channel; half an hour of silence ends it.
    seen(&mut park, NOON + 29 * MINUTE, "a", None, "plaza");
    seen(&mut park, NOON + 50 * MINUTE, "a", None, "plaza");
    assert_eq!(park.pipeline.take_batch().outbox.len(), 2);
    park.pipeline.advance(Timestamp(NOON + 90 * MINUTE));
    seen(&mut park, NOON + 90 * MINUTE, "a", None, "plaza");
    assert_eq!(park.pipeline.take_batch().decisions.len(), 1, "withheld: three offers a day");
}

#[test]
fn segments_are_guards_that_others_read() {
    let guards = [("hello", Some(On::Sighting), "'regular' in segments && !('gold' in segments)")];
    let mut park = park(&guards);
    say(&mut park, NOON, "subject/a", r#"{"facts":{"visits":3},"at":NOW}"#);
    say(&mut park, NOON, "subject/b", r#"{"facts":{"visits":3,"tier":"gold"},"at":NOW}"#);
    for who in ["a", "b", "c"] {
        seen(&mut park, NOON + MINUTE, who, None, "plaza");
    }
    let batch = park.pipeline.take_batch();
    assert_eq!((batch.outbox.len(), batch.outbox[0].subject.as_str()), (1, "a"));
    assert_eq!(batch.decisions[0].facts[0].age_ms, Some(MINUTE), "as old as what it was made of");
}

#[test]
fn where_people_go_next_is_learned_saved_and_taken_back() {
    let guards = [("soon", Some(On::Enter), "next('food') > 0.6 && place.kind == 'plaza'")];
    let mut park = park(&guards);
    let mut state = State::default();
    for visitor in 0..40 {
        let (who, at) = (format!("v{visitor}"), NOON + visitor * MINUTE);
        seen(&mut park, at, &who, None, "parking");
        seen(&mut park, at + 20_000, &who, None, "plaza");
        seen(&mut park, at + 31_000, &who, None, "plaza");
        seen(&mut park, at + 40_000, &who, None, "grill");
        seen(&mut park, at + 51_000, &who, None, "grill");
        if visitor % 7 == 0 {
            crash(&mut park, &mut state, &guards);
        }
    }
    park.pipeline.take_batch();
    let later = NOON + 50 * MINUTE;
    seen(&mut park, later, "late", None, "plaza");
    let batch = park.pipeline.take_batch();
    assert_eq!(batch.outbox.len(), 1, "{:?}", batch.decisions);
    for visitor in 0..40 {
        let no = r#"{"purpose":"offers","granted":false,"at":NOW}"#;
        say(&mut park, later + MINUTE, &format!("consent/v{visitor}"), no);
    }
    seen(&mut park, later + 2 * MINUTE, "later", None, "plaza");
    assert_eq!(park.offers(), [""; 0], "nobody is left who went there");
}

#[test]
fn feedback_is_an_event_with_a_score() {
    let guards = [("sorry", Some(On::Feedback), "feedback.score <= 2")];
    let mut park = park(&guards);
    let said = r#"{"score":2,"about":"coaster","at":NOW}"#;
    assert_eq!(say(&mut park, NOON, "feedback/a", said), Admission::Admitted);
    assert_eq!(park.offers(), ["a sorry"]);
    assert_eq!(say(&mut park, NOON, "feedback/a", said), Admission::Duplicate);
    let late = format!(r#"{{"score":1,"at":{}}}"#, NOON - 10 * MINUTE);
    assert_eq!(say(&mut park, NOON + 5 * MINUTE, "feedback/a", &late), Admission::Admitted);
    assert_eq!(park.offers(), [""; 0], "late words fire nothing");
}

#[test]
fn a_party_is_as_large_as_its_members_are_many() {
    let guards = [("family", Some(On::Sighting), "party.size >= 3")];
    let mut park = park(&guards);
    let mut state = State::default();
    for who in ["a", "b", "c"] {
        assert_eq!(
            say(&mut park, NOON, &format!("subject/{who}"), r#"{"party":"kim","at":NOW}"#),
            Admission::Admitted
        );
    }
    crash(&mut park, &mut state, &guards);
    seen(&mut park, NOON + MINUTE, "a", None, "plaza");
    assert_eq!(park.offers(), ["a family"]);
    say(&mut park, NOON + 2 * MINUTE, "subject/c", r#"{"party":null,"at":NOW}"#);
    seen(&mut park, NOON + 3 * MINUTE, "b", None, "plaza");
    assert_eq!(park.offers(), [""; 0]);
}

#[test]
fn people_in_a_zone_are_counted() {
    let guards = [("crowded", Some(On::Sighting), "place.count > 1")];
    let mut park = park(&guards);
    seen(&mut park, NOON, "a", None, "plaza");
    assert_eq!(park.offers(), [""; 0]);
    seen(&mut park, NOON, "cleaner", Some("staff"), "plaza");
    assert_eq!(park.offers(), [""; 0], "a team has no journeys of visitors");
    seen(&mut park, NOON + 1, "a", None, "plaza");
    assert_eq!(park.offers(), ["a crowded"]);
}

#[test]
fn how_the_weather_feels_takes_more_than_one_measurement() {
    let guards = [
        ("freezing", Some(On::Sighting), "weather.feels_like < -15.0"),
        ("wet", Some(On::Sighting), "weather.condition == 'heavy-rain'"),
    ];
    let mut park = park(&guards);
    let reading = |park: &mut Park, now, reading| {
        let place = Place::Zone(ZoneName::new("plaza").unwrap());
        park.pipeline.event(Timestamp(now), event(now, What::Weather { place, reading }));
    };
    reading(&mut park, NOON, Weather { temperature: Some(-10.0), ..Weather::default() });
    seen(&mut park, NOON, "a", None, "plaza");
    assert_eq!(park.offers(), [""; 0], "nobody knows the wind");
    reading(&mut park, NOON + MINUTE, Weather { wind: Some(8.0), ..Weather::default() });
    seen(&mut park, NOON + 2 * MINUTE, "a", None, "plaza");
    let batch = park.pipeline.take_batch();
    assert_eq!(batch.decisions[0].facts[0].age_ms, Some(2 * MINUTE), "as old as the older of both");
    reading(&mut park, NOON + 2 * MINUTE, Weather { wind: Some(0.0), rain: Some(9.0), ..Weather::default() });
    seen(&mut park, NOON + 4 * MINUTE, "a", None, "plaza");
    assert_eq!(park.offers(), ["a wet"]);
}

#[test]
fn words_that_the_venue_does_not_know_are_dead_letters() {
    let mut park = park(&[("hello", None, "true")]);
    let cases = [
        ("subject/a", r#"{"role":"king","at":NOW}"#, Reason::Unknown),
        ("subject/a", r#"{"channel":"drum","at":NOW}"#, Reason::Unknown),
        ("subject/a", r#"{"facts":{"tear":"gold"},"at":NOW}"#, Reason::Unknown),
        ("subject/a", r#"{"facts":{"tier":"tin"},"at":NOW}"#, Reason::Malformed),
        ("subject/a", r#"{"facts":{"visits":2.5},"at":NOW}"#, Reason::Malformed),
        ("subject/a", r#"{"facts":{"visits":[3]},"at":NOW}"#, Reason::Malformed),
        ("subject/a", r#"{"language":"","at":NOW}"#, Reason::Malformed),
        ("subject/a", r#"{"party":"the whole of kindergarten seven","at":NOW}"#, Reason::Malformed),
        ("subject/zone.plaza", r#"{"role":"vip","at":NOW}"#, Reason::Unknown),
        ("subject/a", r#"{"role":"vip"}"#, Reason::Malformed),
        ("subject/a", r#"{"role":"vip","at":0}"#, Reason::Ancient),
        ("feedback/a", r#"{"score":"five","at":NOW}"#, Reason::Malformed),
        ("pick/a", r#"{"journey":"watch","page":"watching","pick":"rest","at":NOW}"#, Reason::Unknown),
    ];
    for (topic, payload, reason) in cases {
        assert_eq!(say(&mut park, NOON, topic, payload), Admission::Dead(reason), "{payload}");
    }
    assert_eq!(park.pipeline.live().subjects, 0);
    let source = park.say(NOON, Role::Source, "feedback/a", br#"{"score":5,"at":1784563200000}"#);
    assert_eq!(source, Admission::Dead(Reason::Impostor));
}
