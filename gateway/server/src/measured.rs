//! What the shard, its committer and dispatch count and measure, for `/metrics`.
//!
//! Since the start, not since the store was made: what a venue did is in the log, and this is what the process did. It decides
//! nothing. Before: shard.rs, shard/commit.rs and dispatch.rs. Next: http/metrics.rs.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus_client::metrics::histogram::Histogram;

use crate::door::Lost;

/// From a good SSD's sync to a disk that is dying, in seconds.
const COMMIT_SECONDS: [f64; 12] =
    [0.000_5, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.5, 2.0, 10.0];
/// From a quiet night to a full group.
const GROUP_MESSAGES: [f64; 8] = [0.0, 1.0, 4.0, 16.0, 64.0, 256.0, 1_024.0, 4_096.0];
/// From a band that listens to one that comes back in the evening, in seconds.
const DELIVERY_SECONDS: [f64; 10] = [0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0, 300.0, 1_800.0, 7_200.0];

/// Why a session lost an offer, and the word for it.
const LOSSES: [(Lost, &str); 6] = [
    (Lost::QueueFull, "queue-full"),
    (Lost::Expired, "expired"),
    (Lost::SessionEnded, "session-ended"),
    (Lost::TooLarge, "too-large"),
    (Lost::Refused, "refused"),
    (Lost::Unsure, "unsure"),
];

/// What was counted and measured.
pub(crate) struct Measured {
    pub(crate) commit_seconds: Histogram,
    pub(crate) group_messages: Histogram,
    pub(crate) delivery_seconds: Histogram,
    commit_failures: AtomicU64,
    store_failures: AtomicU64,
    snapshots: AtomicU64,
    snapshot_failures: AtomicU64,
    snapshot_bytes: AtomicU64,
    snapshot_at_s: AtomicU64,
    lost: [AtomicU64; LOSSES.len()],
}

impl fmt::Debug for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Measured(..)")
    }
}

impl Default for Measured {
    fn default() -> Self {
        Self {
            commit_seconds: Histogram::new(COMMIT_SECONDS),
            group_messages: Histogram::new(GROUP_MESSAGES),
            delivery_seconds: Histogram::new(DELIVERY_SECONDS),
            commit_failures: AtomicU64::new(0),
            store_failures: AtomicU64::new(0),
            snapshots: AtomicU64::new(0),
            snapshot_failures: AtomicU64::new(0),
            snapshot_bytes: AtomicU64::new(0),
            snapshot_at_s: AtomicU64::new(0),
            lost: Default::default(),
        }
    }
}

impl Measured {
    /// A group of so many messages went to the disk.
    pub(crate) fn committed(&self, took: Duration, messages: usize, well: bool) {
        if well {
            self.commit_seconds.observe(took.as_secs_f64());
            let messages = u32::try_from(messages).unwrap_or(u32::MAX);
            self.group_messages.observe(f64::from(messages));
        } else {
            self.commit_failures.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The store has to be opened again.
    pub(crate) fn store_failed(&self) {
        self.store_failures.fetch_add(1, Ordering::Relaxed);
    }

    /// A snapshot of so many bytes was taken, or was not.
    pub(crate) fn snapshot(&self, written_bytes: Option<u64>) {
        let Some(bytes) = written_bytes else {
            self.snapshot_failures.fetch_add(1, Ordering::Relaxed);
            return;
        };
        self.snapshots.fetch_add(1, Ordering::Relaxed);
        self.snapshot_bytes.fetch_add(bytes, Ordering::Relaxed);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.snapshot_at_s.store(now.as_secs(), Ordering::Relaxed);
    }

    /// An offer was acknowledged so long after it was made.
    pub(crate) fn delivered(&self, after_ms: i64) {
        let after = Duration::from_millis(u64::try_from(after_ms).unwrap_or(0));
        self.delivery_seconds.observe(after.as_secs_f64());
    }

    /// A session lost an offer that it had taken.
    pub(crate) fn lost(&self, why: Lost) {
        let place = LOSSES.iter().position(|(known, _)| *known == why);
        if let Some(counter) = place.and_then(|place| self.lost.get(place)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Offers lost by sessions, by why.
    pub(crate) fn losses(&self) -> impl Iterator<Item = (&'static str, u64)> {
        LOSSES.iter().zip(&self.lost).map(|((_, word), count)| (*word, count.load(Ordering::Relaxed)))
    }

    /// Plain counters: name, help, value.
    pub(crate) fn counters(&self) -> [(&'static str, &'static str, u64); 5] {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        [
            ("commit_failures", "Groups that could not be made durable", of(&self.commit_failures)),
            (
                "store_failures",
                "Times that the store failed and had to be opened again",
                of(&self.store_failures),
            ),
            ("snapshots", "Snapshots taken", of(&self.snapshots)),
            ("snapshot_failures", "Snapshots that could not be taken", of(&self.snapshot_failures)),
            ("snapshot_written_bytes", "Bytes written for snapshots", of(&self.snapshot_bytes)),
        ]
    }

    /// When the last snapshot was taken, in seconds since 1970; 0 before the first.
    pub(crate) fn snapshot_at_s(&self) -> u64 {
        self.snapshot_at_s.load(Ordering::Relaxed)
    }
}
