//! The tree with types: every name is a slot, every literal a value, and nothing can go wrong any more but
//! what CEL calls an error at run time, which is unknown here.
//!
//! Next: `check` builds it, `program` flattens it.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::ast::{Arithmetic, Comparison};
use crate::diagnostic::Span;
use crate::recall::Recall;
use crate::schema::{DomainId, Slot};
use crate::types::Type;
use crate::value::Value;

/// An expression with its type.
#[derive(Debug)]
pub(crate) struct Typed {
    pub(crate) ty: Type,
    pub(crate) span: Span,
    pub(crate) term: Term,
}

/// What computes it.
#[derive(Debug)]
pub(crate) enum Term {
    Const(Value),
    Fact(Slot),
    /// Index into `Env::locals`.
    Local(u16),
    /// The venue's clock: 0 to 23.
    Hour,
    /// The venue's clock: 0 to 59.
    Minute,
    /// The venue's day of the week.
    Weekday,
    /// The venue's date, days since 1970-01-01.
    Date,
    /// The venue's clock, milliseconds since local midnight.
    TimeOfDay,
    /// What is remembered of the instance's past.
    Recall(Recall),
    /// Start (inclusive) and end (exclusive), milliseconds since local midnight.
    Between(u32, u32),
    /// Whether the value is known; never unknown itself.
    Known(Box<Typed>),
    Not(Box<Typed>),
    Negate(Box<Typed>),
    And(Box<Typed>, Box<Typed>),
    Or(Box<Typed>, Box<Typed>),
    Compare(Comparison, Box<Typed>, Box<Typed>),
    Arithmetic(Arithmetic, Box<Typed>, Box<Typed>),
    In(Box<Typed>, Vec<Typed>),
    /// A symbol in a set of its domain.
    InSet(Box<Typed>, Box<Typed>),
    If(Box<Typed>, Box<Typed>, Box<Typed>),
    ToInt(Box<Typed>),
    ToDouble(Box<Typed>),
    /// Text as written; templates only.
    Text(String),
    /// The title of a symbol; templates only.
    Title(DomainId, Box<Typed>),
}
