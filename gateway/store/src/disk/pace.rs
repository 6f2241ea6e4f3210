//! Keeps what goes on beside commits from competing with them: it works for a moment and rests for longer.
//!
//! A venue's box has few cores and one disk, and a snapshot takes what it gets of both. Nobody waits for one. Before:
//! disk.rs. Next: disk/snapshot.rs, which reads and writes at this pace.

use std::thread;
use std::time::{Duration, Instant};

/// How long work goes on at a time: much shorter than a commit.
const WORK: Duration = Duration::from_millis(1);
/// Rest for so many times as long as was worked: a snapshot has a third of a core at most.
const REST: u32 = 2;
/// The longest rest, whatever a disk made work take: else one slow sync would put a snapshot off by more.
const REST_MAX: Duration = Duration::from_millis(20);

/// When somebody last rested.
pub(super) struct Pace(Instant);

impl Pace {
    pub(super) fn begin() -> Self {
        Self(Instant::now())
    }

    /// Rests, if it is time to.
    pub(super) fn rest(&mut self) {
        let worked = self.0.elapsed();
        if worked >= WORK {
            thread::sleep(worked.saturating_mul(REST).min(REST_MAX));
            self.0 = Instant::now();
        }
    }
}
