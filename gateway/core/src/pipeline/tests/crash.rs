//! A crash anywhere: what comes back from the batches does what the pipeline that never crashed does.

use proptest::prelude::*;

use super::park::{EDITIONS, MINUTE, NOON, Park, event, number};
use turnpage_journeys_engine::Outcome;

use crate::Timestamp;
use crate::batch::{Batch, Cause, Settlement, State};
use crate::event::{Heard, Place, Presence, Purpose, Reception, Sighting, Weather, What};
use crate::id::{OfferId, ReceiverName, SubjectName, ZoneName};
use crate::pipeline::Repeat;

#[derive(Clone, Debug)]
enum Act {
    Seen {
        who: u8,
        zone: usize,
        left: bool,
        behind: i64,
    },
    Heard {
        who: u8,
        receiver: usize,
        dbm: f64,
        behind: i64,
    },
    Rain(f64),
    Queue(f64),
    Consent {
        who: u8,
        granted: bool,
    },
    Answer {
        nth: usize,
        outcome: usize,
    },
    Settle(usize),
    /// A request under a key, of a body.
    Request {
        key: u8,
        body: u8,
    },
    /// Another edition of venue and journeys.
    Edition(usize),
    Wait,
}

fn act() -> impl Strategy<Value = Act> {
    let behind = prop_oneof![4 => Just(0), 1 => 0..10 * MINUTE];
    prop_oneof![
        6 => (0_u8..5, 0_usize..5, prop::bool::weighted(0.2), behind)
            .prop_map(|(who, zone, left, behind)| Act::Seen { who, zone, left, behind }),
        4 => (0_u8..5, 0_usize..3, -100.0_f64..-40.0, prop_oneof![4 => Just(0), 1 => 0..10 * MINUTE])
            .prop_map(|(who, receiver, dbm, behind)| Act::Heard { who, receiver, dbm, behind }),
        2 => prop_oneof![Just(0.0), Just(0.7), Just(3.0)].prop_map(Act::Rain),
        1 => (0..3).prop_map(|value| Act::Queue(f64::from(value))),
        1 => (0_u8..5, any::<bool>()).prop_map(|(who, granted)| Act::Consent { who, granted }),
        2 => (0_usize..8, 0_usize..6).prop_map(|(nth, outcome)| Act::Answer { nth, outcome }),
        1 => (0_usize..8).prop_map(Act::Settle),
        2 => (0_u8..3, 0_u8..2).prop_map(|(key, body)| Act::Request { key, body }),
        1 => (0..EDITIONS).prop_map(Act::Edition),
        1 => Just(Act::Wait),
    ]
}

/// The offers that have been seen leaving, so that answers have something to answer.
type Known = Vec<(SubjectName, OfferId)>;

fn apply(park: &mut Park, known: &Known, now: i64, act: &Act) {
    let who = |who: u8| SubjectName::new(&format!("s{who}")).unwrap();
    let (at, what) = match act {
        Act::Seen { who: subject, zone, left, behind } => {
            let zone = ["parking", "plaza", "grill", "terrace", "coaster"][*zone];
            let place = Place::Zone(ZoneName::new(zone).unwrap());
            let presence = if *left { Presence::Left } else { Presence::Seen };
            let sighting = Sighting { subject: who(*subject), role: None, place, presence };
            (now - behind, What::Sighting(sighting))
        }
        Act::Heard { who: subject, receiver, dbm, behind } => {
            let receiver = ReceiverName::new(["bar", "terrace-1", "square"][*receiver]).unwrap();
            let heard = Heard::Dbm { dbm: *dbm, at_one_metre: None };
            let reception = Reception { subject: who(*subject), role: None, receiver, heard };
            (now - behind, What::Reception(reception))
        }
        Act::Rain(rain) => {
            let place = Place::Zone(ZoneName::new("plaza").unwrap());
            (now, What::Weather { place, reading: Weather { rain: Some(*rain), ..Weather::default() } })
        }
        Act::Queue(value) => (now, What::Signal { name: "wait-coaster".into(), value: *value }),
        Act::Consent { who: subject, granted } => {
            (now, What::Consent { subject: who(*subject), purpose: Purpose::Offers, granted: *granted })
        }
        Act::Answer { nth, outcome } => {
            let Some((subject, offer)) = known.get(*nth % known.len().max(1)).cloned() else { return };
            (now, What::Outcome { subject, offer, outcome: Outcome::ALL[*outcome] })
        }
        Act::Settle(nth) => {
            if let Some((_, offer)) = known.get(*nth % known.len().max(1)) {
                park.pipeline.settle(Timestamp(now), *offer, Settlement::Delivered);
            }
            return;
        }
        Act::Request { key, body } => {
            let (now, key, body) = (Timestamp(now), key.to_string(), [*body; 32]);
            if park.pipeline.repeat(now, "till", &key, &body) == Repeat::No {
                let signal = event(now.0, What::Signal { name: "wait-coaster".into(), value: 7.0 });
                let admission = park.pipeline.event(now, signal);
                park.pipeline.answered(now, "till", &key, &body, vec![admission]);
            }
            return;
        }
        Act::Edition(which) => return park.edition(now, *which),
        Act::Wait => {
            park.pipeline.advance(Timestamp(now));
            return;
        }
    };
    park.pipeline.event(Timestamp(now), event(at, what));
}

/// Runs acts, a batch each; crashes before the acts in `crashes`. The batches, and the state they fold into.
fn run(acts: &[(i64, Act)], crashes: &[usize]) -> (Vec<Batch>, State) {
    let (mut park, mut state, mut known) = (Park::new(), State::default(), Known::new());
    let (mut now, mut batches) = (NOON, Vec::new());
    for (place, (gap, act)) in acts.iter().enumerate() {
        if crashes.contains(&place) {
            park = Park::restored(state.clone());
        }
        now += gap;
        apply(&mut park, &known, now, act);
        let batch = park.pipeline.take_batch();
        known.extend(batch.outbox.iter().map(|offer| (offer.subject.clone(), offer.id)));
        state.absorb(batch.clone());
        let before = batches.last().map(|batch: &Batch| batch.now);
        assert!(before.is_none_or(|before| state.now >= before), "logical time goes back");
        batches.push(batch);
        assert_eq!(park.pipeline.state(), state, "batches fold into the state");
    }
    (batches, state)
}

/// How the machine's clock goes on: mostly as it should, sometimes it is set back or forward.
fn gap() -> impl Strategy<Value = i64> {
    prop_oneof![
        16 => 0..40 * MINUTE,
        1 => -90 * MINUTE..0,
        1 => Just(24 * 60 * MINUTE),
        1 => Just(-24 * 60 * MINUTE),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_crash_anywhere_changes_nothing(
        acts in prop::collection::vec((gap(), act()), 1..40),
        crashes in prop::collection::vec(0_usize..40, 1..6),
    ) {
        let (smooth, state) = run(&acts, &[]);
        let (crashed, restored) = run(&acts, &crashes);
        prop_assert_eq!(&smooth, &crashed);
        prop_assert_eq!(&state, &restored);

        // The log alone makes the same day.
        let mut park = Park::new();
        let mut replayed = State::default();
        let mut offers = Vec::new();
        for entry in smooth.iter().flat_map(|batch| batch.entries.clone()) {
            match entry.cause {
                Cause::Event(event) => {
                    park.pipeline.event(entry.now, event);
                }
                Cause::Tick => park.pipeline.advance(entry.now),
                Cause::Edition(digest) => park.edition(entry.now.0, number(digest)),
            }
            let batch = park.pipeline.take_batch();
            offers.extend(batch.outbox.clone());
            replayed.absorb(batch);
        }
        prop_assert_eq!(offers, smooth.into_iter().flat_map(|batch| batch.outbox).collect::<Vec<_>>());
        prop_assert_eq!(replayed.subjects, state.subjects);
        prop_assert_eq!(replayed.stays, state.stays);
        prop_assert_eq!(replayed.house.get("edition"), state.house.get("edition"));
        prop_assert_eq!(replayed.outbox, state.outbox);
    }
}
