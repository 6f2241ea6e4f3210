//! Values of facts as plays write them, and back. What is written by `words` is read by `value`.

use turnpage_journeys_document::{parse_duration, write_duration};
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
        Type::Duration => parse_duration(text).map(Value::Duration),
        _ => schema.read(of, text),
    }
}

/// A value in words, a name rather than its title.
pub(crate) fn words(schema: &Schema, of: Type, value: Value) -> String {
    match (value, of) {
        (Value::Double(number), _) => number.to_string(),
        (Value::Duration(ms), Type::Duration) => write_duration(ms),
        _ => schema.show(of, value),
    }
}

/// The words a fact of this type may be, where they can be listed.
pub(crate) fn choices(schema: &Schema, of: Type) -> Vec<&str> {
    match of {
        Type::Symbol(domain) => schema.members(domain).collect(),
        Type::Bool => vec!["true", "false"],
        _ => Vec::new(),
    }
}
