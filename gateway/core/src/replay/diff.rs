//! The same events under two versions of the journeys: which offers are more, fewer, or somebody else's.
//!
//! Compares what was made, by journey, page and offer, and says who is behind each difference. What was withheld and what
//! became of offers counts under the offer's name (`cocoa:withheld`, `cocoa:accepted`), the latter without a page.
//! It judges nothing: a difference is data. Before: trace.rs. Next: gateway/cli, which prints it.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Serialize;
use turnpage_journeys_engine::Library;

use super::trace::{Told, Trace};
use super::{Error, Summary, drive};
use crate::venue::{Map, Venue};

/// Subjects that a row names; more are counted.
pub const SUBJECTS_SHOWN_MAX: usize = 20;

/// What two versions made of the same events.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Diff {
    /// Events read.
    pub events: u64,
    /// Different subjects among them.
    pub subjects: u64,
    /// Offers and outcomes of the old version, and of the new.
    pub total: (u64, u64),
    /// Rows that differ, by journey, page and offer.
    pub rows: Vec<Row>,
}

/// One offer that was made more, less, or to others.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Row {
    /// The journey.
    pub journey: String,
    /// The page it was made on; empty for an outcome.
    pub page: String,
    /// The offer, with its outcome.
    pub offer: String,
    /// How often the old version made it.
    pub old: u64,
    /// How often the new version does.
    pub new: u64,
    /// Who gets it more often, ascending, at most [`SUBJECTS_SHOWN_MAX`].
    pub gained: Vec<String>,
    /// How many those are.
    pub gained_count: u64,
    /// Who gets it less often, as above.
    pub lost: Vec<String>,
    /// How many those are.
    pub lost_count: u64,
}

type Key = (String, String, String);
/// How often each subject got something: under the old version, and under the new.
type Counts = BTreeMap<Key, BTreeMap<String, (u64, u64)>>;

/// Runs the events through both versions. `open` opens the events anew each time.
///
/// # Errors
/// As [`super::run`], or when the events cannot be opened.
pub fn against<R: Read>(
    venue: &Venue,
    old: Library,
    new: Library,
    seed: u64,
    mut open: impl FnMut() -> std::io::Result<R>,
) -> Result<Diff, Error> {
    let map = Map::new(venue);
    let (was, _) = drive(venue, &map, old, seed, open()?, Trace::new(None))?;
    let (is, summary) = drive(venue, &map, new, seed, open()?, Trace::new(None))?;
    Ok(compare(summary, &was, &is))
}

fn compare(summary: Summary, old: &[Told], new: &[Told]) -> Diff {
    let mut counts = Counts::new();
    for told in old {
        counts.entry(key(told)).or_default().entry(told.subject.clone()).or_default().0 += 1;
    }
    for told in new {
        counts.entry(key(told)).or_default().entry(told.subject.clone()).or_default().1 += 1;
    }
    let rows = counts.into_iter().filter_map(|((journey, page, offer), subjects)| {
        let of = |differs: fn(&(u64, u64)) -> bool| {
            let names = subjects.iter().filter(|(_, counts)| differs(counts)).map(|(name, _)| name.clone());
            names.collect::<Vec<_>>()
        };
        let (mut gained, mut lost) = (of(|(old, new)| new > old), of(|(old, new)| new < old));
        let (gained_count, lost_count) = (gained.len() as u64, lost.len() as u64);
        gained.truncate(SUBJECTS_SHOWN_MAX);
        lost.truncate(SUBJECTS_SHOWN_MAX);
        let (old, new) = subjects.values().fold((0, 0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1));
        let differs = gained_count + lost_count > 0;
        differs.then_some(Row { journey, page, offer, old, new, gained, gained_count, lost, lost_count })
    });
    let rows = rows.collect();
    let total = (old.len() as u64, new.len() as u64);
    Diff { events: summary.events, subjects: summary.subjects, total, rows }
}

fn key(told: &Told) -> Key {
    let offer = match told.what {
        "offer" => told.name.clone(),
        what => format!("{}:{what}", told.name),
    };
    (told.journey.clone(), told.page.clone(), offer)
}
