//! One day to replay: posted queue minutes of the rides, and the weather hour by hour.
//!
//! Times here are local wall-clock times without a zone, as the sources have them; the venue's zone makes instants
//! of them. Next: `sky` and `world`.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{NaiveDate, NaiveDateTime};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::park;

/// Longest queue that a sign can post, in minutes; more is a slip of the source.
const WAIT_MIN_MAX: u32 = 600;

/// Posted queue minutes and weather of one day.
#[derive(Debug, Clone)]
pub struct Day {
    /// Its date.
    pub date: NaiveDate,
    /// What the signs said, by time.
    pub waits: Vec<Wait>,
    /// The weather of its 24 hours.
    pub weather: [Hour; 24],
}

/// A sign at a ride's entrance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// When it was read, local time.
    pub time: NaiveDateTime,
    /// The zone of the ride.
    pub zone: String,
    /// What it said.
    pub minutes: u32,
}

/// The weather of one hour.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hour {
    /// Of the day, 0 to 23, local time.
    pub hour: u8,
    /// Degrees Celsius at the full hour.
    pub temperature_celsius: f64,
    /// Relative humidity at the full hour.
    pub humidity_percent: f64,
    /// Wind at the full hour.
    pub wind_metre_per_second: f64,
    /// Rain of the hour.
    pub rain_mm_per_hour: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WaitRow {
    time: NaiveDateTime,
    attraction: String,
    minutes: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RideRow {
    zone: String,
    attraction: String,
}

/// Why a day cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file is missing or unreadable.
    #[error("cannot read `{file}`")]
    File {
        /// Its path.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line is not what its header promises.
    #[error("`{file}` is not what it should be")]
    Line {
        /// The file's name.
        file: &'static str,
        /// Which line, and what is wrong with it.
        source: csv::Error,
    },
    /// The rows are fine, but they are no day.
    #[error("`{file}`: {problem}")]
    Content {
        /// The file's name.
        file: &'static str,
        /// What is wrong.
        problem: String,
    },
}

const FILES: [&str; 3] = ["waits.csv", "weather.csv", "rides.csv"];

impl Day {
    /// The day that ships with the sample park.
    ///
    /// # Panics
    /// Never: a test reads it.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the text is part of the binary and a test reads it")]
    pub fn sample() -> Self {
        Self::parse(park::DAY).expect("the day that ships is a day")
    }

    /// Another day for the same park: `waits.csv`, `weather.csv` and, where the rides differ, `rides.csv` in `dir`.
    ///
    /// # Errors
    /// When a file is missing or a line of it is not what its header promises.
    pub fn read(dir: &Path) -> Result<Self, Error> {
        let text = |name: &str| {
            let path = dir.join(name);
            std::fs::read_to_string(&path)
                .map_err(|source| Error::File { file: path.display().to_string(), source })
        };
        let [waits, weather, rides] = FILES;
        let rides = if dir.join(rides).exists() { text(rides)? } else { park::DAY[2].to_owned() };
        Self::parse([&text(waits)?, &text(weather)?, &rides])
    }

    /// Reads the texts of `waits.csv`, `weather.csv` and `rides.csv`.
    ///
    /// # Errors
    /// When a line is not what its header promises, or the rows make no day.
    pub fn parse([waits, weather, rides]: [&str; 3]) -> Result<Self, Error> {
        let rides: BTreeMap<String, String> =
            rows::<RideRow>(FILES[2], rides)?.into_iter().map(|row| (row.attraction, row.zone)).collect();
        let weather = hours(rows(FILES[1], weather)?)?;
        let rows = rows::<WaitRow>(FILES[0], waits)?;
        let problem = |problem: String| Error::Content { file: FILES[0], problem };
        let date = rows.first().ok_or_else(|| problem("it has no rows".to_owned()))?.time.date();
        let mut waits = Vec::with_capacity(rows.len());
        for WaitRow { time, attraction, minutes } in rows {
            let zone = rides.get(&attraction);
            let zone = zone.ok_or_else(|| problem(format!("`{attraction}` is no ride of `rides.csv`")))?;
            if minutes > WAIT_MIN_MAX {
                return Err(problem(format!("{minutes} minutes at {time} cannot be")));
            }
            waits.push(Wait { time, zone: zone.clone(), minutes });
        }
        waits.sort_by(|a, b| (a.time, &a.zone).cmp(&(b.time, &b.zone)));
        Ok(Self { date, waits, weather })
    }
}

fn hours(rows: Vec<Hour>) -> Result<[Hour; 24], Error> {
    let problem = |problem: String| Error::Content { file: FILES[1], problem };
    let hours: [Hour; 24] =
        rows.try_into().map_err(|rows: Vec<Hour>| problem(format!("{} hours are no day", rows.len())))?;
    match hours.iter().enumerate().find(|(index, hour)| usize::from(hour.hour) != *index) {
        Some((index, hour)) => Err(problem(format!("hour {} stands where {index} should", hour.hour))),
        None => Ok(hours),
    }
}

fn rows<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<Vec<T>, Error> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().map_err(|source| Error::Line { file, source })
}

#[cfg(test)]
mod tests {
    use super::{Day, Error};

    const WAITS: &str = "time,attraction,minutes\n2018-07-14T09:07:00,b,5\n2018-07-14T09:00:00,a,20\n";
    const RIDES: &str = "zone,attraction\nride-a,a\nride-b,b\n";

    fn weather() -> String {
        let mut text = super::park::DAY[1].lines().next().unwrap().to_owned();
        for hour in 0..24 {
            text.push_str(&format!("\n{hour},20.0,50.0,3.0,0.0"));
        }
        text
    }

    #[test]
    fn the_sample_day_is_long_wet_and_dry() {
        let day = Day::sample();
        assert!(day.waits.len() > 1_000);
        assert!(day.weather[8..22].iter().any(|hour| hour.rain_mm_per_hour > 1.0));
        assert!(day.weather[8..22].iter().any(|hour| hour.rain_mm_per_hour == 0.0));
    }

    #[test]
    fn signs_are_sorted_by_time_and_stand_at_their_rides() {
        let day = Day::parse([WAITS, &weather(), RIDES]).unwrap();
        let zones: Vec<&str> = day.waits.iter().map(|wait| wait.zone.as_str()).collect();
        assert_eq!(zones, ["ride-a", "ride-b"]);
    }

    #[test]
    fn what_is_no_day_is_refused_with_its_file() {
        let weather = weather();
        let short = weather.lines().take(20).collect::<Vec<_>>().join("\n");
        for (waits, weather, rides) in [
            ("time,attraction,minutes\n", weather.as_str(), RIDES),
            (WAITS, short.as_str(), RIDES),
            (WAITS, weather.as_str(), "zone,attraction\nride-a,a\n"),
            (WAITS, weather.as_str(), "zone,ride\nride-a,a\n"),
            ("time,attraction,minutes\n2018-07-14T09:00:00,a,90387\n", weather.as_str(), RIDES),
            ("time,attraction,minutes\n2018-07-14T09:00:00,a,-5\n", weather.as_str(), RIDES),
        ] {
            let error = Day::parse([waits, weather, rides]).unwrap_err();
            assert!(matches!(error, Error::Line { .. } | Error::Content { .. }), "{error}");
        }
    }
}
