//! The venue's time zone as the plain table of offsets that the engine reads, and times as people write them.
//!
//! The only place that knows the time zone database. Next: the engine's offsets.rs.

use chrono::{DateTime, NaiveDateTime, Offset, SecondsFormat, TimeZone, Utc};
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

/// `2026-07-20 12:00[:30[.5]]` on the clock of a zone, also with a `T`, or an instant of RFC 3339.
pub(super) fn instant(zone: Tz, text: &str) -> Result<Timestamp, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(Timestamp(instant.timestamp_millis()));
    }
    let shapes = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    let local = shapes.iter().find_map(|shape| NaiveDateTime::parse_from_str(text, shape).ok());
    let local = local.ok_or_else(|| {
        format!("`{text}` is no time: write `2026-07-20 12:00` as the venue's clock shows it, or RFC 3339")
    })?;
    // A time that comes twice is the first of the two.
    let instant = zone.from_local_datetime(&local).earliest();
    let instant =
        instant.ok_or_else(|| format!("the venue's clock never shows `{text}`: it is set on then"))?;
    Ok(Timestamp(instant.timestamp_millis()))
}

/// An instant as RFC 3339 with the offset of a zone; empty beyond the years that a calendar has.
pub(super) fn written(zone: Tz, at: Timestamp) -> String {
    let local = zone.timestamp_millis_opt(at.0).single();
    local.map(|local| local.to_rfc3339_opts(SecondsFormat::AutoSi, false)).unwrap_or_default()
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
