//! The last dead letters, for the console: a short memory beside the log, which keeps them all.
//!
//! Before: shard/commit.rs. Next: http.rs.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use turnpage_gateway_core::DeadLetter;

/// Dead letters remembered: a screen full.
const DEAD_LETTERS_MAX: usize = 50;

/// The last dead letters.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<VecDeque<DeadLetter>>);

impl Recent {
    /// Remembers letters that were committed, in their order.
    pub(crate) fn keep(&self, letters: Vec<DeadLetter>) {
        if letters.is_empty() {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(letters);
        let excess = kept.len().saturating_sub(DEAD_LETTERS_MAX);
        kept.drain(..excess);
    }

    /// The last letters, newest first.
    pub(crate) fn letters(&self) -> Vec<DeadLetter> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().cloned().collect()
    }
}
