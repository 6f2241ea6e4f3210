//! A compiled expression: what is left of a guard at run time.
//!
//! A flat array of operations, each naming its operands by index, in 24 bytes. The comparisons guards are made of
//! (a fact with a constant) are one operation. Compiling allocates; evaluating never does and uses `core` alone.
//!
//! Next: `program/emit`, from the typed tree to operations; `program/eval`, from operations to a value; `program/condition`,
//! what a guard asks for first, and `program/conditions`, how that is asked for many guards at once; `program/stored`,
//! operations that come back from bytes.

mod condition;
mod conditions;
#[cfg(feature = "compile")]
mod emit;
mod eval;
mod stored;

pub use self::condition::Condition;
pub use self::conditions::Conditions;
#[cfg(feature = "compile")]
pub(crate) use self::eval::compare;

use alloc::boxed::Box;
use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::operator::{Arithmetic, Comparison};
#[cfg(feature = "compile")]
use crate::recall::History;
use crate::recall::Recall;
#[cfg(feature = "compile")]
use crate::schema::Schema;
use crate::schema::Slot;
use crate::time::{LocalTime, Timestamp};
use crate::types::Type;
use crate::value::{Symbol, Value};

/// What an expression is evaluated against.
#[derive(Clone, Copy, Debug)]
pub struct Env<'a> {
    /// Facts by [`Slot`]. A slot past the end, and a value of another kind than the fact's type says, is unknown.
    pub facts: &'a [Value],
    /// The journey's variables, in the order of [`Scope::locals`].
    pub locals: &'a [Value],
    /// The venue's wall clock.
    pub local: LocalTime,
    /// The instant that clock shows.
    pub now: Timestamp,
}

/// A variable of a journey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// The bare name authors write.
    pub name: String,
    /// What it holds.
    pub ty: Type,
}

/// What an expression may name.
#[cfg(feature = "compile")]
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The venue's facts.
    pub schema: &'a Schema,
    /// The journey's variables; a variable hides a fact of the same name.
    pub locals: &'a [Local],
    /// What `history` may be asked about; absent where there is no instance with a past.
    pub history: Option<&'a History<'a>>,
}

/// An expression, checked and compiled. What serde writes of it is checked when it is read back.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "stored::Stored")]
pub struct Program {
    /// Operations; the first one is the whole expression. Operands stand after what uses them.
    ops: Box<[Op]>,
    /// Symbols that `Op::OneOf` looks through.
    symbols: Box<[Symbol]>,
    #[serde(skip_serializing)]
    reads: Box<[Slot]>,
    recalls: Box<[Recall]>,
}

/// Most operations of an expression, its macros written out: about 100 microseconds at the slowest, and far below what 16 bits
/// index.
pub(crate) const OPS_MAX: usize = 8_192;
/// Deepest nesting of operations, which is how deep evaluating recurses: a chain of `!` as long as an expression may be is
/// half of it.
const DEPTH_MAX: u16 = 1_024;

/// Index of an operation. `OPS_MAX` keeps it far below its limit.
type Index = u16;

/// One operation. Operands are consecutive operations from `first` on. Their order here is part of what is stored.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Op {
    Const(Value),
    Fact(u16),
    Local(u16),
    Hour,
    Minute,
    Weekday,
    Date,
    TimeOfDay,
    /// How often, from one local; 0 where nothing is kept.
    Counted(Kept),
    /// How often on this date, from two locals.
    Today(Kept),
    /// How long ago, from one local.
    Since(Kept),
    Between(u32, u32),
    Known(Index),
    Not(Index),
    Negate(Index),
    /// Conjunction of `count` operands.
    All {
        first: Index,
        count: u16,
    },
    /// Disjunction of `count` operands.
    Any {
        first: Index,
        count: u16,
    },
    /// A symbol fact against a constant.
    FactIs {
        slot: u16,
        negated: bool,
        symbol: Symbol,
    },
    /// A double fact against a constant.
    FactCompares {
        slot: u16,
        comparison: Comparison,
        than: f64,
    },
    Compare(Comparison, Index),
    Arithmetic(Arithmetic, Index),
    /// Whether the operand is one of `count` symbols from `from` on.
    OneOf {
        operand: Index,
        from: u16,
        count: u16,
    },
    /// Whether the first operand equals one of the `count` after it.
    In {
        first: Index,
        count: u16,
    },
    /// Whether the first operand is a member of the second, which is a set.
    InSet(Index),
    /// Condition, then, otherwise.
    If(Index),
    /// The operand after the first `count`, where all those are known.
    Strict {
        first: Index,
        count: u16,
    },
    /// How many of `count` operands are true, all known.
    Count {
        first: Index,
        count: u16,
    },
    /// How many members a set has.
    Size(Index),
    /// A length of time in whole units of `unit_ms`, wrapping at `wraps` unless that is 0.
    Portion {
        operand: Index,
        unit_ms: u32,
        wraps: u16,
    },
    ToInt(Index),
    ToDouble(Index),
}

/// Where the answer to a recall is kept.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Kept {
    /// Index in `Program::recalls`.
    recall: u16,
    /// Index into `Env::locals` of its first value; past every end until `place` was called.
    place: u16,
}

const _: () = assert!(size_of::<Op>() <= 24, "operations stay dense");

impl Program {
    /// The value under `env`. Total: whatever cannot be computed is `Value::Unknown`. Never allocates.
    #[must_use]
    pub fn eval(&self, env: &Env<'_>) -> Value {
        self.value(0, env)
    }

    /// The truth of a guard: `None` when unknown, or when the program is no Bool.
    #[must_use]
    pub fn holds(&self, env: &Env<'_>) -> Option<bool> {
        self.truth(0, env)
    }

    /// The facts the program may read, sorted, each once.
    #[must_use]
    pub fn reads(&self) -> &[Slot] {
        &self.reads
    }

    /// What the program asks about the past, each once.
    #[must_use]
    pub fn recalls(&self) -> &[Recall] {
        &self.recalls
    }

    /// Says where in [`Env::locals`] the answer to each recall is kept. Until then every count is 0.
    pub fn place(&mut self, at: impl Fn(Recall) -> u16) {
        for op in &mut self.ops {
            if let Op::Counted(kept) | Op::Today(kept) | Op::Since(kept) = op
                && let Some(recall) = self.recalls.get(usize::from(kept.recall))
            {
                kept.place = at(*recall);
            }
        }
    }
}
