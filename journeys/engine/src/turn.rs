//! One instance's part in a step: which choice is open, and what taking it does.
//!
//! Everything that changes an instance is here and in `turn/`. It evaluates guards over facts it is given and writes
//! effects; which instances get a turn, and when, is `engine.rs`. The numbers in brackets are the rules of
//! SEMANTICS.md. Next: `turn/offer.rs`, what becomes of offers; `effect.rs`, what comes out.

mod offer;

use crate::bounds::VARIABLES_MAX;
use crate::effect::{Effect, Step};
use crate::graph::Outcome;
use crate::id::{JourneyIx, OfferIx, PageIx, SubjectIx};
use crate::input::Triggers;
use crate::instances;
use crate::library::{Choice, Journey, OutcomeKey, Timer, TimerRef};
use crate::namer::Namer;
use crate::subjects::Subjects;
use crate::timers::{Started, Timers};
use turnpage_journeys_expr::{Env, LocalTime, Timestamp, Value};

/// What a step is about: the instant, the subject, and what is known.
#[derive(Clone, Copy)]
pub(crate) struct Moment<'a> {
    pub(crate) at: Timestamp,
    pub(crate) local: LocalTime,
    pub(crate) facts: &'a [Value],
    pub(crate) subject: SubjectIx,
}

/// One instance with all that its turn may touch.
pub(crate) struct Turn<'a> {
    pub(crate) moment: &'a Moment<'a>,
    pub(crate) journey: &'a Journey,
    pub(crate) ix: JourneyIx,
    pub(crate) seat: &'a mut u16,
    pub(crate) words: &'a mut [i64],
    pub(crate) locals: &'a mut [Value],
    /// Instances by seat.
    pub(crate) live: &'a mut [u32],
    pub(crate) timers: &'a mut Timers,
    /// Names are far from the state: only an offer's id and a beginning look there.
    pub(crate) subjects: &'a Subjects,
    pub(crate) namer: &'a Namer,
    pub(crate) step: &'a mut Step,
}

impl Turn<'_> {
    /// An event, on the page the instance is on; it begins first if it has not. [2.1, 2.2, 3.1, 8.4]
    pub(crate) fn event(&mut self, triggers: Triggers) {
        let journey = self.journey;
        if journey.admit.as_ref().is_some_and(|admit| admit.holds(&self.env()) != Some(true)) {
            return;
        }
        if self.page().is_none()
            && let Some(start) = journey.start
        {
            self.begin(start);
        }
        let page = self.page().and_then(|page| journey.page(page));
        let taken = page.is_some_and(|page| self.first(&page.events, triggers));
        if !taken {
            self.first(&journey.entries, triggers);
        }
    }

    /// The deadline of one of the instance's timers, which is spent whatever comes of it. [5.3, 6.4]
    pub(crate) fn timer(&mut self, timer: Timer) {
        self.step.changed = true;
        match timer {
            Timer::Page { page, nth } => {
                let (steps, spent) = (instances::steps(self.words), instances::spent(self.words));
                instances::set_steps(self.words, steps, spent | 1 << nth);
                let timer = self.journey.page(page).and_then(|page| page.timers.get(usize::from(nth)));
                if let Some(timer) = timer {
                    self.first(&timer.choices, Triggers::ANY);
                }
            }
            Timer::Offer(offer) => self.outcome(OutcomeKey { offer, outcome: Outcome::Expired }),
        }
    }

    /// An outcome that no choice of this journey recorded: it is recorded, and the page may answer. [6.3]
    pub(crate) fn outcome(&mut self, key: OutcomeKey) {
        if !self.record(key) {
            return;
        }
        let Some(page) = self.page().and_then(|page| self.journey.page(page)) else { return };
        for (_, choice) in page.answers.iter().filter(|(awaited, _)| *awaited == key) {
            if choice.gate.open(Triggers::ANY, &self.env()) && self.take(choice) {
                return;
            }
        }
    }

    /// Ends the instance and takes back what it offered. Its steps and limits stay. [7.1, 7.2]
    pub(crate) fn stop(&mut self) {
        for offer in (0..self.journey.offers.len()).map(|ix| OfferIx(ix as u16)) {
            self.withdraw(offer);
        }
        if let Some(page) = self.page() {
            self.count(page, false);
            *self.seat = self.journey.place.nowhere;
            self.locals.fill(Value::Unknown);
            self.step.effects.push(Effect::Ended { journey: self.ix, page });
            self.step.changed = true;
        }
    }

    pub(crate) fn page(&self) -> Option<PageIx> {
        self.journey.place.page(*self.seat)
    }

    pub(crate) fn env(&self) -> Env<'_> {
        Env { facts: self.moment.facts, locals: self.locals, local: self.moment.local, now: self.moment.at }
    }

    /// Takes the first open choice, if there is one.
    fn first(&mut self, choices: &[Choice], triggers: Triggers) -> bool {
        choices.iter().any(|choice| choice.gate.open(triggers, &self.env()) && self.take(choice))
    }

    /// Takes a choice whose trigger and guard are open, unless its offer's limit keeps it closed. [3.3, 4.1]
    fn take(&mut self, choice: &Choice) -> bool {
        let Some(ix) = choice.ix else { return self.take_entry(choice) };
        let Some(page) = self.page() else { return false };
        if !self.may_offer(choice, page, ix) {
            return false;
        }
        let step = self.count_step();
        if let Some(outcome) = choice.outcome {
            self.record(outcome);
        }
        if let Some(offer) = choice.offer {
            self.make(offer, page, ix, step);
        }
        self.set(choice);
        if let Some(to) = choice.turn_to {
            self.turn(page, to);
            self.step.effects.push(Effect::Turned { journey: self.ix, from: page, choice: Some(ix), to });
        }
        true
    }

    /// Goes through an entry: a way in from any other page, and from nowhere. [8.2, 8.3]
    fn take_entry(&mut self, entry: &Choice) -> bool {
        let Some(to) = entry.turn_to else { return false };
        match self.page() {
            None => self.begin(to),
            Some(from) if from == to => return false,
            Some(from) => {
                self.count_step();
                self.turn(from, to);
                self.step.effects.push(Effect::Turned { journey: self.ix, from, choice: None, to });
            }
        }
        true
    }

    pub(crate) fn count_step(&mut self) -> u32 {
        let (steps, spent) = (instances::steps(self.words).wrapping_add(1), instances::spent(self.words));
        instances::set_steps(self.words, steps, spent);
        self.step.changed = true;
        steps
    }

    /// Sets variables, all from their values before. [4.3]
    fn set(&mut self, choice: &Choice) {
        if choice.sets.is_empty() {
            return;
        }
        let mut values = [Value::Unknown; VARIABLES_MAX];
        for (value, (_, program)) in values.iter_mut().zip(&choice.sets) {
            *value = program.eval(&self.env());
        }
        for ((variable, _), value) in choice.sets.iter().zip(values) {
            if let Some(local) = self.locals.get_mut(variable.index()) {
                *local = value;
            }
        }
    }

    /// Begins on a page. A subject that was removed has no name, and nothing begins for it. [2.2, 2.3]
    fn begin(&mut self, page: PageIx) {
        if self.subjects.bytes(self.moment.subject).is_empty() {
            return;
        }
        self.step.changed = true;
        for (ix, variable) in self.journey.variables.iter().enumerate() {
            let value = variable.initial.as_ref().map_or(Value::Unknown, |initial| initial.eval(&self.env()));
            if let Some(local) = self.locals.get_mut(ix) {
                *local = value;
            }
        }
        self.enter(page);
        self.step.effects.push(Effect::Began { journey: self.ix, page });
    }

    fn turn(&mut self, from: PageIx, to: PageIx) {
        self.count(from, false);
        self.enter(to);
    }

    /// Enters a page, which starts its timers; those of the page before stop waiting. [5.1, 5.2]
    fn enter(&mut self, ix: PageIx) {
        self.count(ix, true);
        *self.seat = self.journey.place.seat(ix);
        instances::set_entered_at(self.words, self.moment.at.0);
        instances::set_steps(self.words, instances::steps(self.words), 0);
        for timer in self.journey.page(ix).map_or(&[][..], |page| &page.timers) {
            self.start(timer.timer, self.moment.at.0.saturating_add(timer.after_ms));
        }
    }

    pub(crate) fn start(&mut self, TimerRef { lane, number }: TimerRef, deadline: i64) {
        let (subject, journey) = (self.moment.subject, self.ix);
        self.timers.start(lane, Started { deadline, subject, journey, number });
    }

    pub(crate) fn count(&mut self, page: PageIx, more: bool) {
        let seat = self.journey.place.seat(page);
        if let Some(live) = self.live.get_mut(usize::from(seat)) {
            *live = if more { live.saturating_add(1) } else { live.saturating_sub(1) };
        }
    }
}
