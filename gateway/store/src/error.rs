//! What can go wrong with a store, each with what its owner can do about it.
//!
//! It never repairs anything: a damaged log is shown, not patched. Next: record.rs, where damage is noticed.

use std::path::PathBuf;

use crate::Sequence;

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process has the directory open.
    #[error(
        "`{}` is in use by another process; stop that gateway, or give this one a data directory of its own",
        path.display()
    )]
    Locked {
        /// The data directory.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("cannot {action} in `{}`: {source}", path.display())]
    Io {
        /// What was tried, as a verb phrase.
        action: &'static str,
        /// The data directory.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The bytes on disk are not what was written.
    #[error(
        "the store in `{}` is damaged: {what}; keep a copy of the directory, then restore the last backup or start \
         with an empty one",
        path.display()
    )]
    Corrupt {
        /// The data directory.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// The store is of a version that this program does not read.
    #[error(
        "{what} has format {found}, and this program reads up to {known}; use the version of turnpage that wrote it, \
         or a newer one"
    )]
    Version {
        /// Which part has it.
        what: String,
        /// The format found.
        found: u8,
        /// The newest format known here.
        known: u8,
    },
    /// A batch that cannot be encoded.
    #[error("cannot encode commit {sequence}: {source}")]
    Encode {
        /// The commit.
        sequence: Sequence,
        /// Why it failed.
        source: postcard::Error,
    },
    /// A backup was never completely restored into the directory.
    #[error(
        "`{}` holds a backup that was never completely restored; empty the directory and restore again",
        path.display()
    )]
    Unfinished {
        /// The data directory.
        path: PathBuf,
    },
    /// Nothing is restored over something.
    #[error("`{}` is not empty; a backup is only restored into a new or an empty directory", path.display())]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// There is no store in the directory.
    #[error("`{}` holds no store", path.display())]
    NoStore {
        /// The directory.
        path: PathBuf,
    },
    /// A file is no whole backup.
    #[error("this is no whole backup: at byte {at}, {what}")]
    Backup {
        /// Where the block begins that is wrong.
        at: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A backup could not be written.
    #[error("cannot write the backup: {0}")]
    Output(std::io::Error),
    /// The store is a running gateway's, which was asked and says this.
    #[error("the gateway that runs there: {0}")]
    Gateway(String),
    /// An earlier commit failed, so that the end of the log is unknown.
    #[error("the store stopped at an earlier error; open it again to go on")]
    Stopped,
}
