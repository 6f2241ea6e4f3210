//! The corridor asked why: what a subject's journeys make of everything that is known about it now.
//!
//! Reads what a step would read; changes nothing that is saved. Next: why.rs.

use super::Pipeline;
use crate::Timestamp;
use crate::batch::FactRecord;
use crate::enrich::facts::{self, Context};
use crate::id::SubjectName;
use crate::record;
use crate::why::{self, Why};

impl Pipeline {
    /// Why a subject's choices are open or closed at an instant after the last event; `None` for a stranger.
    #[must_use]
    pub fn why(&self, name: &SubjectName, at: Timestamp) -> Option<Why> {
        let ix = self.find(name)?;
        let subject = self.subject(ix)?;
        let at = at.max(self.now);
        let context = Context { at, local: self.engine.offsets().local(at), ..self.context(subject) };
        let mut facts = self.facts.clone();
        facts::fill(&self.asked, &mut facts, |kind| context.fact(kind).value);
        facts::fill_segments(&self.asked, &self.venue, &mut facts, context.local, at);
        let record = |slot| {
            let declared = self.asked.schema.at(slot)?;
            let fact = context.fact(self.asked.kind(slot)?);
            let value = record::show(&self.asked.schema, declared.ty, fact.value);
            Some(FactRecord { path: declared.path.clone(), value, age_ms: fact.age_ms })
        };
        let slots = self.asked.facts.iter().map(|(slot, _)| *slot).chain(self.asked.segments);
        let here = subject.stay.here.and_then(|here| Some((self.venue.zone(here.zone)?, here.since)));
        Some(Why {
            subject: name.to_string(),
            kind: subject.kind.name(),
            at,
            place: here.map(|(zone, since)| (zone.id.to_string(), since)),
            facts: slots.filter_map(record).collect(),
            journeys: why::journeys(&self.engine, &self.asked.schema, ix, at, &facts),
            said_no: subject.consent == Some(false),
        })
    }
}
