//! Rooms do not flap, order hardly matters, and what is kept is bounded. The study on recordings is in study.rs.

mod study;

use std::sync::OnceLock;

use proptest::prelude::*;

use super::*;
use crate::event::Heard;
use crate::venue::{SourceFile, VENUE_FILE};

const VENUE: &str = "
venue: flat
time_zone: Europe/Berlin
kinds: [room]
roles: [guest]
zones: [{ id: hall, kind: room }, { id: kitchen, kind: room }]
receivers: [{ name: hall-1, zone: hall }, { name: kitchen-1, zone: kitchen }, { name: kitchen-2, zone: kitchen, offset: -4 }]
";
const HALL: ZoneIx = ZoneIx(0);
const KITCHEN: ZoneIx = ZoneIx(1);

/// Reading it is dear, and hundreds of cases want the same.
fn venue() -> &'static Venue {
    static READ: OnceLock<Venue> = OnceLock::new();
    READ.get_or_init(|| Venue::read(&[SourceFile { name: VENUE_FILE, text: VENUE }]).unwrap())
}

/// The zone after each reception of (second, receiver, nearness), starting nowhere.
fn zones(venue: &Venue, heard: &[(i64, usize, f64)]) -> Vec<Option<ZoneIx>> {
    let (mut radio, mut current) = (Radio::default(), None);
    let step = |(second, receiver, nearness): &(i64, usize, f64)| {
        radio.hear(*receiver, *nearness, Timestamp(second * 1_000), &venue.radio);
        current = radio.fix(current, &venue.radio, venue).and_then(|fix| fix.zone);
        current
    };
    heard.iter().map(step).collect()
}

#[test]
fn somebody_who_turns_round_stays_in_the_room() {
    let venue = venue();
    // In the hall, heard through the wall; a body in the way takes 12 dB for a reception.
    let heard = [
        (0, 0, -10.0),
        (0, 1, -18.0),
        (2, 0, -11.0),
        (2, 1, -17.0),
        (4, 0, -22.0),
        (4, 1, -16.0),
        (6, 0, -10.0),
        (6, 1, -18.0),
        (8, 0, -21.0),
        (8, 1, -17.0),
        (10, 0, -9.0),
        (10, 1, -18.0),
    ];
    assert_eq!(zones(venue, &heard), vec![Some(HALL); heard.len()]);
    let strongest: Vec<usize> =
        heard.chunks(2).map(|pair| if pair[0].2 > pair[1].2 { 0 } else { 1 }).collect();
    assert_eq!(strongest, [0, 0, 1, 0, 1, 0], "the strongest receiver would have moved them four times");
}

#[test]
fn somebody_who_walks_over_arrives() {
    let venue = venue();
    let mut heard: Vec<_> = (0..10).map(|second| (second, 0, -10.0)).collect();
    heard.extend((10..40).flat_map(|second| [(second, 0, -24.0), (second, 1, -9.0)]));
    let zones = zones(venue, &heard);
    let arrived = zones.iter().position(|zone| *zone == Some(KITCHEN)).unwrap();
    assert!(heard[arrived].0 <= 16, "they arrive after {} s", heard[arrived].0 - 10);
    assert!(zones[arrived..].iter().all(|zone| *zone == Some(KITCHEN)), "and stay");
}

#[test]
fn a_receiver_that_falls_silent_loses_its_say() {
    let venue = venue();
    let mut heard = vec![(0, 0, -5.0)];
    heard.extend((1..40).map(|second| (second, 1, -20.0)));
    let zones = zones(venue, &heard);
    assert_eq!((zones[1], zones[39]), (Some(HALL), Some(KITCHEN)));
}

#[test]
fn receivers_are_calibrated_and_agree_on_what_they_measure() {
    let venue = venue();
    let nearness = |receiver: usize, heard| venue.radio.nearness(heard, &venue.receivers[receiver]);
    let dbm = |dbm, at_one_metre| Heard::Dbm { dbm, at_one_metre };
    assert_eq!(nearness(0, dbm(-84.0, None)), Some(-25.0));
    assert_eq!(nearness(0, Heard::Metres(10.0)), Some(-25.0), "10 m at a path loss of 2.5");
    assert_eq!(nearness(2, dbm(-84.0, Some(-65.0))), Some(-23.0), "and 4 dB for the receiver");
    assert_eq!(nearness(0, Heard::Metres(0.0)), nearness(0, Heard::Metres(0.1)));
    for impossible in [dbm(f64::NAN, None), dbm(200.0, None), dbm(-60.0, Some(f64::INFINITY))] {
        assert_eq!(nearness(0, impossible), None);
    }
    for impossible in [f64::NAN, -1.0, 1e9] {
        assert_eq!(nearness(0, Heard::Metres(impossible)), None);
    }
}

#[test]
fn a_venue_that_changed_its_receivers_keeps_those_it_still_has() {
    let venue = venue();
    let mut radio = Radio::default();
    radio.hear(0, -10.0, Timestamp(0), &venue.radio);
    radio.hear(1, -12.0, Timestamp(5), &venue.radio);
    let bytes = postcard::to_stdvec(&radio.saved(venue)).unwrap();
    assert_eq!(Radio::read(postcard::from_bytes(&bytes).unwrap(), venue), radio);
    let text = VENUE.replace("{ name: hall-1, zone: hall }, ", "");
    let edited = Venue::read(&[SourceFile { name: VENUE_FILE, text: &text }]).unwrap();
    let kept = Radio::read(postcard::from_bytes(&bytes).unwrap(), &edited);
    assert_eq!(kept.ears.iter().map(|ear| (ear.receiver, ear.level)).collect::<Vec<_>>(), [(0, -12.0)]);
}

proptest! {
    /// Receptions that arrive in another order, within the silence, say the same.
    #[test]
    fn order_hardly_matters(heard in prop::collection::vec((0_i64..25_000, 0_usize..3, -60.0_f64..0.0), 1..30)) {
        let venue = venue();
        let hear = |heard: &[(i64, usize, f64)]| {
            let mut radio = Radio::default();
            heard.iter().for_each(|(ms, receiver, near)| radio.hear(*receiver, *near, Timestamp(*ms), &venue.radio));
            radio
        };
        let as_it_came = hear(&heard);
        let mut in_order = heard;
        in_order.sort_by_key(|(ms, ..)| *ms);
        let in_order = hear(&in_order);
        prop_assert_eq!(as_it_came.ears.len(), in_order.ears.len());
        for (a, b) in as_it_came.ears.iter().zip(&in_order.ears) {
            prop_assert_eq!((a.receiver, a.at), (b.receiver, b.at));
            prop_assert!((a.level - b.level).abs() < 1e-6 && (a.weight - b.weight).abs() < 1e-6);
        }
    }

    /// Whatever is heard, whenever: bounded, finite, sorted, and a fix is a zone of a receiver that the venue has.
    #[test]
    fn whatever_is_heard_the_state_is_bounded(
        heard in prop::collection::vec((any::<i64>(), 0_usize..40, -200.0_f64..100.0), 1..80),
    ) {
        let venue = venue();
        let mut radio = Radio::default();
        for (ms, receiver, near) in heard {
            radio.hear(receiver, near, Timestamp(ms), &venue.radio);
            prop_assert!(radio.ears.len() <= EARS_MAX && radio.ears.is_sorted_by_key(|ear| ear.receiver));
            prop_assert!(radio.ears.iter().all(|ear| ear.level.is_finite() && ear.weight > 0.0));
            let _ = radio.fix(Some(HALL), &venue.radio, venue);
        }
    }
}
