//! What a guard asks for first: conditions that are one look each, all of which must hold.
//!
//! Whoever only asks whether a guard is certainly true, as a gate does, needs no unknown: what is unknown and what is false
//! keep it closed alike. Most guards are a few comparisons joined by `&&`, and those lie flat in 16 bytes each, without a
//! tree to walk. What is none of them is left to the program. Derived from a program, never stored.

use alloc::vec::Vec;

use crate::operator::Comparison;
use crate::program::eval::compare;
use crate::program::{Env, Op, Program};
use crate::value::{Symbol, Value};

/// One condition of a guard: one look at a fact, a variable or the clock.
#[derive(Clone, Copy, Debug)]
pub struct Condition(Look);

#[derive(Clone, Copy, Debug)]
enum Look {
    /// A symbol fact is this one, or is known and is not.
    FactIs { slot: u16, negated: bool, symbol: Symbol },
    /// A symbol fact is one of a set.
    FactIn { slot: u16, symbols: u64 },
    /// A fact is true, or is known and is not.
    Fact { slot: u16, truth: bool },
    /// A double fact against a constant.
    FactCompares { slot: u16, comparison: Comparison, than: f64 },
    /// A variable against a whole number.
    LocalCompares { local: u32, comparison: Comparison, than: i64 },
    /// The clock stands between two times.
    Between(u32, u32),
}

const _: () = assert!(size_of::<Condition>() == 16, "conditions stay dense");

impl Condition {
    /// Whether it certainly holds.
    #[must_use]
    #[inline]
    pub fn is_sure(&self, env: &Env<'_>) -> bool {
        match self.0 {
            Look::FactIs { slot, negated, symbol } => match env.facts.get(usize::from(slot)) {
                Some(Value::Symbol(value)) => (*value == symbol) != negated,
                _ => false,
            },
            Look::FactIn { slot, symbols } => match env.facts.get(usize::from(slot)) {
                Some(Value::Symbol(value)) => value.bit() & symbols != 0,
                _ => false,
            },
            Look::Fact { slot, truth } => match env.facts.get(usize::from(slot)) {
                Some(Value::Bool(value)) => *value == truth,
                _ => false,
            },
            Look::FactCompares { slot, comparison, than } => match env.facts.get(usize::from(slot)) {
                // As `holds` has it: what has no order only differs.
                Some(Value::Double(value)) => match comparison {
                    Comparison::Equal => *value == than,
                    Comparison::Differs => *value != than,
                    Comparison::Less => *value < than,
                    Comparison::AtMost => *value <= than,
                    Comparison::Greater => *value > than,
                    Comparison::AtLeast => *value >= than,
                },
                _ => false,
            },
            Look::LocalCompares { local, comparison, than } => match env.locals.get(local as usize) {
                Some(local) => compare(comparison, *local, Value::Int(than)) == Some(true),
                None => false,
            },
            Look::Between(start, end) => env.local.between(start, end),
        }
    }

    /// The same condition where [`Env::locals`] is a row of the variables of many journeys and these stand from a place on;
    /// with a place past every end there are none.
    #[must_use]
    pub fn of_row(mut self, from: u32) -> Condition {
        if let Look::LocalCompares { local, .. } = &mut self.0 {
            *local = local.saturating_add(from);
        }
        self
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
        let look = match *op {
            Op::FactIs { slot, negated, symbol } => Look::FactIs { slot, negated, symbol },
            Op::FactCompares { slot, comparison, than } => Look::FactCompares { slot, comparison, than },
            Op::Fact(slot) => Look::Fact { slot, truth: true },
            Op::Not(inner) => match *at(inner)? {
                Op::Fact(slot) => Look::Fact { slot, truth: false },
                Op::FactIs { slot, negated, symbol } => Look::FactIs { slot, negated: !negated, symbol },
                _ => return None,
            },
            Op::OneOf { operand, from, count } => {
                let Op::Fact(slot) = *at(operand)? else { return None };
                let range = usize::from(from)..usize::from(from) + usize::from(count);
                let mut symbols = self.symbols.get(range)?.iter().map(|symbol| symbol.bit());
                // A symbol past the width of a set has no bit.
                let symbols = symbols.try_fold(0, |all, bit| (bit != 0).then_some(all | bit))?;
                Look::FactIn { slot, symbols }
            }
            Op::Compare(comparison, first) => match (*at(first)?, *at(first + 1)?) {
                (Op::Local(local), Op::Const(Value::Int(than))) => {
                    Look::LocalCompares { local: u32::from(local), comparison, than }
                }
                _ => return None,
            },
            Op::Between(start, end) => Look::Between(start, end),
            _ => return None,
        };
        Some(Condition(look))
    }
}
