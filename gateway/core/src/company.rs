//! Who is in which zone, and who came with whom: what no single subject knows.
//!
//! Kept by the pipeline as subjects come and go, never saved: every subject says where it is. Before:
//! enrich/presence.rs. Next: enrich/facts.rs, which counts.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use crate::id::{SubjectName, ZoneIx};

/// Who is where, and with whom.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    /// By zone. Nearly every sighting comes and goes here, and few events ask for all: their order is made for those.
    inside: Vec<FxHashSet<SubjectName>>,
    /// Those inside who are people, by zone.
    people: Vec<u32>,
    /// By party, its members and their roles.
    parties: BTreeMap<SubjectName, BTreeMap<SubjectName, usize>>,
}

impl Company {
    pub(crate) fn new(zones: usize) -> Self {
        Self { inside: vec![FxHashSet::default(); zones], people: vec![0; zones], parties: BTreeMap::new() }
    }

    /// A subject came into a zone; `person` when it counts as one.
    pub(crate) fn enter(&mut self, zone: ZoneIx, name: &SubjectName, person: bool) {
        let at = usize::from(zone.0);
        let (Some(inside), Some(people)) = (self.inside.get_mut(at), self.people.get_mut(at)) else { return };
        if inside.insert(name.clone()) && person {
            *people += 1;
        }
    }

    /// It left. `person` as it was when it came.
    pub(crate) fn leave(&mut self, zone: ZoneIx, name: &SubjectName, person: bool) {
        let at = usize::from(zone.0);
        let (Some(inside), Some(people)) = (self.inside.get_mut(at), self.people.get_mut(at)) else { return };
        if inside.remove(name) && person {
            *people = people.saturating_sub(1);
        }
    }

    /// Everyone in these zones, ascending by name.
    pub(crate) fn inside(&self, zones: &[ZoneIx]) -> BTreeSet<SubjectName> {
        zones.iter().filter_map(|zone| self.inside.get(usize::from(zone.0))).flatten().cloned().collect()
    }

    /// How many subjects of any kind are in a zone.
    pub(crate) fn occupancy(&self, zone: ZoneIx) -> usize {
        self.inside.get(usize::from(zone.0)).map_or(0, FxHashSet::len)
    }

    /// How many people are in a zone: visitors and staff, no vehicles.
    pub(crate) fn people(&self, zone: ZoneIx) -> u32 {
        self.people.get(usize::from(zone.0)).copied().unwrap_or(0)
    }

    /// Everyone in any zone, ascending by name.
    pub(crate) fn everyone(&self) -> BTreeSet<SubjectName> {
        self.inside.iter().flatten().cloned().collect()
    }

    /// A subject belongs to a party from now on, in this role.
    pub(crate) fn join(&mut self, party: &SubjectName, member: &SubjectName, role: usize) {
        self.parties.entry(party.clone()).or_default().insert(member.clone(), role);
    }

    /// It does not any more. A party without members is none.
    pub(crate) fn part(&mut self, party: &SubjectName, member: &SubjectName) {
        if let Some(members) = self.parties.get_mut(party) {
            members.remove(member);
            if members.is_empty() {
                self.parties.remove(party);
            }
        }
    }

    /// A party's members, ascending by name.
    pub(crate) fn members(&self, party: &SubjectName) -> impl Iterator<Item = &SubjectName> {
        self.parties.get(party).into_iter().flat_map(BTreeMap::keys)
    }

    /// What a party's members are here.
    pub(crate) fn roles(&self, party: &SubjectName) -> impl Iterator<Item = usize> {
        self.parties.get(party).into_iter().flat_map(BTreeMap::values).copied()
    }
}
