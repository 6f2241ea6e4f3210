//! The last dead letters, for the console: a short memory. Messages that were not admitted are in the log as well; what
//! an outlet gave up is counted, and its offer's end is in the log.
//!
//! Before: shard/commit.rs and webhook/worker.rs. Next: http.rs.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use turnpage_gateway_core::{DeadLetter, Timestamp};

/// Dead letters remembered: a screen full.
const DEAD_LETTERS_MAX: usize = 50;

/// A message that did not arrive, on its way in or out.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) at: Timestamp,
    /// Who sent it, or was to get it.
    pub(crate) client: String,
    /// What it was about.
    pub(crate) topic: String,
    pub(crate) reason: &'static str,
    pub(crate) payload: Vec<u8>,
}

impl From<DeadLetter> for Letter {
    fn from(letter: DeadLetter) -> Self {
        let DeadLetter { now, client, topic, payload, reason } = letter;
        Self { at: now, client, topic, reason: reason.as_str(), payload }
    }
}

/// The last dead letters.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<VecDeque<Letter>>);

impl Recent {
    /// Remembers letters that were committed, in their order.
    pub(crate) fn keep(&self, letters: Vec<DeadLetter>) {
        if !letters.is_empty() {
            self.extend(letters.into_iter().map(Letter::from));
        }
    }

    /// Remembers what an outlet gave up.
    pub(crate) fn add(&self, letter: Letter) {
        self.extend(std::iter::once(letter));
    }

    fn extend(&self, letters: impl Iterator<Item = Letter>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(letters);
        let excess = kept.len().saturating_sub(DEAD_LETTERS_MAX);
        kept.drain(..excess);
    }

    /// The last letters, newest first.
    pub(crate) fn letters(&self) -> Vec<Letter> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().cloned().collect()
    }
}
