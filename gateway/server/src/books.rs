//! The gateway's books: what became of offers, counted as it is committed, and kept over restarts.
//!
//! Counts are made of the log and nothing else, so that they are lost with nothing and never count twice: each save says
//! through which commit it goes, and the next start reads the log from there. What is older than the log that is kept is in
//! the save alone; a save that is damaged is told of and begun anew from the log. The committer only leaves
//! lines in a tray; whoever looks at the books enters them first. Before: shard/commit.rs. Next: http/report.rs, control.rs.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use turnpage_gateway_core::{Batch, DecisionRecord, LedgerLine, Timestamp};
use turnpage_gateway_report::Ledger;
use turnpage_gateway_store::{Sequence, Store};

/// The file in the data directory, and what it is written as before it takes the former's place.
const FILE: &str = "books";
const NEXT: &str = "books.next";
/// What it begins with: a name, and the version of what follows the checksum.
const MAGIC: [u8; 8] = *b"tpbooks\x02";
const DIGEST_BYTES: usize = 32;
/// Commits in the tray from which on the committer enters them itself.
const ENTER_FROM: usize = 256;
/// Commits in the tray at most: then it waits for whoever looks.
const TRAY_MAX: usize = 8_192;

/// The books.
#[derive(Debug, Default)]
pub struct Books {
    /// Where they are kept; nowhere for a store in memory.
    dir: Option<PathBuf>,
    tray: Mutex<Tray>,
    entered: Mutex<Entered>,
}

#[derive(Debug, Default)]
struct Tray {
    lines: Vec<Lines>,
    /// The last commit that was seen.
    through: Sequence,
}

/// What a commit says of offers.
#[derive(Debug)]
struct Lines {
    now: Timestamp,
    decisions: Vec<DecisionRecord>,
    ledger: Vec<LedgerLine>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Entered {
    through: u64,
    ledger: Ledger,
}

impl Books {
    /// Those of a data directory, as they were last saved.
    #[must_use]
    pub fn open(dir: Option<&Path>) -> Self {
        let entered = dir.map_or_else(|| Ok(Entered::default()), read).unwrap_or_else(|error| {
            tracing::warn!("the books of offers cannot be read and are begun anew from the log: {error}");
            Entered::default()
        });
        let tray = Tray { lines: Vec::new(), through: Sequence(entered.through) };
        Self { dir: dir.map(Path::to_owned), tray: Mutex::new(tray), entered: Mutex::new(entered) }
    }

    /// Enters what a store that was opened holds and the books do not.
    pub fn begin(&self, store: &dyn Store, last: Sequence) {
        let mut entered = self.enter();
        if entered.through > last.0 {
            tracing::warn!("the books of offers are of another log than this one and are begun anew");
            *entered = Entered::default();
        }
        let known = entered.through;
        if known == last.0 {
            return;
        }
        let mut begun = false;
        let read = store.log(Sequence(known + 1), &mut |at, batch| {
            if !begun && known > 0 && at.0 > known + 1 {
                tracing::warn!(
                    from = known,
                    to = at.0,
                    "the log no longer has what the books of offers lack"
                );
            }
            begun = true;
            entered.ledger.absorb(batch.now, &batch.decisions, &batch.ledger, |_| {});
            at < last
        });
        if let Err(error) = read {
            tracing::warn!("the books of offers miss what the log cannot tell: {error}");
        }
        entered.through = last.0;
        lock(&self.tray).through = last;
    }

    /// A commit is durable. The first time that is said of it counts. Said before it is acknowledged, so that who was answered is counted.
    pub(crate) fn committed(&self, at: Sequence, batch: &mut Batch) {
        let mut tray = lock(&self.tray);
        if at <= tray.through {
            return;
        }
        tray.through = at;
        if !batch.ledger.is_empty() {
            let (decisions, ledger) = (mem::take(&mut batch.decisions), mem::take(&mut batch.ledger));
            tray.lines.push(Lines { now: batch.now, decisions, ledger });
        }
    }

    /// Enters what waits once it is much, where nobody looks at the books just then.
    pub(crate) fn keep_up(&self) {
        let waiting = lock(&self.tray).lines.len();
        if waiting >= TRAY_MAX {
            drop(self.enter());
        } else if waiting >= ENTER_FROM
            && let Ok(mut entered) = self.entered.try_lock()
        {
            self.empty_tray(&mut entered);
        }
    }

    /// Looks at the books as they are now.
    pub fn look<T>(&self, at: impl FnOnce(&Ledger) -> T) -> T {
        at(&self.enter().ledger)
    }

    /// Saves them. Blocks.
    pub(crate) fn save(&self) {
        let Some(dir) = &self.dir else { return };
        // Plain data to memory: there is nothing that could fail.
        let bytes = postcard::to_stdvec(&*self.enter()).unwrap_or_default();
        if let Err(error) = write(dir, &bytes) {
            tracing::warn!(
                "the books of offers are not saved, the next start reads more of the log: {error}"
            );
        }
    }

    /// The books with everything in them that was committed.
    fn enter(&self) -> MutexGuard<'_, Entered> {
        let mut entered = lock(&self.entered);
        self.empty_tray(&mut entered);
        entered
    }

    fn empty_tray(&self, entered: &mut Entered) {
        let (lines, through) = {
            let mut tray = lock(&self.tray);
            (mem::take(&mut tray.lines), tray.through)
        };
        for Lines { now, decisions, ledger } in lines {
            entered.ledger.absorb(now, &decisions, &ledger, |_| {});
        }
        entered.through = through.0;
    }
}

/// What was saved; nothing where nothing was.
fn read(dir: &Path) -> io::Result<Entered> {
    let bytes = match fs::read(dir.join(FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Entered::default()),
        bytes => bytes?,
    };
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the file is damaged, or of another version");
    let rest = bytes.strip_prefix(&MAGIC).ok_or_else(damaged)?;
    let (digest, payload) = rest.split_at_checked(DIGEST_BYTES).ok_or_else(damaged)?;
    if Sha256::digest(payload).as_slice() != digest {
        return Err(damaged());
    }
    postcard::from_bytes(payload).map_err(|_| damaged())
}

/// Writes a save beside the former one, and puts it in its place once it is on the disk.
fn write(dir: &Path, payload: &[u8]) -> io::Result<()> {
    let next = dir.join(NEXT);
    let mut file = File::create(&next)?;
    file.write_all(&MAGIC)?;
    file.write_all(&Sha256::digest(payload))?;
    file.write_all(payload)?;
    file.sync_all()?;
    fs::rename(&next, dir.join(FILE))?;
    File::open(dir)?.sync_all()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
