//! Values of facts as plays write them, and back. What is written by `words` is read by `value`.

use turnpage_journeys_expr::{Schema, Type, Value};

use super::GivenValue;

/// The word for a fact that is missing or too old.
pub(crate) const UNKNOWN: &str = "unknown";

/// A value of a type; nothing when the text is none.
pub(crate) fn value(schema: &Schema, of: Type, given: &GivenValue) -> Option<Value> {
    match given {
        GivenValue::One(text) if text == UNKNOWN => Some(Value::Unknown),
        GivenValue::One(text) => one(schema, of, text),
        GivenValue::Set(names) => match of {
            Type::Set(_) => schema.read(of, &names.join(",")),
            _ => None,
        },
    }
}

fn one(schema: &Schema, of: Type, text: &str) -> Option<Value> {
    match of {
        Type::Duration => turnpage_journeys_document::parse_duration(text).map(Value::Duration),
        _ => schema.read(of, text),
    }
}

/// A value in words, a name rather than its title.
pub(crate) fn words(schema: &Schema, of: Type, value: Value) -> String {
    match (value, of) {
        (Value::Double(number), _) => number.to_string(),
        (Value::Duration(ms), Type::Duration) => duration(ms),
        _ => schema.show(of, value),
    }
}

/// `1h30m`, `90ms`, `0s`.
pub(crate) fn duration(ms: i64) -> String {
    if ms == 0 {
        return "0s".to_owned();
    }
    let mut rest = ms.unsigned_abs();
    let mut text = if ms < 0 { "-".to_owned() } else { String::new() };
    for (word, unit) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
        if rest >= unit {
            text.push_str(&format!("{}{word}", rest / unit));
            rest %= unit;
        }
    }
    text
}

/// The words a fact of this type may be, where they can be listed.
pub(crate) fn choices(schema: &Schema, of: Type) -> Vec<&str> {
    match of {
        Type::Symbol(domain) => schema.members(domain).collect(),
        Type::Bool => vec!["true", "false"],
        _ => Vec::new(),
    }
}
