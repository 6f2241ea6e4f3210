//! A backup: one file that holds a store, to be kept elsewhere and to become a store again.
//!
//! Blocks whose checksums build on one another: what it is, the kept log, the snapshot's entries, and at the end how much
//! that was and the digest of the state. A file without its end is no backup. It is versioned apart from the store, so
//! that a store of another make can be backed up and restored likewise. Before: run.rs. Next: disk/restore.rs.

use std::io::{Read, Write};

use serde::{Deserialize, Serialize};
use turnpage_gateway_core::{Batch, Timestamp};

use crate::block::{self, Damage};
use crate::entry::{self, Delta, Digest, Entry};
use crate::record::PART_BYTES_MAX;
use crate::upkeep::{BackedUp, Hear, Progress, StateDigest};
use crate::{Error, Sequence, run};

/// The format of what this version writes. Appended to, never changed in meaning.
const FORMAT: u8 = 2;
/// What the first block begins with, so that a file of something else is told as such.
const MAGIC: [u8; 8] = *b"turnpage";
/// The kinds of blocks.
const HEAD: u8 = b'b';
const COMMIT: u8 = b'c';
const COMMIT_GOES_ON: u8 = b'+';
const END: u8 = b'.';

/// What a backup says about itself. Magic and format first, for ever.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Head {
    magic: [u8; 8],
    format: u8,
    /// The last commit that is in the entries,
    pub(crate) through: u64,
    /// and the log's time after it.
    pub(crate) until: Timestamp,
    /// The first and the last commit of the log; none, when the first is the one after the last.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// How large it will be, roughly.
    pub(crate) bytes: u64,
}

impl Head {
    pub(crate) fn new(through: Sequence, until: Timestamp, first: u64, last: u64, bytes: u64) -> Self {
        Self { magic: MAGIC, format: FORMAT, through: through.0, until, first, last, bytes }
    }

    fn is_sound(&self) -> bool {
        let first = self.first >= 1 && self.first <= self.through.saturating_add(1);
        self.magic == MAGIC && first && self.through <= self.last && self.last < u64::MAX
    }
}

/// What the last block says.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct End {
    entries: u64,
    commits: u64,
    state: StateDigest,
}

/// Writes a backup: the log's commits, then the entries.
pub(crate) struct Writer<'a> {
    out: block::Writer<&'a mut dyn Write>,
    run: run::Writer,
    head: Head,
    commits: u64,
    progress: Hear<'a>,
}

impl<'a> Writer<'a> {
    pub(crate) fn begin(out: &'a mut dyn Write, head: Head, progress: Hear<'a>) -> Result<Self, Error> {
        assert!(head.is_sound(), "a log that a snapshot and its tail can come from");
        let mut out = block::Writer::new(out);
        put(&mut out, HEAD, &head)?;
        Ok(Self { out, run: run::Writer::default(), head, commits: 0, progress })
    }

    /// The next commit of the log.
    pub(crate) fn commit(&mut self, sequence: Sequence, payload: &[u8]) -> Result<(), Error> {
        assert_eq!(sequence.0, self.head.first + self.commits, "the log has no gaps");
        let mut pieces = payload.chunks(PART_BYTES_MAX).peekable();
        while let Some(piece) = pieces.next() {
            let kind = if pieces.peek().is_some() { COMMIT_GOES_ON } else { COMMIT };
            self.out.put(kind, piece).map_err(Error::Output)?;
        }
        self.commits += 1;
        self.told();
        Ok(())
    }

    /// The next entry of the snapshot.
    pub(crate) fn entry(&mut self, entry: Entry<'_>) -> Result<(), Error> {
        let before = self.out.bytes();
        self.run.push(&mut self.out, entry).map_err(Error::Output)?;
        if self.out.bytes() > before {
            self.told();
        }
        Ok(())
    }

    fn told(&mut self) {
        let done = self.out.bytes();
        (self.progress)(Progress { done, total: self.head.bytes.max(done) });
    }

    /// Ends it: only now it is a backup.
    pub(crate) fn end(mut self, state: StateDigest) -> Result<BackedUp, Error> {
        let entries = self.run.finish(&mut self.out).map_err(Error::Output)?;
        assert_eq!(self.head.first + self.commits, self.head.last + 1, "the whole log");
        put(&mut self.out, END, &End { entries, commits: self.commits, state })?;
        self.out.get_mut().flush().map_err(Error::Output)?;
        let bytes = self.out.bytes();
        Ok(BackedUp { last: Sequence(self.head.last), commits: self.commits, bytes, state })
    }
}

fn put(out: &mut block::Writer<&mut dyn Write>, kind: u8, value: &impl Serialize) -> Result<(), Error> {
    let payload = postcard::to_stdvec(value).map_err(|error| Error::Output(std::io::Error::other(error)))?;
    out.put(kind, &payload).map_err(Error::Output)
}

/// Who takes what a backup holds, in the order in which it lies there.
pub(crate) trait Taker {
    fn begin(&mut self, head: &Head) -> Result<(), Error>;
    fn commit(&mut self, sequence: Sequence, batch: &Batch, payload: &[u8]) -> Result<(), Error>;
    fn entry(&mut self, entry: Entry<'_>) -> Result<(), Error>;
}

/// Reads a backup and holds it against itself: every checksum, every commit, every entry, and that the log folded over
/// the entries makes the state that was backed up. Keeps nothing.
///
/// # Errors
/// [`Error::Backup`] when it is anything but a whole backup of a version that is known.
pub fn verify(input: impl Read, progress: Hear<'_>) -> Result<BackedUp, Error> {
    struct Nobody;
    impl Taker for Nobody {
        fn begin(&mut self, _: &Head) -> Result<(), Error> {
            Ok(())
        }
        fn commit(&mut self, _: Sequence, _: &Batch, _: &[u8]) -> Result<(), Error> {
            Ok(())
        }
        fn entry(&mut self, _: Entry<'_>) -> Result<(), Error> {
            Ok(())
        }
    }
    read(input, &mut Nobody, progress)
}

/// Reads a backup as [`verify`] does and hands out what it holds. Only when it returns was it a whole backup.
pub(crate) fn read(input: impl Read, taker: &mut impl Taker, progress: Hear<'_>) -> Result<BackedUp, Error> {
    let mut blocks = block::Reader::new(input);
    let kind = next(&mut blocks)?;
    let head = head(kind, blocks.payload())?;
    taker.begin(&head)?;
    // What the log changes after the snapshot, for the digest.
    let mut tail = Delta::default();
    let (mut due, mut payload) = (head.first, Vec::new());
    while due <= head.last {
        let kind = next(&mut blocks)?;
        if kind != Some(COMMIT) && kind != Some(COMMIT_GOES_ON) {
            return Err(damaged(blocks.at(), format!("commit {due} is missing")));
        }
        payload.extend_from_slice(blocks.payload());
        if kind == Some(COMMIT) {
            let batch = Batch::from_bytes(&payload);
            let batch = batch.map_err(|error| damaged(blocks.at(), format!("commit {due}: {error}")))?;
            taker.commit(Sequence(due), &batch, &payload)?;
            if due > head.through {
                let absorbed = tail.absorb(batch);
                absorbed.map_err(|source| Error::Encode { sequence: Sequence(due), source })?;
            }
            payload.clear();
            due += 1;
            progress(Progress { done: blocks.at(), total: head.bytes.max(blocks.at()) });
        }
    }
    let mut digest = Digest::over(&tail);
    let mut cursor = run::Cursor::new(blocks);
    let mut told = 0;
    while cursor.advance().map_err(|damage| damaged(cursor.at(), damage))? {
        let entry = cursor.entry();
        if !entry.value.is_some_and(|value| entry::is_sound(entry.key, value)) {
            return Err(damaged(cursor.at(), "an entry is no part of a state"));
        }
        taker.entry(entry)?;
        digest.pass(entry);
        if cursor.at() > told {
            told = cursor.at();
            progress(Progress { done: told, total: head.bytes.max(told) });
        }
    }
    let state = digest.finish();
    let commits = head.last + 1 - head.first;
    let end = End { entries: cursor.entries(), commits, state };
    if cursor.after() != END || postcard::from_bytes(cursor.block()).ok() != Some(end) {
        return Err(damaged(cursor.at(), "it does not end as a backup does"));
    }
    let mut blocks = cursor.into_blocks();
    if next(&mut blocks)?.is_some() {
        return Err(damaged(blocks.at(), "something follows its end"));
    }
    Ok(BackedUp { last: Sequence(head.last), commits, bytes: blocks.at(), state })
}

fn head(kind: Option<u8>, payload: &[u8]) -> Result<Head, Error> {
    let format = payload.strip_prefix(&MAGIC).and_then(|rest| rest.first().copied());
    match format.filter(|_| kind == Some(HEAD)) {
        None => Err(damaged(0, "it does not begin as a backup does")),
        Some(found) if found > FORMAT => {
            Err(Error::Version { what: "the backup".to_owned(), found, known: FORMAT })
        }
        Some(_) => {
            let head: Option<Head> = postcard::from_bytes(payload).ok();
            head.filter(Head::is_sound).ok_or_else(|| damaged(0, "its head does not make sense"))
        }
    }
}

fn next<R: Read>(blocks: &mut block::Reader<R>) -> Result<Option<u8>, Error> {
    let at = blocks.at();
    blocks.next().map_err(|damage: Damage| damaged(at, damage))
}

fn damaged(at: u64, what: impl ToString) -> Error {
    Error::Backup { at, what: what.to_string() }
}
