//! Dates and times as people write them, to days and milliseconds and back. Knows no time zone.

use super::WallTime;

const DAY_MS: u32 = 86_400_000;
const YEARS: std::ops::RangeInclusive<i64> = 1970..=2100;

/// `2026-07-18 12:05`, or `12:05`, `12:05:30`, `12:05:30.250` on `day`.
pub(crate) fn wall_time(text: &str, day: Option<i32>) -> Option<WallTime> {
    match text.split_once([' ', 'T']) {
        Some((date, time)) => Some(WallTime { day: date_of(date)?, ms: time_of(time)? }),
        None => Some(WallTime { day: day?, ms: time_of(text)? }),
    }
}

/// `2026-07-18` as days since 1970-01-01.
pub(crate) fn date_of(text: &str) -> Option<i32> {
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4)?;
    let month = number(parts.next()?, 2)?;
    let day = number(parts.next()?, 2)?;
    let whole = parts.next().is_none() && YEARS.contains(&year);
    let days = days_from_civil(year, month, day);
    (whole && civil_from_days(days) == (year, month, day)).then_some(days)
}

fn time_of(text: &str) -> Option<u32> {
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, part)| (clock, Some(part)));
    let mut parts = clock.split(':');
    let hours = number(parts.next()?, 2)?;
    let minutes = number(parts.next()?, 2)?;
    let seconds = parts.next().map_or(Some(0), |part| number(part, 2))?;
    let millis = fraction.map_or(Some(0), |part| number(part, 3))?;
    let whole = parts.next().is_none() && minutes < 60 && seconds < 60;
    let ms = ((hours * 60 + minutes) * 60 + seconds) * 1_000 + millis;
    u32::try_from(ms).ok().filter(|ms| whole && *ms < DAY_MS)
}

/// Exactly `digits` digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    let plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar. Counts eras of 400 years from March, so
/// that the leap day is the last of its year.
fn days_from_civil(year: i64, month: i64, day: i64) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    i32::try_from(era * 146_097 + day_of_era - 719_468).unwrap_or(i32::MAX)
}

/// The inverse: year, month, day.
fn civil_from_days(days: i32) -> (i64, i64, i64) {
    let days = i64::from(days) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * march_month + 2) / 5 + 1)
}

/// `2026-07-18`.
pub(crate) fn date(day: i32) -> String {
    let (year, month, day) = civil_from_days(day);
    format!("{year:04}-{month:02}-{day:02}")
}

impl std::fmt::Display for WallTime {
    /// `2026-07-18 12:05:00`, with milliseconds only where there are some.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", date(self.day), Clock(self.ms))
    }
}

/// The time of day alone.
pub(crate) struct Clock(pub(crate) u32);

impl std::fmt::Display for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.0 / 1_000;
        write!(f, "{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)?;
        match self.0 % 1_000 {
            0 => Ok(()),
            millis => write!(f, ".{millis:03}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates_have_their_known_days() {
        for (text, days) in
            [("1970-01-01", 0), ("2000-02-29", 11_016), ("2026-07-18", 20_652), ("2100-12-31", 47_846)]
        {
            assert_eq!(date_of(text), Some(days), "{text}");
        }
        for wrong in [
            "2026-02-29",
            "2100-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-1-01",
            "1969-12-31",
            "2026-01-01-1",
            "",
        ] {
            assert_eq!(date_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_day_of_the_calendar_comes_back() {
        for days in 0..47_847 {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn times_are_read_and_written() {
        let show = |text| wall_time(text, Some(20_652)).map(|at| at.to_string());
        assert_eq!(show("12:05").as_deref(), Some("2026-07-18 12:05:00"));
        assert_eq!(show("23:59:59.999").as_deref(), Some("2026-07-18 23:59:59.999"));
        assert_eq!(show("2026-07-19 00:00").as_deref(), Some("2026-07-19 00:00:00"));
        for wrong in
            ["24:00", "12:60", "12:00:60", "1:00", "12", "12:00:00.5", "noon", "12:00:00:00", "+1:00"]
        {
            assert_eq!(show(wrong), None, "{wrong}");
        }
        assert_eq!(wall_time("12:00", None), None);
    }
}
