//! A compiled set of journeys: dense tables for the engine, names and copy for everyone else.
//!
//! Read-only after `compile`. Journeys are sorted by the bytes of their names. What the engine walks is
//! private; what people and plans look at is public. Comes after `compile.rs`; next: `engine.rs`.

use crate::graph::{Kind, Limit, Outcome, Serves, SubjectKind};
use crate::id::{ChoiceIx, JourneyIx, OfferIx, PageIx, VariableIx};
use crate::input::Triggers;
use crate::upgrade::Inside;
use turnpage_journeys_expr::{
    DomainId, Env, History, Local, Program, Recall, Slot, Symbol, Template, Type, Value,
};

/// Every journey that runs, checked and compiled.
#[derive(Clone, Debug, Default)]
pub struct Library {
    pub(crate) journeys: Vec<Journey>,
    pub(crate) reads: Vec<Slot>,
    /// What every seat looks at, by seat: the one table an event nobody waits for touches.
    pub(crate) gates: Vec<Gates>,
    /// How many different delays and times of day timers have: each has a lane of its own.
    pub(crate) lanes: usize,
    /// The journeys of each kind of subject, in order.
    pub(crate) kinds: [Vec<JourneyIx>; SubjectKind::ALL.len()],
    /// The members of the domains that variables are of, by symbol: state is saved by name.
    pub(crate) members: Vec<(DomainId, Vec<String>)>,
    /// How many alternatives all learning journeys have together.
    pub(crate) arms: usize,
}

impl Library {
    /// The journeys in the order of their names' bytes, the versions of one name oldest first: the place in the
    /// slice is the `JourneyIx`. A journey that is called stands here once for each caller.
    pub fn journeys(&self) -> &[Journey] {
        &self.journeys
    }

    /// A journey by index.
    pub fn journey(&self, ix: JourneyIx) -> Option<&Journey> {
        self.journeys.get(ix.index())
    }

    /// A journey by name; of several versions the newest. A journey that is called is found as
    /// `caller>callee`.
    pub fn find(&self, name: &str) -> Option<JourneyIx> {
        self.named(name).last().map(|(ix, _)| ix)
    }

    /// The journeys of a name, the oldest version first.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = (JourneyIx, &Journey)> {
        let from = self.journeys.partition_point(|journey| journey.name.as_str() < name);
        let named = self.journeys.iter().enumerate().skip(from);
        named
            .take_while(move |(_, journey)| journey.name == name)
            .map(|(ix, journey)| (JourneyIx(ix as u16), journey))
    }

    /// Whether two journeys are versions of one: the same name, and the same caller where they are called.
    pub(crate) fn is_version_of(&self, one: JourneyIx, other: JourneyIx) -> bool {
        let name = |ix| self.journey(ix).map(|journey| (&journey.name, journey.caller));
        name(one) == name(other)
    }

    /// The journeys that run for a kind of subject, in the order of their names' bytes.
    pub fn of(&self, kind: SubjectKind) -> &[JourneyIx] {
        self.kinds.get(kind as usize).map_or(&[], Vec::as_slice)
    }

    /// The members of a domain that some variable is of.
    fn members(&self, domain: DomainId) -> &[String] {
        let found = self.members.iter().find(|(known, _)| *known == domain);
        found.map_or(&[], |(_, members)| members)
    }

    /// What a variable of a type holds of a value: a name that the venue did not declare could not be saved, so it is
    /// unknown at once; so is what is of another type, which only a fact that is not what it was declared can be.
    pub(crate) fn held(&self, of: Type, value: Value) -> Value {
        let fits = match (of, value) {
            (Type::Set(domain), Value::Set(bits)) => {
                let known = self.members(domain).len().min(u64::BITS as usize);
                return Value::Set(if known == u64::BITS as usize {
                    bits
                } else {
                    bits & ((1 << known) - 1)
                });
            }
            (Type::Symbol(domain), Value::Symbol(symbol)) => self.member(domain, symbol).is_some(),
            (Type::Bool, Value::Bool(_)) | (Type::Int | Type::Date, Value::Int(_)) => true,
            (Type::Double | Type::Quantity(_), Value::Double(_)) => true,
            (Type::Duration | Type::TimeOfDay, Value::Duration(_)) => true,
            _ => false,
        };
        if fits { value } else { Value::Unknown }
    }

    /// The name of a symbol a variable holds. One that the venue did not declare has none here.
    pub(crate) fn member(&self, domain: DomainId, symbol: Symbol) -> Option<&str> {
        self.members(domain).get(symbol.0 as usize).map(String::as_str)
    }

    /// The symbol of a name a variable held.
    pub(crate) fn symbol(&self, domain: DomainId, name: &str) -> Option<Symbol> {
        let place = self.members(domain).iter().position(|member| member == name)?;
        u32::try_from(place).ok().map(Symbol)
    }

    /// Whether some choice or entry waits for exactly this, whatever it reads.
    pub fn waits_for(&self, triggers: Triggers) -> bool {
        self.gates.iter().flat_map(|gates| &gates.gates).any(|gate| gate.wants.opens(triggers))
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
    /// Its name, unique in the library but for older versions. What is called has its caller's name in front:
    /// `caller>callee`.
    pub name: String,
    /// The author's version number.
    pub version: u32,
    /// Who calls it, where this is the copy of a journey that a page calls: it begins and ends by its caller.
    pub caller: Option<JourneyIx>,
    /// How strictly it holds its order.
    pub kind: Kind,
    /// What it runs for.
    pub subject: SubjectKind,
    /// Whom it serves.
    pub serves: Option<Serves>,
    /// Its offers in document order: the place in the vector is the `OfferIx`.
    pub offers: Vec<Offer>,
    /// Its parameters and then its variables, in document order: the place in the vector is the `VariableIx`.
    pub variables: Vec<Variable>,
    /// How many of the variables are parameters: they come first.
    pub parameters: usize,
    /// What its caller gets.
    pub(crate) returns: Option<VariableIx>,
    /// Where the result of a call is put for the choices that look at it: a place after the variables.
    pub(crate) result: Option<VariableIx>,
    /// Its caller's versions and its own: what tells it from others of its name.
    pub(crate) versions: Vec<u32>,
    /// What becomes of those who are inside an older version.
    pub(crate) inside: Inside,
    /// The newer version that begins in place of this one. This one is finished by those inside it.
    pub(crate) heir: Option<JourneyIx>,
    /// Older versions: while a subject is inside one, this one does not begin.
    pub(crate) elders: Vec<JourneyIx>,
    pub(crate) admit: Option<Program>,
    /// Where an instance begins; an ad-hoc journey begins through its entries instead.
    pub(crate) start: Option<PageIx>,
    pub(crate) pages: Vec<Page>,
    pub(crate) entries: Vec<Choice>,
    /// Mandated journeys of the same subject: while it is inside one, this journey makes no offers.
    pub(crate) held_by: Vec<JourneyIx>,
    /// For kind learning.
    pub(crate) learn: Option<Learn>,
    /// For kind intent.
    pub(crate) intent: Option<Intent>,
    /// What an instance keeps of its past, and where among its locals, after the variables.
    pub(crate) kept: Vec<(Recall, usize)>,
    /// How many of its choices are taken only once.
    pub(crate) once: u16,
    /// Every timer an instance can have: those of pages in document order, then those of offers.
    pub(crate) timers: Vec<Timer>,
    pub(crate) place: Place,
}

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

    /// A page by name.
    pub(crate) fn page_named(&self, name: &str) -> Option<PageIx> {
        let place = self.pages.iter().position(|page| page.name == name)?;
        u16::try_from(place).ok().map(PageIx)
    }

    /// A choice of a page, or its nudge, for a decision record: what stood in the way or opened it.
    pub fn choice(&self, page: PageIx, choice: ChoiceIx) -> Option<&ChoiceInfo> {
        let page = self.pages.get(page.index())?;
        match choice {
            ChoiceIx::NUDGE => page.nudge.as_ref(),
            choice => page.choices.get(choice.index()),
        }
    }

    /// What a guard of this journey may name beside the venue's facts and its history: its variables, in document
    /// order. Tools build a `Scope` with it.
    pub fn locals(&self) -> Vec<Local> {
        let local = |variable: &Variable| Local { name: variable.name.clone(), ty: variable.of };
        self.variables.iter().map(local).collect()
    }

    /// The names that `history` is asked by: pages, offers and outcomes, each in document order.
    pub fn past(&self) -> Past {
        Past {
            pages: self.pages.iter().map(|page| page.name.clone()).collect(),
            offers: self.offers.iter().map(|offer| offer.name.clone()).collect(),
        }
    }

    /// Where among its locals an instance keeps the answer to a question about its past, for
    /// [`Program::place`](turnpage_journeys_expr::Program::place). What no guard or copy of the journey asks is kept
    /// nowhere: `u16::MAX`, which reads as 0 or unknown.
    pub fn recall(&self, recall: Recall) -> u16 {
        let found = self.kept.iter().find(|(kept, _)| *kept == recall);
        found.and_then(|(_, place)| u16::try_from(*place).ok()).unwrap_or(u16::MAX)
    }

    /// An offer by index.
    pub fn offer(&self, ix: OfferIx) -> Option<&Offer> {
        self.offers.get(ix.index())
    }
}

/// The names a journey's past is asked by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Its pages.
    pub pages: Vec<String>,
    /// Its offers.
    pub offers: Vec<String>,
}

impl Past {
    /// As a scope takes it.
    pub fn history(&self) -> History<'_> {
        History { pages: &self.pages, offers: &self.offers, outcomes: &Outcome::NAMES }
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
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Its name, unique in its journey.
    pub name: String,
    /// Its choices in document order, as written: the place in the vector is the `ChoiceIx`.
    pub choices: Vec<ChoiceInfo>,
    /// What is offered to a subject that strays, as a choice whose guard is that the way does not hold.
    pub nudge: Option<ChoiceInfo>,
    /// Choices an event may open, in document order.
    pub(crate) events: Vec<Choice>,
    /// Choices an outcome may open, in document order.
    pub(crate) answers: Vec<(OutcomeKey, Choice)>,
    /// Choices the subject may pick, in document order.
    pub(crate) picks: Vec<Choice>,
    /// Choices that wait for the journey called to come back, in document order.
    pub(crate) returned: Vec<Choice>,
    pub(crate) call: Option<Call>,
    pub(crate) timers: Vec<PageTimer>,
    /// Holds while a subject is on the recommended way.
    pub(crate) way: Option<Program>,
    /// Holds when the order is broken.
    pub(crate) breach: Option<Program>,
}

impl Page {
    /// The journey that runs while an instance is on this page.
    pub fn calls(&self) -> Option<JourneyIx> {
        self.call.as_ref().map(|call| call.callee)
    }

    /// Nothing leads on from an end: no choice, and no call that may come back.
    pub fn is_end(&self) -> bool {
        self.choices.is_empty() && self.call.is_none()
    }

    /// Every choice as the engine walks it, by what opens it.
    pub(crate) fn compiled(&self) -> impl Iterator<Item = &Choice> {
        let answers = self.answers.iter().map(|(_, choice)| choice);
        let timed = self.timers.iter().flat_map(|timer| &timer.choices);
        self.events.iter().chain(answers).chain(timed).chain(&self.picks).chain(&self.returned)
    }
}

/// A call of another journey.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// The place of its definition, until the library is put together.
    pub(crate) definition: usize,
    pub(crate) callee: JourneyIx,
    /// Parameters that are given.
    pub(crate) with: Vec<(VariableIx, Program)>,
}

/// A choice as a decision record shows it.
#[derive(Clone, Debug, Default)]
pub struct ChoiceInfo {
    /// The guard's text; empty when the choice has none.
    pub guard: String,
    /// The facts the guard reads.
    pub reads: Vec<Slot>,
    /// The offer it makes.
    pub offer: Option<OfferIx>,
    /// The page it turns to.
    pub turn_to: Option<PageIx>,
    /// What a learning journey chooses from: the offers they make and the pages they turn to.
    pub alternatives: Vec<(OfferIx, Option<PageIx>)>,
    /// The name of the subject's own pick that takes it.
    pub pick: Option<String>,
    /// What a kiosk or an app shows for the pick.
    pub label: Vec<Copy>,
    /// The staff it calls.
    pub dispatch: Option<Dispatch>,
    /// What the ticket it opens says.
    pub ticket: Vec<Copy>,
}

/// A call for staff.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// Whom: the name of a role.
    pub role: String,
    /// What for.
    pub task: Vec<Copy>,
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
#[derive(Clone, Debug, Default)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutcomeKey {
    pub(crate) offer: OfferIx,
    pub(crate) outcome: Outcome,
}

/// A choice as the engine walks it. An entry of an ad-hoc page is one, too.
#[derive(Clone, Debug, Default)]
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
    pub(crate) remembers: Vec<(Slot, Program)>,
    pub(crate) sets: Vec<(VariableIx, Program)>,
    pub(crate) turn_to: Option<PageIx>,
    /// Of these one is taken, in place of `offer`, `sets` and `turn_to`.
    pub(crate) alternatives: Option<Box<Alternatives>>,
}

/// What a learning journey chooses from.
#[derive(Clone, Debug)]
pub(crate) struct Alternatives {
    /// The number of the first among the journey's alternatives; the others follow.
    pub(crate) first: usize,
    pub(crate) all: Vec<Alternative>,
}

/// One of them, with all that taking it does.
#[derive(Clone, Debug)]
pub(crate) struct Alternative {
    pub(crate) offer: OfferIx,
    pub(crate) sets: Vec<(VariableIx, Program)>,
    pub(crate) turn_to: Option<PageIx>,
}

/// How a journey learns, and what from.
#[derive(Clone, Debug)]
pub(crate) struct Learn {
    pub(crate) floor: f64,
    pub(crate) hold_out: f64,
    /// Every alternative of the journey, by number.
    pub(crate) arms: Vec<Arm>,
    /// Among the words of an instance: a tally for each alternative, then for each offer what made it last.
    pub(crate) words: usize,
    /// The library's number of the journey's first alternative.
    pub(crate) first: usize,
}

/// Where an alternative stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arm {
    pub(crate) page: PageIx,
    pub(crate) choice: ChoiceIx,
    /// The place of its choice among those of the page that have alternatives: what it is saved by.
    pub(crate) nth: u16,
    pub(crate) offer: OfferIx,
}

/// What an intent journey waits for.
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    /// The goal is likely next.
    pub(crate) likely: Program,
    /// It is not.
    pub(crate) unlikely: Program,
    /// The subject is there.
    pub(crate) there: Program,
    pub(crate) within_ms: i64,
    /// Among the words of an instance: when it began.
    pub(crate) word: usize,
    pub(crate) timer: TimerRef,
}

/// A choice that is taken at most once in the life of an instance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Once {
    /// Its bit among the journey's.
    pub(crate) bit: u16,
    /// What it is found again by when the journey was edited.
    pub(crate) key: u64,
}

/// What a timer of a page waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Milliseconds on the page.
    After(i64),
    /// A time on the venue's clock, in milliseconds since midnight. The deadline is kept in a word of the instance.
    Clock { at_ms: u32, word: usize },
}

/// The choices of a page that wait for one delay, or for one time of day.
#[derive(Clone, Debug)]
pub(crate) struct PageTimer {
    pub(crate) wait: Wait,
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
    /// An `after` or an `at` of a page; `nth` among the page's timers.
    Page { page: PageIx, nth: u16 },
    /// The end of an offer's time.
    Offer(OfferIx),
    /// The end of the time in which an intent journey's goal is to be reached.
    Within,
}
