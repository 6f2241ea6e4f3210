//! What holds for every text and every guard.

use proptest::prelude::*;

use crate::tests::reference::{ROLES, World, truth, world};
use crate::tests::stage;
use crate::tests::stored::through_bytes;
use crate::{Conditions, Env, Local, LocalTime, Program, Schema, Scope, Template, Timestamp, Type, Value};

/// Pieces of guards, so that random texts come near being right.
const PIECES: [&str; 48] = [
    ".exists(",
    ".all(x,",
    ".filter(x,",
    ".map(x,",
    "size(",
    "x",
    "[1, 2]",
    "dyn(",
    "role",
    "place.outdoor",
    "weather.rain",
    "rides",
    "time.between",
    "nearest",
    "has",
    "duration",
    "in",
    "signal",
    "'guest'",
    "\"",
    "'",
    "1",
    "0.5",
    "20m",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ".",
    ",",
    "?",
    ":",
    "!",
    "-",
    "+",
    "&&",
    "||",
    "==",
    "<",
    "=",
    "%",
    " ",
    "\n",
    "//",
    "é",
    "\\",
];

/// A guard of nothing but conditions that are one look each.
const LOOKS: &str =
    "weather.rain >= 1.0 && role in ['guest', 'vip'] && count != 2 && !place.outdoor && role != 'staff'";

fn near_guards() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..24).prop_map(|pieces| pieces.concat())
}

/// Compiles as a guard and as a template: no panic, and diagnostics that lie inside the text.
fn endure(text: &str) -> Result<(), TestCaseError> {
    let stage = stage();
    let guard = stage.guard(text).map(|program| program.holds(&stage.env()).is_some());
    let template = Template::compile(text, &stage.scope());
    let template = template.map(|template| template.render(&stage.env(), &stage.schema).is_empty());
    for problem in [guard, template].into_iter().filter_map(Result::err).flatten() {
        prop_assert!(problem.span.slice(text).is_some(), "{problem:?} lies outside of {text:?}");
        prop_assert!(!problem.message.is_empty());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_compiler_panic(text in any::<String>()) {
        endure(&text)?;
    }

    #[test]
    fn no_near_guard_makes_the_compiler_panic(text in near_guards()) {
        endure(&text)?;
    }

    #[test]
    fn the_evaluator_agrees_with_the_reference(guard in truth(), world in world()) {
        let text = format!("[7].all(e, {})", guard.text());
        let compiled = compile(&text);
        // Generated guards are right; only their size may be refused.
        prop_assume!(compiled.as_ref().err().is_none_or(|problems| problems.iter().any(|p| !p.code.starts_with("too-"))));
        let program = compiled.map_err(|problems| TestCaseError::fail(format!("{text}: {problems:?}")))?;
        let (facts, locals) = (world.facts(), [world.count.map_or(Value::Unknown, Value::Int)]);
        let env = Env { facts: &facts, locals: &locals, local: clock(&world), now: Timestamp::default() };
        prop_assert_eq!(program.holds(&env), guard.value(&world), "{}", text);
        prop_assert_eq!(through_bytes(&program).holds(&env), guard.value(&world), "{}", text);
    }

    #[test]
    fn conditions_say_no_more_than_the_guard(guard in truth(), also in truth(), world in world()) {
        let text = format!("[7].all(e, {}) && [7].all(e, {})", guard.text(), also.text());
        for text in [text.as_str(), LOOKS] {
            let Ok(program) = compile(text) else {
                prop_assert!(text != LOOKS);
                continue;
            };
            let (facts, locals) = (world.facts(), [world.count.map_or(Value::Unknown, Value::Int)]);
            let env = Env { facts: &facts, locals: &locals, local: clock(&world), now: Timestamp::default() };
            let row = [&[Value::Int(7)], &locals[..]].concat();
            let beside = Env { locals: &row, ..env };
            let (conditions, whole) = program.conditions();
            prop_assert!(whole || text != LOOKS);
            let sure = conditions.iter().all(|condition| condition.is_sure(&env));
            let sure_in_row = conditions.iter().all(|condition| condition.of_row(1).is_sure(&beside));
            prop_assert_eq!(sure, sure_in_row, "{}", text);
            let together = Conditions::new(&conditions).holding(env.facts, env.local);
            for (nth, condition) in conditions.iter().enumerate().take(Conditions::MAX) {
                let alone = !condition.is_local() && condition.is_sure(&env);
                prop_assert_eq!(together >> nth & 1 == 1, alone, "{:?} of {}", condition, text);
            }
            let holds = program.holds(&env) == Some(true);
            prop_assert!(if whole { sure == holds } else { sure || !holds }, "{}", text);
        }
    }

    #[test]
    fn unread_facts_do_not_matter(guard in truth(), world in world()) {
        let text = format!("[7].all(e, {})", guard.text());
        if let Ok(program) = compile(&text) {
            let (mut facts, locals) = (world.facts(), [world.count.map_or(Value::Unknown, Value::Int)]);
            let known = program.holds(&Env { facts: &facts, locals: &locals, local: clock(&world), now: Timestamp::default() });
            for (slot, fact) in facts.iter_mut().enumerate() {
                if program.reads().iter().all(|read| read.index() != slot) {
                    *fact = Value::Unknown;
                }
            }
            let blind = program.holds(&Env { facts: &facts, locals: &locals, local: clock(&world), now: Timestamp::default() });
            prop_assert_eq!(known, blind, "{}", text);
        }
    }
}

fn clock(world: &World) -> LocalTime {
    LocalTime { day: 0, ms: world.ms }
}

/// Against a schema without units, so that generated arithmetic is right by construction.
fn compile(text: &str) -> Result<Program, Vec<crate::Diagnostic>> {
    let mut schema = Schema::new();
    let role = schema.domain("role", ROLES);
    for (path, ty) in [
        ("role", Type::Symbol(role)),
        ("place.outdoor", Type::Bool),
        ("weather.rain", Type::Double),
        ("weather.light", Type::Double),
        ("place.level", Type::Int),
    ] {
        schema.fact(path, ty).expect("five facts fit");
    }
    let locals = [Local { name: "count".into(), ty: Type::Int }];
    Program::compile(text, &Scope { schema: &schema, locals: &locals, history: None }, Type::Bool)
}

#[test]
fn the_worst_shapes_need_little_stack() {
    let shapes = [
        format!("{}1{} == 1", "(".repeat(32), ")".repeat(32)),
        format!("{}rides{} == 1", "int(".repeat(32), ")".repeat(32)),
        format!("{}1{} == 1", "[".repeat(32), "]".repeat(32)),
        format!("{}1 == 1", "1 + ".repeat(250)),
        format!("{}1", "1 < ".repeat(250)),
        format!("{}true", "true ? false : ".repeat(120)),
        format!("{}true{}", "true ? ".repeat(120), " : false".repeat(120)),
        format!("{}true", "!".repeat(500)),
        format!("role{}", ".a".repeat(250)),
        format!("role{}", "[0]".repeat(160)),
        format!("{}true{}", "[1, 2].all(x, ".repeat(9), ")".repeat(9)),
        format!("{}true{}", "[1].all(x, ".repeat(30), ")".repeat(30)),
        format!("[{}1]{} == 1", "1, ".repeat(60), ".map(x, x + 1)".repeat(30)),
        format!("size([{}1]{}) == 1", "rides, ".repeat(60), ".filter(x, x > rides)".repeat(30)),
        format!("{}1{} == [1]", "[".repeat(30), "]".repeat(30)),
    ];
    // Half of what a thread gets by default.
    let worker = std::thread::Builder::new().stack_size(1 << 20);
    let compile = move || shapes.iter().for_each(|shape| drop(stage().guard(shape)));
    worker.spawn(compile).expect("a thread starts").join().expect("nothing overflows");
}
