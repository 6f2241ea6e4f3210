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
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    pub(crate) ty: Type,
    pub(crate) span: Span,
    pub(crate) term: Term,
}

impl Typed {
    /// A truth.
    pub(crate) fn truth(span: Span, term: Term) -> Self {
        Self { ty: Type::Bool, span, term }
    }

    /// How many terms it is made of.
    pub(crate) fn size(&self) -> usize {
        1 + self.term.inner().into_iter().map(Self::size).sum::<usize>()
    }

    /// The conjunction of terms, true when there are none. Balanced, so that long ones do not nest deeply.
    pub(crate) fn all(span: Span, terms: Vec<Self>) -> Self {
        Self::join(span, terms, true, Term::And)
    }

    /// The disjunction of terms, false when there are none.
    pub(crate) fn any(span: Span, terms: Vec<Self>) -> Self {
        Self::join(span, terms, false, Term::Or)
    }

    fn join(span: Span, mut terms: Vec<Self>, empty: bool, pair: fn(Box<Self>, Box<Self>) -> Term) -> Self {
        let after = terms.split_off(terms.len() / 2);
        match (terms.is_empty(), after.len()) {
            (true, 0) => Self::truth(span, Term::Const(Value::Bool(empty))),
            (true, _) => {
                after.into_iter().next().unwrap_or_else(|| Self::join(span, Vec::new(), empty, pair))
            }
            (false, _) => {
                let left = Self::join(span, terms, empty, pair);
                let right = Self::join(span, after, empty, pair);
                Self::truth(span, pair(Box::new(left), Box::new(right)))
            }
        }
    }
}

/// What computes it.
#[derive(Clone, Debug)]
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
    /// The last where all before it are known: what is made from a list is, as a list is, unknown when an element is.
    Strict(Vec<Typed>, Box<Typed>),
    /// How many of them are true; all must be known.
    Count(Vec<Typed>),
    /// How many members a set has.
    Size(Box<Typed>),
    /// A length of time in whole units of so many milliseconds, wrapping at the second number where that is not 0.
    Portion(Box<Typed>, u32, u16),
    ToInt(Box<Typed>),
    ToDouble(Box<Typed>),
    /// Text as written; templates only.
    Text(String),
    /// The title of a symbol; templates only.
    Title(DomainId, Box<Typed>),
}

impl Term {
    /// The terms it is made of, in the order written.
    pub(crate) fn inner(&self) -> Vec<&Typed> {
        match self {
            Self::Const(_) | Self::Fact(_) | Self::Local(_) | Self::Recall(_) | Self::Text(_) => Vec::new(),
            Self::Hour | Self::Minute | Self::Weekday | Self::Date | Self::TimeOfDay | Self::Between(..) => {
                Vec::new()
            }
            Self::Known(one) | Self::Not(one) | Self::Negate(one) | Self::Size(one) => alloc::vec![&**one],
            Self::ToInt(one) | Self::ToDouble(one) | Self::Title(_, one) | Self::Portion(one, ..) => {
                alloc::vec![&**one]
            }
            Self::And(left, right) | Self::Or(left, right) | Self::InSet(left, right) => {
                alloc::vec![&**left, &**right]
            }
            Self::Compare(_, left, right) | Self::Arithmetic(_, left, right) => {
                alloc::vec![&**left, &**right]
            }
            Self::If(condition, then, otherwise) => alloc::vec![&**condition, &**then, &**otherwise],
            Self::In(one, more) => core::iter::once(&**one).chain(more).collect(),
            Self::Strict(needed, result) => needed.iter().chain(core::iter::once(&**result)).collect(),
            Self::Count(terms) => terms.iter().collect(),
        }
    }

    /// The same, to be changed.
    pub(crate) fn inner_mut(&mut self) -> Vec<&mut Typed> {
        match self {
            Self::Const(_) | Self::Fact(_) | Self::Local(_) | Self::Recall(_) | Self::Text(_) => Vec::new(),
            Self::Hour | Self::Minute | Self::Weekday | Self::Date | Self::TimeOfDay | Self::Between(..) => {
                Vec::new()
            }
            Self::Known(one) | Self::Not(one) | Self::Negate(one) | Self::Size(one) => {
                alloc::vec![&mut **one]
            }
            Self::ToInt(one) | Self::ToDouble(one) | Self::Title(_, one) | Self::Portion(one, ..) => {
                alloc::vec![&mut **one]
            }
            Self::And(left, right) | Self::Or(left, right) | Self::InSet(left, right) => {
                alloc::vec![&mut **left, &mut **right]
            }
            Self::Compare(_, left, right) | Self::Arithmetic(_, left, right) => {
                alloc::vec![&mut **left, &mut **right]
            }
            Self::If(condition, then, otherwise) => {
                alloc::vec![&mut **condition, &mut **then, &mut **otherwise]
            }
            Self::In(one, more) => core::iter::once(&mut **one).chain(more).collect(),
            Self::Strict(needed, result) => {
                needed.iter_mut().chain(core::iter::once(&mut **result)).collect()
            }
            Self::Count(terms) => terms.iter_mut().collect(),
        }
    }
}
