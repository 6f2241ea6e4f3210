//! Which zone a subject is in when several receivers hear it: what ends the flapping between rooms.
//!
//! The strongest receiver is a bad witness. Strength jumps by ten decibels when somebody turns round, so a rule that takes
//! whoever hears loudest moves people through walls many times an hour. Here each receiver's word is a mean over time in
//! which what is older counts less, receivers are calibrated, one that has fallen silent while others hear loses its say,
//! and another zone has to be nearer by a margin. What comes out goes through [`super::presence`] like any sighting, so
//! that a change has to last, too.
//!
//! Pure and bounded: the state of a subject is a few receivers with a level, a weight and a time each. It is part of what
//! is saved, so that a replay is byte-identical. The order in which receptions arrive hardly matters: a late one counts
//! as much as it would have in time (to the last bits of a float; the log's order is the truth). How much better this is
//! than the strongest receiver is measured in `radio/README.md`. Before: enrich.rs. Next: presence.rs.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::id::ZoneIx;
use crate::venue::{Mount, Radio as Rules, Receiver, Spot, Venue};

/// Receivers that are remembered for a subject: more than hear it well. Of more, the faintest is forgotten.
const EARS_MAX: usize = 8;
/// A weight below this says nothing: forgotten, so that it does not go on shrinking towards zero.
const WEIGHT_MIN: f64 = 1e-6;

/// What receivers have heard of one subject.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Radio {
    /// Ascending by receiver.
    ears: Vec<Ear>,
}

/// What one receiver has heard.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Ear {
    /// A place in [`Venue::receivers`].
    receiver: usize,
    /// The mean nearness, in decibels.
    level: f64,
    /// How many receptions that is worth, as of `at`.
    weight: f64,
    /// When it heard the subject last.
    at: Timestamp,
}

/// Where receivers think that a subject is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Fix {
    pub(crate) zone: Option<ZoneIx>,
    /// Where the receiver is that decided, if the venue says so.
    pub(crate) spot: Option<Spot>,
}

/// As it is stored: by the receivers' names, so that an edited venue does not take one for another.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved(Vec<(String, f64, f64, Timestamp)>);

impl Radio {
    /// A receiver heard the subject at `at`, so near.
    pub(crate) fn hear(&mut self, receiver: usize, nearness: f64, at: Timestamp, rules: &Rules) {
        let place = self.ears.binary_search_by_key(&receiver, |ear| ear.receiver);
        let known = place.ok().and_then(|place| self.ears.get_mut(place));
        match known {
            Some(ear) => ear.hear(nearness, at, rules),
            None => {
                let ear = Ear { receiver, level: nearness, weight: 1.0, at };
                self.ears.insert(place.unwrap_or_else(|place| place).min(self.ears.len()), ear);
            }
        }
        let Some(newest) = self.ears.iter().map(|ear| ear.at).max() else { return };
        self.ears.retain(|ear| newest.0.saturating_sub(ear.at.0) <= rules.silence_ms);
        if self.ears.len() > EARS_MAX {
            let score = |ear: &Ear| ear.score(newest, rules);
            let faintest =
                self.ears.iter().enumerate().min_by(|(_, a), (_, b)| score(a).total_cmp(&score(b)));
            if let Some((faintest, _)) = faintest {
                self.ears.remove(faintest);
            }
        }
    }

    /// Where that is, for a subject in `current`. `None` when no receiver has a say.
    pub(crate) fn fix(&self, current: Option<ZoneIx>, rules: &Rules, venue: &Venue) -> Option<Fix> {
        let newest = self.ears.iter().map(|ear| ear.at).max()?;
        let heard = self
            .ears
            .iter()
            .filter_map(|ear| Some((ear.score(newest, rules), venue.receivers.get(ear.receiver)?)));
        let mut best: Option<(f64, &Receiver)> = None;
        let mut stay: Option<(f64, &Receiver)> = None;
        for (score, receiver) in heard {
            // Of equals the first in the venue's list: the same on every machine.
            if best.is_none_or(|(least, _)| score > least) {
                best = Some((score, receiver));
            }
            if receiver.mount.zone() == current && stay.is_none_or(|(least, _)| score > least) {
                stay = Some((score, receiver));
            }
        }
        let (nearest, receiver) = best?;
        let keep = stay.filter(|(score, _)| current.is_some() && nearest - score < rules.margin_db);
        let receiver = keep.map_or(receiver, |(_, receiver)| receiver);
        Some(Fix { zone: receiver.mount.zone(), spot: spot(receiver) })
    }

    pub(crate) fn saved(&self, venue: &Venue) -> Saved {
        let ears = self.ears.iter().filter_map(|ear| {
            let receiver = venue.receivers.get(ear.receiver)?;
            Some((receiver.name.to_string(), ear.level, ear.weight, ear.at))
        });
        Saved(ears.collect())
    }

    /// Takes it back; receivers that the venue no longer has are let go.
    pub(crate) fn read(saved: Saved, venue: &Venue) -> Self {
        let ears = saved.0.into_iter().filter_map(|(name, level, weight, at)| {
            Some(Ear { receiver: venue.find_receiver(&name)?, level, weight, at })
        });
        let mut ears: Vec<Ear> = ears.collect();
        ears.sort_by_key(|ear| ear.receiver);
        Self { ears }
    }
}

impl Ear {
    /// One more reception. The mean is over all of them, each weighed by its age: the same in whatever order they come.
    fn hear(&mut self, nearness: f64, at: Timestamp, rules: &Rules) {
        let apart = at.0.saturating_sub(self.at.0);
        let less = decay(apart.saturating_abs(), rules);
        let (weight, counts) = if apart >= 0 { (self.weight * less, 1.0) } else { (self.weight, less) };
        let weight = if weight < WEIGHT_MIN { 0.0 } else { weight };
        self.weight = weight + counts;
        self.level += (nearness - self.level) * counts / self.weight;
        self.at = self.at.max(at);
    }

    /// The level, less what a receiver loses that hears nothing while others do.
    fn score(&self, newest: Timestamp, rules: &Rules) -> f64 {
        let silent_s = newest.0.saturating_sub(self.at.0) as f64 / 1000.0;
        self.level - rules.fade_db_s * silent_s
    }
}

/// What a reception is worth that is so many milliseconds old.
fn decay(ms: i64, rules: &Rules) -> f64 {
    if rules.smooth_ms <= 0 {
        return if ms == 0 { 1.0 } else { 0.0 };
    }
    libm::exp(-(ms as f64) / rules.smooth_ms as f64)
}

fn spot(receiver: &Receiver) -> Option<Spot> {
    match receiver.mount {
        Mount::Point { lon, lat, level, .. } => Some(Spot { lon, lat, level: Some(level) }),
        Mount::Zone(_) => None,
    }
}

#[cfg(test)]
mod tests;
