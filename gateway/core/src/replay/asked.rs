//! A replay that stops at an instant and says why, then goes on and says what came of it.
//!
//! Before: trace.rs. Next: gateway/cli, which prints it.

use std::io::Read;

use turnpage_journeys_engine::Library;

use super::shape::{self, Shape};
use super::trace::{Answer, Trace};
use super::{Error, Lines, Replay, day};
use crate::Timestamp;
use crate::batch::FactRecord;
use crate::record;
use crate::venue::{Map, Venue};
use crate::why::{self, Why};

/// Runs the events and asks about a subject at an instant, after every event and timer at or before it.
///
/// # Errors
/// As [`super::run`].
pub fn why(
    venue: &Venue,
    library: Library,
    reader: impl Read,
    subject: &str,
    at: Timestamp,
) -> Result<Answer, Error> {
    let (shape, reader) = shape::of(reader)?;
    if shape == Shape::Day {
        return day::why(venue, library, reader, subject, at);
    }
    let map = Map::new(venue);
    let mut replay = Replay::new(venue, &map, library, super::SEED);
    replay.trace = Some(Trace::new(Some(subject)));
    let mut lines = Lines::new(reader);
    let (mut events, mut why) = (0, None);
    loop {
        let batch = lines.batch()?;
        for line in &batch.lines {
            events += 1;
            if line.t > at.0 && why.is_none() {
                why = Some(replay.why(subject, at));
            }
            let met = replay.crowd.subject(&mut replay.engine, &line.visitor);
            let stepped = met.and_then(|met| replay.event(met, line));
            stepped.map_err(|message| Error::Line { line: events, message })?;
        }
        if let Some(error) = batch.error {
            return Err(error);
        }
        if batch.lines.is_empty() {
            break;
        }
    }
    let why = why.unwrap_or_else(|| replay.why(subject, at));
    let told = replay.trace.map(|trace| trace.told).unwrap_or_default();
    Ok(Answer { why, told })
}

impl Replay<'_> {
    /// What is open and closed for a subject, after firing what is due.
    fn why(&mut self, name: &str, at: Timestamp) -> Option<Why> {
        self.fire(at);
        let kind = turnpage_journeys_engine::SubjectKind::Visitor;
        let subject = self.engine.find(kind, name)?;
        let seen = self.crowd.seen(subject);
        self.fill(subject, at);
        let record = |slot| {
            let declared = self.asked.schema.at(slot)?;
            let value = self.facts.get(slot.index()).copied().unwrap_or_default();
            let value = record::show(&self.asked.schema, declared.ty, value);
            Some(FactRecord { path: declared.path.clone(), value, age_ms: Some(at.0 - seen.at.0) })
        };
        let slots = self.asked.facts.iter().map(|(slot, _)| *slot).chain(self.asked.segments);
        Some(Why {
            subject: name.to_owned(),
            kind: kind.name(),
            at,
            place: self.crowd.zone_name(seen).map(|zone| (zone.to_owned(), seen.since)),
            facts: slots.filter_map(record).collect(),
            journeys: why::journeys(&self.engine, &self.asked.schema, subject, at, &self.facts),
            said_no: false,
        })
    }
}
