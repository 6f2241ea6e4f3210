//! The venue's time zone as the plain table of offsets that the engine reads.
//!
//! The only place that knows the time zone database. Next: the engine's offsets.rs.

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use turnpage_journeys_engine::{Offsets, Transition};

use crate::Timestamp;

/// The table begins here: 1970-01-01, the epoch.
const FROM_S: i64 = 0;
/// The table ends here: 2100-01-01. Later instants keep the last offset.
const UNTIL_S: i64 = 4_102_444_800;
/// No zone of the database has changed twice within this: the search looks at one instant in each stretch.
const STRIDE_S: i64 = 86_400;

/// Every change of the zone's offset from 1970 to 2100.
pub(super) fn offsets(zone: Tz) -> Offsets {
    let mut transitions = Vec::new();
    let before = offset_s(zone, FROM_S);
    let mut from = (FROM_S, before);
    while from.0 < UNTIL_S {
        let next = (from.0 + STRIDE_S).min(UNTIL_S);
        let next = (next, offset_s(zone, next));
        if next.1 != from.1 {
            let at = first_change(zone, from, next.0);
            transitions.push(Transition { at: Timestamp(at * 1_000), offset_ms: next.1 * 1_000 });
        }
        from = next;
    }
    Offsets::new(before * 1_000, transitions)
}

/// The first second after `from` whose offset differs; there is one, at or before `until`.
fn first_change(zone: Tz, from: (i64, i64), until: i64) -> i64 {
    let (mut same, mut changed) = (from.0, until);
    while changed - same > 1 {
        let middle = same + (changed - same) / 2;
        if offset_s(zone, middle) == from.1 { same = middle } else { changed = middle }
    }
    changed
}

/// Local time minus UTC, in seconds.
fn offset_s(zone: Tz, at_s: i64) -> i64 {
    // Instants between 1970 and 2100 always exist in chrono.
    let at = DateTime::<Utc>::from_timestamp(at_s, 0).unwrap_or_default();
    i64::from(zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc())
}
