//! Where a play happens: the venue's facts, zones and clock, and the facts of the one subject on it.

use turnpage_journeys_engine::{Offsets, Spanned};
use turnpage_journeys_expr::{Diagnostic, Expression, Schema, Timestamp, Value};

use super::{GivenFact, WallTime, value};

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
    /// The guards of the segments, in the order of the domain `segment`.
    pub segments: Vec<Expression>,
}

/// A zone and the facts of being in it: `place.kind`, `place.outdoor`, `nearest.food`, ..
#[derive(Debug, Clone)]
pub struct StageZone {
    /// Its id, a member of the domain `zone`.
    pub name: String,
    /// Facts by path.
    pub facts: Vec<(String, Value)>,
    /// The fact of the signal that measures its queue, which `place.queue` is while a subject is here.
    pub queue: Option<String>,
}

impl Stage {
    /// The instant at which the wall shows `at`. Of an hour that comes twice it is one of the two, of an hour that the clock
    /// skips the one after.
    pub fn instant(&self, at: WallTime) -> Timestamp {
        let wall = i64::from(at.day) * DAY_MS + i64::from(at.ms);
        let near = wall - self.offsets.offset_ms(Timestamp(wall));
        Timestamp(wall - self.offsets.offset_ms(Timestamp(near)))
    }

    /// What the wall shows at an instant.
    pub fn wall(&self, at: Timestamp) -> WallTime {
        let local = self.offsets.local(at);
        WallTime { day: local.day, ms: local.ms }
    }

    /// A fact of a subject, by its path.
    pub(crate) fn fact(&self, path: &str, facts: &[Value]) -> Value {
        let slot = self.schema.slot(path);
        slot.and_then(|slot| facts.get(slot.index()).copied()).unwrap_or_default()
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
        if let Some(queue) = &zone.queue {
            self.set("place.queue", self.fact(queue, facts), facts);
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

    /// Sets a fact a play gives. A signal that measures the queue of the zone the subject is in sets that as well.
    pub(super) fn give(&self, given: &GivenFact, facts: &mut [Value]) -> Result<(), Diagnostic> {
        let path = given.path.value.as_str();
        let Some(fact) = self.schema.slot(path).and_then(|slot| self.schema.at(slot)) else {
            let problem =
                Diagnostic::error("unknown-fact", given.path.span, format!("no fact is called `{path}`"));
            return Err(problem.suggesting(path, self.schema.facts().map(|(_, fact)| fact.path.as_str())));
        };
        let Some(value) = value::value(&self.schema, fact.ty, &given.value.value) else {
            let text = given.value.value.to_string();
            let problem =
                Diagnostic::error("bad-fact", given.value.span, format!("`{path}` cannot be `{text}`"));
            return Err(problem.suggesting(&text, value::choices(&self.schema, fact.ty)));
        };
        self.set(path, value, facts);
        let here = self.zone(facts).and_then(|zone| zone.queue.as_deref());
        if here == Some(path) {
            self.set("place.queue", value, facts);
        }
        Ok(())
    }

    /// The zone a subject is in.
    pub(crate) fn zone(&self, facts: &[Value]) -> Option<&StageZone> {
        let Value::Symbol(symbol) = self.fact("place.zone", facts) else { return None };
        let name = self.schema.name(self.schema.domain_id("zone")?, symbol)?;
        self.zones.iter().find(|zone| zone.name == name)
    }

    pub(super) fn set(&self, path: &str, value: Value, facts: &mut [Value]) {
        if let Some(slot) = self.schema.slot(path)
            && let Some(fact) = facts.get_mut(slot.index())
        {
            *fact = value;
        }
    }
}
