//! Rule 15: intent journeys.

use crate::author::{Does, after, journey, page, when};
use turnpage_journeys_engine::{
    ChoiceDef, Definition, Effect, Engine, Event, Input, IntentDef, JourneyIx, Kind, Offsets, On, Outcome,
    OutcomeIn, Step, SubjectIx, SubjectKind, Timestamp, Triggers, Value, compile,
};
use turnpage_journeys_expr::{Schema, Type};

const MINUTE: i64 = 60_000;
const WITHIN: i64 = 20 * MINUTE;

fn schema() -> Schema {
    let mut schema = Schema::new();
    let kind = schema.domain("kind", ["ride", "food"]);
    for (path, of) in [("a", Type::Bool), ("place.kind", Type::Symbol(kind)), ("next.food", Type::Double)] {
        assert!(schema.fact(path, of).is_some());
    }
    schema
}

/// Offers a table before the visitor is there, and thanks on arrival.
fn table() -> Definition {
    let choices = vec![
        when("a").offers("table").turns("offered"),
        after(WITHIN).offers("table"),
        when("true").on(On::Reached).turns("offered"),
    ];
    let offered = vec![
        ChoiceDef { on: Some(On::Reached.into()), ..ChoiceDef::default() }.offers("thanks").turns("there"),
    ];
    let intent = IntentDef { goal: "food".into(), likely: 0.6, within_ms: WITHIN.into() };
    Definition {
        kind: Kind::Intent.into(),
        intent: Some(intent),
        ..journey(
            "table",
            &["table", "thanks"],
            vec![page("coming", choices), page("offered", offered), page("there", vec![])],
        )
    }
}

struct Day {
    engine: Engine,
    ada: SubjectIx,
    facts: Vec<Value>,
}

impl Day {
    fn new(definition: Definition) -> Day {
        let compiled = compile(&[definition], &schema());
        let library = compiled.library.unwrap_or_else(|| panic!("{:?}", compiled.problems));
        let mut engine = Engine::new(library, Offsets::fixed(0), 7);
        let ada = engine.subject(SubjectKind::Visitor, "ada").unwrap();
        Day { engine, ada, facts: Vec::new() }
    }

    /// An event with `a`, the kind of place by number, and the probability of food.
    fn see(&mut self, at: i64, a: bool, place: Option<&str>, next: Option<f64>) -> String {
        let kinds = schema().domain_id("kind").unwrap();
        let place = place.map_or(Value::Unknown, |kind| Value::Symbol(schema().symbol(kinds, kind).unwrap()));
        self.facts = vec![Value::Bool(a), place, next.map_or(Value::Unknown, Value::Double)];
        let input = Input {
            at: Timestamp(at),
            subject: self.ada,
            event: Event::Context(Triggers::SIGHTING),
            facts: &self.facts,
        };
        let mut step = Step::default();
        self.engine.event(&input, &mut step);
        tell(&step)
    }

    fn until(&mut self, at: i64) -> String {
        let mut said = Vec::new();
        while let Some(due) = self.engine.due(Timestamp(at)) {
            let mut step = Step::default();
            self.engine.timer(&due, &self.facts, &mut step);
            said.push(tell(&step));
        }
        said.join("; ")
    }

    /// The same in another engine, through bytes.
    fn restored(&mut self, definition: Definition) -> Day {
        let saved = self.engine.save(self.ada).unwrap();
        let mut other = Day::new(definition);
        other.ada = other.engine.restore(SubjectKind::Visitor, "ada", &saved).unwrap();
        assert_eq!(other.engine.save(other.ada), Some(saved));
        other.facts.clone_from(&self.facts);
        other
    }
}

fn tell(step: &Step) -> String {
    let word = |effect: &Effect| match effect {
        Effect::Began { .. } => "begins".to_owned(),
        Effect::Ended { .. } => "ends".to_owned(),
        Effect::Offer { offer, .. } => format!("offers {}", offer.0),
        Effect::Turned { to, .. } => format!("turns to {}", to.0),
        Effect::Foretold { reached, .. } => if *reached { "reached" } else { "missed" }.to_owned(),
        other => format!("{other:?}"),
    };
    step.effects.iter().map(word).collect::<Vec<_>>().join(", ")
}

#[test]
fn rule_15_1_it_begins_when_the_goal_is_likely_and_not_reached() {
    let mut day = Day::new(table());
    assert_eq!(day.see(0, true, Some("ride"), Some(0.59)), "");
    assert_eq!(day.see(1, true, Some("ride"), None), "", "unknown is not likely");
    assert_eq!(day.see(2, true, Some("food"), Some(0.9)), "", "it is there already");
    assert_eq!(day.see(3, true, None, Some(0.6)), "begins, offers 0, turns to 1", "and looks at that event");
    let mut admits = table();
    admits.admit = Some("a".into());
    let mut day = Day::new(admits);
    assert_eq!(day.see(0, false, None, Some(0.9)), "");
    assert_eq!(day.see(1, true, None, Some(0.9)), "begins, offers 0, turns to 1");
}

#[test]
fn rule_15_2_arriving_is_told_and_looked_at_and_ends_it() {
    let mut day = Day::new(table());
    day.see(0, true, Some("ride"), Some(0.7));
    assert_eq!(day.see(5, false, Some("ride"), Some(0.7)), "", "still on the way");
    assert_eq!(day.see(9, false, Some("food"), Some(0.7)), "reached, offers 1, turns to 2, ends");
    assert_eq!(day.until(9 * WITHIN), "", "its time does not run on");
    let mut day = Day::new(table());
    day.see(0, false, Some("ride"), Some(0.7));
    assert_eq!(
        day.see(1, true, Some("food"), None),
        "reached, offers 0, turns to 1, ends",
        "one event, one choice"
    );
}

#[test]
fn rule_15_3_a_goal_not_reached_in_time_is_missed() {
    let mut day = Day::new(table());
    day.see(0, false, Some("ride"), Some(0.7));
    assert_eq!(day.until(WITHIN - 1), "");
    assert_eq!(day.until(WITHIN), "offers 0; missed, ends", "the page's own timer comes first");
    assert_eq!(day.see(WITHIN, false, Some("food"), Some(0.1)), "", "a moment too late");
    let mut day = Day::new(table());
    day.see(0, false, Some("ride"), Some(0.7));
    day.see(5 * MINUTE, true, Some("ride"), Some(0.7));
    assert_eq!(day.until(9 * WITHIN), "missed, ends", "from its beginning, whatever page it is on");
}

#[test]
fn rule_15_4_it_rests_until_the_goal_was_unlikely_and_its_offers_stand_on() {
    let mut day = Day::new(table());
    let mut step = Step::default();
    day.see(0, false, Some("ride"), Some(0.7));
    day.facts[0] = Value::Bool(true);
    let event = Event::Context(Triggers::SIGHTING);
    day.engine.event(&Input { at: Timestamp(1), subject: day.ada, event, facts: &day.facts }, &mut step);
    let Some(Effect::Offer { id, .. }) = step.effects.first().copied() else { panic!("{step:?}") };
    assert_eq!(day.until(WITHIN), "missed, ends");
    assert_eq!(day.see(WITHIN + 1, true, Some("ride"), Some(0.9)), "", "it has just been wrong about this");
    assert_eq!(day.see(WITHIN + 2, true, Some("ride"), None), "");
    let mut again = day.restored(table());
    assert_eq!(again.see(WITHIN + 3, true, Some("ride"), Some(0.9)), "", "it rests after bytes and back");
    assert_eq!(day.see(WITHIN + 3, true, Some("ride"), Some(0.5)), "");
    let mut again = day.restored(table());
    for day in [&mut day, &mut again] {
        let accepted = Event::Outcome(OutcomeIn { id, outcome: Outcome::Accepted });
        let input = Input { at: Timestamp(WITHIN + 4), subject: day.ada, event: accepted, facts: &[] };
        day.engine.event(&input, &mut step);
        assert!(matches!(step.effects.as_slice(), [Effect::Outcome { .. }]), "{step:?}");
        assert_eq!(day.see(WITHIN + 5, false, Some("ride"), Some(0.6)), "begins");
    }
    let mut running = day.restored(table());
    for day in [&mut day, &mut running] {
        assert_eq!(day.until(2 * WITHIN + 5), "offers 0; missed, ends");
        assert_eq!(day.engine.page(day.ada, JourneyIx(0)), None);
    }
    let mut day = Day::new(table());
    day.see(0, true, Some("ride"), Some(0.7));
    day.engine.stop(day.ada, Timestamp(1), &mut step);
    assert_eq!(step.effects.len(), 2, "stopping takes back what it offered");
    assert_eq!(day.until(9 * WITHIN), "");
    assert_eq!(day.see(9 * WITHIN, true, Some("ride"), Some(0.7)), "begins, offers 0, turns to 1");
}

#[test]
fn rule_15_5_an_intent_that_means_nothing_is_refused() {
    let codes = |edit: &dyn Fn(&mut Definition)| {
        let mut def = table();
        edit(&mut def);
        compile(&[def], &schema()).problems.iter().map(|p| p.diagnostic.code).collect::<Vec<_>>()
    };
    let intent = |likely, within: i64, goal: &str| {
        Some(IntentDef { goal: goal.into(), likely, within_ms: within.into() })
    };
    assert_eq!(codes(&|_| {}), Vec::<&str>::new());
    assert_eq!(codes(&|d| d.intent = None), ["no-intent"]);
    for likely in [0.0, 1.1, f64::NAN, -1.0] {
        assert_eq!(codes(&|d| d.intent = intent(likely, 5, "food")), ["bad-share"]);
    }
    assert_eq!(codes(&|d| d.intent = intent(0.5, 0, "food")), ["bad-within"]);
    assert_eq!(codes(&|d| d.intent = intent(0.5, 5, "foot")), ["unknown-goal"]);
    assert_eq!(codes(&|d| d.intent = intent(0.5, 5, "ride"))[0], "no-prediction", "no fact `next.ride`");
    let guided = codes(&|d| d.kind = Kind::Guided.into());
    assert_eq!(guided, ["reached-not-intent", "reached-not-intent", "intent-not-intent"]);
}
