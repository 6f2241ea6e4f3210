//! Commits to the store in a directory as fast as it can, and says each sequence number once it is acknowledged.
//!
//! A process of its own, so that tests/kill.rs can kill it. Takes the directory; snapshots now and then. Next: tests/kill.rs.

use std::io::Write;
use std::path::Path;

use turnpage_gateway_core::{Batch, SubjectName, SubjectState};
use turnpage_gateway_store::{Disk, Store, disk::Options};

/// Commits between two snapshots, so that kills hit those too.
const SNAPSHOT_EVERY: u64 = 40;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = std::env::args().nth(1).ok_or("usage: writer DIR")?;
    let mut store = Disk::open(Path::new(&dir), Options { records_kept: 30 })?;
    let mut next = store.recover()?.last.0;
    let mut out = std::io::stdout().lock();
    let mut snapshot = None;
    for round in 1.. {
        // The commit's own content is its number, so that a reader can tell whose it is.
        next += 1;
        let name = SubjectName::new(&format!("s{}", next % 50)).ok_or("a name")?;
        let bytes = next.to_le_bytes().repeat(usize::try_from(1 + next % 4_000)?);
        let batch = Batch { subjects: vec![SubjectState { name, bytes }], ..Batch::default() };
        let sequence = store.commit(&batch)?;
        writeln!(out, "{sequence}")?;
        out.flush()?;
        if round % SNAPSHOT_EVERY == 0 {
            snapshot.take().map(std::thread::JoinHandle::join);
            snapshot = Some(std::thread::spawn(store.snapshot()));
        }
    }
    Ok(())
}
