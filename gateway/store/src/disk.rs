//! The store that remembers: a log in sled and a snapshot in files of its own.
//!
//! A commit is one record of the log and one sync. A snapshot is layers of what changed, each a file that is written once,
//! and a manifest that names them; it stays out of sled, because sled would make commits wait for its bytes, keep them in
//! memory, and stop for good when they did not fit on the disk. Before: record.rs. Next: disk/log.rs.

pub(crate) mod files;
mod layer;
mod log;
mod manifest;
mod pace;
mod restore;
mod snapshot;
mod upkeep;
mod verify;
mod witness;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use turnpage_gateway_core::{Batch, Timestamp};

use crate::{Error, Recovered, Sequence, SnapshotJob, Store, Upkeep};
use files::Files;
use log::Log;
use manifest::{Folder, Manifest};
pub use restore::restore;
use snapshot::Merging;
pub use verify::verify;
use witness::Witness;

/// A snapshot is due once a restart would have to read this much of the log, five times that once it is unpacked,
const TAIL_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// or this many commits: either keeps a restart within a few seconds;
const TAIL_COMMITS_MAX: u64 = 20_000;
/// or once an hour of the log's time, so that a quiet venue's log ages too.
const TAIL_MS_MAX: i64 = 60 * 60 * 1000;

/// The file that says that a restored directory is not complete.
const UNFINISHED: &str = "unfinished";

/// How a store on disk behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// How long commits stay readable that a restart does not need any more, for replay and for why, in milliseconds of
    /// the log's time.
    pub log_ms_max: i64,
    /// How many bytes of them.
    pub log_bytes_max: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self { log_ms_max: 14 * 24 * 60 * 60 * 1000, log_bytes_max: 2 * 1024 * 1024 * 1024 }
    }
}

impl Options {
    /// Lets go of nothing: for those who look after a store without knowing how its gateway is set up.
    #[must_use]
    pub fn keep_all() -> Self {
        Self { log_ms_max: i64::MAX, log_bytes_max: u64::MAX }
    }
}

/// Whether there is a store in a directory.
#[must_use]
pub fn is_in(dir: &Path) -> bool {
    dir.join("log").join("db").is_file()
}

/// A store in a directory.
pub struct Disk {
    shared: Arc<Shared>,
    witness: Witness,
    /// A commit failed: what reached the disk is unknown.
    stopped: bool,
}

/// What commits share with what goes on beside them.
struct Shared {
    log: Log,
    folder: Folder,
    options: Options,
    /// The last commit that was acknowledged.
    last: AtomicU64,
    tail: Mutex<Tail>,
    /// The manifest that counts.
    manifest: Mutex<Manifest>,
    /// Held by the one who takes a snapshot.
    taking: Mutex<()>,
    /// From where on somebody reads the log: nothing from there on is removed.
    pins: Mutex<Vec<u64>>,
}

/// The log after the snapshot: what a restart has to read.
#[derive(Clone, Copy, Debug, Default)]
struct Tail {
    commits: u64,
    bytes: u64,
    /// The log's time at its begin and its end.
    since: Option<Timestamp>,
    until: Timestamp,
}

impl Tail {
    fn grew(&mut self, now: Timestamp, bytes: u64) {
        self.commits += 1;
        self.bytes += bytes;
        self.since.get_or_insert(now);
        self.until = now;
    }

    fn covered(&mut self, commits: u64, bytes: u64) {
        self.commits = self.commits.saturating_sub(commits);
        self.bytes = self.bytes.saturating_sub(bytes);
        self.since = (self.commits > 0).then_some(self.until);
    }

    fn is_long(&self) -> bool {
        let age = self.since.map_or(0, |since| self.until.0.saturating_sub(since.0));
        self.commits >= TAIL_COMMITS_MAX || self.bytes >= TAIL_BYTES_MAX || age >= TAIL_MS_MAX
    }
}

/// What is locked stays whole when somebody panics: it is changed in one step, or only counts.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A directory that a backup was never completely restored into is no store.
fn refuse_unfinished(dir: &Path) -> Result<(), Error> {
    if dir.join(UNFINISHED).exists() {
        return Err(Error::Unfinished { path: dir.to_owned() });
    }
    Ok(())
}

impl Disk {
    /// Opens the store in `dir`, or makes it.
    ///
    /// # Errors
    /// When the directory is locked by another process, cannot be used, or holds something damaged.
    pub fn open(dir: &Path, options: Options) -> Result<Self, Error> {
        Self::open_on(dir, options, Files::default())
    }

    fn open_on(dir: &Path, options: Options, files: Files) -> Result<Self, Error> {
        let io = |action| move |source| Error::Io { action, path: dir.to_owned(), source };
        std::fs::create_dir_all(dir).map_err(io("make a directory"))?;
        refuse_unfinished(dir)?;
        let log = Log::open(dir, files.clone())?;
        let folder = Folder::open(dir, files)?;
        let manifest = folder.manifest()?;
        folder.sweep(&manifest)?;
        let witness = Witness::open(dir).map_err(io("open `last`"))?;
        let in_log = log.ends()?.map_or(Sequence(0), |(_, last)| last);
        let last = in_log.max(manifest.through());
        match witness.read().map_err(io("read `last`"))? {
            Some(promised) if promised > last => {
                return Err(
                    log.corrupt(&format!("commit {promised} was acknowledged, and the log ends at {last}"))
                );
            }
            Some(_) => {}
            None => tracing::warn!("the file `last` of the store is damaged; the log is checked without it"),
        }
        let shared = Shared {
            log,
            folder,
            options,
            last: AtomicU64::new(last.0),
            tail: Mutex::default(),
            manifest: Mutex::new(manifest),
            taking: Mutex::default(),
            pins: Mutex::default(),
        };
        Ok(Self { shared: Arc::new(shared), witness, stopped: false })
    }

    fn append(&mut self, sequence: Sequence, batch: &Batch) -> Result<(), Error> {
        let payload = batch.to_bytes().map_err(|source| Error::Encode { sequence, source })?;
        let bytes = self.shared.log.append(sequence, &payload)?;
        let dir = self.shared.log.dir();
        let io = |source| Error::Io { action: "write `last`", path: dir.to_owned(), source };
        self.witness.write(sequence).map_err(io)?;
        held(&self.shared.tail).grew(batch.now, bytes);
        Ok(())
    }
}

impl Store for Disk {
    fn commit(&mut self, batch: &Batch) -> Result<Sequence, Error> {
        if self.stopped {
            return Err(Error::Stopped);
        }
        let sequence = Sequence(self.shared.last().0 + 1);
        let appended = self.append(sequence, batch);
        self.stopped = appended.is_err();
        appended?;
        self.shared.last.store(sequence.0, Ordering::Release);
        Ok(sequence)
    }

    fn recover(&mut self) -> Result<Recovered, Error> {
        let (manifest, last) = (held(&self.shared.manifest).clone(), self.shared.last());
        let mut state = self.shared.folder.state(&manifest.layers)?;
        let mut tail = Tail::default();
        let from = Sequence(manifest.through().0 + 1);
        self.shared.log.every(from, last, &mut |commit| {
            tail.grew(commit.batch.now, commit.bytes);
            state.absorb(commit.batch);
            Ok(())
        })?;
        *held(&self.shared.tail) = tail;
        Ok(Recovered { state, last, replayed: tail.commits })
    }

    fn log(&self, from: Sequence, visit: &mut dyn FnMut(Sequence, Batch) -> bool) -> Result<(), Error> {
        let pin = self.shared.pin();
        let from = from.max(pin.first());
        self.shared.log.commits(from, self.shared.last(), &mut |commit| Ok(visit(commit.at, commit.batch)))
    }

    fn snapshot(&self) -> SnapshotJob {
        let (shared, through) = (Arc::clone(&self.shared), self.shared.last());
        Box::new(move || shared.take(through, Merging::Alike, &mut |_| {}))
    }

    fn snapshot_is_due(&self) -> bool {
        held(&self.shared.tail).is_long()
    }

    fn upkeep(&self) -> Arc<dyn Upkeep> {
        Arc::clone(&self.shared) as Arc<dyn Upkeep>
    }
}

impl Shared {
    fn last(&self) -> Sequence {
        Sequence(self.last.load(Ordering::Acquire))
    }

    /// Keeps the log from where it begins now.
    fn pin(&self) -> Pin<'_> {
        let mut pins = held(&self.pins);
        let first = held(&self.manifest).first;
        pins.push(first);
        Pin { shared: self, first }
    }
}

/// As long as it lives, nothing of the log is removed.
struct Pin<'a> {
    shared: &'a Shared,
    first: u64,
}

impl Pin<'_> {
    /// The first commit that is kept.
    fn first(&self) -> Sequence {
        Sequence(self.first)
    }
}

impl Drop for Pin<'_> {
    fn drop(&mut self) {
        let mut pins = held(&self.shared.pins);
        if let Some(at) = pins.iter().position(|pinned| *pinned == self.first) {
            pins.swap_remove(at);
        }
    }
}

#[cfg(test)]
mod tests;
