//! The words of a journey that are left at run time: its kind, its subject, its limits, what becomes of its offers.
//! The order of their variants is part of what is stored.
//!
//! Next: `graph/definition.rs`, what an author wrote.

#[cfg(feature = "compile")]
mod definition;

#[cfg(feature = "compile")]
pub use definition::{
    AlternativeDef, CallDef, ChoiceDef, Definition, DispatchDef, EntryDef, IntentDef, LearnDef, OfferDef, On,
    OutcomeOf, PageDef, Spanned, TypeDef, Upgrade, VariableDef, WordingDef,
};

use alloc::string::String;
use serde::{Deserialize, Serialize};

/// How strictly a journey holds its order; SEMANTICS.md section 8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// Pages are entered in whatever order life brings, through their `enter`.
    AdHoc,
    /// The order is law: a choice may not skip a page.
    Mandated,
    /// A recommended way; straying is allowed.
    #[default]
    Guided,
    /// What works among the author's alternatives is learned.
    Learning,
    /// Acts on a predicted goal, before the subject gets there.
    Intent,
}

/// What a journey runs for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SubjectKind {
    /// A visitor, known by a pseudonym.
    #[default]
    Visitor,
    /// A party: visitors who came together.
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

impl SubjectKind {
    /// Every kind, in the order in which their timers of one deadline fire.
    pub const ALL: [SubjectKind; 6] = [
        SubjectKind::Visitor,
        SubjectKind::Party,
        SubjectKind::Vehicle,
        SubjectKind::Zone,
        SubjectKind::Team,
        SubjectKind::Venue,
    ];

    /// The word authors and payloads use.
    pub fn name(self) -> &'static str {
        match self {
            SubjectKind::Visitor => "visitor",
            SubjectKind::Party => "party",
            SubjectKind::Vehicle => "vehicle",
            SubjectKind::Zone => "zone",
            SubjectKind::Team => "team",
            SubjectKind::Venue => "venue",
        }
    }

    /// The kind of a word.
    pub fn from_name(name: &str) -> Option<SubjectKind> {
        SubjectKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Whom a journey serves, in the author's words. Shown to people; decides nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Serves {
    /// What the venue gains.
    pub outcome: Option<String>,
    /// What the subject should feel.
    pub experience: Option<String>,
    /// How it is measured, for example `conversion(cocoa)`.
    pub measure: Option<String>,
}

/// How often an offer may be made to one subject by one journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// What became of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

    /// Their words, in the same order.
    pub const NAMES: [&'static str; 7] =
        ["delivered", "seen", "clicked", "accepted", "declined", "expired", "withheld"];

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
