//! A file of events through the same journeys: the back-test.
//!
//! Reads NDJSON, one event a line, and writes NDJSON. There are two shapes, told apart by the first line; journeys/EVENTS.md
//! teaches them. A **day** has an `at` in its lines and goes through the whole corridor: replay/day.rs. A **crowd** has a `t`
//! and runs visitors' journeys alone, at the speed of reading, and writes a line for every offer and outcome:
//!
//! ```text
//! {"t":1784372400000,"id":7,"visitor":"v000123","role":"vip","zone":"gate-north","zone_kind":"gate","outdoor":true,
//!  "rain":0.2,"temp":21.5,"queue":0}
//! {"t":1784372400000,"visitor":"v000123","journey":"vip-greet","offer":"greet"}
//! {"t":1784373600000,"visitor":"v000123","journey":"rainy-day","offer":"cocoa:expired"}
//! ```
//!
//! A crowd's lines are in order of `t` (milliseconds since the epoch); they say themselves where people are and what the
//! weather is there, so there is no presence filter, and a zone that the venue does not know is taken as the event
//! describes it. Other fields are skipped; `queue` may be missing, and `also` says more: replay/more.rs. Timers fire up to
//! the last event. Lines come out sorted by time, visitor, journey and offer. The venue's policy applies. Facts, engine and
//! plan are those of the live corridor. Next: replay/line.rs, then gateway/cli, which opens the files.

mod arbitrate;
mod asked;
mod crowd;
mod day;
mod diff;
mod line;
mod more;
mod output;
mod seen;
mod shape;
mod trace;

use std::hint::black_box;
use std::io::{Read, Write};

use turnpage_journeys_engine::{
    Effect, Engine, Event, Input, Journey, JourneyIx, Library, Offer, Outcome, OutcomeIn, Step, SubjectIx,
};
use turnpage_journeys_expr::Value;

use crate::Timestamp;
use crate::batch::{Verdict, Withheld};
use crate::enrich::facts;
use crate::plan::ROUNDS_MAX;
use crate::venue::schema::Asked;
use crate::venue::{Map, Policy, Venue};
pub use asked::why;
pub use diff::{Diff, Row, SUBJECTS_SHOWN_MAX, against};
pub use trace::{Answer, Told};

use arbitrate::Policies;
use crowd::Crowd;
use line::{Batch, LINE_MAX, Line, Lines};
use output::Output;
use shape::Shape;
use trace::Trace;

/// What a replay did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    /// Events read.
    pub events: u64,
    /// Different subjects among them.
    pub subjects: u64,
    /// Lines of a crowd written: offers made and outcomes recorded. Of a day: offers made.
    pub offers: u64,
    /// Answers to offers that were not made, and picks that were not on the subject's page.
    pub missed: u64,
    /// The events were a crowd's, for which only visitors' journeys run.
    pub crowd: bool,
}

/// What chance draws from where nobody says.
const SEED: u64 = 0;

/// Why a replay stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A line is not an event.
    #[error("line {line}: {message}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        message: String,
    },
    /// Reading or writing failed.
    #[error("events or offers cannot be read or written")]
    Io(#[from] std::io::Error),
}

/// Runs the events of `reader` (NDJSON) through the journeys and writes every offer and outcome (NDJSON) in order. `seed` is what
/// chance draws from and offers are named after: that of a gateway gives what that gateway would have done.
///
/// # Errors
/// The first line that is not an event, or the first failure to read or write.
pub fn run(
    venue: &Venue,
    library: Library,
    seed: u64,
    reader: impl Read,
    writer: impl Write,
) -> Result<Summary, Error> {
    let (shape, reader) = shape::of(reader)?;
    if shape == Shape::Day {
        return day::run(venue, library, seed, reader, writer);
    }
    let map = Map::new(venue);
    let mut replay = Replay::new(venue, &map, library, seed);
    let events = replay.read(reader)?;
    let subjects = replay.engine.subjects() as u64;
    let offers = replay.output.write(&replay.engine, writer)?;
    Ok(Summary { events, subjects, offers, missed: 0, crowd: true })
}

/// Runs the events and saves everyone's instances as the last of them left them, for
/// [`upgrade::moves`](crate::upgrade::moves).
///
/// # Errors
/// As [`run`].
pub fn inside(venue: &Venue, library: Library, reader: impl Read) -> Result<Vec<Vec<u8>>, Error> {
    let (shape, reader) = shape::of(reader)?;
    if shape == Shape::Day {
        return day::inside(venue, library, reader);
    }
    let map = Map::new(venue);
    let mut replay = Replay::new(venue, &map, library, SEED);
    replay.read(reader)?;
    let subjects = (0..).map(SubjectIx).take(replay.engine.subjects());
    Ok(subjects.filter_map(|subject| replay.engine.save(subject)).collect())
}

/// Runs the events and keeps what happened instead of writing it.
fn drive(
    venue: &Venue,
    map: &Map,
    library: Library,
    seed: u64,
    reader: impl Read,
    trace: Trace,
) -> Result<(Vec<Told>, Summary), Error> {
    let (shape, reader) = shape::of(reader)?;
    if shape == Shape::Day {
        return day::told(venue, library, seed, reader);
    }
    let mut replay = Replay::new(venue, map, library, seed);
    replay.trace = Some(trace);
    let events = replay.read(reader)?;
    let (subjects, told) = (replay.engine.subjects() as u64, replay.trace.map(|trace| trace.told));
    let told = told.unwrap_or_default();
    let offers = told.len() as u64;
    Ok((told, Summary { events, subjects, offers, missed: 0, crowd: true }))
}

/// Whether nothing in a venue and its journeys could withhold an offer.
fn withholds_nothing(venue: &Venue, library: &Library) -> bool {
    let asks_nothing = |journey: &Journey| {
        let scarce = |offer: &Offer| offer.asks.hold.is_some() || offer.asks.vendor.is_some();
        journey.hold_out_ppm.is_none() && !journey.offers.iter().any(scarce)
    };
    venue.policy == Policy::default() && library.journeys().iter().all(asks_nothing)
}

struct Replay<'a> {
    venue: &'a Venue,
    map: &'a Map,
    asked: Asked,
    engine: Engine,
    crowd: Crowd<'a>,
    output: Output,
    now: Timestamp,
    facts: Vec<Value>,
    step: Step,
    /// The venue withholds nothing, whatever is asked.
    open: bool,
    /// What it has to remember otherwise.
    policies: Policies,
    /// What happened, if somebody asks.
    trace: Option<Trace>,
}

impl<'a> Replay<'a> {
    fn new(venue: &'a Venue, map: &'a Map, library: Library, seed: u64) -> Self {
        let asked = Asked::new(venue, &library);
        let output = Output::new(&library);
        let engine = Engine::new(library, venue.offsets(), seed).pool();
        Self {
            output,
            crowd: Crowd::new(venue, &asked),
            facts: vec![Value::Unknown; asked.schema.len()],
            now: Timestamp(i64::MIN),
            step: Step::default(),
            open: withholds_nothing(venue, engine.library()),
            policies: Policies::new(venue, seed),
            trace: None,
            engine,
            venue,
            map,
            asked,
        }
    }

    /// Runs the events; how many there were.
    fn read(&mut self, reader: impl Read) -> Result<u64, Error> {
        let mut lines = Lines::new(reader);
        let mut events = 0;
        loop {
            let Batch { lines, error } = lines.batch()?;
            let subjects = self.meet(&lines);
            for (line, subject) in lines.iter().zip(subjects) {
                events += 1;
                let stepped = subject.and_then(|subject| self.event(subject, line));
                stepped.map_err(|message| Error::Line { line: events, message })?;
            }
            if let Some(error) = error {
                return Err(error);
            }
            if lines.is_empty() {
                return Ok(events);
            }
        }
    }

    /// The subjects of some events, before the first of them is looked at.
    fn meet(&mut self, lines: &[Line<'_>]) -> Vec<Result<SubjectIx, String>> {
        let subjects: Vec<_> =
            lines.iter().map(|line| self.crowd.subject(&mut self.engine, &line.visitor)).collect();
        // Each subject's state is somewhere else in memory. Asking for all of it now lets the processor fetch many at
        // once, where the events would wait for one after the other.
        for subject in subjects.iter().flatten() {
            black_box((self.crowd.seen(*subject).at, self.engine.page(*subject, JourneyIx(0))));
        }
        subjects
    }

    fn event(&mut self, subject: SubjectIx, line: &Line<'_>) -> Result<(), String> {
        let at = Timestamp(line.t);
        if at < self.now {
            return Err(format!("`t` goes back from {} to {}", self.now.0, line.t));
        }
        self.fire(at);
        self.now = at;
        let triggers = self.crowd.see(subject, line, self.engine.offsets())?;
        for name in line.also.iter().flat_map(|also| also.signals.keys()) {
            if let Some(signal) = self.venue.find_signal(name) {
                self.policies.told(self.venue, signal, at);
            }
        }
        if let Some(trace) = &mut self.trace {
            trace.seen(at, &line.visitor, &line.zone);
        }
        self.fill(subject, at);
        let input = Input { at, subject, event: Event::Context(triggers), facts: &self.facts };
        self.engine.event(&input, &mut self.step);
        self.effects(subject, at);
        if let Some(pick) = line.also.as_ref().and_then(|also| also.pick.as_ref()) {
            let event = Event::Pick(pick.find(self.engine.library())?);
            self.engine.event(&Input { at, subject, event, facts: &self.facts }, &mut self.step);
            self.effects(subject, at);
        }
        Ok(())
    }

    /// Fires what is due at or before an instant.
    #[inline]
    fn fire(&mut self, until: Timestamp) {
        while let Some(due) = self.engine.due(until) {
            self.fill(due.subject, due.at);
            self.engine.timer(&due, &self.facts, &mut self.step);
            self.effects(due.subject, due.at);
        }
    }

    /// Fills the facts about a subject as its last event left them.
    fn fill(&mut self, subject: SubjectIx, at: Timestamp) {
        let seen = self.crowd.seen(subject);
        let fresh = at.0 - seen.at.0 <= self.venue.weather_fresh_ms;
        let (crowd, map, offsets) = (&self.crowd, self.map, self.engine.offsets());
        facts::fill(&self.asked, &mut self.facts, |kind| {
            crowd.fact(subject, &seen, kind, (at, fresh), map, offsets)
        });
        if self.asked.segments.is_some() {
            let local = self.engine.offsets().local(at);
            facts::fill_segments(&self.asked, self.venue, &mut self.facts, local, at);
        }
    }

    /// Writes down what a step did. What the policy withholds goes back to its journey.
    fn effects(&mut self, subject: SubjectIx, at: Timestamp) {
        for _ in 0..=ROUNDS_MAX {
            let mut withheld = Vec::new();
            let mut decided = if self.open { Vec::new() } else { self.arbitrate(subject, at) }.into_iter();
            for effect in &self.step.effects {
                match *effect {
                    Effect::Offer { id, journey, offer, .. } => {
                        let verdict = decided.next().map(|(verdict, _)| verdict);
                        let made = matches!(verdict, None | Some(Verdict::Made { .. }));
                        if made {
                            self.output.push(at, subject, journey, offer, None);
                        } else if verdict != Some(Verdict::Withheld(Withheld::HoldOut)) {
                            withheld.push(id);
                        }
                        if let Some(trace) = &mut self.trace {
                            trace.push(&self.engine, at, subject, effect, !made);
                        }
                    }
                    // Nobody answers what was never made.
                    Effect::Outcome { id, .. } if !self.open && self.policies.is_shadow(id) => {}
                    Effect::Outcome { journey, offer, outcome, .. } => {
                        self.output.push(at, subject, journey, offer, Some(outcome));
                        if let Some(trace) = &mut self.trace {
                            trace.push(&self.engine, at, subject, effect, false);
                        }
                    }
                    _ => {
                        if let Some(trace) = &mut self.trace {
                            trace.push(&self.engine, at, subject, effect, false);
                        }
                    }
                }
            }
            if withheld.is_empty() {
                return;
            }
            self.answer(subject, at, &withheld);
        }
    }

    /// Gives withheld offers back to their journeys; what they do about it is the new step.
    fn answer(&mut self, subject: SubjectIx, at: Timestamp, withheld: &[turnpage_journeys_engine::OfferId]) {
        let mut effects = Vec::new();
        for id in withheld {
            let event = Event::Outcome(OutcomeIn { id: *id, outcome: Outcome::Withheld });
            let input = Input { at, subject, event, facts: &self.facts };
            self.engine.event(&input, &mut self.step);
            effects.append(&mut self.step.effects);
        }
        self.step.effects = effects;
    }
}

#[cfg(test)]
mod tests;
