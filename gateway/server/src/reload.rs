//! A venue, journeys and accounts that change while the gateway runs: what a reload brings, and what came of it.
//!
//! All of it was read and checked before it comes here. The shard takes it between two groups, and the first batch of the new
//! edition says so in the log: a crash leaves either the old one or the new one, and a restart under the new one is
//! the same migration. It reads no file. Before: gateway.rs. Next: shard.rs, which takes it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashMap;
use sha2::{Digest as _, Sha256};
use tokio::sync::oneshot;
use turnpage_gateway_core::upgrade::Moves;
use turnpage_gateway_core::{Edition, EditionDigest, EditionFile, Role};
use turnpage_gateway_report::Promise;
use turnpage_journeys_engine::{Journey, Library, Serves};

use crate::door::Account;
use crate::http::Map;
use crate::shard::Recipe;
use crate::source::Sources;
use crate::{Error, Pictures};

/// What came of a reload.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reloaded {
    /// Whether the venue or its journeys are other than before. Keys, accounts and sources are taken in any case.
    pub changed: bool,
    /// Where everyone goes on, by journey; empty when nothing changed.
    pub moves: Vec<Moves>,
    /// What changed and is not in use before a restart, as the config names it.
    pub restart: Vec<&'static str>,
}

/// An edition of these texts, in the order in which they were read.
#[must_use]
pub fn edition(files: &[EditionFile]) -> Edition {
    Edition::new(files, |bytes| Sha256::digest(bytes).into())
}

/// How reloads end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ending {
    /// The venue or its journeys are others now.
    Applied,
    /// They are as they were; keys, accounts and sources were taken in.
    Unchanged,
    /// Something was wrong with what was read: nothing changed.
    Refused,
    /// The store failed, so that it waits until the store works again; or nothing could be done with it.
    Failed,
}

impl Ending {
    const ALL: [Self; 4] = [Self::Applied, Self::Unchanged, Self::Refused, Self::Failed];

    fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// How many reloads ended how, since the start.
#[derive(Debug, Default)]
pub(crate) struct Tally([AtomicU64; Ending::ALL.len()]);

impl Tally {
    pub(crate) fn count(&self, ending: Ending) {
        for (known, count) in Ending::ALL.iter().zip(&self.0) {
            count.fetch_add(u64::from(*known == ending), Ordering::Relaxed);
        }
    }

    pub(crate) fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Ending::ALL
            .iter()
            .zip(&self.0)
            .map(|(ending, count)| (ending.as_str(), count.load(Ordering::Relaxed)))
    }
}

/// What the shard goes on with.
pub(crate) struct Next {
    pub(crate) recipe: Recipe,
    pub(crate) sources: Sources,
    pub(crate) roles: FxHashMap<Account, Role>,
    /// Told once it is committed. Dropped without a word, the store has failed, and it is what the store is opened with.
    pub(crate) answer: oneshot::Sender<Result<Vec<Moves>, Error>>,
}

/// What a reload changes for those who only look.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    pub(crate) map: Map,
    pub(crate) sources: Sources,
    pub(crate) edition: Option<EditionDigest>,
    pub(crate) pictures: Pictures,
    /// What its journeys are for, of those that say it.
    pub(crate) promises: Vec<Promise>,
}

impl Shown {
    pub(crate) fn of(recipe: &Recipe, sources: &Sources) -> Self {
        let Recipe { venue, library, edition, pictures, .. } = recipe;
        Self {
            map: Map::of(venue, library, edition.as_ref()),
            sources: sources.clone(),
            edition: edition.as_ref().map(Edition::digest),
            pictures: Arc::clone(pictures),
            promises: promises(library),
        }
    }
}

/// What journeys are for, of those that say it.
#[must_use]
pub fn promises(library: &Library) -> Vec<Promise> {
    let promise = |journey: &Journey| {
        let Serves { outcome, experience, measure } = journey.serves.clone()?;
        Some(Promise { journey: journey.name.clone(), outcome, experience, measure })
    };
    // A copy that others call keeps its promise in their name.
    library.journeys().iter().filter(|journey| journey.caller.is_none()).filter_map(promise).collect()
}
