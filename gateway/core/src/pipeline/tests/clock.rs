//! The machine's clock is set back or forward while the gateway runs: nothing fires twice, nobody becomes invisible.
//!
//! That a crash and a replay of the log change nothing under such clocks is a property of crash.rs.

use super::park::{MINUTE, NOON, Park};
use crate::event::TimeQuality;
use crate::{Admission, Settlement, Timestamp};

const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn offered() -> Park {
    let mut park = Park::new();
    park.rain(NOON, 200);
    park.badge(NOON, 0xa1);
    assert_eq!(park.offers().len(), 1);
    park
}

#[test]
fn set_back_an_hour_the_gateway_still_sees_what_happens_now() {
    let mut park = offered();
    let now = NOON - HOUR;
    // By a node that was set back with it, by one that was right all the time: their clocks say the same now.
    assert_eq!(park.seen(now, now, 0xa2, TimeQuality::Synced), Admission::Admitted);
    assert_eq!(park.offers(), ["00000000000000a2 cocoa"], "whoever is seen now is offered cocoa now");
    assert_eq!(park.pipeline.live().counters.late, 0);
    let entered = park.pipeline.live().counters.entries;
    park.pipeline.advance(Timestamp(now + MINUTE));
    assert_eq!(park.seen(now + MINUTE, now + MINUTE, 0xa1, TimeQuality::Synced), Admission::Admitted);
    let live = park.pipeline.live();
    assert_eq!(
        (live.counters.late, live.counters.entries),
        (0, entered),
        "seen at noon, and it is not noon yet"
    );
    assert!(park.pipeline.state().now >= Timestamp(NOON), "logical time does not go back");
    assert_eq!(park.pipeline.next_due(), Some(Timestamp(NOON + 20 * MINUTE)), "and waits for the clock");
}

#[test]
fn set_back_nothing_fires_twice() {
    let mut park = offered();
    park.pipeline.advance(Timestamp(NOON + 20 * MINUTE));
    let expired = park.pipeline.take_batch();
    assert_eq!(expired.settled.iter().filter(|settled| settled.how == Settlement::Expired).count(), 1);
    let timers = park.pipeline.live().counters.timers;
    for now in [NOON - HOUR, NOON, NOON + 20 * MINUTE] {
        park.pipeline.advance(Timestamp(now));
        let batch = park.pipeline.take_batch();
        assert!(batch.settled.is_empty() && batch.outbox.is_empty() && batch.entries.is_empty(), "{batch:?}");
    }
    assert_eq!(park.pipeline.live().counters.timers, timers);
}

#[test]
fn a_day_ahead_what_is_due_fires_once_and_what_ran_out_is_taken_back() {
    let mut park = offered();
    park.pipeline.advance(Timestamp(NOON + DAY));
    let batch = park.pipeline.take_batch();
    assert_eq!(batch.settled.len(), 1, "the cocoa of yesterday");
    assert!(batch.outbox.is_empty(), "{batch:?}");
    let live = park.pipeline.live();
    assert_eq!(
        live.zones.iter().map(|zone| zone.occupancy).sum::<u32>(),
        0,
        "unseen for half an hour is gone"
    );
    assert_eq!(live.journeys[0].pages[0], ("strolling".into(), 1));
    park.pipeline.advance(Timestamp(NOON + DAY));
    assert!(park.pipeline.take_batch().is_empty());
    // It was a mistake, and the clock is right again: whoever is there is seen, and rain is rain.
    let now = NOON + MINUTE;
    park.rain(now, 300);
    assert_eq!(park.seen(now, now, 0xa2, TimeQuality::Synced), Admission::Admitted);
    assert_eq!(park.pipeline.live().zones[1].occupancy, 1);
    assert_eq!(park.pipeline.live().counters.late, 0);
}

#[test]
fn a_node_that_jumps_is_bounded() {
    let mut park = offered();
    let now = NOON + MINUTE;
    let far = park.seen(now, now + HOUR, 0xa1, TimeQuality::Synced);
    assert_eq!(far, Admission::Dead(crate::Reason::Future));
    let back = park.seen(now, now - HOUR, 0xa1, TimeQuality::Synced);
    assert_eq!(back, Admission::Admitted, "kept, and counted as late");
    assert_eq!((park.pipeline.live().counters.late, park.offers().len()), (1, 0));
    // It says itself that it does not know the time, and speaks of now.
    assert_eq!(park.seen(now, 0, 0xa2, TimeQuality::Unknown), Admission::Admitted);
    assert_eq!(park.offers().len(), 1);
}
