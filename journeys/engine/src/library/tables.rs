//! The tables the engine walks: where an instance's state is, what opens a choice, and what taking it does.
//!
//! Plain data that `compile` writes and nobody changes. It is stored as it stands here, but for what `place.rs` makes of it. Names and copy are beside it in `library.rs`. Next:
//! `engine.rs`, which walks it.

use crate::bounds::{ALTERNATIVES_MAX, CHOICES_MAX, PAGES_MAX, REMEMBERS_MAX, VARIABLES_MAX};
use crate::graph::Outcome;
use crate::id::{ChoiceIx, JourneyIx, OfferIx, PageIx, VariableIx};
use crate::input::Triggers;
use alloc::boxed::Box;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use turnpage_journeys_expr::stored::list;
use turnpage_journeys_expr::{Env, Program, Slot};

/// Most alternatives of one journey: as many as its pages could have.
const ARMS_MAX: usize = PAGES_MAX * CHOICES_MAX;

/// Where a journey's seats are, and its instances' words and variables in a subject's row.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    /// Its place among the journeys of its kind of subject.
    pub(crate) nth: usize,
    pub(crate) words: usize,
    pub(crate) words_len: usize,
    pub(crate) locals: usize,
    pub(crate) locals_len: usize,
    /// The seat of an instance that has not begun; the seats of its pages follow. No two journeys share seats.
    pub(crate) nowhere: u16,
    /// How many pages there are.
    pub(crate) pages: u16,
    /// Among the words of an instance: the two of a mandated journey's evidence.
    pub(crate) evidence: usize,
    /// Among the words of an instance: one bit for each choice that is taken only once.
    pub(crate) once: usize,
}

impl Place {
    /// The page of a seat; nothing for an instance that has not begun.
    pub(crate) fn page(&self, seat: u16) -> Option<PageIx> {
        seat.checked_sub(self.nowhere)?.checked_sub(1).filter(|page| *page < self.pages).map(PageIx)
    }

    /// The seat of an intent journey that is over and does not begin again yet.
    pub(crate) fn resting(&self) -> u16 {
        self.nowhere.saturating_add(1).saturating_add(self.pages)
    }

    pub(crate) fn seat(&self, page: PageIx) -> u16 {
        self.nowhere.saturating_add(1).saturating_add(page.0)
    }

    pub(crate) fn words(&self) -> core::ops::Range<usize> {
        self.words..self.words + self.words_len
    }

    pub(crate) fn locals(&self) -> core::ops::Range<usize> {
        self.locals..self.locals + self.locals_len
    }
}

/// A call of another journey.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Call {
    /// The place of its definition, until the library is put together.
    #[cfg(feature = "compile")]
    #[serde(skip)]
    pub(crate) definition: usize,
    pub(crate) callee: JourneyIx,
    /// Parameters that are given.
    #[serde(deserialize_with = "list::<_, _, VARIABLES_MAX>")]
    pub(crate) with: Vec<(VariableIx, Program)>,
}

/// The trigger and guard of one choice.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Gate {
    pub(crate) wants: Triggers,
    pub(crate) guard: Option<Program>,
}

impl Gate {
    #[inline]
    pub(crate) fn open(&self, triggers: Triggers, env: &Env<'_>) -> bool {
        self.wants.opens(triggers) && self.guard.as_ref().is_none_or(|guard| guard.holds(env) == Some(true))
    }
}

/// One outcome of one offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OutcomeKey {
    pub(crate) offer: OfferIx,
    pub(crate) outcome: Outcome,
}

/// A choice as the engine walks it. An entry of an ad-hoc page is one, too.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Choice {
    /// Its limit is asked later: closing a choice that is open otherwise is worth telling.
    pub(crate) gate: Gate,
    /// Nothing for an entry.
    pub(crate) ix: Option<ChoiceIx>,
    pub(crate) once: Option<Once>,
    pub(crate) offer: Option<OfferIx>,
    pub(crate) outcome: Option<OutcomeKey>,
    pub(crate) withdraw: Option<OfferIx>,
    pub(crate) dispatch: bool,
    pub(crate) ticket: bool,
    #[serde(deserialize_with = "list::<_, _, REMEMBERS_MAX>")]
    pub(crate) remembers: Vec<(Slot, Program)>,
    #[serde(deserialize_with = "list::<_, _, VARIABLES_MAX>")]
    pub(crate) sets: Vec<(VariableIx, Program)>,
    pub(crate) turn_to: Option<PageIx>,
    /// Of these one is taken, in place of `offer`, `sets` and `turn_to`.
    pub(crate) alternatives: Option<Box<Alternatives>>,
}

/// What a learning journey chooses from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Alternatives {
    /// The number of the first among the journey's alternatives; the others follow.
    pub(crate) first: usize,
    #[serde(deserialize_with = "list::<_, _, ALTERNATIVES_MAX>")]
    pub(crate) all: Vec<Alternative>,
}

/// One of them, with all that taking it does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Alternative {
    pub(crate) offer: OfferIx,
    #[serde(deserialize_with = "list::<_, _, VARIABLES_MAX>")]
    pub(crate) sets: Vec<(VariableIx, Program)>,
    pub(crate) turn_to: Option<PageIx>,
}

/// How a journey learns, and what from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Learn {
    pub(crate) floor: f64,
    pub(crate) hold_out: f64,
    /// Every alternative of the journey, by number.
    #[serde(deserialize_with = "list::<_, _, ARMS_MAX>")]
    pub(crate) arms: Vec<Arm>,
    /// Among the words of an instance: a tally for each alternative, then for each offer what made it last.
    #[serde(skip)]
    pub(crate) words: usize,
    /// The library's number of the journey's first alternative.
    #[serde(skip)]
    pub(crate) first: usize,
}

/// Where an alternative stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Arm {
    pub(crate) page: PageIx,
    pub(crate) choice: ChoiceIx,
    /// The place of its choice among those of the page that have alternatives: what it is saved by.
    pub(crate) nth: u16,
    pub(crate) offer: OfferIx,
}

/// What an intent journey waits for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    /// The goal is likely next.
    pub(crate) likely: Program,
    /// It is not.
    pub(crate) unlikely: Program,
    /// The subject is there.
    pub(crate) there: Program,
    pub(crate) within_ms: i64,
    /// Among the words of an instance: when it began.
    #[serde(skip)]
    pub(crate) word: usize,
    #[serde(skip)]
    pub(crate) timer: TimerRef,
}

/// A choice that is taken at most once in the life of an instance.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Once {
    /// Its bit among the journey's.
    pub(crate) bit: u16,
    /// What it is found again by when the journey was edited.
    pub(crate) key: u64,
}

/// What a timer of a page waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Wait {
    /// Milliseconds on the page.
    After(i64),
    /// A time on the venue's clock, in milliseconds since midnight. The deadline is kept in a word of the instance.
    Clock {
        at_ms: u32,
        #[serde(skip)]
        word: usize,
    },
}

/// The choices of a page that wait for one delay, or for one time of day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PageTimer {
    pub(crate) wait: Wait,
    #[serde(skip)]
    pub(crate) timer: TimerRef,
    #[serde(deserialize_with = "list::<_, _, CHOICES_MAX>")]
    pub(crate) choices: Vec<Choice>,
}

/// A timer of a journey and the lane its delay queues in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TimerRef {
    pub(crate) lane: u16,
    /// Its place among the journey's timers.
    pub(crate) number: u16,
}

/// What a timer of a journey is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// An `after` or an `at` of a page; `nth` among the page's timers.
    Page { page: PageIx, nth: u16 },
    /// The end of an offer's time.
    Offer(OfferIx),
    /// The end of the time in which an intent journey's goal is to be reached.
    Within,
}
