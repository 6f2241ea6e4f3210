//! A process that commits and takes snapshots is killed at random instants, again and again on the same directory:
//! whatever it said was acknowledged is there, whole and in order, and nothing is there that it had not begun.
//!
//! The ledger is what this process heard, in its own memory; what the state has to be follows from the last number alone.
//! Most kills fall into a snapshot, a merge or the trimming of the log. The instants come from a printed seed (set
//! `TURNPAGE_SEED` to repeat a run). What a power cut does beyond a kill is shown beside the disk. Before: examples/writer.rs.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use tempfile::TempDir;
use turnpage_gateway_core::Batch;
use turnpage_gateway_store::{Disk, Sequence, Store, disk::Options};

/// Kills in one run: each costs about a fifth of a second.
const KILLS: u32 = 16;
/// Lines that a writer is listened to at most before it is killed.
const LINES_MAX: u32 = 120;
/// As in the writer: subjects that change all the time, and how long the others stay.
const HOT: u64 = 50;
const STAY: u64 = 300;

/// What was heard.
#[derive(Default)]
struct Ledger {
    /// The last commit that was acknowledged.
    acknowledged: u64,
    /// Snapshots that were under way when the writer was killed, and all that were finished.
    cut: u32,
    taken: u32,
    taking: bool,
}

impl Ledger {
    fn hear(&mut self, line: &str) {
        match line {
            "taking" => self.taking = true,
            "taken" => (self.taking, self.taken) = (false, self.taken + 1),
            number => {
                let number = number.parse().unwrap_or_else(|_| panic!("the writer says: {number}"));
                assert_eq!(number, self.acknowledged + 1, "commits are acknowledged in order");
                self.acknowledged = number;
            }
        }
    }
}

/// Lets a writer commit, and kills it at a random instant.
fn write_and_kill(dir: &Path, random: &mut ChaCha8Rng, ledger: &mut Ledger) {
    let mut writer = Command::new(writer_binary())
        .arg(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("the example `writer` is built with the tests");
    let mut lines = BufReader::new(writer.stdout.take().expect("piped")).lines();
    let in_snapshot = random.random_range(0..4) > 0;
    let lines_max = random.random_range(0..LINES_MAX);
    for heard in 0.. {
        assert!(heard < LINES_MAX * 100, "it takes no snapshots; is it another writer?");
        if heard >= lines_max && (!in_snapshot || ledger.taking) {
            break;
        }
        ledger.hear(&lines.next().expect("the writer only ends when it is killed").expect("text"));
    }
    // Anywhere within what follows.
    for _ in 0..random.random_range(0..200_000) {
        std::hint::spin_loop();
    }
    writer.kill().expect("it runs");
    writer.wait().expect("it was killed");
    // What it had said before it died counts, heard or not; a line may be torn.
    let mut said: Vec<String> = lines.map_while(Result::ok).collect();
    if said.last().is_some_and(|line| line.parse::<u64>().is_ok_and(|number| number <= ledger.acknowledged)) {
        said.pop();
    }
    said.iter().for_each(|line| ledger.hear(line));
    ledger.cut += u32::from(std::mem::take(&mut ledger.taking));
}

fn writer_binary() -> PathBuf {
    let tests = std::env::current_exe().expect("this test");
    let profile = tests.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
    profile.join("examples").join("writer")
}

/// The subjects after a commit.
fn expected(last: u64) -> BTreeMap<String, Vec<u8>> {
    let newest = |slot: u64| (1..=last).rev().find(|number| number % HOT == slot);
    let hot = (0..HOT).filter_map(|slot| Some((format!("hot{slot}"), content(newest(slot)?))));
    let cold = (last.saturating_sub(STAY) + 1..=last).map(|number| (format!("cold{number}"), vec![7; 100]));
    hot.chain(cold).collect()
}

fn content(number: u64) -> Vec<u8> {
    number.to_le_bytes().repeat(usize::try_from(1 + number % 4_000).expect("small"))
}

fn check(batch: &Batch, sequence: Sequence) {
    assert!(batch.subjects[0].bytes == content(sequence.0), "commit {sequence} is torn");
}

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let given = std::env::var("TURNPAGE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| std::process::id().into());
    println!("TURNPAGE_SEED={seed}");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let dir = TempDir::new().unwrap();
    let mut ledger = Ledger::default();
    for kill in 1..=KILLS {
        write_and_kill(dir.path(), &mut random, &mut ledger);
        let said = format!("seed {seed}, kill {kill}");
        let mut store =
            Disk::open(dir.path(), Options::keep_all()).unwrap_or_else(|error| panic!("{said}: {error}"));
        let recovered = store.recover().unwrap_or_else(|error| panic!("{said}: {error}"));
        let (last, acknowledged) = (recovered.last.0, ledger.acknowledged);
        // One more may have reached the disk: it was not acknowledged, and may be there or not, but whole.
        assert!(
            last == acknowledged || last == acknowledged + 1,
            "{said}: {acknowledged} was acknowledged, {last} is there"
        );
        let state = recovered.state.subjects.into_iter().map(|(name, bytes)| (name.to_string(), bytes));
        assert!(state.collect::<BTreeMap<_, _>>() == expected(last), "{said}: another state after {last}");
        let mut read = 0;
        let mut visit = |sequence, batch| {
            check(&batch, sequence);
            read += 1;
            true
        };
        store.log(Sequence(1), &mut visit).unwrap_or_else(|error| panic!("{said}: {error}"));
        assert!(read >= recovered.replayed, "{said}: the end of the log is kept");
        let found = store.upkeep().verify(&mut |_| {}).unwrap_or_else(|error| panic!("{said}: {error}"));
        assert!(found.findings.is_empty(), "{said}: {:?}", found.findings);
        ledger.acknowledged = last;
    }
    println!("{} commits; {} snapshots taken, {} cut", ledger.acknowledged, ledger.taken, ledger.cut);
    assert!(ledger.taken > 0 && ledger.cut > 0, "seed {seed}: no kill fell into a snapshot");
}
