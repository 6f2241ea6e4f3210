//! When a group goes to the committer: at once, or a moment later and larger.
//!
//! Senders that wait for their answers before they send more come in step with commits: a sync answers a thousand of them,
//! the committer finds the few who came during it, and syncs for those while the thousand come back. Half of all syncs are
//! then for next to nobody. So a group that is much smaller than the last waits a share of a sync for them. It looks at no
//! message. Before: shard.rs. Next: shard/commit.rs.

use std::time::{Duration, Instant};

/// A group waits when it is less than one part in so many of the last,
const SMALL: usize = 2;
/// and for one part in so many of what the last one's commit took:
const SHARE: u32 = 2;
/// never longer than anybody notices.
const LINGER_MAX: Duration = Duration::from_millis(5);

/// How commits follow one another.
pub(super) struct Rhythm {
    /// Messages in the last group.
    size: usize,
    /// When its commit began, and when it ended, if it has.
    began: Instant,
    ended: Option<Instant>,
}

impl Rhythm {
    pub(super) fn new(now: Instant) -> Self {
        Self { size: 0, began: now, ended: Some(now) }
    }

    /// A group of so many messages goes to the committer.
    pub(super) fn begin(&mut self, now: Instant, size: usize) {
        *self = Self { size, began: now, ended: None };
    }

    /// The committer has nothing to do.
    pub(super) fn end(&mut self, now: Instant) {
        self.ended = Some(now);
    }

    /// How long a group of so many messages is still to wait for more; `None` when it is not.
    pub(super) fn linger(&self, now: Instant, size: usize) -> Option<Duration> {
        let ended = self.ended.filter(|_| size.saturating_mul(SMALL) < self.size)?;
        let most = (ended.saturating_duration_since(self.began) / SHARE).min(LINGER_MAX);
        let left = most.checked_sub(now.saturating_duration_since(ended))?;
        (!left.is_zero()).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_small_group_after_a_large_one_waits_a_share_of_a_commit() {
        let start = Instant::now();
        let mut rhythm = Rhythm::new(start);
        assert_eq!(rhythm.linger(start, 1), None, "the first goes at once");
        rhythm.begin(start, 1_000);
        assert_eq!(rhythm.linger(start, 16), None, "nobody waits for a committer that works");
        rhythm.end(start + 8 * MS);
        assert_eq!(rhythm.linger(start + 8 * MS, 500), None, "one like the last goes at once");
        assert_eq!(rhythm.linger(start + 8 * MS, 499), Some(4 * MS));
        assert_eq!(rhythm.linger(start + 11 * MS, 16), Some(MS));
        assert_eq!(rhythm.linger(start + 12 * MS, 16), None, "and no longer than that");
        rhythm.begin(start + 12 * MS, 16);
        rhythm.end(start + 20 * MS);
        assert_eq!(rhythm.linger(start + 20 * MS, 16), None, "small groups are no reason to wait");
    }

    #[test]
    fn a_slow_disk_makes_nobody_wait_long() {
        let start = Instant::now();
        let mut rhythm = Rhythm::new(start);
        rhythm.begin(start, 1_000);
        rhythm.end(start + 900 * MS);
        assert_eq!(rhythm.linger(start + 900 * MS, 0), Some(LINGER_MAX));
    }
}
