//! A play on the engine: fires timers that are due, then gives the event, as the gateway does.

use std::collections::BTreeMap;

use turnpage_journeys_engine::{
    Effect, Engine, Input, JourneyIx, Library, OfferId, OfferIx, OutcomeIn, PageIx, Step, SubjectIx, Triggers,
};
use turnpage_journeys_expr::{Diagnostic, Env, Timestamp, Value};

use super::{Beat, Happening, Happens, Moment, Play, Stage, Transcript};

/// The subject's name. Offers are named after it, so it never changes.
const SUBJECT: &str = "player";

/// Runs a play on the journeys of `library`.
///
/// # Errors
/// What the play says and the stage does not know, or an answer to an offer that was never made.
pub fn run(library: &Library, stage: &Stage, play: &Play) -> Result<Transcript, Vec<Diagnostic>> {
    let mut engine = Engine::new(library.clone(), stage.offsets.clone(), 0);
    let subject = engine.subject(SUBJECT).map_err(|error| {
        vec![Diagnostic::error("play", play.title.span, format!("the engine takes no player: {error}"))]
    })?;
    let mut rehearsal = Rehearsal {
        stage,
        engine,
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
        let Some((triggers, outcome)) = self.happen(beat) else { return };
        for given in &beat.facts {
            let gave = self.stage.give(given, &mut self.facts);
            self.problems.extend(gave.err());
        }
        let input = Input { at, subject: self.subject, triggers, outcome, facts: &self.facts };
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

    fn happen(&mut self, beat: &Beat) -> Option<(Triggers, Option<OutcomeIn>)> {
        let place = self.stage.schema.slot("place.zone");
        let zone =
            |facts: &[Value]| place.and_then(|slot| facts.get(slot.index()).copied()).unwrap_or_default();
        let before = zone(&self.facts);
        match &beat.happens {
            Happens::Seen(None) => Some((Triggers::SIGHTING, None)),
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
                Some((Triggers::SIGHTING | entered | left, None))
            }
            Happens::Leaves => {
                self.stage.leave(&mut self.facts);
                Some((Triggers::EXIT, None))
            }
            Happens::Weather => Some((Triggers::WEATHER, None)),
            Happens::Signal => Some((Triggers::SIGNAL, None)),
            Happens::Answer(answer) => {
                let (name, outcome) = &answer.value;
                let Some(id) = self.offers.get(name).copied() else {
                    let message = format!("`{name}` was not offered before this");
                    self.problems.push(Diagnostic::error("bad-play", answer.span, message));
                    return None;
                };
                Some((Triggers::NONE, Some(OutcomeIn { id, outcome: *outcome })))
            }
        }
    }

    fn record(&mut self, cause: String, step: &Step) {
        let happenings = step.effects.iter().filter_map(|effect| self.happening(effect, step)).collect();
        self.transcript.moments.push(Moment { at: self.stage.wall(step.at), cause, happenings });
    }

    fn happening(&mut self, effect: &Effect, step: &Step) -> Option<Happening> {
        Some(match *effect {
            Effect::Began { journey, page } => Happening::Began(self.page(journey, page)?),
            Effect::Offer { id, journey, offer, .. } => {
                let name = self.offer(journey, offer)?;
                self.offers.insert(name.clone(), id);
                Happening::Offer { name, text: self.copy(journey, offer, step.at)? }
            }
            Effect::Limit { journey, offer, .. } => Happening::Limited(self.offer(journey, offer)?),
            Effect::Outcome { journey, offer, outcome, .. } => {
                Happening::Outcome(self.offer(journey, offer)?, outcome)
            }
            Effect::Turned { journey, to, .. } => Happening::Turned(self.page(journey, to)?),
            Effect::Withdrawn { .. } => return None,
            Effect::Ended { .. } => Happening::Ended,
        })
    }

    fn page(&self, journey: JourneyIx, page: PageIx) -> Option<String> {
        Some(self.engine.library().journey(journey)?.page(page)?.name.clone())
    }

    fn offer(&self, journey: JourneyIx, offer: OfferIx) -> Option<String> {
        Some(self.engine.library().journey(journey)?.offer(offer)?.name.clone())
    }

    /// What the subject reads, in the author's first language.
    fn copy(&self, journey: JourneyIx, offer: OfferIx, at: Timestamp) -> Option<String> {
        let offer = self.engine.library().journey(journey)?.offer(offer)?;
        let (_, template) = offer.text.first()?;
        let local = self.stage.offsets.local(at);
        let locals = self.engine.variables(self.subject, journey);
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
