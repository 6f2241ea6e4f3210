//! What a disk may hold after a power cut: everything that was synced, and of the rest any sectors in any order.
//!
//! An image is all files of a directory. What a cut leaves is made of the image at the last sync and the one at the next.
//! Before: model.rs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

/// What a disk writes whole or not at all.
const SECTOR_BYTES: usize = 512;

/// Every file of a directory.
#[derive(Clone, Default)]
pub(super) struct Image(BTreeMap<PathBuf, Vec<u8>>);

impl Image {
    pub(super) fn of(dir: &Path) -> Self {
        let mut image = Self::default();
        image.read(dir, Path::new(""));
        image
    }

    fn read(&mut self, root: &Path, dir: &Path) {
        for entry in fs::read_dir(root.join(dir)).unwrap() {
            let entry = entry.unwrap();
            let path = dir.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                self.read(root, &path);
            } else {
                self.0.insert(path, fs::read(entry.path()).unwrap());
            }
        }
    }

    pub(super) fn write(&self, dir: &Path) {
        for (path, bytes) in &self.0 {
            let path = dir.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    fn get(&self, path: &Path) -> &[u8] {
        self.0.get(path).map_or(&[], Vec::as_slice)
    }
}

/// The log's sync had not returned: of what it wrote, any part is there.
pub(super) fn cut_in_commit(before: &Image, after: &Image, random: &mut ChaCha8Rng) -> Image {
    let mut image = before.clone();
    mix_log(&mut image, before, after, random);
    image
}

/// Layers are synced before the manifest names them, and the log is trimmed after that.
pub(super) fn cut_in_snapshot(before: &Image, after: &Image, random: &mut ChaCha8Rng) -> Image {
    let manifest = Path::new("snapshot/manifest");
    let is_layer = |path: &Path| path.extension().is_some_and(|extension| extension == "layer");
    let mut image = before.clone();
    let named = random.random_range(0..2) == 0;
    for (path, bytes) in after.0.iter().filter(|(path, _)| is_layer(path) && !before.0.contains_key(*path)) {
        let length = if named { bytes.len() } else { random.random_range(0..=bytes.len()) };
        image.0.insert(path.clone(), bytes[..length].to_vec());
    }
    if named {
        image.0.insert(manifest.to_owned(), after.get(manifest).to_vec());
        let merged = before.0.keys().filter(|path| is_layer(path) && !after.0.contains_key(*path));
        for path in merged {
            if random.random_range(0..2) == 0 {
                image.0.remove(path);
            }
        }
        mix_log(&mut image, before, after, random);
    } else if let Some(new) = after.0.get(manifest) {
        let length = random.random_range(0..=new.len());
        image.0.insert(manifest.with_extension("new"), new[..length].to_vec());
    }
    image
}

/// Of every sector of sled's log that differs, the old or the new; of its other files, which it puts in place whole, one.
fn mix_log(image: &mut Image, before: &Image, after: &Image, random: &mut ChaCha8Rng) {
    let in_log = |path: &&PathBuf| path.starts_with("log");
    let paths: Vec<&PathBuf> = before.0.keys().chain(after.0.keys()).filter(in_log).collect();
    for path in paths {
        let (old, new) = (before.get(path), after.get(path));
        if !path.ends_with("db") {
            let kept = if random.random_range(0..2) == 0 { before } else { after };
            match kept.0.get(path) {
                Some(bytes) => drop(image.0.insert(path.clone(), bytes.clone())),
                None => drop(image.0.remove(path)),
            }
            continue;
        }
        let mut mixed = old.to_vec();
        mixed.resize(old.len().max(new.len()), 0);
        // Now and then all of one kind: the disk was quick, or had not begun.
        let chance = [0, 50, 90, 100][random.random_range(0..4)];
        for at in (0..new.len()).step_by(SECTOR_BYTES) {
            let sector = at..(at + SECTOR_BYTES).min(new.len());
            if random.random_range(0..100) < chance {
                mixed[sector.clone()].copy_from_slice(&new[sector]);
            }
        }
        image.0.insert(path.clone(), mixed);
    }
}
