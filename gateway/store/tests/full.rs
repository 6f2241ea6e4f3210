//! A disk that is really full: a small file system in memory, filled to the brim, and emptied again.
//!
//! Mounting one takes rights; without them the test says so and passes over. What an injected fault does is in the disk's
//! own tests.

use std::fs;
use std::process::Command;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;
use turnpage_gateway_core::{Batch, SubjectName, SubjectState, Timestamp};
use turnpage_gateway_store::{Disk, Error, Sequence, Store, disk::Options};

/// The file system, and what lies in the way until somebody clears it: sled takes up to two segments to open.
const SIZE: &str = "size=48m";
const BALLAST_BYTES: usize = 16 * 1024 * 1024;

/// A small file system, gone when it is dropped.
struct Small(TempDir);

impl Small {
    fn mount() -> Option<Self> {
        let dir = TempDir::new().unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", SIZE, "none"]).arg(dir.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then_some(Self(dir))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // Lazily: sled's own threads may hold a file for a moment longer.
        drop(Command::new("umount").arg("-l").arg(self.0.path()).status());
    }
}

fn batch(number: u64) -> Batch {
    let name = SubjectName::new(&format!("s{}", number % 400)).unwrap();
    // What cannot be packed, so that so many bytes are so many in the log.
    let bytes = ChaCha8Rng::seed_from_u64(number).random_iter().take(24_000).collect();
    let now = Timestamp(i64::try_from(number).unwrap());
    Batch { now, subjects: vec![SubjectState { name, bytes }], ..Batch::default() }
}

fn is_full(error: &Error) -> bool {
    matches!(error, Error::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull)
}

/// Commits, with snapshots, until the disk is full; returns the last number that was acknowledged.
fn fill(store: &mut Disk, from: u64) -> u64 {
    for number in from.. {
        if number % 100 == 0
            && let Err(error) = store.snapshot()()
        {
            assert!(is_full(&error), "{error}");
        }
        if let Err(error) = store.commit(&batch(number)) {
            assert!(is_full(&error), "{error}");
            assert!(error.to_string().contains("cannot write"), "{error}");
            return number - 1;
        }
    }
    unreachable!("numbers do not end")
}

fn check(store: &mut Disk, acknowledged: u64) -> u64 {
    let recovered = store.recover().unwrap();
    let last = recovered.last.0;
    assert!(
        last == acknowledged || last == acknowledged + 1,
        "{acknowledged} was acknowledged, {last} is there"
    );
    for number in last.saturating_sub(399).max(1)..=last {
        let SubjectState { name, bytes } = batch(number).subjects.remove(0);
        assert_eq!(recovered.state.subjects[&name], bytes, "commit {number}");
    }
    last
}

/// What is filled here: the log with snapshots beside it, or the log alone.
type Fill = fn(&mut Disk, u64) -> u64;

fn fill_without_snapshots(store: &mut Disk, from: u64) -> u64 {
    (from..).find(|number| store.commit(&batch(*number)).is_err()).expect("numbers do not end") - 1
}

fn full_and_healed(fill: Fill) {
    let Some(small) = Small::mount() else {
        println!("passed over: mounting a small file system is not permitted here");
        return;
    };
    let (data, ballast) = (small.0.path().join("data"), small.0.path().join("ballast"));
    fs::write(&ballast, vec![7; BALLAST_BYTES]).unwrap();
    let options = Options { log_ms_max: 0, log_bytes_max: 0 };
    let mut store = Disk::open(&data, options).unwrap();
    let mut last = fill(&mut store, 1);
    assert!(matches!(store.commit(&batch(last + 1)), Err(Error::Stopped)), "it takes no more");
    // sled reads nothing more once it could not write; that is said, and what is told until then is whole.
    let mut next = None;
    let read = store.log(Sequence(1), &mut |at, told| {
        assert!(next.is_none_or(|next| next == at) && told == batch(at.0), "commit {at}");
        next = Some(Sequence(at.0 + 1));
        true
    });
    assert!(read.as_ref().err().is_none_or(is_full), "{read:?}");
    drop(store);
    // Still full: an answer, whichever.
    if let Ok(mut store) = Disk::open(&data, options) {
        last = check(&mut store, last);
    }
    fs::remove_file(&ballast).unwrap();
    let mut store = Disk::open(&data, options).expect("there is room again");
    last = check(&mut store, last) + 1;
    assert_eq!(store.commit(&batch(last)).unwrap(), Sequence(last), "and it goes on");
    store.snapshot()().expect("there is room for a snapshot");
    let found = store.upkeep().verify(&mut |_| {}).unwrap();
    assert_eq!(found.findings, Vec::<String>::new());
}

#[test]
fn a_full_disk_loses_nothing_and_heals() {
    full_and_healed(fill);
}

#[test]
fn a_disk_filled_by_the_log_alone_heals_too() {
    full_and_healed(fill_without_snapshots);
}
