//! How values read in a text: few digits, no units (the author writes those), titles for names.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use crate::program::{Env, Program};
use crate::recall::Recall;
use crate::schema::{DomainId, Schema, Slot};
use crate::time::date;
use crate::types::{Type, Unit};
use crate::value::{SET_MAX, Symbol, Value};

/// What is printed for what is not known.
const UNKNOWN: char = '?';

/// A piece of a text.
#[derive(Clone, Debug)]
pub(super) enum Words {
    Text(String),
    /// The title of a symbol.
    Title(DomainId, Program),
    /// A value of a type.
    Shown(Type, Program),
    /// A choice between texts.
    If(Program, Box<(Words, Words)>),
}

impl Words {
    /// Adds the facts these words may read.
    pub(super) fn reads(&self, into: &mut Vec<Slot>) {
        match self {
            Self::Text(_) => {}
            Self::Title(_, program) | Self::Shown(_, program) => into.extend(program.reads()),
            Self::If(condition, branches) => {
                into.extend(condition.reads());
                branches.0.reads(into);
                branches.1.reads(into);
            }
        }
    }

    /// Adds what these words ask about the past.
    pub(super) fn recalls(&self, into: &mut Vec<Recall>) {
        match self {
            Self::Text(_) => {}
            Self::Title(_, program) | Self::Shown(_, program) => into.extend(program.recalls()),
            Self::If(condition, branches) => {
                into.extend(condition.recalls());
                branches.0.recalls(into);
                branches.1.recalls(into);
            }
        }
    }

    pub(super) fn place(&mut self, at: &impl Fn(Recall) -> u16) {
        match self {
            Self::Text(_) => {}
            Self::Title(_, program) | Self::Shown(_, program) => program.place(at),
            Self::If(condition, branches) => {
                condition.place(at);
                branches.0.place(at);
                branches.1.place(at);
            }
        }
    }

    pub(super) fn write(&self, text: &mut String, env: &Env<'_>, schema: &Schema) {
        match self {
            Self::Text(words) => text.push_str(words),
            Self::Title(domain, program) => match program.eval(env) {
                Value::Symbol(symbol) => push_or_unknown(text, schema.title(*domain, symbol)),
                _ => text.push(UNKNOWN),
            },
            Self::Shown(ty, program) => show(text, *ty, program.eval(env), schema),
            Self::If(condition, branches) => match condition.holds(env) {
                Some(true) => branches.0.write(text, env, schema),
                Some(false) => branches.1.write(text, env, schema),
                None => text.push(UNKNOWN),
            },
        }
    }
}

fn push_or_unknown(text: &mut String, words: Option<&str>) {
    match words {
        Some(words) => text.push_str(words),
        None => text.push(UNKNOWN),
    }
}

fn show(text: &mut String, ty: Type, value: Value, schema: &Schema) {
    match value {
        Value::Int(value) if ty == Type::Date => {
            let (year, month, day) = date(value);
            push(text, format_args!("{year:04}-{month:02}-{day:02}"));
        }
        Value::Int(value) => push(text, format_args!("{value}")),
        Value::Double(value) if value.is_finite() => show_double(text, ty, value),
        Value::Duration(ms) if ty == Type::TimeOfDay => {
            let minutes = ms / 60_000;
            push(text, format_args!("{:02}:{:02}", minutes / 60 % 24, minutes % 60));
        }
        Value::Duration(ms) => show_duration(text, ms),
        Value::Symbol(symbol) => match ty {
            Type::Symbol(domain) => push_or_unknown(text, schema.name(domain, symbol)),
            _ => text.push(UNKNOWN),
        },
        Value::Set(bits) => match ty {
            Type::Set(domain) => show_set(text, domain, bits, schema),
            _ => text.push(UNKNOWN),
        },
        _ => text.push(UNKNOWN),
    }
}

/// The names of the members, in the order of their domain.
fn show_set(text: &mut String, domain: DomainId, bits: u64, schema: &Schema) {
    let members = (0..SET_MAX).map(Symbol).filter(|symbol| bits & symbol.bit() != 0);
    for (nth, symbol) in members.enumerate() {
        text.push_str(if nth == 0 { "" } else { ", " });
        push_or_unknown(text, schema.title(domain, symbol));
    }
}

/// Whole metres, minutes, lux and per cent; one decimal for the rest, left out when it is zero.
fn show_double(text: &mut String, ty: Type, value: f64) {
    let decimals = match ty {
        Type::Quantity(Unit::Metre | Unit::Minute | Unit::Lux | Unit::Percent) => 0,
        _ => 1,
    };
    let digits = format!("{value:.decimals$}");
    let digits = digits.strip_suffix(".0").unwrap_or(&digits);
    text.push_str(if digits == "-0" { "0" } else { digits });
}

/// The two largest units that are not zero, in words an author would write: `1h30m`, `20m`, `45s`.
fn show_duration(text: &mut String, ms: i64) {
    let seconds = ms.unsigned_abs() / 1_000;
    if ms < 0 && seconds > 0 {
        text.push('-');
    }
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, seconds) {
        (0, 0, seconds) => push(text, format_args!("{seconds}s")),
        (0, minutes, 0) => push(text, format_args!("{minutes}m")),
        (0, minutes, seconds) => push(text, format_args!("{minutes}m{seconds}s")),
        (hours, 0, _) => push(text, format_args!("{hours}h")),
        (hours, minutes, _) => push(text, format_args!("{hours}h{minutes}m")),
    }
}

fn push(text: &mut String, words: core::fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail.
    let _ = text.write_fmt(words);
}
