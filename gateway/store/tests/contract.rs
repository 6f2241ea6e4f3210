//! What every store promises, asked of the memory and of the disk alike.
//!
//! A store is opened, closed and opened again on the same content by a `House`; each test runs once for each kind.
//! What only a disk can suffer is in kill.rs and beside the disk itself.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;
use turnpage_gateway_core::{
    Batch, Counters, HouseState, Mark, NodeId, OfferId, Outgoing, Settled, Settlement, State, SubjectName,
    SubjectState, Timestamp,
};
use turnpage_gateway_store::{Disk, Memory, Sequence, Store, disk::Options};

/// Where a store lives on when it is closed.
enum House {
    Memory(Memory),
    Disk(TempDir, Options),
}

impl House {
    fn all() -> [Self; 3] {
        let little = Options { log_ms_max: i64::MAX, log_bytes_max: 10_000 };
        let dir = || TempDir::new().unwrap();
        [Self::Memory(Memory::new()), Self::Disk(dir(), little), Self::Disk(dir(), Options::default())]
    }

    fn open(&self) -> Box<dyn Store> {
        match self {
            Self::Memory(memory) => Box::new(memory.clone()),
            Self::Disk(dir, options) => Box::new(Disk::open(dir.path(), *options).unwrap()),
        }
    }

    fn keeps_all(&self) -> bool {
        matches!(self, Self::Memory(_))
            || matches!(self, Self::Disk(_, options) if *options == Options::default())
    }
}

fn name(number: u64) -> SubjectName {
    SubjectName::new(&format!("s{}", number % 17)).unwrap()
}

/// A batch that changes a subject, a mark, the house and the outbox, and now and then settles an offer or forgets a
/// subject.
fn batch(seed: u64, bytes: usize) -> Batch {
    let offer = |number: u64| OfferId(u128::from(number % 13) << 80);
    let outgoing = Outgoing {
        id: offer(seed),
        subject: name(seed),
        channel: "band".into(),
        journey: "rain".into(),
        page: "dry".into(),
        offer: "cocoa".into(),
        text: "x".repeat(bytes % 700),
        made_at: Timestamp(1),
        valid_until: Timestamp(2),
    };
    let settled = Settled { id: offer(seed / 3), subject: name(seed), how: Settlement::Delivered };
    // What cannot be packed, so that so many bytes are so many in the log.
    let noise = || ChaCha8Rng::seed_from_u64(seed).random_iter().take(bytes + 1).collect();
    // Mostly of somebody else than the record is of.
    let stay = SubjectState { name: name(seed / 2), bytes: seed.to_le_bytes().to_vec() };
    let state = if seed.is_multiple_of(5) { Vec::new() } else { noise() };
    let mark = Mark { boot: 1, highest: 2, taken: u128::from(seed), seen_at: Timestamp(4) };
    Batch {
        now: Timestamp(i64::try_from(seed % 1_000_000).unwrap()),
        subjects: vec![SubjectState { name: name(seed), bytes: state }],
        stays: if seed.is_multiple_of(4) { Vec::new() } else { vec![stay] },
        marks: vec![(NodeId(u32::from(seed.to_le_bytes()[0])), mark)],
        house: vec![HouseState { key: format!("signal/{}", seed % 3), bytes: seed.to_le_bytes().to_vec() }],
        outbox: vec![outgoing],
        settled: if seed.is_multiple_of(2) { vec![settled] } else { Vec::new() },
        counters: Counters { received: seed, ..Counters::default() },
        ..Batch::default()
    }
}

fn log(store: &dyn Store, from: u64) -> BTreeMap<u64, Batch> {
    let mut kept = BTreeMap::new();
    let mut visit = |at: Sequence, batch| kept.insert(at.0, batch).is_none();
    store.log(Sequence(from), &mut visit).unwrap();
    kept
}

#[test]
fn a_new_store_is_empty() {
    for house in House::all() {
        let mut store = house.open();
        let recovered = store.recover().unwrap();
        assert_eq!((recovered.state, recovered.last, recovered.replayed), (State::default(), Sequence(0), 0));
        assert!(log(&*store, 0).is_empty());
        assert!(!store.snapshot_is_due());
        assert_eq!(store.snapshot()().unwrap().through, Sequence(0), "nothing to take is no error");
    }
}

#[test]
fn commits_are_counted_from_one_without_gaps() {
    for house in House::all() {
        for number in 1..=9 {
            // Opened again between any two.
            let mut store = house.open();
            assert_eq!(store.commit(&batch(number, 10)).unwrap(), Sequence(number));
            if number % 4 == 0 {
                store.snapshot()().unwrap();
            }
        }
        assert_eq!(house.open().recover().unwrap().last, Sequence(9));
    }
}

#[test]
fn the_log_is_told_in_order_from_anywhere_until_no_more_is_wanted() {
    for house in House::all() {
        let mut store = house.open();
        for number in 1..=9 {
            store.commit(&batch(number, 10)).unwrap();
        }
        let all = log(&*store, 0);
        assert!(all.keys().copied().eq(1..=9));
        assert!(all.iter().all(|(number, told)| *told == batch(*number, 10)));
        assert!(log(&*store, 7).keys().copied().eq(7..=9));
        assert!(log(&*store, 10).is_empty());
        let mut told = 0;
        store
            .log(Sequence(1), &mut |_, _| {
                told += 1;
                told < 3
            })
            .unwrap();
        assert_eq!(told, 3);
    }
}

#[test]
fn a_snapshot_ends_where_it_was_asked_for() {
    for house in House::all() {
        let mut store = house.open();
        store.commit(&batch(1, 10)).unwrap();
        let job = store.snapshot();
        store.commit(&batch(2, 10)).unwrap();
        assert_eq!(job().unwrap().through, Sequence(1));
        assert_eq!(store.recover().unwrap().last, Sequence(2));
    }
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
    prop_oneof![14 => small, 1 => large, 3 => Just(Step::Snapshot), 1 => Just(Step::Reopen)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn a_state_is_its_batches_folded(steps in prop::collection::vec(step(), 1..40)) {
        for house in House::all() {
            let mut store = house.open();
            let (mut state, mut committed) = (State::default(), BTreeMap::new());
            for step in &steps {
                match step {
                    Step::Commit(seed, bytes) => {
                        let batch = batch(*seed, *bytes);
                        let at = store.commit(&batch).unwrap();
                        state.absorb(batch.clone());
                        prop_assert_eq!(committed.insert(at.0, batch), None);
                    }
                    Step::Snapshot => {
                        prop_assert_eq!(store.snapshot()().unwrap().through.0, committed.len() as u64);
                    }
                    Step::Reopen => {
                        drop(store);
                        store = house.open();
                    }
                }
            }
            let recovered = store.recover().unwrap();
            prop_assert_eq!(recovered.last.0, committed.len() as u64);
            prop_assert_eq!(&recovered.state, &state);
            // Some may be gone from the front, but what is kept is the end of the same log.
            let kept = log(&*store, 0);
            prop_assert!(kept.len() as u64 >= recovered.replayed);
            prop_assert!(!house.keeps_all() || kept.len() == committed.len());
            prop_assert!(committed.into_iter().rev().zip(kept.into_iter().rev()).all(|(one, other)| one == other));
        }
    }
}
