//! One subject on a stage, event by event: fires timers that are due, then gives the event, as the gateway does.
//!
//! Knows nothing of what is expected. A play file is run through it whole, a game move by move. Before: `stage`.
//! Next: `happening`, which puts effects into words.

use std::collections::BTreeMap;

use turnpage_journeys_engine::{
    Engine, Event, Input, JourneyIx, Library, OfferId, OutcomeIn, PickIn, Spanned, Step, SubjectIx,
    SubjectKind, Triggers,
};
use turnpage_journeys_expr::{Diagnostic, Span, Timestamp, Value};

use crate::game::StandingOffer;

use super::derived::Derived;
use super::look::Coming;
use super::transcript::within;
use super::watch::Watch;
use super::{Beat, Given, GivenFact, Happens, Moment, Stage, Transcript, WallTime};

/// The subject's name. Offers are named after it, so it never changes.
const SUBJECT: &str = "player";

/// What a moment without an event was caused by.
const TIMER: &str = "timer";

/// Timers that may fire in one play: a month of one every half minute. A play that lets ten years pass must not hang.
const FIRED_MAX: usize = 100_000;

/// An offer that was made.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) id: OfferId,
    pub(super) text: String,
    pub(super) until: Option<Timestamp>,
}

/// A journey under rehearsal.
#[derive(Debug, Clone)]
pub struct Rehearsal<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) engine: Engine,
    /// The journey played.
    pub(crate) journey: JourneyIx,
    /// Where the play says whose it is.
    of: Span,
    pub(crate) subject: SubjectIx,
    pub(crate) facts: Vec<Value>,
    /// The latest offer of each name that stands or stood.
    pub(super) offers: BTreeMap<String, Made>,
    /// When the zone the subject is in was entered, unless the play says itself how long that is ago.
    since: Option<Timestamp>,
    derived: Derived,
    step: Step,
    pub(super) watch: Watch<'a>,
    fired: usize,
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
        let kind = library.journey(journey).map_or(SubjectKind::default(), |journey| journey.subject);
        let mut engine = Engine::new(library.clone(), stage.offsets.clone(), given.seed);
        let subject = engine.subject(kind, SUBJECT).map_err(|error| {
            vec![Diagnostic::error("play", of.span, format!("the engine takes no player: {error}"))]
        })?;
        let mut rehearsal = Self {
            stage,
            engine,
            journey,
            of: of.span,
            subject,
            facts: vec![Value::Unknown; stage.schema.len()],
            offers: BTreeMap::new(),
            since: None,
            derived: Derived::of(&stage.schema),
            step: Step::default(),
            watch: Watch::Nobody,
            fired: 0,
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
        let Some(moved) = self.change(beat, at) else { return };
        let Some(happened) = self.happen(beat, at, moved) else { return };
        let mut step = std::mem::take(&mut self.step);
        let coming = match happened {
            Happened::Event(event) => Coming::Event(event),
            Happened::Stop => Coming::Nothing,
        };
        let looks = self.before(at, coming);
        match happened {
            Happened::Event(event) => {
                let input = Input { at, subject: self.subject, event, facts: &self.facts };
                self.engine.event(&input, &mut step);
            }
            Happened::Stop => self.engine.stop(self.subject, at, &mut step),
        }
        let cause = cause(beat);
        self.after(looks, &step, coming, &cause);
        self.record(cause, &step);
        self.step = step;
    }

    /// Lets time pass: fires every timer due at or before `until`.
    pub fn pass(&mut self, until: WallTime) {
        self.fire(self.stage.instant(until));
    }

    /// As [`Self::pass`], one instant after the other, for who looks at each with the facts it left.
    pub(crate) fn each_due(&mut self, until: WallTime, mut look: impl FnMut(&Self, Timestamp)) {
        let until = self.stage.instant(until);
        let mut last = None;
        // A timer that is still there after it fired was one too many, which is told.
        while let Some(due) = self.engine.next_due().map(|due| due.at).filter(|due| *due <= until)
            && last != Some(due)
        {
            self.fire(due);
            look(self, due);
            last = Some(due);
        }
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

    /// The offers that stand, by name.
    pub(crate) fn standing_offers(&self) -> Vec<StandingOffer> {
        let stands = |made: &Made| self.engine.standing(self.subject, made.id).is_some();
        let standing = self.offers.iter().filter(|(_, made)| stands(made));
        standing
            .map(|(name, made)| StandingOffer {
                name: name.clone(),
                text: made.text.clone(),
                until: made.until.map(|until| self.stage.wall(until)),
            })
            .collect()
    }

    /// The picks that are open now, by name: those of the journey played and of the journeys it calls.
    pub(crate) fn picks(&self, at: Timestamp) -> Vec<(String, PickIn)> {
        let named = |pick: PickIn| {
            let inside = self.inside(pick.journey)?;
            let choice = self.engine.library().journey(pick.journey)?.choice(pick.page, pick.choice)?;
            Some((within(&inside, choice.pick.as_ref()?), pick))
        };
        self.engine.picks(self.subject, at, &self.facts).into_iter().filter_map(named).collect()
    }

    /// The offers that can be answered now, by name.
    pub(crate) fn open_offers(&self) -> Vec<String> {
        let stands = |made: &Made| self.engine.standing(self.subject, made.id).is_some();
        self.offers.iter().filter(|(_, made)| stands(made)).map(|(name, _)| name.clone()).collect()
    }

    fn fire(&mut self, until: Timestamp) {
        let mut step = std::mem::take(&mut self.step);
        while let Some(due) = self.engine.due(until) {
            self.fired += 1;
            if self.fired > FIRED_MAX {
                let message = format!("more than {FIRED_MAX} timers fire in this play");
                self.problems.push(Diagnostic::error("play", self.of, message));
                break;
            }
            self.age(due.at);
            let coming = Coming::Timer(due.journey, due.at);
            let looks = self.before(due.at, coming);
            self.engine.timer(&due, &self.facts, &mut step);
            self.after(looks, &step, coming, TIMER);
            self.record(TIMER.to_owned(), &step);
        }
        self.step = step;
    }

    fn give(&mut self, given: &GivenFact) {
        match self.stage.give(given, &mut self.facts) {
            Ok(()) if given.path.value == "place.dwell" => self.since = None,
            Ok(()) => self.derived.said(&given.path.value),
            Err(problem) => self.problems.push(problem),
        }
    }

    /// Facts that change by themselves as time passes, and those that follow from others.
    fn age(&mut self, at: Timestamp) {
        if let Some(since) = self.since {
            self.stage.set("place.dwell", Value::Duration(at.0 - since.0), &mut self.facts);
        }
        self.derived.fill(self.stage, &mut self.facts, at);
    }

    /// What is different from now on, and what that triggers by itself.
    fn change(&mut self, beat: &Beat, at: Timestamp) -> Option<Triggers> {
        let moved = match &beat.happens {
            Happens::Seen(Some(name)) => self.enter(name, at)?,
            // A zone stays where it is: it is somebody else who leaves.
            Happens::Leaves if self.subject.kind() == SubjectKind::Zone => Triggers::EXIT,
            Happens::Leaves => {
                self.stage.leave(&mut self.facts);
                self.since = None;
                Triggers::EXIT
            }
            Happens::Feedback(score) => {
                self.stage.set("feedback.score", Value::Int(score.value), &mut self.facts);
                Triggers::FEEDBACK
            }
            _ => Triggers::NONE,
        };
        for fact in &beat.facts {
            self.give(fact);
        }
        self.age(at);
        Some(moved)
    }

    /// What the engine is told.
    fn happen(&mut self, beat: &Beat, at: Timestamp, moved: Triggers) -> Option<Happened> {
        let context = |triggers| Some(Happened::Event(Event::Context(triggers)));
        match &beat.happens {
            Happens::Seen(_) => context(Triggers::SIGHTING | moved),
            Happens::Leaves | Happens::Feedback(_) => context(moved),
            Happens::Weather => context(Triggers::WEATHER),
            Happens::Signal(name) => context(self.signal(name.as_ref(), beat)),
            Happens::Answer(answer) => {
                let (name, outcome) = &answer.value;
                let Some(id) = self.offers.get(name).map(|made| made.id) else {
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
                let picks = self.picks(at);
                if let Some((_, pick)) = picks.iter().find(|(known, _)| *known == name.value) {
                    return Some(Happened::Event(Event::Pick(*pick)));
                }
                let message = format!("nothing that can be picked now is called `{}`", name.value);
                let problem = Diagnostic::error("bad-play", name.span, message);
                let names = picks.iter().map(|(known, _)| known.as_str());
                self.problems.push(problem.suggesting(&name.value, names));
                None
            }
            Happens::Stops => Some(Happened::Stop),
        }
    }

    /// The signal that changed: the one that is named, or the one whose value comes with the event.
    fn signal(&mut self, name: Option<&Spanned<String>>, beat: &Beat) -> Triggers {
        let said = name.map(|name| format!("signal.{}", name.value));
        let mut given =
            beat.facts.iter().map(|fact| &fact.path).filter(|path| path.value.starts_with("signal."));
        let first = given.next();
        if let (None, Some(second)) = (name, given.next()) {
            let message = "two signals that change are two events: give each its own line";
            self.problems.push(Diagnostic::error("bad-play", second.span, message));
        }
        let path = said.as_ref().or(first.map(|path| &path.value));
        let slot = path.and_then(|path| self.stage.schema.slot(path));
        if let (None, Some(name)) = (slot, name) {
            let message = format!("no signal is called `{}`", name.value);
            let problem = Diagnostic::error("unknown-fact", name.span, message);
            let known = self.stage.schema.facts().filter_map(|(_, fact)| fact.path.strip_prefix("signal."));
            self.problems.push(problem.suggesting(&name.value, known));
        }
        slot.map_or(Triggers::SIGNAL, Triggers::signal)
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
            // Of a zone it says that somebody came.
            let again = self.subject.kind() == SubjectKind::Zone;
            return Some(if again { Triggers::ENTER } else { Triggers::NONE });
        }
        self.since = Some(at);
        Some(if before.is_known() { Triggers::ENTER | Triggers::EXIT } else { Triggers::ENTER })
    }

    /// An event is always told, a timer only where it did something to the journey played.
    fn record(&mut self, cause: String, step: &Step) {
        let happenings = self.happenings(step);
        if happenings.is_empty() && cause == TIMER {
            return;
        }
        let page = self.page().map(str::to_owned);
        self.transcript.moments.push(Moment { at: self.stage.wall(step.at), cause, happenings, page });
    }
}

/// What the engine is told.
#[derive(Clone, Copy)]
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
