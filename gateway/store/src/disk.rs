//! The store that remembers: sled used as a log, one record a group commit.
//!
//! One tree, because two trees written by separate batches are not atomic. `flush` of sled 0.34 is
//! `sync_file_range`, which survives a killed process but not a power cut, so every commit ends with our own
//! `fdatasync`. A value of more than a quarter of sled's segment goes into a file of its own that is never synced; the
//! same happens to a whole leaf when it is rewritten. Hence the large segments and the small parts: a leaf of them
//! stays inside the one file that is synced.
//!
//! sled takes a damaged end of its file for an unfinished write and drops it without a word. So the number of the last
//! acknowledged commit is also kept beside it, in `last`: written after the sync, never ahead of the log, it tells a
//! lost tail from one that was never promised.
//!
//! Before: record.rs. Next: disk/snapshot.rs, which keeps restarts short.

mod reader;
mod snapshot;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use turnpage_gateway_core::Batch;

use crate::record::{self, Kind, Place};
use crate::{Error, Recovered, Sequence, SnapshotJob, Store};
use reader::Reader;

/// sled's segment: a quarter of it must hold a full leaf, 17 parts of [`record::PART_BYTES_MAX`].
const SEGMENT_BYTES: usize = 8 * 1024 * 1024;
/// What sled may keep in memory; the log is written once and read at restart, so little is gained by more.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// How long a lock may take to be let go of; longer, and another process holds it.
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// How often the lock is tried meanwhile.
const LOCK_LOOK_EVERY: Duration = Duration::from_millis(20);

/// How a store on disk behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// Commits that stay readable after a snapshot made them superfluous, for replay and for why.
    pub records_kept: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { records_kept: 10_000 }
    }
}

/// A store in a directory.
pub struct Disk {
    db: sled::Db,
    reader: Reader,
    /// sled's one file, for the sync that `flush` is not.
    file: File,
    /// The number of the last acknowledged commit.
    witness: File,
    last: Sequence,
    /// Bytes of commits since the store was made or opened, and of those, what the newest snapshot covers.
    written: Arc<AtomicU64>,
    covered: Arc<AtomicU64>,
    options: Options,
    /// Held while something is removed, so that nobody reads along a log that is being trimmed.
    trimming: Arc<Mutex<()>>,
    /// A commit failed: what reached the disk is unknown.
    stopped: bool,
}

impl Disk {
    /// Opens the store in `dir`, or makes it.
    ///
    /// # Errors
    /// When the directory is locked by another process, cannot be used, or holds something damaged.
    pub fn open(dir: &Path, options: Options) -> Result<Self, Error> {
        let io = |action| move |source| Error::Io { action, path: dir.to_owned(), source };
        std::fs::create_dir_all(dir).map_err(io("make a directory"))?;
        let config = sled::Config::new()
            .path(dir.join("log"))
            .segment_size(SEGMENT_BYTES)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(None);
        let db = open_log(dir, &config)?;
        let open =
            |path: PathBuf| File::options().read(true).write(true).create(true).truncate(false).open(path);
        let file = open(dir.join("log").join("db")).map_err(io("open the log"))?;
        let witness = open(dir.join("last")).map_err(io("open `last`"))?;
        let reader = Reader::new(dir.to_owned(), (*db).clone());
        let last = reader.last()?;
        let promised = read_witness(&witness).map_err(io("read `last`"))?;
        if promised > last {
            let what = format!("commit {promised} was acknowledged, and the log ends at {last}");
            return Err(Error::Corrupt { path: dir.to_owned(), what });
        }
        let (written, covered, trimming) = Default::default();
        Ok(Self { db, reader, file, witness, last, written, covered, options, trimming, stopped: false })
    }

    fn append(&mut self, sequence: Sequence, batch: &Batch) -> Result<(), Error> {
        let payload = batch.to_bytes().map_err(|source| Error::Encode { sequence, source })?;
        let place = Place { kind: Kind::Commit, number: sequence.0, index: 0 };
        let parts = record::parts(place, &payload)
            .ok_or(Error::Encode { sequence, source: postcard::Error::SerializeBufferFull })?;
        self.reader.put(parts)?;
        sync(&self.db, &self.file).map_err(|error| from_sled(self.reader.dir(), "write the log", error))?;
        // Not synced: it may lag behind after a power cut and then promises less, which is safe.
        let io = |source| Error::Io { action: "write `last`", path: self.reader.dir().to_owned(), source };
        self.witness.write_all_at(&witness_bytes(sequence), 0).map_err(io)?;
        self.written.fetch_add(payload.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}

/// Opens sled, waiting for a lock that is being let go of: a store that was dropped a moment ago, in this process, is
/// still held by sled's own threads until they have finished what they were doing.
fn open_log(dir: &Path, config: &sled::Config) -> Result<sled::Db, Error> {
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

impl Store for Disk {
    fn commit(&mut self, batch: &Batch) -> Result<Sequence, Error> {
        if self.stopped {
            return Err(Error::Stopped);
        }
        let sequence = Sequence(self.last.0 + 1);
        let appended = self.append(sequence, batch);
        self.stopped = appended.is_err();
        appended?;
        self.last = sequence;
        Ok(sequence)
    }

    fn recover(&mut self) -> Result<Recovered, Error> {
        let _held = self.trimming.lock().unwrap_or_else(PoisonError::into_inner);
        let (recovered, tail_bytes) = self.reader.fold(self.last)?;
        self.written.store(tail_bytes, Ordering::Relaxed);
        self.covered.store(0, Ordering::Relaxed);
        Ok(recovered)
    }

    fn log(&self, from: Sequence, visit: &mut dyn FnMut(Sequence, Batch) -> bool) -> Result<(), Error> {
        let _held = self.trimming.lock().unwrap_or_else(PoisonError::into_inner);
        self.reader.commits(from, self.last, &mut |at, batch, _| visit(at, batch)).map(drop)
    }

    fn snapshot(&self) -> SnapshotJob {
        let job = snapshot::Job {
            db: self.db.clone(),
            file: self.file.try_clone(),
            reader: self.reader.clone(),
            through: self.last,
            records_kept: self.options.records_kept,
        };
        let (covers, covered) = (self.written.load(Ordering::Relaxed), Arc::clone(&self.covered));
        let trimming = Arc::clone(&self.trimming);
        Box::new(move || {
            let _held = trimming.lock().unwrap_or_else(PoisonError::into_inner);
            let snapshot = job.run()?;
            covered.fetch_max(covers, Ordering::Relaxed);
            Ok(snapshot)
        })
    }

    fn tail_bytes(&self) -> u64 {
        self.written.load(Ordering::Relaxed).saturating_sub(self.covered.load(Ordering::Relaxed))
    }
}

/// Makes everything written so far survive a power cut.
fn sync(db: &sled::Db, file: &File) -> Result<(), sled::Error> {
    db.flush()?;
    Ok(file.sync_data()?)
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

/// Sequence and checksum, small enough to be written whole or not at all.
fn witness_bytes(sequence: Sequence) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&sequence.0.to_le_bytes());
    let crc = crc32fast::hash(&bytes[..8]);
    bytes[8..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// What was promised; nothing when the file is new or was itself damaged, because it is only a second opinion.
fn read_witness(file: &File) -> std::io::Result<Sequence> {
    let mut bytes = [0; 12];
    let length = file.read_at(&mut bytes, 0)?;
    let mut number = [0; 8];
    number.copy_from_slice(&bytes[..8]);
    let sequence = Sequence(u64::from_le_bytes(number));
    let intact = length == bytes.len() && bytes == witness_bytes(sequence);
    if length > 0 && !intact {
        tracing::warn!("the file `last` of the store is damaged; the log is checked without it");
    }
    Ok(if intact { sequence } else { Sequence(0) })
}

#[cfg(test)]
mod tests;
