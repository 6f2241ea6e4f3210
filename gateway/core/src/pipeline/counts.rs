//! What became of messages, counted, and what was not admitted, kept within a bound.
//!
//! Before: pipeline.rs, which decides it. Next: live.rs and batch.rs.

use super::{Admission, Pipeline};
use crate::batch::DeadLetter;
use crate::id::NodeId;

/// Dead letters kept in one batch; more are counted, not kept, so that a flood of garbage cannot fill the disk.
pub(super) const DEAD_MAX: usize = 64;

impl Pipeline {
    pub(super) fn count(&mut self, admission: Admission) -> Admission {
        match admission {
            Admission::Admitted => self.counters.admitted += 1,
            Admission::Duplicate => self.counters.duplicates += 1,
            Admission::Dead(reason) => *self.counters.dead.entry(reason).or_default() += 1,
        }
        admission
    }

    pub(super) fn bury(&mut self, letter: DeadLetter) {
        if self.batch.dead.len() < DEAD_MAX {
            self.batch.dead.push(if self.options.whole_letters { letter } else { letter.without_ids() });
        }
    }

    /// A node has said something that was admitted.
    pub(super) fn heard(&mut self, node: Option<NodeId>) {
        let Some(node) = node else { return };
        *self.node_counts.entry(node).or_default() += 1;
        self.dirty_marks.insert(node);
    }
}

/// A message with two events is as good as the worse of them.
pub(super) fn worse(a: Admission, b: Admission) -> Admission {
    if a == Admission::Admitted { b } else { a }
}
