//! A compiled set of journeys: dense tables for the engine, names and copy for everyone else.
//!
//! Read-only after `compile`. Journeys are sorted by the bytes of their names. What the engine walks is
//! private (`library/tables.rs`); what people and plans look at is public. Comes after `compile.rs`; next: `engine.rs`.

mod bytes;
mod deeds;
mod gates;
pub(crate) mod place;
pub(crate) mod sound;
mod tables;

use crate::bounds::{
    ALTERNATIVES_MAX, CALL_DEPTH_MAX, CHOICES_MAX, OFFERS_MAX, PAGES_MAX, RECALLS_MAX, TIMERS_MAX,
    VARIABLES_MAX, WORDINGS_MAX,
};
use crate::graph::{Kind, Limit, Outcome, Serves, SubjectKind};
use crate::id::{ChoiceIx, JourneyIx, OfferIx, PageIx, VariableIx};
use crate::input::Triggers;
use crate::upgrade::Inside;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use turnpage_journeys_expr::stored::list;
use turnpage_journeys_expr::{
    DomainId, History, Local, Program, Recall, Schema, Slot, Symbol, Template, Type, Value,
};

pub use deeds::Deed;
pub(crate) use gates::{Gates, Holding, Making, Opened};
#[cfg(feature = "compile")]
pub(crate) use tables::{Alternative, Gate};
pub(crate) use tables::{
    Alternatives, Arm, Call, Choice, Intent, Learn, Once, OutcomeKey, PageTimer, Place, Timer, TimerRef, Wait,
};

/// Its callers' versions and its own.
const VERSIONS_MAX: usize = CALL_DEPTH_MAX + 1;
const FACTS_MAX: usize = Schema::FACTS_MAX;
/// As many ways in as a journey's pages could have choices.
const ENTRIES_MAX: usize = PAGES_MAX * CHOICES_MAX;

/// Every journey that runs, checked and compiled.
#[derive(Clone, Debug, Default)]
pub struct Library {
    pub(crate) journeys: Vec<Journey>,
    pub(crate) reads: Vec<Slot>,
    /// What every seat looks at: the one table an event nobody waits for touches.
    pub(crate) gates: Gates,
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

    /// What an offer is for: what it says itself, or what its journey is for, or what those who call the journey are for.
    pub fn purpose(&self, journey: JourneyIx, offer: OfferIx) -> Option<&str> {
        let own = self.journey(journey)?.offer(offer)?.asks.purpose.as_deref();
        own.or_else(|| self.purpose_of(journey))
    }

    /// What a journey is for: what it says itself, or what those who call it are for.
    pub fn purpose_of(&self, journey: JourneyIx) -> Option<&str> {
        let mut journey = self.journey(journey)?;
        for _ in 0..CALL_DEPTH_MAX {
            match (&journey.purpose, journey.caller) {
                (None, Some(caller)) => journey = self.journey(caller)?,
                _ => break,
            }
        }
        journey.purpose.as_deref()
    }

    /// Whether some choice or entry waits for exactly this, whatever it reads.
    pub fn waits_for(&self, triggers: Triggers) -> bool {
        self.gates.waits_for(triggers)
    }

    /// What the choices of a page that wait for its call read as `result`, in the place after the variables.
    #[cfg(feature = "compile")]
    pub fn result(&self, journey: &Journey, page: PageIx) -> Option<Local> {
        let callee = self.journey(journey.page(page)?.calls()?)?;
        let returned = callee.variables.get(callee.returns?.index())?;
        Some(Local { name: "result".into(), ty: returned.of })
    }

    /// Every fact that some guard or variable of some journey reads, ascending. An event needs no other; what
    /// copy reads is asked of each [`Template`] when an offer is made.
    pub fn reads(&self) -> &[Slot] {
        &self.reads
    }
}

/// A compiled journey.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// What its offers are for: one of the venue's purposes of consent.
    pub purpose: Option<String>,
    /// Share of subjects that it never makes offers to, in millionths; the venue's when absent.
    pub hold_out_ppm: Option<u32>,
    /// Its offers in document order: the place in the vector is the `OfferIx`.
    #[serde(deserialize_with = "list::<_, _, OFFERS_MAX>")]
    pub offers: Vec<Offer>,
    /// Its parameters and then its variables, in document order: the place in the vector is the `VariableIx`.
    #[serde(deserialize_with = "list::<_, _, VARIABLES_MAX>")]
    pub variables: Vec<Variable>,
    /// How many of the variables are parameters: they come first.
    pub parameters: usize,
    /// The variable whose value a caller gets back.
    pub returns: Option<VariableIx>,
    /// Where the result of a call is put for the choices that look at it: a place after the variables.
    pub(crate) result: Option<VariableIx>,
    /// Its caller's versions and its own: what tells it from others of its name.
    #[serde(deserialize_with = "list::<_, _, VERSIONS_MAX>")]
    pub(crate) versions: Vec<u32>,
    /// What becomes of those who are inside an older version.
    pub(crate) inside: Inside,
    /// The newer version that begins in place of this one. This one is finished by those inside it.
    #[serde(skip)]
    pub(crate) heir: Option<JourneyIx>,
    /// Older versions: while a subject is inside one, this one does not begin.
    #[serde(skip)]
    pub(crate) elders: Vec<JourneyIx>,
    pub(crate) admit: Option<Program>,
    /// Where an instance begins; an ad-hoc journey begins through its entries instead.
    pub(crate) start: Option<PageIx>,
    #[serde(deserialize_with = "list::<_, _, PAGES_MAX>")]
    pub(crate) pages: Vec<Page>,
    #[serde(deserialize_with = "list::<_, _, ENTRIES_MAX>")]
    pub(crate) entries: Vec<Choice>,
    /// Mandated journeys of the same subject: while it is inside one, this journey makes no offers.
    #[serde(skip)]
    pub(crate) held_by: Vec<JourneyIx>,
    /// For kind learning.
    pub(crate) learn: Option<Learn>,
    /// For kind intent.
    pub(crate) intent: Option<Intent>,
    /// What an instance keeps of its past, and where among its locals, after the variables.
    #[serde(deserialize_with = "list::<_, _, RECALLS_MAX>")]
    pub(crate) kept: Vec<(Recall, usize)>,
    /// How many of its choices are taken only once.
    pub(crate) once: u16,
    /// Every timer an instance can have: those of pages in document order, then those of offers.
    #[serde(skip)]
    pub(crate) timers: Vec<Timer>,
    #[serde(skip)]
    pub(crate) place: Place,
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
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Offer {
    /// Its name, unique in its journey.
    pub name: String,
    /// What it says, the author's first language first.
    #[serde(deserialize_with = "list::<_, _, WORDINGS_MAX>")]
    pub text: Vec<Wording>,
    /// The channels it may go over, best first.
    #[serde(deserialize_with = "list::<_, _, WORDINGS_MAX>")]
    pub channels: Vec<String>,
    /// How long it stands, in milliseconds.
    pub valid_ms: Option<i64>,
    /// How often it may be made to one subject.
    pub limit: Option<Limit>,
    /// What it asks of arbitration.
    pub asks: Asks,
    /// Place of its words among the instance's words.
    #[serde(skip)]
    pub(crate) words: usize,
    /// Lane and number of the timer it expires by.
    #[serde(skip)]
    pub(crate) expiry: Option<TimerRef>,
}

/// What an offer asks of arbitration between journeys. The engine only carries it; the names are the venue's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asks {
    /// What it is for, where it says so itself.
    pub purpose: Option<String>,
    /// Where several offers want the same slot, the higher number goes first.
    pub priority: i32,
    /// The pool of which it holds a unit while it stands.
    pub hold: Option<String>,
    /// Whose offer it is, where a vendor pays for its slot.
    pub vendor: Option<String>,
}

/// Compiled wording: a template in one language, for every channel or for one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wording {
    /// A language tag.
    pub language: String,
    /// The channel it is for, where it is for one.
    pub channel: Option<String>,
    /// What is said.
    pub template: Template,
}

impl Wording {
    /// Of all copy the one to use: the language counts more than the channel, and the author's first language
    /// stands in for one that is not there. A language without its region stands in for it with one.
    pub fn pick<'a>(
        copies: &'a [Wording],
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
        Wording::pick(&self.text, language, channel)
    }
}

/// A compiled variable.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Variable {
    /// Its name, unique in its journey.
    pub name: String,
    /// What it holds.
    pub of: Type,
    pub(crate) initial: Option<Program>,
}

/// A compiled page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Page {
    /// Its name, unique in its journey.
    pub name: String,
    /// Its choices in document order, as written: the place in the vector is the `ChoiceIx`.
    #[serde(deserialize_with = "list::<_, _, CHOICES_MAX>")]
    pub choices: Vec<ChoiceInfo>,
    /// What is offered to a subject that strays, as a choice whose guard is that the way does not hold.
    pub nudge: Option<ChoiceInfo>,
    /// Choices an event may open, in document order.
    #[serde(deserialize_with = "list::<_, _, CHOICES_MAX>")]
    pub(crate) events: Vec<Choice>,
    /// Choices an outcome may open, in document order.
    #[serde(deserialize_with = "list::<_, _, CHOICES_MAX>")]
    pub(crate) answers: Vec<(OutcomeKey, Choice)>,
    /// Choices the subject may pick, in document order.
    #[serde(deserialize_with = "list::<_, _, CHOICES_MAX>")]
    pub(crate) picks: Vec<Choice>,
    /// Choices that wait for the journey called to come back, in document order.
    #[serde(deserialize_with = "list::<_, _, CHOICES_MAX>")]
    pub(crate) returned: Vec<Choice>,
    pub(crate) call: Option<Call>,
    #[serde(deserialize_with = "list::<_, _, TIMERS_MAX>")]
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

/// A choice as a decision record shows it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ChoiceInfo {
    /// The guard's text; empty when the choice has none.
    pub guard: String,
    /// The facts the guard reads.
    #[serde(deserialize_with = "list::<_, _, FACTS_MAX>")]
    pub reads: Vec<Slot>,
    /// The offer it makes.
    pub offer: Option<OfferIx>,
    /// The page it turns to.
    pub turn_to: Option<PageIx>,
    /// What a learning journey chooses from: the offers they make and the pages they turn to.
    #[serde(deserialize_with = "list::<_, _, ALTERNATIVES_MAX>")]
    pub alternatives: Vec<(OfferIx, Option<PageIx>)>,
    /// The name of the subject's own pick that takes it.
    pub pick: Option<String>,
    /// What a kiosk or an app shows for the pick.
    #[serde(deserialize_with = "list::<_, _, WORDINGS_MAX>")]
    pub label: Vec<Wording>,
    /// The staff it calls.
    pub dispatch: Option<Dispatch>,
    /// What the ticket it opens says.
    #[serde(deserialize_with = "list::<_, _, WORDINGS_MAX>")]
    pub ticket: Vec<Wording>,
}

/// A call for staff.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Dispatch {
    /// Whom: the name of a role.
    pub role: String,
    /// What for.
    #[serde(deserialize_with = "list::<_, _, WORDINGS_MAX>")]
    pub task: Vec<Wording>,
}
