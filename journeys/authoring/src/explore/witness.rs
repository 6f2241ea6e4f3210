//! Somebody who asks the properties after everything that happens to a subject, in a walk or in a play.
//!
//! Whoever lets things happen fires timers one instant after the other, so that each is looked at with the facts of its own
//! instant. Before: `law`. Next: `walk`; `trial`, which asks them of an author's plays.

use turnpage_journeys_engine::Timestamp;
use turnpage_journeys_expr::Value;

use super::law::{Done, Laws, Memory, Seen};
use crate::play::{Did, Moment, Rehearsal};

/// What was seen so far, as far as the next look needs it.
#[derive(Debug, Clone)]
pub(crate) struct Witness {
    pub(super) memory: Vec<Memory>,
    /// Moments of the transcript that were looked at.
    seen: usize,
    page: Option<String>,
    /// The variables and the zone as they were at the last look.
    locals: Vec<Value>,
    zone: Value,
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub(crate) struct Sighted {
    pub(crate) at: Timestamp,
    /// Properties that it breaks, by their place, and since when.
    pub(crate) broken: Vec<(usize, Timestamp)>,
    /// Offers it made.
    pub(crate) offers: Vec<String>,
    pub(crate) was: Option<String>,
    pub(crate) page: Option<String>,
    /// The page was entered, from itself, too.
    pub(crate) entered: bool,
}

impl Witness {
    /// Nothing was seen yet.
    pub(crate) fn new(laws: &Laws) -> Self {
        Self { memory: laws.blank(), seen: 0, page: None, locals: Vec::new(), zone: Value::Unknown }
    }

    /// Looks at what happened since the last look.
    pub(crate) fn look(&mut self, laws: &Laws, rehearsal: &Rehearsal<'_>, at: Timestamp) -> Vec<Sighted> {
        let moments = rehearsal.transcript().moments.get(self.seen..).unwrap_or_default();
        self.seen += moments.len();
        moments.iter().map(|moment| self.look_at(laws, rehearsal, moment, at)).collect()
    }

    fn look_at(&mut self, laws: &Laws, rehearsal: &Rehearsal<'_>, moment: &Moment, at: Timestamp) -> Sighted {
        let mut done = Done::default();
        let mut entered = false;
        for happening in &moment.happenings {
            let name = |name: &String| crate::play::within(&happening.within, name);
            match &happening.did {
                Did::Offer { name: offer, .. } => done.offers.push(name(offer)),
                Did::Outcome(offer, outcome) => {
                    done.outcomes.push(format!("{}.{}", name(offer), outcome.name()));
                }
                Did::Limited(offer) => done.limited = Some(name(offer)),
                Did::Dispatch { role, .. } => done.dispatched.push(role.clone()),
                Did::Ticket(_) => done.ticket = true,
                Did::Withdrawn(offer) => done.withdrawn.push(name(offer)),
                Did::Remembered { path, .. } => done.remembered.push(path.clone()),
                Did::Breach(page) => done.breached.push(name(page)),
                Did::Began(_) | Did::Turned(_) if happening.within.is_empty() => entered = true,
                _ => {}
            }
        }
        let was = std::mem::replace(&mut self.page, moment.page.clone());
        let zone = rehearsal.stage.fact("place.zone", &rehearsal.facts);
        let before = std::mem::take(&mut self.locals);
        self.locals = rehearsal.engine.variables(rehearsal.subject, rehearsal.journey).to_vec();
        let seen = Seen {
            at,
            local: rehearsal.stage.offsets.local(at),
            facts: &rehearsal.facts,
            locals: &self.locals,
            before: &before,
            event: event(&moment.cause, zone != self.zone),
            was: was.as_deref(),
            page: self.page.as_deref(),
            entered,
            done: &done,
        };
        let broken = laws.broken(&mut self.memory, &seen);
        self.zone = zone;
        Sighted { at, broken, offers: done.offers, was, page: self.page.clone(), entered }
    }
}

/// What happened, as properties name it: a transcript tells it in words.
fn event(cause: &str, moved: bool) -> &'static str {
    match cause.split([' ', ',']).next().unwrap_or_default() {
        "seen" if moved => "enter",
        "seen" => "sighting",
        "leaves" => "exit",
        "answers" => "answer",
        "picks" => "pick",
        "stops" => "stop",
        "weather" => "weather",
        "signal" => "signal",
        "feedback" => "feedback",
        _ => "timer",
    }
}
