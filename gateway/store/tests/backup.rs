//! Backups, of the memory and of the disk: what is restored folds into the same state and tells the same log, and a file
//! that is anything but a whole backup restores nothing.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;
use turnpage_gateway_core::{Batch, Counters, HouseState, SubjectName, SubjectState, Timestamp};
use turnpage_gateway_store::{
    BackedUp, Disk, Error, Memory, Sequence, Store, Verified, backup, disk, disk::Options,
};

fn batch(number: u64, bytes: usize) -> Batch {
    let name = |number: u64| SubjectName::new(&format!("s{}", number % 17)).unwrap();
    // What cannot be packed, so that so many bytes are so many in the log.
    let noise = || ChaCha8Rng::seed_from_u64(number).random_iter().take(bytes + 1).collect();
    let state = if number.is_multiple_of(7) { Vec::new() } else { noise() };
    Batch {
        now: Timestamp(i64::try_from(number).unwrap()),
        subjects: vec![SubjectState { name: name(number), bytes: state }],
        stays: vec![SubjectState { name: name(number / 2), bytes: vec![1, 2, 3] }],
        house: vec![HouseState { key: format!("signal/{}", number % 3), bytes: vec![1, 2, 3] }],
        counters: Counters { received: number, ..Counters::default() },
        ..Batch::default()
    }
}

/// A store with a snapshot of several layers, a log that begins before it, and a tail.
fn fill(store: &mut dyn Store, commits: u64) {
    for number in 1..=commits {
        // Now and then one of several parts.
        let bytes = if number % 20 == 0 { 250_000 } else { 300 };
        store.commit(&batch(number, bytes)).unwrap();
        if number % 13 == 0 {
            store.snapshot()().unwrap();
        }
    }
}

fn backed_up(store: &dyn Store) -> (Vec<u8>, BackedUp) {
    let (mut file, mut told) = (Vec::new(), 0);
    let backup = store.upkeep().backup(&mut file, &mut |progress| told = progress.done).unwrap();
    assert_eq!(backup.bytes, file.len() as u64);
    assert!(told <= backup.bytes);
    (file, backup)
}

fn log(store: &dyn Store) -> Vec<(Sequence, Batch)> {
    let mut kept = Vec::new();
    store
        .log(Sequence(0), &mut |at, batch| {
            kept.push((at, batch));
            true
        })
        .unwrap();
    kept
}

fn verified(dir: &Path) -> Verified {
    disk::verify(dir, &mut |_| {}).unwrap()
}

/// Restores a file and holds what comes of it against the store that it was taken from.
fn restored_like(store: &mut dyn Store, file: &[u8], backup: BackedUp) {
    assert_eq!(backup::verify(file, &mut |_| {}).unwrap(), backup);
    let parent = TempDir::new().unwrap();
    let dir = parent.path().join("new");
    assert_eq!(disk::restore(file, &dir, &mut |_| {}).unwrap(), backup);
    let found = verified(&dir);
    assert_eq!((found.findings, found.state), (Vec::new(), Some(backup.state)));
    let mut restored = Disk::open(&dir, Options::default()).unwrap();
    let (ours, theirs) = (restored.recover().unwrap(), store.recover().unwrap());
    assert_eq!((ours.last, &ours.state), (theirs.last, &theirs.state));
    assert_eq!(postcard::to_stdvec(&ours.state), postcard::to_stdvec(&theirs.state), "to the byte");
    assert_eq!(log(&restored), log(store));
    // And it goes on.
    let next = batch(1_000, 10);
    assert_eq!(restored.commit(&next).unwrap(), Sequence(theirs.last.0 + 1));
    restored.snapshot()().unwrap();
    let mut state = theirs.state;
    state.absorb(next);
    assert_eq!(restored.recover().unwrap().state, state);
}

#[test]
fn a_backup_becomes_the_same_store() {
    for commits in [0, 1, 12, 13, 60] {
        let dir = TempDir::new().unwrap();
        let little = Options { log_ms_max: i64::MAX, log_bytes_max: 100_000 };
        let mut stores: [Box<dyn Store>; 2] =
            [Box::new(Memory::new()), Box::new(Disk::open(dir.path(), little).unwrap())];
        let digests = stores.each_mut().map(|store| {
            fill(&mut **store, commits);
            let (file, backup) = backed_up(&**store);
            restored_like(&mut **store, &file, backup);
            backup.state
        });
        assert_eq!(digests[0], digests[1], "one state, one digest, whatever it lies in");
    }
}

/// What is committed and merged while a backup is written is not in it, and does it no harm.
#[test]
fn a_backup_is_of_the_instant_at_which_it_began() {
    /// Does something the first time that anything is written to it.
    struct Slow<F: FnMut()>(Vec<u8>, Option<F>);
    impl<F: FnMut()> std::io::Write for Slow<F> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if let Some(mut first) = self.1.take() {
                first();
            }
            self.0.write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let dir = TempDir::new().unwrap();
    let mut store = Disk::open(dir.path(), Options { log_ms_max: 0, log_bytes_max: 0 }).unwrap();
    fill(&mut store, 50);
    let (_, expected) = backed_up(&store);
    let upkeep = store.upkeep();
    let mut out = Slow(
        Vec::new(),
        Some(|| {
            for number in 51..=90 {
                store.commit(&batch(number, 3_000)).unwrap();
            }
            store.upkeep().compact(&mut |_| {}).unwrap();
        }),
    );
    let backup = upkeep.backup(&mut out, &mut |_| {}).unwrap();
    assert_eq!(backup, expected);
    assert_eq!(backup::verify(&*out.0, &mut |_| {}).unwrap(), expected);
    // The log that was read is let go of with the next snapshot.
    assert_eq!(store.snapshot()().unwrap().through, Sequence(90));
    assert!(log(&store).is_empty());
}

#[test]
fn compacted_it_is_one_layer_and_the_same_state() {
    let dir = TempDir::new().unwrap();
    let mut store = Disk::open(dir.path(), Options::default()).unwrap();
    fill(&mut store, 60);
    let before = (store.recover().unwrap().state, backed_up(&store).1.state);
    assert_eq!(store.upkeep().compact(&mut |_| {}).unwrap().layers, 1);
    assert_eq!((store.recover().unwrap().state, backed_up(&store).1.state), before);
    assert_eq!(log(&store).len(), 60, "what is to be kept is kept");
}

fn refused(file: &[u8]) -> Error {
    let parent = TempDir::new().unwrap();
    for dir in [parent.path().join("new"), parent.path().to_owned()] {
        let verified = backup::verify(file, &mut |_| {}).expect_err("it is no backup");
        let error = disk::restore(file, &dir, &mut |_| {}).expect_err("it restores nothing");
        assert_eq!(error.to_string(), verified.to_string());
        assert!(fs::read_dir(parent.path()).unwrap().next().is_none(), "nothing is left behind");
    }
    backup::verify(file, &mut |_| {}).unwrap_err()
}

#[test]
fn a_file_of_something_else_is_no_backup() {
    for file in [&b""[..], b"PK\x03\x04", b"a text that somebody wrote, longer than a block's header"] {
        assert!(matches!(refused(file), Error::Backup { at: 0, .. }));
    }
}

#[test]
fn nothing_is_restored_over_anything() {
    let mut store = Memory::new();
    fill(&mut store, 5);
    let (file, _) = backed_up(&store);
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("mine"), b"precious").unwrap();
    let error = disk::restore(&*file, dir.path(), &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::NotEmpty { .. }), "{error}");
    assert_eq!(fs::read(dir.path().join("mine")).unwrap(), b"precious");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

/// What a crash in the middle of restoring leaves.
#[test]
fn a_directory_that_is_half_restored_is_no_store() {
    let dir = TempDir::new().unwrap();
    drop(Disk::open(dir.path(), Options::default()).unwrap());
    fs::write(dir.path().join("unfinished"), b"").unwrap();
    let error = Disk::open(dir.path(), Options::default()).err().unwrap();
    assert!(matches!(error, Error::Unfinished { .. }), "{error}");
    assert!(matches!(disk::verify(dir.path(), &mut |_| {}), Err(Error::Unfinished { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
    #[test]
    fn a_damaged_backup_restores_nothing(at: prop::sample::Index, how in 0..4, byte: u8) {
        let mut store = Memory::new();
        fill(&mut store, 21);
        let (mut file, _) = backed_up(&store);
        let at = at.index(file.len());
        match how {
            0 => file.truncate(at),
            1 => file[at] ^= byte.max(1),
            2 => file.push(byte),
            _ => drop(file.drain(at..(at + 1 + usize::from(byte)).min(file.len()))),
        }
        refused(&file);
    }
}
