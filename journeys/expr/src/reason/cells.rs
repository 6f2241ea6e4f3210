//! The pieces that constants cut facts into, with one value for each, and every combination of them.

use alloc::string::String;
use alloc::vec::Vec;

use super::ranges::{Range, Ranges};
use super::truth::Node;
use crate::recall::Recall;
use crate::schema::{Schema, Slot};
use crate::time::DAY_MS;
use crate::typed::Typed;
use crate::types::Type;
use crate::value::{Symbol, Value};

/// Most members of one set that are told apart; past it they are taken for anything.
const MEMBERS_MAX: usize = 5;

/// What a guard asks.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Key {
    Fact(Slot),
    Local(u16),
    Recall(Recall),
    /// Milliseconds since local midnight, under all its names.
    Clock,
    Minute,
    Weekday,
    Date,
    /// Anything that is no comparison with a constant, as it was typed.
    Opaque(String),
}

/// One thing that is asked, and the values that stand for all it may be.
#[derive(Debug)]
pub(super) struct Variable {
    pub(super) key: Key,
    pub(super) ty: Type,
    /// The constants it is cut at.
    pub(super) cuts: Vec<Value>,
    samples: Vec<Value>,
}

/// Guards over the pieces of what they ask.
pub(super) struct Cells {
    guards: Vec<Node>,
    variables: Vec<Variable>,
}

/// One combination of pieces.
pub(super) struct Case<'a> {
    cells: &'a Cells,
    values: Vec<Value>,
}

impl Case<'_> {
    /// The truth of a guard, by its place in what the cells are of.
    pub(super) fn truth(&self, guard: usize) -> Option<bool> {
        self.cells.guards.get(guard)?.truth(&self.values)
    }
}

impl Cells {
    pub(super) fn of(guards: &[&Typed], ranges: &Ranges) -> Self {
        let mut variables = Vec::new();
        let guards = guards.iter().map(|guard| Node::of(guard, &mut variables)).collect();
        for variable in &mut variables {
            variable.sample(ranges);
        }
        Self { guards, variables }
    }

    /// Shows every combination until `look` has seen enough; false if there are more than `most`.
    pub(super) fn each(&self, most: usize, mut look: impl FnMut(&Case<'_>) -> bool) -> bool {
        let sizes = self.variables.iter().map(|variable| variable.samples.len());
        let Some(count) = sizes.clone().try_fold(1_usize, usize::checked_mul).filter(|count| *count <= most)
        else {
            return false;
        };
        let mut case = Case { cells: self, values: alloc::vec![Value::Unknown; self.variables.len()] };
        for number in 0..count {
            let mut rest = number;
            for (value, variable) in case.values.iter_mut().zip(&self.variables) {
                let size = variable.samples.len().max(1);
                *value = variable.samples.get(rest % size).copied().unwrap_or_default();
                rest /= size;
            }
            if !look(&case) {
                break;
            }
        }
        true
    }
}

/// The place of what is asked in the list, added if it is new.
pub(super) fn place(variables: &mut Vec<Variable>, key: Key, ty: Type) -> usize {
    variables.iter().position(|variable| variable.key == key).unwrap_or_else(|| {
        variables.push(Variable { key, ty, cuts: Vec::new(), samples: Vec::new() });
        variables.len() - 1
    })
}

impl Variable {
    fn sample(&mut self, ranges: &Ranges) {
        let range = match self.key {
            Key::Fact(slot) => ranges.iter().find(|(known, _)| *known == slot).map(|(_, range)| *range),
            Key::Recall(_) => Some(Range { low: 0.0, high: f64::INFINITY }),
            Key::Minute => Some(Range { low: 0.0, high: 59.0 }),
            _ => None,
        };
        let mut samples = match (&self.key, self.ty) {
            (Key::Clock, _) => self.whole(0, i64::from(DAY_MS) - 1).map(Value::Duration).collect(),
            (Key::Weekday, _) => (0..7).map(|day| Value::Symbol(Symbol(day))).collect(),
            (_, Type::Bool) => alloc::vec![Value::Bool(false), Value::Bool(true)],
            (_, Type::Symbol(domain)) => self.symbols(domain == Schema::WEEKDAY),
            (_, Type::Set(_)) => self.sets(),
            (_, Type::Double | Type::Quantity(_)) => self.doubles(range),
            _ => {
                let low = range.map_or(i64::MIN, |range| range.low as i64);
                let high = range.map_or(i64::MAX, |range| range.high as i64);
                let as_value = if self.ty == Type::Duration || self.ty == Type::TimeOfDay {
                    Value::Duration
                } else {
                    Value::Int
                };
                self.whole(low, high).map(as_value).collect()
            }
        };
        let counted =
            matches!(self.key, Key::Recall(Recall::Visits(_) | Recall::Count(_) | Recall::Today(_)));
        if !counted && !matches!(self.key, Key::Clock | Key::Minute | Key::Weekday | Key::Date) {
            samples.push(Value::Unknown);
        }
        // A fact is a number; what a journey computes may be none.
        if matches!(self.key, Key::Local(_)) && matches!(self.ty, Type::Double | Type::Quantity(_)) {
            samples.push(Value::Double(f64::NAN));
        }
        self.samples = samples;
    }

    /// The first number of each piece: every cut and the number after it start one.
    fn whole(&self, low: i64, high: i64) -> impl Iterator<Item = i64> {
        let mut starts = alloc::vec![low];
        for cut in &self.cuts {
            if let Value::Int(at) | Value::Duration(at) = *cut {
                starts.push(at);
                starts.extend(at.checked_add(1));
            }
        }
        starts.sort_unstable();
        starts.dedup();
        starts.into_iter().filter(move |start| (low..=high).contains(start))
    }

    /// Every cut, and a number between each two and on both sides.
    fn doubles(&self, range: Option<Range>) -> Vec<Value> {
        let (low, high) = range.map_or((f64::NEG_INFINITY, f64::INFINITY), |range| (range.low, range.high));
        let mut cuts: Vec<f64> = alloc::vec![low, high];
        cuts.extend(self.cuts.iter().filter_map(|cut| match cut {
            Value::Double(cut) if (low..=high).contains(cut) => Some(*cut),
            _ => None,
        }));
        cuts.sort_unstable_by(f64::total_cmp);
        cuts.dedup();
        let mut samples = cuts.clone();
        for (one, other) in cuts.iter().zip(cuts.iter().skip(1)) {
            let between = match (one.is_finite(), other.is_finite()) {
                (true, true) => one / 2.0 + other / 2.0,
                (true, false) => one.next_up(),
                (false, true) => other.next_down(),
                (false, false) => 0.0,
            };
            samples.extend((*one < between && between < *other).then_some(between));
        }
        samples.into_iter().map(Value::Double).collect()
    }

    /// Every symbol named, and one that stands for all others; domains may grow while they are used.
    fn symbols(&self, whole: bool) -> Vec<Value> {
        let mut samples: Vec<Value> = Vec::new();
        for cut in &self.cuts {
            if !samples.contains(cut) {
                samples.push(*cut);
            }
        }
        if whole {
            return (0..7).map(|day| Value::Symbol(Symbol(day))).collect();
        }
        samples.push(Value::Symbol(Symbol(u32::MAX)));
        samples
    }

    /// Every set of the members named.
    fn sets(&self) -> Vec<Value> {
        let bits: Vec<u64> = self.members().into_iter().collect();
        let choices = 1_usize << bits.len().min(MEMBERS_MAX);
        let set = |choice: usize| {
            let chosen = bits.iter().enumerate().filter(|(at, _)| choice >> at & 1 == 1);
            Value::Set(chosen.fold(0, |set, (_, bit)| set | bit))
        };
        (0..choices).map(set).collect()
    }

    fn members(&self) -> Vec<u64> {
        let mut bits = Vec::new();
        for cut in &self.cuts {
            if let Value::Set(bit) = cut
                && !bits.contains(bit)
            {
                bits.push(*bit);
            }
        }
        bits
    }

    /// Tells a member of a set apart; false where there are too many of them.
    pub(super) fn tell_apart(&mut self, bit: u64) -> bool {
        let members = self.members();
        let fits = members.contains(&bit) || members.len() < MEMBERS_MAX;
        if fits {
            self.cuts.push(Value::Set(bit));
        }
        fits
    }
}
