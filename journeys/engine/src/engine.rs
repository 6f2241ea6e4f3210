//! The engine: who gets a turn when an event, a timer or a stop comes.
//!
//! Holds the state of all subjects and walks the library's tables; what a turn does is `turn.rs`. It never
//! asks the time and never fires timers by itself: whoever drives it fires what is due before each event.
//! Comes after `input.rs`; next: `turn.rs`; saving is `engine/keep.rs`, looking `engine/look.rs`.

mod keep;
mod look;
mod pool;
mod teach;

pub use look::{ChoiceState, Waits};
pub use pool::Pooled;

use crate::bounds::{SUBJECT_NAME_MAX, SUBJECTS_MAX};
use crate::call::Pending;
use crate::effect::Step;
use crate::graph::SubjectKind;
use crate::id::{JourneyIx, SubjectIx};
use crate::input::{Event, Input, OutcomeIn, Triggers};
use crate::instances::{Instance, Instances, Own};
use crate::learn::Chooser;
use crate::library::{Holding, Journey, Library, OutcomeKey};
use crate::namer::Namer;
use crate::offsets::{Day, Offsets};
use crate::subjects::Subjects;
use crate::timers::Timers;
use crate::turn::{Moment, Turn};
use crate::upgrade::Lapsed;
use alloc::collections::{BTreeSet, VecDeque};
use alloc::vec::Vec;
use turnpage_journeys_expr::{Timestamp, Value};

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
    /// A compiled library that is not ours, not whole, or not such as `compile` makes.
    #[error("a compiled library cannot be read: {0}")]
    Library(&'static str),
    /// Tallies for a choice that does not learn, or not as many as it has alternatives.
    #[error("there are no such alternatives to teach")]
    Teach,
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
    instances: Instances,
    timers: Timers,
    namer: Namer,
    chooser: Chooser,
    /// What turns left to do to other instances. Empty between steps.
    pending: VecDeque<Pending>,
    /// What restoring found standing and could not keep, until somebody asks.
    lapsed: Vec<Lapsed>,
    /// Journeys that a subject has no consent for: who decides that says so again after a restart.
    barred: BTreeSet<(SubjectIx, JourneyIx)>,
    /// What began in this step because it was called: it does not look at what led to it.
    called: Vec<JourneyIx>,
    /// What a choice computes before it does anything. Empty between turns.
    computed: Vec<Value>,
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
            chooser: Chooser::new(seed, library.arms),
            pending: VecDeque::new(),
            barred: BTreeSet::new(),
            called: Vec::new(),
            computed: Vec::new(),
            lapsed: Vec::new(),
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

    /// The subject of a kind and a name, new if there was none: the journeys of its kind run for it. Names are unique
    /// per kind.
    ///
    /// # Errors
    /// The name is empty or too long, or there is no room.
    pub fn subject(&mut self, kind: SubjectKind, name: &str) -> Result<SubjectIx, Error> {
        if let Some(known) = self.subjects.find(kind, name) {
            return Ok(known);
        }
        let subject = self.subjects.insert(kind, name)?;
        self.instances.clear(subject);
        Ok(subject)
    }

    /// The subject of a kind and a name, if there is one.
    pub fn find(&self, kind: SubjectKind, name: &str) -> Option<SubjectIx> {
        self.subjects.find(kind, name)
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
        let moment = &self.moment(input.at, input.facts, input.subject);
        match input.event {
            Event::Context(triggers) => self.context(moment, triggers | Triggers::ANY, step),
            Event::Outcome(outcome) => self.outcome(moment, outcome, step),
            Event::Pick(pick) => self.turn(moment, pick.journey, step, |turn| turn.pick(pick)),
        }
    }

    fn context(&mut self, moment: &Moment<'_>, triggers: Triggers, step: &mut Step) {
        let subject = moment.subject;
        let (mut holding, mut from) = (Holding::new(moment, triggers), 0);
        self.called.clear();
        while let Some((nth, opened)) = self.library.gates.open(&self.instances, from, &mut holding) {
            from = nth + 1;
            if let Some(ix) = self.library.of(subject.kind()).get(nth).copied()
                && !self.called.contains(&ix)
                && !self.in_elder(subject, ix)
                && !self.is_barred(subject, ix)
            {
                self.turn(moment, ix, step, |turn| turn.event(triggers, opened));
            }
        }
    }

    /// The next timer of all subjects, by (deadline, kind of subject, subject's name, journey's name). It stays due
    /// until `timer` has taken it.
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
            |timer| (timer.subject.kind(), subjects.bytes(timer.subject), timer.journey),
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
                let moment = &self.moment(due.at, facts, due.subject);
                self.turn(moment, due.journey, step, |turn| turn.timer(timer));
            }
        }
    }

    /// Ends every instance of a subject (its consent is withdrawn) and takes back its standing offers. What a
    /// later instance needs to keep limits and names of offers is kept. Clears `step` first.
    pub fn stop(&mut self, subject: SubjectIx, at: Timestamp, step: &mut Step) {
        step.start(at, subject);
        let moment = &self.moment(at, &[], subject);
        for nth in 0..self.library.of(subject.kind()).len() {
            if let Some(ix) = self.library.of(subject.kind()).get(nth).copied() {
                self.turn(moment, ix, step, |turn| turn.stop());
            }
        }
    }

    /// Ends a subject's instance of one journey, and with it what it calls, and takes back its standing offers. Until it is
    /// let in again no event begins another. Clears `step` first.
    pub fn bar(&mut self, subject: SubjectIx, journey: JourneyIx, at: Timestamp, step: &mut Step) {
        step.start(at, subject);
        let moment = &self.moment(at, &[], subject);
        self.turn(moment, journey, step, |turn| turn.stop());
        self.barred.insert((subject, journey));
    }

    /// Lets a journey begin again for a subject, with its next event.
    pub fn let_in(&mut self, subject: SubjectIx, journey: JourneyIx) {
        self.barred.remove(&(subject, journey));
    }

    /// Whether no event of a subject begins this journey.
    fn is_barred(&self, subject: SubjectIx, journey: JourneyIx) -> bool {
        !self.barred.is_empty() && self.barred.contains(&(subject, journey))
    }

    /// Forgets a subject wholly. Its index may be given to another.
    pub fn remove(&mut self, subject: SubjectIx) {
        if self.subjects.name(subject).is_some() {
            self.stop(subject, Timestamp(0), &mut Step::default());
            self.instances.clear(subject);
            self.barred.retain(|(barred, _)| *barred != subject);
            self.subjects.remove(subject);
        }
    }

    fn outcome(&mut self, moment: &Moment<'_>, outcome: OutcomeIn, step: &mut Step) {
        if let Some((journey, offer)) = self.standing(moment.subject, outcome.id) {
            let key = OutcomeKey { offer, outcome: outcome.outcome };
            self.turn(moment, journey, step, |turn| turn.outcome(key));
        }
    }

    /// Gives one instance a turn, and then those of its callers and callees that it left something to do.
    /// Never inlined: it is rare, and what is around it is not.
    #[inline(never)]
    fn turn(&mut self, moment: &Moment<'_>, ix: JourneyIx, step: &mut Step, act: impl FnOnce(&mut Turn<'_>)) {
        self.one_turn(moment, ix, step, act);
        // Every call is one page deeper than its caller, and what was called in this step comes back in another.
        while let Some(pending) = self.pending.pop_front() {
            match pending {
                Pending::Begin(callee, given) => {
                    self.called.push(callee);
                    self.one_turn(moment, callee, step, |turn| turn.begin_called(&given));
                }
                Pending::End(callee) => {
                    self.one_turn(moment, callee, step, |turn| turn.hung_up());
                }
                Pending::Return { caller, callee, result } => {
                    self.one_turn(moment, caller, step, |turn| turn.returned(callee, result));
                }
            }
        }
        if self.library.journey(ix).is_some_and(|journey| journey.heir.is_some()) {
            self.hand_over(moment.subject, ix);
        }
        let (library, instances) = (&self.library, &self.instances);
        self.timers.tidy(|timer| instances.waits(library, timer));
    }

    #[inline]
    fn one_turn(
        &mut self,
        moment: &Moment<'_>,
        ix: JourneyIx,
        step: &mut Step,
        act: impl FnOnce(&mut Turn<'_>),
    ) {
        let subject = moment.subject;
        let Some(journey) = self.library.journeys.get(ix.index()) else { return };
        if journey.subject != subject.kind() {
            return;
        }
        let held = self.held(subject, journey);
        let Some(Own { seat, words, locals, live }) = self.instances.own(subject, journey) else { return };
        let (timers, subjects, namer) = (&mut self.timers, &self.subjects, &self.namer);
        let chooser = &mut self.chooser;
        let (library, offsets, pending) = (&self.library, &self.offsets, &mut self.pending);
        act(&mut Turn {
            moment,
            library,
            offsets,
            journey,
            ix,
            held,
            seat,
            words,
            locals,
            live,
            timers,
            subjects,
            namer,
            chooser,
            step,
            pending,
            computed: &mut self.computed,
        });
    }

    /// Whether the subject is inside a mandated journey that is not to be interrupted by a journey's offers: it has
    /// begun, and is on a page that leads on.
    fn held(&self, subject: SubjectIx, journey: &Journey) -> bool {
        journey.held_by.iter().any(|mandated| {
            let page = self
                .instance(subject, *mandated)
                .and_then(|(journey, instance)| journey.page(instance.page?));
            page.is_some_and(|page| !page.is_end())
        })
    }

    fn instance(&self, subject: SubjectIx, ix: JourneyIx) -> Option<(&Journey, Instance<'_>)> {
        let journey = self.library.journey(ix)?;
        Some((journey, self.instances.instance(subject, journey)?))
    }

    #[inline]
    fn moment<'a>(&mut self, at: Timestamp, facts: &'a [Value], subject: SubjectIx) -> Moment<'a> {
        if !self.today.holds(at) {
            self.today = self.offsets.day(at);
        }
        Moment { at, local: self.today.local(at), facts, subject }
    }
}
