//! The constants at which an expression changes: what facts and the clock are compared with.
//!
//! Of a comparison whose sides are computed (`place.queue - 10 > 35`) every constant in it, and every sum and difference of two,
//! counts for every fact in it: too many values cost a simulation little, one that is missing hides a branch. What variables are
//! compared with is no threshold of facts.

use alloc::vec::Vec;

use crate::schema::Slot;
use crate::typed::{Term, Typed};
use crate::types::Type;
use crate::value::Value;

/// Milliseconds of an hour and of a minute, in which the clock may be asked.
const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;

/// Something that an expression turns on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    /// A fact, and what it is compared with.
    Fact(Slot, Value),
    /// A time on the venue's clock, in milliseconds since midnight.
    Clock(u32),
    /// A date, in days since 1970-01-01.
    Date(i32),
    /// The day of the week.
    Weekday,
    /// A length of time, in milliseconds, that a fact, a variable or the past is compared with.
    Length(i64),
}

pub(super) fn of(typed: &Typed) -> Vec<Threshold> {
    let mut found = Vec::new();
    gather(typed, &mut found);
    found
}

fn gather(typed: &Typed, found: &mut Vec<Threshold>) {
    match &typed.term {
        Term::Compare(_, left, right) => across(&[left, right], true, found),
        Term::In(needle, elements) => {
            let mut all: Vec<&Typed> = alloc::vec![needle];
            all.extend(elements);
            across(&all, false, found);
        }
        Term::InSet(needle, set) => across(&[needle, set], false, found),
        Term::Between(from, to) => found.extend([Threshold::Clock(*from), Threshold::Clock(*to)]),
        Term::Weekday => found.push(Threshold::Weekday),
        _ => {}
    }
    for inner in typed.term.inner() {
        gather(inner, found);
    }
}

/// Constants of one comparison whose sums are looked at: as many as anybody writes.
const SUMMED_MAX: usize = 4;

/// Every constant of some terms against everything in them that is none; sums of two as well where they may be `added`.
fn across(terms: &[&Typed], added: bool, found: &mut Vec<Threshold>) {
    let mut leaves = Vec::new();
    terms.iter().for_each(|term| flatten(term, &mut leaves));
    let constant = |leaf: &&Typed| match leaf.term {
        Term::Const(value) => Some((leaf.ty, value)),
        _ => None,
    };
    let mut constants: Vec<(Type, Value)> = leaves.iter().filter_map(constant).collect();
    if added {
        let written: Vec<(Type, Value)> = constants.iter().copied().take(SUMMED_MAX).collect();
        for (place, (ty, one)) in written.iter().enumerate() {
            for (_, other) in written.iter().skip(place + 1) {
                constants.extend(sums(*one, *other).into_iter().flatten().map(|sum| (*ty, sum)));
            }
        }
    }
    for (ty, value) in constants {
        if let (Type::Duration, Value::Duration(length)) = (ty, value) {
            found.push(Threshold::Length(length));
        }
        found.extend(leaves.iter().filter_map(|leaf| against(&leaf.term, value)));
    }
}

/// The sum and the differences of two numbers of one type.
fn sums(one: Value, other: Value) -> [Option<Value>; 3] {
    let whole = |a: i64, b: i64| [a.checked_add(b), a.checked_sub(b), b.checked_sub(a)];
    match (one, other) {
        (Value::Int(a), Value::Int(b)) => whole(a, b).map(|sum| sum.map(Value::Int)),
        (Value::Duration(a), Value::Duration(b)) => whole(a, b).map(|sum| sum.map(Value::Duration)),
        (Value::Double(a), Value::Double(b)) => [a + b, a - b, b - a].map(|sum| Some(Value::Double(sum))),
        _ => [None; 3],
    }
}

fn flatten<'a>(typed: &'a Typed, leaves: &mut Vec<&'a Typed>) {
    let inner = typed.term.inner();
    if inner.is_empty() {
        leaves.push(typed);
    }
    inner.into_iter().for_each(|inner| flatten(inner, leaves));
}

fn against(term: &Term, value: Value) -> Option<Threshold> {
    let clock = |count: i64, unit: i64| {
        let ms = count.checked_mul(unit).filter(|ms| (0..24 * HOUR_MS).contains(ms))?;
        u32::try_from(ms).ok().map(Threshold::Clock)
    };
    match (term, value) {
        (Term::Fact(slot), value) => Some(Threshold::Fact(*slot, value)),
        (Term::Hour, Value::Int(hour)) => clock(hour, HOUR_MS),
        (Term::Minute, Value::Int(minute)) => clock(minute, MINUTE_MS),
        (Term::TimeOfDay, Value::Duration(ms)) => clock(ms, 1),
        (Term::Date, Value::Int(day)) => i32::try_from(day).ok().map(Threshold::Date),
        _ => None,
    }
}
