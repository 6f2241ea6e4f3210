//! A guard over pieces: each comparison knows which value it looks at, and what is no comparison is a value of its own.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use super::cells::{Key, Variable, place};
use crate::ast::Comparison;
use crate::diagnostic::Span;
use crate::program::compare;
use crate::time::LocalTime;
use crate::typed::{Term, Typed};
use crate::types::Type;
use crate::value::{Symbol, Value};

/// Integers up to this one are themselves as doubles.
const EXACT_MAX: u64 = 1 << 53;
const HOUR_MS: i64 = 3_600_000;

/// A guard whose conditions look at places in a list of values.
pub(super) enum Node {
    Const(Option<bool>),
    /// A value that is a truth itself.
    Is(usize),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    If(Box<Node>, Box<Node>, Box<Node>),
    /// A value against a constant; of the clock perhaps its hour.
    Compare {
        at: Seen,
        comparison: Comparison,
        than: Value,
    },
    In(Seen, Vec<Value>),
    InSet(usize, Symbol),
    Between(usize, u32, u32),
    Known(Box<Known>),
    /// Two truths compared.
    Same(Comparison, Box<Node>, Box<Node>),
    /// How many of them are true, compared.
    Count(Vec<Node>, Comparison, Value),
    Strict(Vec<Known>, Box<Node>),
}

/// Whether something is known.
pub(super) enum Known {
    Const(bool),
    Value(usize),
    Truth(Node),
    If(Node, Box<Known>, Box<Known>),
    All(Vec<Known>),
}

/// A place in the list of values, and how it is looked at.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    at: usize,
    as_hour: bool,
}

impl Node {
    pub(super) fn of(typed: &Typed, variables: &mut Vec<Variable>) -> Self {
        let boxed = |typed: &Typed, variables: &mut Vec<Variable>| Box::new(Self::of(typed, variables));
        match &typed.term {
            Term::Const(Value::Bool(truth)) => Self::Const(Some(*truth)),
            Term::Const(_) => Self::Const(None),
            Term::Not(inner) => Self::Not(boxed(inner, variables)),
            Term::And(left, right) => Self::And(boxed(left, variables), boxed(right, variables)),
            Term::Or(left, right) => Self::Or(boxed(left, variables), boxed(right, variables)),
            Term::If(condition, then, otherwise) => {
                let condition = boxed(condition, variables);
                Self::If(condition, boxed(then, variables), boxed(otherwise, variables))
            }
            Term::Known(inner) => Self::Known(Box::new(Known::of(inner, variables))),
            Term::Strict(needed, result) => {
                let needed = needed.iter().map(|needed| Known::of(needed, variables)).collect();
                Self::Strict(needed, boxed(result, variables))
            }
            Term::Between(start, end) => {
                let at = place(variables, Key::Clock, Type::TimeOfDay);
                cut(variables, at, [start, end].map(|ms| Value::Duration(i64::from(*ms))));
                Self::Between(at, *start, *end)
            }
            Term::Compare(comparison, left, right) => Self::compared(*comparison, left, right, variables)
                .unwrap_or_else(|| opaque(typed, variables)),
            Term::In(needle, elements) => {
                Self::member(needle, elements, variables).unwrap_or_else(|| opaque(typed, variables))
            }
            Term::InSet(needle, set) => {
                Self::in_set(needle, set, variables).unwrap_or_else(|| opaque(typed, variables))
            }
            _ => match variable(typed, variables) {
                Some(seen) if typed.ty == Type::Bool => Self::Is(seen.at),
                _ => opaque(typed, variables),
            },
        }
    }

    fn compared(
        comparison: Comparison,
        left: &Typed,
        right: &Typed,
        variables: &mut Vec<Variable>,
    ) -> Option<Self> {
        if left.ty == Type::Bool && right.ty == Type::Bool {
            let (left, right) = (Self::of(left, variables), Self::of(right, variables));
            return Some(Self::Same(comparison, Box::new(left), Box::new(right)));
        }
        let (left, right, comparison) = match left.term {
            Term::Const(_) => (right, left, comparison.swapped()),
            _ => (left, right, comparison),
        };
        let Term::Const(than) = right.term else { return None };
        if !than.is_known() {
            return Some(Self::Const(None));
        }
        if let Term::Strict(needed, inner) = &left.term {
            let needed = needed.iter().map(|needed| Known::of(needed, variables)).collect();
            let result = Self::compared(comparison, inner, right, variables)?;
            return Some(Self::Strict(needed, Box::new(result)));
        }
        if let Term::Count(terms) = &left.term {
            let terms = terms.iter().map(|term| Self::of(term, variables)).collect();
            return Some(Self::Count(terms, comparison, than));
        }
        let at = looked_at(left, &[than], variables)?;
        Some(Self::Compare { at, comparison, than })
    }

    fn member(needle: &Typed, elements: &[Typed], variables: &mut Vec<Variable>) -> Option<Self> {
        let constants = elements.iter().map(|element| match element.term {
            Term::Const(value) => Some(value),
            _ => None,
        });
        let constants: Vec<Value> = constants.collect::<Option<_>>()?;
        if constants.iter().any(|constant| !constant.is_known()) {
            return Some(Self::Const(None));
        }
        if needle.ty == Type::Bool {
            return None;
        }
        Some(Self::In(looked_at(needle, &constants, variables)?, constants))
    }

    fn in_set(needle: &Typed, set: &Typed, variables: &mut Vec<Variable>) -> Option<Self> {
        let Term::Const(Value::Symbol(symbol)) = needle.term else { return None };
        let seen = variable(set, variables)?;
        let told = variables.get_mut(seen.at)?.tell_apart(symbol.bit());
        told.then_some(Self::InSet(seen.at, symbol))
    }

    pub(super) fn truth(&self, values: &[Value]) -> Option<bool> {
        match self {
            Self::Const(truth) => *truth,
            Self::Is(at) => match values.get(*at) {
                Some(Value::Bool(truth)) => Some(*truth),
                _ => None,
            },
            Self::Not(inner) => inner.truth(values).map(|truth| !truth),
            Self::And(left, right) => match (left.truth(values), right.truth(values)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(left, right) => match (left.truth(values), right.truth(values)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::If(condition, then, otherwise) => {
                if condition.truth(values)? {
                    then.truth(values)
                } else {
                    otherwise.truth(values)
                }
            }
            Self::Compare { at, comparison, than } => compare(*comparison, at.value(values), *than),
            Self::In(at, constants) => {
                let value = at.value(values);
                let same = |constant: &Value| compare(Comparison::Equal, value, *constant) == Some(true);
                value.is_known().then(|| constants.iter().any(same))
            }
            Self::InSet(at, symbol) => match values.get(*at) {
                Some(Value::Set(bits)) => Some(bits & symbol.bit() != 0),
                _ => None,
            },
            Self::Between(at, start, end) => match values.get(*at) {
                Some(Value::Duration(ms)) => Some(LocalTime { day: 0, ms: *ms as u32 }.between(*start, *end)),
                _ => None,
            },
            Self::Known(inner) => Some(inner.is(values)),
            Self::Same(comparison, left, right) => {
                let (left, right) = (left.truth(values)?, right.truth(values)?);
                compare(*comparison, Value::Bool(left), Value::Bool(right))
            }
            Self::Count(terms, comparison, than) => {
                let mut count = 0;
                for term in terms {
                    count += i64::from(term.truth(values)?);
                }
                compare(*comparison, Value::Int(count), *than)
            }
            Self::Strict(needed, result) => {
                if needed.iter().all(|needed| needed.is(values)) {
                    result.truth(values)
                } else {
                    None
                }
            }
        }
    }
}

impl Known {
    fn of(typed: &Typed, variables: &mut Vec<Variable>) -> Self {
        match &typed.term {
            Term::Const(value) => Self::Const(value.is_known()),
            Term::If(condition, then, otherwise) => {
                let condition = Node::of(condition, variables);
                let then = Self::of(then, variables);
                Self::If(condition, Box::new(then), Box::new(Self::of(otherwise, variables)))
            }
            Term::Strict(needed, result) => {
                let parts = needed.iter().chain(core::iter::once(&**result));
                Self::All(parts.map(|part| Self::of(part, variables)).collect())
            }
            _ => match variable(typed, variables) {
                Some(seen) => Self::Value(seen.at),
                None if typed.ty == Type::Bool => Self::Truth(Node::of(typed, variables)),
                None => Self::Truth(opaque(typed, variables)),
            },
        }
    }

    fn is(&self, values: &[Value]) -> bool {
        match self {
            Self::Const(known) => *known,
            Self::Value(at) => values.get(*at).is_some_and(|value| value.is_known()),
            Self::Truth(node) => node.truth(values).is_some(),
            Self::If(condition, then, otherwise) => match condition.truth(values) {
                Some(true) => then.is(values),
                Some(false) => otherwise.is(values),
                None => false,
            },
            Self::All(parts) => parts.iter().all(|part| part.is(values)),
        }
    }
}

impl Seen {
    fn value(self, values: &[Value]) -> Value {
        match values.get(self.at) {
            Some(Value::Duration(ms)) if self.as_hour => Value::Int(ms / HOUR_MS),
            Some(value) => *value,
            None => Value::Unknown,
        }
    }
}

/// The place of what is asked by its name alone.
fn variable(typed: &Typed, variables: &mut Vec<Variable>) -> Option<Seen> {
    let key = match typed.term {
        Term::Fact(slot) => Key::Fact(slot),
        Term::Local(index) => Key::Local(index),
        Term::Recall(recall) => Key::Recall(recall),
        Term::Hour | Term::TimeOfDay => Key::Clock,
        Term::Minute => Key::Minute,
        Term::Weekday => Key::Weekday,
        Term::Date => Key::Date,
        _ => return None,
    };
    let as_hour = matches!(typed.term, Term::Hour);
    Some(Seen { at: place(variables, key, typed.ty), as_hour })
}

/// The same, cut at the constants it is compared with. Nothing where a constant is too large to cut at.
fn looked_at(typed: &Typed, constants: &[Value], variables: &mut Vec<Variable>) -> Option<Seen> {
    let cuts: Vec<Value> =
        constants.iter().map(|constant| cuts(typed, *constant)).collect::<Option<Vec<_>>>()?.concat();
    let seen = variable(typed, variables)?;
    cut(variables, seen.at, cuts);
    Some(seen)
}

fn cut(variables: &mut [Variable], at: usize, cuts: impl IntoIterator<Item = Value>) {
    if let Some(variable) = variables.get_mut(at) {
        variable.cuts.extend(cuts);
    }
}

/// Where a constant cuts what is compared with it.
fn cuts(typed: &Typed, constant: Value) -> Option<Vec<Value>> {
    let one = |value| Some(alloc::vec![value]);
    match (typed.ty, constant) {
        (Type::Int, Value::Int(hour)) if matches!(typed.term, Term::Hour) => {
            let hours = [hour, hour.saturating_add(1)];
            Some(hours.map(|hour| Value::Duration(hour.clamp(-1, 25) * HOUR_MS)).to_vec())
        }
        (Type::Int, Value::Double(_)) if matches!(typed.term, Term::Hour) => None,
        (Type::Int, Value::Double(at)) if at.abs() < EXACT_MAX as f64 => {
            let below = at.floor() as i64;
            Some(alloc::vec![Value::Int(below), Value::Int(below + 1)])
        }
        (Type::Double | Type::Quantity(_), Value::Int(at)) if at.unsigned_abs() <= EXACT_MAX => {
            one(Value::Double(at as f64))
        }
        (Type::Double | Type::Quantity(_), Value::Double(at)) if at.is_finite() => one(constant),
        (Type::Int | Type::Date, Value::Int(_)) => one(constant),
        (Type::Duration | Type::TimeOfDay, Value::Duration(_)) => one(constant),
        (Type::Symbol(_), Value::Symbol(_)) => one(constant),
        _ => None,
    }
}

/// What is no comparison may be anything. The same of it is the same everywhere.
fn opaque(typed: &Typed, variables: &mut Vec<Variable>) -> Node {
    let mut bare = typed.clone();
    without_places(&mut bare);
    Node::Is(place(variables, Key::Opaque(format!("{:?}", bare.term)), Type::Bool))
}

fn without_places(typed: &mut Typed) {
    typed.span = Span::default();
    typed.term.inner_mut().into_iter().for_each(without_places);
}
