//! Commits to the store in a directory as fast as it can, takes snapshots beside, and says what it does as it does it.
//!
//! A process of its own, so that tests/kill.rs can kill it. Takes the directory. A number on a line of its own is a commit
//! that was acknowledged; `taking` and `taken` are about a snapshot. What a commit holds follows from its number, so that
//! whoever counts the numbers knows the state without having seen a batch. Next: tests/kill.rs.

use std::io::Write;
use std::path::Path;

use turnpage_gateway_core::{Batch, SubjectName, SubjectState, Timestamp};
use turnpage_gateway_store::{Disk, Store, disk::Options};

/// Commits between two snapshots.
const SNAPSHOT_EVERY: u64 = 8;
/// Subjects that change all the time.
const HOT: u64 = 50;
/// Commits after which a subject that came and never changed is forgotten.
const STAY: u64 = 300;
/// Every so many snapshots, all layers are made one.
const COMPACT_EVERY: u64 = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = std::env::args().nth(1).ok_or("usage: writer DIR")?;
    let mut store = Disk::open(Path::new(&dir), Options { log_ms_max: i64::MAX, log_bytes_max: 500_000 })?;
    let mut next = store.recover()?.last.0;
    let mut snapshot: Option<std::thread::JoinHandle<()>> = None;
    for round in 1.. {
        next += 1;
        let sequence = store.commit(&batch(next)?)?;
        say(&format!("{sequence}"));
        let idle = snapshot.as_ref().is_none_or(std::thread::JoinHandle::is_finished);
        if round % SNAPSHOT_EVERY == 0 && idle {
            let (job, upkeep) = (store.snapshot(), store.upkeep());
            let all = round % (SNAPSHOT_EVERY * COMPACT_EVERY) == 0;
            snapshot = Some(std::thread::spawn(move || {
                say("taking");
                let taken = if all { upkeep.compact(&mut |_| {}) } else { job() };
                say(&taken.map_or_else(|error| format!("failed {error}"), |_| "taken".to_owned()));
            }));
        }
    }
    Ok(())
}

/// A subject that changes and one that comes; later it goes.
fn batch(number: u64) -> Result<Batch, Box<dyn std::error::Error>> {
    let subject = |name: String, bytes: Vec<u8>| {
        SubjectName::new(&name).map(|name| SubjectState { name, bytes }).ok_or("a name")
    };
    let hot = number.to_le_bytes().repeat(usize::try_from(1 + number % 4_000)?);
    let mut subjects =
        vec![subject(format!("hot{}", number % HOT), hot)?, subject(format!("cold{number}"), vec![7; 100])?];
    if let Some(gone) = number.checked_sub(STAY).filter(|gone| *gone > 0) {
        subjects.push(subject(format!("cold{gone}"), Vec::new())?);
    }
    let now = Timestamp(i64::try_from(number)?);
    Ok(Batch { now, subjects, ..Batch::default() })
}

/// A line, at once. Nobody listens any more only when this process is about to be killed.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}
