//! What a guard costs: to parse and compile once, to evaluate at every event.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use turnpage_journeys_expr::{
    Env, LocalTime, Program, Schema, Scope, Symbol, Template, Timestamp, Type, Unit, Value,
};

/// Guards of shipped journeys, from the plainest to the longest.
const GUARDS: [(&str, &str); 4] = [
    ("rain", "place.outdoor && weather.rain > 0.5"),
    ("food", "place.kind == \"food\""),
    (
        "lunch",
        "time.between(\"11:30\", \"13:30\") && place.kind == \"plaza\" && role in [\"guest\", \"vip\"]",
    ),
    ("heat", "has(weather.temperature) ? weather.temperature * 2 - 10 >= 30 : false"),
];

fn venue() -> (Schema, Vec<Value>) {
    let mut schema = Schema::new();
    let role = schema.domain("role", ["guest", "vip", "staff"]);
    let kind = schema.domain("kind", ["food", "plaza", "ride"]);
    let facts = [
        ("role", Type::Symbol(role), Value::Symbol(Symbol(1))),
        ("place.kind", Type::Symbol(kind), Value::Symbol(Symbol(0))),
        ("place.outdoor", Type::Bool, Value::Bool(true)),
        ("weather.rain", Type::Quantity(Unit::MmPerHour), Value::Double(1.25)),
        ("weather.temperature", Type::Quantity(Unit::Celsius), Value::Double(21.5)),
        ("nearest.food", Type::Symbol(kind), Value::Symbol(Symbol(0))),
    ];
    let mut values = Vec::new();
    for (path, ty, value) in facts {
        schema.fact(path, ty).expect("a handful of facts fits");
        values.push(value);
    }
    (schema, values)
}

fn guards(criterion: &mut Criterion) {
    let (schema, facts) = venue();
    let scope = Scope { schema: &schema, locals: &[], history: None };
    let env = Env {
        facts: &facts,
        locals: &[],
        local: LocalTime { day: 20_000, ms: 43_200_000 },
        now: Timestamp::default(),
    };
    for (name, text) in GUARDS {
        let guard = |text| Program::compile(text, &scope, Type::Bool).expect("the guard is right");
        criterion.bench_function(&format!("compile {name}"), |bench| bench.iter(|| guard(black_box(text))));
        let program = guard(text);
        criterion.bench_function(&format!("evaluate {name}"), |bench| {
            bench.iter(|| black_box(&program).holds(black_box(&env)));
        });
    }
    let words = "Cocoa at {nearest('food').name}? It is {weather.temperature} degrees.";
    let template = Template::compile(words, &scope).expect("the template is right");
    criterion.bench_function("render", |bench| bench.iter(|| black_box(&template).render(&env, &schema)));
}

criterion_group!(benches, guards);
criterion_main!(benches);
