//! When something was observed, as sensors write it: a count since 1970, or RFC 3339.
//!
//! A local time without an offset is no moment and is not read: without one the gateway's time stands in. Next: map.rs.

use chrono::DateTime;
use serde_json::Value as Json;
use turnpage_gateway_core::Timestamp;

/// How a sensor writes time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Clock {
    /// Seconds since 1970-01-01 UTC, with or without a fraction.
    Seconds,
    /// Milliseconds since 1970-01-01 UTC.
    Milliseconds,
    /// `2026-07-18T10:00:00+02:00`
    Rfc3339,
}

pub(crate) const CLOCKS: [(&str, Clock); 3] =
    [("seconds", Clock::Seconds), ("milliseconds", Clock::Milliseconds), ("rfc3339", Clock::Rfc3339)];

/// Milliseconds either side of 1970 that are a time at all: some 285,000 years, so that no arithmetic on it overflows.
const MS_MAX: f64 = 9.0e15;

impl Clock {
    /// The moment of a value; `None` when it is none.
    pub(crate) fn read(self, value: &Json) -> Option<Timestamp> {
        let ms = match self {
            Self::Seconds => value.as_f64()? * 1000.0,
            Self::Milliseconds => value.as_f64()?,
            Self::Rfc3339 => {
                let read = DateTime::parse_from_rfc3339(value.as_str()?).ok()?;
                return Some(Timestamp(read.timestamp_millis()));
            }
        };
        // Within the bound a float holds every whole millisecond.
        (ms.abs() <= MS_MAX).then(|| Timestamp(ms.round() as i64))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn moments_are_read_as_they_are_written() {
        let at = |clock: Clock, value: Json| clock.read(&value).map(|at| at.0);
        assert_eq!(at(Clock::Seconds, json!(1_435_162_022)), Some(1_435_162_022_000));
        assert_eq!(at(Clock::Seconds, json!(1.5)), Some(1_500));
        assert_eq!(at(Clock::Milliseconds, json!(-7)), Some(-7));
        assert_eq!(at(Clock::Seconds, json!("7")), None);
        assert_eq!(at(Clock::Milliseconds, json!(1e300)), None);
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-07-18T10:00:00+02:00", Some(1_784_361_600_000)),
            ("2026-07-18 08:00:00.25z", Some(1_784_361_600_250)),
            ("2000-02-29T23:59:60.123456-00:30", Some(951_870_600_123)),
            ("2026-07-18T10:00:00", None),
            ("2026-02-29T10:00:00Z", None),
            ("2026-13-01T10:00:00Z", None),
            ("2026-07-18T24:00:00Z", None),
            ("2026-07-18T10:00:00.Z", None),
            ("2026-07-18T10:00:00+0200", None),
            ("18.7.2026", None),
            ("2026-07-18T10:00:0\u{e9}Z", None),
        ] {
            assert_eq!(at(Clock::Rfc3339, json!(text)), ms, "{text}");
        }
    }
}
