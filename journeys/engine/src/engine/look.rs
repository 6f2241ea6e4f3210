//! What an engine shows: pages, variables, standing offers, and why each choice is open or closed. Changes nothing.
//!
//! Next: `library.rs`, what the indexes stand for.

use super::Engine;
use crate::effect::OfferId;
use crate::graph::Outcome;
use crate::id::{ChoiceIx, JourneyIx, OfferIx, PageIx, SubjectIx};
use crate::input::{PickIn, Triggers};
use crate::instances::{self, Instance};
use crate::library::{Choice, Journey, Page, Wait};
use crate::limits::{self, Standing};
use alloc::vec::Vec;
use turnpage_journeys_expr::{Env, Timestamp, Value};

/// Why a choice of the page is open or closed.
#[derive(Clone, Debug, PartialEq)]
pub struct ChoiceState {
    /// The choice.
    pub choice: ChoiceIx,
    /// What it waits for.
    pub waits: Waits,
    /// Its guard's truth now; `Some(None)` is unknown, `None` that it has no guard.
    pub guard: Option<Option<bool>>,
    /// Its offer's limit keeps it closed.
    pub limited: bool,
    /// A mandated journey that the subject is inside keeps it closed.
    pub held: bool,
    /// It was taken once already, or its time on this page is over.
    pub spent: bool,
}

impl ChoiceState {
    /// Whether it would be taken if what it waits for came now, and no choice before it were open.
    pub fn open(&self) -> bool {
        self.guard.is_none_or(|truth| truth == Some(true)) && !self.limited && !self.held && !self.spent
    }
}

/// What a choice waits for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Waits {
    /// An event.
    Event(Triggers),
    /// An outcome of an offer.
    Outcome {
        /// The offer.
        offer: OfferIx,
        /// What became of it.
        outcome: Outcome,
    },
    /// A delay since the page was entered; the deadline.
    Timer(Timestamp),
    /// A time on the venue's clock; its next instant.
    Clock(Timestamp),
    /// The subject's own pick.
    Pick,
    /// The journey that the page calls.
    Returned,
}

impl Engine {
    /// The page a subject's instance is on, if it has begun.
    pub fn page(&self, subject: SubjectIx, journey: JourneyIx) -> Option<PageIx> {
        self.instance(subject, journey)?.1.page
    }

    /// The variables of an instance in document order, and after them what it keeps of its past: the locals that copy
    /// is rendered with. After a step they are what the step left.
    pub fn variables(&self, subject: SubjectIx, journey: JourneyIx) -> &[Value] {
        self.instance(subject, journey).map_or(&[], |(_, instance)| instance.locals)
    }

    /// The journey and offer of an id, while that offer stands.
    pub fn standing(&self, subject: SubjectIx, id: OfferId) -> Option<(JourneyIx, OfferIx)> {
        let name = self.subjects.bytes(subject);
        self.library.of(subject.kind()).iter().copied().find_map(|ix| {
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

    /// Every choice of the page an instance is on, in document order: what it waits for, and what keeps it closed now.
    /// Nothing for an instance that has not begun.
    pub fn choices(
        &self,
        subject: SubjectIx,
        journey: JourneyIx,
        at: Timestamp,
        facts: &[Value],
    ) -> Vec<ChoiceState> {
        let Some((journey, instance)) = self.instance(subject, journey) else { return Vec::new() };
        let Some(page) = instance.page.and_then(|page| journey.page(page)) else { return Vec::new() };
        let look = self.look(subject, journey, instance, at, facts);
        let mut states: Vec<ChoiceState> = waits(page, instance.words)
            .filter_map(|(waits, over, choice)| look.state(choice, waits, over))
            .collect();
        states.sort_by_key(|state| state.choice);
        states
    }

    /// What a kiosk or an app may show a subject now: the open picks of all its journeys.
    pub fn picks(&self, subject: SubjectIx, at: Timestamp, facts: &[Value]) -> Vec<PickIn> {
        let mut open = Vec::new();
        for ix in self.library.of(subject.kind()) {
            let Some((journey, instance)) = self.instance(subject, *ix) else { continue };
            let Some((page_ix, page)) = instance.page.and_then(|ix| Some((ix, journey.page(ix)?))) else {
                continue;
            };
            if page.picks.is_empty() {
                continue;
            }
            let look = self.look(subject, journey, instance, at, facts);
            let picks = page.picks.iter().filter_map(|choice| look.state(choice, Waits::Pick, false));
            open.extend(picks.filter(ChoiceState::open).map(|state| PickIn {
                journey: *ix,
                page: page_ix,
                choice: state.choice,
            }));
        }
        open
    }

    fn look<'a>(
        &self,
        subject: SubjectIx,
        journey: &'a Journey,
        instance: Instance<'a>,
        at: Timestamp,
        facts: &'a [Value],
    ) -> Look<'a> {
        let env = Env { facts, locals: instance.locals, local: self.offsets.local(at), now: at };
        Look { journey, instance, at, env, held: self.held(subject, journey) }
    }
}

/// One instance, looked at with what is known.
struct Look<'a> {
    journey: &'a Journey,
    instance: Instance<'a>,
    at: Timestamp,
    env: Env<'a>,
    held: bool,
}

impl Look<'_> {
    /// `over` says that the choice's timer has fired on this visit.
    fn state(&self, choice: &Choice, waits: Waits, over: bool) -> Option<ChoiceState> {
        let (journey, words) = (self.journey, self.instance.words);
        let alternatives = choice.alternatives.iter().flat_map(|alternatives| &alternatives.all);
        let mut offers = choice
            .offer
            .into_iter()
            .chain(alternatives.map(|one| one.offer))
            .filter_map(|offer| journey.offer(offer))
            .peekable();
        let offering = offers.peek().is_some();
        let taken = choice.once.is_some_and(|once| instances::taken(words, &journey.place, once.bit));
        Some(ChoiceState {
            choice: choice.ix?,
            waits,
            guard: choice.gate.guard.as_ref().map(|guard| guard.holds(&self.env)),
            limited: offering && offers.all(|offer| !limits::allows(offer, words, self.at, self.env.local)),
            held: offering && self.held,
            spent: over || taken,
        })
    }
}

/// The choices of a page with what each waits for, and whether that is over.
fn waits<'a>(page: &'a Page, words: &'a [i64]) -> impl Iterator<Item = (Waits, bool, &'a Choice)> {
    let events = page.events.iter().map(|choice| (Waits::Event(choice.gate.wants), false, choice));
    let answers = page
        .answers
        .iter()
        .map(|(key, choice)| (Waits::Outcome { offer: key.offer, outcome: key.outcome }, false, choice));
    let picks = page.picks.iter().map(|choice| (Waits::Pick, false, choice));
    let timed = page.timers.iter().zip(0..).flat_map(move |(timer, nth)| {
        let deadline = instances::page_deadline(timer, nth, words);
        let at = Timestamp(match (timer.wait, deadline) {
            (Wait::After(after_ms), None) => instances::entered_at(words).saturating_add(after_ms),
            (Wait::Clock { .. }, None) => instances::NO_DEADLINE,
            (_, Some(deadline)) => deadline,
        });
        let waits = match timer.wait {
            Wait::After(_) => Waits::Timer(at),
            Wait::Clock { .. } => Waits::Clock(at),
        };
        timer.choices.iter().map(move |choice| (waits, deadline.is_none(), choice))
    });
    let returned = page.returned.iter().map(|choice| (Waits::Returned, false, choice));
    events.chain(answers).chain(picks).chain(timed).chain(returned)
}
