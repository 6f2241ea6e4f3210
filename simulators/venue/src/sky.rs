//! The weather at an instant and a place: the day's hours, drawn out to minutes, a little different at each mast.
//!
//! Temperature, humidity and wind run straight from one full hour to the next; rain falls evenly through its hour, because
//! that is all an hourly sum says. Next: `board`, whose simulated parts measure it.

use chrono::TimeZone as _;
use turnpage_gateway_core::{Timestamp, Venue};

use crate::day::{Day, Hour};

const HOUR_MS: i64 = 3_600_000;

/// The weather of a day.
#[derive(Debug, Clone)]
pub struct Sky {
    hours: [Hour; 24],
    midnight: Timestamp,
}

/// The air at an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Air {
    /// Degrees Celsius.
    pub temperature: f64,
    /// Relative humidity in percent.
    pub humidity: f64,
    /// Metres a second.
    pub wind: f64,
    /// Millimetres an hour.
    pub rain: f64,
    /// Lux, outdoors.
    pub light: f64,
}

impl Sky {
    /// The weather of `day` over `venue`.
    #[must_use]
    pub fn new(venue: &Venue, day: &Day) -> Self {
        Self { hours: day.weather, midnight: instant(venue, day.date.and_time(chrono::NaiveTime::MIN)) }
    }

    /// The air at `at` where the venue's node number `place` is mounted; the day's first and last hour go on beyond it.
    #[must_use]
    pub fn at(&self, at: Timestamp, place: usize) -> Air {
        let hour = (at.0 - self.midnight.0) as f64 / HOUR_MS as f64;
        let hour = hour.clamp(0.0, 23.999);
        let (whole, part) = (hour as usize, hour.fract());
        let this = self.hours.get(whole).copied().unwrap_or_default();
        let next = self.hours.get(whole + 1).copied().unwrap_or(this);
        // Sun and wind differ from mast to mast, by a few parts in a hundred and always the same way.
        let here = (place % 5) as f64 - 2.0;
        let between = |a: f64, b: f64| a + (b - a) * part;
        let cloud = if this.rain_mm_per_hour > 0.0 { 0.15 } else { 1.0 };
        // Sunrise at half past six, sunset at half past eight: midsummer in Florida.
        let day_part = ((hour - 6.5) / 14.0).clamp(0.0, 1.0);
        Air {
            temperature: between(this.temperature_celsius, next.temperature_celsius) + 0.15 * here,
            humidity: between(this.humidity_percent, next.humidity_percent),
            wind: between(this.wind_metre_per_second, next.wind_metre_per_second) * (1.0 + 0.04 * here),
            rain: this.rain_mm_per_hour,
            light: 60_000.0 * cloud * (day_part * std::f64::consts::PI).sin(),
        }
    }
}

/// The instant of a local wall-clock time; the earlier one where clocks were set back, the next one that exists where
/// they were set forward.
#[must_use]
pub fn instant(venue: &Venue, local: chrono::NaiveDateTime) -> Timestamp {
    let zone = venue.time_zone;
    let found = zone.from_local_datetime(&local).earliest();
    let shifted = || zone.from_local_datetime(&(local + chrono::TimeDelta::hours(1))).earliest();
    Timestamp(found.or_else(shifted).map_or(0, |at| at.timestamp_millis()))
}
