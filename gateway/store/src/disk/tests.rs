//! The disk against flipped bytes, against leftovers, and against newcomers to its directory. What it shares with the
//! memory is in tests/contract.rs, and what a killed process leaves behind in tests/kill.rs.

mod images;
mod model;

use std::fs;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;
use turnpage_gateway_core::{
    Counters, HouseState, Mark, NodeId, OfferId, Outgoing, Settled, Settlement, SubjectName,
};
use turnpage_gateway_core::{SubjectState, Timestamp};

use super::*;
use crate::{Memory, record};

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
    // What cannot be packed, so that so many bytes are so many in the log.
    let noise = || ChaCha8Rng::seed_from_u64(seed).random_iter().take(bytes).collect();
    // Mostly of somebody else than the record is of.
    let stay = SubjectState { name: subject(seed / 2), bytes: seed.to_le_bytes().to_vec() };
    let state = if seed.is_multiple_of(5) { Vec::new() } else { noise() };
    Batch {
        subjects: vec![SubjectState { name: subject(seed), bytes: state }],
        stays: if seed.is_multiple_of(4) { Vec::new() } else { vec![stay] },
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

/// Keeps little of the log, so that trimming happens.
const OPTIONS: Options = Options { log_ms_max: i64::MAX, log_bytes_max: 10_000 };

fn open(dir: &TempDir) -> Disk {
    Disk::open(dir.path(), OPTIONS).unwrap()
}

fn layers(dir: &TempDir) -> usize {
    let files = fs::read_dir(dir.path().join("snapshot")).unwrap();
    files.filter(|file| file.as_ref().unwrap().file_name().to_str().unwrap().ends_with(".layer")).count()
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

/// What a snapshot writes is what changed, not the state.
#[test]
fn a_snapshot_costs_what_changed() {
    let dir = TempDir::new().unwrap();
    let mut disk = open(&dir);
    let subjects = (0..5_000).map(|n| SubjectState {
        name: SubjectName::new(&format!("all{n:04}")).unwrap(),
        bytes: vec![7; 200],
    });
    disk.commit(&Batch { subjects: subjects.collect(), ..Batch::default() }).unwrap();
    let whole = disk.snapshot()().unwrap();
    assert!(whole.written_bytes > 5_000 * 200);
    for seed in 0..20 {
        disk.commit(&batch(seed, 100)).unwrap();
    }
    let little = disk.snapshot()().unwrap();
    assert!(little.written_bytes < 20_000, "{little:?}");
    assert_eq!((little.layers, layers(&dir)), (2, 2));
    let before = disk.recover().unwrap();
    assert_eq!(before.replayed, 0);
    assert_eq!(before.state.subjects.len(), 5_000 + 14);
}

#[test]
fn a_snapshot_cut_short_does_not_exist() {
    let dir = TempDir::new().unwrap();
    let mut disk = open(&dir);
    for seed in 0..10 {
        disk.commit(&batch(seed, 100)).unwrap();
    }
    drop(disk);
    for leftover in ["000000000001.layer", "000000000009.layer", "manifest.new"] {
        fs::write(dir.path().join("snapshot").join(leftover), b"torn").unwrap();
    }
    let mut disk = open(&dir);
    assert_eq!(layers(&dir), 0, "leftovers are swept away");
    assert_eq!(disk.recover().unwrap().replayed, 10);
    assert_eq!(disk.snapshot()().unwrap().layers, 1);
    drop(disk);
    assert_eq!(open(&dir).recover().unwrap().replayed, 0);
}

#[test]
fn a_directory_in_use_is_said_to_be_in_use() {
    let dir = TempDir::new().unwrap();
    let _first = open(&dir);
    let error = Disk::open(dir.path(), OPTIONS).err().unwrap();
    assert!(matches!(error, Error::Locked { .. }), "{error}");
}

/// A log of an older version is read, and goes on in today's format.
#[test]
fn commits_that_were_never_packed_are_read() {
    let dir = TempDir::new().unwrap();
    let mut disk = open(&dir);
    let older = batch(1, 3_000);
    let (key, value) = record::plain_for_test(1, &older.to_bytes().unwrap());
    disk.shared.log.tree_for_test().insert(key, value).unwrap();
    disk.shared.log.sync().unwrap();
    drop(disk);
    disk = open(&dir);
    assert_eq!(disk.commit(&batch(2, 3_000)).unwrap(), Sequence(2));
    let mut told = Vec::new();
    disk.log(Sequence(1), &mut |_, batch| {
        told.push(batch);
        true
    })
    .unwrap();
    assert_eq!(told, [older, batch(2, 3_000)]);
    drop(disk);
    assert_eq!(verify(dir.path(), &mut |_| {}).unwrap().findings, Vec::<String>::new());
}

#[test]
fn a_missing_commit_is_noticed() {
    let dir = TempDir::new().unwrap();
    let mut disk = open(&dir);
    for seed in 0..6 {
        disk.commit(&batch(seed, 10)).unwrap();
    }
    disk.shared.log.tree_for_test().remove(record::key(3, 0)).unwrap();
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
    disk.shared.log.tree_for_test().remove(record::key(6, 0)).unwrap();
    drop(disk);
    let error = Disk::open(dir.path(), OPTIONS).err().unwrap().to_string();
    assert!(error.contains("commit 6 was acknowledged, and the log ends at 5"), "{error}");
}

#[test]
fn a_quiet_venue_takes_snapshots_too() {
    let dir = TempDir::new().unwrap();
    let mut disk = open(&dir);
    disk.commit(&Batch { now: Timestamp(0), ..batch(1, 10) }).unwrap();
    assert!(!disk.snapshot_is_due());
    disk.commit(&Batch { now: Timestamp(TAIL_MS_MAX), ..batch(2, 10) }).unwrap();
    assert!(disk.snapshot_is_due());
    disk.snapshot()().unwrap();
    assert!(!disk.snapshot_is_due());
    disk.commit(&Batch { now: Timestamp(TAIL_MS_MAX + 1), ..batch(2, 10) }).unwrap();
    assert!(!disk.snapshot_is_due());
}

/// Flips single bytes all over every file. Whatever they hit, the answer is the whole content or an error.
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
    for file in ["log/db", "snapshot/manifest", "snapshot/000000000001.layer"] {
        let content = fs::read(dir.path().join(file)).unwrap();
        let written: Vec<usize> = (0..content.len()).filter(|&at| content[at] != 0).collect();
        let mut refused = 0;
        for at in written.iter().step_by(written.len().div_ceil(60)) {
            let copy = TempDir::new().unwrap();
            copy_tree(dir.path(), copy.path());
            let mut damaged = content.clone();
            damaged[*at] ^= 0x10;
            fs::write(copy.path().join(file), damaged).unwrap();
            match Disk::open(copy.path(), OPTIONS).and_then(|mut disk| disk.recover()) {
                Ok(recovered) => assert_eq!(recovered.state, whole, "{file}, byte {at}"),
                Err(_) => refused += 1,
            }
        }
        assert!(refused > 10, "only {refused} flips in {file} were noticed: they did not hit what is read");
    }
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
