//! What a fact, a variable or an expression is worth at one instant.

use serde::{Deserialize, Serialize};

/// A member of a domain (a role, a zone, a weekday), by its index there.
///
/// Which domain is said by the [`Type`](crate::Type) of the place that holds it; the schema knows the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Symbol(pub u32);

/// A value of 16 bytes, copied around without allocating.
///
/// `PartialEq` is for tests and for noticing change: an `Unknown` equals an `Unknown` here, and a NaN
/// equals nothing. What `==` means in a guard is decided by the evaluator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// A fact that is missing or stale, and everything computed from it. Also what CEL calls an error.
    #[default]
    Unknown,
    /// True or false.
    Bool(bool),
    /// A 64-bit integer; overflow is unknown, never a wrap.
    Int(i64),
    /// An IEEE double: a plain number, or a quantity in its type's unit.
    Double(f64),
    /// A member of the domain its type names.
    Symbol(Symbol),
    /// A length of time in milliseconds.
    Duration(i64),
}

impl Value {
    /// Whether anything is known.
    #[must_use]
    pub fn is_known(self) -> bool {
        !matches!(self, Self::Unknown)
    }
}

const _: () = assert!(size_of::<Value>() == 16, "a value is two words, so that slots stay dense");
