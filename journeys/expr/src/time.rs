//! Instants and the venue's wall clock. Nothing here knows a time zone: who calls has applied it.

use serde::{Deserialize, Serialize};

/// An instant: milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// What a clock on the venue's wall shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocalTime {
    /// Local date, as days since 1970-01-01.
    pub day: i32,
    /// Milliseconds since local midnight as the wall clock shows it, 0 to 86,399,999.
    pub ms: u32,
}

impl LocalTime {
    /// The hour on the clock, 0 to 23.
    #[must_use]
    pub fn hour(self) -> i64 {
        i64::from(self.ms / 3_600_000)
    }

    /// The day of the week, 0 for Monday to 6 for Sunday.
    #[must_use]
    pub fn weekday(self) -> u32 {
        // Day 0, 1970-01-01, was a Thursday.
        (i64::from(self.day) + 3).rem_euclid(7) as u32
    }

    /// Whether the clock stands at or after `start_ms` and before `end_ms`; a start after the end wraps
    /// midnight, equal ends hold nothing. All in milliseconds since local midnight.
    #[must_use]
    pub fn between(self, start_ms: u32, end_ms: u32) -> bool {
        if start_ms <= end_ms {
            (start_ms..end_ms).contains(&self.ms)
        } else {
            self.ms >= start_ms || self.ms < end_ms
        }
    }
}
