//! A small venue to test against, and the tables' helpers.

mod conditions;
mod diagnostics;
mod evaluation;
mod history;
mod lists;
mod properties;
mod reason;
mod reference;
mod schema;
mod stored;
mod syntax;
mod templates;
mod types;

use crate::{
    Diagnostic, Env, Local, LocalTime, Program, Schema, Scope, Symbol, Timestamp, Type, Unit, Value,
};

/// A venue's schema, the facts of one instant, and two variables.
pub(super) struct Stage {
    pub(super) schema: Schema,
    pub(super) locals: Vec<Local>,
    pub(super) facts: Vec<Value>,
    pub(super) values: Vec<Value>,
    pub(super) clock: LocalTime,
}

/// 18 July 2026, 12:00 at a venue two hours east of Greenwich.
pub(super) const NOW: Timestamp = Timestamp(20_652 * 86_400_000 + 36_000_000);

/// A Saturday noon of drizzle at the gate. The light sensor is broken: `weather.light` is unknown.
pub(super) fn stage() -> Stage {
    let mut schema = Schema::new();
    let role = schema.domain("role", ["guest", "vip", "staff"]);
    let zone = schema.domain("zone", ["gate", "cocoa-hut", "river-ride"]);
    let kind = schema.domain("kind", ["gate", "food", "ride", "plaza"]);
    schema.set_title(zone, Symbol(1), "The Cocoa Hut");
    let symbol = |index| Value::Symbol(Symbol(index));
    let mut facts = Vec::new();
    for (path, ty, value) in [
        ("role", Type::Symbol(role), symbol(1)),
        ("place.zone", Type::Symbol(zone), symbol(0)),
        ("place.kind", Type::Symbol(kind), symbol(0)),
        ("place.level", Type::Int, Value::Int(1)),
        ("place.outdoor", Type::Bool, Value::Bool(true)),
        ("place.dwell", Type::Duration, Value::Duration(90_000)),
        ("place.queue", Type::Quantity(Unit::Minute), Value::Double(25.0)),
        ("weather.temperature", Type::Quantity(Unit::Celsius), Value::Double(17.25)),
        ("weather.rain", Type::Quantity(Unit::MmPerHour), Value::Double(0.5)),
        ("weather.wind", Type::Quantity(Unit::MetrePerSecond), Value::Double(3.0)),
        ("weather.light", Type::Quantity(Unit::Lux), Value::Unknown),
        ("signal.fuel-level", Type::Double, Value::Double(0.75)),
        ("signal.trains", Type::Int, Value::Unknown),
        ("nearest.food", Type::Symbol(zone), symbol(1)),
        ("distance.food", Type::Quantity(Unit::Metre), Value::Double(120.4)),
    ] {
        schema.fact(path, ty).expect("the venue is small");
        facts.push(value);
    }
    let local = |name: &str, ty| Local { name: name.into(), ty };
    Stage {
        schema,
        locals: vec![local("rides", Type::Int), local("warmest", Type::Quantity(Unit::Celsius))],
        facts,
        values: vec![Value::Int(4), Value::Double(31.0)],
        // 18 July 2026, 12:00.
        clock: LocalTime { day: 20_652, ms: 43_200_000 },
    }
}

impl Stage {
    pub(super) fn scope(&self) -> Scope<'_> {
        Scope { schema: &self.schema, locals: &self.locals, history: None }
    }

    pub(super) fn env(&self) -> Env<'_> {
        Env { facts: &self.facts, locals: &self.values, local: self.clock, now: NOW }
    }

    pub(super) fn guard(&self, text: &str) -> Result<Program, Vec<Diagnostic>> {
        Program::compile(text, &self.scope(), Type::Bool)
    }
}

/// Diagnostics under the line they are about, as plainly as can be.
pub(super) fn drawn(text: &str, problems: &[Diagnostic]) -> String {
    let mut drawing = String::new();
    for problem in problems {
        let before = text.get(..problem.span.start as usize).expect("spans lie on character borders");
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let marked = problem.span.slice(text).expect("spans lie on character borders");
        let width = marked.lines().next().unwrap_or_default().chars().count().max(1);
        let indent = before[line_start..].chars().count();
        drawing += &format!("{line}\n{}{} ", " ".repeat(indent), "^".repeat(width));
        drawing += &format!("{}: {}\n", problem.code, problem.message);
        if let Some(help) = &problem.help {
            drawing += &format!("{} help: {help}\n", " ".repeat(indent + width));
        }
    }
    drawing
}
