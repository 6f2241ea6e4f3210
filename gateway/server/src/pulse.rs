//! Whether the shard and its committer still turn, for whoever has to end a gateway that is stuck.
//!
//! They count, and nobody waits for it. Before: shard.rs and shard/commit.rs. Next: gateway/cli, which tells the service manager.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of turns.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    turns: AtomicU64,
    /// Two for each commit, so that it is odd while one is being made.
    commits: AtomicU64,
}

/// The counts as they were at a look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Beat {
    turns: u64,
    commits: u64,
}

impl Pulse {
    /// The shard has come round once more.
    pub(crate) fn turn(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    /// A commit begins, or is over.
    pub(crate) fn commit(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn beat(&self) -> Beat {
        Beat { turns: self.turns.load(Ordering::Relaxed), commits: self.commits.load(Ordering::Relaxed) }
    }
}

impl Beat {
    /// Whether a gateway that takes messages has moved between two looks: the shard has turned, and no commit lasts since before
    /// the first.
    pub(crate) fn has_moved_since(self, before: Self) -> bool {
        let hangs = self.commits % 2 == 1 && self.commits == before.commits;
        self.turns != before.turns && !hangs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_that_lasts_from_one_look_to_the_next_hangs() {
        let (pulse, first) = (Pulse::default(), Beat::default());
        assert!(!pulse.beat().has_moved_since(first), "nobody turned");
        pulse.turn();
        assert!(pulse.beat().has_moved_since(first), "a quiet gateway turns and commits nothing");
        pulse.commit();
        let began = pulse.beat();
        assert!(began.has_moved_since(first), "it may have begun just now");
        pulse.turn();
        assert!(!pulse.beat().has_moved_since(began), "the shard turns on, and nothing is acknowledged");
        pulse.commit();
        assert!(pulse.beat().has_moved_since(began));
    }
}
