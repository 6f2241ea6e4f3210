//! What a replay did, kept for whoever compares two of them or asks why.
//!
//! Kept only when somebody asks: the replay that writes offers does without. Before: replay.rs. Next: diff.rs and
//! asked.rs.

use serde::Serialize;
use turnpage_journeys_engine::{Effect, Engine, Outcome, SubjectIx};

use crate::Timestamp;
use crate::why::Why;

/// What is kept: everything of everybody, or of one.
pub(super) struct Trace {
    /// Of whom, if of one.
    whom: Option<String>,
    pub(super) told: Vec<Told>,
}

/// One thing that happened to a subject.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Told {
    /// When.
    pub at: Timestamp,
    /// To whom.
    pub subject: String,
    /// Which journey did it; empty for what nobody did.
    pub journey: String,
    /// The page it was done on.
    pub page: String,
    /// What: `offer`, `withheld`, an outcome, `limit`, `held`, `turned`, ..
    pub what: &'static str,
    /// The offer, the page turned to, or the zone.
    pub name: String,
}

/// Everything about one subject around one instant.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// What was open and closed then; `None` when nobody of this name had been seen by then.
    pub why: Option<Why>,
    /// What happened to it, in order: until the instant and after it.
    pub told: Vec<Told>,
}

impl Trace {
    pub(super) fn new(whom: Option<&str>) -> Self {
        Self { whom: whom.map(str::to_owned), told: Vec::new() }
    }

    /// Whether this subject is kept.
    pub(super) fn keeps(&self, subject: &str) -> bool {
        self.whom.as_deref().is_none_or(|whom| whom == subject)
    }

    /// Keeps an effect; `withheld` says that the policy did not let its offer out.
    pub(super) fn push(
        &mut self,
        engine: &Engine,
        at: Timestamp,
        subject: SubjectIx,
        effect: &Effect,
        withheld: bool,
    ) {
        let subject = engine.name(subject).unwrap_or_default();
        let Some(journey) = engine.library().journey(effect.journey()).filter(|_| self.keeps(subject)) else {
            return;
        };
        let offer = |ix| journey.offer(ix).map(|offer| offer.name.clone()).unwrap_or_default();
        let named = |ix| journey.page(ix).map(|page| page.name.clone()).unwrap_or_default();
        let (page, what, name) = match *effect {
            Effect::Offer { page, offer: ix, .. } => {
                (named(page), if withheld { "withheld" } else { "offer" }, offer(ix))
            }
            Effect::Outcome { offer: ix, outcome, .. } => {
                // Told already, by what withheld it.
                if outcome == Outcome::Withheld {
                    return;
                }
                (String::new(), outcome.name(), offer(ix))
            }
            Effect::Limit { page, offer: ix, .. } if self.whom.is_some() => (named(page), "limit", offer(ix)),
            Effect::Held { page, offer: ix, .. } if self.whom.is_some() => (named(page), "held", offer(ix)),
            Effect::Turned { from, to, .. } if self.whom.is_some() => (named(from), "turned", named(to)),
            Effect::Passed { page, .. } if self.whom.is_some() => (named(page), "passed", String::new()),
            Effect::Breach { page, .. } if self.whom.is_some() => (named(page), "breach", String::new()),
            Effect::Strayed { page, .. } if self.whom.is_some() => (named(page), "strayed", String::new()),
            _ => return,
        };
        let (subject, journey) = (subject.to_owned(), journey.name.clone());
        self.told.push(Told { at, subject, journey, page, what, name });
    }

    /// Keeps where somebody was seen.
    pub(super) fn seen(&mut self, at: Timestamp, subject: &str, zone: &str) {
        if self.whom.is_none() {
            return;
        }
        let same = |told: &&Told| told.what == "in";
        if self.keeps(subject) && self.told.iter().rev().find(same).is_none_or(|last| last.name != zone) {
            let (subject, name) = (subject.to_owned(), zone.to_owned());
            let (journey, page) = (String::new(), String::new());
            self.told.push(Told { at, subject, journey, page, what: "in", name });
        }
    }
}
