//! Bounded-exhaustive search: everything that can happen, to a depth, from a few beginnings. States that were seen are
//! not gone on from.
//!
//! Breadth first, so that what it finds is short. Bounded by a count of states. Before: `wander`. Next: `shrink`.

use std::collections::BTreeSet;

use turnpage_journeys_engine::Spanned;

use super::Grounds;
use super::vocabulary::DAY;
use super::walk::Walk;
use super::wander::{all, known, set};
use crate::play::calendar::date_of;
use crate::play::{Beat, Given, WallTime};

/// States that are gone on from, over all beginnings: each costs a few kilobytes and some dozen steps.
pub(super) const STATES_MAX: usize = 1_500;
/// Beginnings: each value of the facts that say who somebody is, one after the other.
const BEGINNINGS_MAX: usize = 12;

/// Searches to a depth, and gives every walk it went, for `see`.
pub(super) fn search<'a>(grounds: &'a Grounds<'a>, depth: usize, mut see: impl FnMut(&mut Walk<'a>, &Given)) {
    let mut known_states = BTreeSet::new();
    let mut states = 0;
    for given in beginnings(grounds) {
        let Ok(walk) = Walk::begin(grounds, &given) else { continue };
        let mut frontier = vec![walk.counted()];
        for _ in 0..depth {
            let mut next = Vec::new();
            for walk in frontier {
                states += 1;
                if states > STATES_MAX {
                    return;
                }
                for beat in events(&walk, grounds) {
                    let mut on = walk.clone();
                    on.go(beat);
                    if known_states.insert(on.key()) {
                        see(&mut on, &given);
                        next.push(on);
                    }
                }
            }
            frontier = next;
        }
    }
}

/// Every event a minute later; being seen as the next timer fires, and at the next time of day that matters.
fn events(walk: &Walk<'_>, grounds: &Grounds<'_>) -> Vec<Beat> {
    let stage = grounds.bench.stage;
    let opens = WallTime { day: date_of(DAY).unwrap_or_default(), ms: 11 * 3_600_000 };
    let now = walk.beats.last().map_or(opens, |beat| beat.at.value);
    let from = stage.instant(now);
    let soon = grounds.soon(now);
    let beat =
        |at, (happens, facts)| Beat { span: Default::default(), at: Spanned::from(at), happens, facts };
    let (open, picks) = (walk.rehearsal.open_offers(), walk.picks(soon));
    let all = all(&grounds.vocabulary, &open, &picks);
    let mut events: Vec<Beat> = all.into_iter().map(|event| beat(soon, event)).collect();
    let seen = || (crate::play::Happens::Seen(None), Vec::new());
    let due = walk.clone().next_due().filter(|due| *due > from);
    events.extend(due.map(|due| beat(stage.wall(due), seen())));
    let clock = grounds.vocabulary.clocks.iter().find(|clock| **clock > now.ms);
    events.extend(clock.map(|clock| beat(WallTime { ms: *clock, ..now }, seen())));
    events
}

/// The first values of all facts, then each other value of one.
fn beginnings(grounds: &Grounds<'_>) -> Vec<Given> {
    let facts = &grounds.vocabulary.facts;
    let first = |but: Option<(usize, usize)>| {
        let value = |(ix, fact): (usize, &super::vocabulary::Changing)| {
            let chosen = but.filter(|(other, _)| *other == ix).map_or(0, |(_, value)| value);
            known(fact).get(chosen).map(|value| set(fact, value.clone()))
        };
        Given { seed: 0, facts: facts.iter().enumerate().filter_map(value).collect() }
    };
    let others = facts.iter().enumerate().filter(|(_, fact)| !fact.by_itself());
    let others = others.flat_map(|(ix, fact)| (1..known(fact).len()).map(move |value| (ix, value)));
    std::iter::once(None).chain(others.map(Some)).take(BEGINNINGS_MAX).map(first).collect()
}
