//! The evaluator: total, without allocation, on `core` alone.
//!
//! Unknown is CEL's error. It passes through every operation but three: `&&` is false when either side is false,
//! `||` is true when either side is true, and `?:` looks only at the branch its condition takes.
//! Recursion goes as deep as the expression is nested, which `token` bounds.

use core::cmp::Ordering;

use crate::operator::{Arithmetic, Comparison};
use crate::program::{Env, Index, Op, Program};
use crate::time::DURATION_MAX_MS;
use crate::value::{Symbol, Value};

impl Program {
    fn op(&self, index: Index) -> Option<&Op> {
        self.ops.get(usize::from(index))
    }

    /// The truth of an operation: `None` is unknown.
    pub(super) fn truth(&self, index: Index, env: &Env<'_>) -> Option<bool> {
        self.truth_of(self.op(index)?, env)
    }

    /// Inlined where operands are walked, so that the comparisons guards are made of cost no call.
    #[inline]
    fn truth_of(&self, op: &Op, env: &Env<'_>) -> Option<bool> {
        match *op {
            Op::FactCompares { slot, comparison, than } => match env.facts.get(usize::from(slot)) {
                Some(Value::Double(value)) => Some(holds(comparison, value.partial_cmp(&than))),
                _ => None,
            },
            Op::FactIs { slot, negated, symbol } => match env.facts.get(usize::from(slot)) {
                Some(Value::Symbol(value)) => Some((*value == symbol) != negated),
                _ => None,
            },
            Op::Fact(slot) => known_truth(*env.facts.get(usize::from(slot))?),
            _ => self.inner_truth(op, env),
        }
    }

    /// The truth of what is neither a fact nor a fact against a constant.
    fn inner_truth(&self, op: &Op, env: &Env<'_>) -> Option<bool> {
        match *op {
            Op::All { first, count } => self.join(first, count, false, env),
            Op::Any { first, count } => self.join(first, count, true, env),
            Op::Not(inner) => self.truth(inner, env).map(|truth| !truth),
            Op::Between(start, end) => Some(env.local.between(start, end)),
            Op::Known(inner) => Some(self.value(inner, env).is_known()),
            Op::Compare(comparison, first) => {
                compare(comparison, self.value(first, env), self.value(first + 1, env))
            }
            Op::OneOf { operand, from, count } => match self.value(operand, env) {
                Value::Symbol(symbol) => self.one_of(symbol, from, count),
                _ => None,
            },
            Op::In { first, count } => self.is_in(first, count, env),
            Op::InSet(first) => match (self.value(first, env), self.value(first + 1, env)) {
                (Value::Symbol(symbol), Value::Set(bits)) => Some(bits & symbol.bit() != 0),
                _ => None,
            },
            Op::If(first) => self.truth(first + if self.truth(first, env)? { 1 } else { 2 }, env),
            Op::Strict { first, count } => {
                let known = (first..first + count).all(|index| self.value(index, env).is_known());
                if known { self.truth(first + count, env) } else { None }
            }
            Op::Const(value) => known_truth(value),
            Op::Local(index) => known_truth(*env.locals.get(usize::from(index))?),
            // Numbers, clock readings and what `truth_of` has looked at already.
            _ => None,
        }
    }

    /// The value of an operation.
    pub(super) fn value(&self, index: Index, env: &Env<'_>) -> Value {
        let Some(op) = self.op(index) else { return Value::Unknown };
        match *op {
            Op::Const(value) => value,
            Op::Fact(slot) => env.facts.get(usize::from(slot)).copied().unwrap_or_default(),
            Op::Local(index) => env.locals.get(usize::from(index)).copied().unwrap_or_default(),
            Op::Hour => Value::Int(env.local.hour()),
            Op::Minute => Value::Int(env.local.minute()),
            Op::TimeOfDay => Value::Duration(i64::from(env.local.ms)),
            Op::Counted(kept) => Value::Int(kept_at(env, kept.place).unwrap_or(0)),
            Op::Today(kept) => {
                let is_today = kept_at(env, kept.place) == Some(i64::from(env.local.day));
                Value::Int(kept_at(env, kept.place.saturating_add(1)).filter(|_| is_today).unwrap_or(0))
            }
            Op::Since(kept) => match kept_at(env, kept.place) {
                // A clock that was set back makes nothing happen in the future.
                Some(then) => Value::Duration(env.now.0.saturating_sub(then).clamp(0, DURATION_MAX_MS)),
                None => Value::Unknown,
            },
            Op::Weekday => Value::Symbol(Symbol(env.local.weekday())),
            Op::Date => Value::Int(i64::from(env.local.day)),
            Op::Negate(inner) => match self.value(inner, env) {
                Value::Int(value) => value.checked_neg().map_or(Value::Unknown, Value::Int),
                Value::Double(value) => Value::Double(-value),
                _ => Value::Unknown,
            },
            Op::Arithmetic(arithmetic, first) => {
                compute(arithmetic, self.value(first, env), self.value(first + 1, env))
            }
            Op::If(first) => match self.truth(first, env) {
                Some(true) => self.value(first + 1, env),
                Some(false) => self.value(first + 2, env),
                None => Value::Unknown,
            },
            Op::Strict { first, count } => {
                let known = (first..first + count).all(|index| self.value(index, env).is_known());
                if known { self.value(first + count, env) } else { Value::Unknown }
            }
            Op::Count { first, count } => {
                let mut true_ones = 0;
                for index in first..first + count {
                    match self.truth(index, env) {
                        Some(truth) => true_ones += i64::from(truth),
                        None => return Value::Unknown,
                    }
                }
                Value::Int(true_ones)
            }
            Op::Size(set) => match self.value(set, env) {
                Value::Set(bits) => Value::Int(i64::from(bits.count_ones())),
                _ => Value::Unknown,
            },
            Op::Portion { operand, unit_ms, wraps } => match self.value(operand, env) {
                // Rounds towards zero, and the rest has the sign of the whole.
                Value::Duration(ms) => {
                    let whole = ms / i64::from(unit_ms.max(1));
                    Value::Int(if wraps == 0 { whole } else { whole % i64::from(wraps) })
                }
                _ => Value::Unknown,
            },
            Op::ToInt(inner) => to_int(self.value(inner, env)),
            Op::ToDouble(inner) => match self.value(inner, env) {
                Value::Int(value) => Value::Double(value as f64),
                value @ Value::Double(_) => value,
                _ => Value::Unknown,
            },
            _ => self.truth(index, env).map_or(Value::Unknown, Value::Bool),
        }
    }

    /// `&&` (decided by false) and `||` (decided by true) over consecutive operands.
    fn join(&self, first: Index, count: u16, decides: bool, env: &Env<'_>) -> Option<bool> {
        let mut joined = Some(!decides);
        let operands = usize::from(first)..usize::from(first) + usize::from(count);
        for op in self.ops.get(operands)? {
            match self.truth_of(op, env) {
                Some(truth) if truth == decides => return Some(decides),
                Some(_) => {}
                None => joined = None,
            }
        }
        joined
    }

    fn one_of(&self, symbol: Symbol, from: u16, count: u16) -> Option<bool> {
        let range = usize::from(from)..usize::from(from) + usize::from(count);
        Some(self.symbols.get(range)?.contains(&symbol))
    }

    /// Building a list with an unknown element is an error in CEL, so every element must be known.
    fn is_in(&self, first: Index, count: u16, env: &Env<'_>) -> Option<bool> {
        let needle = self.value(first, env);
        let mut found = Some(false);
        for index in first + 1..=first + count {
            match compare(Comparison::Equal, needle, self.value(index, env)) {
                Some(true) => found = found.map(|_| true),
                Some(false) => {}
                None => found = None,
            }
        }
        // With an empty list the needle has not been looked at yet.
        found.filter(|_| needle.is_known())
    }
}

/// What is kept of the past in a local, if anything is.
fn kept_at(env: &Env<'_>, place: u16) -> Option<i64> {
    match env.locals.get(usize::from(place)) {
        Some(Value::Int(value)) => Some(*value),
        _ => None,
    }
}

fn known_truth(value: Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(truth),
        _ => None,
    }
}

/// Whether a comparison holds; values without an order (a NaN is there) only differ.
fn holds(comparison: Comparison, ordering: Option<Ordering>) -> bool {
    let Some(ordering) = ordering else { return comparison == Comparison::Differs };
    match comparison {
        Comparison::Equal => ordering.is_eq(),
        Comparison::Differs => ordering.is_ne(),
        Comparison::Less => ordering.is_lt(),
        Comparison::AtMost => ordering.is_le(),
        Comparison::Greater => ordering.is_gt(),
        Comparison::AtLeast => ordering.is_ge(),
    }
}

pub(crate) fn compare(comparison: Comparison, left: Value, right: Value) -> Option<bool> {
    let ordering = match (left, right) {
        (Value::Double(left), Value::Double(right)) => left.partial_cmp(&right),
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(&right)),
        (Value::Int(left), Value::Double(right)) => int_with_double(left, right),
        (Value::Double(left), Value::Int(right)) => int_with_double(right, left).map(Ordering::reverse),
        (Value::Symbol(left), Value::Symbol(right)) => Some(left.cmp(&right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(&right)),
        (Value::Duration(left), Value::Duration(right)) => Some(left.cmp(&right)),
        (Value::Set(left), Value::Set(right)) => Some(left.cmp(&right)),
        _ => return None,
    };
    Some(holds(comparison, ordering))
}

/// As CEL's own implementations and cases have it, the integer rounds to the nearest double. `None` for a NaN.
fn int_with_double(int: i64, double: f64) -> Option<Ordering> {
    (int as f64).partial_cmp(&double)
}

fn compute(arithmetic: Arithmetic, left: Value, right: Value) -> Value {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => match arithmetic {
            Arithmetic::Add => left.checked_add(right),
            Arithmetic::Subtract => left.checked_sub(right),
            Arithmetic::Multiply => left.checked_mul(right),
            Arithmetic::Divide => left.checked_div(right),
            Arithmetic::Remainder => left.checked_rem(right),
        }
        .map_or(Value::Unknown, Value::Int),
        (Value::Double(left), Value::Double(right)) => match arithmetic {
            Arithmetic::Add => Value::Double(left + right),
            Arithmetic::Subtract => Value::Double(left - right),
            Arithmetic::Multiply => Value::Double(left * right),
            Arithmetic::Divide => Value::Double(left / right),
            Arithmetic::Remainder => Value::Unknown,
        },
        (Value::Duration(left), Value::Duration(right)) => match arithmetic {
            Arithmetic::Add => left.checked_add(right),
            Arithmetic::Subtract => left.checked_sub(right),
            _ => None,
        }
        .filter(|ms| (-DURATION_MAX_MS..=DURATION_MAX_MS).contains(ms))
        .map_or(Value::Unknown, Value::Duration),
        _ => Value::Unknown,
    }
}

/// CEL's `int(..)`: the fraction is cut off, what does not fit is an error.
fn to_int(value: Value) -> Value {
    const PAST: f64 = 9_223_372_036_854_775_808.0;
    match value {
        Value::Int(_) => value,
        Value::Double(value) if value > -PAST && value < PAST => Value::Int(value as i64),
        _ => Value::Unknown,
    }
}
