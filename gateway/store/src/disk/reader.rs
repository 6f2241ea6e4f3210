//! Reads records back: joins parts, checks every checksum and that no commit is missing, folds them into a state.
//!
//! Whatever does not fit is an error with the place in it; nothing is skipped. Before: disk.rs.
//! Next: snapshot.rs, which folds like a restart and writes the result.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use sled::IVec;
use turnpage_gateway_core::{Batch, State};

use crate::record::{self, Damage, FORMAT, KEY_BYTES, Kind, Place};
use crate::{Error, Recovered, Sequence};

/// The log and the snapshots of one directory.
#[derive(Clone)]
pub(super) struct Reader {
    dir: PathBuf,
    tree: sled::Tree,
}

/// What a complete snapshot says about itself.
#[derive(Clone, Copy, serde::Serialize, serde::Deserialize)]
pub(super) struct Manifest {
    pub(super) chunks: u32,
}

impl Reader {
    pub(super) fn new(dir: PathBuf, tree: sled::Tree) -> Self {
        Self { dir, tree }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    #[cfg(test)]
    pub(super) fn tree_for_test(&self) -> &sled::Tree {
        &self.tree
    }

    /// Writes the parts of one record, all of them or none.
    pub(super) fn put(&self, parts: Vec<([u8; KEY_BYTES], Vec<u8>)>) -> Result<(), Error> {
        let mut batch = sled::Batch::default();
        for (key, value) in parts {
            batch.insert(&key, value);
        }
        self.tree.apply_batch(batch).map_err(|error| super::from_sled(&self.dir, "write the log", error))
    }

    /// Removes keys, all of them or none.
    pub(super) fn remove(&self, keys: impl IntoIterator<Item = IVec>) -> Result<(), Error> {
        let mut batch = sled::Batch::default();
        for key in keys {
            batch.remove(key);
        }
        self.tree.apply_batch(batch).map_err(|error| super::from_sled(&self.dir, "trim the log", error))
    }

    /// The last commit that is in the log, or in a snapshot when the log behind it was trimmed away.
    pub(super) fn last(&self) -> Result<Sequence, Error> {
        let commit = self.newest(Kind::Commit)?.unwrap_or_default();
        let snapshot = self.newest(Kind::Manifest)?.unwrap_or_default();
        Ok(commit.max(snapshot))
    }

    /// The newest number of a kind.
    pub(super) fn newest(&self, kind: Kind) -> Result<Option<Sequence>, Error> {
        let Some(found) = self.tree.range(range(kind, 0)).next_back() else { return Ok(None) };
        let (key, _) = self.checked(found)?;
        record::number(&key)
            .map(|number| Some(Sequence(number)))
            .ok_or_else(|| self.corrupt("a key is damaged"))
    }

    /// The keys of a kind whose number is below `before`, ascending.
    pub(super) fn keys(&self, kind: Kind, before: u64) -> impl Iterator<Item = Result<IVec, Error>> + '_ {
        let range =
            Place { kind, number: 0, index: 0 }.key(0)..Place { kind, number: before, index: 0 }.key(0);
        self.tree.range(range).keys().map(|key| self.checked(key))
    }

    /// Everything up to `last`, folded: the newest complete snapshot, then every commit after it. Also the payload
    /// bytes of those commits.
    pub(super) fn fold(&self, last: Sequence) -> Result<(Recovered, u64), Error> {
        let snapshot = self.newest(Kind::Manifest)?.filter(|through| *through <= last);
        let mut state = snapshot.map_or_else(|| Ok(State::default()), |through| self.snapshot(through))?;
        let from = Sequence(snapshot.unwrap_or_default().0 + 1);
        let mut tail_bytes = 0;
        let next = self.commits(from, last, &mut |_, batch, bytes| {
            state.absorb(batch);
            tail_bytes += bytes;
            true
        })?;
        if next.0 != last.0 + 1 || (from <= last && next == from) {
            return Err(self.corrupt(&format!("commit {next} is missing")));
        }
        Ok((Recovered { state, last, replayed: last.0 + 1 - from.0 }, tail_bytes))
    }

    /// Hands out the commits `from..=through` with their payload's size, until `visit` returns false. Returns the
    /// first number that was not there: nothing between two commits may be missing, but the log may begin later.
    pub(super) fn commits(
        &self,
        from: Sequence,
        through: Sequence,
        visit: &mut dyn FnMut(Sequence, Batch, u64) -> bool,
    ) -> Result<Sequence, Error> {
        let mut next = None;
        let mut entries = self.tree.range(range(Kind::Commit, from.0));
        while let Some(found) = entries.next() {
            let first = self.checked(found)?;
            let number = record::number(&first.0).ok_or_else(|| self.corrupt("a key is damaged"))?;
            if number > through.0 {
                break;
            }
            if let Some(next) = next.filter(|next| *next != number) {
                return Err(self.corrupt(&format!("commit {next} is missing")));
            }
            let place = Place { kind: Kind::Commit, number, index: 0 };
            let payload = self.join(place, first, &mut entries)?;
            next = Some(number + 1);
            let batch = Batch::from_bytes(&payload)
                .map_err(|error| self.corrupt(&format!("{}: {error}", describe(place))))?;
            if !visit(Sequence(number), batch, payload.len() as u64) {
                break;
            }
        }
        Ok(next.map_or(from, Sequence))
    }

    fn snapshot(&self, through: Sequence) -> Result<State, Error> {
        let manifest: Manifest = self.get(Place { kind: Kind::Manifest, number: through.0, index: 0 })?;
        let mut state = State::default();
        for index in 0..manifest.chunks {
            let chunk: State = self.get(Place { kind: Kind::Chunk, number: through.0, index })?;
            state.subjects.extend(chunk.subjects);
            state.marks.extend(chunk.marks);
            state.house.extend(chunk.house);
            state.outbox.extend(chunk.outbox);
            if index == 0 {
                (state.now, state.counters) = (chunk.now, chunk.counters);
            }
        }
        Ok(state)
    }

    fn get<T: DeserializeOwned>(&self, place: Place) -> Result<T, Error> {
        let mut entries = self.tree.range(place.key(0)..=place.key(u16::MAX));
        let first = entries.next().ok_or_else(|| self.corrupt(&format!("{} is missing", describe(place))))?;
        let payload = self.join(place, self.checked(first)?, &mut entries)?;
        self.decode(place, &payload)
    }

    /// Joins the parts of the record at `place`, of which `first` is already read.
    fn join(&self, place: Place, first: (IVec, IVec), rest: &mut sled::Iter) -> Result<Vec<u8>, Error> {
        let mut payload = Vec::new();
        let mut entry = first;
        let mut part = 0;
        loop {
            if entry.0 != place.key(part) {
                return Err(self.corrupt(&format!("part {part} of {} is missing", describe(place))));
            }
            let (count, bytes) =
                record::open(&entry.0, &entry.1).map_err(|damage| self.damaged(place, damage))?;
            payload.extend_from_slice(bytes);
            part += 1;
            if part >= count {
                return Ok(payload);
            }
            let next = rest
                .next()
                .ok_or_else(|| self.corrupt(&format!("part {part} of {} is missing", describe(place))))?;
            entry = self.checked(next)?;
        }
    }

    fn decode<T: DeserializeOwned>(&self, place: Place, payload: &[u8]) -> Result<T, Error> {
        postcard::from_bytes(payload).map_err(|error| self.corrupt(&format!("{}: {error}", describe(place))))
    }

    fn checked<T>(&self, found: sled::Result<T>) -> Result<T, Error> {
        found.map_err(|error| super::from_sled(&self.dir, "read the log", error))
    }

    fn damaged(&self, place: Place, damage: Damage) -> Error {
        match damage {
            Damage::Format(found) => Error::Version { what: describe(place), found, known: FORMAT },
            Damage::Checksum => self.corrupt(&format!("the checksum of {} does not fit", describe(place))),
            Damage::Short => self.corrupt(&format!("{} is cut short", describe(place))),
        }
    }

    fn corrupt(&self, what: &str) -> Error {
        Error::Corrupt { path: self.dir.clone(), what: what.to_owned() }
    }
}

fn range(kind: Kind, from: u64) -> std::ops::RangeInclusive<[u8; KEY_BYTES]> {
    let last = Place { kind, number: u64::MAX, index: u32::MAX }.key(u16::MAX);
    Place { kind, number: from, index: 0 }.key(0)..=last
}

fn describe(place: Place) -> String {
    match place.kind {
        Kind::Commit => format!("commit {}", place.number),
        Kind::Manifest => format!("snapshot {}", place.number),
        Kind::Chunk => format!("chunk {} of snapshot {}", place.index, place.number),
    }
}
