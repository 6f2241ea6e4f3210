//! What a guard asks for first: conditions that are one look each, all of which must hold.
//!
//! Whoever only asks whether a guard is certainly true, as a gate does, needs no unknown: what is unknown and what is false
//! keep it closed alike. Most guards are a few comparisons joined by `&&`, and those are told apart here, without a tree to
//! walk. What is none of them is left to the program. Derived from a program, never stored. Next: `conditions.rs`, which
//! asks many at once.

use alloc::vec::Vec;

use crate::operator::Comparison;
use crate::program::eval::compare;
use crate::program::{Env, Op, Program};
use crate::value::{SET_MAX, Symbol, Value};

/// One condition of a guard: one look at a fact, a variable or the clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition(pub(super) Look);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Look {
    Fact {
        slot: u16,
        is: Is,
    },
    /// A variable against a whole number.
    Local {
        local: u32,
        comparison: Comparison,
        than: i64,
    },
    /// The clock stands between two times.
    Clock(u32, u32),
}

/// What a fact has to be. A value of another kind is unknown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Is {
    /// This symbol, or known and another.
    Symbol { negated: bool, symbol: Symbol },
    /// One of a set of symbols.
    In(u64),
    /// True, or known and not.
    Bool(bool),
    /// A double of this order to a constant.
    Double(Comparison, f64),
}

impl Condition {
    /// Whether it certainly holds.
    #[must_use]
    pub fn is_sure(&self, env: &Env<'_>) -> bool {
        match self.0 {
            Look::Fact { slot, is } => env.facts.get(usize::from(slot)).is_some_and(|fact| is.sure_of(*fact)),
            Look::Local { local, comparison, than } => match env.locals.get(local as usize) {
                Some(local) => compare(comparison, *local, Value::Int(than)) == Some(true),
                None => false,
            },
            Look::Clock(start, end) => env.local.between(start, end),
        }
    }

    /// Whether it looks at a variable, which another instance has another value of.
    #[must_use]
    pub fn is_local(&self) -> bool {
        matches!(self.0, Look::Local { .. })
    }

    /// The same condition where [`Env::locals`] is a row of the variables of many journeys and these stand from a place on;
    /// with a place past every end there are none.
    #[must_use]
    pub fn of_row(mut self, from: u32) -> Condition {
        if let Look::Local { local, .. } = &mut self.0 {
            *local = local.saturating_add(from);
        }
        self
    }
}

impl Is {
    pub(super) fn is_of_symbols(&self) -> bool {
        matches!(self, Is::Symbol { .. } | Is::In(_))
    }

    /// The symbols it tells from others.
    pub(super) fn symbols(&self) -> impl Iterator<Item = Symbol> + use<> {
        let (symbol, set) = match *self {
            Is::Symbol { symbol, .. } => (Some(symbol), 0),
            Is::In(symbols) => (None, symbols),
            Is::Bool(_) | Is::Double(..) => (None, 0),
        };
        symbol.into_iter().chain((0..SET_MAX).map(Symbol).filter(move |symbol| set & symbol.bit() != 0))
    }

    pub(super) fn sure_of(self, fact: Value) -> bool {
        match (self, fact) {
            (Is::Symbol { negated, symbol }, Value::Symbol(value)) => (value == symbol) != negated,
            (Is::In(symbols), Value::Symbol(value)) => value.bit() & symbols != 0,
            (Is::Bool(truth), Value::Bool(value)) => value == truth,
            // As `holds` has it: what has no order only differs.
            (Is::Double(comparison, than), Value::Double(value)) => match comparison {
                Comparison::Equal => value == than,
                Comparison::Differs => value != than,
                Comparison::Less => value < than,
                Comparison::AtMost => value <= than,
                Comparison::Greater => value > than,
                Comparison::AtLeast => value >= than,
            },
            _ => false,
        }
    }
}

impl Program {
    /// The conditions without which the guard is not certainly true, and whether it is whenever they hold: if not,
    /// [`holds`](Program::holds) has the last word.
    #[must_use]
    pub fn conditions(&self) -> (Vec<Condition>, bool) {
        let joined = match self.ops.first() {
            Some(Op::All { first, count }) => {
                let first = usize::from(*first);
                self.ops.get(first..first + usize::from(*count))
            }
            _ => self.ops.get(..1),
        };
        let joined = joined.unwrap_or(&[]);
        let conditions: Vec<Condition> = joined.iter().filter_map(|op| self.condition(op)).collect();
        let whole = !joined.is_empty() && conditions.len() == joined.len();
        (conditions, whole)
    }

    fn condition(&self, op: &Op) -> Option<Condition> {
        let at = |index: u16| self.ops.get(usize::from(index));
        let fact = |slot, is| Look::Fact { slot, is };
        let look = match *op {
            Op::FactIs { slot, negated, symbol } => fact(slot, Is::Symbol { negated, symbol }),
            Op::FactCompares { slot, comparison, than } => fact(slot, Is::Double(comparison, than)),
            Op::Fact(slot) => fact(slot, Is::Bool(true)),
            Op::Not(inner) => match *at(inner)? {
                Op::Fact(slot) => fact(slot, Is::Bool(false)),
                Op::FactIs { slot, negated, symbol } => fact(slot, Is::Symbol { negated: !negated, symbol }),
                _ => return None,
            },
            Op::OneOf { operand, from, count } => {
                let Op::Fact(slot) = *at(operand)? else { return None };
                let range = usize::from(from)..usize::from(from) + usize::from(count);
                let mut symbols = self.symbols.get(range)?.iter().map(|symbol| symbol.bit());
                // A symbol past the width of a set has no bit.
                let symbols = symbols.try_fold(0, |all, bit| (bit != 0).then_some(all | bit))?;
                fact(slot, Is::In(symbols))
            }
            Op::Compare(comparison, first) => match (*at(first)?, *at(first + 1)?) {
                (Op::Local(local), Op::Const(Value::Int(than))) => {
                    Look::Local { local: u32::from(local), comparison, than }
                }
                _ => return None,
            },
            Op::Between(start, end) => Look::Clock(start, end),
            _ => return None,
        };
        Some(Condition(look))
    }
}
