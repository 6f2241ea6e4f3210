//! A day of the venue's calendar, as people write it: `2026-07-18`.
//!
//! The venue decides which instants are of which day; here a day is a number with a name. Next: story.rs.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 24 * 3_600_000;
/// 1970-01-01, counted from the first day of the year one.
const EPOCH: i32 = 719_163;

/// Days since 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(pub i32);

impl Day {
    /// The day of an instant, in UTC.
    #[must_use]
    pub fn of_ms(ms: i64) -> Self {
        Self(i32::try_from(ms.div_euclid(DAY_MS)).unwrap_or_default())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.checked_add(EPOCH).and_then(NaiveDate::from_num_days_from_ce_opt) {
            Some(date) => date.fmt(f),
            None => write!(f, "day {}", self.0),
        }
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d");
        let date = date.map_err(|_| format!("`{text}` is no day: write it like 2026-07-18"))?;
        Ok(Self(date.num_days_from_ce() - EPOCH))
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_written_and_read() {
        assert_eq!(Day::of_ms(-1).to_string(), "1969-12-31");
        assert_eq!(Day::of_ms(1_784_563_200_000).to_string(), "2026-07-20");
        assert_eq!("2024-02-29".parse::<Day>().unwrap().to_string(), "2024-02-29");
        assert!("2023-02-29".parse::<Day>().is_err());
        assert_eq!("1970-01-01".parse::<Day>(), Ok(Day(0)));
        assert_eq!(Day(i32::MAX).to_string(), "day 2147483647");
    }
}
