//! Subjects that several receivers hear: one place at a time, and nothing fires late.

use super::park::{MINUTE, NOON, Park, event};
use crate::Timestamp;
use crate::batch::Reason;
use crate::event::{Heard, Reception, What};
use crate::id::{ReceiverName, SubjectName};
use crate::pipeline::Admission;

const SECOND: i64 = 1_000;

/// A receiver heard the one subject of these tests at `at`; the gateway learns of it at `now`.
fn heard(park: &mut Park, now: i64, at: i64, receiver: &str, dbm: f64) -> Admission {
    let reception = Reception {
        subject: SubjectName::new("a1").unwrap(),
        role: Some("guest".to_owned()),
        receiver: ReceiverName::new(receiver).unwrap(),
        heard: Heard::Dbm { dbm, at_one_metre: None },
    };
    park.pipeline.event(Timestamp(now), event(at, What::Reception(reception)))
}

/// The zones with somebody in them.
fn occupied(park: &Park) -> Vec<String> {
    let zones = park.pipeline.live().zones;
    zones.into_iter().filter(|zone| zone.occupancy > 0).map(|zone| zone.id).collect()
}

#[test]
fn who_is_heard_through_a_wall_is_entered_once() {
    let mut park = Park::new();
    for tick in 0..60 {
        let at = NOON + tick * 2 * SECOND;
        // Every third reception of the near receiver is shadowed by 15 dB.
        let near = if tick % 3 == 2 { -80.0 } else { -65.0 };
        assert_eq!(heard(&mut park, at, at, "bar", near), Admission::Admitted);
        assert_eq!(heard(&mut park, at, at, "square", -74.0), Admission::Admitted);
        assert_eq!(occupied(&park), ["grill"]);
    }
    assert_eq!(park.pipeline.live().counters.entries, 1);
}

#[test]
fn who_walks_over_is_entered_there_after_a_while() {
    let mut park = Park::new();
    let mut walk = |from: i64, bar: f64, square: f64| {
        for tick in 0..30 {
            let at = NOON + from + tick * 2 * SECOND;
            heard(&mut park, at, at, "bar", bar);
            heard(&mut park, at, at, "square", square);
        }
        occupied(&park)
    };
    assert_eq!(walk(0, -60.0, -80.0), ["grill"]);
    assert_eq!(walk(MINUTE, -80.0, -60.0), ["plaza"]);
    assert_eq!(park.pipeline.live().counters.entries, 2);
}

#[test]
fn late_receptions_correct_the_record_and_offer_nothing() {
    let mut park = Park::new();
    park.rain(NOON, 200);
    assert_eq!(heard(&mut park, NOON + 10 * MINUTE, NOON + MINUTE, "square", -60.0), Admission::Admitted);
    assert_eq!(occupied(&park), ["plaza"], "the record says where the subject was last");
    assert_eq!(heard(&mut park, NOON + 10 * MINUTE, NOON, "bar", -40.0), Admission::Admitted);
    assert_eq!(occupied(&park), ["plaza"], "what was before that changes nothing");
    let batch = park.pipeline.take_batch();
    assert!(batch.outbox.is_empty() && batch.decisions.is_empty(), "{batch:?}");
    assert_eq!(park.pipeline.live().counters.late, 2);
    let now = NOON + 10 * MINUTE;
    heard(&mut park, now, now, "square", -60.0);
    assert_eq!(park.pipeline.take_batch().outbox.len(), 1, "in time, the same place is offered cocoa");
}

#[test]
fn what_nobody_can_have_heard_is_a_dead_letter() {
    let mut park = Park::new();
    assert_eq!(heard(&mut park, NOON, NOON, "attic", -60.0), Admission::Dead(Reason::Unknown));
    assert_eq!(heard(&mut park, NOON, NOON, "bar", 900.0), Admission::Dead(Reason::Malformed));
    assert_eq!(park.pipeline.live().subjects, 0);
}
