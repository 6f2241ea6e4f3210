//! What a guard may ask about the past of its own instance: pages visited, offers made, what became of them.
//!
//! An expression only names what it asks; whoever runs it keeps the answers beside the variables and says where
//! ([`Program::place`](crate::Program::place)). Nothing is counted here. Next: `check/history.rs`, which reads the names.

use alloc::string::String;

use serde::{Deserialize, Serialize};

/// The names that history is asked by.
#[derive(Clone, Copy, Debug)]
pub struct History<'a> {
    /// The journey's pages.
    pub pages: &'a [String],
    /// The journey's offers.
    pub offers: &'a [String],
    /// The words for what may become of an offer.
    pub outcomes: &'a [&'a str],
}

/// One question about the past of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Recall {
    /// How often a page was entered, by its index in [`History::pages`]. Kept as one `Value::Int`.
    Visits(u16),
    /// How often, ever. Kept as one `Value::Int`.
    Count(Of),
    /// How often on the venue's date. Kept as two `Value::Int`: the date last counted on (days since 1970-01-01), then
    /// the count on it; on any other date it is 0.
    Today(Of),
    /// How long ago the last time was; unknown when never. Kept as one `Value::Int`: that instant in milliseconds.
    Since(Of),
}

impl Recall {
    /// How many consecutive values it is kept in.
    #[must_use]
    pub fn width(self) -> u16 {
        if matches!(self, Self::Today(_)) { 2 } else { 1 }
    }
}

/// What is counted: an offer made, or an outcome of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Of {
    /// Index in [`History::offers`].
    pub offer: u16,
    /// Index in [`History::outcomes`]; absent where the making itself is counted.
    pub outcome: Option<u8>,
}
