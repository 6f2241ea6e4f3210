//! What a fact, a variable or an expression is worth at one instant.

use serde::{Deserialize, Serialize};

/// A member of a domain (a role, a zone, a weekday), by its index there.
///
/// Which domain is said by the [`Type`](crate::Type) of the place that holds it; the schema knows the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Symbol(pub u32);

impl Symbol {
    /// Its bit in a set; none past [`SET_MAX`].
    pub(crate) fn bit(self) -> u64 {
        1_u64.checked_shl(self.0).unwrap_or(0)
    }
}

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
    /// A length of time in milliseconds; of a time of day, since midnight.
    Duration(i64),
    /// Members of a domain, one bit each by symbol, from the lowest: at most [`SET_MAX`] members.
    Set(u64),
}

/// Most members a domain that sets are made of may have: a set is one word, so that it is copied like a number.
pub const SET_MAX: u32 = u64::BITS;

impl Value {
    /// Whether anything is known.
    #[must_use]
    pub fn is_known(self) -> bool {
        !matches!(self, Self::Unknown)
    }

    /// The set of these symbols. One past [`SET_MAX`] is left out: domains of sets are bounded where they are declared.
    #[must_use]
    pub fn set(symbols: impl IntoIterator<Item = Symbol>) -> Self {
        Self::Set(symbols.into_iter().fold(0, |bits, symbol| bits | symbol.bit()))
    }
}

const _: () = assert!(size_of::<Value>() == 16, "a value is two words, so that slots stay dense");
