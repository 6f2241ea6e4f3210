//! What the first formats of layers and backups wrote, byte for byte: read for ever. Never edited.
//!
//! Their four commits are those of `batch`; records of the log are in disk/tests.rs.

use std::fs;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;
use turnpage_gateway_core::{Batch, Counters, HouseState, State, SubjectName, SubjectState, Timestamp};
use turnpage_gateway_store::{Disk, Sequence, Store, disk, disk::Options};

const BACKUP: &[u8] = include_bytes!("golden/1.backup");
const LAYER: &[u8] = include_bytes!("golden/1.layer");
const MANIFEST: &[u8] = include_bytes!("golden/1.manifest");

fn batch(number: u64) -> Batch {
    let name = SubjectName::new(&format!("s{number}")).unwrap();
    let bytes = ChaCha8Rng::seed_from_u64(number).random_iter().take(9).collect();
    Batch {
        now: Timestamp(i64::try_from(number).unwrap()),
        subjects: vec![SubjectState { name, bytes }],
        house: vec![HouseState { key: format!("signal/{}", number % 3), bytes: vec![1, 2, 3] }],
        counters: Counters { received: number, ..Counters::default() },
        ..Batch::default()
    }
}

fn folded(commits: u64) -> State {
    let mut state = State::default();
    (1..=commits).for_each(|number| state.absorb(batch(number)));
    state
}

/// What is there is read, and whereabouts that are written on top of it go into layers of today.
fn goes_on(mut disk: Disk, commits: u64) {
    let mut state = folded(commits);
    let recovered = disk.recover().unwrap();
    assert_eq!((recovered.last, &recovered.state), (Sequence(commits), &state));
    let stays = batch(1).subjects;
    let next = Batch { stays, ..Batch::default() };
    disk.commit(&next).unwrap();
    disk.snapshot()().unwrap();
    state.absorb(next);
    assert_eq!(disk.recover().unwrap().state, state);
}

#[test]
fn a_layer_of_the_first_format_is_read() {
    let dir = TempDir::new().unwrap();
    let snapshot = dir.path().join("snapshot");
    fs::create_dir(&snapshot).unwrap();
    fs::write(snapshot.join("000000000001.layer"), LAYER).unwrap();
    fs::write(snapshot.join("manifest"), MANIFEST).unwrap();
    goes_on(Disk::open(dir.path(), Options::default()).unwrap(), 3);
}

#[test]
fn a_backup_of_the_first_format_is_restored() {
    let parent = TempDir::new().unwrap();
    let dir = parent.path().join("new");
    assert_eq!(disk::restore(BACKUP, &dir, &mut |_| {}).unwrap().commits, 4);
    assert!(disk::verify(&dir, &mut |_| {}).unwrap().findings.is_empty());
    goes_on(Disk::open(&dir, Options::default()).unwrap(), 4);
}
