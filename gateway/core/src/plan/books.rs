//! What arbitration remembers of one subject, beside when it had its last offer: all that some subjects have, and most
//! have not.
//!
//! Saved behind the subject's record and only where there is something in it. Before: presence.rs. Next:
//! subject/saved.rs.

use serde::{Deserialize, Serialize};

use super::caps::ByJourney;
use super::purpose::Words;
use super::slot::Lives;

/// What arbitration remembers of a subject.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Books {
    /// What it said about purposes.
    pub(crate) words: Words,
    /// Offers in a row that it did not take.
    pub(crate) ignored: u32,
    /// What each journey offered it today.
    pub(crate) journeys: ByJourney,
    /// What stands.
    pub(crate) lives: Lives,
}

impl Books {
    /// Whether there is nothing to remember.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
