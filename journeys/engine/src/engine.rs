//! The engine: who gets a turn when an event, a timer or a stop comes.
//!
//! Holds the state of all subjects and walks the library's tables; what a turn does is `turn.rs`. It never
//! asks the time and never fires timers by itself: whoever drives it fires what is due before each event.
//! Comes after `input.rs`; next: `turn.rs`.

use crate::bounds::{SUBJECT_NAME_MAX, SUBJECTS_MAX};
use crate::effect::{OfferId, Step};
use crate::id::{JourneyIx, OfferIx, PageIx, SubjectIx};
use crate::input::{Event, Input, OutcomeIn, Triggers};
use crate::instances::{Instance, Instances};
use crate::library::{Journey, Library, OutcomeKey};
use crate::limits::Standing;
use crate::namer::Namer;
use crate::offsets::{Day, Offsets};
use crate::state;
use crate::subjects::Subjects;
use crate::timers::Timers;
use crate::turn::{Moment, Turn};
use turnpage_journeys_expr::{Env, LocalTime, Timestamp, Value};

/// Why the engine refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A subject's name is empty or too long.
    #[error("a subject's name has 1 to {SUBJECT_NAME_MAX} bytes, not {0}")]
    Name(usize),
    /// There is no room for another subject.
    #[error("more than {SUBJECTS_MAX} subjects at once")]
    Full,
    /// Saved state that is not ours, or not whole.
    #[error("saved state cannot be read: {0}")]
    State(&'static str),
}

/// A timer that is due, as `next_due` tells it and `timer` takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The deadline.
    pub at: Timestamp,
    /// Whose timer.
    pub subject: SubjectIx,
    /// Of which journey.
    pub journey: JourneyIx,
    pub(crate) number: u16,
}

/// All subjects and all their journeys.
#[derive(Clone, Debug)]
pub struct Engine {
    library: Library,
    offsets: Offsets,
    /// The local date looked up last: most events are of the same.
    today: Day,
    subjects: Subjects,
    pub(crate) instances: Instances,
    pub(crate) timers: Timers,
    namer: Namer,
}

impl Engine {
    /// An engine without subjects. The seed keys the names of offers: keep it for the life of a venue, and
    /// give two venues different ones.
    pub fn new(library: Library, offsets: Offsets, seed: u64) -> Self {
        Engine {
            instances: Instances::new(&library),
            timers: Timers::new(library.lanes),
            subjects: Subjects::new(seed),
            namer: Namer::new(seed),
            today: Day::NONE,
            offsets,
            library,
        }
    }

    /// The journeys it runs.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// The venue's clock.
    pub fn offsets(&self) -> &Offsets {
        &self.offsets
    }

    /// The subject of a name, new if nobody had it.
    ///
    /// # Errors
    /// The name is empty or too long, or there is no room.
    pub fn subject(&mut self, name: &str) -> Result<SubjectIx, Error> {
        if let Some(known) = self.subjects.find(name) {
            return Ok(known);
        }
        let subject = self.subjects.insert(name)?;
        self.instances.clear(subject);
        Ok(subject)
    }

    /// The subject of a name, if there is one.
    pub fn find(&self, name: &str) -> Option<SubjectIx> {
        self.subjects.find(name)
    }

    /// The name of a subject.
    pub fn name(&self, subject: SubjectIx) -> Option<&str> {
        self.subjects.name(subject)
    }

    /// How many subjects there are.
    pub fn subjects(&self) -> usize {
        self.subjects.len()
    }

    /// One event: every journey of its subject looks at it once. Timers due at or before it must have been
    /// fired. Clears `step` first.
    pub fn event(&mut self, input: &Input<'_>, step: &mut Step) {
        step.start(input.at, input.subject);
        let triggers = match input.event {
            Event::Context(triggers) => triggers | Triggers::ANY,
            Event::Outcome(outcome) => return self.outcome(input, outcome, step),
            // No journey shows choices to pick yet.
            Event::Pick(_) => return,
        };
        let env = Env { facts: input.facts, locals: &[], local: self.local(input.at), now: input.at };
        for ix in (0..self.library.journeys.len()).map(|ix| JourneyIx(ix as u16)) {
            let Some(seat) = self.instances.seat(input.subject, ix) else { return };
            let Some(gates) = self.library.gates.get(usize::from(seat)) else { continue };
            if !gates.wants.meets(triggers) {
                continue;
            }
            let open = match gates.locals {
                None => gates.open(triggers, &env),
                Some(place) => {
                    let locals = self.instances.locals(input.subject, place);
                    gates.open(triggers, &Env { locals, ..env })
                }
            };
            if open {
                self.turn(input.at, input.facts, input.subject, ix, step, |turn| turn.event(triggers));
            }
        }
    }

    /// The next timer of all subjects, by (deadline, subject name, journey name). It stays due until `timer`
    /// has taken it.
    pub fn next_due(&mut self) -> Option<Due> {
        self.due(Timestamp(i64::MAX))
    }

    /// As `next_due`, if its deadline is at or before `until`. Costs one comparison when it is not.
    #[inline]
    pub fn due(&mut self, until: Timestamp) -> Option<Due> {
        let (library, instances, subjects) = (&self.library, &self.instances, &self.subjects);
        let next = self.timers.next(
            until.0,
            |timer| instances.waits(library, timer),
            |timer| (subjects.bytes(timer.subject), timer.journey),
        )?;
        let (at, number) = (Timestamp(next.deadline), next.number);
        Some(Due { at, subject: next.subject, journey: next.journey, number })
    }

    /// Fires a due timer over the facts known at its deadline. A timer that was stopped meanwhile does
    /// nothing. Clears `step` first.
    pub fn timer(&mut self, due: &Due, facts: &[Value], step: &mut Step) {
        step.start(due.at, due.subject);
        let started = crate::timers::Started {
            deadline: due.at.0,
            subject: due.subject,
            journey: due.journey,
            number: due.number,
        };
        if self.instances.waits(&self.library, &started) {
            let timer = self.library.journey(due.journey).and_then(|j| j.timers.get(usize::from(due.number)));
            if let Some(timer) = timer.copied() {
                self.turn(due.at, facts, due.subject, due.journey, step, |turn| turn.timer(timer));
            }
        }
    }

    /// Ends every instance of a subject (its consent is withdrawn) and takes back its standing offers. What a
    /// later instance needs to keep limits and names of offers is kept. Clears `step` first.
    pub fn stop(&mut self, subject: SubjectIx, at: Timestamp, step: &mut Step) {
        step.start(at, subject);
        for ix in 0..self.library.journeys.len() {
            self.turn(at, &[], subject, JourneyIx(ix as u16), step, |turn| turn.stop());
        }
    }

    /// Forgets a subject wholly. Its index may be given to another.
    pub fn remove(&mut self, subject: SubjectIx) {
        if self.subjects.name(subject).is_some() {
            self.stop(subject, Timestamp(0), &mut Step::default());
            self.instances.clear(subject);
            self.subjects.remove(subject);
        }
    }

    /// The state of a subject, for `restore`; nothing when there is no such subject.
    pub fn save(&self, subject: SubjectIx) -> Option<Vec<u8>> {
        self.subjects.name(subject)?;
        Some(state::save(&self.library, |ix, journey| self.instances.instance(subject, ix, journey)))
    }

    /// Puts a saved subject back, in place of what is known under its name. What the library no longer has is
    /// left out; an instance whose page is gone begins again with the next event.
    ///
    /// # Errors
    /// The bytes are not what `save` wrote; then nothing has changed.
    pub fn restore(&mut self, name: &str, saved: &[u8]) -> Result<SubjectIx, Error> {
        let saved = state::read(saved)?;
        if let Some(known) = self.subjects.find(name) {
            self.remove(known);
        }
        let subject = self.subject(name)?;
        for instance in &saved.instances {
            let Some(ix) = self.library.find(instance.journey) else { continue };
            let restored = |turn: &mut Turn<'_>| turn.restore(instance);
            self.turn(Timestamp(0), &[], subject, ix, &mut Step::default(), restored);
        }
        Ok(subject)
    }

    /// The page a subject's instance is on, if it has begun.
    pub fn page(&self, subject: SubjectIx, journey: JourneyIx) -> Option<PageIx> {
        self.instance(subject, journey)?.1.page
    }

    /// The variables of an instance in document order, to render copy with. After a step they are what the
    /// step left.
    pub fn variables(&self, subject: SubjectIx, journey: JourneyIx) -> &[Value] {
        self.instance(subject, journey).map_or(&[], |(_, instance)| instance.locals)
    }

    /// The journey and offer of an id, while that offer stands.
    pub fn standing(&self, subject: SubjectIx, id: OfferId) -> Option<(JourneyIx, OfferIx)> {
        let name = self.subjects.bytes(subject);
        (0..self.library.journeys.len()).map(|ix| JourneyIx(ix as u16)).find_map(|ix| {
            let (journey, instance) = self.instance(subject, ix)?;
            let offer = journey.offers.iter().position(|offer| {
                Standing::of(offer, instance.words)
                    .is_some_and(|standing| self.namer.offer(name, &journey.name, standing) == id)
            })?;
            Some((ix, OfferIx(offer as u16)))
        })
    }

    /// How many instances are on a page now.
    pub fn live(&self, journey: JourneyIx, page: PageIx) -> u64 {
        self.library.journey(journey).map_or(0, |journey| self.instances.live(journey, page))
    }

    fn outcome(&mut self, input: &Input<'_>, outcome: OutcomeIn, step: &mut Step) {
        if let Some((journey, offer)) = self.standing(input.subject, outcome.id) {
            let key = OutcomeKey { offer, outcome: outcome.outcome };
            self.turn(input.at, input.facts, input.subject, journey, step, |turn| turn.outcome(key));
        }
    }

    /// Gives one instance a turn. Never inlined: it is rare, and what is around it is not.
    #[inline(never)]
    fn turn(
        &mut self,
        at: Timestamp,
        facts: &[Value],
        subject: SubjectIx,
        ix: JourneyIx,
        step: &mut Step,
        act: impl FnOnce(&mut Turn<'_>),
    ) {
        let local = self.local(at);
        let moment = &Moment { at, local, facts, subject };
        let Some(journey) = self.library.journeys.get(ix.index()) else { return };
        let Some(row) = self.instances.row(subject) else { return };
        let Some(seat) = row.seats.get_mut(ix.index()) else { return };
        let Some(words) = row.words.get_mut(journey.place.words()) else { return };
        let Some(locals) = row.locals.get_mut(journey.place.locals()) else { return };
        let (timers, subjects, namer) = (&mut self.timers, &self.subjects, &self.namer);
        let live = row.live;
        act(&mut Turn { moment, journey, ix, seat, words, locals, live, timers, subjects, namer, step });
        self.tidy();
    }

    fn tidy(&mut self) {
        let (library, instances) = (&self.library, &self.instances);
        self.timers.tidy(|timer| instances.waits(library, timer));
    }

    fn instance(&self, subject: SubjectIx, ix: JourneyIx) -> Option<(&Journey, Instance<'_>)> {
        let journey = self.library.journey(ix)?;
        Some((journey, self.instances.instance(subject, ix, journey)?))
    }

    fn local(&mut self, at: Timestamp) -> LocalTime {
        if !self.today.holds(at) {
            self.today = self.offsets.day(at);
        }
        self.today.local(at)
    }
}
