//! What goes into the engine: one event of one subject, with every fact about it already known.
//!
//! The engine fetches nothing: whoever calls fills the facts the library `reads()` and says which triggers
//! the event carries. Comes after enrichment; next: `step.rs`.

use crate::effect::OfferId;
use crate::graph::Outcome;
use crate::id::{ChoiceIx, JourneyIx, PageIx, SubjectIx};
use serde::{Deserialize, Serialize};
use turnpage_journeys_expr::{Slot, Timestamp, Value};

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

/// A set of things an event is. An event is about at most one signal by name: two that change are two events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Triggers {
    bits: u16,
    /// The slot of the signal that changed, plus one; 0 where none is named.
    signal: u16,
}

impl Triggers {
    /// Nothing: only choices without `on` look at such an event.
    pub const NONE: Triggers = Triggers::bit(0);
    /// The subject was seen.
    pub const SIGHTING: Triggers = Triggers::bit(1);
    /// It came into a zone.
    pub const ENTER: Triggers = Triggers::bit(2);
    /// It left a zone.
    pub const EXIT: Triggers = Triggers::bit(4);
    /// The weather of its zone changed.
    pub const WEATHER: Triggers = Triggers::bit(8);
    /// A signal changed.
    pub const SIGNAL: Triggers = Triggers::bit(16);
    /// The subject gave feedback.
    pub const FEEDBACK: Triggers = Triggers::bit(32);
    /// The goal of an intent journey was reached: only the engine says so, to that journey.
    pub(crate) const REACHED: Triggers = Triggers::bit(1 << 14);
    /// No event carries this bit: who waits for it waits for ever.
    pub(crate) const NEVER: Triggers = Triggers::bit(1 << 13);
    /// Every event carries this bit, so that a choice without `on` is one mask test like any other.
    pub(crate) const ANY: Triggers = Triggers::bit(1 << 15);

    const fn bit(bits: u16) -> Triggers {
        Triggers { bits, signal: 0 }
    }

    /// The signal of this slot changed: what `on: signal` and `on: signal.<its name>` wait for.
    #[must_use]
    pub fn signal(slot: Slot) -> Triggers {
        // A schema has at most 4,096 facts.
        Triggers { signal: slot.index() as u16 + 1, ..Triggers::SIGNAL }
    }

    /// Both sets together; of two named signals the one of `self`.
    #[must_use]
    pub const fn with(self, other: Triggers) -> Triggers {
        let signal = if self.signal == 0 { other.signal } else { self.signal };
        Triggers { bits: self.bits | other.bits, signal }
    }

    /// Whether this is one thing that a choice may wait for; `reached` only where there is a goal.
    pub(crate) fn is_known(self, has_goal: bool) -> bool {
        const KNOWN: [Triggers; 7] = [
            Triggers::SIGHTING,
            Triggers::ENTER,
            Triggers::EXIT,
            Triggers::WEATHER,
            Triggers::SIGNAL,
            Triggers::FEEDBACK,
            Triggers::ANY,
        ];
        let bare = Triggers::bit(self.bits);
        KNOWN.contains(&bare) || (has_goal && bare == Triggers::REACHED)
    }

    /// One bit a trigger.
    pub(crate) const fn bits(self) -> u16 {
        self.bits
    }

    /// The slot of the signal that it names.
    pub(crate) fn named(self) -> Option<usize> {
        usize::from(self.signal).checked_sub(1)
    }

    /// Whether the sets share a trigger, whatever signal they name.
    #[inline]
    pub const fn meets(self, other: Triggers) -> bool {
        self.bits & other.bits != 0
    }

    /// Whether what waits for `self` looks at an event: a trigger is shared, and the signal that is waited for by name
    /// is the one that changed.
    #[inline]
    pub const fn opens(self, event: Triggers) -> bool {
        self.meets(event) && (self.signal == 0 || self.signal == event.signal)
    }
}

impl core::ops::BitOr for Triggers {
    type Output = Triggers;

    fn bitor(self, other: Triggers) -> Triggers {
        self.with(other)
    }
}
