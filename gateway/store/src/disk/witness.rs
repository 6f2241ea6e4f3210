//! The number of the last acknowledged commit, kept beside the log.
//!
//! sled takes a damaged end of its file for an unfinished write and drops it without a word. This number, written after
//! the sync and so never ahead of the log, tells a lost tail from one that was never promised. It is not synced itself:
//! after a power cut it may lag behind and then promises less, which is safe. Before: disk/log.rs. Next: disk.rs.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::Sequence;

/// The file `last`: sequence and checksum, small enough to be written whole or not at all.
pub(super) struct Witness(File);

impl Witness {
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false).open(dir.join("last")).map(Self)
    }

    pub(super) fn write(&self, sequence: Sequence) -> io::Result<()> {
        self.0.write_all_at(&bytes(sequence), 0)
    }

    /// What was promised; `None` when the file was itself damaged, because it is only a second opinion.
    pub(super) fn read(&self) -> io::Result<Option<Sequence>> {
        let mut found = [0; 12];
        let length = self.0.read_at(&mut found, 0)?;
        if length == 0 {
            return Ok(Some(Sequence(0)));
        }
        let mut number = [0; 8];
        number.copy_from_slice(&found[..8]);
        let sequence = Sequence(u64::from_le_bytes(number));
        Ok((length == found.len() && found == bytes(sequence)).then_some(sequence))
    }
}

fn bytes(sequence: Sequence) -> [u8; 12] {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&sequence.0.to_le_bytes());
    let crc = crc32fast::hash(&bytes[..8]);
    bytes[8..].copy_from_slice(&crc.to_le_bytes());
    bytes
}
