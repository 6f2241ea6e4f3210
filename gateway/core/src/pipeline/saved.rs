//! Batches out, state back in: what makes a crash anywhere harmless.
//!
//! A batch holds the new state of whatever changed; folded in order, batches are the state, and a pipeline that goes on
//! from there does what this one would have done. Before: pipeline.rs. Next: gateway/store.

mod learned;

use std::collections::BTreeMap;

use turnpage_journeys_engine::{Library, SubjectIx};

use super::ahead::Ahead;
use super::{Error, Pipeline, ahead, answers};
use crate::Timestamp;
use crate::admit::Admit;
use crate::batch::{Batch, Cause, Choices, Entry, HouseState, Outgoing, State, SubjectState};
use crate::edition::{self, Edition};
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
        pipeline.take_back(state, |_, _, _| {})?;
        Ok(pipeline)
    }

    /// A pipeline that goes on from a state under an edition that the state was not made under: everyone inside goes on as
    /// the new journeys say. Its first batch holds all that changed by it, so that the log says what everybody was before
    /// and is now, and so that a restart moves nobody a second time.
    ///
    /// # Errors
    /// As [`Pipeline::restore`].
    pub fn migrate(
        now: Timestamp,
        edition: Edition,
        venue: Venue,
        library: Library,
        keys: Keys,
        options: Options,
        state: State,
    ) -> Result<Self, Error> {
        let mut pipeline = Self::new(venue, library, keys, options);
        // A log begins at the time of its first edition; in any other, time is what timers wait for.
        let begins = (state.now == State::default().now).then_some(now);
        let house = state.house.clone();
        pipeline.take_back(state, |pipeline, ix, bytes| {
            if pipeline.saved(ix).is_some_and(|(_, saved)| saved != *bytes) {
                pipeline.touch(ix);
            }
        })?;
        pipeline.now = begins.unwrap_or(pipeline.now);
        pipeline.batch.entries.insert(0, Entry { now, cause: Cause::Edition(edition.digest()) });
        pipeline.edition = Some(edition);
        let kept = pipeline.house_saved();
        let gone = house.keys().filter(|key| !kept.contains_key(*key));
        let gone = gone.map(|key| HouseState { key: key.clone(), bytes: Vec::new() }).collect();
        let changed = kept.into_iter().filter(|(key, bytes)| house.get(key) != Some(bytes));
        pipeline.rehoused = gone;
        pipeline.rehoused.extend(changed.map(|(key, bytes)| HouseState { key, bytes }));
        Ok(pipeline)
    }

    /// Takes over from the pipeline whose state it went on from while the gateway ran on: what observers were shown, and
    /// what subjects were told that they may pick.
    pub fn relieve(&mut self, old: Self) {
        (self.recent, self.notes, self.node_counts) = (old.recent, old.notes, old.node_counts);
        let now = self.choices();
        let same = |told: &Choices| old.shown.get(&told.subject) == Some(&told.choices);
        let gone = old.shown.keys().filter(|subject| !self.shown.contains_key(*subject));
        let gone = gone.map(|subject| Choices { subject: subject.clone(), choices: Vec::new() });
        self.batch.choices = gone.chain(now.into_iter().filter(|told| !same(told))).collect();
    }

    /// The edition that the log is made under; `None` when that was never said.
    #[must_use]
    pub fn edition(&self) -> Option<&Edition> {
        self.edition.as_ref()
    }

    /// Other keys for the same venue's nodes. What a node said before stays said.
    pub fn rekey(&mut self, keys: &Keys) {
        let marks = self.admit.marks().clone();
        self.admit = Admit::new(&self.venue, keys, &self.options);
        self.admit.restore(marks);
    }

    /// Takes a state in; `each` sees every subject with the bytes that it came from.
    fn take_back(&mut self, state: State, each: impl Fn(&mut Self, SubjectIx, &[u8])) -> Result<(), Error> {
        self.now = state.now;
        self.counters = state.counters;
        self.outbox = state.outbox;
        self.admit.restore(state.marks);
        let ours = |key: &str| key == ahead::KEY || key.starts_with(NEXT);
        let learned = state.house.iter().filter(|(key, _)| ours(key));
        if let Some(ahead) = &mut self.ahead {
            let learned = learned.map(|(key, bytes)| (key.as_str(), bytes.as_slice()));
            ahead.restore(learned).ok_or_else(|| Error::State(ahead::KEY.to_owned()))?;
        }
        for (key, bytes) in state.house.into_iter().filter(|(key, _)| !ours(key)) {
            let restored = if key == edition::KEY {
                self.edition = Edition::read(&bytes);
                self.edition.as_ref().map(|_| ())
            } else if key.starts_with(answers::KEY) {
                self.answers.restore(&key, &bytes)
            } else if key.starts_with(learned::KEY) {
                self.restore_learned(&key, &bytes)
            } else {
                self.house.restore(&self.venue, &self.map, &key, &bytes)
            };
            restored.ok_or(Error::State(key))?;
        }
        for (name, bytes) in state.subjects {
            let ix = self.restore_subject(&name, &bytes).ok_or_else(|| Error::State(name.to_string()))?;
            each(self, ix, &bytes);
        }
        // A newer version of a journey may stand by an offer of an older one no longer.
        for lapsed in self.engine.take_lapsed() {
            self.withdraw(lapsed.subject, lapsed.id.into());
        }
        Ok(())
    }

    fn restore_subject(&mut self, name: &SubjectName, bytes: &[u8]) -> Option<SubjectIx> {
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
        Some(ix)
    }

    /// What changed since the last batch was taken.
    pub fn take_batch(&mut self) -> Batch {
        let mut batch = std::mem::take(&mut self.batch);
        self.timed.clear();
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
        let learned = self.take_learned();
        let changed = self.house.take_dirty();
        let house = changed.into_iter().filter_map(|part| self.house.save(&self.venue, part));
        let ahead = self.ahead.as_mut().and_then(Ahead::take_dirty);
        let changed = house.chain(ahead).chain(self.answers.take_dirty()).chain(learned);
        // What changed after a new edition began has the last word, because the order of equal keys stays.
        batch.house = std::mem::take(&mut self.rehoused);
        batch.house.extend(changed.map(|(key, bytes)| HouseState { key, bytes }));
        batch.house.sort_by(|a, b| a.key.cmp(&b.key));
        batch
    }

    /// The whole state, for a snapshot. Equal to all batches taken so far, folded, when nothing came since the last.
    #[must_use]
    pub fn state(&self) -> State {
        let subjects = self.subjects.iter().flatten().flatten().filter_map(|subject| self.saved(subject.ix));
        State {
            now: self.now,
            subjects: subjects.collect(),
            marks: self.admit.marks().clone(),
            house: self.house_saved(),
            outbox: self.outbox.clone(),
            counters: self.counters.clone(),
        }
    }

    fn house_saved(&self) -> BTreeMap<String, Vec<u8>> {
        let parts = self.house.parts().filter_map(|part| self.house.save(&self.venue, part));
        let ahead = self.ahead.iter().flat_map(Ahead::save);
        let edition = self.edition.iter().map(|edition| (edition::KEY.to_owned(), edition.save()));
        parts.chain(ahead).chain(self.answers.save()).chain(self.learned()).chain(edition).collect()
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
