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
use crate::plan::Plan;
use crate::subject;
use crate::venue::Venue;

/// What the keys of moves begin with.
const NEXT: &str = "next/";

/// All that is kept of a subject: its record, and where it is.
struct Saved {
    name: SubjectName,
    bytes: Vec<u8>,
    stay: Vec<u8>,
}

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
        pipeline.take_back(state, |_, _, _, _| {})?;
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
        pipeline.take_back(state, |pipeline, ix, bytes, stay| {
            let saved = pipeline.saved(ix);
            if saved.is_some_and(|saved| saved.bytes != *bytes || Some(&saved.stay) != stay) {
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
    fn take_back(
        &mut self,
        state: State,
        each: impl Fn(&mut Self, SubjectIx, &[u8], Option<&Vec<u8>>),
    ) -> Result<(), Error> {
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
            } else if Plan::is_key(&key) {
                self.plan.restore(&self.venue, &key, &bytes)
            } else if key.starts_with(answers::KEY) {
                self.answers.restore(&key, &bytes)
            } else if key.starts_with(learned::KEY) {
                self.restore_learned(&key, &bytes)
            } else {
                self.house.restore(&self.venue, &self.map, &key, &bytes)
            };
            restored.ok_or(Error::State(key))?;
        }
        // Both in the order of names, and every subject is somewhere, unless its record is of an old layout.
        let mut stays = state.stays.into_iter().peekable();
        for (name, bytes) in state.subjects {
            let stay = stays.next_if(|(whose, _)| *whose == name).map(|(_, stay)| stay);
            let restored = self.restore_subject(&name, &bytes, stay.as_deref());
            let ix = restored.ok_or_else(|| Error::State(name.to_string()))?;
            each(self, ix, &bytes, stay.as_ref());
        }
        if let Some((name, _)) = stays.next() {
            return Err(Error::State(name.to_string()));
        }
        // A newer version of a journey may stand by an offer of an older one no longer.
        for lapsed in self.engine.take_lapsed() {
            self.withdraw(lapsed.subject, lapsed.id.into());
        }
        self.bar_refused();
        Ok(())
    }

    fn restore_subject(
        &mut self,
        name: &SubjectName,
        bytes: &[u8],
        stay: Option<&[u8]>,
    ) -> Option<SubjectIx> {
        let (mut subject, instances) = subject::read(name, bytes, stay, &self.venue, &self.map)?;
        let ix = self.engine.restore(subject.kind, name.as_str(), instances).ok()?;
        // Its instances are what is saved of them. Where a new edition made others of them, its record says so.
        self.engine.take_changed(ix);
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
        let next = self.batch.alike();
        let mut batch = std::mem::replace(&mut self.batch, next);
        self.timed.clear();
        batch.now = self.now;
        batch.counters = self.counters.clone();
        self.take_subjects(&mut batch);
        for node in std::mem::take(&mut self.dirty_marks) {
            batch.marks.extend(self.admit.marks().get(&node).map(|mark| (node, *mark)));
        }
        let learned = self.take_learned();
        let changed = self.house.take_dirty();
        let house = changed.into_iter().filter_map(|part| self.house.save(&self.venue, part));
        let ahead = self.ahead.as_mut().and_then(Ahead::take_dirty);
        let scarce = self.plan.take_dirty(&self.venue);
        let changed = house.chain(ahead).chain(self.answers.take_dirty()).chain(learned).chain(scarce);
        // What changed after a new edition began has the last word, because the order of equal keys stays.
        batch.house = std::mem::take(&mut self.rehoused);
        batch.house.extend(changed.map(|(key, bytes)| HouseState { key, bytes }));
        batch.house.sort_by(|a, b| a.key.cmp(&b.key));
        batch
    }

    /// Where everybody is who was touched, and the records of those of whom more has changed.
    fn take_subjects(&mut self, batch: &mut Batch) {
        let mut dirty = std::mem::take(&mut self.dirty);
        let mut ordered: Vec<(u128, SubjectIx)> = dirty.drain(..).map(|ix| (self.begins(ix), ix)).collect();
        self.dirty = dirty;
        ordered.sort_unstable_by(|(a, one), (b, other)| {
            a.cmp(b).then_with(|| self.name(*one).cmp(&self.name(*other)))
        });
        batch.stays.reserve(ordered.len());
        for (_, ix) in ordered {
            let Some(subject) = self.subject_mut(ix) else { continue };
            subject.dirty = false;
            let whole = std::mem::take(&mut subject.whole);
            let changed = self.engine.take_changed(ix);
            let Some(subject) = self.subject(ix) else { continue };
            let name = &subject.name;
            if let Some(instances) = (whole || changed).then(|| self.engine.save(ix)).flatten() {
                let bytes = subject::save(subject, &instances, &self.venue);
                batch.subjects.push(SubjectState { name: name.clone(), bytes });
            }
            let bytes = subject::save_stay(subject, &self.venue);
            batch.stays.push(SubjectState { name: name.clone(), bytes });
        }
        let forgotten = std::mem::take(&mut self.forgotten);
        if !forgotten.is_empty() {
            batch.subjects.extend(forgotten.into_iter().map(|name| SubjectState { name, bytes: Vec::new() }));
            batch.subjects.sort_by(|a, b| a.name.cmp(&b.name));
        }
    }

    /// What a subject's name begins with, as a number that sorts as it does: for a pseudonym, all of it.
    fn begins(&self, ix: SubjectIx) -> u128 {
        let name = self.name(ix).map_or(&[][..], |name| name.as_str().as_bytes());
        let first = name.iter().copied().chain(std::iter::repeat(0)).take(size_of::<u128>());
        first.fold(0, |number, byte| number << 8 | u128::from(byte))
    }

    fn name(&self, ix: SubjectIx) -> Option<&SubjectName> {
        self.subject(ix).map(|subject| &subject.name)
    }

    /// The whole state, for a snapshot. Equal to all batches taken so far, folded, when nothing came since the last.
    #[must_use]
    pub fn state(&self) -> State {
        let all = self.subjects.iter().flatten().flatten();
        let saved: Vec<Saved> = all.filter_map(|subject| self.saved(subject.ix)).collect();
        let stays = saved.iter().map(|saved| (saved.name.clone(), saved.stay.clone())).collect();
        State {
            now: self.now,
            stays,
            subjects: saved.into_iter().map(|saved| (saved.name, saved.bytes)).collect(),
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
        let scarce = self.plan.save(&self.venue);
        let kept = parts.chain(ahead).chain(self.answers.save()).chain(self.learned());
        kept.chain(edition).chain(scarce).collect()
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

    fn saved(&self, ix: SubjectIx) -> Option<Saved> {
        let subject = self.subject(ix)?;
        let bytes = subject::save(subject, &self.engine.save(ix)?, &self.venue);
        Some(Saved { name: subject.name.clone(), bytes, stay: subject::save_stay(subject, &self.venue) })
    }
}
