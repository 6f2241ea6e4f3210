//! The five park-day journeys as definitions, the venue they read, and a driver that enriches events for them.

use super::author::{Does, after, journey, page, when};
use super::event::{Event, Line, Role, ZoneKind, name};
use turnpage_journeys_engine::{
    self as engine, ChoiceDef, Definition, Effect, Engine, Input, Library, Limit, Offsets, On, Outcome,
    Spanned, Step, SubjectIx, SubjectKind, Timestamp, Transition, Triggers, Value, VariableDef, compile,
};
use turnpage_journeys_expr::{Schema, Symbol, Type, Unit};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Facts by slot: role, kind, outdoor, rain, temperature.
pub(crate) type Facts = [Value; 5];

/// The venue's facts, in the order `facts` fills them.
pub(crate) fn schema() -> Schema {
    let mut schema = Schema::new();
    let role = schema.domain("role", ["guest", "vip", "staff"]);
    let kind = schema.domain("kind", ["gate", "plaza", "ride", "food", "shop", "restroom", "indoor"]);
    let declared = [
        ("role", Type::Symbol(role)),
        ("place.kind", Type::Symbol(kind)),
        ("place.outdoor", Type::Bool),
        ("weather.rain", Type::Quantity(Unit::MmPerHour)),
        ("weather.temperature", Type::Quantity(Unit::Celsius)),
    ];
    for (at, (path, of)) in declared.into_iter().enumerate() {
        assert_eq!(schema.fact(path, of).map(|slot| slot.index()), Some(at));
    }
    schema
}

/// What is known at an event.
pub(crate) fn facts(event: &Event) -> Facts {
    let role = match event.role {
        Role::Guest => 0,
        Role::Vip => 1,
        Role::Staff => 2,
    };
    let kind = match event.kind {
        ZoneKind::Gate => 0,
        ZoneKind::Plaza => 1,
        ZoneKind::Ride => 2,
        ZoneKind::Food => 3,
        ZoneKind::Shop => 4,
        ZoneKind::Restroom => 5,
        ZoneKind::Indoor => 6,
    };
    [
        Value::Symbol(Symbol(role)),
        Value::Symbol(Symbol(kind)),
        Value::Bool(event.outdoor),
        Value::Double(event.rain),
        Value::Double(event.temperature),
    ]
}

/// New York, 2025 to 2027.
pub(crate) fn new_york() -> Offsets {
    let change = |at, hours| Transition { at: Timestamp(at), offset_ms: hours * HOUR };
    Offsets::new(
        -5 * HOUR,
        vec![change(1_772_953_200_000, -4), change(1_793_512_800_000, -5), change(1_805_007_600_000, -4)],
    )
}

fn admitting(admit: Option<&str>, mut journey: Definition) -> Definition {
    journey.admit = admit.map(Spanned::from);
    journey
}

fn limited(limit: Limit, mut journey: Definition) -> Definition {
    journey.offers[0].limit = Some(limit.into());
    journey
}

const NOT_STAFF: Option<&str> = Some("role != \"staff\"");

/// The five journeys.
pub(crate) fn definitions() -> Vec<Definition> {
    vec![rainy_day(), lunch(), loyal(), vip_greet(), heat_rest()]
}

fn rainy_day() -> Definition {
    let strolling = vec![when("place.outdoor && weather.rain > 0.5").offers("cocoa").turns("shelter")];
    let shelter = vec![
        when("place.kind == \"food\"").records("cocoa", Outcome::Accepted).turns("cosy"),
        after(20 * MINUTE).records("cocoa", Outcome::Expired).turns("strolling"),
    ];
    let cosy = vec![when("weather.rain < 0.1 && weather.temperature > 18.0").turns("strolling")];
    let pages = vec![page("strolling", strolling), page("shelter", shelter), page("cosy", cosy)];
    limited(Limit::PerDay { count: 3 }, admitting(NOT_STAFF, journey("rainy-day", &["cocoa"], pages)))
}

fn lunch() -> Definition {
    let noon = "place.kind == \"plaza\" && time.between(\"11:30\", \"13:30\")";
    let waiting = vec![
        when("place.kind == \"food\"").records("lunch", Outcome::Accepted).turns("idle"),
        after(HOUR).records("lunch", Outcome::Expired).turns("idle"),
    ];
    let pages =
        vec![page("idle", vec![when(noon).offers("lunch").turns("waiting")]), page("waiting", waiting)];
    limited(Limit::PerDay { count: 1 }, admitting(NOT_STAFF, journey("lunch", &["lunch"], pages)))
}

fn loyal() -> Definition {
    let fifth =
        when("place.kind == \"ride\" && rides == 4").on(On::Enter).offers("fastlane").sets("rides", "0");
    let other = when("place.kind == \"ride\"").on(On::Enter).sets("rides", "rides + 1");
    let mut loyal = journey("loyal", &["fastlane"], vec![page("riding", vec![fifth, other])]);
    loyal.variables.push(VariableDef {
        name: "rides".into(),
        of: Type::Int.into(),
        initial: Some("0".into()),
    });
    loyal
}

fn vip_greet() -> Definition {
    let limit = Limit::PerWindow { count: 1, window_ms: 4 * HOUR };
    let greeting = vec![when("place.kind == \"gate\"").on(On::Enter).offers("greet")];
    let greet = journey("vip-greet", &["greet"], vec![page("greeting", greeting)]);
    limited(limit, admitting(Some("role == \"vip\""), greet))
}

fn heat_rest() -> Definition {
    let outside = vec![
        when("place.outdoor").on(On::Enter).turns("outside"),
        ChoiceDef::default().on(On::Enter).turns("inside"),
        after(45 * MINUTE).given("weather.temperature >= 30.0").offers("rest"),
    ];
    let inside = vec![when("place.outdoor").on(On::Enter).turns("outside")];
    let pages = vec![page("inside", inside), page("outside", outside)];
    admitting(NOT_STAFF, journey("heat-rest", &["rest"], pages))
}

/// The five journeys, compiled.
pub(crate) fn library() -> Library {
    let compiled = compile(&definitions(), &schema());
    assert_eq!(compiled.problems, []);
    compiled.library.expect("no problems, so there is a library")
}

/// The engine with just enough enrichment around it: who was where, and which event was the last of whom.
pub(crate) struct Park<'a> {
    pub(crate) engine: Engine,
    events: &'a [Event],
    visitors: Vec<Visitor>,
    step: Step,
}

#[derive(Clone, Copy)]
struct Visitor {
    subject: SubjectIx,
    /// The place of the last event.
    last: u32,
    zone: u16,
}

impl<'a> Park<'a> {
    /// A park whose visitors are known before its events come, as the parser of a workload knows them.
    pub(crate) fn new(library: Library, events: &'a [Event], visitors: u32) -> Self {
        let mut engine = Engine::new(library, new_york(), 7);
        let mut know = |visitor| {
            let subject = engine.subject(SubjectKind::Visitor, &name(visitor)).expect("there is room");
            Visitor { subject, last: 0, zone: u16::MAX }
        };
        let visitors = (0..visitors).map(&mut know).collect();
        Park { engine, events, visitors, step: Step::default() }
    }

    /// Fires what is due, then steps the event at a place. Every step is shown. Never inlined: what it costs is counted by name.
    #[inline(never)]
    pub(crate) fn event(&mut self, nth: usize, mut show: impl FnMut(&Engine, &Step)) {
        let event = &self.events[nth];
        let at = Timestamp(event.at);
        while let Some(due) = self.engine.due(at) {
            // Subjects are numbered as they became known, and a restored one keeps its place.
            let last = self.visitors[due.subject.place()].last;
            self.engine.timer(&due, &facts(&self.events[last as usize]), &mut self.step);
            show(&self.engine, &self.step);
        }
        let visitor = &mut self.visitors[event.visitor as usize];
        let entered = visitor.zone != event.zone;
        (visitor.zone, visitor.last) = (event.zone, nth as u32);
        let triggers = if entered { Triggers::SIGHTING | Triggers::ENTER } else { Triggers::SIGHTING };
        let facts = &facts(event);
        let input = Input { at, subject: visitor.subject, event: engine::Event::Context(triggers), facts };
        self.engine.event(&input, &mut self.step);
        show(&self.engine, &self.step);
    }

    /// Forgets what the engine knows of a visitor and gives it back from its saved bytes.
    pub(crate) fn save_and_restore(&mut self, visitor: u32) {
        let known = self.visitors[visitor as usize];
        let saved = self.engine.save(known.subject).expect("the visitor is known");
        let restored =
            self.engine.restore(SubjectKind::Visitor, &name(visitor), &saved).expect("the bytes are ours");
        assert_eq!(restored, known.subject, "a freed place is given again first");
        assert_eq!(self.engine.save(restored), Some(saved));
    }
}

/// What the world sees of a step: offers and outcomes in the words of the workload.
pub(crate) fn lines(engine: &Engine, step: &Step, to: &mut Vec<Line>) {
    for effect in &step.effects {
        let said = match *effect {
            Effect::Offer { journey, .. } => (journey, None),
            Effect::Outcome { journey, outcome, .. } => (journey, Some(outcome)),
            _ => continue,
        };
        let journey = engine.library().journey(said.0).expect("effects name journeys of the library");
        let (journey, offer) = match (journey.name.as_str(), said.1) {
            ("heat-rest", None) => ("heat-rest", "rest"),
            ("loyal", None) => ("loyal", "fastlane"),
            ("lunch", None) => ("lunch", "lunch"),
            ("lunch", Some(Outcome::Accepted)) => ("lunch", "lunch:accepted"),
            ("lunch", Some(Outcome::Expired)) => ("lunch", "lunch:expired"),
            ("rainy-day", None) => ("rainy-day", "cocoa"),
            ("rainy-day", Some(Outcome::Accepted)) => ("rainy-day", "cocoa:accepted"),
            ("rainy-day", Some(Outcome::Expired)) => ("rainy-day", "cocoa:expired"),
            ("vip-greet", None) => ("vip-greet", "greet"),
            other => panic!("no journey says {other:?}"),
        };
        let visitor = engine.name(step.subject).expect("steps are of subjects").to_owned();
        to.push((step.at.0, visitor, journey, offer));
    }
}
