//! A case's events on the engine, as the gateway would give them: timers that are due first, then the event.

use std::collections::BTreeMap;

use chrono::DateTime;
use turnpage_gateway_core::Venue;
use turnpage_journeys_authoring::Library;
use turnpage_journeys_document::parse_duration;
use turnpage_journeys_engine::{
    ChoiceIx, Effect, Engine, Event, Input, OfferId, Outcome, OutcomeIn, PageIx, PickIn, Step, SubjectIx,
    SubjectKind, Timestamp, Triggers, Value,
};
use turnpage_journeys_expr::{Schema, Type};

use super::tell::Teller;
use turnpage_tests::case::{Case, Expects};

const SEED: u64 = 1;

/// The effects of a case, a line each.
pub(crate) fn run(venue: &Venue, library: Library, case: &Case, restored: bool) -> Vec<String> {
    let Expects::Effects(events, _) = &case.expects else { return Vec::new() };
    let schema = venue.schema();
    let engine = Engine::new(library, venue.offsets(), SEED);
    let mut drive =
        Drive { schema, engine, facts: BTreeMap::new(), offers: BTreeMap::new(), told: Vec::new() };
    for line in events {
        drive.line(line).unwrap_or_else(|| panic!("{}: `{line}` is no event", case.title));
        if restored {
            drive.save_and_restore();
        }
    }
    drive.told
}

/// `ada` is a visitor, `zone/square` a zone.
fn subject(text: &str) -> Option<(SubjectKind, &str)> {
    let Some((kind, name)) = text.split_once('/') else { return Some((SubjectKind::Visitor, text)) };
    Some((SubjectKind::from_name(kind)?, name))
}

struct Drive {
    schema: Schema,
    engine: Engine,
    facts: BTreeMap<SubjectIx, Vec<Value>>,
    /// The latest offer of a name that was made to a subject.
    offers: BTreeMap<(SubjectIx, String), OfferId>,
    told: Vec<String>,
}

impl Drive {
    fn line(&mut self, line: &str) -> Option<()> {
        let mut words = line.split_whitespace();
        let at = Timestamp(DateTime::parse_from_rfc3339(words.next()?).ok()?.timestamp_millis());
        let (kind, name) = subject(words.next()?)?;
        let subject = self.engine.subject(kind, name).ok()?;
        let what = words.next()?;
        let mut step = Step::default();
        while let Some(due) = self.engine.due(at) {
            let facts = self.facts(due.subject).clone();
            self.engine.timer(&due, &facts, &mut step);
            self.tell(&step);
        }
        for fact in words {
            let (path, value) = fact.split_once('=')?;
            let slot = self.schema.slot(path)?;
            let value = self.value(self.schema.at(slot)?.ty, value)?;
            *self.facts(subject).get_mut(slot.index())? = value;
        }
        match what {
            "time" => return Some(()),
            "stop" => self.engine.stop(subject, at, &mut step),
            _ => {
                let event = self.event(subject, what)?;
                let facts = self.facts(subject).clone();
                self.engine.event(&Input { at, subject, event, facts: &facts }, &mut step);
            }
        }
        self.tell(&step);
        Some(())
    }

    fn event(&self, subject: SubjectIx, what: &str) -> Option<Event> {
        if let Some(pick) = what.strip_prefix("pick:") {
            return self.pick(pick).map(Event::Pick);
        }
        if let Some((offer, outcome)) = what.split_once('.') {
            let id = *self.offers.get(&(subject, offer.to_owned()))?;
            return Some(Event::Outcome(OutcomeIn { id, outcome: Outcome::from_name(outcome)? }));
        }
        let trigger = |word: &str| match word {
            "sighting" => Some(Triggers::SIGHTING),
            "enter" => Some(Triggers::ENTER),
            "exit" => Some(Triggers::EXIT),
            "weather" => Some(Triggers::WEATHER),
            "signal" => Some(Triggers::SIGNAL),
            "feedback" => Some(Triggers::FEEDBACK),
            _ => Some(Triggers::signal(self.schema.slot(&word.replace(':', "."))?)),
        };
        what.split('+').try_fold(Triggers::NONE, |all, word| Some(all | trigger(word)?)).map(Event::Context)
    }

    /// `journey/page/pick`
    fn pick(&self, text: &str) -> Option<PickIn> {
        let mut names = text.split('/');
        let (journey, page, pick) = (names.next()?, names.next()?, names.next()?);
        let ix = self.engine.library().find(journey)?;
        let pages = self.engine.library().journey(ix)?.pages();
        let at = pages.iter().position(|known| known.name == page)?;
        let choice = pages[at].choices.iter().position(|choice| choice.pick.as_deref() == Some(pick))?;
        Some(PickIn { journey: ix, page: PageIx(at as u16), choice: ChoiceIx(choice as u16) })
    }

    fn facts(&mut self, subject: SubjectIx) -> &mut Vec<Value> {
        let unknown = || vec![Value::Unknown; self.schema.len()];
        self.facts.entry(subject).or_insert_with(unknown)
    }

    fn value(&self, of: Type, text: &str) -> Option<Value> {
        if text == "?" {
            return Some(Value::Unknown);
        }
        match of {
            Type::Duration => parse_duration(text).map(Value::Duration),
            _ => self.schema.read(of, text),
        }
    }

    fn tell(&mut self, step: &Step) {
        let facts = self.facts(step.subject).clone();
        let teller = Teller { engine: &self.engine, schema: &self.schema, facts: &facts, step };
        self.told.extend(step.effects.iter().map(|effect| teller.line(effect)));
        for effect in &step.effects {
            if let Effect::Offer { id, journey, offer, .. } = *effect {
                let made = self.engine.library().journey(journey).and_then(|journey| journey.offer(offer));
                let name = made.map(|offer| offer.name.clone()).unwrap_or_default();
                self.offers.insert((step.subject, name), id);
            }
        }
    }

    /// Forgets every subject and gives it back from its saved bytes. A freed place is given again, so indexes stay.
    fn save_and_restore(&mut self) {
        for subject in self.facts.keys().copied().collect::<Vec<_>>() {
            let name = self.engine.name(subject).expect("it is known").to_owned();
            let saved = self.engine.save(subject).expect("it is known");
            self.engine.remove(subject);
            assert_eq!(self.engine.restore(subject.kind(), &name, &saved), Ok(subject));
        }
    }
}
