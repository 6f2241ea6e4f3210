//! Guards and copy against a venue's facts: a problem has a place, and what runs is what was checked.

use turnpage_journeys_expr::{
    Env, Expression, LocalTime, Program, Scope, Symbol, Template, Timestamp, Type, Value, Verdict,
};

use crate::stage::{placed, stage};

/// Bytes at the end of an input that say what the facts are.
const WORLD_BYTES: usize = 8;

/// A text, and facts: each is unknown or of its type.
fn split(bytes: &[u8]) -> Option<(&str, Vec<Value>)> {
    let (text, world) = bytes.split_at(bytes.len().saturating_sub(WORLD_BYTES));
    let mut seed = world.iter().fold(1_u64, |seed, byte| seed << 8 | u64::from(*byte));
    let facts = stage().schema.facts().map(|(_, fact)| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        value(fact.ty, seed >> 40)
    });
    Some((std::str::from_utf8(text).ok()?, facts.collect()))
}

/// A value that a fact of that type may have.
fn value(ty: Type, drawn: u64) -> Value {
    let (known, drawn) = (!drawn.is_multiple_of(4), (drawn >> 2) as u32);
    let value = match ty {
        Type::Bool => Value::Bool(drawn.is_multiple_of(2)),
        Type::Date => Value::Int(20_000 + i64::from(drawn % 2_000)),
        Type::Int => Value::Int(i64::from(drawn % 200) - 100),
        Type::Double | Type::Quantity(_) => Value::Double(f64::from(drawn % 200) / 2.0),
        Type::Duration | Type::TimeOfDay => Value::Duration(i64::from(drawn % 86_400_000)),
        Type::Symbol(domain) => {
            let members = stage().schema.members(domain).count() as u32;
            Value::Symbol(Symbol(drawn.checked_rem(members).unwrap_or_default()))
        }
        Type::Set(domain) => {
            let members = stage().schema.members(domain).count() as u32;
            Value::set((0..members).filter(|symbol| drawn >> (symbol % u32::BITS) & 1 == 1).map(Symbol))
        }
        Type::Text => Value::Unknown,
    };
    if known { value } else { Value::Unknown }
}

pub(crate) fn guard(bytes: &[u8]) {
    let Some((text, facts)) = split(bytes) else { return };
    let scope = Scope { schema: &stage().schema, locals: &[], history: None };
    for expected in [Some(Type::Bool), None] {
        match Expression::check(text, &scope, expected) {
            Err(problems) => {
                assert!(!problems.is_empty());
                placed(text, &problems);
            }
            Ok(expression) => agreed(&expression, &facts),
        }
    }
}

fn agreed(expression: &Expression, facts: &[Value]) {
    let local = LocalTime { day: 0, ms: 43_200_000 };
    let env = Env { facts, locals: &[], local, now: Timestamp::default() };
    let program = expression.program();
    let is = program.eval(&env);
    let bytes = postcard::to_stdvec(program).expect("plain data");
    let back: Program = postcard::from_bytes(&bytes).expect("what was written is read");
    assert_eq!(format!("{:?}", back.eval(&env)), format!("{is:?}"), "of {}", expression.text());
    assert_eq!(postcard::to_stdvec(&back).as_ref(), Ok(&bytes));
    let text = expression.text();
    match expression.verdict() {
        Verdict::Never(why) => assert!(is != Value::Bool(true), "{text} holds, and never does: {why}"),
        Verdict::Always(why) => assert!(is != Value::Bool(false), "{text} does not hold, and does: {why}"),
        Verdict::Sometimes => {}
    }
    if is == Value::Bool(true) {
        assert!(expression.meets(expression), "{} holds, and is said not to", expression.text());
    }
    drop(expression.thresholds());
}

pub(crate) fn copy(bytes: &[u8]) {
    let Some((text, facts)) = split(bytes) else { return };
    let scope = Scope { schema: &stage().schema, locals: &[], history: None };
    match Template::compile(text, &scope) {
        Err(problems) => placed(text, &problems),
        Ok(template) => {
            let local = LocalTime { day: 0, ms: 43_200_000 };
            let env = Env { facts: &facts, locals: &[], local, now: Timestamp::default() };
            drop(template.render(&env, &stage().schema));
        }
    }
}
