//! Events that come late or overtake each other: the record is corrected, nobody is moved back, no stale offer is made.

use proptest::prelude::*;

use super::park::{MINUTE, NOON, Park, sighting};
use crate::batch::State;
use crate::options::Role;
use crate::{Admission, Timestamp};
use turnpage_firmware_wire as wire;

const SECOND: i64 = 1_000;
const HOUR: i64 = 60 * MINUTE;
/// A node of the park, by number and name. The coaster's may be ten minutes late.
const PLAZA: (u32, &str) = (1, "plaza-1");
const GRILL: (u32, &str) = (3, "grill-1");
const COASTER: (u32, &str) = (4, "coaster-1");
const NODES: [(u32, &str); 3] = [PLAZA, GRILL, COASTER];

/// Observations on their way, each node with sequence numbers of its own.
struct Day {
    park: Park,
    sequences: [u32; 5],
}

impl Day {
    fn of(park: Park) -> Self {
        Self { park, sequences: [0; 5] }
    }

    /// The park in the rain.
    fn wet() -> Self {
        let mut park = Park::new();
        park.rain(NOON, 200);
        Self::of(park)
    }

    fn frame(
        &mut self,
        now: i64,
        (node, name): (u32, &str),
        fill: impl FnOnce(&mut wire::Frame),
    ) -> Admission {
        self.sequences[node as usize] += 1;
        let frame = self.park.frame(node, 100 + self.sequences[node as usize], now, fill);
        self.park.say(now, Role::Trusted, &format!("node/{name}/event"), &frame)
    }

    /// What a node saw at a time of its own comes now.
    fn says(
        &mut self,
        now: i64,
        node: (u32, &str),
        at: i64,
        badge: u64,
        presence: wire::Presence,
    ) -> Admission {
        self.frame(now, node, |frame| {
            frame.header.at_ms = at.try_into().unwrap();
            frame.sighting = Some(wire::Sighting { presence, ..sighting(badge) });
        })
    }

    fn seen(&mut self, now: i64, node: (u32, &str), at: i64, badge: u64) -> Admission {
        self.says(now, node, at, badge, wire::Presence::Stay)
    }

    fn left(&mut self, now: i64, node: (u32, &str), at: i64, badge: u64) -> Admission {
        self.says(now, node, at, badge, wire::Presence::Leave)
    }

    fn rained(&mut self, now: i64, at: i64, rain: u16) -> Admission {
        self.frame(now, (2, "mast"), |frame| {
            frame.header.at_ms = at.try_into().unwrap();
            frame.weather = Some(wire::Weather { rain_centi_mm_h: Some(rain), ..wire::Weather::default() });
        })
    }

    /// Who is where: each zone with somebody in it.
    fn places(&self) -> Vec<(String, u32)> {
        let live = self.park.pipeline.live();
        let people = live.zones.iter().filter(|zone| zone.occupancy > 0);
        people.map(|zone| (zone.id.to_string(), zone.occupancy)).collect()
    }

    fn is_at(&self, zone: &str) -> bool {
        self.places() == [(zone.to_owned(), 1)]
    }

    fn late(&self) -> u64 {
        self.park.pipeline.live().counters.late
    }
}

#[test]
fn a_sighting_that_was_overtaken_moves_nobody_and_offers_nothing() {
    let mut day = Day::wet();
    day.seen(NOON + 20 * SECOND, GRILL, NOON + 20 * SECOND, 0xa1);
    assert_eq!(day.seen(NOON + 21 * SECOND, PLAZA, NOON + 10 * SECOND, 0xa1), Admission::Admitted);
    day.park.pipeline.advance(Timestamp(NOON + MINUTE));
    assert!(day.is_at("grill"), "{:?}", day.places());
    let batch = day.park.pipeline.take_batch();
    assert!(batch.outbox.is_empty(), "it stood in the rain before it went in");
    assert_eq!((day.late(), batch.counters.sightings), (1, 2), "counted, and in the log:");
    assert_eq!(batch.entries.len(), 3);
}

#[test]
fn two_good_clocks_may_be_apart_a_little() {
    let mut day = Day::wet();
    day.seen(NOON + 20 * SECOND, GRILL, NOON + 20 * SECOND, 0xa1);
    day.seen(NOON + 21 * SECOND, PLAZA, NOON + 18 * SECOND, 0xa1);
    day.park.pipeline.advance(Timestamp(NOON + MINUTE));
    assert!(day.is_at("plaza"), "{:?}", day.places());
    assert_eq!(day.late(), 0);
}

#[test]
fn a_clock_that_may_be_off_is_held_against_no_other() {
    for (first, second) in [(true, false), (false, true), (true, true)] {
        let mut day = Day::wet();
        let mut says = |node, at: i64, sure: bool| {
            day.frame(NOON + 30 * SECOND, node, |frame| {
                frame.header.at_ms = (NOON + at * SECOND).try_into().unwrap();
                frame.header.quality = if sure { wire::Quality::Synced } else { wire::Quality::Estimated };
                frame.sighting = Some(sighting(0xa1));
            });
        };
        says(GRILL, 20, !first);
        says(PLAZA, 10, !second);
        // What is known survives a restart.
        let state = folded(&mut day);
        let restored = Park::restored(state.clone());
        assert_eq!(restored.pipeline.state(), state);
        day.park.pipeline.advance(Timestamp(NOON + MINUTE));
        assert!(day.is_at("plaza"), "what comes later is taken for the later");
    }
}

fn folded(day: &mut Day) -> State {
    let mut state = State::default();
    state.absorb(day.park.pipeline.take_batch());
    state
}

#[test]
fn an_observer_ahead_of_time_makes_no_past_of_what_others_see() {
    let mut day = Day::wet();
    day.seen(NOON, GRILL, NOON + 4 * MINUTE, 0xa1);
    day.seen(NOON + 20 * SECOND, PLAZA, NOON + 20 * SECOND, 0xa1);
    day.park.pipeline.advance(Timestamp(NOON + MINUTE));
    assert!(day.is_at("plaza"), "{:?}", day.places());
}

#[test]
fn a_leave_says_nothing_of_elsewhere_and_nothing_new_of_here() {
    let mut day = Day::wet();
    day.left(NOON + 20 * SECOND, PLAZA, NOON + 20 * SECOND, 0xa1);
    day.seen(NOON + 21 * SECOND, GRILL, NOON + 10 * SECOND, 0xa1);
    assert!(day.is_at("grill"), "it was never known to be on the plaza");
    day.left(NOON + 30 * SECOND, GRILL, NOON + 5 * SECOND, 0xa1);
    day.park.pipeline.advance(Timestamp(NOON + MINUTE));
    assert!(day.is_at("grill"), "it came back after it had left");
    day.left(NOON + 2 * MINUTE, GRILL, NOON + 2 * MINUTE, 0xa1);
    day.seen(NOON + 2 * MINUTE + SECOND, GRILL, NOON + 90 * SECOND, 0xa1);
    day.park.pipeline.advance(Timestamp(NOON + 3 * MINUTE));
    assert_eq!(day.places(), [], "it was there before it left");
}

#[test]
fn a_node_may_be_given_a_longer_bound() {
    let mut day = Day::wet();
    let now = NOON + 5 * MINUTE;
    day.park.pipeline.advance(Timestamp(now));
    day.seen(now, COASTER, NOON + MINUTE, 0xa1);
    assert_eq!((day.late(), day.park.offers().len()), (0, 1), "within its ten minutes");
    day.seen(now, PLAZA, NOON + MINUTE, 0xa2);
    assert_eq!((day.late(), day.park.offers().len()), (1, 0), "for others a minute is the bound");
    let now = NOON + 30 * MINUTE;
    day.seen(now, COASTER, now - 11 * MINUTE, 0xa3);
    assert_eq!((day.late(), day.park.offers().len()), (2, 0));
}

#[test]
fn a_backlog_of_two_hours_corrects_the_record_while_another_node_sees_the_same_visitor() {
    let mut day = Day::wet();
    day.rained(NOON + 2 * HOUR, NOON + 2 * HOUR, 200);
    let now = NOON + 2 * HOUR;
    day.seen(now, PLAZA, now, 0xa1);
    assert_eq!(day.park.offers().len(), 1);
    let (before, late) = (day.park.pipeline.live(), day.late());
    for minute in 0..100 {
        let at = NOON + minute * MINUTE;
        assert_eq!(day.seen(now + minute, COASTER, at, 0xa1), Admission::Admitted);
        // This one was seen nowhere else since.
        assert_eq!(day.seen(now + minute, COASTER, at, 0xa2), Admission::Admitted);
    }
    let batch = day.park.pipeline.take_batch();
    assert_eq!(batch.entries.len(), 200, "all of it is in the log");
    assert!(batch.outbox.is_empty() && batch.decisions.is_empty(), "none of it is news for a journey");
    assert_eq!(day.late(), late + 200, "all of it is later than its node may be");
    assert!(day.places().contains(&("plaza".to_owned(), 1)), "{:?}", day.places());
    assert!(day.places().contains(&("coaster".to_owned(), 1)), "{:?}", day.places());
    assert_eq!(before.zones.len(), day.park.pipeline.live().zones.len());
    day.park.pipeline.advance(Timestamp(now + 29 * MINUTE));
    assert!(day.is_at("plaza"), "gone half an hour after it was seen last");
}

#[test]
fn a_backlog_of_rain_that_is_over_offers_nothing() {
    let mut day = Day::of(Park::new());
    let now = NOON + HOUR;
    day.seen(now, PLAZA, now, 0xa1);
    for minute in [10, 20, 30] {
        day.rained(now, NOON + minute * MINUTE, 200);
    }
    day.rained(now, now, 0);
    assert_eq!(day.park.offers(), [""; 0]);
    assert_eq!(day.late(), 3);
    day.rained(now + MINUTE, now + MINUTE, 200);
    assert_eq!(day.park.offers().len(), 1, "rain that falls now");
}

/// What one visitor was seen to do: at which node, so many seconds after the sighting before.
fn walk() -> impl Strategy<Value = Vec<(usize, i64)>> {
    prop::collection::vec((0..NODES.len(), 4..7_i64), 1..9)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever the order in which sightings come, as long as none is late: the visitor ends up where it was seen last, and
    /// is offered nothing that it would not have been offered.
    #[test]
    fn order_within_the_bound_changes_no_end_and_makes_no_offers(walk in walk(), keys in prop::collection::vec(any::<u32>(), 9)) {
        let mut at = NOON;
        let seen: Vec<_> = walk.into_iter().map(|(node, gap)| { at += gap * SECOND; (NODES[node], at) }).collect();
        let run = |order: &[((u32, &str), i64)], after: i64| {
            let mut park = Park::unsettled();
            park.rain(NOON, 200);
            let mut day = Day::of(park);
            let mut offers = Vec::new();
            for (node, at) in order {
                day.seen((*at).max(after), *node, *at, 0xa1);
                offers.extend(day.park.offers());
            }
            day.park.pipeline.advance(Timestamp(at + 2 * MINUTE));
            offers.extend(day.park.offers());
            (day.places(), offers)
        };
        let (place, offers) = run(&seen, NOON);
        let mut shuffled: Vec<_> = keys.iter().zip(&seen).collect();
        shuffled.sort();
        let shuffled: Vec<_> = shuffled.into_iter().map(|(_, seen)| *seen).collect();
        let (place_shuffled, offers_shuffled) = run(&shuffled, at);
        prop_assert_eq!(place_shuffled, place);
        prop_assert!(offers_shuffled.iter().all(|offer| offers.contains(offer)), "{:?}, {:?}", offers_shuffled, offers);
        prop_assert!(offers_shuffled.len() <= offers.len());
    }
}
