//! What is known about a subject at an instant: values for the slots that some journey reads, each with its age.
//!
//! A fact that is missing or stale is unknown, never guessed. Before: presence.rs. Next: the engine's step.

use turnpage_journeys_expr::{Symbol, Value};

use crate::Timestamp;
use crate::house::{House, Measured};
use crate::subject::Subject;
use crate::venue::schema::{Asked, FactKind};
use crate::venue::{Map, Near, Venue};

/// Everything there is to know, and about whom.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) venue: &'a Venue,
    pub(crate) map: &'a Map,
    pub(crate) house: &'a House,
    /// For each zone the signal that measures its queue.
    pub(crate) queues: &'a [Option<usize>],
    pub(crate) subject: &'a Subject,
    pub(crate) at: Timestamp,
}

/// A fact and how old it is, in milliseconds; `None` for what does not age.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Fact {
    pub(crate) value: Value,
    pub(crate) age_ms: Option<i64>,
}

/// Fills the slots that are asked for. `facts` is as long as the schema; other slots are never read.
pub(crate) fn fill(asked: &Asked, facts: &mut [Value], mut value: impl FnMut(FactKind) -> Value) {
    for (slot, kind) in &asked.facts {
        if let Some(fact) = facts.get_mut(slot.index()) {
            *fact = value(*kind);
        }
    }
}

impl Context<'_> {
    /// One fact.
    pub(crate) fn fact(&self, kind: FactKind) -> Fact {
        let zone = || self.venue.zone(self.subject.zone()?);
        let seen = Some(self.at.0 - self.subject.seen_at.0);
        match kind {
            FactKind::Role => Fact { value: symbol(Some(self.subject.role)), age_ms: None },
            FactKind::Zone => {
                Fact { value: symbol(self.subject.zone().map(|zone| usize::from(zone.0))), age_ms: seen }
            }
            FactKind::Kind => Fact { value: symbol(zone().map(|zone| zone.kind)), age_ms: seen },
            FactKind::Level => {
                let level = zone().map(|zone| Value::Int(i64::from(zone.level)));
                Fact { value: level.unwrap_or_default(), age_ms: seen }
            }
            FactKind::Outdoor => {
                Fact { value: zone().map(|zone| Value::Bool(zone.outdoor)).unwrap_or_default(), age_ms: seen }
            }
            FactKind::Dwell => {
                let dwell = self.subject.stay.here.map(|here| Value::Duration(self.at.0 - here.since.0));
                Fact { value: dwell.unwrap_or_default(), age_ms: seen }
            }
            FactKind::Queue => {
                let queue = self.subject.zone().and_then(|zone| *self.queues.get(usize::from(zone.0))?);
                self.measured(queue.and_then(|signal| self.signal(signal)))
            }
            FactKind::Temperature => self.air(0),
            FactKind::Rain => self.air(1),
            FactKind::Wind => self.air(2),
            FactKind::Humidity => self.air(3),
            FactKind::Light => self.air(4),
            FactKind::Signal(signal) => self.measured(self.signal(signal)),
            FactKind::Nearest(kind) => {
                let near = self.near(kind).map(|near| usize::from(near.zone.0));
                Fact { value: symbol(near), age_ms: seen }
            }
            FactKind::Distance(kind) => {
                let metres = self.near(kind).and_then(|near| near.metres);
                Fact { value: metres.map(Value::Double).unwrap_or_default(), age_ms: seen }
            }
        }
    }

    /// A signal's value while it is fresh.
    fn signal(&self, signal: usize) -> Option<Measured> {
        let fresh_ms = self.venue.signals.get(signal)?.fresh_ms;
        self.house.signal_value(signal).filter(|measured| self.at.0 - measured.at.0 <= fresh_ms)
    }

    fn air(&self, field: usize) -> Fact {
        let zone = self.subject.zone();
        self.measured(zone.and_then(|zone| self.house.air(zone, field, self.at, self.venue.weather_fresh_ms)))
    }

    fn measured(&self, measured: Option<Measured>) -> Fact {
        match measured {
            Some(Measured { value, at }) => {
                Fact { value: Value::Double(value), age_ms: Some((self.at.0 - at.0).max(0)) }
            }
            None => Fact { value: Value::Unknown, age_ms: None },
        }
    }

    fn near(&self, kind: usize) -> Option<Near> {
        let zone = self.subject.zone();
        // Coordinates older than the stay say less than the zone.
        self.map.nearest(self.subject.spot.as_ref().filter(|_| zone.is_some()), zone, kind)
    }
}

fn symbol(index: Option<usize>) -> Value {
    let symbol = index.and_then(|index| u32::try_from(index).ok());
    symbol.map_or(Value::Unknown, |index| Value::Symbol(Symbol(index)))
}
