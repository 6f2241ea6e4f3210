//! What goes into the engine: one event of one subject, with every fact about it already known.
//!
//! The engine fetches nothing: whoever calls fills the facts the library `reads()` and says which triggers
//! the event carries. Comes after enrichment; next: `step.rs`.

use crate::effect::OfferId;
use crate::graph::Outcome;
use crate::id::{ChoiceIx, JourneyIx, PageIx, SubjectIx};
use turnpage_journeys_expr::{Timestamp, Value};

/// One event of one subject.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// When it happened.
    pub at: Timestamp,
    /// Whose event it is.
    pub subject: SubjectIx,
    /// What it is.
    pub event: Event,
    /// What is known about the subject now, by slot of the schema. A missing slot is unknown.
    pub facts: &'a [Value],
}

/// What an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Something about the subject's context; several triggers at once are usual (a sighting that enters a zone).
    Context(Triggers),
    /// What became of an offer: only the journey that made it looks at it.
    Outcome(OutcomeIn),
    /// The subject's own pick: only the choice picked is looked at.
    Pick(PickIn),
}

/// What became of an offer, told from outside: accepted over MQTT, withheld by the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutcomeIn {
    /// The offer as the engine named it.
    pub id: OfferId,
    /// What became of it.
    pub outcome: Outcome,
}

/// A choice that a subject picked on a kiosk or in an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PickIn {
    /// The journey it was shown for.
    pub journey: JourneyIx,
    /// The page it was shown on: a pick of a page that was left meanwhile does nothing.
    pub page: PageIx,
    /// The choice.
    pub choice: ChoiceIx,
}

/// A set of things an event is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Triggers(pub(crate) u16);

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
    /// The subject gave feedback.
    pub const FEEDBACK: Triggers = Triggers(32);
    /// Every event carries this bit, so that a choice without `on` is one mask test like any other.
    pub(crate) const ANY: Triggers = Triggers(1 << 15);

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
