//! What the model is compared with, written on their own: uniform, most frequent, and first-order Markov with the
//! model's smoothing.

use std::collections::BTreeMap;
use turnpage_journeys_nextplace::{DISCOUNT, Place, STRENGTH};

pub(crate) trait Baseline {
    fn learn(&mut self, from: Place, to: Place);
    /// The probability of going from one place to another, of so many there are.
    fn share(&self, from: Place, to: Place, places: usize) -> f64;
}

pub(crate) struct Uniform;

impl Baseline for Uniform {
    fn learn(&mut self, _: Place, _: Place) {}

    fn share(&self, _: Place, _: Place, places: usize) -> f64 {
        1.0 / (places as f64 - 1.0)
    }
}

/// Counts of next places, smoothed.
#[derive(Default)]
pub(crate) struct MostFrequent(BTreeMap<Place, f64>);

impl MostFrequent {
    fn smoothed(&self, but: Place, to: Place, coarser: f64) -> f64 {
        let others = self.0.iter().filter(|(place, _)| **place != but);
        let total: f64 = others.clone().map(|(_, count)| count).sum();
        let given_up = DISCOUNT * others.count() as f64 + STRENGTH;
        let own = self.0.get(&to).map_or(0.0, |count| count - DISCOUNT);
        (own + given_up * coarser) / (total + STRENGTH)
    }
}

impl Baseline for MostFrequent {
    fn learn(&mut self, _: Place, to: Place) {
        *self.0.entry(to).or_default() += 1.0;
    }

    fn share(&self, from: Place, to: Place, places: usize) -> f64 {
        self.smoothed(from, to, Uniform.share(from, to, places))
    }
}

#[derive(Default)]
pub(crate) struct Markov {
    any: MostFrequent,
    from: BTreeMap<Place, MostFrequent>,
}

impl Baseline for Markov {
    fn learn(&mut self, from: Place, to: Place) {
        self.any.learn(from, to);
        self.from.entry(from).or_default().learn(from, to);
    }

    fn share(&self, from: Place, to: Place, places: usize) -> f64 {
        let coarser = self.any.share(from, to, places);
        self.from.get(&from).map_or(coarser, |row| row.smoothed(from, to, coarser))
    }
}
