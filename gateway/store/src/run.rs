//! Entries in blocks, ascending by key: the inside of a layer and of a backup. And several such runs read as one, where
//! the newest run has the last word on a key.
//!
//! Memory is one block a run, whatever its size. Before: entry.rs, block.rs. Next: disk/layer.rs.

use std::io::{self, Read, Write};
use std::ops::Range;

use crate::block::{self, Damage};
use crate::entry::Entry;

/// The kind of a block of entries.
pub(crate) const ENTRIES: u8 = b'e';
/// Bytes of entries after which a block is full.
const BLOCK_BYTES: usize = 64 * 1024;
/// Length of the key (4) and of the value (4).
const HEADER_BYTES: usize = 8;
/// Instead of a value's length: the thing is gone.
const GONE: u32 = u32::MAX;

/// Writes a run.
#[derive(Default)]
pub(crate) struct Writer {
    block: Vec<u8>,
    last: Vec<u8>,
    entries: u64,
}

impl Writer {
    /// Writes the next entry. Its key comes after the one before.
    pub(crate) fn push(&mut self, out: &mut block::Writer<impl Write>, entry: Entry<'_>) -> io::Result<()> {
        assert!(self.entries == 0 || *entry.key > *self.last, "entries come in the order of their keys");
        let too_large = || io::Error::other("a record is too large");
        let length = |bytes: &[u8]| u32::try_from(bytes.len()).ok().filter(|length| *length < GONE);
        let key = length(entry.key).ok_or_else(too_large)?;
        let value = entry.value.map_or(Some(GONE), length).ok_or_else(too_large)?;
        self.block.extend(key.to_le_bytes());
        self.block.extend(value.to_le_bytes());
        self.block.extend(entry.key);
        self.block.extend(entry.value.unwrap_or_default());
        self.last.clear();
        self.last.extend(entry.key);
        self.entries += 1;
        if self.block.len() >= BLOCK_BYTES { self.flush(out) } else { Ok(()) }
    }

    /// Writes what is left; returns how many entries there were.
    pub(crate) fn finish(mut self, out: &mut block::Writer<impl Write>) -> io::Result<u64> {
        self.flush(out)?;
        Ok(self.entries)
    }

    fn flush(&mut self, out: &mut block::Writer<impl Write>) -> io::Result<()> {
        if !self.block.is_empty() {
            out.put(ENTRIES, &self.block)?;
            self.block.clear();
        }
        Ok(())
    }
}

/// Reads a run: stands before its first entry, then on one after the other.
pub(crate) struct Cursor<R> {
    blocks: block::Reader<R>,
    /// Where the entry it stands on lies in the block.
    key: Range<usize>,
    value: Option<Range<usize>>,
    /// Where the next entry begins in the block.
    next: usize,
    last: Vec<u8>,
    entries: u64,
    /// The kind of the block after the run, once it is read; 0 when there is none.
    after: Option<u8>,
}

impl<R: Read> Cursor<R> {
    /// The run that begins with the next block.
    pub(crate) fn new(blocks: block::Reader<R>) -> Self {
        let next = blocks.payload().len();
        Self { blocks, key: 0..0, value: None, next, last: Vec::new(), entries: 0, after: None }
    }

    /// Steps to the next entry; false at the end of the run.
    pub(crate) fn advance(&mut self) -> Result<bool, Damage> {
        if self.after.is_some() {
            return Ok(false);
        }
        if self.next >= self.blocks.payload().len() {
            let kind = self.blocks.next()?;
            if kind != Some(ENTRIES) {
                self.after = Some(kind.unwrap_or(0));
                return Ok(false);
            }
            self.next = 0;
        }
        let at = self.next;
        self.place(at).ok_or(Damage::Content("it is no list of entries"))?;
        let key = &self.blocks.payload()[self.key.clone()];
        if self.entries > 0 && *key <= *self.last {
            return Err(Damage::Content("its keys are not in order"));
        }
        self.last.clear();
        self.last.extend(key);
        self.entries += 1;
        Ok(true)
    }

    fn place(&mut self, at: usize) -> Option<()> {
        let payload = self.blocks.payload();
        let length = |at: usize| -> Option<u32> {
            Some(u32::from_le_bytes(payload.get(at..at.checked_add(4)?)?.try_into().ok()?))
        };
        let (key, value) = (length(at)?, length(at + 4)?);
        let key = at + HEADER_BYTES..(at + HEADER_BYTES).checked_add(key as usize)?;
        let end = if value == GONE { key.end } else { key.end.checked_add(value as usize)? };
        payload.get(at..end)?;
        self.value = (value != GONE).then_some(key.end..end);
        (self.key, self.next) = (key, end);
        Some(())
    }

    /// The entry it stands on.
    pub(crate) fn entry(&self) -> Entry<'_> {
        let payload = self.blocks.payload();
        Entry { key: &payload[self.key.clone()], value: self.value.clone().map(|value| &payload[value]) }
    }

    /// Entries passed so far.
    pub(crate) fn entries(&self) -> u64 {
        self.entries
    }

    /// The block after the run, after [`Self::advance`] has said that it is over: its kind, 0 when there is none.
    pub(crate) fn after(&self) -> u8 {
        self.after.unwrap_or(0)
    }

    /// The payload of that block.
    pub(crate) fn block(&self) -> &[u8] {
        self.blocks.payload()
    }

    /// Bytes read so far, in whole blocks.
    pub(crate) fn at(&self) -> u64 {
        self.blocks.at()
    }

    /// The blocks that follow.
    pub(crate) fn into_blocks(self) -> block::Reader<R> {
        self.blocks
    }
}

/// Several runs as one. What is gone is told like what is there: whoever has the oldest run too may leave it out.
pub(crate) struct Merge<R> {
    /// Oldest first, with whether it stands on an entry.
    cursors: Vec<(Cursor<R>, bool)>,
    /// The cursor whose entry was told last.
    told: Option<usize>,
}

impl<R: Read> Merge<R> {
    /// Merges runs, the oldest first.
    ///
    /// The error of any run comes with its place among them.
    pub(crate) fn new(runs: impl IntoIterator<Item = Cursor<R>>) -> Result<Self, (usize, Damage)> {
        let mut cursors = Vec::new();
        for (at, mut cursor) in runs.into_iter().enumerate() {
            let stands = cursor.advance().map_err(|damage| (at, damage))?;
            cursors.push((cursor, stands));
        }
        Ok(Self { cursors, told: None })
    }

    /// Steps to the next entry; false at the end.
    pub(crate) fn advance(&mut self) -> Result<bool, (usize, Damage)> {
        if let Some(told) = self.told.take() {
            let (older, newer) = self.cursors.split_at_mut(told);
            let Some((newest, stands)) = newer.first_mut() else { return Ok(false) };
            // Older runs that speak of the same key are passed over with the one that was told.
            for (at, (cursor, stands)) in older.iter_mut().enumerate() {
                if *stands && cursor.entry().key == newest.entry().key {
                    *stands = cursor.advance().map_err(|damage| (at, damage))?;
                }
            }
            *stands = newest.advance().map_err(|damage| (told, damage))?;
        }
        let standing = self.cursors.iter().enumerate().filter(|(_, (_, stands))| *stands);
        // Of equal keys, the last is the newest.
        let least = standing
            .min_by(|(a, (one, _)), (b, (other, _))| one.entry().key.cmp(other.entry().key).then(b.cmp(a)));
        self.told = least.map(|(at, _)| at);
        Ok(self.told.is_some())
    }

    /// The entry it stands on.
    pub(crate) fn entry(&self) -> Option<Entry<'_>> {
        self.told.and_then(|told| self.cursors.get(told)).map(|(cursor, _)| cursor.entry())
    }

    pub(crate) fn cursors(&self) -> impl Iterator<Item = &Cursor<R>> {
        self.cursors.iter().map(|(cursor, _)| cursor)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    type Run = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

    fn cursor(run: &Run) -> Cursor<io::Cursor<Vec<u8>>> {
        let mut blocks = block::Writer::new(Vec::new());
        let mut writer = Writer::default();
        for (key, value) in run {
            writer.push(&mut blocks, Entry { key, value: value.as_deref() }).unwrap();
        }
        assert_eq!(writer.finish(&mut blocks).unwrap(), run.len() as u64);
        blocks.put(b'.', b"end").unwrap();
        Cursor::new(block::Reader::new(io::Cursor::new(blocks.into_inner())))
    }

    fn runs() -> impl Strategy<Value = Vec<Run>> {
        let value = prop::option::of(prop::collection::vec(any::<u8>(), 0..20));
        let key = prop::collection::vec(0..4_u8, 0..4);
        prop::collection::vec(prop::collection::btree_map(key, value, 0..30), 0..6)
    }

    proptest! {
        #[test]
        fn the_newest_run_has_the_last_word(runs in runs()) {
            let mut expected = Run::new();
            for run in &runs {
                expected.extend(run.clone());
            }
            let mut merge = Merge::new(runs.iter().map(cursor)).unwrap();
            let mut merged = Run::new();
            while merge.advance().unwrap() {
                let Entry { key, value } = merge.entry().unwrap();
                prop_assert!(merged.insert(key.to_vec(), value.map(<[u8]>::to_vec)).is_none());
            }
            prop_assert_eq!(merged, expected);
            for (cursor, run) in merge.cursors().zip(&runs) {
                prop_assert_eq!((cursor.entries(), cursor.after()), (run.len() as u64, b'.'));
            }
        }
    }

    #[test]
    fn blocks_that_are_no_entries_are_an_error() {
        for block in [&[1, 0, 0][..], &[9, 0, 0, 0, 1, 0, 0, 0, 7], &[0xff; 8]] {
            let mut blocks = block::Writer::new(Vec::new());
            blocks.put(ENTRIES, block).unwrap();
            let mut cursor = Cursor::new(block::Reader::new(io::Cursor::new(blocks.into_inner())));
            assert!(matches!(cursor.advance(), Err(Damage::Content(_))), "{block:?}");
        }
    }
}
