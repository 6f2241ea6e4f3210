//! What is done to a store beside committing to it: looking it over, tidying it up, taking it elsewhere.
//!
//! All of it goes on beside commits and from any thread. Before: lib.rs. Next: backup.rs, disk/verify.rs.

use std::fmt;
use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::{Error, Sequence, Snapshot};

/// How far long work is, in bytes; the total is an estimate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Bytes read or written so far.
    pub done: u64,
    /// Bytes that there are to be, roughly.
    pub total: u64,
}

/// Hears how far long work is.
pub type Hear<'a> = &'a mut dyn FnMut(Progress);

/// A store, for those who look after it.
pub trait Upkeep: Send + Sync {
    /// Reads everything that is there and says what is damaged, and where.
    ///
    /// # Errors
    /// When there is no telling, because the store cannot be read at all.
    fn verify(&self, progress: Hear<'_>) -> Result<Verified, Error>;

    /// Makes the snapshot as small as it can be, and lets go of the log that is not to be kept.
    ///
    /// # Errors
    /// When it could not be written; the store is then as it was.
    fn compact(&self, progress: Hear<'_>) -> Result<Snapshot, Error>;

    /// Writes all that was acknowledged when it began, the kept log included, as one file.
    ///
    /// # Errors
    /// When something is damaged or could not be written. What was written until then is no backup and is not taken
    /// for one.
    fn backup(&self, out: &mut dyn Write, progress: Hear<'_>) -> Result<BackedUp, Error>;
}

/// What was found.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Verified {
    /// Commits in the log, and entries in the snapshot's layers, that are whole.
    pub commits: u64,
    /// See [`Self::commits`].
    pub entries: u64,
    /// The last commit.
    pub last: Sequence,
    /// The state after it; `None` when something is damaged.
    pub state: Option<StateDigest>,
    /// What is damaged, and where: a sentence each. Cut at [`FINDINGS_MAX`].
    pub findings: Vec<String>,
}

/// Damages that are told of one by one; a disk that has more is to be replaced, not read about.
pub const FINDINGS_MAX: usize = 1_000;

/// What a backup holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BackedUp {
    /// The last commit in it.
    pub last: Sequence,
    /// How many commits of the log.
    pub commits: u64,
    /// Its size.
    pub bytes: u64,
    /// The state after [`Self::last`]: a store with this digest goes on like the one that was backed up.
    pub state: StateDigest,
}

/// SHA-256 of a state's entries. Equal digests, equal states.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StateDigest(pub [u8; 32]);

impl fmt::Display for StateDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
