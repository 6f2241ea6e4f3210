//! A process that commits is killed at random instants, again and again on the same directory: whatever it said was
//! acknowledged is there, whole and in order.
//!
//! The instants come from a printed seed (set `TURNPAGE_SEED` to repeat a run). What a power cut does beyond a kill is
//! not shown here: that rests on the fdatasync in disk.rs. Before: examples/writer.rs.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use tempfile::TempDir;
use turnpage_gateway_core::Batch;
use turnpage_gateway_store::{Disk, Sequence, Store, disk::Options};

/// Kills in one run: each costs about a tenth of a second.
const KILLS: u32 = 16;
/// Commits that a writer is given at most before it is killed.
const COMMITS_MAX: u64 = 80;

/// A small generator (SplitMix64): all that is needed is a different instant each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

fn seed() -> u64 {
    let given = std::env::var("TURNPAGE_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::from(now.subsec_nanos())
    })
}

/// Lets a writer commit, kills it at a random instant, and returns the last number that it acknowledged.
fn write_and_kill(dir: &Path, random: &mut Random) -> Option<u64> {
    let mut writer = Command::new(writer_binary())
        .arg(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("the example `writer` is built with the tests");
    let mut lines = BufReader::new(writer.stdout.take().expect("piped")).lines();
    let mut last = None;
    for _ in 0..random.below(COMMITS_MAX) {
        let line = lines.next().expect("the writer only ends when it is killed").expect("text");
        last = Some(line.parse().expect("a number"));
    }
    // Anywhere within the commit that follows, or some of them.
    for _ in 0..random.below(200_000) {
        std::hint::spin_loop();
    }
    writer.kill().expect("it runs");
    writer.wait().expect("it was killed");
    // What it had said before it died counts, read or not.
    for line in lines.map_while(Result::ok) {
        last = line.parse().ok().or(last);
    }
    last
}

fn writer_binary() -> std::path::PathBuf {
    let tests = std::env::current_exe().expect("this test");
    let profile = tests.parent().and_then(Path::parent).expect("target/<profile>/deps/<test>");
    profile.join("examples").join("writer")
}

fn check(batch: &Batch, sequence: Sequence) {
    let bytes = &batch.subjects[0].bytes;
    assert!(bytes.chunks(8).all(|chunk| chunk == sequence.0.to_le_bytes()), "commit {sequence} is torn");
    assert_eq!(bytes.len() as u64, 8 * (1 + sequence.0 % 4_000), "commit {sequence} is cut");
}

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let seed = seed();
    println!("TURNPAGE_SEED={seed}");
    let mut random = Random(seed);
    let dir = TempDir::new().unwrap();
    let mut acknowledged = 0;
    for kill in 1..=KILLS {
        acknowledged = write_and_kill(dir.path(), &mut random).unwrap_or(acknowledged);
        let mut store = Disk::open(dir.path(), Options::default())
            .unwrap_or_else(|error| panic!("seed {seed}, kill {kill}: {error}"));
        let recovered = store.recover().unwrap_or_else(|error| panic!("seed {seed}, kill {kill}: {error}"));
        let last = recovered.last.0;
        // One more may have reached the disk: it was not acknowledged, and may be there or not, but whole.
        assert!(
            last >= acknowledged && last <= acknowledged + 1,
            "seed {seed}, kill {kill}: {acknowledged} was acknowledged, {last} is there"
        );
        let newest = |slot: u64| (0..=last).rev().find(|number| *number > 0 && number % 50 == slot);
        for slot in 0..50 {
            let Some(number) = newest(slot) else { continue };
            let bytes = &recovered.state.subjects[format!("s{slot}").as_str()];
            assert!(
                bytes.starts_with(&number.to_le_bytes()),
                "seed {seed}, kill {kill}: s{slot} is not of {number}"
            );
        }
        let mut read = 0;
        store
            .log(Sequence(1), &mut |sequence, batch| {
                check(&batch, sequence);
                read += 1;
                true
            })
            .unwrap_or_else(|error| panic!("seed {seed}, kill {kill}: {error}"));
        assert!(read >= last.min(30), "seed {seed}, kill {kill}: the end of the log is kept");
        acknowledged = last;
    }
    assert!(acknowledged > 0, "seed {seed}: nothing was committed between the kills");
}
