//! Conditions asked together say what each says alone, on every limit and past every end.

use crate::{Conditions, Env, LocalTime, Program, Schema, Scope, Symbol, Timestamp, Type, Value};

/// What a guard asks about a zone, of which there are more than a set has members, a flag, a number and the clock.
const GUARD: &str = "zone == 'z3' && zone != 'z64' && zone == 'z99' && zone in ['z1', 'z63'] && !(zone == 'z70') && flag \
    && !flag && rain > 0.0 && rain >= -0.0 && rain < 1.5 && rain <= 1.5 && rain == 1.5 && rain != 1.5 && rain > 1.5 \
    && time.between('22:00', '02:00') && time.between('02:00', '22:00')";

fn schema() -> Schema {
    let mut schema = Schema::new();
    let names: Vec<String> = (0..100).map(|nth| format!("z{nth}")).collect();
    let zone = schema.domain("zone", names.iter().map(String::as_str));
    for (path, ty) in [("zone", Type::Symbol(zone)), ("flag", Type::Bool), ("rain", Type::Double)] {
        assert!(schema.fact(path, ty).is_some());
    }
    schema
}

fn values() -> Vec<Value> {
    let symbols = (0..130).chain([u32::MAX]).map(|symbol| Value::Symbol(Symbol(symbol)));
    let limits = [0.0, 1.5, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, -0.0];
    let doubles = limits.into_iter().flat_map(|limit| [limit, limit.next_up(), limit.next_down()]);
    let rest = [Value::Unknown, Value::Bool(false), Value::Bool(true), Value::Int(1), Value::Set(8)];
    symbols.chain(doubles.map(Value::Double)).chain(rest).collect()
}

#[test]
fn together_they_hold_as_each_alone() {
    let schema = schema();
    let scope = Scope { schema: &schema, locals: &[], history: None };
    let program = Program::compile(GUARD, &scope, Type::Bool).expect("the guard is right");
    let (conditions, whole) = program.conditions();
    assert!(whole && conditions.len() == 16, "each is one look: {conditions:?}");
    let table = Conditions::new(&conditions);
    // Every value in every slot, of the right kind or not, and a slot that is missing.
    for value in values() {
        for (facts, ms) in [(3, 0), (2, 7_199_999), (1, 7_200_000), (0, 79_200_000)] {
            let facts = vec![value; facts];
            let local = LocalTime { day: 0, ms };
            let env = Env { facts: &facts, locals: &[], local, now: Timestamp::default() };
            let alone = (0..).zip(&conditions).filter(|(_, condition)| condition.is_sure(&env));
            let alone = alone.fold(0_u64, |bits, (nth, _)| bits | 1 << nth);
            assert_eq!(table.holding(&facts, local), alone, "{value:?} at {ms}");
        }
    }
}
