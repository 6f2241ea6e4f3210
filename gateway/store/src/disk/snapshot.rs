//! Takes a snapshot while commits go on: folds the log up to a commit, writes the state in chunks, then a manifest,
//! then trims what the snapshot made superfluous.
//!
//! A snapshot without a manifest does not exist; a crash in the middle leaves chunks that the next one sweeps away. It
//! never touches the pipeline. Before: reader.rs. Next: a restart, which reads it.

use std::fs::File;

use turnpage_gateway_core::State;

use super::reader::{Manifest, Reader};
use crate::record::{self, Kind, Place};
use crate::{Error, Sequence, Snapshot};

/// Payload of a chunk, roughly: one part, so that a commit never waits long behind one.
const CHUNK_BYTES: usize = 64 * 1024;
/// Keys removed at a time, for the same reason.
const TRIM_KEYS: usize = 512;
/// What a map entry costs beyond its texts, roughly.
const ENTRY_BYTES: usize = 24;

/// One snapshot to be taken.
pub(super) struct Job {
    pub(super) db: sled::Db,
    pub(super) file: std::io::Result<File>,
    pub(super) reader: Reader,
    pub(super) through: Sequence,
    pub(super) records_kept: u64,
}

impl Job {
    pub(super) fn run(self) -> Result<Snapshot, Error> {
        let Self { db, file, reader, through, records_kept } = self;
        let io = |source| Error::Io { action: "open the log", path: reader.dir().to_owned(), source };
        let file = file.map_err(io)?;
        let sync = || {
            super::sync(&db, &file).map_err(|error| super::from_sled(reader.dir(), "write a snapshot", error))
        };
        let before = reader.newest(Kind::Manifest)?;
        if before.is_some_and(|before| before >= through) || through == Sequence(0) {
            return Ok(Snapshot { through, chunks: 0, trimmed: 0 });
        }
        // Leftovers of a snapshot that a crash cut short, which may even have this number.
        let kept = before.map_or(0, |before| before.0 + 1);
        sweep(&reader, Kind::Chunk, u64::MAX, |number| number >= kept)?;
        let (recovered, _) = reader.fold(through)?;
        let mut chunks = 0;
        for chunk in Chunks::of(recovered.state) {
            put(&reader, Place { kind: Kind::Chunk, number: through.0, index: chunks }, &chunk)?;
            chunks += 1;
        }
        sync()?;
        put(&reader, Place { kind: Kind::Manifest, number: through.0, index: 0 }, &Manifest { chunks })?;
        sync()?;
        sweep(&reader, Kind::Manifest, through.0, |_| true)?;
        sweep(&reader, Kind::Chunk, through.0, |_| true)?;
        let trimmed = sweep(&reader, Kind::Commit, (through.0 + 1).saturating_sub(records_kept), |_| true)?;
        Ok(Snapshot { through, chunks, trimmed })
    }
}

fn put(reader: &Reader, place: Place, value: &impl serde::Serialize) -> Result<(), Error> {
    let failed = |source| Error::Encode { sequence: Sequence(place.number), source };
    let payload = postcard::to_stdvec(value).map_err(failed)?;
    let parts = record::parts(place, &payload).ok_or(postcard::Error::SerializeBufferFull).map_err(failed)?;
    reader.put(parts)
}

/// Removes what `goes` among the records of a kind numbered below `before`; returns how many keys that were.
fn sweep(reader: &Reader, kind: Kind, before: u64, goes: impl Fn(u64) -> bool) -> Result<u64, Error> {
    let mut removed = 0;
    let mut keys = Vec::new();
    for key in reader.keys(kind, before) {
        let key = key?;
        if record::number(&key).is_some_and(&goes) {
            keys.push(key);
        }
        if keys.len() == TRIM_KEYS {
            removed += keys.len() as u64;
            reader.remove(keys.drain(..))?;
        }
    }
    removed += keys.len() as u64;
    reader.remove(keys)?;
    Ok(removed)
}

/// A state in pieces of about [`CHUNK_BYTES`]; the first has what is not a map.
struct Chunks {
    rest: State,
    first: bool,
}

impl Chunks {
    fn of(state: State) -> Self {
        Self { rest: state, first: true }
    }
}

impl Iterator for Chunks {
    type Item = State;

    fn next(&mut self) -> Option<State> {
        let mut chunk = State::default();
        let mut room = CHUNK_BYTES;
        if std::mem::take(&mut self.first) {
            chunk.now = self.rest.now;
            chunk.counters = std::mem::take(&mut self.rest.counters);
        } else if self.rest.subjects.is_empty()
            && self.rest.marks.is_empty()
            && self.rest.house.is_empty()
            && self.rest.outbox.is_empty()
        {
            return None;
        }
        while room > 0 {
            let taken = if let Some((name, bytes)) = self.rest.subjects.pop_first() {
                let size = name.as_str().len() + bytes.len();
                chunk.subjects.insert(name, bytes);
                size
            } else if let Some((node, mark)) = self.rest.marks.pop_first() {
                chunk.marks.insert(node, mark);
                0
            } else if let Some((key, bytes)) = self.rest.house.pop_first() {
                let size = key.len() + bytes.len();
                chunk.house.insert(key, bytes);
                size
            } else if let Some((id, offer)) = self.rest.outbox.pop_first() {
                let texts = [&offer.channel, &offer.journey, &offer.page, &offer.offer, &offer.text];
                let size = texts.iter().map(|text| text.len()).sum::<usize>() + ENTRY_BYTES;
                chunk.outbox.insert(id, offer);
                size
            } else {
                break;
            };
            room = room.saturating_sub(taken + ENTRY_BYTES);
        }
        Some(chunk)
    }
}
