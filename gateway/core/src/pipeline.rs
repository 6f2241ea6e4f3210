//! The corridor, whole: bytes in at the top, a [`Batch`] of plain data out at the bottom.
//!
//! ```text
//! message -admit-> event -enrich-> context -step-> effects -plan-> batch
//! ```
//!
//! It owns no clock, no socket and no disk: time comes in with every call, and what must be durable or delivered
//! leaves in the batch. Inside, logical time only moves forward, and whatever is due fires before the event that
//! comes after it. The stages are beside this file: admit.rs, enrich.rs, the engine, plan.rs. Here is the order in
//! which they run; pipeline/people.rs moves subjects, pipeline/offers.rs follows offers to their end,
//! pipeline/saved.rs makes batches and comes back from them, pipeline/observe.rs shows it all. Next: admit.rs.

pub(crate) mod ahead;
mod answers;
mod arbitrate;
mod consent;
mod counts;
mod explain;
mod fan_out;
mod known;
mod lines;
mod notes;
mod observe;
mod offers;
mod others;
mod people;
mod picks;
mod saved;
pub(crate) mod witness;
mod words;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use turnpage_journeys_engine::{
    ChoiceIx, Due, Engine, Event, Input, JourneyIx, Library, PageIx, Step, SubjectIx, SubjectKind, Triggers,
};
use turnpage_journeys_expr::Value;

use self::ahead::Ahead;
use self::answers::Answers;
pub use self::answers::{Digest, Repeat};
use self::counts::worse;
use self::people::Observed;
use self::witness::Deed;
use crate::Timestamp;
use crate::admit::{Admit, Admitted, Gate, Refusal, Unsealed};
use crate::batch::{Batch, Cause, DeadLetter, Entry, HouseState, NoteRecord, Outgoing, Pickable, Reason};
use crate::company::Company;
use crate::edition::Edition;
use crate::enrich::facts::{self, Context};
use crate::event::{ContextEvent, Place, Sighting, TimeQuality, What};
use crate::house::House;
use crate::id::{NodeId, OfferId, SubjectName};
use crate::live::Counters;
use crate::options::{Keys, Options, Origin};
use crate::plan::Plan;
use crate::subject::Subject;
use crate::venue::schema::Asked;
use crate::venue::{Map, Venue};

/// What became of a message. Every one of them is final: acknowledge after the commit, whichever it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Admission {
    /// Taken; its effects are in the current batch.
    Admitted,
    /// Taken before; nothing changed but a counter.
    Duplicate,
    /// Not taken; kept with its reason, within a bound.
    Dead(Reason),
}

/// Why a pipeline cannot go on from a state.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A part of the state is not what this version wrote.
    #[error("saved state of `{0}` cannot be read")]
    State(String),
}

/// Everything between the doors and the store, for one venue.
pub struct Pipeline {
    venue: Venue,
    map: Map,
    asked: Asked,
    /// For each zone the signal that measures its queue.
    queues: Vec<Option<usize>>,
    options: Options,
    admit: Admit,
    /// What was answered under keys.
    answers: Answers,
    engine: Engine,
    house: House,
    /// What is scarce for everybody.
    plan: Plan,
    /// Where people go next, if a journey asks.
    ahead: Option<Ahead>,
    /// By kind, and by the engine's index.
    subjects: [Vec<Option<Subject>>; SubjectKind::ALL.len()],
    /// Kinds of subjects that observers see here, the most frequent first.
    seen_kinds: Vec<SubjectKind>,
    company: Company,
    /// When subjects change without an event. An entry counts only while it is its subject's `wake`.
    wakes: BinaryHeap<Reverse<(Timestamp, SubjectName)>>,
    outbox: BTreeMap<OfferId, Outgoing>,
    /// Logical time: no event or timer is before it.
    now: Timestamp,
    counters: Counters,
    recent: VecDeque<Outgoing>,
    notes: VecDeque<NoteRecord>,
    /// What subjects were told that they may pick from.
    shown: BTreeMap<SubjectName, Vec<Pickable>>,
    /// Some journey has picks.
    has_picks: bool,
    /// Zones as subjects, by zone; none when no journey runs for one.
    zone_names: Vec<SubjectName>,
    node_counts: BTreeMap<NodeId, u64>,
    turns: BTreeMap<Way, u64>,
    batch: Batch,
    /// Offers of the batch that a deadline made, and no message.
    timed: Vec<Range<usize>>,
    dirty: Vec<SubjectIx>,
    dirty_marks: BTreeSet<NodeId>,
    /// What the log was said to be made under.
    edition: Option<Edition>,
    /// What of the house a new edition changed, until it is in a batch.
    rehoused: Vec<HouseState>,
    forgotten: BTreeSet<SubjectName>,
    /// Reused by every step.
    facts: Vec<Value>,
    /// What steps did, while somebody listens: a replay does, a gateway does not.
    deeds: Option<Vec<Deed>>,
}

/// From a page, by a choice, to a page.
type Way = (JourneyIx, PageIx, Option<ChoiceIx>, PageIx);

/// What is due next.
enum Next {
    Timer(Due),
    Wake(Timestamp, SubjectName),
}

impl Pipeline {
    /// A pipeline without history. `library` must be compiled against [`Venue::schema`].
    #[must_use]
    pub fn new(venue: Venue, library: Library, keys: Keys, options: Options) -> Self {
        let map = Map::new(&venue);
        let asked = Asked::new(&venue, &library);
        let mut queues = vec![None; venue.zones.len()];
        for (signal, zone) in venue.signals.iter().enumerate().filter_map(|(ix, it)| Some((ix, it.queue_of?)))
        {
            if let Some(queue) = queues.get_mut(usize::from(zone.0)) {
                *queue = Some(signal);
            }
        }
        let admit = Admit::new(&venue, &keys, &options);
        let zones = if library.of(SubjectKind::Zone).is_empty() { &[] } else { venue.zones.as_slice() };
        let zone_names = zones.iter().filter_map(|zone| SubjectName::of_zone(&zone.id)).collect();
        let pages = library.journeys().iter().flat_map(|journey| journey.pages());
        let has_picks = pages.flat_map(|page| &page.choices).any(|choice| choice.pick.is_some());
        Self {
            engine: Engine::new(library, venue.offsets(), options.seed).pool(),
            house: House::new(&venue),
            plan: Plan::new(&venue, options.seed),
            ahead: asked.next.then(|| Ahead::new(&venue)),
            facts: vec![Value::Unknown; asked.schema.len()],
            company: Company::new(venue.zones.len()),
            seen_kinds: seen_kinds(&venue),
            zone_names,
            has_picks,
            venue,
            map,
            asked,
            queues,
            options,
            admit,
            answers: Answers::default(),
            subjects: std::array::from_fn(|_| Vec::new()),
            wakes: BinaryHeap::new(),
            outbox: BTreeMap::new(),
            now: Timestamp(i64::MIN),
            counters: Counters::default(),
            recent: VecDeque::new(),
            notes: VecDeque::new(),
            shown: BTreeMap::new(),
            node_counts: BTreeMap::new(),
            turns: BTreeMap::new(),
            batch: Batch::default(),
            timed: Vec::new(),
            dirty: Vec::new(),
            dirty_marks: BTreeSet::new(),
            edition: None,
            rehoused: Vec::new(),
            forgotten: BTreeSet::new(),
            deeds: None,
        }
    }

    /// The venue it runs.
    #[must_use]
    pub fn venue(&self) -> &Venue {
        &self.venue
    }

    /// The journeys it runs.
    #[must_use]
    pub fn library(&self) -> &Library {
        self.engine.library()
    }

    /// Takes a message through the corridor; what it changes is in the current batch.
    pub fn message(&mut self, now: Timestamp, from: &Origin, topic: &str, payload: &[u8]) -> Admission {
        self.opened(now, from, topic, payload, None)
    }

    /// What a door may open frames with on its way here: [`Pipeline::opened`] takes them.
    #[must_use]
    pub fn gate(&self) -> Arc<Gate> {
        Arc::clone(self.admit.gate())
    }

    /// As [`Pipeline::message`], with what a door has found of it. What another gate than [`Pipeline::gate`] has found is
    /// looked for anew, so that a message has the same fate either way.
    pub fn opened(
        &mut self,
        now: Timestamp,
        from: &Origin,
        topic: &str,
        payload: &[u8],
        opened: Option<&Unsealed>,
    ) -> Admission {
        self.counters.received += 1;
        let admission = match self.admit.message(now, from, topic, payload, opened) {
            Ok(Admitted { events, node }) => {
                let admissions = events.into_iter().map(|event| self.take(now, event));
                let worst = admissions.fold(Admission::Admitted, worse);
                self.heard(node);
                worst
            }
            Err(Refusal::Duplicate) => Admission::Duplicate,
            Err(Refusal::Dead(reason)) => Admission::Dead(reason),
        };
        if let Admission::Dead(reason) = admission {
            self.bury(DeadLetter::new(now, &from.client, topic, payload, reason));
        }
        self.count(admission)
    }

    /// Takes an event that needs no decoding (a source, HTTP, the log) through the rest of the corridor.
    pub fn event(&mut self, now: Timestamp, mut event: ContextEvent) -> Admission {
        self.counters.received += 1;
        let admission = match self.admit.time(now, &mut event) {
            Ok(()) => self.take(now, event),
            Err(reason) => Admission::Dead(reason),
        };
        self.count(admission)
    }

    /// Takes what a source made of one message. Refused, the message is kept as any other that was not admitted.
    pub fn events(
        &mut self,
        now: Timestamp,
        from: &Origin,
        topic: &str,
        payload: &[u8],
        events: Vec<ContextEvent>,
    ) -> Admission {
        self.counters.received += 1;
        let admissions = events.into_iter().map(|mut event| match self.admit.time(now, &mut event) {
            Ok(()) => self.take(now, event),
            Err(reason) => Admission::Dead(reason),
        });
        let worst = admissions.fold(Admission::Admitted, worse);
        if let Admission::Dead(reason) = worst {
            self.bury(DeadLetter::new(now, &from.client, topic, payload, reason));
        }
        self.count(worst)
    }

    /// Refuses a message that a source could not read.
    pub fn refuse(
        &mut self,
        now: Timestamp,
        from: &Origin,
        topic: &str,
        payload: &[u8],
        reason: Reason,
    ) -> Admission {
        self.counters.received += 1;
        self.bury(DeadLetter::new(now, &from.client, topic, payload, reason));
        self.count(Admission::Dead(reason))
    }

    /// Lets time pass: fires what is due at or before `now`. When nothing is, nothing changes, not even logical time:
    /// what is not in the log must not matter.
    pub fn advance(&mut self, now: Timestamp) {
        if self.fire(now) {
            self.batch.entries.push(Entry { now, cause: Cause::Tick });
        }
    }

    /// When [`Pipeline::advance`] will have something to do; `None` when nothing waits.
    pub fn next_due(&mut self) -> Option<Timestamp> {
        match self.next(Timestamp(i64::MAX))? {
            Next::Timer(due) => Some(due.at),
            Next::Wake(at, _) => Some(at),
        }
    }

    /// An admitted event: everything due before it fires, then it has its effects.
    fn take(&mut self, now: Timestamp, event: ContextEvent) -> Admission {
        // Held against the machine's clock and not against logical time: where that clock was set back, what is observed
        // now is in time, although logical time waits for the clock to come along.
        let late = now.0.saturating_sub(event.at.0) > self.late_ms(&event.what);
        let seen = Observed { at: event.at, now, sure: event.quality == TimeQuality::Synced, late };
        // An observer whose clock is ahead does not move the venue's.
        let until = event.at.min(now);
        let fired = self.fire(until);
        let before = self.now;
        self.now = self.now.max(until);
        let admission = match &event.what {
            What::Sighting(sighting) => self.sighting(seen, sighting),
            What::Reception(reception) => self.reception(seen, reception),
            What::Weather { place, reading } => self.weather(event.at, place, reading, late),
            What::Signal { name, value } => self.signal(event.at, name, *value),
            What::Outcome { subject, offer, outcome } => self.outcome(subject, *offer, *outcome),
            What::Sale { subject, offer, value } => self.sale(subject, *offer, *value),
            What::Consent { subject, purpose, granted } => self.consent(event.at, subject, purpose, *granted),
            What::Profile { subject, profile } => self.profile(event.at, subject, profile, late),
            What::Feedback { subject, score, .. } => self.feedback(event.at, subject, *score, late),
            What::Pick { subject, journey, page, pick } => {
                self.pick(event.at, subject, (journey, page, pick), late)
            }
            What::Node { node, online, boot, sequence } => self.node(*node, *online, (*boot, *sequence)),
        };
        if admission == Admission::Admitted {
            self.batch.entries.push(Entry { now, cause: Cause::Event(event) });
            return admission;
        }
        // What was not admitted left no trace but the timers that fired on its way.
        self.now = before;
        if fired {
            self.batch.entries.push(Entry { now: until, cause: Cause::Tick });
        }
        admission
    }

    /// How late what was observed may come and still be acted on: a node's own bound, where its venue gives it a longer one.
    fn late_ms(&self, what: &What) -> i64 {
        let (What::Sighting(Sighting { place: Place::Node(node), .. })
        | What::Weather { place: Place::Node(node), .. }) = what
        else {
            return self.options.late_ms;
        };
        self.map.late_ms(*node).map_or(self.options.late_ms, |own| own.max(self.options.late_ms))
    }

    /// Fires what is due, in the order of deadlines, and moves logical time along with it. Whether anything was due.
    fn fire(&mut self, until: Timestamp) -> bool {
        let (mut fired, made) = (false, self.batch.outbox.len());
        while let Some(next) = self.next(until) {
            fired = true;
            match next {
                Next::Timer(due) => {
                    self.now = self.now.max(due.at);
                    self.counters.timers += 1;
                    self.step(due.subject, |engine, facts, step| engine.timer(&due, facts, step));
                }
                Next::Wake(at, name) => {
                    self.wakes.pop();
                    self.now = self.now.max(at);
                    self.wake(at, &name);
                }
            }
        }
        self.timed.extend((self.batch.outbox.len() > made).then_some(made..self.batch.outbox.len()));
        fired
    }

    /// What is due at or before `until`. At the same instant timers go before wakes, because a deadline comes before
    /// the event that a wake is.
    fn next(&mut self, until: Timestamp) -> Option<Next> {
        let wake = loop {
            let Some(Reverse((at, name))) = self.wakes.peek() else { break None };
            if *at > until {
                break None;
            }
            let (at, current) = (*at, self.find(name).filter(|ix| self.wakes_at(*ix, *at)));
            if let Some(ix) = current
                && self.due_at(ix).is_some_and(|due| due <= at)
            {
                break Some((at, name.clone()));
            }
            self.wakes.pop();
            // What it waited for was put off meanwhile. A pipeline that was restored never knew of the earlier instant, so
            // nothing may happen at it.
            if let Some(subject) = current.and_then(|ix| self.subject_mut(ix)) {
                subject.wake = None;
            }
            if let Some(ix) = current {
                self.schedule(ix);
            }
        };
        let before = wake.as_ref().map_or(until, |(at, _)| *at);
        match self.engine.due(before) {
            Some(due) => Some(Next::Timer(due)),
            None => wake.map(|(at, name)| Next::Wake(at, name)),
        }
    }

    fn wakes_at(&self, ix: SubjectIx, at: Timestamp) -> bool {
        self.subject(ix).and_then(|subject| subject.wake) == Some(at)
    }

    /// One event of one subject, at the logical time: enriched, stepped, planned.
    fn step_event(&mut self, ix: SubjectIx, triggers: Triggers) {
        let at = self.now;
        self.step(ix, |engine, facts, step| {
            engine.event(&Input { at, subject: ix, event: Event::Context(triggers), facts }, step);
        });
        if ix.kind() == SubjectKind::Visitor {
            self.party_event(ix, triggers);
        }
    }

    /// Enriches a subject, lets the engine act on it, plans what came of it. Who has withdrawn consent has no journeys.
    fn step(&mut self, ix: SubjectIx, act: impl FnOnce(&mut Engine, &[Value], &mut Step)) {
        if self.subject(ix).is_none_or(|subject| subject.consent == Some(false)) {
            return;
        }
        self.fill_facts(ix);
        let mut step = Step::default();
        act(&mut self.engine, &self.facts, &mut step);
        self.counters.steps += 1;
        self.touch_stay(ix);
        self.plan(ix, &step);
        self.show(ix);
    }

    /// Fills what journeys read about a subject now.
    fn fill_facts(&mut self, ix: SubjectIx) {
        let mut facts = std::mem::take(&mut self.facts);
        if let Some(subject) = self.subject(ix) {
            let context = self.context(subject);
            facts::fill(&self.asked, &mut facts, |kind| context.fact(kind).value);
            facts::fill_segments(&self.asked, &self.venue, &mut facts, context.local, self.now);
        }
        self.facts = facts;
    }

    /// What is known about a subject now; about a party, what is known about the member whose event came last.
    fn context<'a>(&'a self, subject: &'a Subject) -> Context<'a> {
        let (venue, map, house, queues) = (&self.venue, &self.map, &self.house, self.queues.as_slice());
        let (company, own) = (&self.company, subject);
        let speaker = own.about.as_ref().and_then(|about| self.find(about.speaker.as_ref()?));
        let subject = speaker.and_then(|ix| self.subject(ix)).unwrap_or(own);
        let (asked, ahead, local) = (&self.asked, self.ahead.as_ref(), self.engine.offsets().local(self.now));
        let at = self.now;
        Context { venue, map, house, queues, company, asked, ahead, own, subject, at, local }
    }
}

/// Visitors, and what else the venue's roles are.
fn seen_kinds(venue: &Venue) -> Vec<SubjectKind> {
    let mut kinds = vec![SubjectKind::Visitor];
    for kind in &venue.kinds_of_roles {
        if !kinds.contains(kind) {
            kinds.push(*kind);
        }
    }
    kinds
}

#[cfg(test)]
mod tests;
