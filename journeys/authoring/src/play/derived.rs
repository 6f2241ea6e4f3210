//! Facts that follow from others, as the gateway works them out: how warm it feels, how hard it rains, the segments.
//!
//! A play that says one of them itself is believed. What counts as rain or as cold is decided by `journeys/expr/air`. Before:
//! `stage`. Next: `rehearsal`, which asks before every event and timer.

use turnpage_journeys_expr::air::{self, Beside};
use turnpage_journeys_expr::{DomainId, Env, Schema, Slot, Symbol, Timestamp, Value};

use super::Stage;

/// What rain, temperature and the segments' guards make known.
pub(crate) const DERIVED: [&str; 3] = [CONDITION, FEELS_LIKE, SEGMENTS];

const CONDITION: &str = "weather.condition";
const FEELS_LIKE: &str = "weather.feels_like";
const SEGMENTS: &str = "segments";

/// Where facts go that follow from others; nowhere what the venue does not declare or the play says itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Derived {
    condition: Option<(Slot, DomainId)>,
    feels_like: Option<Slot>,
    segments: Option<Slot>,
}

impl Derived {
    pub(super) fn of(schema: &Schema) -> Self {
        Self {
            condition: schema.slot(CONDITION).zip(schema.domain_id("condition")),
            feels_like: schema.slot(FEELS_LIKE),
            segments: schema.slot(SEGMENTS),
        }
    }

    /// From now on this fact is as the play says.
    pub(super) fn said(&mut self, path: &str) {
        match path {
            CONDITION => self.condition = None,
            FEELS_LIKE => self.feels_like = None,
            SEGMENTS => self.segments = None,
            _ => {}
        }
    }

    /// Works them out, in the order in which one may read another.
    pub(super) fn fill(self, stage: &Stage, facts: &mut [Value], now: Timestamp) {
        let known = |path: &str, facts: &[Value]| match stage.fact(path, facts) {
            Value::Double(number) => Some(number),
            _ => None,
        };
        if let Some((slot, domain)) = self.condition {
            let word =
                known("weather.rain", facts).and_then(|rain| air::CONDITIONS.get(air::condition(rain)));
            let symbol = word.and_then(|word| stage.schema.symbol(domain, word));
            put(facts, slot, symbol.map(Value::Symbol));
        }
        if let Some(slot) = self.feels_like {
            let felt = known("weather.temperature", facts).and_then(|temperature| {
                air::feels_like(temperature, |beside| match beside {
                    Beside::Wind => known("weather.wind", facts),
                    Beside::Humidity => known("weather.humidity", facts),
                })
            });
            put(facts, slot, felt.map(Value::Double));
        }
        if let Some(slot) = self.segments {
            let env = Env { facts, locals: &[], local: stage.offsets.local(now), now };
            let hold = (0..).map(Symbol).zip(&stage.segments);
            let hold = hold.filter(|(_, guard)| guard.program().holds(&env) == Some(true));
            let segments = Value::set(hold.map(|(symbol, _)| symbol));
            put(facts, slot, Some(segments));
        }
    }
}

fn put(facts: &mut [Value], slot: Slot, value: Option<Value>) {
    if let Some(fact) = facts.get_mut(slot.index()) {
        *fact = value.unwrap_or_default();
    }
}
