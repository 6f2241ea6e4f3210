//! Pools: units that are held by live offers, used by accepted ones, and free.
//!
//! An offer that holds a unit is made only while one is free, so that nobody is sent to a seat that is gone. At every point
//! `held + used + free == size`, unless the size became smaller than what is out (a signal said so, the venue was edited):
//! then nothing is free until enough has come back. Each unit that is out is saved by itself and knows when it comes back,
//! so that no crash and no lost outcome keeps one for ever. Before: slot.rs. Next: auction.rs.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::batch::PoolLevel;
use crate::id::OfferId;
use crate::venue::{Back, POOL_SIZE_MAX, Pool, Size};

/// The keys of units in the saved house; the offer's id follows.
pub(crate) const KEY: &str = "hold/";
/// The layout of a saved unit. A change is a new number, and the old ones stay readable.
const VERSION: u8 = 1;

/// A unit that is out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Out {
    /// When it comes back by itself.
    until: Timestamp,
    /// Since when it is used; held where that is not said.
    used: Option<Timestamp>,
}

/// A unit as it is saved.
#[derive(Serialize, Deserialize)]
struct Saved<'a> {
    version: u8,
    pool: &'a str,
    out: Out,
}

/// What is out of each pool.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pools {
    /// By place in the venue's pools.
    pools: Vec<Units>,
    /// The pool of each unit that is out.
    of: BTreeMap<OfferId, usize>,
    /// Units that changed since the last batch.
    dirty: BTreeSet<OfferId>,
}

/// What is out of one pool.
#[derive(Clone, Debug, Default)]
struct Units {
    out: BTreeMap<OfferId, Out>,
    /// The same by when it comes back.
    ends: BTreeSet<(Timestamp, OfferId)>,
    used: u32,
}

impl Pools {
    pub(crate) fn new(venue: &[Pool]) -> Self {
        Self { pools: vec![Units::default(); venue.len()], ..Self::default() }
    }

    /// How a pool stands, `size` being how many units it has now, after whatever was to come back has.
    pub(crate) fn level(&mut self, pool: usize, size: u32, at: Timestamp) -> PoolLevel {
        while let Some((_, id)) =
            self.pools.get(pool).and_then(|units| units.ends.first().copied()).filter(|end| end.0 <= at)
        {
            self.give_back(id);
        }
        let Some(units) = self.pools.get(pool) else { return PoolLevel::default() };
        let out = u32::try_from(units.out.len()).unwrap_or(u32::MAX);
        PoolLevel { size, free: size.saturating_sub(out), held: out - units.used, used: units.used }
    }

    /// An offer holds a unit until it is over. The caller has seen that one is free.
    pub(crate) fn hold(&mut self, pool: usize, id: OfferId, until: Timestamp) {
        let room = self.pools.get(pool).is_some_and(|units| units.out.len() < POOL_SIZE_MAX as usize);
        if room && !self.of.contains_key(&id) {
            self.put(pool, id, Out { until, used: None });
        }
    }

    /// The offer was accepted: its unit is used from now on, until it comes back. `midnight` is when the venue's next date
    /// begins.
    pub(crate) fn take(&mut self, venue: &[Pool], id: OfferId, at: Timestamp, midnight: Timestamp) {
        let Some(pool) = self.of.get(&id).copied() else { return };
        let Some(back) = venue.get(pool).map(|pool| pool.back) else { return };
        let held = self.pools.get(pool).and_then(|units| units.out.get(&id));
        if held.is_none_or(|out| out.used.is_some()) {
            return;
        }
        let until = match back {
            Back::After(ms) => Timestamp(at.0.saturating_add(ms)),
            Back::NextDay => midnight,
            Back::Told => Timestamp(i64::MAX),
        };
        self.give_back(id);
        self.put(pool, id, Out { until, used: Some(at) });
    }

    /// The offer is over and was not accepted: its unit is free. What is used stays used.
    pub(crate) fn release(&mut self, id: OfferId) {
        let pool = self.of.get(&id).and_then(|pool| self.pools.get(*pool));
        if pool.and_then(|units| units.out.get(&id)).is_some_and(|out| out.used.is_none()) {
            self.give_back(id);
        }
    }

    /// A signal that says what is left was measured: what was used before is in it.
    pub(crate) fn told(&mut self, venue: &[Pool], signal: usize, at: Timestamp) {
        for (pool, declared) in venue.iter().enumerate() {
            if declared.size != Size::Left(signal) || declared.back != Back::Told {
                continue;
            }
            let out = self.pools.get(pool).map(|units| &units.out);
            let before = |out: &Out| out.used.is_some_and(|used| used <= at);
            let counted: Vec<_> =
                out.into_iter().flatten().filter(|(_, out)| before(out)).map(|(id, _)| *id).collect();
            counted.into_iter().for_each(|id| self.give_back(id));
        }
    }

    fn put(&mut self, pool: usize, id: OfferId, out: Out) {
        let Some(units) = self.pools.get_mut(pool) else { return };
        units.used += u32::from(out.used.is_some());
        units.ends.insert((out.until, id));
        units.out.insert(id, out);
        self.of.insert(id, pool);
        self.dirty.insert(id);
    }

    fn give_back(&mut self, id: OfferId) {
        let Some(units) = self.of.remove(&id).and_then(|pool| self.pools.get_mut(pool)) else { return };
        if let Some(out) = units.out.remove(&id) {
            units.ends.remove(&(out.until, id));
            units.used -= u32::from(out.used.is_some());
            self.dirty.insert(id);
        }
    }

    /// What changed since this was asked last: a unit that came back has no bytes.
    pub(crate) fn take_dirty(&mut self, venue: &[Pool]) -> Vec<(String, Vec<u8>)> {
        let dirty = std::mem::take(&mut self.dirty);
        dirty.into_iter().map(|id| (key(id), self.saved(venue, id).unwrap_or_default())).collect()
    }

    /// Every unit that is out, by key.
    pub(crate) fn save(&self, venue: &[Pool]) -> Vec<(String, Vec<u8>)> {
        self.of.keys().filter_map(|id| Some((key(*id), self.saved(venue, *id)?))).collect()
    }

    fn saved(&self, venue: &[Pool], id: OfferId) -> Option<Vec<u8>> {
        let pool = *self.of.get(&id)?;
        let out = *self.pools.get(pool)?.out.get(&id)?;
        let saved = Saved { version: VERSION, pool: &venue.get(pool)?.name, out };
        // Plain data to memory: there is nothing that could fail.
        postcard::to_stdvec(&saved).ok()
    }

    /// Takes a unit back; one of a pool that the venue no longer has is let go. `None` when it is not ours.
    pub(crate) fn restore(&mut self, venue: &[Pool], key: &str, bytes: &[u8]) -> Option<()> {
        let id = OfferId::from_hex(key.strip_prefix(KEY)?)?;
        let Saved { version, pool, out } = postcard::from_bytes(bytes).ok()?;
        if version != VERSION {
            return None;
        }
        if let Some(pool) = venue.iter().position(|declared| declared.name == pool) {
            self.put(pool, id, out);
            self.dirty.remove(&id);
        }
        Some(())
    }
}

fn key(id: OfferId) -> String {
    format!("{KEY}{id}")
}

#[cfg(test)]
mod tests;
