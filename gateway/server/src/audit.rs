//! Who did what to the gateway, in a file that nobody changes unseen: each line holds the SHA-256 of the line before.
//!
//! `audit/log` in the data directory has one JSON object a line, numbered, appended to and synced by a thread of its own, so
//! that no request waits for the disk. Who cuts lines off at the end leaves a whole chain: the head is therefore told at
//! `/api/v1/audit/head` and in `/metrics`, for others to keep. A line that was torn by a crash is taken off at the next
//! start, which says so. It names tokens and fixed words, and no subject, address or secret. Before: gateway.rs, access.rs.
//! Next: audit/chain.rs, which reads it.

mod chain;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

pub use chain::{Broken, Head, Record, verify};
use chain::{Last, last};

/// The folder in the data directory, and the file in it.
const FOLDER: &str = "audit";
const FILE: &str = "log";
/// Lines on their way to the disk: more than people do at once.
const WAITING_MAX: usize = 256;

/// The file of a data directory.
#[must_use]
pub fn file(data: &Path) -> PathBuf {
    data.join(FOLDER).join(FILE)
}

/// What is noted of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum What {
    Started,
    Stopped,
    SignedIn,
    SignedOut,
    Refused,
    Reloaded,
    NotReloaded,
    Healed,
}

impl What {
    fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Stopped => "stopped",
            Self::SignedIn => "signed-in",
            Self::SignedOut => "signed-out",
            Self::Refused => "refused",
            Self::Reloaded => "reloaded",
            Self::NotReloaded => "not-reloaded",
            Self::Healed => "healed",
        }
    }
}

/// What happened: by whom, and more about it.
struct Note {
    at_ms: u64,
    what: What,
    who: String,
    detail: String,
}

/// Where notes are left. Cheap to clone. Without a directory they are dropped.
#[derive(Clone, Default)]
pub(crate) struct Audit(Option<Arc<Desk>>);

struct Desk {
    notes: Mutex<Option<SyncSender<Note>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    head: Arc<Mutex<Head>>,
    lost: Arc<AtomicU64>,
}

impl Audit {
    /// Goes on behind what is there; takes off what a crash has torn.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub(crate) fn open(data: &Path) -> io::Result<Self> {
        let path = file(data);
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let Last { head, whole, torn } = match File::open(&path) {
            Ok(file) => last(file)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Last::default(),
            Err(error) => return Err(error),
        };
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
        file.set_len(whole)?;
        file.sync_all()?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())?;
        let (to, notes) = sync_channel(WAITING_MAX);
        let (head, lost) = (Arc::new(Mutex::new(head)), Arc::<AtomicU64>::default());
        let writer = Writer { file, head: Arc::clone(&head), lost: Arc::clone(&lost) };
        let thread = std::thread::Builder::new().name("audit".to_owned());
        let writer = thread.spawn(move || writer.run(&notes))?;
        let (notes, writer) = (Mutex::new(Some(to)), Mutex::new(Some(writer)));
        let audit = Self(Some(Arc::new(Desk { notes, writer, head, lost })));
        if torn > 0 {
            audit.note(What::Healed, "gateway", format!("{torn} bytes of a torn line were taken off"));
        }
        Ok(audit)
    }

    /// Leaves a note. Never waits; what finds no room is counted as lost.
    pub(crate) fn note(&self, what: What, who: &str, detail: impl Into<String>) {
        let Some(desk) = &self.0 else { return };
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at_ms = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
        let note = Note { at_ms, what, who: who.to_owned(), detail: detail.into() };
        let notes = desk.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.as_ref().is_none_or(|notes| notes.try_send(note).is_err()) {
            desk.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The last line that is on the disk, and how many notes were lost. `None` where nothing is kept.
    pub(crate) fn head(&self) -> Option<(Head, u64)> {
        let desk = self.0.as_ref()?;
        let head = *desk.head.lock().unwrap_or_else(PoisonError::into_inner);
        Some((head, desk.lost.load(Ordering::Relaxed)))
    }

    /// Waits until all of it is on the disk. Blocks. What comes later is lost.
    pub(crate) fn close(&self) {
        let Some(desk) = &self.0 else { return };
        desk.notes.lock().unwrap_or_else(PoisonError::into_inner).take();
        let writer = desk.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if writer.is_some_and(|writer| writer.join().is_err()) {
            tracing::error!("the audit log's thread panicked");
        }
    }
}

/// Writes lines, one at a time.
struct Writer {
    file: File,
    head: Arc<Mutex<Head>>,
    lost: Arc<AtomicU64>,
}

impl Writer {
    fn run(mut self, notes: &Receiver<Note>) {
        for note in notes.iter() {
            if let Err(error) = self.write(note) {
                self.lost.fetch_add(1, Ordering::Relaxed);
                tracing::error!("a line of the audit log is lost: {error}");
            }
        }
    }

    fn write(&mut self, Note { at_ms, what, who, detail }: Note) -> io::Result<()> {
        let before = *self.head.lock().unwrap_or_else(PoisonError::into_inner);
        let (number, after) = (before.number + 1, before.to_string());
        let record = Record { number, at_ms, what: what.as_str().to_owned(), who, detail, after };
        let line = serde_json::to_vec(&record).map_err(io::Error::other)?;
        let begins = self.file.metadata()?.len();
        let written = self.file.write_all(&[&line[..], b"\n"].concat()).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // Half a line would make the next one part of it.
            self.file.set_len(begins)?;
            return Err(error);
        }
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = Head::of(number, &line);
        Ok(())
    }
}

/// All lines of a data directory, as they stand. Nothing where nothing was noted yet.
///
/// # Errors
/// When they cannot be read.
pub fn read(data: &Path) -> io::Result<Vec<u8>> {
    match fs::read(file(data)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read,
    }
}

#[cfg(test)]
mod tests;
