//! One walk: a subject to whom things happen, watched by the properties.
//!
//! Every event is a [`Beat`] of a play, so that whatever is found is a play. Before: `vocabulary`, `witness`. Next: `wander` and
//! `exhaust` choose events; `shrink` walks again.

use std::collections::{BTreeMap, BTreeSet};

use turnpage_journeys_engine::Timestamp;
use turnpage_journeys_expr::Diagnostic;

use super::Grounds;
use super::witness::{Sighted, Witness};
use crate::coverage::Coverage;
use crate::play::{Beat, Given, Rehearsal, WallTime};

const HOUR_MS: i64 = 3_600_000;

/// What a walk ran into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    /// A property is broken, by its place.
    Law(usize),
    /// An offer without a limit came too often.
    Spam(String),
}

/// What a walk showed.
#[derive(Debug, Clone, Default)]
pub(super) struct Sight {
    /// Each trouble, with how many events it took and when it came.
    pub(super) troubles: BTreeMap<Trouble, (usize, WallTime)>,
    /// Offers that were made.
    pub(super) offers: BTreeSet<String>,
    /// Pages that were entered.
    pub(super) entered: BTreeSet<String>,
    /// Pages that were left for another.
    pub(super) left: BTreeSet<String>,
}

/// A walk under way.
#[derive(Debug, Clone)]
pub(super) struct Walk<'a> {
    grounds: &'a Grounds<'a>,
    pub(super) rehearsal: Rehearsal<'a>,
    pub(super) beats: Vec<Beat>,
    pub(super) sight: Sight,
    witness: Witness,
    /// When each offer without a limit was made.
    made: BTreeMap<String, Vec<i64>>,
}

impl<'a> Walk<'a> {
    /// Before anything happens.
    ///
    /// # Errors
    /// What is given is not known on this stage.
    pub(super) fn begin(grounds: &'a Grounds<'a>, given: &Given) -> Result<Walk<'a>, Vec<Diagnostic>> {
        let bench = grounds.bench;
        let rehearsal = Rehearsal::begin(bench.library, bench.stage, &grounds.of, given)?;
        if !rehearsal.problems().is_empty() {
            return Err(rehearsal.problems().to_vec());
        }
        Ok(Walk {
            grounds,
            rehearsal,
            beats: Vec::new(),
            sight: Sight::default(),
            witness: Witness::new(&grounds.laws),
            made: BTreeMap::new(),
        })
    }

    /// Counts pages, choices and guards from now on.
    pub(super) fn counted(mut self) -> Self {
        let bench = self.grounds.bench;
        let coverage = Coverage::of(bench.library, bench.scripts, bench.guards);
        self.rehearsal.watch_coverage(bench.eyes(), coverage);
        self
    }

    /// Lets an event happen, after every timer due by then.
    pub(super) fn go(&mut self, beat: Beat) {
        let (laws, witness) = (&self.grounds.laws, &mut self.witness);
        let mut before = Vec::new();
        self.rehearsal
            .each_due(beat.at.value, |rehearsal, at| before.extend(witness.look(laws, rehearsal, at)));
        self.rehearsal.beat(&beat);
        let at = self.grounds.bench.stage.instant(beat.at.value);
        let after = self.witness.look(laws, &self.rehearsal, at);
        before.into_iter().for_each(|sighted| self.see(sighted));
        self.beats.push(beat);
        after.into_iter().for_each(|sighted| self.see(sighted));
    }

    /// When the next timer fires.
    pub(super) fn next_due(&mut self) -> Option<Timestamp> {
        self.rehearsal.engine.next_due().map(|due| due.at)
    }

    /// Whether an offer was made: being still may bring the next.
    pub(super) fn settled(&self) -> bool {
        !self.sight.offers.is_empty()
    }

    /// What can be picked, by name.
    pub(super) fn picks(&self, at: WallTime) -> Vec<String> {
        let at = self.grounds.bench.stage.instant(at);
        self.rehearsal.picks(at).into_iter().map(|(name, _)| name).collect()
    }

    /// Everything that decides what can come: two walks with the same are one.
    pub(super) fn key(&self) -> String {
        let rehearsal = &self.rehearsal;
        let saved = rehearsal.engine.save(rehearsal.subject);
        let at = self.beats.last().map(|beat| beat.at.value);
        format!("{at:?}{:?}{:?}{:?}", rehearsal.facts, saved, self.witness.memory)
    }

    fn see(&mut self, sighted: Sighted) {
        let Sighted { at, broken, offers, was, page, entered } = sighted;
        if entered {
            self.sight.entered.extend(page.clone());
        }
        // Whoever is stopped did not leave by a way the author wrote.
        if let Some((was, _)) = was.as_ref().zip(page.as_ref()).filter(|(was, page)| was != page) {
            self.sight.left.insert(was.clone());
        }
        let stage = self.grounds.bench.stage;
        for (law, since) in broken {
            self.trouble(Trouble::Law(law), stage.wall(since));
        }
        for offer in offers {
            if self.too_often(&offer, at) {
                self.trouble(Trouble::Spam(offer.clone()), stage.wall(at));
            }
            self.sight.offers.insert(offer);
        }
    }

    /// An event that is on its way counts, too: timers come before it.
    fn trouble(&mut self, trouble: Trouble, at: WallTime) {
        let beats = self.beats.len();
        self.sight.troubles.entry(trouble).or_insert((beats, at));
    }

    fn too_often(&mut self, offer: &str, at: Timestamp) -> bool {
        if self.grounds.bounded.contains(offer) {
            return false;
        }
        let made = self.made.entry(offer.to_owned()).or_default();
        made.retain(|made| at.0 - *made < HOUR_MS);
        made.push(at.0);
        made.len() > self.grounds.spam_per_hour
    }
}
