//! A subject's last event, as it is kept for everybody of a crowd.
//!
//! Before: crowd.rs, which keeps it. Next: more.rs, which asks it.

use turnpage_journeys_expr::{Symbol, Value};

use crate::Timestamp;
use crate::id::ZoneIx;
use crate::venue::schema::FactKind;
use crate::venue::{Map, Venue};

/// A subject's last event.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) at: Timestamp,
    /// When it came into its zone.
    pub(super) since: Timestamp,
    /// A number for the zone's name; [`Seen::NOWHERE`] before the first event.
    pub(super) zone: u32,
    pub(super) kind: u32,
    pub(super) role: u32,
    pub(super) outdoor: bool,
    pub(super) rain: f64,
    pub(super) temp: f64,
    pub(super) queue: Option<f64>,
}

// Everyone's last event is looked up for every event, in no order: one line of the processor's cache each.
const _: () = assert!(size_of::<Seen>() <= 64);

impl Seen {
    pub(super) const NOWHERE: u32 = u32::MAX;
    pub(super) const NOBODY: Self = Self {
        at: Timestamp(0),
        since: Timestamp(0),
        zone: Self::NOWHERE,
        kind: 0,
        role: 0,
        outdoor: false,
        rain: 0.0,
        temp: 0.0,
        queue: None,
    };

    /// The number of its zone.
    pub(super) fn zone(&self) -> usize {
        self.zone as usize
    }

    /// Degrees Celsius, while they are fresh.
    pub(super) fn temperature(&self, at: Timestamp, fresh_ms: i64) -> Option<f64> {
        (at.0 - self.at.0 <= fresh_ms).then_some(self.temp)
    }

    /// Millimetres an hour, while they are fresh.
    pub(super) fn rain(&self, at: Timestamp, fresh_ms: i64) -> Option<f64> {
        (at.0 - self.at.0 <= fresh_ms).then_some(self.rain)
    }

    /// One fact; `fresh` says whether the weather still is.
    #[inline]
    pub(super) fn fact(&self, kind: FactKind, at: Timestamp, fresh: bool, venue: &Venue, map: &Map) -> Value {
        let declared =
            || u16::try_from(self.zone).ok().map(ZoneIx).filter(|zone| venue.zone(*zone).is_some());
        let near = |kind| map.nearest(None, Some(declared()?), kind);
        let known = |value: Option<Value>| value.unwrap_or(Value::Unknown);
        match kind {
            FactKind::Role => Value::Symbol(Symbol(self.role)),
            FactKind::Zone => Value::Symbol(Symbol(self.zone)),
            FactKind::Kind => Value::Symbol(Symbol(self.kind)),
            FactKind::Level => {
                known(declared().and_then(|zone| Some(Value::Int(i64::from(venue.zone(zone)?.level)))))
            }
            FactKind::Outdoor => Value::Bool(self.outdoor),
            FactKind::Dwell => Value::Duration(at.0 - self.since.0),
            FactKind::Queue => known(self.queue.map(Value::Double)),
            FactKind::Temperature if fresh => Value::Double(self.temp),
            FactKind::Rain if fresh => Value::Double(self.rain),
            FactKind::Nearest(kind) => {
                known(near(kind).map(|near| Value::Symbol(Symbol(u32::from(near.zone.0)))))
            }
            FactKind::Distance(kind) => known(near(kind).and_then(|near| near.metres).map(Value::Double)),
            _ => Value::Unknown,
        }
    }
}
