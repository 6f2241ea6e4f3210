//! Takes a snapshot while commits go on: what changed since the last one becomes a layer, layers that are alike in size
//! become one, and the log that is superfluous and too old or too much goes.
//!
//! Memory is what changed, within a bound, and one block a layer; never the state. It reads the log and not the
//! pipeline, and writes no byte through sled, so that commits wait neither for it nor for what it costs. A failure, a
//! full disk for example, leaves the snapshot before and the log as they were. Before: disk/manifest.rs.
//! Next: a restart, which reads it.

use turnpage_gateway_core::Timestamp;

use super::layer::{Layer, Writer};
use super::log::Commit;
use super::manifest::{Manifest, Span};
use super::pace::Pace;
use super::{Options, Shared};
use crate::entry::Delta;
use crate::upkeep::{Hear, Progress};
use crate::{Error, Sequence, Snapshot};

/// Bytes of changes that are folded in memory before they are written as a layer.
const DELTA_BYTES_MAX: usize = 32 * 1024 * 1024;
/// A layer is merged with what is above it unless it is more than this many times as large: all that lie on the lowest
/// are then together smaller than it, there are few of them, and each byte is written again a few times only.
const GROWTH: u64 = 2;
/// Pieces of the log that retention tells apart: at one a minute, three days. Beyond, the oldest are one.
const SPANS_MAX: usize = 4_096;

/// How far layers are merged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Merging {
    /// Where they are alike in size.
    Alike,
    /// Into one.
    All,
}

impl Shared {
    /// Takes a snapshot of every commit through `through`.
    pub(super) fn take(
        &self,
        through: Sequence,
        merging: Merging,
        progress: Hear<'_>,
    ) -> Result<Snapshot, Error> {
        let _alone = super::held(&self.taking);
        let taken = self.take_alone(through, merging, progress);
        // Whatever was not finished gives its room back, above all when that is what was missing.
        let swept = self.folder.sweep(&super::held(&self.manifest));
        let taken = taken?;
        swept?;
        Ok(taken)
    }

    fn take_alone(&self, through: Sequence, merging: Merging, progress: Hear<'_>) -> Result<Snapshot, Error> {
        let mut manifest = super::held(&self.manifest).clone();
        let through = through.max(manifest.through());
        let mut taken = Snapshot { through, written_bytes: 0, layers: 0, trimmed: 0 };
        if through > manifest.through() {
            taken.written_bytes += self.fold(&mut manifest, through)?;
            self.publish(&manifest)?;
        }
        let from = match merging {
            Merging::Alike => alike(&manifest.layers),
            Merging::All => 0,
        };
        // Merging one layer with nothing only makes sense where it may hold what is gone.
        if manifest.layers.len() > from + 1 {
            taken.written_bytes += self.merge(&mut manifest, from, progress)?;
        }
        retain(&mut manifest, self.options);
        if manifest != *super::held(&self.manifest) {
            self.publish(&manifest)?;
        }
        taken.layers = manifest.layers.len();
        // Nobody who reads the log is left with half of it.
        let pins = super::held(&self.pins);
        let before = pins.iter().copied().min().map_or(manifest.first, |pinned| pinned.min(manifest.first));
        taken.trimmed = self.log.trim(Sequence(before))?;
        Ok(taken)
    }

    /// Writes what changed up to `through` as layers; returns their size.
    fn fold(&self, manifest: &mut Manifest, through: Sequence) -> Result<u64, Error> {
        let from = Sequence(manifest.through().0 + 1);
        let mut delta = Delta::default();
        let (mut bytes, mut written) = (0, 0);
        let mut pace = Pace::begin();
        self.log.every(from, through, &mut |Commit { at, batch, bytes: taken, .. }| {
            bytes += taken;
            manifest.until = batch.now;
            delta.absorb(batch).map_err(|source| Error::Encode { sequence: at, source })?;
            if delta.bytes() >= DELTA_BYTES_MAX || at == through {
                written += self.write(manifest, at, &std::mem::take(&mut delta), &mut pace)?;
            }
            pace.rest();
            Ok(())
        })?;
        manifest.spans.push(Span { through: through.0, until: manifest.until, bytes });
        Ok(written)
    }

    fn write(
        &self,
        manifest: &mut Manifest,
        through: Sequence,
        delta: &Delta,
        pace: &mut Pace,
    ) -> Result<u64, Error> {
        let number = manifest.next;
        let folder = &self.folder;
        let mut layer = Writer::create(&folder.files, &folder.path, number, manifest.through(), through)?;
        // Below the lowest layer there is nothing that could still be there.
        let lowest = manifest.layers.is_empty();
        let mut entries = delta.entries().filter(|entry| !lowest || entry.value.is_some());
        entries.try_for_each(|entry| {
            pace.rest();
            layer.push(entry)
        })?;
        let layer = layer.finish()?;
        manifest.next += 1;
        manifest.layers.push(layer);
        Ok(layer.bytes)
    }

    /// Merges the layers from the `from`th on into one; returns its size.
    fn merge(&self, manifest: &mut Manifest, from: usize, progress: Hear<'_>) -> Result<u64, Error> {
        let layers = manifest.layers.split_off(from);
        let (after, through) = (manifest.through(), layers.last().map_or(0, |layer| layer.through));
        let folder = &self.folder;
        let mut merged = folder.merged(&layers)?;
        let mut layer = Writer::create(&folder.files, &folder.path, manifest.next, after, Sequence(through))?;
        let total = layers.iter().map(|layer| layer.bytes).sum();
        let (mut done, mut pace) = (0, Pace::begin());
        while merged.advance()? {
            pace.rest();
            if merged.at() > done {
                done = merged.at();
                progress(Progress { done, total });
            }
            let entry = merged.entry().filter(|entry| from > 0 || entry.value.is_some());
            entry.map_or(Ok(()), |entry| layer.push(entry))?;
        }
        let layer = layer.finish()?;
        manifest.next += 1;
        manifest.layers.push(layer);
        Ok(layer.bytes)
    }

    /// Makes a manifest the one that counts.
    fn publish(&self, manifest: &Manifest) -> Result<(), Error> {
        self.folder.write(manifest)?;
        let before = std::mem::replace(&mut *super::held(&self.manifest), manifest.clone());
        let covered = manifest.spans.iter().filter(|span| span.through > before.through().0);
        let mut tail = super::held(&self.tail);
        tail.covered(manifest.through().0 - before.through().0, covered.map(|span| span.bytes).sum());
        Ok(())
    }
}

/// The first of the layers that are to be merged with all above them.
fn alike(layers: &[Layer]) -> usize {
    let mut from = layers.len().saturating_sub(1);
    let mut bytes = layers.get(from).map_or(0, |layer| layer.bytes);
    while let Some(below) = from.checked_sub(1).and_then(|below| layers.get(below)) {
        if below.bytes > bytes.saturating_mul(GROWTH) {
            break;
        }
        bytes += below.bytes;
        from -= 1;
    }
    from
}

/// Lets go of the log before the snapshot that is older or more than is to be kept.
fn retain(manifest: &mut Manifest, options: Options) {
    let oldest = Timestamp(manifest.until.0.saturating_sub(options.log_ms_max));
    let mut bytes: u64 = manifest.spans.iter().map(|span| span.bytes).sum();
    let mut gone = 0;
    for span in &manifest.spans {
        if bytes <= options.log_bytes_max && span.until >= oldest {
            break;
        }
        bytes = bytes.saturating_sub(span.bytes);
        manifest.first = span.through + 1;
        gone += 1;
    }
    manifest.spans.drain(..gone);
    while manifest.spans.len() > SPANS_MAX {
        let first = manifest.spans.remove(0);
        if let Some(next) = manifest.spans.first_mut() {
            next.bytes += first.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(bytes: &[u64]) -> Vec<Layer> {
        let layer = |bytes: &u64| Layer { number: 1, after: 0, through: 1, entries: 0, bytes: *bytes };
        bytes.iter().map(layer).collect()
    }

    #[test]
    fn layers_alike_in_size_are_merged() {
        let from = |bytes: &[u64]| alike(&layers(bytes));
        assert_eq!((from(&[]), from(&[5])), (0, 0));
        assert_eq!(from(&[200, 10]), 1, "a small one stays on a large one");
        assert_eq!(from(&[200, 10, 10]), 1, "two small ones become one");
        assert_eq!(from(&[200, 90, 30, 20]), 0, "and all become one before they outgrow the lowest");
        assert_eq!(from(&[200, 90, 30, 10]), 3);
    }

    /// However a store grows, a restart reads less than twice its lowest layer, from few files.
    #[test]
    fn the_lowest_layer_outweighs_all_others() {
        let mut bytes = vec![1_000_000];
        for round in 0..10_000_u64 {
            bytes.push(1 + round * 7_919 % 5_000);
            let from = alike(&layers(&bytes));
            let merged = bytes.split_off(from).iter().sum();
            bytes.push(merged);
            assert!(bytes[1..].iter().sum::<u64>() < bytes[0], "{bytes:?}");
            assert!(bytes.len() < 24, "{bytes:?}");
        }
    }

    #[test]
    fn the_log_goes_by_age_and_by_size_and_never_what_a_restart_needs() {
        let span = |through, until| Span { through, until: Timestamp(until), bytes: 100 };
        let mut manifest = Manifest {
            layers: layers(&[1]),
            until: Timestamp(4_000),
            spans: vec![span(10, 1_000), span(20, 2_000), span(30, 3_000), span(40, 4_000)],
            ..Manifest::default()
        };
        retain(&mut manifest, Options { log_ms_max: 2_000, log_bytes_max: 1_000 });
        assert_eq!((manifest.first, manifest.spans.len()), (11, 3), "by age");
        retain(&mut manifest, Options { log_ms_max: i64::MAX, log_bytes_max: 250 });
        assert_eq!((manifest.first, manifest.spans.len()), (21, 2), "by size");
        retain(&mut manifest, Options { log_ms_max: 0, log_bytes_max: 0 });
        assert_eq!(
            (manifest.first, manifest.spans.len()),
            (41, 0),
            "all of it, and no commit after the snapshot"
        );
    }
}
