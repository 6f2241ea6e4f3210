//! A stage for small journeys: a few facts, two visitors and a transcript in words.

use turnpage_journeys_engine::{
    ChoiceState, Compiled, Definition, Due, Effect, Engine, Event, Input, JourneyIx, Offer, OfferId, OfferIx,
    Offsets, Outcome, OutcomeIn, PageIx, PickIn, Severity, Step, SubjectIx, SubjectKind, Timestamp,
    Transition, Triggers, Value, compile,
};
use turnpage_journeys_expr::{Schema, Type, Unit};

/// What is known at an event: `a` and `b` as `Some` truths or unknown, and the rain in mm/h.
#[derive(Clone, Copy, Default)]
pub(crate) struct Facts {
    pub(crate) a: Option<bool>,
    pub(crate) b: Option<bool>,
    pub(crate) rain: f64,
}

/// Only `a` holds.
pub(crate) const A: Facts = Facts { a: Some(true), b: Some(false), rain: 0.0 };
/// Only `b` holds.
pub(crate) const B: Facts = Facts { a: Some(false), b: Some(true), rain: 0.0 };
/// Both hold.
pub(crate) const AB: Facts = Facts { a: Some(true), b: Some(true), rain: 0.0 };
/// Neither holds.
pub(crate) const NONE: Facts = Facts { a: Some(false), b: Some(false), rain: 0.0 };

pub(crate) fn schema() -> Schema {
    let mut schema = Schema::new();
    let zone = schema.domain("zone", ["square", "harbour", "mill"]);
    schema.domain("role", ["guest", "cleaner"]);
    for (path, of) in [
        ("a", Type::Bool),
        ("b", Type::Bool),
        ("rain", Type::Quantity(Unit::MmPerHour)),
        ("place.zone", Type::Symbol(zone)),
        ("signal.parking", Type::Double),
        ("signal.queue", Type::Double),
        ("subject.tier", Type::Int),
        ("subject.home", Type::Symbol(zone)),
    ] {
        assert!(schema.fact(path, of).is_some());
    }
    schema
}

/// Definitions compiled over the stage's facts.
pub(crate) fn compiled(definitions: &[Definition]) -> Compiled {
    compile(definitions, &schema())
}

/// An engine and what is said on it.
pub(crate) struct Stage {
    pub(crate) engine: Engine,
    facts: Vec<Value>,
}

impl Stage {
    /// A stage for journeys without errors. Its clock goes back an hour one day after the epoch, at 01:00.
    pub(crate) fn new(definitions: &[Definition]) -> Stage {
        let compiled = compiled(definitions);
        let errors: Vec<_> =
            compiled.problems.iter().filter(|p| p.diagnostic.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{errors:?}");
        let back = Transition { at: Timestamp(DAY), offset_ms: 0 };
        let offsets = Offsets::new(HOUR, vec![back]);
        let engine = Engine::new(compiled.library.expect("no errors"), offsets, 7);
        Stage { engine, facts: vec![Value::Unknown; schema().len()] }
    }

    /// What is known from now on beside `Facts`.
    pub(crate) fn know(&mut self, path: &str, value: Value) {
        let slot = schema().slot(path).expect("a fact of the stage");
        self.facts[slot.index()] = value;
    }

    pub(crate) fn know_zone(&mut self, zone: &str) {
        let schema = schema();
        let domain = schema.domain_id("zone").expect("a domain of the stage");
        self.know("place.zone", schema.symbol(domain, zone).map_or(Value::Unknown, Value::Symbol));
    }

    fn set(&mut self, facts: Facts) {
        let truth = |fact: Option<bool>| fact.map_or(Value::Unknown, Value::Bool);
        self.facts[..3].copy_from_slice(&[truth(facts.a), truth(facts.b), Value::Double(facts.rain)]);
    }

    /// The open picks of ada's by name, over the facts of the last event.
    pub(crate) fn picks(&mut self, at: i64) -> Vec<(String, PickIn)> {
        let ada = self.who("ada");
        let picks = self.engine.picks(ada, Timestamp(at), &self.facts).into_iter();
        let named = picks.map(|pick| {
            let journey = self.engine.library().journey(pick.journey).expect("of the library");
            let choice = journey.choice(pick.page, pick.choice).expect("of the page");
            (choice.pick.clone().expect("it is a pick"), pick)
        });
        named.collect()
    }

    /// Ada picks; what is due before is fired.
    pub(crate) fn pick(&mut self, at: i64, pick: PickIn) -> String {
        let due = self.until(at);
        assert_eq!(due, "", "say what is due before the pick");
        let (subject, at) = (self.who("ada"), Timestamp(at));
        let mut step = Step::default();
        self.engine.event(&Input { at, subject, event: Event::Pick(pick), facts: &self.facts }, &mut step);
        self.tell(&step)
    }

    /// The states of the choices of the page ada is on in the first journey.
    pub(crate) fn choices(&mut self, at: i64) -> Vec<ChoiceState> {
        let ada = self.who("ada");
        self.engine.choices(ada, JourneyIx(0), Timestamp(at), &self.facts)
    }

    /// Ada through her bytes and back into a stage of other journeys.
    pub(crate) fn moved_to(&mut self, definitions: &[Definition]) -> Stage {
        let ada = self.who("ada");
        let saved = self.engine.save(ada).expect("she is known");
        let mut other = Stage::new(definitions);
        other.engine.restore(SubjectKind::Visitor, "ada", &saved).expect("the bytes are ours");
        other.facts.clone_from(&self.facts);
        other
    }

    pub(crate) fn who(&mut self, name: &str) -> SubjectIx {
        self.engine.subject(SubjectKind::Visitor, name).expect("a short name")
    }

    /// Fires what is due up to an instant, over the facts of the last event, and tells it.
    pub(crate) fn until(&mut self, at: i64) -> String {
        let mut said = Vec::new();
        while let Some(due) = self.engine.due(Timestamp(at)) {
            said.push(self.fire(&due));
        }
        said.retain(|line| !line.is_empty());
        said.join("; ")
    }

    pub(crate) fn fire(&mut self, due: &Due) -> String {
        let mut step = Step::default();
        self.engine.timer(due, &self.facts, &mut step);
        self.tell(&step)
    }

    /// A sighting of ada.
    pub(crate) fn see(&mut self, at: i64, facts: Facts) -> String {
        self.event("ada", at, Triggers::SIGHTING, facts)
    }

    /// Fires what is due, then an event; tells both.
    pub(crate) fn event(&mut self, who: &str, at: i64, triggers: Triggers, facts: Facts) -> String {
        let due = self.until(at);
        let event = self.late(who, at, triggers, facts);
        [due, event].into_iter().filter(|said| !said.is_empty()).collect::<Vec<_>>().join("; ")
    }

    /// An event without firing anything.
    pub(crate) fn late(&mut self, who: &str, at: i64, triggers: Triggers, facts: Facts) -> String {
        self.set(facts);
        let subject = self.who(who);
        let input = Input { at: Timestamp(at), subject, event: Event::Context(triggers), facts: &self.facts };
        let mut step = Step::default();
        self.engine.event(&input, &mut step);
        self.tell(&step)
    }

    /// An outcome from outside for an offer of ada's, over the facts of the last event.
    pub(crate) fn outcome(&mut self, at: i64, id: OfferId, outcome: Outcome) -> String {
        let (subject, at) = (self.who("ada"), Timestamp(at));
        let event = Event::Outcome(OutcomeIn { id, outcome });
        let input = Input { at, subject, event, facts: &self.facts };
        let mut step = Step::default();
        self.engine.event(&input, &mut step);
        self.tell(&step)
    }

    pub(crate) fn stop(&mut self, who: &str, at: i64) -> String {
        let (subject, mut step) = (self.who(who), Step::default());
        self.engine.stop(subject, Timestamp(at), &mut step);
        self.tell(&step)
    }

    /// The id of the offer that an event of ada's makes.
    pub(crate) fn made(&mut self, at: i64, facts: Facts) -> OfferId {
        self.set(facts);
        let subject = self.who("ada");
        let (at, triggers) = (Timestamp(at), Triggers::SIGHTING);
        let mut step = Step::default();
        self.engine
            .event(&Input { at, subject, event: Event::Context(triggers), facts: &self.facts }, &mut step);
        let id = step.effects.iter().find_map(|effect| match effect {
            Effect::Offer { id, .. } => Some(*id),
            _ => None,
        });
        id.expect("an offer is made")
    }

    /// What the first journey's variable is worth for ada.
    pub(crate) fn variable(&mut self, nth: usize) -> Value {
        let subject = self.who("ada");
        self.engine.variables(subject, JourneyIx(0))[nth]
    }

    /// The effects of a step in words, with the visitor unless it is ada and the instant unless it is zero.
    fn tell(&self, step: &Step) -> String {
        let told: Vec<String> = step.effects.iter().map(|effect| self.effect(effect)).collect();
        if told.is_empty() {
            return String::new();
        }
        assert!(step.changed || step.effects.iter().all(quiet), "{step:?}");
        let who = self.engine.name(step.subject).filter(|name| *name != "ada");
        let who = who.map_or(String::new(), |name| format!("{name} "));
        format!("{who}@{}: {}", step.at.0, told.join(", "))
    }

    fn effect(&self, effect: &Effect) -> String {
        let journey = |ix: JourneyIx| self.engine.library().journey(ix).expect("of the library");
        let page = |ix, page: PageIx| journey(ix).page(page).expect("of the journey").name.clone();
        let offer = |ix, offer: OfferIx| -> &Offer { journey(ix).offer(offer).expect("of the journey") };
        match *effect {
            Effect::Began { journey: j, page: p } => format!("{} begins on {}", journey(j).name, page(j, p)),
            Effect::Offer { journey: j, offer: o, valid_until, .. } => {
                let until = valid_until.map_or(String::new(), |until| format!(" until {}", until.0));
                format!("offers {}{until}", offer(j, o).name)
            }
            Effect::Limit { journey: j, offer: o, .. } => format!("keeps {} back", offer(j, o).name),
            Effect::Outcome { journey: j, offer: o, outcome, .. } => {
                format!("{} {}", offer(j, o).name, outcome.name())
            }
            Effect::Turned { journey: j, from, choice, to } => {
                let by = choice.map_or("entry".to_owned(), |choice| choice.0.to_string());
                format!("{} -{by}-> {}", page(j, from), page(j, to))
            }
            Effect::Withdrawn { journey: j, offer: o, .. } => format!("withdraws {}", offer(j, o).name),
            Effect::Ended { journey: j, page: p } => format!("{} ends on {}", journey(j).name, page(j, p)),
            Effect::Held { journey: j, offer: o, .. } => format!("holds {} back", offer(j, o).name),
            Effect::Dispatch { .. } => "calls staff".to_owned(),
            Effect::Ticket { .. } => "opens a ticket".to_owned(),
            Effect::Remember { fact, value, .. } => format!("remembers {} {value:?}", fact.index()),
            Effect::Passed { journey: j, page: p, .. } => format!("passed {}", page(j, p)),
            Effect::Breach { journey: j, page: p } => format!("breach of {}", page(j, p)),
            Effect::Strayed { journey: j, page: p } => format!("strays from {}", page(j, p)),
            Effect::Chose { alternative, by, .. } => format!("chooses {alternative} by {by:?}"),
            Effect::Called { callee, .. } => format!("calls {}", journey(callee).name),
            Effect::Returned { callee, result, .. } => format!("{} returns {result:?}", journey(callee).name),
            Effect::Foretold { reached, .. } => format!("foretold {reached}"),
        }
    }
}

/// Effects that may come without a change of state.
fn quiet(effect: &Effect) -> bool {
    match effect {
        Effect::Limit { .. } | Effect::Held { .. } => true,
        Effect::Outcome { outcome, .. } => !outcome.settles(),
        _ => false,
    }
}

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;
