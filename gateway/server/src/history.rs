//! The last offers by their place in the log: what a live stream reads, and where one goes on that was cut off.
//!
//! A place is a commit and a number in it, so that it means the same after a restart. What was withdrawn or has expired is not
//! handed out any more. Streams come here at their own pace and hold up nobody; one that asks for what is no longer here is told
//! of the gap. It delivers nothing: dispatch.rs does. Before: dispatch.rs, which adds. Next: http/stream.rs.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;
use tokio::sync::watch;
use turnpage_gateway_core::{OfferId, Outgoing, Settled, Settlement, Timestamp};
use turnpage_gateway_store::{Sequence, Store};

/// Offers that are held: minutes of a full park, some 2 MB.
const OFFERS_MAX: usize = 4_096;
/// Commits that are read back at the start: those of the last seconds before the end, when streams were cut off.
const COMMITS_MAX: u64 = 64;

/// An offer's place in the log: the commit, and which of its offers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) struct Place {
    commit: u64,
    nth: u32,
}

impl Place {
    /// Behind everything that a commit holds.
    fn behind(commit: Sequence) -> Self {
        Self { commit: commit.0, nth: u32::MAX }
    }

    /// A place as it is written: `<commit>-<number>`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (commit, nth) = text.split_once('-')?;
        Some(Self { commit: commit.parse().ok()?, nth: nth.parse().ok()? })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.commit, self.nth)
    }
}

/// What a commit did to offers.
pub(crate) struct Commit {
    pub(crate) at: Sequence,
    pub(crate) offers: Vec<Arc<Outgoing>>,
    pub(crate) settled: Vec<Settled>,
}

/// What comes behind a place.
pub(crate) enum Next {
    Offer(Place, Arc<Outgoing>),
    /// Not all that came behind it is here any more: only what comes behind this.
    Gap(Place),
    /// Nothing yet; this is as far as it is known.
    Nothing(Place),
}

/// The last offers.
#[derive(Debug)]
pub(crate) struct History {
    held: Mutex<Held>,
    latest: watch::Sender<Place>,
}

#[derive(Debug, Default)]
struct Held {
    offers: BTreeMap<Place, Arc<Outgoing>>,
    places: FxHashMap<OfferId, Place>,
    /// Everything behind this is here, but for what was withdrawn or has expired.
    whole_behind: Place,
}

impl Default for History {
    fn default() -> Self {
        Self { held: Mutex::default(), latest: watch::Sender::new(Place::default()) }
    }
}

impl History {
    /// Reads the last commits of a store that was opened.
    pub(crate) fn begin(&self, store: &dyn Store, last: Sequence) {
        let known = Sequence(self.latest.borrow().commit);
        let from = Sequence(last.0.saturating_sub(COMMITS_MAX).max(known.0) + 1);
        let mut commits = Vec::new();
        let read = store.log(from, &mut |at, batch| {
            let offers = batch.outbox.into_iter().map(Arc::new).collect();
            commits.push(Commit { at, offers, settled: batch.settled });
            true
        });
        if let Err(error) = read {
            tracing::warn!("live streams cannot go on where they were before: {error}");
            commits.clear();
        }
        let first = commits.first().map_or(last, |commit| Sequence(commit.at.0.saturating_sub(1)));
        if first > known {
            *self.held() = Held { whole_behind: Place::behind(first), ..Held::default() };
        }
        self.latest.send_if_modified(|latest| {
            *latest = (*latest).max(Place::behind(first));
            false
        });
        commits.into_iter().for_each(|commit| self.add(commit));
    }

    /// Takes in the next commit. One that is known is passed over: a store that is opened again has read it back already.
    pub(crate) fn add(&self, commit: Commit) {
        let Commit { at, offers, settled } = commit;
        if at.0 <= self.latest.borrow().commit {
            return;
        }
        let mut held = self.held();
        for (nth, offer) in (0..).zip(offers) {
            let place = Place { commit: at.0, nth };
            held.places.insert(offer.id, place);
            held.offers.insert(place, offer);
        }
        for gone in settled.iter().filter(|gone| gone.how != Settlement::Delivered) {
            if let Some(place) = held.places.remove(&gone.id) {
                held.offers.remove(&place);
            }
        }
        while held.offers.len() > OFFERS_MAX
            && let Some((place, offer)) = held.offers.pop_first()
        {
            held.places.remove(&offer.id);
            held.whole_behind = place;
        }
        drop(held);
        self.latest.send_replace(Place::behind(at));
    }

    /// What comes behind a place and is worth telling now.
    pub(crate) fn after(&self, place: Place, now: Timestamp) -> Next {
        let held = self.held();
        let latest = *self.latest.borrow();
        // A place that is yet to come is another log's.
        if place < held.whole_behind || place > latest {
            return Next::Gap(held.whole_behind);
        }
        let mut behind = held.offers.range((Bound::Excluded(place), Bound::Unbounded));
        match behind.find(|(_, offer)| offer.valid_until > now) {
            Some((place, offer)) => Next::Offer(*place, Arc::clone(offer)),
            None => Next::Nothing(latest),
        }
    }

    /// How far it is known, and when that changes.
    pub(crate) fn latest(&self) -> watch::Receiver<Place> {
        self.latest.subscribe()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use turnpage_gateway_core::{Batch, SubjectName};
    use turnpage_gateway_store::Memory;

    use super::*;
    use crate::sample;

    fn offer(id: u128, until: i64) -> Outgoing {
        sample::offer(id, "a", until)
    }

    fn settled(id: u128, how: Settlement) -> Settled {
        Settled { id: OfferId(id), subject: SubjectName::new("a").unwrap(), how }
    }

    fn add(history: &History, at: u64, offers: &[(u128, i64)], settled: &[Settled]) {
        let offers = offers.iter().map(|(id, until)| Arc::new(offer(*id, *until))).collect();
        history.add(Commit { at: Sequence(at), offers, settled: settled.to_vec() });
    }

    /// What a stream is told that goes on behind a place, as a line.
    fn told(history: &History, place: &str, now: i64) -> String {
        let mut place = Place::read(place).unwrap();
        let mut told = Vec::new();
        loop {
            place = match history.after(place, Timestamp(now)) {
                Next::Offer(place, offer) => {
                    told.push(format!("{place}:{}", offer.id.0));
                    place
                }
                Next::Gap(whole_behind) => {
                    told.push("gap".to_owned());
                    whole_behind
                }
                Next::Nothing(_) => return told.join(" "),
            };
        }
    }

    #[test]
    fn whoever_comes_back_gets_what_it_missed_and_nothing_that_is_over() {
        let history = History::default();
        add(&history, 1, &[(1, 10), (2, 20)], &[]);
        add(
            &history,
            3,
            &[(3, 20), (4, 20)],
            &[settled(3, Settlement::Withdrawn), settled(1, Settlement::Delivered)],
        );
        assert_eq!(told(&history, "0-0", 5), "1-0:1 1-1:2 3-1:4");
        assert_eq!(told(&history, "1-0", 5), "1-1:2 3-1:4");
        assert_eq!(told(&history, "0-0", 10), "1-1:2 3-1:4");
        assert_eq!(told(&history, "3-1", 5), "");
        add(&history, 4, &[], &[settled(2, Settlement::Expired)]);
        assert_eq!(told(&history, "1-0", 5), "3-1:4");
    }

    #[test]
    fn what_is_not_here_any_more_is_a_gap() {
        let history = History::default();
        for at in 1..=OFFERS_MAX as u64 + 1 {
            add(&history, at, &[(at.into(), 10)], &[]);
        }
        assert!(told(&history, "0-0", 5).starts_with("gap 2-0:2 3-0:3 "));
        assert!(told(&history, "1-0", 5).starts_with("2-0:2 3-0:3 "));
        // Another log's, further on than this one.
        assert!(told(&history, "9999-0", 5).starts_with("gap 2-0:2 "));
        assert_eq!(history.held().places.len(), OFFERS_MAX);
    }

    #[test]
    fn a_restart_goes_on_where_the_log_still_reaches() {
        let mut store = Memory::new();
        let commits = COMMITS_MAX + 10;
        for id in 1..=commits {
            store.commit(&Batch { outbox: vec![offer(id.into(), 10)], ..Batch::default() }).unwrap();
        }
        let history = History::default();
        history.begin(&store, Sequence(commits));
        let last = format!("{commits}-0:{commits}");
        assert_eq!(told(&history, &format!("{}-0", commits - 1), 5), last);
        // Of the commit before the first that is read nobody knows what else was in it.
        assert!(told(&history, "10-0", 5).starts_with("gap 11-0:11 "));
        assert!(told(&history, "11-0", 5).starts_with("12-0:12 "));
        // Opened again after a failure, nothing is there twice and nothing is missing.
        store.commit(&Batch { outbox: vec![offer(1_000, 10)], ..Batch::default() }).unwrap();
        history.begin(&store, Sequence(commits + 1));
        assert_eq!(
            told(&history, &format!("{}-0", commits - 1), 5),
            format!("{last} {}-0:1000", commits + 1)
        );
    }

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let place = Place { commit: 12, nth: 3 };
        assert_eq!(Place::read(&place.to_string()), Some(place));
        for text in ["", "12", "12-", "-3", "12-3-4", "a-b", "99999999999999999999-1"] {
            assert_eq!(Place::read(text), None, "{text}");
        }
    }
}
