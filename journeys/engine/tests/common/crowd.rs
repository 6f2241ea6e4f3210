//! Many live instances of a journey as venues write them, and what they cost in memory.

use turnpage_journeys_engine::{
    ChoiceDef, Definition, Engine, Event, Input, Limit, OfferDef, Offsets, On, PageDef, Step, SubjectKind,
    Timestamp, Triggers, Value, VariableDef, compile,
};
use turnpage_journeys_expr::{Schema, Type};

/// The rainy day of the design: an offer with a limit and an end, a variable, a timer on each page.
fn rainy(nth: usize) -> Definition {
    let back = |minutes: i64| ChoiceDef {
        after_ms: Some((minutes * 60_000).into()),
        turn_to: Some("strolling".into()),
        ..ChoiceDef::default()
    };
    let go = ChoiceDef {
        on: Some(On::Enter.into()),
        when: Some("a".into()),
        offer: Some("cocoa".into()),
        set: vec![("showers".into(), "showers + 1".into())],
        turn_to: Some("shelter".into()),
        ..ChoiceDef::default()
    };
    let page = |name: &str, choices| PageDef { name: name.into(), choices, ..PageDef::default() };
    let cocoa = OfferDef {
        name: "cocoa".into(),
        limit: Some(Limit::PerDay { count: 3 }.into()),
        valid_ms: Some(1_200_000.into()),
        ..OfferDef::default()
    };
    Definition {
        name: format!("rainy-{nth}").as_str().into(),
        version: 1,
        variables: vec![VariableDef {
            name: "showers".into(),
            of: Type::Int.into(),
            initial: Some("0".into()),
        }],
        offers: vec![cocoa],
        pages: vec![page("strolling", vec![go, back(60)]), page("shelter", vec![back(20)])],
        ..Definition::default()
    }
}

/// An engine with so many journeys and no subjects.
pub(crate) fn engine(journeys: usize) -> Engine {
    let mut schema = Schema::new();
    assert!(schema.fact("a", Type::Bool).is_some());
    let definitions: Vec<Definition> = (0..journeys).map(rainy).collect();
    let library = compile(&definitions, &schema).library.expect("the journeys are all right");
    Engine::new(library, Offsets::fixed(0), 7)
}

/// An engine with `subjects` visitors who are each inside `journeys` journeys, an offer made in every one.
pub(crate) fn crowd(journeys: usize, subjects: u32) -> Engine {
    let mut engine = engine(journeys);
    let (mut step, facts) = (Step::default(), [Value::Bool(true)]);
    for nth in 0..subjects {
        let subject =
            engine.subject(SubjectKind::Visitor, &format!("visitor-{nth:08}")).expect("there is room");
        let event = Event::Context(Triggers::ENTER);
        engine.event(&Input { at: Timestamp(i64::from(nth)), subject, event, facts: &facts }, &mut step);
        assert_eq!(step.effects.len(), 3 * journeys, "each begins, offers and turns");
    }
    engine
}

/// Bytes of this process in memory.
pub(crate) fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a Linux machine");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("it says so");
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kib * 1_024
}

/// What an instance costs, names of subjects and waiting timers included.
pub(crate) fn bytes_each(journeys: usize, subjects: u32) -> u64 {
    let before = resident();
    let engine = crowd(journeys, subjects);
    let after = resident();
    assert_eq!(engine.subjects(), subjects as usize);
    (after - before) / (u64::from(subjects) * journeys as u64)
}
