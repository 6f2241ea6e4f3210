//! A layer: what a run of commits changed, in one file that is written once and never touched again.
//!
//! Entries ascending by key, in blocks; before them what the layer is, after them how many there are. A file without its
//! end is no layer, and one that the manifest does not name does not exist. Before: run.rs. Next: disk/manifest.rs.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files::{Files, Out};
use crate::block::{self, Damage};
use crate::entry::Entry;
use crate::{Error, Sequence, run};

/// The format of what this version writes. Appended to, never changed in meaning: the first has no entries of where
/// somebody is, and is read like this one.
const FORMAT: u8 = 2;
const FORMAT_FIRST: u8 = 1;
/// The kinds of the first block and the last.
const HEAD: u8 = b'h';
const END: u8 = b'.';
/// Bytes written between two syncs: what a commit's own sync may have to wait behind.
const SYNC_BYTES: u64 = 1024 * 1024;
/// Bytes read at a time.
const READ_BYTES: usize = 256 * 1024;

/// A layer, as the manifest and the layer itself describe it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Layer {
    /// Its file's number. Never used twice.
    pub(super) number: u64,
    /// The changes of the commits after this one,
    pub(super) after: u64,
    /// and through this one.
    pub(super) through: u64,
    /// How many entries it has.
    pub(super) entries: u64,
    /// The size of its file.
    pub(super) bytes: u64,
}

impl Layer {
    /// Its file's name.
    pub(super) fn file(number: u64) -> String {
        format!("{number:012}.layer")
    }

    /// Its file's number, if a file has the name of a layer.
    pub(super) fn number(file: &str) -> Option<u64> {
        let number = file.strip_suffix(".layer")?.parse().ok()?;
        (Self::file(number) == file).then_some(number)
    }
}

/// What a layer's first block says. Format first, for ever.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    format: u8,
    number: u64,
    after: u64,
    through: u64,
}

/// Writes a layer.
pub(super) struct Writer {
    layer: Layer,
    path: PathBuf,
    out: block::Writer<BufWriter<Out>>,
    run: run::Writer,
    synced: u64,
}

impl Writer {
    pub(super) fn create(
        files: &Files,
        dir: &Path,
        number: u64,
        after: Sequence,
        through: Sequence,
    ) -> Result<Self, Error> {
        let path = dir.join(Layer::file(number));
        let layer = Layer { number, after: after.0, through: through.0, entries: 0, bytes: 0 };
        let created = files.create(&path);
        let out = created.map_err(|source| failed(&path, source))?;
        let mut out = block::Writer::new(BufWriter::with_capacity(READ_BYTES, out));
        let head = Head { format: FORMAT, number, after: after.0, through: through.0 };
        let put = postcard::to_stdvec(&head).map_err(std::io::Error::other);
        put.and_then(|head| out.put(HEAD, &head)).map_err(|source| failed(&path, source))?;
        Ok(Self { layer, path, out, run: run::Writer::default(), synced: 0 })
    }

    pub(super) fn push(&mut self, entry: Entry<'_>) -> Result<(), Error> {
        let pushed = self.run.push(&mut self.out, entry);
        let due = self.out.bytes() - self.synced >= SYNC_BYTES;
        let synced = pushed.and_then(|()| if due { self.sync() } else { Ok(()) });
        synced.map_err(|source| failed(&self.path, source))
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.synced = self.out.bytes();
        self.out.get_mut().flush()?;
        self.out.get_mut().get_ref().sync()
    }

    /// Ends the layer and makes it durable.
    pub(super) fn finish(mut self) -> Result<Layer, Error> {
        let finished = std::mem::take(&mut self.run).finish(&mut self.out).and_then(|entries| {
            self.out.put(END, &entries.to_le_bytes())?;
            self.sync()?;
            Ok(entries)
        });
        let entries = finished.map_err(|source| failed(&self.path, source))?;
        Ok(Layer { entries, bytes: self.out.bytes(), ..self.layer })
    }
}

fn failed(path: &Path, source: std::io::Error) -> Error {
    Error::Io { action: "write a snapshot", path: path.to_owned(), source }
}

/// A layer that is being read.
pub(super) type Cursor = run::Cursor<BufReader<File>>;

/// Opens a layer, before its first entry.
pub(super) fn open(dir: &Path, layer: &Layer) -> Result<Cursor, Error> {
    let damaged = |damage: Damage| damaged(dir, layer, 0, &damage);
    let file = File::open(dir.join(Layer::file(layer.number))).map_err(|error| damaged(error.into()))?;
    let length = file.metadata().map_err(|error| damaged(error.into()))?.len();
    if length != layer.bytes {
        return Err(damaged(if length < layer.bytes {
            Damage::Short
        } else {
            Damage::Content("it is too long")
        }));
    }
    let mut blocks = block::Reader::new(BufReader::with_capacity(READ_BYTES, file));
    let kind = blocks.next().map_err(damaged)?;
    let format = blocks.payload().first().copied();
    if kind == Some(HEAD) && format.is_some_and(|format| format > FORMAT) {
        let what = format!("layer {}", layer.number);
        return Err(Error::Version { what, found: format.unwrap_or(0), known: FORMAT });
    }
    let format = format.filter(|format| (FORMAT_FIRST..=FORMAT).contains(format)).unwrap_or(FORMAT);
    let head = Head { format, number: layer.number, after: layer.after, through: layer.through };
    if kind != Some(HEAD) || postcard::from_bytes(blocks.payload()).ok() != Some(head) {
        return Err(damaged(Damage::Content("it is not the layer it should be")));
    }
    Ok(Cursor::new(blocks))
}

/// Whether a layer that was read to its end is whole.
pub(super) fn ended(dir: &Path, layer: &Layer, cursor: &Cursor) -> Result<(), Error> {
    let whole = cursor.after() == END
        && cursor.entries() == layer.entries
        && cursor.block() == layer.entries.to_le_bytes()
        && cursor.at() == layer.bytes;
    if whole { Ok(()) } else { Err(damaged(dir, layer, cursor.at(), &Damage::Content("it ends too early"))) }
}

/// What is wrong with a layer, and where.
pub(super) fn damaged(dir: &Path, layer: &Layer, at: u64, damage: &Damage) -> Error {
    let what = format!("layer {}, the block at byte {at}: {damage}", Layer::file(layer.number));
    Error::Corrupt { path: dir.parent().unwrap_or(dir).to_owned(), what }
}
