//! From a walk that ran into trouble to the smallest play that does: fewer events, fewer facts, rounder times.
//!
//! Delta debugging: halves, quarters and so on of the events are left out while the trouble stays; then facts one by
//! one; then times. Bounded by a count of walks. Next: `tell`.

use super::walk::{Trouble, Walk};
use super::{Grounds, MINUTE_MS};
use crate::play::{Beat, Given, Happens, WallTime};

/// Walks tried for one finding.
const TRIES_MAX: usize = 3_000;

/// A play that runs into trouble, and when.
#[derive(Debug, Clone)]
pub(super) struct Shrunk {
    pub(super) given: Given,
    pub(super) beats: Vec<Beat>,
    pub(super) until: Option<WallTime>,
    pub(super) at: WallTime,
}

struct Shrinker<'a> {
    grounds: &'a Grounds<'a>,
    trouble: &'a Trouble,
    tries: usize,
}

/// Makes a walk small. `beats` runs into the trouble.
pub(super) fn shrink(grounds: &Grounds<'_>, trouble: &Trouble, given: Given, beats: Vec<Beat>) -> Shrunk {
    let mut shrinker = Shrinker { grounds, trouble, tries: 0 };
    let mut small = Shrunk { given, beats, until: None, at: WallTime::default() };
    loop {
        if grounds.first {
            break;
        }
        let before = (small.beats.clone(), small.given.facts.clone());
        shrinker.fewer_events(&mut small);
        shrinker.fewer_facts(&mut small);
        shrinker.rounder_times(&mut small);
        if (&small.beats, &small.given.facts) == (&before.0, &before.1) || shrinker.tries > TRIES_MAX {
            break;
        }
    }
    if let Some(at) = shrinker.fails(&small.given, &small.beats) {
        small.at = at;
    }
    small
}

impl Shrinker<'_> {
    /// When the trouble comes, if the walk can be walked and it does.
    fn fails(&mut self, given: &Given, beats: &[Beat]) -> Option<WallTime> {
        self.tries += 1;
        if self.tries > TRIES_MAX {
            return None;
        }
        let mut walk = Walk::begin(self.grounds, given).ok()?;
        for beat in beats {
            walk.go(beat.clone());
        }
        let (_, at) = walk.sight.troubles.get(self.trouble)?;
        walk.rehearsal.problems().is_empty().then_some(*at)
    }

    fn keep(&mut self, small: &mut Shrunk, given: Given, beats: Vec<Beat>) -> bool {
        let fails = self.fails(&given, &beats).is_some();
        if fails {
            (small.given, small.beats) = (given, beats);
        }
        fails
    }

    fn fewer_events(&mut self, small: &mut Shrunk) {
        let mut size = small.beats.len().div_ceil(2).max(1);
        loop {
            let mut from = 0;
            while from < small.beats.len() {
                let to = (from + size).min(small.beats.len());
                let kept = small.beats.iter().enumerate().filter(|(ix, _)| !(from..to).contains(ix));
                let fewer = kept.map(|(_, beat)| beat.clone()).collect();
                if !self.keep(small, small.given.clone(), fewer) {
                    from = to;
                }
            }
            if size == 1 {
                return;
            }
            size = size.div_ceil(2);
        }
    }

    fn fewer_facts(&mut self, small: &mut Shrunk) {
        for ix in (0..small.given.facts.len()).rev() {
            let mut given = small.given.clone();
            given.facts.remove(ix);
            self.keep(small, given, small.beats.clone());
        }
        for beat in 0..small.beats.len() {
            let facts = small.beats.get(beat).map_or(0, |beat| beat.facts.len());
            for fact in (0..facts).rev() {
                let mut beats = small.beats.clone();
                if let Some(beat) = beats.get_mut(beat) {
                    beat.facts.remove(fact);
                    // Without its fact an event of the weather would be written as a sighting.
                    if matches!(beat.happens, Happens::Weather | Happens::Signal(None)) {
                        beat.happens = Happens::Seen(None);
                    }
                }
                self.keep(small, small.given.clone(), beats);
            }
        }
        let seed = Given { seed: 0, ..small.given.clone() };
        self.keep(small, seed, small.beats.clone());
    }

    /// Each event on a whole quarter of an hour, five minutes, or minute, and no day later than it must be.
    fn rounder_times(&mut self, small: &mut Shrunk) {
        for ix in 0..small.beats.len() {
            for step_ms in [15 * MINUTE_MS as u32, 5 * MINUTE_MS as u32, MINUTE_MS as u32, 1_000] {
                let mut beats = small.beats.clone();
                let least = ix.checked_sub(1).and_then(|ix| beats.get(ix)).map(|beat| beat.at.value);
                let Some(beat) = beats.get_mut(ix) else { break };
                let at = &mut beat.at.value;
                if at.ms % step_ms == 0 {
                    break;
                }
                let together = least == Some(*at);
                at.ms -= at.ms % step_ms;
                let apart = least.is_none_or(|least| least < *at || together && least == *at);
                if apart && self.keep(small, small.given.clone(), beats) {
                    break;
                }
            }
        }
    }
}
