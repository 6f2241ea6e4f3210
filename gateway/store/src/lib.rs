//! What a commit writes and a restart reads: one trait of few methods, in memory and on disk.
//!
//! It knows nothing about what a batch means beyond that batches fold into a state, and never acts on one. Before:
//! gateway/core, whose `plan` makes the batch. Next: gateway/server, which acknowledges once a commit has returned.

pub mod backup;
mod block;
pub mod disk;
mod entry;
pub mod error;
pub mod memory;
mod record;
mod run;
pub mod upkeep;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use turnpage_gateway_core::{Batch, State};

pub use disk::Disk;
pub use error::Error;
pub use memory::Memory;
pub use upkeep::{BackedUp, Progress, StateDigest, Upkeep, Verified};

/// The place of a commit in the log: 1 for the first, without gaps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Sequence(pub u64);

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What a restart begins with.
#[derive(Debug, Default)]
pub struct Recovered {
    /// The pipeline's whole state after [`Self::last`].
    pub state: State,
    /// The last commit that is in it; 0 for a new store.
    pub last: Sequence,
    /// How many commits were folded in after the snapshot: what the restart cost.
    pub replayed: u64,
}

/// A snapshot that was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    /// The last commit that is in it.
    pub through: Sequence,
    /// Bytes that it took to write, merging included.
    pub written_bytes: u64,
    /// Layers that it is made of now.
    pub layers: usize,
    /// Parts of the log that were too old or too much, and were removed.
    pub trimmed: u64,
}

/// A snapshot to be taken: run it on whatever thread has time, while commits go on.
pub type SnapshotJob = Box<dyn FnOnce() -> Result<Snapshot, Error> + Send>;

/// The log of everything that was admitted and decided, and the state it folds into.
///
/// One writer. After an error from [`Store::commit`] the store takes no more commits: what reached the disk is
/// unknown, so the only honest way on is to open it again and recover.
pub trait Store: Send {
    /// Appends one group of messages. When it returns `Ok` the whole batch survives a power cut; when it returns an
    /// error, none of it may be acknowledged.
    ///
    /// # Errors
    /// When it could not be written or made durable.
    fn commit(&mut self, batch: &Batch) -> Result<Sequence, Error>;

    /// The state after the last commit: the newest complete snapshot with every later commit folded in.
    ///
    /// # Errors
    /// When anything that was committed is missing or damaged, with what to do about it.
    fn recover(&mut self) -> Result<Recovered, Error>;

    /// Hands each kept commit from `from` on to `visit`, in order, until `visit` returns false: the log, for replay
    /// and for why.
    ///
    /// # Errors
    /// When a record is damaged. Records that a snapshot made superfluous may be gone; that is no error.
    fn log(&self, from: Sequence, visit: &mut dyn FnMut(Sequence, Batch) -> bool) -> Result<(), Error>;

    /// Prepares a snapshot of everything committed so far. It reads the log and not the pipeline, so that taking it
    /// stalls nobody.
    fn snapshot(&self) -> SnapshotJob;

    /// Whether a restart would have to read so much of the log that it is time for a snapshot.
    fn snapshot_is_due(&self) -> bool;

    /// The same store, for those who look after it while it is committed to.
    fn upkeep(&self) -> Arc<dyn Upkeep>;
}
