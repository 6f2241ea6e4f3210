//! The corridor end to end: frames in, batches out; crashes anywhere; garbage.

mod clock;
mod crash;
mod heard;
mod late;
mod learned;
mod lines;
mod others;
mod park;
mod plan;
mod words;
mod written;

use expect_test::expect;
use park::{MINUTE, NOON, Park};
use proptest::prelude::*;

use super::counts::DEAD_MAX;
use super::*;
use crate::batch::{Settlement, Verdict, Withheld};
use crate::event::{Place, Presence, Sighting, TimeQuality};
use crate::id::NodeName;
use crate::live::LiveTurn;
use crate::options::Role;

#[test]
fn one_badge_in_one_offer_out() {
    let mut park = Park::new();
    assert_eq!(park.rain(NOON, 200), Admission::Admitted);
    assert_eq!(park.badge(NOON + MINUTE, 0xa1), Admission::Admitted);
    let batch = park.pipeline.take_batch();
    let shown = serde_json::to_string_pretty(&(&batch.outbox, &batch.decisions)).unwrap();
    expect![[r#"
        [
          [
            {
              "id": "2c62261f93b8b330cd433bcc8af8c19f",
              "subject": "00000000000000a1",
              "channel": "band",
              "journey": "rainy-day",
              "page": "strolling",
              "offer": "cocoa",
              "text": "It rains. Cocoa at Harbour Grill?",
              "made_at": 1784563260000,
              "valid_until": 1784564460000
            }
          ],
          [
            {
              "id": "2c62261f93b8b330cd433bcc8af8c19f",
              "at": 1784563260000,
              "subject": "00000000000000a1",
              "journey": "rainy-day",
              "page": "strolling",
              "offer": "cocoa",
              "guard": "place.outdoor && weather.rain > 0.5",
              "facts": [
                {
                  "path": "place.outdoor",
                  "value": "true",
                  "age_ms": 0
                },
                {
                  "path": "weather.rain",
                  "value": "2 mm/h",
                  "age_ms": 60000
                }
              ],
              "verdict": {
                "made": {
                  "channel": "band"
                }
              }
            }
          ]
        ]"#]]
    .assert_eq(&shown);
    assert_eq!(batch.entries.len(), 2);
    assert_eq!(batch.marks.iter().map(|(node, _)| node.0).collect::<Vec<_>>(), [1, 2]);
    let live = park.pipeline.live();
    assert_eq!((live.zones[1].occupancy, live.zones[1].weather.rain), (1, Some(2.0)));
    assert_eq!(live.zones[3].weather.rain, Some(2.0), "the nearest station speaks for every zone on the map");
    assert_eq!(live.journeys[0].pages, [("strolling".into(), 0), ("shelter".into(), 1), ("cosy".into(), 0)]);
    assert_eq!(live.offers, batch.outbox);
}

#[test]
fn rain_reaches_those_who_stand_in_it() {
    let mut park = Park::new();
    park.badge(NOON, 0xa2);
    park.badge(NOON, 0xa1);
    park.rain(NOON, 0);
    assert_eq!(park.offers(), [""; 0]);
    park.rain(NOON + MINUTE, 90);
    assert_eq!(park.offers(), ["00000000000000a1 cocoa", "00000000000000a2 cocoa"], "in the order of names");
    park.rain(NOON + 2 * MINUTE, 90);
    assert_eq!(park.pipeline.live().counters.steps, 6, "no change, no step");
}

#[test]
fn stale_weather_is_unknown() {
    let mut park = Park::new();
    park.rain(NOON, 200);
    park.badge(NOON + 91 * MINUTE, 0xa1);
    assert_eq!(park.offers(), [""; 0]);
    assert_eq!(park.pipeline.live().zones[1].weather.rain, None);
}

#[test]
fn an_outcome_turns_the_page_once() {
    let mut park = Park::new();
    park.rain(NOON, 200);
    park.badge(NOON, 0xa1);
    let offer = park.pipeline.take_batch().outbox.remove(0);
    let mut say = |outcome: &str| {
        let payload = format!(r#"{{"id":"{}","outcome":"{outcome}","at":{NOON},"more":[1]}}"#, offer.id);
        park.say(NOON + 1, Role::Channel, &format!("outcome/{}", offer.subject), payload.as_bytes())
    };
    assert_eq!(say("delivered"), Admission::Admitted);
    assert_eq!(say("accepted"), Admission::Admitted);
    assert_eq!(say("accepted"), Admission::Duplicate);
    assert_eq!(say("expired"), Admission::Admitted, "a late word is no error, and changes nothing");
    assert_eq!(say("withheld"), Admission::Dead(Reason::Malformed), "only the gateway withholds");
    let stranger = format!(r#"{{"id":"{}","outcome":"seen","at":{NOON}}}"#, offer.id);
    let admission = park.say(NOON, Role::Channel, "outcome/00000000000000a9", stranger.as_bytes());
    assert_eq!(admission, Admission::Dead(Reason::Unknown), "another subject's offer");
    let live = park.pipeline.live();
    let funnel = live.journeys[0].funnel;
    assert_eq!((funnel.offers, funnel.delivered, funnel.accepted, funnel.expired), (1, 1, 1, 0));
    assert_eq!(live.journeys[0].pages[2], ("cosy".into(), 1));
    let batch = park.pipeline.take_batch();
    assert_eq!(batch.settled.len(), 1);
    assert_eq!(batch.settled[0].how, Settlement::Delivered);
    assert_eq!(park.pipeline.outbox().count(), 0);
}

#[test]
fn an_unanswered_offer_expires_by_itself() {
    let mut park = Park::new();
    park.rain(NOON, 200);
    park.badge(NOON, 0xa1);
    assert_eq!(park.pipeline.next_due(), Some(Timestamp(NOON + 20 * MINUTE)));
    park.pipeline.advance(Timestamp(NOON + 20 * MINUTE));
    let batch = park.pipeline.take_batch();
    assert_eq!(batch.settled.iter().map(|settled| settled.how).collect::<Vec<_>>(), [Settlement::Expired]);
    assert_eq!(batch.entries.last().unwrap().cause, Cause::Tick);
    assert_eq!(park.pipeline.live().journeys[0].funnel.expired, 1);
}

#[test]
fn withdrawn_consent_stops_everything_at_once() {
    let mut park = Park::new();
    park.rain(NOON, 200);
    park.badge(NOON, 0xa1);
    let offer = park.pipeline.take_batch().outbox.remove(0);
    let consent =
        |granted, at| format!(r#"{{"purpose":"offers","granted":{granted},"at":{at}}}"#).into_bytes();
    let topic = "consent/00000000000000a1";
    assert_eq!(park.say(NOON + 9, Role::Channel, topic, &consent(false, NOON + 9)), Admission::Admitted);
    assert_eq!(
        park.say(NOON + 9, Role::Channel, topic, &consent(true, NOON + 8)),
        Admission::Duplicate,
        "an older word"
    );
    let batch = park.pipeline.take_batch();
    assert_eq!(batch.settled.len(), 1);
    assert_eq!((batch.settled[0].id, batch.settled[0].how), (offer.id, Settlement::Withdrawn));
    assert_eq!(park.pipeline.live().journeys[0].pages.iter().map(|page| page.1).sum::<u64>(), 0);
    park.badge(NOON + 2 * MINUTE, 0xa1);
    assert_eq!(park.offers(), [""; 0]);
    assert_eq!(park.say(NOON + 10, Role::Channel, topic, &consent(true, NOON + 10)), Admission::Admitted);
    park.badge(NOON + 3 * MINUTE, 0xa1);
    assert_eq!(park.offers(), ["00000000000000a1 cocoa"]);
}

#[test]
fn a_withheld_offer_comes_back_to_its_journey() {
    let mut park = Park::new();
    let night = NOON + 11 * 60 * MINUTE;
    park.rain(night, 200);
    park.badge(night, 0xa1);
    let batch = park.pipeline.take_batch();
    assert_eq!(batch.outbox, []);
    assert_eq!(batch.decisions.len(), 1);
    assert_eq!(batch.decisions[0].verdict, Verdict::Withheld(Withheld::QuietHours));
    let live = park.pipeline.live();
    assert_eq!(live.journeys[0].pages[0], ("strolling".into(), 1), "it may try again");
    assert_eq!((live.counters.offers, live.journeys[0].funnel.withheld), (0, 1));
}

#[test]
fn ways_that_were_taken_are_counted_for_whoever_looks() {
    let mut park = Park::new();
    park.rain(NOON, 200);
    for badge in 1..=3 {
        park.badge(NOON + MINUTE, badge);
    }
    let turn =
        |page: &str, choice, to: &str, count| LiveTurn { page: page.into(), choice, to: to.into(), count };
    assert_eq!(park.pipeline.live().journeys[0].turns, [turn("strolling", Some(0), "shelter", 3)]);
    park.pipeline.advance(Timestamp(NOON + 21 * MINUTE));
    let back = turn("shelter", Some(2), "strolling", 3);
    assert_eq!(park.pipeline.live().journeys[0].turns, [turn("strolling", Some(0), "shelter", 3), back]);
}

#[test]
fn a_late_sighting_corrects_the_record_and_offers_nothing() {
    let mut park = Park::new();
    park.rain(NOON, 200);
    park.pipeline.advance(Timestamp(NOON + 10 * MINUTE));
    let admission = park.seen(NOON + 10 * MINUTE, NOON + MINUTE, 0xa1, TimeQuality::Synced);
    assert_eq!(admission, Admission::Admitted);
    assert_eq!(park.offers(), [""; 0]);
    let live = park.pipeline.live();
    assert_eq!((live.counters.late, live.zones[1].occupancy), (1, 1));
    assert_eq!(
        park.pipeline.next_due(),
        Some(Timestamp(NOON + 31 * MINUTE)),
        "gone half an hour after it was seen"
    );
    let ancient = park.seen(NOON + 3_000 * MINUTE, NOON, 0xa1, TimeQuality::Synced);
    assert_eq!(ancient, Admission::Dead(Reason::Ancient));
    let future = park.seen(NOON, NOON + 6 * MINUTE, 0xa1, TimeQuality::Synced);
    assert_eq!(future, Admission::Dead(Reason::Future));
    let clockless = park.seen(NOON + 3_000 * MINUTE, 17, 0xa1, TimeQuality::Unknown);
    assert_eq!(clockless, Admission::Admitted);
}

#[test]
fn silence_is_an_exit() {
    let mut park = Park::new();
    park.badge(NOON, 0xa1);
    park.pipeline.advance(Timestamp(NOON + 29 * MINUTE));
    assert_eq!(park.pipeline.live().zones[1].occupancy, 1);
    park.pipeline.advance(Timestamp(NOON + 30 * MINUTE));
    assert_eq!(park.pipeline.live().zones[1].occupancy, 0);
}

#[test]
fn an_instant_that_was_put_off_leaves_no_trace() {
    let mut park = Park::new();
    park.badge(NOON, 0xa1);
    park.badge(NOON + 10 * MINUTE, 0xa1);
    park.pipeline.take_batch();
    assert_eq!(park.pipeline.next_due(), Some(Timestamp(NOON + 40 * MINUTE)));
    park.pipeline.advance(Timestamp(NOON + 39 * MINUTE));
    assert!(park.pipeline.take_batch().entries.is_empty(), "a restored pipeline would have none");
}

#[test]
fn a_subject_unseen_for_long_is_forgotten() {
    let mut park = Park::new();
    park.badge(NOON, 0xa1);
    park.pipeline.take_batch();
    park.pipeline.advance(Timestamp(NOON + 8 * 24 * 60 * MINUTE));
    let batch = park.pipeline.take_batch();
    assert_eq!(batch.subjects.len(), 1);
    assert!(batch.subjects[0].bytes.is_empty());
    assert_eq!(park.pipeline.live().subjects, 0);
    assert_eq!(park.pipeline.state().subjects.len(), 0);
    assert_eq!(park.pipeline.next_due(), None);
}

#[test]
fn whoever_gives_coordinates_is_found_on_the_map() {
    let mut park = Park::new();
    let mut at = |lon: f64, lat: f64, minute: i64| {
        let sighting = Sighting {
            subject: SubjectName::new("phone-1").unwrap(),
            role: Some("vip".into()),
            place: Place::Point { lon, lat, level: None },
            presence: Presence::Seen,
        };
        let at = Timestamp(NOON + minute * MINUTE);
        let admission = park.pipeline.event(at, park::event(at.0, What::Sighting(sighting)));
        let live = park.pipeline.live();
        let zone = live.zones.iter().find(|zone| zone.occupancy == 1).map(|zone| zone.id.clone());
        (admission, zone.unwrap_or_default())
    };
    assert_eq!(at(-73.5650, 45.5050, 0), (Admission::Admitted, "plaza".into()));
    // Three metres west of the plaza's edge is within the margin, ten are not; then it takes ten seconds to settle.
    assert_eq!(at(-73.566_04, 45.5050, 1).1, "plaza");
    assert_eq!(at(-73.566_13, 45.5050, 2).1, "plaza");
    assert_eq!(at(-73.566_13, 45.5050, 3).1, "");
    assert_eq!(at(181.0, 0.0, 4).0, Admission::Dead(Reason::Malformed));
    assert_eq!(at(f64::NAN, 0.0, 4).0, Admission::Dead(Reason::Malformed));
}

#[test]
fn births_and_wills_are_told_from_old_ones() {
    let mut park = Park::new();
    let online = |park: &Park| park.pipeline.live().nodes[0].online;
    assert_eq!(online(&park), None);
    assert_eq!(park.life(true, 3, 7), Admission::Admitted);
    assert_eq!(park.life(true, 3, 7), Admission::Duplicate);
    assert_eq!(online(&park), Some(true));
    assert_eq!(park.life(false, 3, u32::MAX), Admission::Admitted);
    assert_eq!(online(&park), Some(false));
    assert_eq!(park.life(true, 3, 7), Admission::Duplicate, "the birth of the life that has ended");
    assert_eq!(park.life(true, 3, 900), Admission::Admitted);
    assert_eq!(park.life(false, 2, u32::MAX), Admission::Duplicate, "the will of an earlier boot");
    assert_eq!(online(&park), Some(true));
}

#[test]
fn every_refusal_has_its_reason() {
    let mut park = Park::new();
    let frame = park.frame(1, 0, NOON, |frame| frame.sighting = Some(park::sighting(0xa1)));
    let node = |name: &str| Role::Node(NodeName::new(name).unwrap());
    let mut say = |role, topic: &str, payload: &[u8]| {
        let admission = park.say(NOON, role, topic, payload);
        let Admission::Dead(reason) = admission else { panic!("{admission:?}") };
        assert_eq!(park.pipeline.take_batch().dead.last().unwrap().reason, reason);
        reason
    };
    let event = "node/plaza-1/event";
    assert_eq!(say(node("plaza-1"), "elsewhere", &frame), Reason::Topic);
    assert_eq!(say(node("plaza-1"), event, &[0; 5_000]), Reason::Oversized);
    assert_eq!(say(node("plaza-1"), event, &[0; 300]), Reason::Oversized);
    assert_eq!(say(node("plaza-1"), event, b"{}"), Reason::Malformed);
    assert_eq!(say(node("grill-1"), event, &frame), Reason::Impostor, "another's topic");
    assert_eq!(say(node("grill-1"), "node/grill-1/event", &frame), Reason::Impostor, "another's frame");
    assert_eq!(say(Role::Channel, event, &frame), Reason::Impostor);
    assert_eq!(say(node("ghost"), "node/ghost/event", &frame), Reason::UnknownNode);
    let mut forged = frame.clone();
    *forged.last_mut().unwrap() ^= 1;
    assert_eq!(say(node("plaza-1"), event, &forged), Reason::Forged);
    assert_eq!(say(Role::Source, "signal/nothing", br#"{"at":1784563200000,"value":1}"#), Reason::Unknown);
    assert_eq!(say(Role::Source, "signal/parking-full", br#"{"at":0,"value":1}"#), Reason::Ancient);
    assert_eq!(say(Role::Source, "signal/parking-full", br#"{"at":1}"#), Reason::Malformed);
    assert_eq!(say(Role::Channel, "signal/parking-full", br#"{"at":1,"value":1}"#), Reason::Impostor);
    assert_eq!(say(Role::Trusted, "offer/a", b"{}"), Reason::Topic);
    assert_eq!(park.say(NOON, node("plaza-1"), event, &frame), Admission::Admitted);
    assert_eq!(park.say(NOON, node("plaza-1"), event, &frame), Admission::Duplicate);
    let counters = park.pipeline.live().counters;
    assert_eq!((counters.received, counters.admitted, counters.duplicates), (16, 1, 1));
    assert_eq!(counters.dead.values().sum::<u64>(), 14);
}

#[test]
fn a_flood_of_garbage_is_counted_whole_and_kept_in_part() {
    let mut park = Park::new();
    for _ in 0..1_000 {
        park.say(NOON, Role::Trusted, "node/a/nowhere", &[7; 4_000]);
    }
    let batch = park.pipeline.take_batch();
    assert_eq!(batch.counters.dead[&Reason::Topic], 1_000);
    assert_eq!(batch.dead.len(), DEAD_MAX);
    assert_eq!(batch.dead[0].payload.len(), DeadLetter::PAYLOAD_MAX);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever comes in on whatever topic, nothing panics and every message is accounted for.
    #[test]
    fn garbage_is_data(
        topic in prop_oneof![
            any::<String>(),
            "turnpage/v1/harbour-park/(node/plaza-1/(event|birth)|signal/(parking-full|x)|(outcome|consent)/[a-z]{1,3})",
        ],
        payload in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300),
            r#"\{"(at|id|value|granted)":(-?[0-9]{1,20}|1e999|"[0-9a-f]{32}"|\[\[\[|null|true)(,"(value|outcome|purpose|at)":("accepted"|"offers"|[0-9]{13}))*\}"#
                .prop_map(String::into_bytes),
        ],
        now in any::<i64>().prop_map(|now| now.rem_euclid(1 << 48)),
    ) {
        let mut park = Park::new();
        let origin = Origin { client: "c".into(), role: Role::Trusted };
        park.pipeline.message(Timestamp(now), &origin, &topic, &payload);
        let counters = park.pipeline.take_batch().counters;
        let dead = counters.dead.values().sum::<u64>();
        prop_assert_eq!(counters.admitted + counters.duplicates + dead, 1);
    }

    /// A true frame with bytes changed is refused or, unchanged, taken.
    #[test]
    fn damaged_frames_are_refused(at in 0_usize..100, flip in any::<u8>()) {
        let mut park = Park::new();
        let mut frame = park.frame(1, 0, NOON, |frame| frame.sighting = Some(park::sighting(0xa1)));
        let at = at % frame.len();
        frame[at] ^= flip;
        let admission = park.say(NOON, Role::Trusted, "node/plaza-1/event", &frame);
        prop_assert_eq!(admission == Admission::Admitted, flip == 0);
    }
}
