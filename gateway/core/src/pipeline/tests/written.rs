//! What a batch writes of a subject: where it is, and its record only where more has changed.

use super::park::{MINUTE, NOON, Park, event, sighting};
use super::*;
use crate::batch::State;
use crate::event::{Heard, Profile, Reception, Said};
use crate::id::{NodeName, ReceiverName};
use crate::subject::old;

/// Names of those whose records, and of those whose whereabouts a batch holds.
fn written(park: &mut Park, state: &mut State) -> (usize, usize) {
    let batch = park.pipeline.take_batch();
    let written = (batch.subjects.len(), batch.stays.len());
    state.absorb(Batch::from_bytes(&batch.to_bytes().unwrap()).unwrap());
    assert_eq!(*state, park.pipeline.state(), "batches fold into the state");
    written
}

#[test]
fn a_sighting_that_turns_nothing_writes_where_somebody_is_and_no_more() {
    let (mut park, mut state) = (Park::new(), State::default());
    park.badge(NOON, 0xa1);
    assert_eq!(written(&mut park, &mut state), (1, 1), "a stranger is new");
    park.badge(NOON + MINUTE, 0xa1);
    assert_eq!(written(&mut park, &mut state), (0, 1));
    park.rain(NOON + 2 * MINUTE, 200);
    assert_eq!(written(&mut park, &mut state), (1, 1), "the journey turns a page and makes an offer");
    let mut park = Park::restored(state.clone());
    let frame = park.frame(1, 100, NOON + 3 * MINUTE, |frame| frame.sighting = Some(sighting(0xa1)));
    park.say(NOON + 3 * MINUTE, Role::Trusted, "node/plaza-1/event", &frame);
    assert_eq!(written(&mut park, &mut state), (0, 1), "a restart writes no more than before");
    park.pipeline.advance(Timestamp(NOON + 22 * MINUTE));
    assert_eq!(written(&mut park, &mut state), (1, 1), "the offer expires");
    park.pipeline.advance(Timestamp(NOON + 8 * 24 * 60 * MINUTE));
    written(&mut park, &mut state);
    assert_eq!((state.subjects.len(), state.stays.len()), (0, 0), "whoever is forgotten is nowhere");
}

#[test]
fn records_of_the_old_layouts_are_read_and_written_anew() {
    let mut park = Park::new();
    park.rain(NOON, 200);
    park.badge(NOON, 0xa1);
    let name = |badge: u64| SubjectName::new(&format!("{badge:016x}")).unwrap();
    for badge in [0xa2, 0xa4] {
        let profile = Profile { language: Said::Is("fr".into()), ..Profile::default() };
        let said = What::Profile { subject: name(badge), profile };
        park.pipeline.event(Timestamp(NOON), event(NOON, said));
    }
    for badge in [0xa3, 0xa4] {
        let receiver = ReceiverName::new("bar").unwrap();
        let heard = Heard::Dbm { dbm: -60.0, at_one_metre: None };
        let reception = Reception { subject: name(badge), role: None, receiver, heard };
        let estimated =
            ContextEvent { quality: TimeQuality::Estimated, ..event(NOON, What::Reception(reception)) };
        park.pipeline.event(Timestamp(NOON), estimated);
    }
    park.pipeline.take_batch();
    let state = park.pipeline.state();
    let mut before = State { stays: BTreeMap::new(), ..state.clone() };
    let mut layouts = Vec::new();
    for (name, bytes) in &mut before.subjects {
        let ix = park.pipeline.find(name).unwrap();
        let (subject, engine) = (park.pipeline.subject(ix).unwrap(), park.pipeline.engine.save(ix).unwrap());
        *bytes = old::save(subject, &engine, &park.pipeline.venue);
        layouts.push(bytes[0]);
    }
    assert_eq!(layouts, [1, 2, 0x83, 0x83], "plain, told of, heard, and both");
    let mut restored = Park::restored(before.clone());
    assert_eq!(restored.pipeline.state(), state);
    restored.badge(NOON + MINUTE, 0xa1);
    let batch = restored.pipeline.take_batch();
    assert_eq!((batch.subjects.len(), batch.stays.len()), (1, 1), "of whoever has come by since");
    before.absorb(batch);
    assert_eq!(
        Park::restored(before).pipeline.state(),
        restored.pipeline.state(),
        "old and new side by side"
    );
}

#[test]
fn a_state_in_which_somebody_is_nowhere_or_nobody_is_somewhere_is_damaged() {
    let mut park = Park::new();
    park.badge(NOON, 0xa1);
    let state = park.pipeline.state();
    let restore = |state| {
        let (venue, library) = (park.pipeline.venue.clone(), park.pipeline.library().clone());
        Pipeline::restore(venue, library, Keys::default(), Options::default(), state).err()
    };
    assert!(restore(state.clone()).is_none());
    assert!(restore(State { stays: BTreeMap::new(), ..state.clone() }).is_some());
    assert!(restore(State { subjects: BTreeMap::new(), ..state }).is_some());
}

#[test]
fn a_frame_that_a_door_opened_has_the_same_fate() {
    let mut park = Park::new();
    let frame = park.frame(1, 1, NOON, |frame| frame.sighting = Some(sighting(0xa1)));
    let (now, topic) = (Timestamp(NOON), "turnpage/v1/harbour-park/node/plaza-1/event");
    let origin = Origin { client: "c".into(), role: Role::Trusted };
    let unsealed = park.pipeline.gate().open(&origin.role, topic, &frame);
    assert!(unsealed.is_some());
    let say = |park: &mut Park| park.pipeline.opened(now, &origin, topic, &frame, unsealed.as_ref());
    assert_eq!(say(&mut park), Admission::Admitted);
    assert_eq!(say(&mut park), Admission::Duplicate);
    park.pipeline.rekey(&Keys::default());
    assert_eq!(say(&mut park), Admission::Dead(Reason::UnknownNode), "it was opened under other keys");
}

#[test]
fn what_a_door_could_not_open_is_refused_as_if_it_had_not_looked() {
    let park = Park::new();
    let good = park.frame(1, 1, NOON, |frame| frame.sighting = Some(sighting(0xa1)));
    let stranger = park.frame(9, 1, NOON, |frame| frame.sighting = Some(sighting(0xa1)));
    let mut forged = good.clone();
    *forged.last_mut().unwrap() ^= 1;
    let long = [0; 5_000];
    let payloads = [&good[..], &stranger, &forged, good.get(1..).unwrap(), &[], &long];
    let roles = ["plaza-1", "other"].map(|name| Role::Node(NodeName::new(name).unwrap()));
    let roles = roles.into_iter().chain([Role::Trusted, Role::Channel]);
    let origins: Vec<_> = roles.map(|role| Origin { client: "c".into(), role }).collect();
    for topic in ["plaza-1/event", "plaza-1/birth", "plaza-9/event", "plaza-1/config", "plaza-1"] {
        let topics = ["harbour-park", "other"].map(|venue| format!("turnpage/v1/{venue}/node/{topic}"));
        for (topic, payload) in topics.iter().flat_map(|topic| payloads.map(|payload| (topic, payload))) {
            for origin in &origins {
                let [looked, not] = [true, false].map(|looks| {
                    let mut park = Park::new();
                    let unsealed = park.pipeline.gate().open(&origin.role, topic, payload);
                    let unsealed = unsealed.filter(|_| looks);
                    let now = Timestamp(NOON);
                    let fate = park.pipeline.opened(now, origin, topic, payload, unsealed.as_ref());
                    (fate, park.pipeline.take_batch())
                });
                assert_eq!(looked, not, "{topic} by {origin:?}: {payload:?}");
            }
        }
    }
}
