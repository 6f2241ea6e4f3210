//! Operations that come back from bytes: a program is one only if it could have been compiled.
//!
//! Every operation but the first is an operand of exactly one before it. So evaluating looks at each at most once, ends,
//! and recurses no deeper than it was allowed to. Nothing is asked about types: a value of the wrong kind is unknown.

use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use serde::Deserialize;

use crate::program::{DEPTH_MAX, Index, Kept, OPS_MAX, Op, Program};
use crate::recall::Recall;
use crate::schema::Slot;
use crate::stored::{Within, list};
use crate::value::Symbol;

/// A program as it stands in bytes.
#[derive(Deserialize)]
pub(super) struct Stored {
    #[serde(deserialize_with = "list::<_, _, OPS_MAX>")]
    ops: Vec<Op>,
    #[serde(deserialize_with = "list::<_, _, OPS_MAX>")]
    symbols: Vec<Symbol>,
    #[serde(deserialize_with = "list::<_, _, OPS_MAX>")]
    recalls: Vec<Recall>,
}

impl TryFrom<Stored> for Program {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored { ops, symbols, recalls } = stored;
        is_tree(&ops).ok_or("its operations are no tree")?;
        let is_answered = |op: &Op| match op {
            Op::OneOf { from, count, .. } => {
                symbols.get(usize::from(*from)..usize::from(*from) + usize::from(*count)).is_some()
            }
            Op::Counted(kept) => {
                matches!(asks(&recalls, *kept), Some(Recall::Visits(_) | Recall::Count(_)))
            }
            Op::Today(kept) => matches!(asks(&recalls, *kept), Some(Recall::Today(_))),
            Op::Since(kept) => matches!(asks(&recalls, *kept), Some(Recall::Since(_))),
            _ => true,
        };
        if !ops.iter().all(is_answered) {
            return Err("it looks at what is not there");
        }
        let mut reads: Vec<Slot> = ops.iter().filter_map(fact).collect();
        reads.sort_unstable();
        reads.dedup();
        Ok(Self { ops: ops.into(), symbols: symbols.into(), reads: reads.into(), recalls: recalls.into() })
    }
}

impl Program {
    /// Whether it names no fact, no variable and no answer that is not there.
    #[must_use]
    pub fn fits(&self, within: &Within<'_>) -> bool {
        self.reads.iter().all(|slot| within.has_fact(*slot))
            && self.ops.iter().all(|op| match op {
                Op::Local(local) => usize::from(*local) < within.locals,
                Op::Counted(kept) | Op::Today(kept) | Op::Since(kept) => asks(&self.recalls, *kept)
                    .is_some_and(|recall| kept.place != u16::MAX && kept.place == (within.kept)(recall)),
                _ => true,
            })
    }
}

fn asks(recalls: &[Recall], kept: Kept) -> Option<Recall> {
    recalls.get(usize::from(kept.recall)).copied()
}

fn fact(op: &Op) -> Option<Slot> {
    match op {
        Op::Fact(slot) | Op::FactIs { slot, .. } | Op::FactCompares { slot, .. } => Some(Slot(*slot)),
        _ => None,
    }
}

/// Whether every operation but the first is an operand of exactly one before it, and none is nested too deeply.
fn is_tree(ops: &[Op]) -> Option<()> {
    // How deep each stands below the first; nothing while nobody has asked for it.
    let mut depths: Vec<Option<u16>> = vec![None; ops.len()];
    *depths.first_mut()? = Some(0);
    for (index, op) in ops.iter().enumerate() {
        let depth = (*depths.get(index)?)?;
        let operands = operands(op);
        if !operands.is_empty() && (operands.start <= index || depth >= DEPTH_MAX) {
            return None;
        }
        for below in depths.get_mut(operands)? {
            if below.replace(depth + 1).is_some() {
                return None;
            }
        }
    }
    Some(())
}

/// The operations an operation looks at.
fn operands(op: &Op) -> Range<usize> {
    let some = |first: Index, count: usize| usize::from(first)..usize::from(first) + count;
    match *op {
        Op::Const(_) | Op::Fact(_) | Op::Local(_) | Op::FactIs { .. } | Op::FactCompares { .. } => 0..0,
        Op::Hour | Op::Minute | Op::Weekday | Op::Date | Op::TimeOfDay | Op::Between(..) => 0..0,
        Op::Counted(_) | Op::Today(_) | Op::Since(_) => 0..0,
        Op::Known(one) | Op::Not(one) | Op::Negate(one) | Op::Size(one) => some(one, 1),
        Op::ToInt(one) | Op::ToDouble(one) => some(one, 1),
        Op::OneOf { operand, .. } | Op::Portion { operand, .. } => some(operand, 1),
        Op::Compare(_, first) | Op::Arithmetic(_, first) | Op::InSet(first) => some(first, 2),
        Op::If(first) => some(first, 3),
        Op::All { first, count } | Op::Any { first, count } | Op::Count { first, count } => {
            some(first, usize::from(count))
        }
        Op::In { first, count } | Op::Strict { first, count } => some(first, usize::from(count) + 1),
    }
}

#[cfg(test)]
mod tests;
