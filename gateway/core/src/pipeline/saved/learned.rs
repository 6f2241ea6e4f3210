//! What all subjects of a learning journey taught together, as it is saved: by names, so that an edited journey finds it again.
//!
//! A record a journey, with what each of its versions in use knows; a version that nothing is saved of goes on from the latest. It
//! holds no subject: counts stay when whoever they came from is forgotten. Before: the engine, which counts. Next: saved.rs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use turnpage_journeys_engine::{JourneyIx, Pooled, Tally};

use crate::pipeline::Pipeline;

/// What the keys begin with in the saved house; a journey's name follows.
pub(super) const KEY: &str = "learned/";

/// What is known of one alternative.
#[derive(Serialize, Deserialize)]
struct Learned<'a> {
    version: u32,
    page: &'a str,
    nth: u16,
    offer: &'a str,
    successes: u32,
    failures: u32,
}

impl Pipeline {
    /// The records that changed since this was asked last.
    pub(super) fn take_learned(&mut self) -> Vec<(String, Vec<u8>)> {
        let changed = self.engine.take_pooled();
        let library = self.engine.library();
        let names: BTreeSet<_> = changed.iter().filter_map(|ix| Some(&library.journey(*ix)?.name)).collect();
        // One that knows nothing any more is written empty: that is how the house forgets.
        names.into_iter().map(|name| (format!("{KEY}{name}"), self.learned_by(name))).collect()
    }

    /// All records.
    pub(super) fn learned(&self) -> impl Iterator<Item = (String, Vec<u8>)> {
        let names: BTreeSet<_> =
            self.engine.library().journeys().iter().map(|journey| &journey.name).collect();
        let records = names.into_iter().map(|name| (format!("{KEY}{name}"), self.learned_by(name)));
        records.filter(|(_, bytes)| !bytes.is_empty())
    }

    /// Takes a record back; `None` when it is not ours.
    pub(super) fn restore_learned(&mut self, key: &str, bytes: &[u8]) -> Option<()> {
        let name = key.strip_prefix(KEY)?;
        let learned: Vec<Learned<'_>> = postcard::from_bytes(bytes).ok()?;
        let latest = learned.iter().map(|learned| learned.version).max()?;
        for ix in self.versions(name) {
            let version = self.engine.library().journey(ix)?.version;
            let known = learned.iter().any(|learned| learned.version == version);
            let from = if known { version } else { latest };
            let pooled = learned.iter().filter(|learned| learned.version == from).map(|learned| Pooled {
                page: learned.page,
                nth: learned.nth,
                offer: learned.offer,
                tally: Tally { successes: learned.successes, failures: learned.failures },
            });
            self.engine.restore_pooled(ix, &pooled.collect::<Vec<_>>());
        }
        Some(())
    }

    /// What is known in a journey, in all its versions; nothing where nothing is.
    fn learned_by(&self, name: &str) -> Vec<u8> {
        let mut learned = Vec::new();
        for ix in self.versions(name) {
            let Some(version) = self.engine.library().journey(ix).map(|journey| journey.version) else {
                continue;
            };
            learned.extend(self.engine.pooled(ix).into_iter().map(|Pooled { page, nth, offer, tally }| {
                Learned { version, page, nth, offer, successes: tally.successes, failures: tally.failures }
            }));
        }
        // Plain data to memory: there is nothing that could fail.
        if learned.is_empty() { Vec::new() } else { postcard::to_stdvec(&learned).unwrap_or_default() }
    }

    fn versions(&self, name: &str) -> Vec<JourneyIx> {
        let journeys = self.engine.library().journeys().iter().zip(0..);
        journeys.filter(|(journey, _)| journey.name == name).map(|(_, ix)| JourneyIx(ix)).collect()
    }
}
