//! The five journeys of the park-day workload say what its reference implementation says, byte for byte.
//!
//! A committed stretch always runs: six visitors on the two days around the night in which New York's clock goes back, made dense
//! with exact deadline ties. Fresh seeds of the workload's generator run through the gateway's replay, in `tests/`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value as Json;
use turnpage_journeys_authoring::library::PARK_DAY;
use turnpage_journeys_authoring::play::Stage;
use turnpage_journeys_authoring::{check, render};
use turnpage_journeys_engine::{
    Effect, Engine, Event, Input, Library, Step, SubjectIx, SubjectKind, Triggers,
};
use turnpage_journeys_expr::{Schema, Timestamp, Value};

use crate::stage::stage;

#[test]
fn the_committed_day_is_the_references_day() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../library/park-day/golden");
    let read = |name| std::fs::read_to_string(golden.join(name)).expect("it is committed");
    assert_eq!(offers(&read("events.ndjson")), read("offers.ndjson"));
}

/// The offers of a day in the workload's own form and order.
fn offers(events: &str) -> String {
    let stage = stage();
    let checked = check(PARK_DAY.sources(), &stage.schema);
    let library = checked.library.unwrap_or_else(|| panic!("{}", render(&checked.report, false)));
    let mut day = Day::new(library, &stage);
    for line in events.lines() {
        day.event(&serde_json::from_str(line).expect("an event a line"));
    }
    day.emissions.sort();
    let mut text = String::new();
    for (t, visitor, journey, offer) in &day.emissions {
        let line = format!(r#"{{"t":{t},"visitor":"{visitor}","journey":"{journey}","offer":"{offer}"}}"#);
        writeln!(text, "{line}").expect("a string takes everything");
    }
    text
}

struct Day<'a> {
    stage: &'a Stage,
    engine: Engine,
    facts: BTreeMap<SubjectIx, Vec<Value>>,
    zones: BTreeMap<SubjectIx, String>,
    step: Step,
    /// Instant, visitor, journey, offer or `offer:outcome`.
    emissions: Vec<(i64, String, String, String)>,
}

impl<'a> Day<'a> {
    fn new(library: Library, stage: &'a Stage) -> Self {
        let engine = Engine::new(library, stage.offsets.clone(), 0);
        let (facts, zones) = (BTreeMap::new(), BTreeMap::new());
        Self { stage, engine, facts, zones, step: Step::default(), emissions: Vec::new() }
    }

    fn event(&mut self, event: &Json) {
        let at = Timestamp(event["t"].as_i64().expect("milliseconds"));
        while let Some(due) = self.engine.due(at) {
            let facts = &self.facts[&due.subject];
            self.engine.timer(&due, facts, &mut self.step);
            self.collect();
        }
        let text = |key: &str| event[key].as_str().expect("text");
        let subject = self.engine.subject(SubjectKind::Visitor, text("visitor")).expect("a short name");
        let facts =
            self.facts.entry(subject).or_insert_with(|| vec![Value::Unknown; self.stage.schema.len()]);
        let schema = &self.stage.schema;
        set(schema, facts, "role", symbol(schema, "role", text("role")));
        set(schema, facts, "place.kind", symbol(schema, "kind", text("zone_kind")));
        set(schema, facts, "place.outdoor", Value::Bool(event["outdoor"].as_bool().expect("a truth")));
        set(schema, facts, "weather.rain", Value::Double(event["rain"].as_f64().expect("a number")));
        set(schema, facts, "weather.temperature", Value::Double(event["temp"].as_f64().expect("a number")));
        let before = self.zones.insert(subject, text("zone").to_owned());
        let entry = before.is_none_or(|zone| zone != text("zone"));
        let triggers = if entry { Triggers::SIGHTING | Triggers::ENTER } else { Triggers::SIGHTING };
        self.engine.event(&Input { at, subject, event: Event::Context(triggers), facts }, &mut self.step);
        self.collect();
    }

    fn collect(&mut self) {
        for effect in &self.step.effects {
            let (journey, offer, outcome) = match *effect {
                Effect::Offer { journey, offer, .. } => (journey, offer, None),
                Effect::Outcome { journey, offer, outcome, .. } => (journey, offer, Some(outcome)),
                _ => continue,
            };
            let visitor = self.engine.name(self.step.subject).expect("it was given one").to_owned();
            let journey = self.engine.library().journey(journey).expect("it runs");
            let offer = &journey.offer(offer).expect("it was made").name;
            let what = outcome.map_or(offer.clone(), |outcome| format!("{offer}:{}", outcome.name()));
            self.emissions.push((self.step.at.0, visitor, journey.name.clone(), what));
        }
    }
}

fn symbol(schema: &Schema, domain: &str, name: &str) -> Value {
    let domain = schema.domain_id(domain).expect("every park has it");
    Value::Symbol(schema.symbol(domain, name).expect("every park has it"))
}

fn set(schema: &Schema, facts: &mut [Value], path: &str, value: Value) {
    facts[schema.slot(path).expect("every park has it").index()] = value;
}
