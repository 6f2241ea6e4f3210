//! A state as entries in the order of their keys: what layers and backups hold, and what newer layers take back.
//!
//! The only place that knows what a state is made of; everything else of the store moves keys and bytes. A field that is
//! added to a state does not compile until it is here. It does no I/O. Before: lib.rs. Next: run.rs.

use std::collections::{BTreeMap, btree_map};
use std::iter::Peekable;

use sha2::{Digest as _, Sha256};
use turnpage_gateway_core::{
    Batch, Counters, HouseState, Mark, NodeId, OfferId, Outgoing, State, SubjectName, SubjectState, Timestamp,
};

use crate::StateDigest;

/// What a key begins with. Appended to, never changed in meaning.
mod table {
    pub(super) const HEAD: u8 = 1;
    pub(super) const SUBJECT: u8 = 2;
    pub(super) const MARK: u8 = 3;
    pub(super) const HOUSE: u8 = 4;
    pub(super) const OFFER: u8 = 5;
    pub(super) const STAY: u8 = 6;
}

/// What came of one key: its new value, or that it is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Entry<'a> {
    /// A table's number, then what names the thing in it; keys of a table sort as its names do.
    pub(crate) key: &'a [u8],
    /// The new value; `None` when the thing is gone.
    pub(crate) value: Option<&'a [u8]>,
}

/// Everything that changed in a run of batches.
#[derive(Debug, Default)]
pub(crate) struct Delta {
    changes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    bytes: usize,
}

impl Delta {
    /// Takes in the next batch.
    pub(crate) fn absorb(&mut self, batch: Batch) -> Result<(), postcard::Error> {
        let Batch { now, counters, subjects, stays, marks, house, outbox, settled, .. } = batch;
        for SubjectState { name, bytes } in subjects {
            if bytes.is_empty() {
                self.put(key(table::STAY, name.as_str().as_bytes()), None);
            }
            self.put(key(table::SUBJECT, name.as_str().as_bytes()), (!bytes.is_empty()).then_some(bytes));
        }
        for SubjectState { name, bytes } in stays {
            self.put(key(table::STAY, name.as_str().as_bytes()), Some(bytes));
        }
        for (node, mark) in marks {
            self.put(key(table::MARK, &node.0.to_be_bytes()), Some(postcard::to_stdvec(&mark)?));
        }
        for HouseState { key: name, bytes } in house {
            self.put(key(table::HOUSE, name.as_bytes()), (!bytes.is_empty()).then_some(bytes));
        }
        for offer in outbox {
            self.put(key(table::OFFER, &offer.id.0.to_be_bytes()), Some(postcard::to_stdvec(&offer)?));
        }
        for settled in settled {
            self.put(key(table::OFFER, &settled.id.0.to_be_bytes()), None);
        }
        self.put(key(table::HEAD, &[]), Some(head(now, &counters)?));
        Ok(())
    }

    fn put(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) {
        let (name, size) = (key.len(), value.as_ref().map_or(0, Vec::len));
        match self.changes.insert(key, value) {
            None => self.bytes += name + size,
            Some(old) => self.bytes = (self.bytes + size).saturating_sub(old.map_or(0, |old| old.len())),
        }
    }

    /// Bytes of keys and values, roughly what it takes in memory and in a layer.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The changes, ascending by key.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.changes.iter().map(|(key, value)| Entry { key, value: value.as_deref() })
    }
}

fn key(table: u8, name: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + name.len());
    key.push(table);
    key.extend(name);
    key
}

fn head(now: Timestamp, counters: &Counters) -> Result<Vec<u8>, postcard::Error> {
    postcard::to_stdvec(&(now, counters))
}

/// A key and its value.
pub(crate) type Owned = (Vec<u8>, Vec<u8>);

/// A whole state as entries, ascending by key.
pub(crate) fn of_state(state: &State) -> Result<Vec<Owned>, postcard::Error> {
    let State { now, subjects, stays, marks, house, outbox, counters } = state;
    let size = 1 + subjects.len() + stays.len() + marks.len() + house.len() + outbox.len();
    let mut entries = Vec::with_capacity(size);
    entries.push((key(table::HEAD, &[]), head(*now, counters)?));
    let subjects = subjects.iter().map(|(name, bytes)| (name.as_str().as_bytes(), bytes));
    entries.extend(subjects.map(|(name, bytes)| (key(table::SUBJECT, name), bytes.clone())));
    for (node, mark) in marks {
        entries.push((key(table::MARK, &node.0.to_be_bytes()), postcard::to_stdvec(mark)?));
    }
    entries.extend(house.iter().map(|(name, bytes)| (key(table::HOUSE, name.as_bytes()), bytes.clone())));
    for (id, offer) in outbox {
        entries.push((key(table::OFFER, &id.0.to_be_bytes()), postcard::to_stdvec(offer)?));
    }
    let stays = stays.iter().map(|(name, bytes)| (name.as_str().as_bytes(), bytes));
    entries.extend(stays.map(|(name, bytes)| (key(table::STAY, name), bytes.clone())));
    Ok(entries)
}

/// A state that is put together from entries. They come ascending, so that its maps are built whole, not entry by entry.
#[derive(Debug, Default)]
pub(crate) struct Builder {
    now: Timestamp,
    counters: Counters,
    subjects: Vec<(SubjectName, Vec<u8>)>,
    stays: Vec<(SubjectName, Vec<u8>)>,
    marks: Vec<(NodeId, Mark)>,
    house: Vec<(String, Vec<u8>)>,
    outbox: Vec<(OfferId, Outgoing)>,
}

impl Builder {
    /// Takes the next entry; `None` when it is none of a state's.
    pub(crate) fn push(&mut self, key: &[u8], value: &[u8]) -> Option<()> {
        let (table, name) = key.split_first()?;
        match *table {
            table::HEAD => {
                (self.now, self.counters) =
                    name.is_empty().then(|| postcard::from_bytes(value).ok()).flatten()?;
            }
            table::SUBJECT => {
                let name = SubjectName::new(std::str::from_utf8(name).ok()?)?;
                // An empty record would read as a subject that is forgotten.
                self.subjects.push((name, (!value.is_empty()).then(|| value.to_vec())?));
            }
            table::STAY => {
                let text = std::str::from_utf8(name).ok()?;
                // Everybody with a record is somewhere, but for records of an old layout, and both come in the order of names:
                // one name for the two.
                let same = self.subjects.get(self.stays.len()).filter(|(name, _)| name.as_str() == text);
                let name = same.map_or_else(|| SubjectName::new(text), |(name, _)| Some(name.clone()))?;
                self.stays.push((name, value.to_vec()));
            }
            table::MARK => {
                let node = NodeId(u32::from_be_bytes(name.try_into().ok()?));
                self.marks.push((node, postcard::from_bytes(value).ok()?));
            }
            // As with a subject: an empty record would read as a thing that is gone.
            table::HOUSE => {
                let value = (!value.is_empty()).then(|| value.to_vec())?;
                self.house.push((String::from_utf8(name.to_vec()).ok()?, value));
            }
            table::OFFER => {
                let id = OfferId(u128::from_be_bytes(name.try_into().ok()?));
                let offer: Outgoing = postcard::from_bytes(value).ok()?;
                self.outbox.push((id, (offer.id == id).then_some(offer)?));
            }
            _ => return None,
        }
        Some(())
    }

    /// The state.
    pub(crate) fn finish(self) -> State {
        State {
            now: self.now,
            subjects: self.subjects.into_iter().collect(),
            stays: self.stays.into_iter().collect(),
            marks: self.marks.into_iter().collect(),
            house: self.house.into_iter().collect(),
            outbox: self.outbox.into_iter().collect(),
            counters: self.counters,
        }
    }
}

/// Whether an entry is what a state has.
pub(crate) fn is_sound(key: &[u8], value: &[u8]) -> bool {
    Builder::default().push(key, value).is_some()
}

/// The digest of a state that is told in the order of its keys, with later changes over it.
pub(crate) struct Digest<'a> {
    hash: Sha256,
    changes: Peekable<btree_map::Iter<'a, Vec<u8>, Option<Vec<u8>>>>,
}

impl<'a> Digest<'a> {
    pub(crate) fn over(delta: &'a Delta) -> Self {
        Self { hash: Sha256::new(), changes: delta.changes.iter().peekable() }
    }

    /// Takes in the next entry of the state.
    pub(crate) fn pass(&mut self, entry: Entry<'_>) {
        let mut newer = false;
        while let Some((key, value)) = self.changes.next_if(|(key, _)| key.as_slice() <= entry.key) {
            newer = key == entry.key;
            self.feed(key, value.as_deref());
        }
        if !newer {
            self.feed(entry.key, entry.value);
        }
    }

    pub(crate) fn finish(mut self) -> StateDigest {
        while let Some((key, value)) = self.changes.next() {
            self.feed(key, value.as_deref());
        }
        StateDigest(self.hash.finalize().into())
    }

    fn feed(&mut self, key: &[u8], value: Option<&[u8]>) {
        let Some(value) = value else { return };
        for bytes in [key, value] {
            self.hash.update((bytes.len() as u64).to_le_bytes());
            self.hash.update(bytes);
        }
    }
}
