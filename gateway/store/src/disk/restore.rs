//! Makes a store of a backup, in a new directory.
//!
//! Until everything is there, durable, and read back, the directory says that it is unfinished, and nothing opens it as a
//! store. Restored, it holds the same snapshot and the same log, and folds into the same state: that is looked at, not
//! supposed. Before: backup.rs. Next: a gateway that goes on from there.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use turnpage_gateway_core::Batch;

use super::files::Files;
use super::layer::{Layer, Writer};
use super::log::Log;
use super::manifest::{Folder, Manifest, Span};
use super::witness::Witness;
use super::{UNFINISHED, verify};
use crate::backup::{self, Head, Taker};
use crate::entry::Entry;
use crate::upkeep::Hear;
use crate::{BackedUp, Error, Sequence};

/// Bytes of log between two syncs.
const SYNC_BYTES: u64 = 32 * 1024 * 1024;

/// Restores a backup into a directory that is new or empty.
///
/// # Errors
/// When the directory is not empty, the file is no whole backup, or something cannot be written. Nothing of it is then
/// left in the directory.
pub fn restore(input: impl Read, dir: &Path, progress: Hear<'_>) -> Result<BackedUp, Error> {
    let io = |action| move |source| Error::Io { action, path: dir.to_owned(), source };
    let made = !dir.exists();
    fs::create_dir_all(dir).map_err(io("make a directory"))?;
    // What a fresh file system has at its root is nobody's.
    let is_ours =
        |entry: io::Result<fs::DirEntry>| entry.is_ok_and(|entry| entry.file_name() != "lost+found");
    if fs::read_dir(dir).map_err(io("read"))?.any(is_ours) {
        return Err(Error::NotEmpty { path: dir.to_owned() });
    }
    let restored = mark(dir).map_err(io("write")).and_then(|()| fill(input, dir, progress));
    let finished = restored.and_then(|restored| {
        fs::remove_file(dir.join(UNFINISHED)).and_then(|()| sync_dir(dir)).map_err(io("write"))?;
        Ok(restored)
    });
    if finished.is_err() {
        clear(dir, made);
    }
    finished
}

fn mark(dir: &Path) -> io::Result<()> {
    File::create(dir.join(UNFINISHED))?.sync_all()?;
    sync_dir(dir)
}

fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Removes what was restored. What cannot be removed stays unfinished: the mark goes last.
fn clear(dir: &Path, made: bool) {
    let gone = |removed: io::Result<()>| match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!("cannot clear `{}`: {error}", dir.display());
            false
        }
        _ => true,
    };
    let cleared = gone(fs::remove_dir_all(dir.join("log")))
        && gone(fs::remove_dir_all(dir.join("snapshot")))
        && gone(fs::remove_file(dir.join("last")))
        && gone(fs::remove_file(dir.join(UNFINISHED)));
    if cleared && made {
        gone(fs::remove_dir(dir));
    }
}

fn fill(input: impl Read, dir: &Path, progress: Hear<'_>) -> Result<BackedUp, Error> {
    let io = |source| Error::Io { action: "write", path: dir.to_owned(), source };
    let log = Log::open(dir, Files::default())?;
    let folder = Folder::open(dir, Files::default())?;
    let manifest = Manifest::default();
    let mut filling =
        Filling { log, folder, manifest, layer: None, through: Sequence(0), unsynced: 0, bytes: 0 };
    let restored = backup::read(input, &mut filling, progress)?;
    filling.end()?;
    let witness = Witness::open(dir).map_err(io)?;
    witness.write(restored.last).and_then(|()| sync_dir(dir)).map_err(io)?;
    let found = verify::read_back(dir, progress)?;
    match found.findings.first() {
        Some(finding) => Err(Error::Corrupt { path: dir.to_owned(), what: finding.clone() }),
        None if found.state != Some(restored.state) => {
            let what = "what was restored does not fold into the state that was backed up".to_owned();
            Err(Error::Corrupt { path: dir.to_owned(), what })
        }
        None => Ok(restored),
    }
}

/// The store that is being filled.
struct Filling {
    log: Log,
    folder: Folder,
    manifest: Manifest,
    /// The one layer, unless there is no snapshot in the backup.
    layer: Option<Writer>,
    through: Sequence,
    /// Bytes of log since the last sync, and of log that is in the snapshot.
    unsynced: u64,
    bytes: u64,
}

impl Taker for Filling {
    fn begin(&mut self, head: &Head) -> Result<(), Error> {
        (self.manifest.first, self.manifest.until, self.through) =
            (head.first, head.until, Sequence(head.through));
        Ok(())
    }

    fn commit(&mut self, sequence: Sequence, _: &Batch, payload: &[u8]) -> Result<(), Error> {
        let bytes = self.log.put(sequence, payload)?;
        self.unsynced += bytes;
        if sequence <= self.through {
            self.bytes += bytes;
        }
        if self.unsynced >= SYNC_BYTES {
            self.unsynced = 0;
            self.log.sync()?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: Entry<'_>) -> Result<(), Error> {
        self.layer()?.map_or(Ok(()), |layer| layer.push(entry))
    }
}

impl Filling {
    fn layer(&mut self) -> Result<Option<&mut Writer>, Error> {
        if self.layer.is_none() && self.through > Sequence(0) {
            let Folder { path, files } = &self.folder;
            self.layer = Some(Writer::create(files, path, self.manifest.next, Sequence(0), self.through)?);
        }
        Ok(self.layer.as_mut())
    }

    fn end(mut self) -> Result<(), Error> {
        self.log.sync()?;
        self.layer()?;
        let Some(layer) = self.layer else { return Ok(()) };
        let layer: Layer = layer.finish()?;
        self.manifest.next += 1;
        self.manifest.layers.push(layer);
        if self.manifest.first <= layer.through {
            let span = Span { through: layer.through, until: self.manifest.until, bytes: self.bytes };
            self.manifest.spans.push(span);
        }
        self.folder.write(&self.manifest)
    }
}
