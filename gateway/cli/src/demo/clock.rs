//! The park's clock as its visitors read it.

use chrono::{TimeZone as _, Utc};
use turnpage_gateway_core::Timestamp;

/// Weekday, hour and minute of an instant in a time zone.
pub(crate) fn clock_face(at: Timestamp, zone: chrono_tz::Tz) -> String {
    shown(at, zone, "%a %H:%M")
}

/// The same with its date, as `why` takes it.
pub(crate) fn dated(at: Timestamp, zone: chrono_tz::Tz) -> String {
    shown(at, zone, "%Y-%m-%d %H:%M")
}

fn shown(at: Timestamp, zone: chrono_tz::Tz, shape: &str) -> String {
    Utc.timestamp_millis_opt(at.0)
        .single()
        .map_or_else(|| "--:--".to_owned(), |utc| utc.with_timezone(&zone).format(shape).to_string())
}
