//! A store on disk held against a list of what was acknowledged, from one printed seed: commits, snapshots, compactions,
//! restarts, a file system that fails from some act on, and power cuts that keep any part of what was not yet synced.
//!
//! Whatever happens, everything acknowledged is there afterwards, what is there is whole, and reading goes on meanwhile.
//! Set `TURNPAGE_SEED` to repeat a run. Before: disk/files.rs, where faults come in.

use std::collections::BTreeMap;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use tempfile::TempDir;
use turnpage_gateway_core::{Batch, State};

use super::images::{Image, cut_in_commit, cut_in_snapshot};
use super::{OPTIONS, batch};
use crate::disk::files::Files;
use crate::disk::{Disk, held};
use crate::{Error, Sequence, Store};

/// Stores in one run, and what is done to each.
const STORES: u64 = 8;
const STEPS: u32 = 40;
/// Acts after which a file system fails, at most: a snapshot with a merge takes about twice as many.
const ACTS_MAX: u32 = 24;

struct World {
    random: ChaCha8Rng,
    dir: TempDir,
    files: Files,
    disk: Disk,
    /// What was acknowledged, and the state after it.
    batches: BTreeMap<u64, Batch>,
    state: State,
    /// What was not acknowledged and may have reached the disk all the same.
    in_flight: Option<Batch>,
    said: String,
}

impl World {
    fn new(seed: u64) -> Self {
        let (dir, files) = (TempDir::new().unwrap(), Files::default());
        let disk = Disk::open_on(dir.path(), OPTIONS, files.clone()).unwrap();
        let random = ChaCha8Rng::seed_from_u64(seed);
        let said = format!("TURNPAGE_SEED={seed}");
        let (batches, state, in_flight) = Default::default();
        Self { random, dir, files, disk, batches, state, in_flight, said }
    }

    fn acknowledged(&self) -> u64 {
        self.batches.len() as u64
    }

    fn batch(&mut self) -> Batch {
        let bytes = if self.random.random_range(0..12) == 0 {
            150_000
        } else {
            1 + self.random.random_range(0..3_000)
        };
        batch(self.random.random_range(0..1_000), bytes)
    }

    fn step(&mut self) {
        match self.random.random_range(0..20) {
            0..10 => self.commit(),
            10..13 => drop(self.disk.snapshot()()),
            13 => drop(self.disk.upkeep().compact(&mut |_| {})),
            14..16 => self.files.faults.lock().unwrap().in_acts = Some(self.random.random_range(0..ACTS_MAX)),
            16 => self.reopen(),
            17 => self.look_over(),
            18 => self.cut(true),
            _ => self.cut(false),
        }
        self.read_on();
    }

    fn commit(&mut self) {
        let batch = self.batch();
        match self.disk.commit(&batch) {
            Ok(at) => {
                assert_eq!(at.0, self.acknowledged() + 1, "{}", self.said);
                self.acknowledge(batch);
            }
            // Once it has failed it takes nothing more, until it is opened again.
            Err(Error::Stopped) => self.reopen(),
            Err(error) => {
                assert!(error.to_string().contains("no storage space"), "{}: {error}", self.said);
                self.in_flight = Some(batch);
            }
        }
    }

    fn acknowledge(&mut self, batch: Batch) {
        self.state.absorb(batch.clone());
        self.batches.insert(self.acknowledged() + 1, batch);
    }

    /// Space comes back, and the store is opened again.
    fn reopen(&mut self) {
        self.files.faults.lock().unwrap().in_acts = None;
        let spare = TempDir::new().unwrap();
        // sled lets go of its lock when the store is dropped, so something has to be in its place.
        self.disk = Disk::open(spare.path(), OPTIONS).unwrap();
        self.disk = Disk::open_on(self.dir.path(), OPTIONS, self.files.clone())
            .unwrap_or_else(|error| panic!("{}: {error}", self.said));
        self.recovered();
    }

    fn recovered(&mut self) {
        let recovered = self.disk.recover().unwrap_or_else(|error| panic!("{}: {error}", self.said));
        if recovered.last.0 == self.acknowledged() + 1
            && let Some(batch) = self.in_flight.take()
        {
            self.acknowledge(batch);
        }
        self.in_flight = None;
        assert_eq!(recovered.last.0, self.acknowledged(), "{}", self.said);
        assert!(recovered.state == self.state, "{}: another state after {}", self.said, recovered.last);
    }

    /// The log can be read at any time, whatever fails.
    fn read_on(&mut self) {
        let mut next = None;
        let told = self.disk.log(Sequence(0), &mut |at, batch| {
            assert!(next.is_none_or(|next| next == at.0), "{}: commit {at} is out of order", self.said);
            assert!(self.batches.get(&at.0) == Some(&batch), "{}: commit {at} is another", self.said);
            next = Some(at.0 + 1);
            true
        });
        told.unwrap_or_else(|error| panic!("{}: {error}", self.said));
        let through = held(&self.disk.shared.manifest).through().0;
        assert!(next.unwrap_or(through + 1) == self.acknowledged() + 1, "{}: the end is missing", self.said);
    }

    fn look_over(&mut self) {
        let found = self.disk.upkeep().verify(&mut |_| {}).unwrap();
        assert_eq!(found.findings, Vec::<String>::new(), "{}", self.said);
    }

    /// The power is cut in the middle of a commit or of a snapshot.
    fn cut(&mut self, in_commit: bool) {
        self.reopen();
        self.commit();
        let before = Image::of(self.dir.path());
        let (random, batch) = (&mut self.random, batch(7, 2_000));
        let image = if in_commit {
            self.disk.commit(&batch).unwrap();
            self.in_flight = Some(batch);
            cut_in_commit(&before, &Image::of(self.dir.path()), random)
        } else {
            self.disk.snapshot()().unwrap();
            cut_in_snapshot(&before, &Image::of(self.dir.path()), random)
        };
        let dir = TempDir::new().unwrap();
        image.write(dir.path());
        self.disk = Disk::open_on(dir.path(), OPTIONS, self.files.clone())
            .unwrap_or_else(|error| panic!("{}: after a power cut: {error}", self.said));
        self.dir = dir;
        self.recovered();
    }
}

#[test]
fn what_was_acknowledged_survives_faults_and_power_cuts() {
    let given = std::env::var("TURNPAGE_SEED").ok().and_then(|seed| seed.parse().ok());
    let first = given.unwrap_or_else(|| std::process::id().into());
    for seed in first..first + STORES {
        println!("TURNPAGE_SEED={seed}");
        let mut world = World::new(seed);
        for _ in 0..STEPS {
            world.step();
        }
        world.reopen();
        world.look_over();
    }
}
