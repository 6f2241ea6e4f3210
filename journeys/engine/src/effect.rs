//! What comes out of the engine: plain data about what a step did. Nothing here acts.
//!
//! Effects hold indexes into the library, so that a step costs no string; their instant and subject are the
//! step's. Next: the gateway's plan, which decides what may leave the house.

use crate::graph::Outcome;
use crate::id::{ChoiceIx, JourneyIx, OfferIx, PageIx, SubjectIx};
use crate::learn::Tally;
use alloc::vec::Vec;
use turnpage_journeys_expr::{Slot, Timestamp, Value};

/// The name of one offer made, the same on every machine that replays the same log: a keyed hash of subject,
/// journey, instant, step and effect. Shown and sent as 32 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct OfferId(pub u128);

impl core::fmt::Display for OfferId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl OfferId {
    /// Reads the 32 hex digits `Display` writes.
    pub fn from_hex(text: &str) -> Option<OfferId> {
        let digits =
            text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        digits.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(OfferId)
    }
}

/// Everything one event or one timer did to one subject. Made once and used again for every call.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The instant of every effect: the event's, or the timer's deadline.
    pub at: Timestamp,
    /// Whose effects they are.
    pub subject: SubjectIx,
    /// What was done, in journey order and within a journey in the order it was done.
    pub effects: Vec<Effect>,
    /// Whether the subject's state changed and needs saving.
    pub changed: bool,
    /// What was weighed for each `Chose` among the effects, in their order.
    pub weighings: Vec<Weighing>,
}

impl Step {
    pub(crate) fn start(&mut self, at: Timestamp, subject: SubjectIx) {
        (self.at, self.subject, self.changed) = (at, subject, false);
        self.effects.clear();
        self.weighings.clear();
    }
}

impl Default for Step {
    fn default() -> Self {
        Step {
            at: Timestamp(0),
            subject: SubjectIx(0),
            effects: Vec::new(),
            changed: false,
            weighings: Vec::new(),
        }
    }
}

/// One thing a step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    /// An instance began on a page.
    Began {
        /// The journey that begins.
        journey: JourneyIx,
        /// The page it begins on.
        page: PageIx,
    },
    /// An offer is to be made. The guard of the choice held.
    Offer {
        /// The offer's name in the world.
        id: OfferId,
        /// The journey that makes it.
        journey: JourneyIx,
        /// The page the choice stands on.
        page: PageIx,
        /// The choice taken.
        choice: ChoiceIx,
        /// What is offered.
        offer: OfferIx,
        /// When it expires by itself.
        valid_until: Option<Timestamp>,
    },
    /// A choice was closed only by its offer's limit: trigger and guard were open.
    Limit {
        /// The journey that would have made it.
        journey: JourneyIx,
        /// The page the choice stands on.
        page: PageIx,
        /// The choice that stayed closed.
        choice: ChoiceIx,
        /// What would have been offered.
        offer: OfferIx,
    },
    /// What became of an offer was recorded: by a choice, by its own time running out, or from outside.
    Outcome {
        /// The offer it belongs to.
        id: OfferId,
        /// The journey that made it.
        journey: JourneyIx,
        /// What was offered.
        offer: OfferIx,
        /// What became of it.
        outcome: Outcome,
    },
    /// A page was turned (also to itself). For a mandated journey this is the evidence that it was passed.
    Turned {
        /// The journey.
        journey: JourneyIx,
        /// The page left.
        from: PageIx,
        /// The choice taken; nothing when it was an entry of the page entered.
        choice: Option<ChoiceIx>,
        /// The page entered.
        to: PageIx,
    },
    /// An offer still standing is taken back, because its subject was stopped.
    Withdrawn {
        /// The offer taken back.
        id: OfferId,
        /// The journey that made it.
        journey: JourneyIx,
        /// What was offered.
        offer: OfferIx,
    },
    /// An instance ended: its subject was stopped, it came back to its caller, or its caller went on without it.
    Ended {
        /// The journey.
        journey: JourneyIx,
        /// The page it was on.
        page: PageIx,
    },
    /// A choice was closed only because a mandated journey of the same subject is not to be interrupted.
    Held {
        /// The journey that would have made the offer.
        journey: JourneyIx,
        /// The page the choice stands on.
        page: PageIx,
        /// The choice that stayed closed.
        choice: ChoiceIx,
        /// What would have been offered.
        offer: OfferIx,
    },
    /// Staff are called. Whom and what for is the choice's.
    Dispatch {
        /// The journey that calls.
        journey: JourneyIx,
        /// The page the choice stands on.
        page: PageIx,
        /// The choice taken.
        choice: ChoiceIx,
    },
    /// A ticket is opened. What it says is the choice's.
    Ticket {
        /// The journey that opens it.
        journey: JourneyIx,
        /// The page the choice stands on.
        page: PageIx,
        /// The choice taken.
        choice: ChoiceIx,
    },
    /// A fact of the subject is set, for every journey to read from its next event on.
    Remember {
        /// The journey that sets it.
        journey: JourneyIx,
        /// Which fact.
        fact: Slot,
        /// Its new value.
        value: Value,
    },
    /// A page of a mandated journey was passed.
    Passed {
        /// The journey.
        journey: JourneyIx,
        /// The page passed.
        page: PageIx,
        /// A keyed hash over this passing and the evidence before it: changing one changes all that follow.
        evidence: u128,
    },
    /// The order of a mandated journey was broken.
    Breach {
        /// The journey.
        journey: JourneyIx,
        /// The page that had not been passed.
        page: PageIx,
    },
    /// The subject of a guided journey left the recommended way.
    Strayed {
        /// The journey.
        journey: JourneyIx,
        /// The page it is on.
        page: PageIx,
    },
    /// An alternative of a learning journey was chosen.
    Chose {
        /// The journey.
        journey: JourneyIx,
        /// The page the choice stands on.
        page: PageIx,
        /// The choice taken.
        choice: ChoiceIx,
        /// Which of its alternatives, counted from 0.
        alternative: u16,
        /// What decided.
        by: ChosenBy,
        /// How probable this alternative was, in millionths.
        chance_ppm: u32,
    },
    /// A page called a journey.
    Called {
        /// The caller.
        journey: JourneyIx,
        /// The page that calls.
        page: PageIx,
        /// The journey called.
        callee: JourneyIx,
    },
    /// A journey that was called came back.
    Returned {
        /// The caller.
        journey: JourneyIx,
        /// The page that called.
        page: PageIx,
        /// The journey called.
        callee: JourneyIx,
        /// What it returned; unknown when it returns nothing.
        result: Value,
    },
    /// A prediction was settled: the subject of an intent journey reached the goal in time, or did not.
    Foretold {
        /// The journey.
        journey: JourneyIx,
        /// Whether the goal was reached.
        reached: bool,
    },
}

/// Why an alternative was chosen: what was believed of each, and the draws that decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighing {
    /// The journey.
    pub journey: JourneyIx,
    /// The page the choice stands on.
    pub page: PageIx,
    /// The choice taken.
    pub choice: ChoiceIx,
    /// The alternative chosen, counted from 0.
    pub alternative: u16,
    /// What decided.
    pub by: ChosenBy,
    /// All of them, as written.
    pub alternatives: Vec<Weighed>,
}

/// One alternative as it was weighed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weighed {
    /// The offer it makes.
    pub offer: OfferIx,
    /// Whether its offer was within its limit.
    pub open: bool,
    /// What was counted, by the instance and by who taught, together.
    pub tally: Tally,
    /// The mean of what is believed about its rate of success.
    pub mean: f64,
    /// Its draw: the largest wins. Nothing where draws did not decide.
    pub draw: Option<f64>,
    /// How probable it was to be chosen for a subject outside the hold-out, in millionths.
    pub chance_ppm: u32,
}

/// What decided between the alternatives of a learning journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChosenBy {
    /// The subject is in the hold-out and gets the first.
    HoldOut,
    /// The safety floor: all were equally likely.
    Floor,
    /// What was learned.
    Learned,
}

impl Effect {
    /// The journey whose effect it is.
    pub fn journey(&self) -> JourneyIx {
        match *self {
            Effect::Began { journey, .. }
            | Effect::Offer { journey, .. }
            | Effect::Limit { journey, .. }
            | Effect::Outcome { journey, .. }
            | Effect::Turned { journey, .. }
            | Effect::Withdrawn { journey, .. }
            | Effect::Ended { journey, .. }
            | Effect::Held { journey, .. }
            | Effect::Dispatch { journey, .. }
            | Effect::Ticket { journey, .. }
            | Effect::Remember { journey, .. }
            | Effect::Passed { journey, .. }
            | Effect::Breach { journey, .. }
            | Effect::Strayed { journey, .. }
            | Effect::Chose { journey, .. }
            | Effect::Called { journey, .. }
            | Effect::Returned { journey, .. }
            | Effect::Foretold { journey, .. } => journey,
        }
    }
}
