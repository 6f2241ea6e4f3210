//! The manifest: which layers are the snapshot, and which commits before it are still kept.
//!
//! One small file, written beside the old one and then given its name: there is always exactly one, old or new. What it
//! does not name does not exist. Before: disk/layer.rs. Next: disk/snapshot.rs, which writes it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use turnpage_gateway_core::Timestamp;

use super::files::Files;
use super::layer::{self, Cursor, Layer};
use crate::entry::{Builder, Entry};
use crate::run::Merge;
use crate::{Error, Sequence, block};

/// The format of what this version writes. Appended to, never changed in meaning.
const FORMAT: u8 = 1;
const KIND: u8 = b'm';
/// The folder of layers and manifest, in the data directory.
const FOLDER: &str = "snapshot";
/// The manifest, and what it is called while it is written.
const FILE: &str = "manifest";
const NEW_FILE: &str = "manifest.new";

/// What the snapshot is made of.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// First, for ever.
    pub(super) format: u8,
    /// The layers, oldest first; each begins where the one before ends.
    pub(super) layers: Vec<Layer>,
    /// The number of the next layer's file.
    pub(super) next: u64,
    /// The log's time at the end of the last layer.
    pub(super) until: Timestamp,
    /// The first commit that is kept; what lies before it in the log is on its way out, perhaps in part.
    pub(super) first: u64,
    /// The log that a restart does not need any more and that is still kept, oldest first.
    pub(super) spans: Vec<Span>,
}

/// A piece of the log, from the one before it through a commit: what is dropped at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Span {
    pub(super) through: u64,
    /// The log's time at its end.
    pub(super) until: Timestamp,
    /// Payload of its commits.
    pub(super) bytes: u64,
}

impl Default for Manifest {
    fn default() -> Self {
        Self { format: FORMAT, layers: Vec::new(), next: 1, until: Timestamp(0), first: 1, spans: Vec::new() }
    }
}

impl Manifest {
    /// The last commit that is in the snapshot; 0 without one.
    pub(super) fn through(&self) -> Sequence {
        Sequence(self.layers.last().map_or(0, |layer| layer.through))
    }
}

/// The folder of layers and manifest.
#[derive(Clone)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) files: Files,
}

impl Folder {
    /// The folder in a data directory; made when it is not there.
    pub(super) fn open(dir: &Path, files: Files) -> Result<Self, Error> {
        let folder = Self { path: dir.join(FOLDER), files };
        fs::create_dir_all(&folder.path).map_err(|source| folder.failed("make a directory", source))?;
        Ok(folder)
    }

    /// What the snapshot is made of; nothing, when there is none.
    pub(super) fn manifest(&self) -> Result<Manifest, Error> {
        let bytes = match fs::read(self.path.join(FILE)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Manifest::default()),
            Err(source) => return Err(self.failed("read the manifest", source)),
        };
        let mut blocks = block::Reader::new(&*bytes);
        let kind = blocks.next().map_err(|damage| self.corrupt(&format!("the manifest: {damage}")))?;
        let found = blocks.payload().first().copied().filter(|_| kind == Some(KIND));
        if let Some(found) = found.filter(|found| *found > FORMAT) {
            return Err(Error::Version { what: "the manifest".to_owned(), found, known: FORMAT });
        }
        let manifest: Option<Manifest> = postcard::from_bytes(blocks.payload()).ok();
        manifest
            .filter(|manifest| kind == Some(KIND) && is_sound(manifest))
            .ok_or_else(|| self.corrupt("the manifest does not make sense"))
    }

    /// Puts a manifest in the place of the one before.
    pub(super) fn write(&self, manifest: &Manifest) -> Result<(), Error> {
        assert!(is_sound(manifest), "layers follow one another");
        let new = self.path.join(NEW_FILE);
        let write = || {
            let payload = postcard::to_stdvec(manifest).map_err(std::io::Error::other)?;
            let mut out = block::Writer::new(self.files.create(&new)?);
            out.put(KIND, &payload)?;
            out.get_mut().flush()?;
            out.get_mut().sync()?;
            self.files.rename(&new, &self.path.join(FILE))
        };
        write().map_err(|source| self.failed("write the manifest", source))
    }

    /// Removes what a manifest does not name: what a crash left behind, and what was merged.
    pub(super) fn sweep(&self, manifest: &Manifest) -> Result<(), Error> {
        for file in self.leftovers(manifest)? {
            let removed = self.files.remove(&self.path.join(file));
            removed.map_err(|source| self.failed("remove a layer", source))?;
        }
        Ok(())
    }

    /// Files of ours that a manifest does not name.
    fn leftovers(&self, manifest: &Manifest) -> Result<Vec<String>, Error> {
        let read = |source| self.failed("read", source);
        let named = |number| manifest.layers.iter().any(|layer| layer.number == number);
        let mut leftovers = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(read)? {
            let Ok(file) = entry.map_err(read)?.file_name().into_string() else { continue };
            if file == NEW_FILE || Layer::number(&file).is_some_and(|number| !named(number)) {
                leftovers.push(file);
            }
        }
        Ok(leftovers)
    }

    /// Layers as one run, oldest first. Opened, they can be read to their end even when they are merged meanwhile.
    pub(super) fn merged(&self, layers: &[Layer]) -> Result<Merged, Error> {
        let cursors: Result<Vec<Cursor>, Error> =
            layers.iter().map(|layer| layer::open(&self.path, layer)).collect();
        let mut merged = Merged { path: self.path.clone(), layers: layers.to_vec(), merge: None };
        merged.merge = Some(Merge::new(cursors?).map_err(|(at, damage)| merged.damaged(at, 0, &damage))?);
        Ok(merged)
    }

    /// The state that layers hold.
    pub(super) fn state(&self, layers: &[Layer]) -> Result<turnpage_gateway_core::State, Error> {
        let mut builder = Builder::default();
        let mut merged = self.merged(layers)?;
        while merged.advance()? {
            let Some(Entry { key, value: Some(value) }) = merged.entry() else { continue };
            if builder.push(key, value).is_none() {
                return Err(self.corrupt("a snapshot holds what is no part of a state"));
            }
        }
        Ok(builder.finish())
    }

    pub(super) fn corrupt(&self, what: &str) -> Error {
        let path = self.path.parent().unwrap_or(&self.path).to_owned();
        Error::Corrupt { path, what: what.to_owned() }
    }

    fn failed(&self, action: &'static str, source: std::io::Error) -> Error {
        Error::Io { action, path: self.path.clone(), source }
    }
}

/// Layers that are read as one run.
pub(super) struct Merged {
    path: PathBuf,
    layers: Vec<Layer>,
    merge: Option<Merge<std::io::BufReader<fs::File>>>,
}

impl Merged {
    /// Steps to the next entry; false at the end, and then every layer was whole.
    pub(super) fn advance(&mut self) -> Result<bool, Error> {
        let Some(merge) = &mut self.merge else { return Ok(false) };
        match merge.advance() {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err((at, damage)) => {
                let byte = merge.cursors().nth(at).map_or(0, Cursor::at);
                return Err(self.damaged(at, byte, &damage));
            }
        }
        let mut ended = self.layers.iter().zip(merge.cursors());
        ended.try_for_each(|(layer, cursor)| layer::ended(&self.path, layer, cursor))?;
        Ok(false)
    }

    /// The entry it stands on.
    pub(super) fn entry(&self) -> Option<Entry<'_>> {
        self.merge.as_ref()?.entry()
    }

    /// Bytes of layers read so far.
    pub(super) fn at(&self) -> u64 {
        self.merge.iter().flat_map(Merge::cursors).map(Cursor::at).sum()
    }

    fn damaged(&self, at: usize, byte: u64, damage: &block::Damage) -> Error {
        let layer = self.layers.get(at);
        layer.map_or(Error::Stopped, |layer| layer::damaged(&self.path, layer, byte, damage))
    }
}

/// Layers follow one another from the first commit on, and so do the spans of the log.
fn is_sound(manifest: &Manifest) -> bool {
    let layers = &manifest.layers;
    let begins = layers.first().is_none_or(|layer| layer.after == 0);
    let follows = layers.windows(2).all(|pair| pair[0].through == pair[1].after);
    let forward = layers.iter().all(|layer| layer.after < layer.through && layer.number < manifest.next);
    let spans = manifest.spans.is_sorted_by(|one, next| one.through < next.through);
    let ends = match (manifest.spans.first(), manifest.spans.last()) {
        (Some(first), Some(last)) => first.through >= manifest.first && last.through == manifest.through().0,
        _ => manifest.first == manifest.through().0 + 1,
    };
    begins && follows && forward && spans && ends
}
