//! The disk held against the memory, against flipped bytes, and against newcomers to its directory.
//! What a killed process leaves behind is in tests/kill.rs.

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;
use turnpage_gateway_core::{
    Counters, HouseState, Mark, NodeId, OfferId, Outgoing, Settled, Settlement, SubjectName,
};
use turnpage_gateway_core::{State, SubjectState, Timestamp};

use super::*;
use crate::Memory;

/// A batch that changes a subject, a mark and the outbox, and now and then settles an offer or forgets a subject.
fn batch(seed: u64, bytes: usize) -> Batch {
    let subject = |n: u64| SubjectName::new(&format!("s{}", n % 17)).unwrap();
    let offer = |n: u64| OfferId(u128::from(n % 13));
    let outgoing = Outgoing {
        id: offer(seed),
        subject: subject(seed),
        channel: "band".into(),
        journey: "rain".into(),
        page: "dry".into(),
        offer: "cocoa".into(),
        text: "x".repeat(bytes % 700),
        made_at: Timestamp(1),
        valid_until: Timestamp(2),
    };
    let settled = Settled { id: offer(seed / 3), subject: subject(seed), how: Settlement::Delivered };
    let state = if seed.is_multiple_of(5) { Vec::new() } else { vec![seed.to_le_bytes()[0]; bytes] };
    Batch {
        subjects: vec![SubjectState { name: subject(seed), bytes: state }],
        marks: vec![(
            NodeId(u32::from(seed.to_le_bytes()[0])),
            Mark { boot: 1, highest: 2, taken: 3, seen_at: Timestamp(4) },
        )],
        house: vec![HouseState { key: format!("signal/{}", seed % 3), bytes: seed.to_le_bytes().to_vec() }],
        outbox: vec![outgoing],
        settled: if seed.is_multiple_of(2) { vec![settled] } else { Vec::new() },
        counters: Counters { received: seed, ..Counters::default() },
        ..Batch::default()
    }
}

fn open(dir: &TempDir) -> Disk {
    Disk::open(dir.path(), Options { records_kept: 4 }).unwrap()
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

#[derive(Clone, Debug)]
enum Step {
    Commit(u64, usize),
    Snapshot,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let small = (any::<u64>(), 0..2_000_usize).prop_map(|(seed, bytes)| Step::Commit(seed, bytes));
    let large = (any::<u64>(), 90_000..250_000_usize).prop_map(|(seed, bytes)| Step::Commit(seed, bytes));
    prop_oneof![14 => small, 1 => large, 2 => Just(Step::Snapshot), 1 => Just(Step::Reopen)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn disk_and_memory_agree(steps in prop::collection::vec(step(), 1..40)) {
        let dir = TempDir::new().unwrap();
        let (mut disk, mut memory) = (open(&dir), Memory::new());
        for step in steps {
            match step {
                Step::Commit(seed, bytes) => {
                    let batch = batch(seed, bytes);
                    prop_assert_eq!(disk.commit(&batch).unwrap(), memory.commit(&batch).unwrap());
                }
                Step::Snapshot => {
                    let taken = disk.snapshot()().unwrap();
                    prop_assert_eq!(taken.through, memory.snapshot()().unwrap().through);
                    prop_assert_eq!(disk.tail_bytes(), 0);
                }
                Step::Reopen => {
                    drop(disk);
                    disk = open(&dir);
                }
            }
        }
        let (ours, model) = (disk.recover().unwrap(), memory.recover().unwrap());
        prop_assert_eq!(ours.last, model.last);
        prop_assert_eq!(ours.state, model.state);
        // The disk keeps fewer records, but what it keeps is the end of the same log.
        let (ours, model) = (log(&disk), log(&memory));
        prop_assert!(model.ends_with(&ours));
        prop_assert!(ours.len() >= model.len().min(4));
        prop_assert_eq!(fs::read_dir(dir.path().join("log/blobs")).unwrap().count(), 0, "unsynced values");
    }
}

#[test]
fn a_snapshot_may_be_taken_while_commits_go_on() {
    let dir = TempDir::new().unwrap();
    let (mut disk, mut memory) = (open(&dir), Memory::new());
    let commit = |disk: &mut Disk, memory: &mut Memory, seeds: std::ops::Range<u64>| {
        for seed in seeds {
            disk.commit(&batch(seed, 3_000)).unwrap();
            memory.commit(&batch(seed, 3_000)).unwrap();
        }
    };
    commit(&mut disk, &mut memory, 0..200);
    let job = disk.snapshot();
    let taken = std::thread::scope(|scope| {
        let job = scope.spawn(job);
        commit(&mut disk, &mut memory, 200..400);
        job.join().unwrap().unwrap()
    });
    assert_eq!(taken.through, Sequence(200));
    assert!(taken.trimmed > 0);
    drop(disk);
    let recovered = open(&dir).recover().unwrap();
    assert_eq!(recovered.replayed, 200, "a restart reads what the snapshot does not cover, and no more");
    assert_eq!(recovered.state, memory.recover().unwrap().state);
}

#[test]
fn a_snapshot_cut_short_does_not_exist() {
    let dir = TempDir::new().unwrap();
    let mut disk = open(&dir);
    for seed in 0..10 {
        disk.commit(&batch(seed, 100)).unwrap();
    }
    let stray = Place { kind: Kind::Chunk, number: 10, index: 7 };
    let payload = postcard::to_stdvec(&State::default()).unwrap();
    disk.reader.put(record::parts(stray, &payload).unwrap()).unwrap();
    assert_eq!(disk.recover().unwrap().replayed, 10);
    assert_eq!(disk.snapshot()().unwrap().chunks, 1);
    assert_eq!(disk.reader.keys(Kind::Chunk, u64::MAX).count(), 1, "the leftover is swept away");
}

#[test]
fn a_directory_in_use_is_said_to_be_in_use() {
    let dir = TempDir::new().unwrap();
    let _first = open(&dir);
    let error = Disk::open(dir.path(), Options::default()).err().unwrap();
    assert!(matches!(error, Error::Locked { .. }), "{error}");
}

#[test]
fn a_missing_commit_is_noticed() {
    let dir = TempDir::new().unwrap();
    let mut disk = open(&dir);
    for seed in 0..6 {
        disk.commit(&batch(seed, 10)).unwrap();
    }
    disk.reader.tree_for_test().remove(Place { kind: Kind::Commit, number: 3, index: 0 }.key(0)).unwrap();
    let error = disk.recover().err().unwrap().to_string();
    assert!(error.contains("commit 3 is missing"), "{error}");
}

#[test]
fn a_lost_tail_is_noticed() {
    let dir = TempDir::new().unwrap();
    let mut disk = open(&dir);
    for seed in 0..6 {
        disk.commit(&batch(seed, 10)).unwrap();
    }
    disk.reader.tree_for_test().remove(Place { kind: Kind::Commit, number: 6, index: 0 }.key(0)).unwrap();
    drop(disk);
    let error = Disk::open(dir.path(), Options::default()).err().unwrap().to_string();
    assert!(error.contains("commit 6 was acknowledged, and the log ends at 5"), "{error}");
}

/// Flips single bytes all over sled's file. Whatever they hit, the answer is the whole content or an error.
#[test]
fn a_flipped_byte_never_loses_anything_in_silence() {
    let dir = TempDir::new().unwrap();
    let mut disk = open(&dir);
    for seed in 0..40 {
        disk.commit(&batch(seed, 2_000)).unwrap();
    }
    disk.snapshot()().unwrap();
    for seed in 40..60 {
        disk.commit(&batch(seed, 2_000)).unwrap();
    }
    let whole = disk.recover().unwrap().state;
    drop(disk);
    let content = fs::read(dir.path().join("log/db")).unwrap();
    let written: Vec<usize> = (0..content.len()).filter(|&at| content[at] != 0).collect();
    let mut refused = 0;
    for at in written.iter().step_by(written.len() / 60) {
        let copy = TempDir::new().unwrap();
        copy_tree(dir.path(), copy.path());
        let mut damaged = content.clone();
        damaged[*at] ^= 0x10;
        fs::write(copy.path().join("log/db"), damaged).unwrap();
        match Disk::open(copy.path(), Options::default()).and_then(|mut disk| disk.recover()) {
            Ok(recovered) => assert_eq!(recovered.state, whole, "byte {at}"),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 10, "only {refused} of 60 flips were noticed: they did not hit what is read");
}

fn copy_tree(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&to).unwrap();
            copy_tree(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
