//! One instance's part in a step: which choice is open, and what taking it does.
//!
//! Everything that changes an instance is here and in `turn/`. It evaluates guards over facts it is given and writes
//! effects; which instances get a turn, and when, is `engine.rs`. The numbers in brackets are the rules of
//! SEMANTICS.md. Next: `turn/offer.rs`, what becomes of offers; `effect.rs`, what comes out.

mod history;
mod mandate;
mod offer;
mod way;

use crate::call::Pending;
use crate::effect::{Effect, Step};
use crate::graph::Outcome;
use crate::id::{ChoiceIx, JourneyIx, OfferIx, PageIx, SubjectIx, VariableIx};
use crate::input::{PickIn, Triggers};
use crate::instances;
use crate::learn::Chooser;
use crate::library::{Choice, Journey, Library, Opened, OutcomeKey, Timer, TimerRef, Wait};
use crate::limits;
use crate::namer::Namer;
use crate::offsets::Offsets;
use crate::subjects::Subjects;
use crate::timers::{Started, Timers};
use alloc::collections::VecDeque;
use alloc::vec::Vec;
use turnpage_journeys_expr::{Env, LocalTime, Program, Slot, Timestamp, Value};

/// What a step is about: the instant, the subject, and what is known.
#[derive(Clone, Copy)]
pub(crate) struct Moment<'a> {
    pub(crate) at: Timestamp,
    pub(crate) local: LocalTime,
    pub(crate) facts: &'a [Value],
    pub(crate) subject: SubjectIx,
}

impl<'a> Moment<'a> {
    /// What guards see of it; variables are an instance's.
    #[inline]
    pub(crate) fn env(&self) -> Env<'a> {
        Env { facts: self.facts, locals: &[], local: self.local, now: self.at }
    }
}

/// One instance with all that its turn may touch.
pub(crate) struct Turn<'a> {
    pub(crate) moment: &'a Moment<'a>,
    pub(crate) library: &'a Library,
    pub(crate) offsets: &'a Offsets,
    pub(crate) journey: &'a Journey,
    pub(crate) ix: JourneyIx,
    /// Whether a mandated journey keeps this one's offers away.
    pub(crate) held: bool,
    pub(crate) seat: &'a mut u16,
    pub(crate) words: &'a mut [i64],
    pub(crate) locals: &'a mut [Value],
    /// Instances by seat.
    pub(crate) live: &'a mut [u32],
    pub(crate) timers: &'a mut Timers,
    /// Names are far from the state: only an offer's id and a beginning look there.
    pub(crate) subjects: &'a Subjects,
    pub(crate) namer: &'a Namer,
    pub(crate) chooser: &'a mut Chooser,
    pub(crate) step: &'a mut Step,
    /// What is left to do to other instances when this turn is over.
    pub(crate) pending: &'a mut VecDeque<Pending>,
    /// The values of a choice's expressions, all computed before it does anything: sets, then remembers. [4.2]
    pub(crate) computed: &'a mut Vec<Value>,
}

impl Turn<'_> {
    /// An admitted event, on the page the instance is on; it begins first if it has not. [2.1, 2.2, 3.1, 8.4]
    pub(crate) fn event(&mut self, triggers: Triggers, opened: Opened) {
        let journey = self.journey;
        if let Some(choice) = opened.choice {
            return self.from(choice, triggers);
        }
        let triggers = match &journey.intent {
            Some(intent) => match self.foresee(intent, triggers) {
                Some(triggers) => triggers,
                None => return,
            },
            None => triggers,
        };
        if self.page().is_none()
            && journey.caller.is_none()
            && let Some(start) = journey.start
        {
            self.begin(start);
        }
        let here = self.page().and_then(|ix| Some((ix, journey.page(ix)?)));
        let mut strays = false;
        let mut taken = false;
        if let Some((ix, page)) = here {
            self.breach(ix, page);
            strays = self.strays(ix, page);
            taken = self.first(&page.events, triggers);
        }
        if !taken && !self.first(&journey.entries, triggers) && strays {
            self.nudge();
        }
        if triggers.meets(Triggers::REACHED) {
            self.rest();
        }
    }

    /// Takes a choice of the page that was found open, or else the first open one after it.
    fn from(&mut self, nth: u16, triggers: Triggers) {
        let page = self.page().and_then(|page| self.journey.page(page));
        let choices = page.and_then(|page| page.events.get(usize::from(nth)..)?.split_first());
        if let Some((choice, later)) = choices
            && !self.take(choice)
        {
            self.first(later, triggers);
        }
    }

    /// The subject's own pick, if the instance still is on the page it was shown on. [3.5]
    pub(crate) fn pick(&mut self, pick: PickIn) {
        let page = self.page().filter(|page| *page == pick.page).and_then(|page| self.journey.page(page));
        let mut picks = page.into_iter().flat_map(|page| &page.picks);
        if let Some(choice) = picks.find(|choice| choice.ix == Some(pick.choice)) {
            self.first(core::slice::from_ref(choice), Triggers::ANY);
        }
    }

    /// The deadline of one of the instance's timers, which is spent whatever comes of it. [5.3, 5.5, 6.6]
    pub(crate) fn timer(&mut self, timer: Timer) {
        self.step.changed = true;
        match timer {
            Timer::Page { page, nth } => {
                let timer = self.journey.page(page).and_then(|page| page.timers.get(usize::from(nth)));
                let Some(timer) = timer else { return };
                match timer.wait {
                    Wait::After(_) => {
                        instances::set_spent(self.words, instances::spent(self.words) | 1 << nth);
                    }
                    Wait::Clock { at_ms, word } => self.start_clock(timer.timer, at_ms, word),
                }
                self.first(&timer.choices, Triggers::ANY);
            }
            Timer::Within => self.missed(),
            Timer::Offer(offer) => self.outcome(OutcomeKey { offer, outcome: Outcome::Expired }),
        }
    }

    /// An outcome that no choice of this journey recorded: it is recorded, and the page may answer. [6.5]
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

    /// Ends the instance and takes back what it offered. Its steps, limits and evidence stay. [7.1, 7.2]
    pub(crate) fn stop(&mut self) {
        for offer in (0..self.journey.offers.len()).map(|ix| OfferIx(ix as u16)) {
            self.withdraw(offer);
        }
        self.end();
    }

    /// Makes the instance as if it had never been.
    pub(crate) fn forget(&mut self) {
        *self.seat = self.journey.place.nowhere;
        self.words.fill(0);
        self.journey.offers.iter().for_each(|offer| limits::blank(offer, self.words));
        self.locals.fill(Value::Unknown);
    }

    pub(crate) fn page(&self) -> Option<PageIx> {
        self.journey.place.page(*self.seat)
    }

    /// What guards see. The variables of an instance that is over are kept to render its last words with, and
    /// nothing else reads them.
    pub(crate) fn env(&self) -> Env<'_> {
        let locals = if self.page().is_some() { &*self.locals } else { &[] };
        Env { locals, ..self.moment.env() }
    }

    /// Takes the first open choice, if there is one.
    pub(crate) fn first(&mut self, choices: &[Choice], triggers: Triggers) -> bool {
        choices.iter().any(|choice| choice.gate.open(triggers, &self.env()) && self.take(choice))
    }

    /// Takes a choice whose trigger and guard are open, unless it was taken once already, or its offer's limit or a
    /// mandated journey keeps it closed. [3.3, 3.6, 4.1, 11.5]
    fn take(&mut self, choice: &Choice) -> bool {
        let Some(ix) = choice.ix else { return self.take_entry(choice) };
        let Some(page) = self.page() else { return false };
        if choice.once.is_some_and(|once| instances::taken(self.words, &self.journey.place, once.bit)) {
            return false;
        }
        if let Some(offer) = choice.offer
            && !self.may_offer(offer, page, ix)
        {
            return false;
        }
        let chosen = match &choice.alternatives {
            Some(alternatives) => match self.choose(alternatives, page, ix) {
                Some(chosen) => Some(chosen),
                None => return false,
            },
            None => None,
        };
        let does = Does::of(choice, chosen);
        if !does.sets.is_empty() || !choice.remembers.is_empty() {
            self.compute(does.sets, &choice.remembers);
        }
        let step = self.count_step();
        if let Some(once) = choice.once {
            instances::take(self.words, &self.journey.place, once.bit);
        }
        if let Some(outcome) = choice.outcome {
            self.record(outcome);
        }
        if let Some(offer) = choice.withdraw {
            self.withdraw(offer);
        }
        if let Some(offer) = does.offer {
            self.make(offer, page, ix, step);
            self.made_by(offer, does.number);
        }
        self.tell(choice, page, ix);
        if !self.computed.is_empty() {
            self.keep(does.sets, &choice.remembers);
        }
        if let Some(to) = does.turn_to {
            self.turn(page, Some(ix), to);
        }
        true
    }

    /// Goes through an entry: a way in from any other page, and from nowhere. [8.3, 8.4]
    fn take_entry(&mut self, entry: &Choice) -> bool {
        let Some(to) = entry.turn_to else { return false };
        match self.page() {
            None => self.begin(to),
            Some(from) if from == to => return false,
            Some(from) => {
                self.count_step();
                self.turn(from, None, to);
            }
        }
        true
    }

    pub(crate) fn count_step(&mut self) -> u32 {
        let steps = instances::steps(self.words).wrapping_add(1);
        instances::set_steps(self.words, steps);
        self.step.changed = true;
        steps
    }

    /// Tells whom else a choice calls. [4.7]
    fn tell(&mut self, choice: &Choice, page: PageIx, ix: ChoiceIx) {
        let (journey, effects) = (self.ix, &mut self.step.effects);
        if choice.dispatch {
            effects.push(Effect::Dispatch { journey, page, choice: ix });
        }
        if choice.ticket {
            effects.push(Effect::Ticket { journey, page, choice: ix });
        }
    }

    fn compute(&mut self, sets: &[(VariableIx, Program)], remembers: &[(Slot, Program)]) {
        let (sets, remembers) =
            (sets.iter().map(|(_, program)| program), remembers.iter().map(|(_, program)| program));
        let locals = if self.page().is_some() { &*self.locals } else { &[] };
        let env = Env { locals, ..self.moment.env() };
        self.computed.extend(sets.chain(remembers).map(|program| program.eval(&env)));
    }

    /// Tells the facts a choice sets, and sets its variables. [4.2, 4.8]
    fn keep(&mut self, sets: &[(VariableIx, Program)], remembers: &[(Slot, Program)]) {
        for ((fact, _), value) in remembers.iter().zip(self.computed.iter().skip(sets.len())) {
            self.step.effects.push(Effect::Remember { journey: self.ix, fact: *fact, value: *value });
        }
        for ((variable, _), value) in sets.iter().zip(self.computed.drain(..)) {
            let of = self.journey.variables.get(variable.index()).map(|variable| variable.of);
            if let (Some(local), Some(of)) = (self.locals.get_mut(variable.index()), of) {
                *local = self.library.held(of, value);
            }
        }
    }

    /// Begins on a page. A subject that was removed has no name, and nothing begins for it. [2.2, 2.3]
    pub(crate) fn begin(&mut self, page: PageIx) {
        self.begin_with(page, &[]);
    }

    pub(crate) fn begin_with(&mut self, page: PageIx, given: &[Option<Value>]) {
        if self.subjects.bytes(self.moment.subject).is_empty() {
            return;
        }
        self.step.changed = true;
        let once = self.journey.place.once;
        let once = once..once + usize::from(self.journey.once).div_ceil(64);
        self.words.get_mut(once).into_iter().flatten().for_each(|word| *word = 0);
        self.initial(given);
        self.begin_history();
        self.step.effects.push(Effect::Began { journey: self.ix, page });
        self.enter(page);
        self.arrive(page);
    }

    fn turn(&mut self, from: PageIx, choice: Option<ChoiceIx>, to: PageIx) {
        self.count(from, false);
        self.hang_up(from);
        self.enter(to);
        self.step.effects.push(Effect::Turned { journey: self.ix, from, choice, to });
        self.pass(from, to);
        self.arrive(to);
    }

    /// Enters a page, which starts its timers; those of the page before stop waiting. [5.1, 5.2, 5.4]
    fn enter(&mut self, ix: PageIx) {
        self.count(ix, true);
        *self.seat = self.journey.place.seat(ix);
        instances::enter(self.words, self.moment.at.0);
        self.keep_visit(ix);
        for timer in self.journey.page(ix).map_or(&[][..], |page| &page.timers) {
            match timer.wait {
                Wait::After(after_ms) => self.start(timer.timer, self.moment.at.0.saturating_add(after_ms)),
                Wait::Clock { at_ms, word } => self.start_clock(timer.timer, at_ms, word),
            }
        }
    }

    /// Starts a clock timer for the next time the venue's clock shows its time. [5.4]
    fn start_clock(&mut self, timer: TimerRef, at_ms: u32, word: usize) {
        let next = self.offsets.next(at_ms, self.moment.at);
        self.wait_until(timer, word, next.map_or(instances::NO_DEADLINE, |at| at.0));
    }

    pub(crate) fn wait_until(&mut self, timer: TimerRef, word: usize, deadline: i64) {
        if let Some(word) = self.words.get_mut(word) {
            *word = deadline;
            self.start(timer, deadline);
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

/// What of a choice its alternatives may do instead.
struct Does<'a> {
    offer: Option<OfferIx>,
    /// The number of the alternative among the journey's.
    number: Option<usize>,
    sets: &'a [(VariableIx, Program)],
    turn_to: Option<PageIx>,
}

impl<'a> Does<'a> {
    fn of(choice: &'a Choice, chosen: Option<usize>) -> Does<'a> {
        let all = choice.alternatives.as_ref();
        match all.zip(chosen).and_then(|(all, chosen)| Some((all.first + chosen, all.all.get(chosen)?))) {
            Some((number, one)) => {
                Does { offer: Some(one.offer), number: Some(number), sets: &one.sets, turn_to: one.turn_to }
            }
            None => Does { offer: choice.offer, number: None, sets: &choice.sets, turn_to: choice.turn_to },
        }
    }
}
