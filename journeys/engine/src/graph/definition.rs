//! What an author wrote: a journey as plain data, every part with the place it was written at.
//!
//! Nothing here is checked: names are names, guards are text. Authoring builds it from YAML, tests build
//! it by hand, and `compile` says everything that is wrong with it at once.
//!
//! Next: `compile.rs`, which turns definitions into a dense library.

use super::{Kind, Limit, Outcome, Serves, SubjectKind};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use turnpage_journeys_expr::Type;
use turnpage_journeys_expr::diagnostic::Span;

/// A value and the bytes of the source it was read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value itself.
    pub value: T,
    /// Where it stands, in bytes of its own file.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// A value at a place.
    pub fn new(value: T, span: Span) -> Self {
        Spanned { value, span }
    }
}

/// A value nobody wrote in a file (tests, generated journeys) stands at the empty span.
impl<T> From<T> for Spanned<T> {
    fn from(value: T) -> Self {
        Spanned { value, span: Span { start: 0, end: 0 } }
    }
}

impl From<&str> for Spanned<String> {
    fn from(value: &str) -> Self {
        Spanned::from(value.to_owned())
    }
}

/// One journey as written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definition {
    /// The journey's name: unique in a library, and part of every offer's id.
    pub name: Spanned<String>,
    /// The author's version number.
    pub version: u32,
    /// How strictly it holds its order.
    pub kind: Spanned<Kind>,
    /// What it runs for.
    pub subject: Spanned<SubjectKind>,
    /// Whom it serves.
    pub serves: Option<Serves>,
    /// What its offers are for: one of the venue's purposes of consent. Without that consent it does not run.
    pub purpose: Option<Spanned<String>>,
    /// Where several journeys want the same slot, the higher number goes first.
    pub priority: i32,
    /// Share of subjects that it never makes offers to, 0 to 1; the venue's when absent.
    pub hold_out: Option<f64>,
    /// A guard: events for which it does not hold are no events of this journey.
    pub admit: Option<Spanned<String>>,
    /// The page an instance begins on; the first page when absent. Not allowed in an ad-hoc journey.
    pub start: Option<Spanned<String>>,
    /// What happens to those who are inside an older version.
    pub upgrade: Spanned<Upgrade>,
    /// What `kind: learning` needs to know beside its alternatives.
    pub learn: Option<LearnDef>,
    /// What `kind: intent` waits for.
    pub intent: Option<IntentDef>,
    /// What a caller gives. A journey with parameters begins only when it is called. They are read like variables.
    pub parameters: Vec<VariableDef>,
    /// The variable whose value a caller gets back.
    pub returns: Option<Spanned<String>>,
    /// What an instance remembers beside its page.
    pub variables: Vec<VariableDef>,
    /// What it may propose.
    pub offers: Vec<OfferDef>,
    /// Its pages, in document order.
    pub pages: Vec<PageDef>,
}

/// What happens to those who are inside when a new version comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Upgrade {
    /// They go on where they are: pages of the same name are the same page, those of pages that are gone begin anew.
    #[default]
    Keep,
    /// They finish in the version they are in, which must be in the library, too.
    Pin,
    /// They begin anew with their next event.
    Restart,
    /// As `Keep`, but those on an old page (left) go on on a new one (right).
    Map(Vec<(Spanned<String>, Spanned<String>)>),
}

/// How a journey learns which alternative works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearnDef {
    /// Share of choosings that are uniform, 0 to 1, so that no alternative is given up for ever.
    pub floor: f64,
    /// Share of subjects that always get the first alternative, 0 to 1: what the learning is compared with.
    pub hold_out: f64,
}

/// What a learning journey without `learn` has.
impl Default for LearnDef {
    fn default() -> Self {
        LearnDef { floor: 0.1, hold_out: 0.1 }
    }
}

/// What a journey of `kind: intent` waits for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IntentDef {
    /// A kind of zone.
    pub goal: Spanned<String>,
    /// How probable it must be that this is where the subject goes next, 0 to 1.
    pub likely: f64,
    /// How long the subject has to get there, in milliseconds.
    pub within_ms: Spanned<i64>,
}

/// A variable of a journey. Each instance has its own.
#[derive(Clone, Debug, PartialEq)]
pub struct VariableDef {
    /// Read in guards by this bare name.
    pub name: Spanned<String>,
    /// The type, which never changes.
    pub of: TypeDef,
    /// Evaluated when the instance begins, over the facts of the event that begins it; unknown when absent.
    pub initial: Option<Spanned<String>>,
}

/// The type of a variable as written.
#[derive(Clone, Debug, PartialEq)]
pub enum TypeDef {
    /// One that every venue has.
    Is(Type),
    /// A member of one of the venue's domains (`zone`, `kind`, `role`), by the domain's name.
    Of(Spanned<String>),
}

impl From<Type> for TypeDef {
    fn from(ty: Type) -> Self {
        TypeDef::Is(ty)
    }
}

/// An offer a journey may make.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OfferDef {
    /// Unique in its journey.
    pub name: Spanned<String>,
    /// What it says, the author's first language first.
    pub text: Vec<WordingDef>,
    /// The channels it may go over, best first. The engine only carries them.
    pub channels: Vec<String>,
    /// How long it stands before it expires by itself, in milliseconds; for ever when absent.
    pub valid_ms: Option<Spanned<i64>>,
    /// How often it may be made to one subject.
    pub limit: Option<Spanned<Limit>>,
    /// What it is for; what its journey is for when absent.
    pub purpose: Option<Spanned<String>>,
    /// Its own number among rivals; its journey's when absent.
    pub priority: Option<i32>,
    /// The venue's pool of which it holds a unit while it stands.
    pub hold: Option<Spanned<String>>,
    /// Whose offer it is: one of the venue's vendors, who pays for the slot.
    pub vendor: Option<Spanned<String>>,
}

/// Wording: a template in one language, for every channel or for one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordingDef {
    /// A language tag: `en`, `pt-BR`.
    pub language: String,
    /// The channel it is for; every one that has no copy of its own when absent.
    pub channel: Option<String>,
    /// The template.
    pub text: Spanned<String>,
}

/// A page and its choices.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageDef {
    /// Unique in its journey.
    pub name: Spanned<String>,
    /// Ways in from anywhere: ad-hoc journeys only.
    pub enter: Vec<EntryDef>,
    /// A journey that runs while the subject is on this page; leaving the page ends it.
    pub call: Option<CallDef>,
    /// Guided journeys: a guard that holds while the subject follows the recommended way.
    pub way: Option<Spanned<String>>,
    /// The offer made to a subject that strays from `way`, once each time the page is entered.
    pub nudge: Option<Spanned<String>>,
    /// Mandated journeys: a guard that holds when the order is broken (on the ride before the briefing).
    pub breach: Option<Spanned<String>>,
    /// Choices in document order: the first that is open is taken.
    pub choices: Vec<ChoiceDef>,
}

/// A call of another journey.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallDef {
    /// The journey called.
    pub journey: Spanned<String>,
    /// Its parameters, computed from the caller's variables and facts when the page is entered.
    pub with: Vec<(Spanned<String>, Spanned<String>)>,
}

/// A way into a page of an ad-hoc journey.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntryDef {
    /// The whole entry, for diagnostics.
    pub span: Span,
    /// The trigger; any event when absent. An outcome is no way in.
    pub on: Option<Spanned<On>>,
    /// The guard; always open when absent.
    pub when: Option<Spanned<String>>,
}

/// An edge out of a page, or a reaction that stays on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChoiceDef {
    /// The whole choice, for diagnostics.
    pub span: Span,
    /// What it waits for; any event when absent and there is no `after`.
    pub on: Option<Spanned<On>>,
    /// The guard; it must hold, and a guard that is unknown does not.
    pub when: Option<Spanned<String>>,
    /// Milliseconds on the page before it is looked at, once. Not together with `on`.
    pub after_ms: Option<Spanned<i64>>,
    /// The time on the venue's clock at which it is looked at, every day, in milliseconds since midnight. Not
    /// together with `on` or `after`.
    pub at_ms: Option<Spanned<u32>>,
    /// The name of the visitor's own pick that takes it: a kiosk or an app shows it while the guard holds. Not
    /// together with `on`, `after` or `at`.
    pub pick: Option<Spanned<String>>,
    /// What a kiosk or an app shows for the pick.
    pub label: Vec<WordingDef>,
    /// It is taken at most once in the life of an instance.
    pub once: bool,
    /// The offer it makes.
    pub offer: Option<Spanned<String>>,
    /// In a learning journey, the alternatives of which one is taken.
    pub alternatives: Vec<AlternativeDef>,
    /// An offer of this journey that it takes back, if it stands.
    pub withdraw: Option<Spanned<String>>,
    /// Staff that it calls.
    pub dispatch: Option<DispatchDef>,
    /// A ticket that it opens: what it says.
    pub ticket: Vec<WordingDef>,
    /// Facts of the subject (`subject.tier`, written without `subject.`) that it sets for every journey to read.
    pub remember: Vec<(Spanned<String>, Spanned<String>)>,
    /// The outcome it records, of an offer made earlier by the same instance.
    pub outcome: Option<Spanned<OutcomeOf>>,
    /// Variables it sets, all from their values before the choice.
    pub set: Vec<(Spanned<String>, Spanned<String>)>,
    /// The page it turns to; it stays when absent.
    pub turn_to: Option<Spanned<String>>,
}

/// One of the alternatives a learning journey chooses from. The first is what the hold-out gets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlternativeDef {
    /// The whole alternative, for diagnostics.
    pub span: Span,
    /// The offer it makes: accepted is a success, declined or expired is none.
    pub offer: Spanned<String>,
    /// Variables it sets, after those of the choice.
    pub set: Vec<(Spanned<String>, Spanned<String>)>,
    /// The page it turns to; the choice's when absent.
    pub turn_to: Option<Spanned<String>>,
}

/// A call for staff.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DispatchDef {
    /// Whom: one of the venue's roles.
    pub role: Spanned<String>,
    /// What for.
    pub task: Vec<WordingDef>,
}

/// What a choice or an entry waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum On {
    /// A sighting of the subject.
    Sighting,
    /// The subject came into a zone (its first sighting counts).
    Enter,
    /// The subject left a zone.
    Exit,
    /// The weather of its zone changed.
    Weather,
    /// A signal changed.
    Signal,
    /// The signal of this name changed: `on: signal.parking`.
    SignalOf(String),
    /// The subject gave feedback.
    Feedback,
    /// The journey that the page calls came back.
    Returned,
    /// The goal of an intent journey was reached.
    Reached,
    /// An outcome of an offer of the same journey came back: `on: cocoa.accepted`.
    Outcome(OutcomeOf),
}

/// An outcome of one offer: `cocoa.accepted`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeOf {
    /// The offer's name.
    pub offer: String,
    /// What became of it.
    pub outcome: Outcome,
}
