//! What is rarer than an event costs: picks, recall, learning, calls. Each round leaves the instance where it began, so
//! that rounds are alike. Events are `step.rs`.

#[expect(dead_code, reason = "shared with the tests of the rules, which say more")]
#[path = "../tests/common/author.rs"]
mod author;

use author::{Does, journey, page, when};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use turnpage_journeys_engine::{
    AlternativeDef, CallDef, ChoiceDef, ChoiceIx, Definition, Effect, Engine, Event, Input, JourneyIx, Kind,
    LearnDef, OfferId, Offsets, On, Outcome, OutcomeIn, PageDef, PageIx, PickIn, Step, SubjectIx,
    SubjectKind, Timestamp, Triggers, Value, VariableDef, compile,
};
use turnpage_journeys_expr::{Schema, Type};

const SIGHTING: Event = Event::Context(Triggers::SIGHTING);

/// One subject of some journeys over the fact `a`, and its clock.
struct Stage {
    engine: Engine,
    subject: SubjectIx,
    at: i64,
    step: Step,
}

impl Stage {
    fn new(definitions: &[Definition]) -> Stage {
        let mut schema = Schema::new();
        assert!(schema.fact("a", Type::Bool).is_some());
        let library = compile(definitions, &schema).library.expect("the journeys are all right");
        let mut engine = Engine::new(library, Offsets::fixed(0), 7);
        let subject = engine.subject(SubjectKind::Visitor, "ada").expect("there is room");
        let mut stage = Stage { engine, subject, at: 0, step: Step::default() };
        stage.see(false, SIGHTING);
        stage
    }

    /// What an event does while `a` is so.
    fn see(&mut self, a: bool, event: Event) -> &[Effect] {
        self.at += 1;
        let input = Input { at: Timestamp(self.at), subject: self.subject, event, facts: &[Value::Bool(a)] };
        self.engine.event(&input, &mut self.step);
        &self.step.effects
    }

    /// The offer that an event makes.
    fn offer(&mut self, a: bool) -> OfferId {
        let made = self.see(a, SIGHTING).iter().find_map(|effect| match effect {
            Effect::Offer { id, .. } => Some(*id),
            _ => None,
        });
        made.expect("an offer is made")
    }
}

fn picks(criterion: &mut Criterion) {
    let pick = |to: &str| ChoiceDef { pick: Some(to.into()), ..ChoiceDef::default() }.turns(to);
    let pages = vec![page("walking", vec![pick("resting")]), page("resting", vec![pick("walking")])];
    let mut stage = Stage::new(&[journey("rest", &[], pages)]);
    criterion.bench_function("what can be picked", |bencher| {
        bencher.iter(|| {
            let open = stage.engine.picks(stage.subject, Timestamp(stage.at), &[Value::Bool(true)]);
            assert_eq!(black_box(open).len(), 1);
        });
    });
    let picked =
        |page| Event::Pick(PickIn { journey: JourneyIx(0), page: PageIx(page), choice: ChoiceIx(0) });
    criterion.bench_function("two picks, a turn each", |bencher| {
        bencher.iter(|| {
            for page in [0, 1] {
                assert_eq!(stage.see(true, picked(page)).len(), 1);
            }
        });
    });
}

/// An instance with a variable, an offer that stands and what it keeps of its past.
fn recall(criterion: &mut Criterion) {
    let choice = when("a && history.count(\"cocoa\") < 9").offers("cocoa").sets("n", "n + 1");
    let mut cocoa = journey("cocoa", &["cocoa"], vec![page("p", vec![choice])]);
    cocoa.variables = vec![VariableDef { name: "n".into(), of: Type::Int.into(), initial: Some("0".into()) }];
    let mut stage = Stage::new(&[cocoa]);
    stage.offer(true);
    criterion.bench_function("save an instance", |bencher| {
        bencher.iter(|| black_box(stage.engine.save(stage.subject)));
    });
    let saved = stage.engine.save(stage.subject).expect("it is known");
    criterion.bench_function("restore an instance", |bencher| {
        bencher.iter(|| stage.engine.restore(SubjectKind::Visitor, "ada", black_box(&saved)));
    });
}

fn learning(criterion: &mut Criterion) {
    let alternative = |offer: &str| AlternativeDef { offer: offer.into(), ..AlternativeDef::default() };
    let alternatives = ["cocoa", "tea", "soup"].map(alternative).to_vec();
    let drinks = Definition {
        kind: Kind::Learning.into(),
        learn: Some(LearnDef { floor: 0.1, hold_out: 0.0 }),
        ..journey(
            "drinks",
            &["cocoa", "tea", "soup"],
            vec![page("p", vec![ChoiceDef { alternatives, ..when("a") }])],
        )
    };
    let mut stage = Stage::new(&[drinks]);
    let name = "a choice of three that learns, and its outcome";
    criterion.bench_function(name, |bencher| {
        bencher.iter(|| {
            let id = stage.offer(true);
            let outcome = Event::Outcome(OutcomeIn { id, outcome: Outcome::Accepted });
            assert_eq!(stage.see(true, outcome).len(), 1);
        });
    });
}

fn calls(criterion: &mut Criterion) {
    let ask = page("ask", vec![ChoiceDef::default().sets("left", "left - 1").turns("done")]);
    let mut survey = journey("survey", &[], vec![ask, page("done", Vec::new())]);
    let number = |name: &str, initial: &str| VariableDef {
        name: name.into(),
        of: Type::Int.into(),
        initial: Some(initial.into()),
    };
    survey.parameters = vec![number("patience", "3")];
    survey.variables = vec![number("left", "patience * 10")];
    survey.returns = Some("left".into());
    let call = CallDef { journey: "survey".into(), with: vec![("patience".into(), "n".into())] };
    let back = when("result > 0").on(On::Returned).turns("lobby");
    let pages = vec![
        page("lobby", vec![when("a").turns("desk")]),
        PageDef { call: Some(call), ..page("desk", vec![back]) },
    ];
    let mut host = journey("host", &[], pages);
    host.variables = vec![number("n", "2")];
    let mut stage = Stage::new(&[host, survey]);
    criterion.bench_function("a call, its one choice and its result", |bencher| {
        bencher.iter(|| {
            let called = stage.see(true, SIGHTING).iter().any(|e| matches!(e, Effect::Called { .. }));
            let returned = stage.see(false, SIGHTING).iter().any(|e| matches!(e, Effect::Returned { .. }));
            assert!(called && returned);
        });
    });
}

criterion_group!(benches, picks, recall, learning, calls);
criterion_main!(benches);
