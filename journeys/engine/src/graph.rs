//! What an author wrote: a journey as plain data, every part with the place it was written at.
//!
//! Nothing here is checked: names are names, guards are text. Authoring builds it from YAML, tests build
//! it by hand, and `compile` says everything that is wrong with it at once.
//!
//! Next: `compile.rs`, which turns definitions into a dense library.

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

/// How strictly a journey holds its order; SEMANTICS.md section 8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Pages are entered in whatever order life brings, through their `enter`.
    AdHoc,
    /// The order is law: a choice may not skip a page.
    Mandated,
    /// A recommended way; straying is allowed.
    #[default]
    Guided,
    /// What works among alternatives is learned. Refused by `compile`.
    Learning,
    /// Acts on a predicted goal. Refused by `compile`.
    Intent,
}

/// What a journey runs for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    /// A visitor, known by a pseudonym.
    #[default]
    Visitor,
    /// A party. Refused by `compile`, as are the kinds below: only visitors are enriched today.
    Party,
    /// A vehicle.
    Vehicle,
    /// A zone.
    Zone,
    /// A staff team.
    Team,
    /// The venue itself.
    Venue,
}

/// Whom a journey serves, in the author's words. Shown to people; decides nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Serves {
    /// What the venue gains.
    pub outcome: Option<String>,
    /// What the subject should feel.
    pub experience: Option<String>,
    /// How it is measured, for example `conversion(cocoa)`.
    pub measure: Option<String>,
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
    /// A guard: events for which it does not hold are no events of this journey.
    pub admit: Option<Spanned<String>>,
    /// The page an instance begins on; the first page when absent. Not allowed in an ad-hoc journey.
    pub start: Option<Spanned<String>>,
    /// What an instance remembers beside its page.
    pub variables: Vec<VariableDef>,
    /// What it may propose.
    pub offers: Vec<OfferDef>,
    /// Its pages, in document order.
    pub pages: Vec<PageDef>,
}

/// A variable of a journey. Each instance has its own.
#[derive(Clone, Debug, PartialEq)]
pub struct VariableDef {
    /// Read in guards by this bare name.
    pub name: Spanned<String>,
    /// The type, which never changes. Symbols and texts are refused by `compile`.
    pub of: Type,
    /// Evaluated when the instance begins, over the facts of the event that begins it.
    pub initial: Spanned<String>,
}

/// An offer a journey may make.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OfferDef {
    /// Unique in its journey.
    pub name: Spanned<String>,
    /// Templates by language tag, the author's first language first.
    pub text: Vec<(String, Spanned<String>)>,
    /// The channels it may go over, best first. The engine only carries them.
    pub channels: Vec<String>,
    /// How long it stands before it expires by itself, in milliseconds; for ever when absent.
    pub valid_ms: Option<Spanned<i64>>,
    /// How often it may be made to one subject.
    pub limit: Option<Spanned<Limit>>,
}

/// How often an offer may be made to one subject by one journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// At most `count` on one date of the venue's local calendar: `3 per day`.
    PerDay {
        /// Most offers on one local date.
        count: u32,
    },
    /// At most `count` in any stretch of `window_ms`: `1 per 4h`. One made exactly a window ago no longer counts.
    PerWindow {
        /// Most offers in one window.
        count: u32,
        /// The window, in milliseconds of elapsed time.
        window_ms: i64,
    },
}

/// A page and its choices.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PageDef {
    /// Unique in its journey.
    pub name: Spanned<String>,
    /// Ways in from anywhere: ad-hoc journeys only.
    pub enter: Vec<EntryDef>,
    /// Choices in document order: the first that is open is taken.
    pub choices: Vec<ChoiceDef>,
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
    /// The offer it makes.
    pub offer: Option<Spanned<String>>,
    /// The outcome it records, of an offer made earlier by the same instance.
    pub outcome: Option<Spanned<OutcomeOf>>,
    /// Variables it sets, all from their values before the choice.
    pub set: Vec<(Spanned<String>, Spanned<String>)>,
    /// The page it turns to; it stays when absent.
    pub turn_to: Option<Spanned<String>>,
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

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It reached the channel.
    Delivered,
    /// It was looked at.
    Seen,
    /// It was opened.
    Clicked,
    /// The subject took it. Settles the offer.
    Accepted,
    /// The subject refused it. Settles the offer.
    Declined,
    /// Its time ran out. Settles the offer.
    Expired,
    /// The gateway did not let it out: consent, quiet hours, caps. Settles the offer.
    Withheld,
}

impl Outcome {
    /// Every outcome, in the order of an offer's life.
    pub const ALL: [Outcome; 7] = [
        Outcome::Delivered,
        Outcome::Seen,
        Outcome::Clicked,
        Outcome::Accepted,
        Outcome::Declined,
        Outcome::Expired,
        Outcome::Withheld,
    ];

    /// The word authors and payloads use.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Delivered => "delivered",
            Outcome::Seen => "seen",
            Outcome::Clicked => "clicked",
            Outcome::Accepted => "accepted",
            Outcome::Declined => "declined",
            Outcome::Expired => "expired",
            Outcome::Withheld => "withheld",
        }
    }

    /// The outcome of a word.
    pub fn from_name(name: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    /// After a settling outcome the offer is over: nothing that comes later changes it.
    pub fn settles(self) -> bool {
        !matches!(self, Outcome::Delivered | Outcome::Seen | Outcome::Clicked)
    }
}
