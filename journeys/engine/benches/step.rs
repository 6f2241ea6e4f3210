//! What a step costs by what it does, and how that grows with journeys loaded and subjects alive.

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use turnpage_journeys_engine::{
    ChoiceDef, Definition, Engine, Event, Input, Library, OfferDef, Offsets, On, PageDef, Step, SubjectIx,
    SubjectKind, Timestamp, Triggers, Value, VariableDef, compile,
};
use turnpage_journeys_expr::{Schema, Type};

const MINUTE: i64 = 60_000;

/// Waits on `here` for `a` at an entry, goes `there` with an offer and comes back after a while.
fn journey(nth: usize) -> Definition {
    let go = ChoiceDef {
        on: Some(On::Enter.into()),
        when: Some("a && n >= 0".into()),
        offer: Some("x".into()),
        set: vec![("n".into(), "n + 1".into())],
        turn_to: Some("there".into()),
        ..ChoiceDef::default()
    };
    let back = ChoiceDef {
        after_ms: Some((20 * MINUTE).into()),
        turn_to: Some("here".into()),
        ..ChoiceDef::default()
    };
    let page = |name: &str, choice| PageDef {
        name: name.into(),
        enter: Vec::new(),
        choices: vec![choice],
        ..PageDef::default()
    };
    Definition {
        name: format!("journey-{nth}").as_str().into(),
        version: 1,
        variables: vec![VariableDef { name: "n".into(), of: Type::Int.into(), initial: Some("0".into()) }],
        offers: vec![OfferDef { name: "x".into(), ..OfferDef::default() }],
        pages: vec![page("here", go), page("there", back)],
        ..Definition::default()
    }
}

fn library(journeys: usize) -> Library {
    let mut schema = Schema::new();
    assert!(schema.fact("a", Type::Bool).is_some());
    let definitions: Vec<Definition> = (0..journeys).map(journey).collect();
    compile(&definitions, &schema).library.expect("the journeys are all right")
}

/// An engine on which every subject's journeys have begun.
fn engine(journeys: usize, subjects: u32) -> Engine {
    let mut engine = Engine::new(library(journeys), Offsets::fixed(0), 7);
    let mut step = Step::default();
    for nth in 0..subjects {
        let subject = engine.subject(SubjectKind::Visitor, &format!("v{nth:06}")).expect("there is room");
        engine.event(&event(0, subject, Triggers::SIGHTING, &[Value::Bool(false)]), &mut step);
    }
    engine
}

fn event(at: i64, subject: SubjectIx, triggers: Triggers, facts: &[Value]) -> Input<'_> {
    Input { at: Timestamp(at), subject, event: Event::Context(triggers), facts }
}

/// Events of subjects taken in a scattered order, so that the memory of large crowds is felt.
fn scattered(nth: u32, subjects: u32) -> SubjectIx {
    SubjectIx(nth.wrapping_mul(2_654_435_761) % subjects)
}

fn growth(criterion: &mut Criterion) {
    let sizes = [(1, 1_000), (10, 1_000), (100, 1_000), (1_000, 1_000), (5, 20_000), (5, 200_000)];
    for (what, triggers) in [("nobody waits", Triggers::SIGHTING), ("guards say no", Triggers::ENTER)] {
        let mut group = criterion.benchmark_group(what);
        for (journeys, subjects) in sizes {
            let (mut engine, mut step, mut nth) = (engine(journeys, subjects), Step::default(), 0_u32);
            let id = BenchmarkId::from_parameter(format!("{journeys} journeys, {subjects} subjects"));
            group.bench_function(id, |bencher| {
                bencher.iter(|| {
                    nth = nth.wrapping_add(1);
                    let facts = [Value::Bool(false)];
                    engine.event(&event(1, scattered(nth, subjects), triggers, &facts), &mut step);
                    black_box(step.effects.len())
                });
            });
        }
        group.finish();
    }
}

fn turns(criterion: &mut Criterion) {
    let facts = [Value::Bool(true)];
    let (mut engine, mut step, mut at) = (engine(1, 1_000), Step::default(), 0);
    let mut nth = 0_u32;
    criterion.bench_function("an offer, a turn and its timer", |bencher| {
        bencher.iter(|| {
            (nth, at) = (nth.wrapping_add(1), at + MINUTE);
            while let Some(due) = engine.due(Timestamp(at)) {
                engine.timer(&due, &facts, &mut step);
            }
            engine.event(&event(at, scattered(nth, 1_000), Triggers::ENTER, &facts), &mut step);
            black_box(step.effects.len())
        });
    });
}

fn bytes(criterion: &mut Criterion) {
    let mut engine = engine(5, 1);
    let ada = engine.find(SubjectKind::Visitor, "v000000").expect("it has begun");
    engine.event(&event(1, ada, Triggers::ENTER, &[Value::Bool(true)]), &mut Step::default());
    criterion.bench_function("save five instances", |bencher| bencher.iter(|| black_box(engine.save(ada))));
    let saved = engine.save(ada).expect("it is known");
    criterion.bench_function("restore five instances", |bencher| {
        bencher.iter_batched(
            || saved.clone(),
            |saved| black_box(engine.restore(SubjectKind::Visitor, "v000000", &saved)),
            BatchSize::SmallInput,
        );
    });
}

criterion_group!(benches, growth, turns, bytes);
criterion_main!(benches);
