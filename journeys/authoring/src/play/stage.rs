//! Where a play happens: the venue's facts, zones and clock, and the facts of the one subject on it.

use turnpage_journeys_engine::{Offsets, Spanned};
use turnpage_journeys_expr::{Diagnostic, Schema, Timestamp, Type, Value};

use super::{GivenFact, WallTime};

const DAY_MS: i64 = 86_400_000;

/// A venue, as far as a play needs it. Whoever has read a real venue makes it from that.
#[derive(Debug, Clone)]
pub struct Stage {
    /// The facts.
    pub schema: Schema,
    /// The clock on the wall.
    pub offsets: Offsets,
    /// The zones, with what is always true in each.
    pub zones: Vec<StageZone>,
}

/// A zone and the facts of being in it: `place.kind`, `place.outdoor`, `nearest.food`, ..
#[derive(Debug, Clone)]
pub struct StageZone {
    /// Its id, a member of the domain `zone`.
    pub name: String,
    /// Facts by path.
    pub facts: Vec<(String, Value)>,
}

impl Stage {
    /// The instant at which the wall shows `at`. Of an hour that comes twice it is one of the two, of an hour that the clock
    /// skips the one after.
    pub(super) fn instant(&self, at: WallTime) -> Timestamp {
        let wall = i64::from(at.day) * DAY_MS + i64::from(at.ms);
        let near = wall - self.offsets.offset_ms(Timestamp(wall));
        Timestamp(wall - self.offsets.offset_ms(Timestamp(near)))
    }

    pub(super) fn wall(&self, at: Timestamp) -> WallTime {
        let local = self.offsets.local(at);
        WallTime { day: local.day, ms: local.ms }
    }

    /// Puts a subject into a zone: every fact of a place it was in before is replaced or unknown.
    pub(super) fn enter(&self, name: &Spanned<String>, facts: &mut [Value]) -> Result<(), Diagnostic> {
        let Some(zone) = self.zones.iter().find(|zone| zone.name == name.value) else {
            let problem =
                Diagnostic::error("unknown-zone", name.span, format!("no zone is called `{}`", name.value));
            return Err(problem.suggesting(&name.value, self.zones.iter().map(|zone| zone.name.as_str())));
        };
        self.leave(facts);
        for (path, value) in &zone.facts {
            self.set(path, *value, facts);
        }
        let zone = self.schema.domain_id("zone").and_then(|domain| self.schema.symbol(domain, &name.value));
        self.set("place.zone", zone.map_or(Value::Unknown, Value::Symbol), facts);
        Ok(())
    }

    /// Takes a subject out of its zone.
    pub(super) fn leave(&self, facts: &mut [Value]) {
        for (slot, fact) in self.schema.facts() {
            let of_place =
                ["place.", "nearest.", "distance."].iter().any(|prefix| fact.path.starts_with(prefix));
            if of_place && let Some(value) = facts.get_mut(slot.index()) {
                *value = Value::Unknown;
            }
        }
    }

    /// Sets a fact a play gives.
    pub(super) fn give(&self, given: &GivenFact, facts: &mut [Value]) -> Result<(), Diagnostic> {
        let path = given.path.value.as_str();
        let Some(fact) = self.schema.slot(path).and_then(|slot| self.schema.at(slot)) else {
            let problem =
                Diagnostic::error("unknown-fact", given.path.span, format!("no fact is called `{path}`"));
            return Err(problem.suggesting(path, self.schema.facts().map(|(_, fact)| fact.path.as_str())));
        };
        let text = given.value.value.as_str();
        let Some(value) = self.value(fact.ty, text) else {
            let problem =
                Diagnostic::error("bad-fact", given.value.span, format!("`{path}` cannot be `{text}`"));
            let members: Vec<&str> = match fact.ty {
                Type::Symbol(domain) => self.schema.members(domain).collect(),
                _ => Vec::new(),
            };
            return Err(problem.suggesting(text, members));
        };
        self.set(path, value, facts);
        Ok(())
    }

    fn value(&self, of: Type, text: &str) -> Option<Value> {
        if text == "unknown" {
            return Some(Value::Unknown);
        }
        match of {
            Type::Bool => text.parse().ok().map(Value::Bool),
            Type::Int => text.parse().ok().map(Value::Int),
            Type::Double | Type::Quantity(_) => {
                text.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Double)
            }
            Type::Duration => turnpage_journeys_document::parse_duration(text).map(Value::Duration),
            Type::Symbol(domain) => self.schema.symbol(domain, text).map(Value::Symbol),
            Type::Text => None,
        }
    }

    fn set(&self, path: &str, value: Value, facts: &mut [Value]) {
        if let Some(slot) = self.schema.slot(path)
            && let Some(fact) = facts.get_mut(slot.index())
        {
            *fact = value;
        }
    }
}
