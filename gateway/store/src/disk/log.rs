//! The log: sled, one record a group commit.
//!
//! `flush` of sled 0.34 is `sync_file_range`, which survives a killed process but not a power cut, so every commit ends
//! with our own `fdatasync`. A value of more than a quarter of sled's segment goes into a file of its own that is never
//! synced; the same happens to a whole leaf when it is rewritten. Hence the large segments and the small parts: a leaf of
//! them stays inside the one file that is synced.
//!
//! Whatever does not fit is an error with the place in it; nothing is skipped. It knows nothing of states.
//! Before: record.rs. Next: disk/snapshot.rs, which makes its beginning superfluous.

use std::fmt::Display;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sled::IVec;
use turnpage_gateway_core::Batch;

use super::files::{Act, Files};
use crate::record::{self, Damage, FORMAT};
use crate::{Error, Sequence};

/// sled's segment: a quarter of it must hold a full leaf, 17 parts of [`record::PART_BYTES_MAX`].
const SEGMENT_BYTES: usize = 8 * 1024 * 1024;
/// What sled may keep in memory; the log is written once and read at restart, so little is gained by more.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;
/// Keys removed at a time, so that a commit never waits long behind them.
const TRIM_KEYS: usize = 64;

/// How long a lock may take to be let go of; longer, and another process holds it.
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// How often the lock is tried meanwhile.
const LOCK_LOOK_EVERY: Duration = Duration::from_millis(20);

/// The log of one directory.
#[derive(Clone)]
pub(super) struct Log {
    /// The data directory, for messages.
    dir: PathBuf,
    db: sled::Db,
    /// sled's one file, for the sync that `flush` is not.
    file: Arc<File>,
    files: Files,
}

/// A commit of the log.
pub(super) struct Commit<'a> {
    pub(super) at: Sequence,
    pub(super) batch: Batch,
    pub(super) payload: &'a [u8],
    /// What it takes in the log.
    pub(super) bytes: u64,
}

/// Takes a commit.
pub(super) type Visit<'a, T> = &'a mut dyn FnMut(Commit<'_>) -> Result<T, Error>;

/// A part of a commit, as it lies in the log.
pub(super) struct Part<'a> {
    pub(super) number: u64,
    pub(super) index: u16,
    /// How many parts the commit has.
    pub(super) count: u16,
    /// The format of its record.
    pub(super) format: u8,
    pub(super) bytes: &'a [u8],
}

impl Log {
    /// Opens the log in `dir`, or makes it.
    pub(super) fn open(dir: &Path, files: Files) -> Result<Self, Error> {
        let config = sled::Config::new()
            .path(dir.join("log"))
            .segment_size(SEGMENT_BYTES)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(None);
        let db = open_sled(dir, &config)?;
        let io = |source| Error::Io { action: "open the log", path: dir.to_owned(), source };
        let file = File::options().read(true).write(true).open(dir.join("log").join("db")).map_err(io)?;
        files.sync_dir(&dir.join("log")).and_then(|()| files.sync_dir(dir)).map_err(io)?;
        Ok(Self { dir: dir.to_owned(), db, file: Arc::new(file), files })
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes a commit and makes it durable, all of it or none. Returns what it takes in the log.
    pub(super) fn append(&self, sequence: Sequence, payload: &[u8]) -> Result<u64, Error> {
        self.ask(Act::Append, "write the log")?;
        let bytes = self.put(sequence, payload)?;
        self.ask(Act::SyncLog, "write the log")?;
        self.sync()?;
        Ok(bytes)
    }

    /// Writes a commit, all of it or none. Returns what it takes in the log.
    pub(super) fn put(&self, sequence: Sequence, payload: &[u8]) -> Result<u64, Error> {
        let too_large = || Error::Encode { sequence, source: postcard::Error::SerializeBufferFull };
        let record = record::pack(payload).ok_or_else(too_large)?;
        let parts = record::parts(sequence.0, &record).ok_or_else(too_large)?;
        let mut batch = sled::Batch::default();
        for (key, value) in parts {
            batch.insert(&key, value);
        }
        self.db.apply_batch(batch).map_err(|error| from_sled(&self.dir, "write the log", error))?;
        Ok(record.len() as u64)
    }

    /// Makes everything written so far survive a power cut.
    pub(super) fn sync(&self) -> Result<(), Error> {
        let flushed = self.db.flush().map(drop);
        let synced = flushed.and_then(|()| Ok(self.file.sync_data()?));
        synced.map_err(|error| from_sled(&self.dir, "write the log", error))
    }

    fn ask(&self, act: Act, action: &'static str) -> Result<(), Error> {
        self.files.ask(act).map_err(|source| Error::Io { action, path: self.dir.clone(), source })
    }

    /// The first and the last commit in it.
    pub(super) fn ends(&self) -> Result<Option<(Sequence, Sequence)>, Error> {
        let (first, last) = (self.db.iter().keys().next(), self.db.iter().keys().next_back());
        let Some((first, last)) = first.zip(last) else { return Ok(None) };
        Ok(Some((self.number(&self.checked(first)?)?, self.number(&self.checked(last)?)?)))
    }

    pub(super) fn number(&self, key: &[u8]) -> Result<Sequence, Error> {
        let (number, _) = record::place(key).ok_or_else(|| self.corrupt("the log has a key that is none"))?;
        Ok(Sequence(number))
    }

    /// Hands out the commits `from..=through`, until `visit` returns false. Nothing between
    /// two commits may be missing, but the log may begin later.
    pub(super) fn commits(
        &self,
        from: Sequence,
        through: Sequence,
        visit: Visit<'_, bool>,
    ) -> Result<(), Error> {
        let mut record = Vec::new();
        self.parts(from, through, &mut |part| {
            if part.index == 0 {
                record.clear();
            }
            record.extend_from_slice(part.bytes);
            if part.index + 1 < part.count {
                return Ok(true);
            }
            let damaged = |what: &dyn Display| self.corrupt(&format!("commit {}: {what}", part.number));
            let payload =
                record::unpack(part.format, &record).ok_or_else(|| damaged(&"it cannot be unpacked"))?;
            let batch = Batch::from_bytes(&payload).map_err(|error| damaged(&error))?;
            let (at, bytes) = (Sequence(part.number), record.len() as u64);
            visit(Commit { at, batch, payload: &payload, bytes })
        })
    }

    /// Hands out the commits `from..=through`, every one of them.
    pub(super) fn every(&self, from: Sequence, through: Sequence, visit: Visit<'_, ()>) -> Result<(), Error> {
        let mut due = from;
        self.commits(from, through, &mut |commit| {
            if commit.at != due {
                return Err(self.missing(due.0, 0));
            }
            due.0 += 1;
            visit(commit).map(|()| true)
        })?;
        if due.0 == through.0 + 1 { Ok(()) } else { Err(self.missing(due.0, 0)) }
    }

    /// Hands out the parts of the commits `from..=through`, until `visit` returns false. Whole commits, without a gap.
    pub(super) fn parts(
        &self,
        from: Sequence,
        through: Sequence,
        visit: &mut dyn FnMut(Part<'_>) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        // The part that has to come now, once the first has been seen.
        let mut due: Option<(u64, u16)> = None;
        for found in self.db.range(record::key(from.0, 0)..=record::key(through.0, u16::MAX)) {
            let (key, value) = self.checked(found)?;
            let part = self.part(&key, &value)?;
            let (number, index) = due.unwrap_or((part.number, 0));
            if (part.number, part.index) != (number, index) {
                return Err(self.missing(number, index));
            }
            let whole = part.index + 1 >= part.count;
            due = Some(if whole { (number + 1, 0) } else { (number, index + 1) });
            if !visit(part)? {
                return Ok(());
            }
        }
        match due {
            Some((number, index)) if index > 0 => Err(self.missing(number, index)),
            _ => Ok(()),
        }
    }

    /// Every part from a commit on, as it is.
    pub(super) fn from(&self, first: Sequence) -> impl Iterator<Item = sled::Result<(IVec, IVec)>> + '_ {
        self.db.range(record::key(first.0, 0)..)
    }

    /// Takes a part apart.
    pub(super) fn part<'a>(&self, key: &[u8], value: &'a [u8]) -> Result<Part<'a>, Error> {
        let (number, index) =
            record::place(key).ok_or_else(|| self.corrupt("the log has a key that is none"))?;
        let record::Opened { format, count, bytes } = record::open(key, value).map_err(|damage| {
            let what = format!("commit {number}");
            match damage {
                Damage::Format(found) => Error::Version { what, found, known: FORMAT },
                Damage::Checksum => self.corrupt(&format!("the checksum of {what} does not fit")),
                Damage::Short => self.corrupt(&format!("{what} is cut short")),
            }
        })?;
        Ok(Part { number, index, count, format, bytes })
    }

    /// Removes the commits before `before`; returns how many parts that were.
    pub(super) fn trim(&self, before: Sequence) -> Result<u64, Error> {
        let failed = |error| from_sled(&self.dir, "trim the log", error);
        let mut removed = 0;
        loop {
            self.ask(Act::Trim, "trim the log")?;
            let mut batch = sled::Batch::default();
            let mut keys = 0;
            for key in self.db.range(record::key(0, 0)..record::key(before.0, 0)).keys().take(TRIM_KEYS) {
                batch.remove(key.map_err(failed)?);
                keys += 1;
            }
            if keys == 0 {
                return Ok(removed);
            }
            self.db.apply_batch(batch).map_err(failed)?;
            removed += keys;
        }
    }

    fn missing(&self, number: u64, index: u16) -> Error {
        self.corrupt(&match index {
            0 => format!("commit {number} is missing"),
            _ => format!("part {index} of commit {number} is missing"),
        })
    }

    fn checked<T>(&self, found: sled::Result<T>) -> Result<T, Error> {
        found.map_err(|error| from_sled(&self.dir, "read the log", error))
    }

    pub(super) fn corrupt(&self, what: &str) -> Error {
        Error::Corrupt { path: self.dir.clone(), what: what.to_owned() }
    }

    #[cfg(test)]
    pub(super) fn tree_for_test(&self) -> &sled::Tree {
        &self.db
    }
}

/// Opens sled, waiting for a lock that is being let go of: a store that was dropped a moment ago, in this process, is
/// still held by sled's own threads until they have finished what they were doing.
fn open_sled(dir: &Path, config: &sled::Config) -> Result<sled::Db, Error> {
    let deadline = Instant::now() + LOCK_WAIT;
    loop {
        // sled panics on some damaged files; that is an answer, not a reason to fall.
        let opened = catch_unwind(AssertUnwindSafe(|| config.open()))
            .unwrap_or_else(|_| Err(sled::Error::Corruption { at: None, bt: () }))
            .map_err(|error| from_sled(dir, "open the log", error));
        match opened {
            Err(Error::Locked { .. }) if Instant::now() < deadline => std::thread::sleep(LOCK_LOOK_EVERY),
            opened => return opened,
        }
    }
}

fn from_sled(dir: &Path, action: &'static str, error: sled::Error) -> Error {
    let path = dir.to_owned();
    match error {
        sled::Error::Io(source) if source.to_string().contains("could not acquire lock") => {
            Error::Locked { path }
        }
        sled::Error::Io(source) => Error::Io { action, path, source },
        sled::Error::Corruption { .. } => Error::Corrupt { path, what: format!("cannot {action}") },
        other => Error::Corrupt { path, what: format!("cannot {action}: {other}") },
    }
}
