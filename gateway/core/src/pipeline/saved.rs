//! Batches out, state back in: what makes a crash anywhere harmless.
//!
//! A batch holds the new state of whatever changed; folded in order, batches are the state, and a pipeline that goes on
//! from there does what this one would have done. Before: pipeline.rs. Next: gateway/store.

use turnpage_journeys_engine::{Library, SubjectIx};

use super::ahead::Ahead;
use super::{Error, Pipeline, ahead, answers};
use crate::batch::{Batch, HouseState, Outgoing, State, SubjectState};
use crate::id::SubjectName;
use crate::options::{Keys, Options};
use crate::subject;
use crate::venue::Venue;

/// What the keys of moves begin with.
const NEXT: &str = "next/";

impl Pipeline {
    /// A pipeline that goes on from a state: a snapshot with the later batches folded in.
    ///
    /// # Errors
    /// [`Error::State`] when a part of it is not what this version wrote.
    pub fn restore(
        venue: Venue,
        library: Library,
        keys: Keys,
        options: Options,
        state: State,
    ) -> Result<Self, Error> {
        let mut pipeline = Self::new(venue, library, keys, options);
        pipeline.now = state.now;
        pipeline.counters = state.counters;
        pipeline.outbox = state.outbox;
        pipeline.admit.restore(state.marks);
        let ours = |key: &str| key == ahead::KEY || key.starts_with(NEXT);
        let learned = state.house.iter().filter(|(key, _)| ours(key));
        if let Some(ahead) = &mut pipeline.ahead {
            let learned = learned.map(|(key, bytes)| (key.as_str(), bytes.as_slice()));
            ahead.restore(learned).ok_or_else(|| Error::State(ahead::KEY.to_owned()))?;
        }
        for (key, bytes) in state.house.into_iter().filter(|(key, _)| !ours(key)) {
            let restored = if key.starts_with(answers::KEY) {
                pipeline.answers.restore(&key, &bytes)
            } else {
                pipeline.house.restore(&pipeline.venue, &pipeline.map, &key, &bytes)
            };
            restored.ok_or(Error::State(key))?;
        }
        for (name, bytes) in state.subjects {
            pipeline.restore_subject(&name, &bytes).ok_or_else(|| Error::State(name.to_string()))?;
        }
        // A newer version of a journey may stand by an offer of an older one no longer.
        for lapsed in pipeline.engine.take_lapsed() {
            pipeline.withdraw(lapsed.subject, lapsed.id.into());
        }
        Ok(pipeline)
    }

    fn restore_subject(&mut self, name: &SubjectName, bytes: &[u8]) -> Option<()> {
        let (mut subject, instances) = subject::read(name, bytes, &self.venue, &self.map)?;
        let ix = self.engine.restore(subject.kind, name.as_str(), instances).ok()?;
        subject.ix = ix;
        if let Some(zone) = subject.zone().filter(|_| subject.walks()) {
            self.company.enter(zone, name, subject.is_person());
        }
        if let Some(party) = subject.party() {
            self.company.join(party, name, subject.role);
        }
        self.settle_in(subject);
        self.schedule(ix);
        Some(())
    }

    /// What changed since the last batch was taken.
    pub fn take_batch(&mut self) -> Batch {
        let mut batch = std::mem::take(&mut self.batch);
        batch.now = self.now;
        batch.counters = self.counters.clone();
        for ix in std::mem::take(&mut self.dirty) {
            if let Some(subject) = self.subject_mut(ix) {
                subject.dirty = false;
            }
            batch.subjects.extend(self.saved(ix).map(|(name, bytes)| SubjectState { name, bytes }));
        }
        let forgotten = std::mem::take(&mut self.forgotten);
        batch.subjects.extend(forgotten.into_iter().map(|name| SubjectState { name, bytes: Vec::new() }));
        batch.subjects.sort_by(|a, b| a.name.cmp(&b.name));
        for node in std::mem::take(&mut self.dirty_marks) {
            batch.marks.extend(self.admit.marks().get(&node).map(|mark| (node, *mark)));
        }
        let changed = self.house.take_dirty();
        let house = changed.into_iter().filter_map(|part| self.house.save(&self.venue, part));
        let ahead = self.ahead.as_mut().and_then(Ahead::take_dirty);
        let changed = house.chain(ahead).chain(self.answers.take_dirty());
        batch.house = changed.map(|(key, bytes)| HouseState { key, bytes }).collect();
        batch.house.sort_by(|a, b| a.key.cmp(&b.key));
        batch
    }

    /// The whole state, for a snapshot. Equal to all batches taken so far, folded, when nothing came since the last.
    #[must_use]
    pub fn state(&self) -> State {
        let subjects = self.subjects.iter().flatten().flatten().filter_map(|subject| self.saved(subject.ix));
        let parts = self.house.parts().filter_map(|part| self.house.save(&self.venue, part));
        let ahead = self.ahead.iter().flat_map(Ahead::save);
        let house = parts.chain(ahead).chain(self.answers.save()).collect();
        State {
            now: self.now,
            subjects: subjects.collect(),
            marks: self.admit.marks().clone(),
            house,
            outbox: self.outbox.clone(),
            counters: self.counters.clone(),
        }
    }

    /// Offers that still need delivery, ascending by id: what dispatch begins with after a restart.
    pub fn outbox(&self) -> impl Iterator<Item = &Outgoing> {
        self.outbox.values()
    }

    /// A subject's offers that still need delivery, oldest first, for a channel that has just subscribed.
    pub fn outbox_of(&self, subject: &SubjectName) -> impl Iterator<Item = &Outgoing> {
        let subject = self.find(subject).and_then(|ix| self.subject(ix));
        let waiting = subject.into_iter().flat_map(subject::Subject::pending);
        waiting.filter_map(|offer| self.outbox.get(&offer.id))
    }

    fn saved(&self, ix: SubjectIx) -> Option<(SubjectName, Vec<u8>)> {
        let subject = self.subject(ix)?;
        let instances = self.engine.save(ix)?;
        Some((subject.name.clone(), subject::save(subject, &instances, &self.venue)))
    }
}
