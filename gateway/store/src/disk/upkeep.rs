//! A disk store that is looked after: everything here goes on beside commits.
//!
//! What it reads stays as long as it reads: layers are opened before anybody can merge them away, and the log is pinned.
//! Before: upkeep.rs. Next: disk/verify.rs.

use std::io::Write;

use super::log::Commit;
use super::manifest::{Manifest, Merged};
use super::snapshot::Merging;
use super::{Shared, held, verify};
use crate::backup::{self, Head};
use crate::entry::{Delta, Digest};
use crate::upkeep::Hear;
use crate::{BackedUp, Error, Sequence, Snapshot, Upkeep, Verified};

impl Upkeep for Shared {
    fn verify(&self, progress: Hear<'_>) -> Result<Verified, Error> {
        let pin = self.pin();
        let (manifest, merged, last) = self.view();
        let merged = merged.map(|merged| (merged, pin.first()));
        Ok(verify::all(&self.log, &self.folder, &manifest, merged, last, progress))
    }

    fn compact(&self, progress: Hear<'_>) -> Result<Snapshot, Error> {
        self.take(self.last(), Merging::All, progress)
    }

    fn backup(&self, out: &mut dyn Write, progress: Hear<'_>) -> Result<BackedUp, Error> {
        let pin = self.pin();
        let (manifest, merged, last) = self.view();
        let mut merged = merged?;
        let tail_bytes = held(&self.tail).bytes;
        let layers: u64 = manifest.layers.iter().map(|layer| layer.bytes).sum();
        let log: u64 = manifest.spans.iter().map(|span| span.bytes).sum();
        let (through, first) = (manifest.through(), pin.first());
        let head = Head::new(through, manifest.until, first.0, last.0, layers + log + tail_bytes);
        let mut writer = backup::Writer::begin(out, head, progress)?;
        let mut tail = Delta::default();
        self.log.every(first, last, &mut |Commit { at, batch, payload, .. }| {
            writer.commit(at, payload)?;
            if at > through {
                tail.absorb(batch).map_err(|source| Error::Encode { sequence: at, source })?;
            }
            Ok(())
        })?;
        let mut digest = Digest::over(&tail);
        while merged.advance()? {
            let Some(entry) = merged.entry().filter(|entry| entry.value.is_some()) else { continue };
            writer.entry(entry)?;
            digest.pass(entry);
        }
        writer.end(digest.finish())
    }
}

impl Shared {
    /// The store as it is now: its manifest, the layers opened, the last commit.
    fn view(&self) -> (Manifest, Result<Merged, Error>, Sequence) {
        let manifest = held(&self.manifest);
        (manifest.clone(), self.folder.merged(&manifest.layers), self.last())
    }
}
