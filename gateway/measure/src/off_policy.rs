//! What another way of choosing would have brought, told from what was chosen, how probable that was, and what it brought.
//!
//! Whoever chooses by lot and writes the odds down need not try every other way: what it chose seldom and another would choose
//! often counts for as much more. That is inverse propensity scoring (D. G. Horvitz and D. J. Thompson, 1952), and divided by
//! the weights' own sum instead of their number it is self-normalised. Next: whoever reports it.

use crate::{Interval, Mean, Z};

/// The odds below which a choice is taken to have had these odds: one that could hardly happen would outweigh all others.
const CHANCE_MIN: f64 = 1e-6;

/// An estimate of another way's mean reward.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct OffPolicy {
    weighed: Mean,
    weights: f64,
    weights2: f64,
    rewards: f64,
    weights2_rewards: f64,
    weights2_rewards2: f64,
}

impl OffPolicy {
    /// One choice: how probable it was (`chance`), how probable the other way would have made it (`other`), and what it brought.
    /// What is no number is left out.
    pub fn count(&mut self, chance: f64, other: f64, reward: f64) {
        let weight = other / chance.max(CHANCE_MIN);
        if !(weight.is_finite() && weight >= 0.0 && reward.is_finite()) {
            return;
        }
        self.weighed.count(weight * reward);
        self.weights += weight;
        self.weights2 += weight * weight;
        self.rewards += weight * reward;
        self.weights2_rewards += weight * weight * reward;
        self.weights2_rewards2 += weight * weight * reward * reward;
    }

    /// The estimate that is right on average, with its interval for one look.
    #[must_use]
    pub fn unbiased(self) -> Mean {
        self.weighed
    }

    /// The self-normalised estimate: a little off, and much steadier. `None` while the other way would have chosen nothing that was.
    #[must_use]
    pub fn normalized(self) -> Option<f64> {
        (self.weights > 0.0).then(|| self.rewards / self.weights)
    }

    /// Where the truth may lie around the self-normalised estimate, for one look at many choices.
    #[must_use]
    pub fn interval(self) -> Option<Interval> {
        let middle = self.normalized()?;
        let squares =
            self.weights2_rewards2 - 2.0 * middle * self.weights2_rewards + middle * middle * self.weights2;
        let reach = Z * libm::sqrt(squares.max(0.0)) / self.weights;
        Some(Interval { low: middle - reach, high: middle + reach })
    }

    /// How many choices made the other way would tell as much. A tenth of those counted is little to go by.
    #[must_use]
    pub fn effective(self) -> f64 {
        if self.weights2 > 0.0 { self.weights * self.weights / self.weights2 } else { 0.0 }
    }
}
