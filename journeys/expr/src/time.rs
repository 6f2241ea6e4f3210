//! Instants and the venue's wall clock. Nothing here knows a time zone: who calls has applied it.

use serde::{Deserialize, Serialize};

/// Milliseconds in a day of a venue's wall clock.
pub(crate) const DAY_MS: u32 = 86_400_000;

/// Longest length of time CEL has, either way: 10,000 years.
pub(crate) const DURATION_MAX_MS: i64 = 315_576_000_000_000;

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

    /// The minute on the clock, 0 to 59.
    #[must_use]
    pub fn minute(self) -> i64 {
        i64::from(self.ms / 60_000 % 60)
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

/// Milliseconds since midnight of `11:30` or `11:30:15`; `24:00` is the end of the day.
pub(crate) fn parse_clock(text: &str) -> Option<u32> {
    let mut parts = text.split(':');
    let (hours, minutes) = (two_digits(parts.next()?)?, two_digits(parts.next()?)?);
    let seconds = parts.next().map_or(Some(0), two_digits)?;
    let ms = (hours * 3_600 + minutes * 60 + seconds) * 1_000;
    (parts.next().is_none() && minutes < 60 && seconds < 60 && ms <= DAY_MS).then_some(ms)
}

/// Days since 1970-01-01 of a date as people write it, `2026-12-24`: years 1 to 9999 of the Gregorian calendar.
pub(crate) fn parse_date(text: &str) -> Option<i32> {
    let (year, rest) = text.split_at_checked(4)?;
    let rest = rest.strip_prefix('-')?;
    let (month, day) = rest.split_once('-')?;
    let digits = year.bytes().all(|byte| byte.is_ascii_digit());
    let year: i32 = digits.then(|| year.parse().ok()).flatten()?;
    let (month, day) = (two_digits(month)?, two_digits(day)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    ((1..=length).contains(&day) && year > 0).then(|| days(year, month, day))
}

/// Days since 1970-01-01 of a date that exists, the year counted from March so that the leap day ends it.
fn days(year: i32, month: u32, day: u32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month as i32 + 9) % 12) + 2) / 5 + day as i32 - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a number of days since 1970-01-01.
pub(crate) fn date(days: i64) -> (i64, i64, i64) {
    let days = days.saturating_add(719_468);
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year + i64::from(month <= 2), month, of_year - (153 * from_march + 2) / 5 + 1)
}

fn two_digits(text: &str) -> Option<u32> {
    let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Milliseconds of a length of time as CEL's `duration` writes it: an optional sign, then decimal numbers with a
/// unit each.
///
/// # Errors
/// The reason, for a message. What is finer than a millisecond is refused rather than rounded.
pub(crate) fn parse_go_duration(text: &str) -> Result<i64, &'static str> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    let mut nanos = 0_i128;
    if rest.is_empty() {
        return Err("nothing is written");
    }
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or("a unit is missing")?;
        let (digits, tail) = rest.split_at_checked(number).ok_or("a number is missing")?;
        let letters = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(letters).ok_or("a unit is missing")?;
        let unit: i128 = match unit {
            "h" => 3_600_000_000_000,
            "m" => 60_000_000_000,
            "s" => 1_000_000_000,
            "ms" => 1_000_000,
            "us" | "µs" => 1_000,
            "ns" => 1,
            "d" => return Err("CEL has no days, write hours"),
            _ => return Err("the unit is unknown"),
        };
        nanos += decimal_nanos(digits, unit)?;
        if nanos > i128::from(DURATION_MAX_MS) * 1_000_000 {
            return Err("it is longer than 10,000 years");
        }
        rest = tail;
    }
    if nanos % 1_000_000 != 0 {
        return Err("it is finer than a millisecond");
    }
    i64::try_from(sign * (nanos / 1_000_000)).map_err(|_| "it is longer than 10,000 years")
}

/// `digits` (`12`, `1.5`, `.5`) times `unit` nanoseconds.
fn decimal_nanos(digits: &str, unit: i128) -> Result<i128, &'static str> {
    const BAD: &str = "a number is missing or too long";
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty()
        || whole.len() > 18
        || fraction.len() > 18
        || fraction.contains('.')
    {
        return Err(BAD);
    }
    let parse = |part: &str| if part.is_empty() { Ok(0) } else { part.parse::<i128>().map_err(|_| BAD) };
    let scale = 10_i128.pow(fraction.len() as u32);
    let scaled = parse(fraction)? * unit;
    if scaled % scale != 0 {
        return Err("it is finer than a nanosecond");
    }
    Ok(parse(whole)? * unit + scaled / scale)
}
