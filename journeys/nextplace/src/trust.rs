//! How far each way is believed, by how much the finest of them have seen: learned from what came true.
//!
//! A mixture's weights, moved by one step of expectation maximisation after each move. A mixture of distributions
//! is a distribution, and one that is fitted to what came true is calibrated as far as its parts allow.
//!
//! Comes after `ways.rs`; next: `model.rs`.

use serde::{Deserialize, Serialize};

use crate::ways::{WAYS, Ways};

/// Classes of evidence: of the place alone, and of the two places.
const FROM_LEAST: [f64; 3] = [1.0, 8.0, 64.0];
const TWO_LEAST: [f64; 5] = [1.0, 2.0, 4.0, 8.0, 32.0];
pub(crate) const GATES: usize = (FROM_LEAST.len() + 1) * (TWO_LEAST.len() + 1);

/// The weights before anything came true weigh as many moves as this.
const PRIOR_MOVES: u32 = 24;
/// A step never gets smaller than that of so many moves: trust follows a venue that changes.
const MEMORY_MOVES: u32 = 4_096;
/// No way is given up for ever.
const LEAST: f64 = 1e-4;
/// Hours and dwell must earn their trust; a place and two places have it.
const PRIOR: [f64; WAYS] = [0.05, 0.05, 0.3, 0.1, 0.1, 0.4];

/// The weights of one class of evidence. They sum to one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Gate {
    pub(crate) weights: [f64; WAYS],
    pub(crate) moves: u32,
}

/// All classes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Trust {
    pub(crate) gates: alloc::vec::Vec<Gate>,
}

impl Default for Trust {
    fn default() -> Self {
        Trust { gates: alloc::vec![Gate { weights: PRIOR, moves: 0 }; GATES] }
    }
}

fn class(evidence: f64, least: &[f64]) -> usize {
    least.iter().take_while(|least| evidence >= **least).count()
}

fn gate_of(ways: &Ways<'_>) -> usize {
    let [from, two] = ways.evidence();
    class(from, &FROM_LEAST) * (TWO_LEAST.len() + 1) + class(two, &TWO_LEAST)
}

impl Trust {
    /// The weights for a moment.
    pub(crate) fn weights(&self, ways: &Ways<'_>) -> [f64; WAYS] {
        self.gates.get(gate_of(ways)).map_or(PRIOR, |gate| gate.weights)
    }

    /// A place came next: each way is believed a little more, as its share of having foretold it.
    pub(crate) fn learn(&mut self, ways: &Ways<'_>, came: u16) {
        let shares = ways.shares(Some(came));
        let Some(gate) = self.gates.get_mut(gate_of(ways)) else { return };
        let mixed = mix(&gate.weights, &shares);
        if mixed <= 0.0 {
            return;
        }
        let step = 1.0 / f64::from((gate.moves + PRIOR_MOVES).min(MEMORY_MOVES));
        gate.moves = (gate.moves + 1).min(MEMORY_MOVES);
        let mut sum = 0.0;
        for (weight, share) in gate.weights.iter_mut().zip(shares) {
            *weight += step * (*weight * share / mixed - *weight);
            *weight = weight.max(LEAST);
            sum += *weight;
        }
        for weight in &mut gate.weights {
            *weight /= sum;
        }
    }

    /// Whether these could be weights that `learn` left.
    pub(crate) fn is_sound(&self) -> bool {
        self.gates.len() == GATES
            && self.gates.iter().all(|gate| {
                let sum: f64 = gate.weights.iter().sum();
                let each = gate.weights.iter().all(|weight| (0.0..=1.0).contains(weight));
                each && (0.999..1.001).contains(&sum) && gate.moves <= MEMORY_MOVES
            })
    }
}

/// The mixture's share.
pub(crate) fn mix(weights: &[f64; WAYS], shares: &[f64; WAYS]) -> f64 {
    weights.iter().zip(shares).map(|(weight, share)| weight * share).sum()
}
