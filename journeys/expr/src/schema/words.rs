//! Values in words and back: what a record, an explanation or a play says a fact is worth.
//!
//! Exact where copy is short: every digit of a number, its unit, a name and not its title. Copy is `template/words`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::schema::{DomainId, Schema};
use crate::time::{DAY_MS, date, parse_clock, parse_date, parse_go_duration};
use crate::types::Type;
use crate::value::{SET_MAX, Symbol, Value};

const UNKNOWN: &str = "unknown";

impl Schema {
    /// A value of a type in words: `0.5 mm/h`, `20m`, `vip`, `2026-12-24`, `[regular, local]`, `unknown`.
    #[must_use]
    pub fn show(&self, ty: Type, value: Value) -> String {
        match (value, ty) {
            (Value::Bool(value), _) => value.to_string(),
            (Value::Int(days), Type::Date) => {
                let (year, month, day) = date(days);
                format!("{year:04}-{month:02}-{day:02}")
            }
            (Value::Int(value), _) => value.to_string(),
            (Value::Double(value), Type::Quantity(unit)) => format!("{value} {}", unit.word()),
            (Value::Double(value), _) => value.to_string(),
            (Value::Duration(ms), Type::TimeOfDay) => clock(ms),
            (Value::Duration(ms), _) => span(ms),
            (Value::Symbol(symbol), Type::Symbol(domain)) => {
                self.name(domain, symbol).unwrap_or(UNKNOWN).into()
            }
            (Value::Set(bits), Type::Set(domain)) => {
                let members = (0..SET_MAX).map(Symbol).filter(|symbol| bits & symbol.bit() != 0);
                let names: Vec<&str> = members.filter_map(|symbol| self.name(domain, symbol)).collect();
                format!("[{}]", names.join(", "))
            }
            _ => UNKNOWN.into(),
        }
    }

    /// The value of a type that these words say, the other way round; units are left out and sets may stand
    /// without their brackets. Lengths of time are CEL's (`90s`, `1h30m`).
    #[must_use]
    pub fn read(&self, ty: Type, words: &str) -> Option<Value> {
        if words == UNKNOWN {
            return Some(Value::Unknown);
        }
        match ty {
            Type::Bool => words.parse().ok().map(Value::Bool),
            Type::Int => words.parse().ok().map(Value::Int),
            Type::Double | Type::Quantity(_) => {
                words.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Double)
            }
            Type::Duration => parse_go_duration(words).ok().map(Value::Duration),
            Type::TimeOfDay => {
                let ms = parse_clock(words).filter(|ms| *ms < DAY_MS)?;
                Some(Value::Duration(i64::from(ms)))
            }
            Type::Date => parse_date(words).map(|days| Value::Int(i64::from(days))),
            Type::Symbol(domain) => self.symbol(domain, words).map(Value::Symbol),
            Type::Set(domain) => self.read_set(domain, words),
            Type::Text => None,
        }
    }

    fn read_set(&self, domain: DomainId, words: &str) -> Option<Value> {
        let inside = words.strip_prefix('[').and_then(|words| words.strip_suffix(']')).unwrap_or(words);
        let names = inside.split(',').map(str::trim).filter(|name| !name.is_empty());
        let symbols: Option<Vec<Symbol>> = names.map(|name| self.symbol(domain, name)).collect();
        symbols.filter(|symbols| symbols.iter().all(|symbol| symbol.0 < SET_MAX)).map(Value::set)
    }
}

/// `11:30`, with seconds where there are any.
fn clock(ms: i64) -> String {
    let seconds = ms / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if seconds == 0 {
        format!("{hours:02}:{minutes:02}")
    } else {
        format!("{hours:02}:{minutes:02}:{seconds:02}")
    }
}

/// `1h30m`, `90s` as `1m30s`, down to the millisecond.
fn span(ms: i64) -> String {
    let mut words = String::new();
    let mut rest = ms.unsigned_abs();
    for (unit, word) in [(3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")] {
        if rest >= unit {
            words += &format!("{}{word}", rest / unit);
            rest %= unit;
        }
    }
    match (words.is_empty(), ms < 0) {
        (true, _) => "0s".into(),
        (false, true) => format!("-{words}"),
        (false, false) => words,
    }
}
