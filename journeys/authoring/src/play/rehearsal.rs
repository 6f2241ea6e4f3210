//! One subject on a stage, event by event: fires timers that are due, then gives the event, as the gateway does.
//!
//! Knows nothing of what is expected. A play file is run through it whole, a game move by move. Before: `stage`.
//! Next: `happening`, which puts effects into words.

use std::collections::BTreeMap;

use turnpage_journeys_engine::{
    Engine, Event, Input, JourneyIx, Library, OfferId, OutcomeIn, Spanned, Step, SubjectIx, SubjectKind,
    Triggers,
};
use turnpage_journeys_expr::{Diagnostic, Timestamp, Value};

use super::{Beat, Given, GivenFact, Happens, Moment, Stage, Transcript, WallTime};

/// The subject's name. Offers are named after it, so it never changes.
const SUBJECT: &str = "player";

/// A journey under rehearsal.
#[derive(Debug, Clone)]
pub struct Rehearsal<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) engine: Engine,
    /// The journey played.
    pub(crate) journey: JourneyIx,
    pub(crate) subject: SubjectIx,
    pub(crate) facts: Vec<Value>,
    /// The latest offer of each name that stands or stood.
    pub(super) offers: BTreeMap<String, OfferId>,
    /// When the zone the subject is in was entered, unless the play says itself how long that is ago.
    since: Option<Timestamp>,
    step: Step,
    transcript: Transcript,
    problems: Vec<Diagnostic>,
}

impl<'a> Rehearsal<'a> {
    /// Nothing has happened yet.
    ///
    /// # Errors
    /// There is no such journey, or the engine takes no player.
    pub fn begin(
        library: &Library,
        stage: &'a Stage,
        of: &Spanned<String>,
        given: &Given,
    ) -> Result<Self, Vec<Diagnostic>> {
        let Some(journey) = library.find(&of.value) else {
            let problem =
                Diagnostic::error("unknown-journey", of.span, format!("no journey is called `{}`", of.value));
            let names = library.journeys().iter().map(|journey| journey.name.as_str());
            return Err(vec![problem.suggesting(&of.value, names)]);
        };
        let mut engine = Engine::new(library.clone(), stage.offsets.clone(), given.seed);
        let subject = engine.subject(SubjectKind::Visitor, SUBJECT).map_err(|error| {
            vec![Diagnostic::error("play", of.span, format!("the engine takes no player: {error}"))]
        })?;
        let mut rehearsal = Self {
            stage,
            engine,
            journey,
            subject,
            facts: vec![Value::Unknown; stage.schema.len()],
            offers: BTreeMap::new(),
            since: None,
            step: Step::default(),
            transcript: Transcript::default(),
            problems: Vec::new(),
        };
        for fact in &given.facts {
            rehearsal.give(fact);
        }
        Ok(rehearsal)
    }

    /// Lets an event happen, after every timer that is due by then.
    pub fn beat(&mut self, beat: &Beat) {
        let at = self.stage.instant(beat.at.value);
        self.fire(at);
        let event = self.happen(beat, at);
        for fact in &beat.facts {
            self.give(fact);
        }
        self.age(at);
        let mut step = std::mem::take(&mut self.step);
        match event {
            Some(Happened::Event(event)) => {
                let input = Input { at, subject: self.subject, event, facts: &self.facts };
                self.engine.event(&input, &mut step);
            }
            Some(Happened::Stop) => self.engine.stop(self.subject, at, &mut step),
            None => return,
        }
        self.record(cause(beat), &step);
        self.step = step;
    }

    /// Lets time pass: fires every timer due at or before `until`.
    pub fn pass(&mut self, until: WallTime) {
        self.fire(self.stage.instant(until));
    }

    /// What happened so far.
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// What was wrong with events and facts so far: those did not happen.
    pub fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }

    /// The whole story.
    ///
    /// # Errors
    /// Everything that was wrong with events and facts.
    pub fn finish(self) -> Result<Transcript, Vec<Diagnostic>> {
        if self.problems.is_empty() { Ok(self.transcript) } else { Err(self.problems) }
    }

    /// The page of the journey played.
    pub fn page(&self) -> Option<&str> {
        let page = self.engine.page(self.subject, self.journey)?;
        Some(self.engine.library().journey(self.journey)?.page(page)?.name.as_str())
    }

    fn fire(&mut self, until: Timestamp) {
        let mut step = std::mem::take(&mut self.step);
        while let Some(due) = self.engine.due(until) {
            self.age(due.at);
            self.engine.timer(&due, &self.facts, &mut step);
            if !step.effects.is_empty() {
                self.record("timer".to_owned(), &step);
            }
        }
        self.step = step;
    }

    fn give(&mut self, given: &GivenFact) {
        match self.stage.give(given, &mut self.facts) {
            Ok(()) if given.path.value == "place.dwell" => self.since = None,
            Ok(()) => {}
            Err(problem) => self.problems.push(problem),
        }
    }

    /// Facts that change by themselves as time passes.
    fn age(&mut self, at: Timestamp) {
        if let Some(since) = self.since {
            self.stage.set("place.dwell", Value::Duration(at.0 - since.0), &mut self.facts);
        }
    }

    fn happen(&mut self, beat: &Beat, at: Timestamp) -> Option<Happened> {
        let context = |triggers| Some(Happened::Event(Event::Context(triggers)));
        match &beat.happens {
            Happens::Seen(None) => context(Triggers::SIGHTING),
            Happens::Seen(Some(name)) => context(Triggers::SIGHTING | self.enter(name, at)?),
            Happens::Leaves => {
                self.stage.leave(&mut self.facts);
                self.since = None;
                context(Triggers::EXIT)
            }
            Happens::Weather => context(Triggers::WEATHER),
            Happens::Signal(_) => context(Triggers::SIGNAL),
            Happens::Feedback(score) => {
                self.stage.set("feedback.score", Value::Int(score.value), &mut self.facts);
                context(Triggers::FEEDBACK)
            }
            Happens::Answer(answer) => {
                let (name, outcome) = &answer.value;
                let Some(id) = self.offers.get(name).copied() else {
                    // Without what the play gave, it is no wonder that nothing was offered.
                    if self.problems.is_empty() {
                        let message = format!("`{name}` was not offered before this");
                        self.problems.push(Diagnostic::error("bad-play", answer.span, message));
                    }
                    return None;
                };
                Some(Happened::Event(Event::Outcome(OutcomeIn { id, outcome: *outcome })))
            }
            Happens::Picks(name) => {
                let message = format!("no choice that is shown now is picked as `{}`", name.value);
                self.problems.push(Diagnostic::error("bad-play", name.span, message));
                None
            }
            Happens::Stops => Some(Happened::Stop),
        }
    }

    /// Goes to a zone; what that triggers beside being seen.
    fn enter(&mut self, name: &Spanned<String>, at: Timestamp) -> Option<Triggers> {
        let before = self.stage.fact("place.zone", &self.facts);
        let dwell = self.stage.fact("place.dwell", &self.facts);
        if let Err(problem) = self.stage.enter(name, &mut self.facts) {
            self.problems.push(problem);
            return None;
        }
        if self.stage.fact("place.zone", &self.facts) == before {
            self.stage.set("place.dwell", dwell, &mut self.facts);
            return Some(Triggers::NONE);
        }
        self.since = Some(at);
        Some(if before.is_known() { Triggers::ENTER | Triggers::EXIT } else { Triggers::ENTER })
    }

    fn record(&mut self, cause: String, step: &Step) {
        let happenings = self.happenings(step);
        let page = self.page().map(str::to_owned);
        self.transcript.moments.push(Moment { at: self.stage.wall(step.at), cause, happenings, page });
    }
}

/// What the engine is told.
enum Happened {
    Event(Event),
    Stop,
}

/// The event as the play tells it.
fn cause(beat: &Beat) -> String {
    let mut cause = match &beat.happens {
        Happens::Seen(Some(zone)) => format!("seen in {}", zone.value),
        Happens::Seen(None) => "seen".to_owned(),
        Happens::Leaves => "leaves".to_owned(),
        Happens::Weather => "weather".to_owned(),
        Happens::Signal(None) => "signal".to_owned(),
        Happens::Signal(Some(name)) => format!("signal {}", name.value),
        Happens::Answer(answer) => format!("answers {}.{}", answer.value.0, answer.value.1.name()),
        Happens::Picks(pick) => format!("picks {}", pick.value),
        Happens::Feedback(score) => format!("feedback {}", score.value),
        Happens::Stops => "stops".to_owned(),
    };
    for fact in &beat.facts {
        cause.push_str(&format!(", {} {}", fact.path.value, fact.value.value));
    }
    cause
}
