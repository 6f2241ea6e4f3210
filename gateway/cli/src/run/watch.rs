//! Notices that files changed, by looking at them once a second.
//!
//! Looking costs some microseconds for a venue's few dozen files, and sees what notifications miss: network file systems, mounts
//! whose symbolic links are swapped, editors that write another file and rename it. A change counts once two looks in a row
//! agree, so that a save of many files is one change. It does not read what is in a file. Before: run.rs.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tokio::time::{Interval, MissedTickBehavior, interval};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Files that are looked at: more than a venue and its journeys may have.
const FILES_MAX: usize = 4_096;
/// What a venue, its map and journeys end in.
const EXTENSIONS: [&str; 4] = ["yaml", "yml", "json", "geojson"];

/// Files as they were seen: where, how long, when written, and which file it is behind its name.
pub(super) type Seen = BTreeMap<PathBuf, (u64, Option<SystemTime>, u64)>;

/// Looks at files.
pub(super) struct Watch {
    paths: Vec<PathBuf>,
    /// As they were when they were read last, or just before.
    known: Seen,
    /// As they were at the last look.
    last: Seen,
    look: Interval,
}

impl Watch {
    /// At these files, and at what is directly in these directories. `known` is how they were before they were read.
    pub(super) fn new(paths: Vec<PathBuf>, known: Seen) -> Self {
        let mut look = interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { paths, last: known.clone(), known, look }
    }

    /// Waits until something has changed and stayed so from one look to the next. May be dropped and asked again.
    pub(super) async fn changed(&mut self) {
        if self.paths.is_empty() {
            return std::future::pending().await;
        }
        loop {
            self.look.tick().await;
            let now = look_at(&self.paths);
            let still = now == self.last;
            self.last = now;
            if still && self.last != self.known {
                // Before it is read: what changes while it is read is another change.
                self.known = self.last.clone();
                return;
            }
        }
    }

    /// They were read again, and these are the ones to look at from now on.
    pub(super) fn instead(&mut self, paths: Vec<PathBuf>, known: Seen) {
        (self.paths, self.known) = (paths, known);
    }
}

/// How files are now, and what is directly in directories.
pub(super) fn look_at(paths: &[PathBuf]) -> Seen {
    let mut seen = Seen::new();
    for path in paths {
        // What cannot be listed is no directory, and looked at as a file.
        let Ok(entries) = path.read_dir() else {
            note(&mut seen, path);
            continue;
        };
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        for path in paths.filter(|path| is_ours(path)).take(FILES_MAX) {
            note(&mut seen, &path);
        }
    }
    seen
}

/// Links are followed: where they are swapped, what is behind them changes.
fn note(seen: &mut Seen, path: &Path) {
    if let Ok(metadata) = std::fs::metadata(path).as_ref() {
        seen.insert(path.to_owned(), (metadata.len(), written(metadata), metadata.ino()));
    }
}

fn written(metadata: &Metadata) -> Option<SystemTime> {
    metadata.modified().ok()
}

fn is_ours(path: &Path) -> bool {
    path.extension().is_some_and(|ending| EXTENSIONS.iter().any(|ours| ending == *ours))
}
