//! What goes into the engine: one event of one subject, with every fact about it already known.
//!
//! The engine fetches nothing: whoever calls fills the facts the library `reads()` and says which triggers
//! the event carries. Comes after enrichment; next: `step.rs`.

use crate::effect::OfferId;
use crate::graph::Outcome;
use crate::id::SubjectIx;
use turnpage_journeys_expr::{Timestamp, Value};

/// One event of one subject.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// When it happened.
    pub at: Timestamp,
    /// Whose event it is.
    pub subject: SubjectIx,
    /// What kind of event it is; several at once are usual (a sighting that enters a zone).
    pub triggers: Triggers,
    /// The outcome it brings, if it is one. Then only the journey that made the offer looks at it, and
    /// `triggers` is not read.
    pub outcome: Option<OutcomeIn>,
    /// What is known about the subject now, by slot of the schema. A missing slot is unknown.
    pub facts: &'a [Value],
}

/// What became of an offer, told from outside: accepted over MQTT, withheld by the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomeIn {
    /// The offer as the engine named it.
    pub id: OfferId,
    /// What became of it.
    pub outcome: Outcome,
}

/// A set of things an event is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Triggers(pub(crate) u8);

impl Triggers {
    /// Nothing: only choices without `on` look at such an event.
    pub const NONE: Triggers = Triggers(0);
    /// The subject was seen.
    pub const SIGHTING: Triggers = Triggers(1);
    /// It came into a zone.
    pub const ENTER: Triggers = Triggers(2);
    /// It left a zone.
    pub const EXIT: Triggers = Triggers(4);
    /// The weather of its zone changed.
    pub const WEATHER: Triggers = Triggers(8);
    /// A signal changed.
    pub const SIGNAL: Triggers = Triggers(16);
    /// Every event carries this bit, so that a choice without `on` is one mask test like any other.
    pub(crate) const ANY: Triggers = Triggers(128);

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Triggers) -> Triggers {
        Triggers(self.0 | other.0)
    }

    /// Whether the sets share a trigger.
    pub const fn meets(self, other: Triggers) -> bool {
        self.0 & other.0 != 0
    }
}

impl std::ops::BitOr for Triggers {
    type Output = Triggers;

    fn bitor(self, other: Triggers) -> Triggers {
        self.with(other)
    }
}
