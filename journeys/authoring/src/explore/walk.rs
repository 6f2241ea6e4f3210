//! One walk: a subject to whom things happen, watched by the properties.
//!
//! Every event is a [`Beat`] of a play, so that whatever is found is a play. Timers fire one by one before it, so that
//! each is looked at with the facts of its own instant. Before: `vocabulary`. Next: `wander` and `exhaust` choose
//! events; `shrink` walks again.

use std::collections::{BTreeMap, BTreeSet};

use turnpage_journeys_engine::Timestamp;
use turnpage_journeys_expr::{Diagnostic, Value};

use super::Grounds;
use super::law::{Memory, Seen};
use crate::coverage::Coverage;
use crate::play::{Beat, Did, Given, Moment, Rehearsal, WallTime};

const HOUR_MS: i64 = 3_600_000;

/// What a walk ran into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    /// A property is broken, by its place.
    Law(usize),
    /// An offer without a limit came too often.
    Spam(String),
}

/// What a walk showed.
#[derive(Debug, Clone, Default)]
pub(super) struct Sight {
    /// Each trouble, with how many events it took and when it came.
    pub(super) troubles: BTreeMap<Trouble, (usize, WallTime)>,
    /// Offers that were made.
    pub(super) offers: BTreeSet<String>,
    /// Pages that were entered.
    pub(super) entered: BTreeSet<String>,
    /// Pages that were left for another.
    pub(super) left: BTreeSet<String>,
}

/// A walk under way.
#[derive(Debug, Clone)]
pub(super) struct Walk<'a> {
    grounds: &'a Grounds<'a>,
    pub(super) rehearsal: Rehearsal<'a>,
    pub(super) beats: Vec<Beat>,
    pub(super) sight: Sight,
    memory: Vec<Memory>,
    /// Moments of the transcript that were looked at.
    seen: usize,
    page: Option<String>,
    /// The variables and the zone as they were at the last look.
    locals: Vec<Value>,
    zone: Value,
    /// When each offer without a limit was made.
    made: BTreeMap<String, Vec<i64>>,
}

impl<'a> Walk<'a> {
    /// Before anything happens.
    ///
    /// # Errors
    /// What is given is not known on this stage.
    pub(super) fn begin(grounds: &'a Grounds<'a>, given: &Given) -> Result<Walk<'a>, Vec<Diagnostic>> {
        let bench = grounds.bench;
        let rehearsal = Rehearsal::begin(bench.library, bench.stage, &grounds.of, given)?;
        if !rehearsal.problems().is_empty() {
            return Err(rehearsal.problems().to_vec());
        }
        Ok(Walk {
            grounds,
            rehearsal,
            beats: Vec::new(),
            sight: Sight::default(),
            memory: grounds.laws.blank(),
            seen: 0,
            page: None,
            locals: Vec::new(),
            zone: Value::Unknown,
            made: BTreeMap::new(),
        })
    }

    /// Counts pages, choices and guards from now on.
    pub(super) fn counted(mut self) -> Self {
        let bench = self.grounds.bench;
        let coverage = Coverage::of(bench.library, bench.scripts, bench.guards);
        self.rehearsal.watch_coverage(bench.eyes(), coverage);
        self
    }

    /// Lets an event happen, after every timer due by then.
    pub(super) fn go(&mut self, beat: Beat) {
        let at = self.grounds.bench.stage.instant(beat.at.value);
        self.pass(at);
        self.rehearsal.beat(&beat);
        self.beats.push(beat);
        self.look(at);
    }

    /// Fires timers one instant after the other.
    pub(super) fn pass(&mut self, until: Timestamp) {
        let stage = self.grounds.bench.stage;
        let mut last = None;
        while let Some(due) = self.next_due().filter(|due| *due <= until && last != Some(*due)) {
            self.rehearsal.pass(stage.wall(due));
            self.look(due);
            last = Some(due);
        }
    }

    /// When the next timer fires.
    pub(super) fn next_due(&mut self) -> Option<Timestamp> {
        self.rehearsal.engine.next_due().map(|due| due.at)
    }

    /// Whether an offer was made: being still may bring the next.
    pub(super) fn settled(&self) -> bool {
        !self.sight.offers.is_empty()
    }

    /// What can be picked, by name.
    pub(super) fn picks(&self, at: WallTime) -> Vec<String> {
        let at = self.grounds.bench.stage.instant(at);
        self.rehearsal.picks(at).into_iter().map(|(name, _)| name).collect()
    }

    /// Everything that decides what can come: two walks with the same are one.
    pub(super) fn key(&self) -> String {
        let rehearsal = &self.rehearsal;
        let saved = rehearsal.engine.save(rehearsal.subject);
        let at = self.beats.last().map(|beat| beat.at.value);
        format!("{at:?}{:?}{:?}{:?}", rehearsal.facts, saved, self.memory)
    }

    /// Looks at what happened since the last look.
    fn look(&mut self, at: Timestamp) {
        let moments = self.rehearsal.transcript().moments.len();
        for ix in self.seen..moments {
            let Some(moment) = self.rehearsal.transcript().moments.get(ix).cloned() else { break };
            self.look_at(&moment, at);
        }
        self.seen = moments;
    }

    fn look_at(&mut self, moment: &Moment, at: Timestamp) {
        let (mut offers, mut outcomes, mut entered, mut limited) = (Vec::new(), Vec::new(), false, None);
        for happening in &moment.happenings {
            let name = |name: &String| crate::play::within(&happening.within, name);
            match &happening.did {
                Did::Offer { name: offer, .. } => offers.push(name(offer)),
                Did::Outcome(offer, outcome) => outcomes.push(format!("{}.{}", name(offer), outcome.name())),
                Did::Limited(offer) => limited = Some(name(offer)),
                Did::Began(_) | Did::Turned(_) if happening.within.is_empty() => entered = true,
                _ => {}
            }
        }
        let was = std::mem::replace(&mut self.page, moment.page.clone());
        if entered {
            self.sight.entered.extend(self.page.clone());
        }
        // Whoever is stopped did not leave by a way the author wrote.
        if let Some((was, _)) = was.as_ref().zip(self.page.as_ref()).filter(|(was, page)| was != page) {
            self.sight.left.insert(was.clone());
        }
        let rehearsal = &self.rehearsal;
        let zone = self.grounds.bench.stage.fact("place.zone", &rehearsal.facts);
        let before = std::mem::take(&mut self.locals);
        self.locals = rehearsal.engine.variables(rehearsal.subject, rehearsal.journey).to_vec();
        let seen = Seen {
            at,
            local: self.grounds.bench.stage.offsets.local(at),
            facts: &rehearsal.facts,
            locals: &self.locals,
            before: &before,
            event: event(&moment.cause, zone != self.zone),
            was: was.as_deref(),
            page: self.page.as_deref(),
            entered,
            offers: &offers,
            outcomes: &outcomes,
            limited: limited.as_deref(),
        };
        for (law, since) in self.grounds.laws.broken(&mut self.memory, &seen) {
            self.trouble(Trouble::Law(law), self.grounds.bench.stage.wall(since));
        }
        self.zone = zone;
        for offer in offers {
            if self.too_often(&offer, at) {
                self.trouble(Trouble::Spam(offer.clone()), moment.at);
            }
            self.sight.offers.insert(offer);
        }
    }

    /// An event that is on its way counts, too: timers come before it.
    fn trouble(&mut self, trouble: Trouble, at: WallTime) {
        let beats = self.beats.len();
        self.sight.troubles.entry(trouble).or_insert((beats, at));
    }

    fn too_often(&mut self, offer: &str, at: Timestamp) -> bool {
        if self.grounds.bounded.contains(offer) {
            return false;
        }
        let made = self.made.entry(offer.to_owned()).or_default();
        made.retain(|made| at.0 - *made < HOUR_MS);
        made.push(at.0);
        made.len() > self.grounds.spam_per_hour
    }
}

/// What happened, of [`EVENTS`](super::law::EVENTS): a transcript tells it in words.
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
