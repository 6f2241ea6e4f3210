//! A play on the engine: fires timers that are due, then gives the event, as the gateway does.

use std::collections::BTreeMap;

use turnpage_journeys_engine::{
    Effect, Engine, Event, Input, JourneyIx, Library, OfferId, OfferIx, OutcomeIn, PageIx, Spanned, Step,
    SubjectIx, Triggers,
};
use turnpage_journeys_expr::{Diagnostic, Env, Timestamp, Value};

use super::{Beat, Happening, Happens, Moment, Play, Stage, Transcript};

/// The subject's name. Offers are named after it, so it never changes.
const SUBJECT: &str = "player";

/// Runs a play of the journey `of`. The other journeys of `library` run beside it, unrecorded.
///
/// # Errors
/// What the play says and library or stage do not know, or an answer to an offer that was never made.
pub fn run(
    library: &Library,
    stage: &Stage,
    of: &Spanned<String>,
    play: &Play,
) -> Result<Transcript, Vec<Diagnostic>> {
    let Some(journey) = library.find(&of.value) else {
        let problem =
            Diagnostic::error("unknown-journey", of.span, format!("no journey is called `{}`", of.value));
        let names = library.journeys().iter().map(|journey| journey.name.as_str());
        return Err(vec![problem.suggesting(&of.value, names)]);
    };
    let mut engine = Engine::new(library.clone(), stage.offsets.clone(), 0);
    let subject = engine.subject(SUBJECT).map_err(|error| {
        vec![Diagnostic::error("play", play.title.span, format!("the engine takes no player: {error}"))]
    })?;
    let mut rehearsal = Rehearsal {
        stage,
        engine,
        journey,
        subject,
        facts: vec![Value::Unknown; stage.schema.len()],
        offers: BTreeMap::new(),
        step: Step::default(),
        transcript: Transcript::default(),
        problems: Vec::new(),
    };
    for given in &play.given {
        let gave = stage.give(given, &mut rehearsal.facts);
        rehearsal.problems.extend(gave.err());
    }
    for beat in &play.when {
        rehearsal.beat(beat);
    }
    if let Some(until) = &play.until {
        rehearsal.pass(stage.instant(until.value));
    }
    if rehearsal.problems.is_empty() { Ok(rehearsal.transcript) } else { Err(rehearsal.problems) }
}

struct Rehearsal<'a> {
    stage: &'a Stage,
    engine: Engine,
    /// The journey whose play it is.
    journey: JourneyIx,
    subject: SubjectIx,
    facts: Vec<Value>,
    /// The latest offer of each name.
    offers: BTreeMap<String, OfferId>,
    step: Step,
    transcript: Transcript,
    problems: Vec<Diagnostic>,
}

impl Rehearsal<'_> {
    fn beat(&mut self, beat: &Beat) {
        let at = self.stage.instant(beat.at.value);
        self.pass(at);
        let Some(event) = self.happen(beat) else { return };
        for given in &beat.facts {
            let gave = self.stage.give(given, &mut self.facts);
            self.problems.extend(gave.err());
        }
        let input = Input { at, subject: self.subject, event, facts: &self.facts };
        let mut step = std::mem::take(&mut self.step);
        self.engine.event(&input, &mut step);
        self.record(cause(beat), &step);
        self.step = step;
    }

    /// Lets time pass: fires every timer due at or before `until`.
    fn pass(&mut self, until: Timestamp) {
        let mut step = std::mem::take(&mut self.step);
        while let Some(due) = self.engine.due(until) {
            self.engine.timer(&due, &self.facts, &mut step);
            if !step.effects.is_empty() {
                self.record("timer".to_owned(), &step);
            }
        }
        self.step = step;
    }

    fn happen(&mut self, beat: &Beat) -> Option<Event> {
        let place = self.stage.schema.slot("place.zone");
        let zone =
            |facts: &[Value]| place.and_then(|slot| facts.get(slot.index()).copied()).unwrap_or_default();
        let before = zone(&self.facts);
        match &beat.happens {
            Happens::Seen(None) => Some(Event::Context(Triggers::SIGHTING)),
            Happens::Seen(Some(name)) => {
                if let Err(problem) = self.stage.enter(name, &mut self.facts) {
                    self.problems.push(problem);
                    return None;
                }
                let entered = if zone(&self.facts) == before { Triggers::NONE } else { Triggers::ENTER };
                let left = if before.is_known() && zone(&self.facts) != before {
                    Triggers::EXIT
                } else {
                    Triggers::NONE
                };
                Some(Event::Context(Triggers::SIGHTING | entered | left))
            }
            Happens::Leaves => {
                self.stage.leave(&mut self.facts);
                Some(Event::Context(Triggers::EXIT))
            }
            Happens::Weather => Some(Event::Context(Triggers::WEATHER)),
            Happens::Signal => Some(Event::Context(Triggers::SIGNAL)),
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
                Some(Event::Outcome(OutcomeIn { id, outcome: *outcome }))
            }
        }
    }

    fn record(&mut self, cause: String, step: &Step) {
        let happenings = step.effects.iter().filter_map(|effect| self.happening(effect, step)).collect();
        self.transcript.moments.push(Moment { at: self.stage.wall(step.at), cause, happenings });
    }

    /// What an effect means, if it is one of the journey whose play it is.
    fn happening(&mut self, effect: &Effect, step: &Step) -> Option<Happening> {
        if effect.journey() != self.journey {
            return None;
        }
        Some(match *effect {
            Effect::Began { page, .. } => Happening::Began(self.page(page)?),
            Effect::Offer { id, offer, .. } => {
                let name = self.offer(offer)?;
                self.offers.insert(name.clone(), id);
                Happening::Offer { name, text: self.copy(offer, step.at)? }
            }
            Effect::Limit { offer, .. } => Happening::Limited(self.offer(offer)?),
            Effect::Outcome { offer, outcome, .. } => Happening::Outcome(self.offer(offer)?, outcome),
            Effect::Turned { to, .. } => Happening::Turned(self.page(to)?),
            Effect::Withdrawn { offer, .. } => Happening::Withdrawn(self.offer(offer)?),
            Effect::Ended { .. } => Happening::Ended,
            _ => return None,
        })
    }

    fn page(&self, page: PageIx) -> Option<String> {
        Some(self.engine.library().journey(self.journey)?.page(page)?.name.clone())
    }

    fn offer(&self, offer: OfferIx) -> Option<String> {
        Some(self.engine.library().journey(self.journey)?.offer(offer)?.name.clone())
    }

    /// What the subject reads, in the author's first language.
    fn copy(&self, offer: OfferIx, at: Timestamp) -> Option<String> {
        let offer = self.engine.library().journey(self.journey)?.offer(offer)?;
        let template = offer.copy(None, None)?;
        let local = self.stage.offsets.local(at);
        let locals = self.engine.variables(self.subject, self.journey);
        Some(template.render(&Env { facts: &self.facts, locals, local }, &self.stage.schema))
    }
}

/// The event as the play tells it.
fn cause(beat: &Beat) -> String {
    let mut cause = match &beat.happens {
        Happens::Seen(Some(zone)) => format!("seen in {}", zone.value),
        Happens::Seen(None) => "seen".to_owned(),
        Happens::Leaves => "leaves".to_owned(),
        Happens::Weather => "weather".to_owned(),
        Happens::Signal => "signal".to_owned(),
        Happens::Answer(answer) => format!("answers {}.{}", answer.value.0, answer.value.1.name()),
    };
    for fact in &beat.facts {
        cause.push_str(&format!(", {} {}", fact.path.value, fact.value.value));
    }
    cause
}
