//! A compiled set of journeys: dense tables for the engine, names and copy for everyone else.
//!
//! Read-only after `compile`. Journeys are sorted by the bytes of their names. What the engine walks is
//! private; what people and plans look at is public. Comes after `compile.rs`; next: `engine.rs`.

use crate::graph::{Kind, Limit, Outcome, Serves};
use crate::id::{ChoiceIx, JourneyIx, OfferIx, PageIx, VariableIx};
use crate::input::Triggers;
use turnpage_journeys_expr::{Env, Program, Slot, Template, Type};

/// Every journey that runs, checked and compiled.
#[derive(Clone, Debug, Default)]
pub struct Library {
    pub(crate) journeys: Vec<Journey>,
    pub(crate) reads: Vec<Slot>,
    /// What every seat looks at, by seat: the one table an event nobody waits for touches.
    pub(crate) gates: Vec<Gates>,
    /// How many different delays timers have: each has a lane of its own.
    pub(crate) lanes: usize,
}

impl Library {
    /// The journeys in the order of their names' bytes: the place in the slice is the `JourneyIx`.
    pub fn journeys(&self) -> &[Journey] {
        &self.journeys
    }

    /// A journey by index.
    pub fn journey(&self, ix: JourneyIx) -> Option<&Journey> {
        self.journeys.get(ix.index())
    }

    /// A journey by name.
    pub fn find(&self, name: &str) -> Option<JourneyIx> {
        let at = self.journeys.binary_search_by(|journey| journey.name.as_str().cmp(name)).ok()?;
        u16::try_from(at).ok().map(JourneyIx)
    }

    /// Every fact that some guard or variable of some journey reads, ascending. An event needs no other; what
    /// copy reads is asked of each [`Template`] when an offer is made.
    pub fn reads(&self) -> &[Slot] {
        &self.reads
    }
}

/// A compiled journey.
#[derive(Clone, Debug)]
pub struct Journey {
    /// Its name, unique in the library.
    pub name: String,
    /// The author's version number.
    pub version: u32,
    /// How strictly it holds its order.
    pub kind: Kind,
    /// Whom it serves.
    pub serves: Option<Serves>,
    /// Its offers in document order: the place in the vector is the `OfferIx`.
    pub offers: Vec<Offer>,
    /// Its variables in document order: the place in the vector is the `VariableIx`.
    pub variables: Vec<Variable>,
    pub(crate) admit: Option<Program>,
    /// Where an instance begins; an ad-hoc journey begins through its entries instead.
    pub(crate) start: Option<PageIx>,
    pub(crate) pages: Vec<Page>,
    pub(crate) entries: Vec<Choice>,
    /// Every timer an instance can have: those of pages in document order, then those of offers.
    pub(crate) timers: Vec<Timer>,
    pub(crate) place: Place,
}

/// Where a journey's seats are, and its instances' words and variables in a subject's row.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place {
    pub(crate) words: usize,
    pub(crate) words_len: usize,
    pub(crate) locals: usize,
    pub(crate) locals_len: usize,
    /// The seat of an instance that has not begun; the seats of its pages follow. No two journeys share seats.
    pub(crate) nowhere: u16,
}

impl Place {
    /// The page of a seat; nothing for an instance that has not begun.
    pub(crate) fn page(&self, seat: u16) -> Option<PageIx> {
        seat.checked_sub(self.nowhere)?.checked_sub(1).map(PageIx)
    }

    pub(crate) fn seat(&self, page: PageIx) -> u16 {
        self.nowhere.saturating_add(1).saturating_add(page.0)
    }

    pub(crate) fn words(&self) -> std::ops::Range<usize> {
        self.words..self.words + self.words_len
    }

    pub(crate) fn locals(&self) -> std::ops::Range<usize> {
        self.locals..self.locals + self.locals_len
    }
}

impl Journey {
    /// Its pages in document order: the place in the slice is the `PageIx`.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// A page by index.
    pub fn page(&self, ix: PageIx) -> Option<&Page> {
        self.pages.get(ix.index())
    }

    /// A choice of a page, for a decision record: what stood in the way or opened it.
    pub fn choice(&self, page: PageIx, choice: ChoiceIx) -> Option<&ChoiceInfo> {
        self.pages.get(page.index())?.choices.get(choice.index())
    }

    /// An offer by index.
    pub fn offer(&self, ix: OfferIx) -> Option<&Offer> {
        self.offers.get(ix.index())
    }
}

/// A compiled offer.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Its name, unique in its journey.
    pub name: String,
    /// What it says, the author's first language first.
    pub text: Vec<Copy>,
    /// The channels it may go over, best first.
    pub channels: Vec<String>,
    /// How long it stands, in milliseconds.
    pub valid_ms: Option<i64>,
    /// How often it may be made to one subject.
    pub limit: Option<Limit>,
    /// Place of its words among the instance's words.
    pub(crate) words: usize,
    /// Lane and number of the timer it expires by.
    pub(crate) expiry: Option<TimerRef>,
}

/// Compiled copy: a template in one language, for every channel or for one.
#[derive(Clone, Debug)]
pub struct Copy {
    /// A language tag.
    pub language: String,
    /// The channel it is for, where it is for one.
    pub channel: Option<String>,
    /// What is said.
    pub template: Template,
}

impl Copy {
    /// Of all copy the one to use: the language counts more than the channel, and the author's first language
    /// stands in for one that is not there. A language without its region stands in for it with one.
    pub fn pick<'a>(
        copies: &'a [Copy],
        language: Option<&str>,
        channel: Option<&str>,
    ) -> Option<&'a Template> {
        let first = copies.first()?;
        let spoken = |tag: &str| copies.iter().any(|copy| copy.language == tag).then(|| tag.to_owned());
        let base = |tag: &str| tag.split('-').next().and_then(spoken);
        let tag = language.and_then(|tag| spoken(tag).or_else(|| base(tag)));
        let tag = tag.as_deref().unwrap_or(&first.language);
        let of = |channel: Option<&str>| {
            copies.iter().find(|copy| copy.language == tag && copy.channel.as_deref() == channel)
        };
        let found = channel.and_then(|channel| of(Some(channel))).or_else(|| of(None));
        found.or_else(|| copies.iter().find(|copy| copy.language == tag)).map(|copy| &copy.template)
    }
}

impl Offer {
    /// What it says on a channel to whom reads a language.
    pub fn copy(&self, language: Option<&str>, channel: Option<&str>) -> Option<&Template> {
        Copy::pick(&self.text, language, channel)
    }
}

/// A compiled variable.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name, unique in its journey.
    pub name: String,
    /// What it holds.
    pub of: Type,
    pub(crate) initial: Option<Program>,
}

/// A compiled page.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its name, unique in its journey.
    pub name: String,
    /// Its choices in document order, as written: the place in the vector is the `ChoiceIx`.
    pub choices: Vec<ChoiceInfo>,
    /// Choices an event may open, in document order.
    pub(crate) events: Vec<Choice>,
    /// Choices an outcome may open, in document order.
    pub(crate) answers: Vec<(OutcomeKey, Choice)>,
    pub(crate) timers: Vec<PageTimer>,
}

/// A choice as a decision record shows it.
#[derive(Clone, Debug)]
pub struct ChoiceInfo {
    /// The guard's text; empty when the choice has none.
    pub guard: String,
    /// The facts the guard reads.
    pub reads: Vec<Slot>,
    /// The offer it makes.
    pub offer: Option<OfferIx>,
    /// The page it turns to.
    pub turn_to: Option<PageIx>,
}

/// What may happen on a seat at an event: enough to know that nothing does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gates {
    /// The triggers of any gate.
    pub(crate) wants: Triggers,
    /// Where the journey's variables are in a subject's row, if it has any.
    pub(crate) locals: Option<(u32, u32)>,
    pub(crate) gates: Box<[Gate]>,
}

impl Gates {
    #[inline]
    pub(crate) fn open(&self, triggers: Triggers, env: &Env<'_>) -> bool {
        self.gates.iter().any(|gate| gate.open(triggers, env))
    }
}

/// The trigger and guard of one choice.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    pub(crate) wants: Triggers,
    pub(crate) guard: Option<Program>,
}

impl Gate {
    #[inline]
    pub(crate) fn open(&self, triggers: Triggers, env: &Env<'_>) -> bool {
        self.wants.meets(triggers) && self.guard.as_ref().is_none_or(|guard| guard.holds(env) == Some(true))
    }
}

/// One outcome of one offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutcomeKey {
    pub(crate) offer: OfferIx,
    pub(crate) outcome: Outcome,
}

/// A choice as the engine walks it. An entry of an ad-hoc page is one, too.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    /// Its limit is asked later: closing a choice that is open otherwise is worth telling.
    pub(crate) gate: Gate,
    /// Nothing for an entry.
    pub(crate) ix: Option<ChoiceIx>,
    pub(crate) offer: Option<OfferIx>,
    pub(crate) outcome: Option<OutcomeKey>,
    pub(crate) sets: Vec<(VariableIx, Program)>,
    pub(crate) turn_to: Option<PageIx>,
}

/// The choices of a page that wait for one delay.
#[derive(Clone, Debug)]
pub(crate) struct PageTimer {
    pub(crate) after_ms: i64,
    pub(crate) timer: TimerRef,
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
    /// An `after` of a page; `nth` among the page's timers.
    Page { page: PageIx, nth: u16 },
    /// The end of an offer's time.
    Offer(OfferIx),
}
