//! How far each way is believed, by how much the finest of them have seen: learned from what came true.
//!
//! Two mixtures, one after the other: of the ways, then of powers of what they say together, because people turn
//! out surer or less sure of their way than counts that back off. The weights of both move by one step of
//! expectation maximisation after each move. What is fitted to what came true is calibrated as far as its parts allow.
//!
//! Comes after `ways.rs`; next: `model.rs`.

use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::ways::{WAYS, Ways};

/// Classes of evidence: of the place alone, and of the two places.
const FROM_LEAST: [f64; 3] = [1.0, 8.0, 64.0];
const TWO_LEAST: [f64; 5] = [1.0, 2.0, 4.0, 8.0, 32.0];
pub(crate) const GATES: usize = (FROM_LEAST.len() + 1) * (TWO_LEAST.len() + 1);

/// The weights before anything came true weigh as many moves as this.
const PRIOR_MOVES: u32 = 10;
/// A step never gets smaller than that of so many moves: trust follows a venue that changes.
const MEMORY_MOVES: u32 = 4_096;
/// No way is given up for ever.
const LEAST: f64 = 1e-4;
/// Hours and dwell must earn their trust; a place and two places have it.
const PRIOR: [f64; WAYS] = [0.04, 0.04, 0.04, 0.3, 0.1, 0.1, 0.38];

/// How sharp the mixture is taken: its shares to the power of one half, one, three halves and two.
const POWERS: usize = 4;
const SHARPNESS: [f64; POWERS] = [0.05, 0.8, 0.1, 0.05];

/// What one class of evidence has learned. Both lists of weights sum to one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Gate {
    pub(crate) ways: [f64; WAYS],
    pub(crate) powers: [f64; POWERS],
    pub(crate) moves: u32,
}

const BLANK: Gate = Gate { ways: PRIOR, powers: SHARPNESS, moves: 0 };

/// All classes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Trust {
    pub(crate) gates: Vec<Gate>,
}

impl Default for Trust {
    fn default() -> Self {
        Trust { gates: vec![BLANK; GATES] }
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
    /// The shares of every place, by number, and of elsewhere at the end.
    pub(crate) fn foretell(&self, ways: &Ways<'_>) -> Vec<f64> {
        let gate = self.gates.get(gate_of(ways)).unwrap_or(&BLANK);
        let mut shares = ways.mixture(&gate.ways);
        let sums = sums(&shares);
        for share in &mut shares {
            *share = inner(&gate.powers, &sharpened(*share, &sums));
        }
        shares
    }

    /// A place came next: each way and each power is believed a little more, as its share of having foretold it.
    pub(crate) fn learn(&mut self, ways: &Ways<'_>, came: u16) {
        let Some(gate) = self.gates.get_mut(gate_of(ways)) else { return };
        let mixture = ways.mixture(&gate.ways);
        let share = mixture.get(usize::from(came)).copied().unwrap_or_default();
        let step = 1.0 / f64::from((gate.moves + PRIOR_MOVES).min(MEMORY_MOVES));
        believe(&mut gate.powers, &sharpened(share, &sums(&mixture)), step);
        believe(&mut gate.ways, &ways.shares(came), step);
        gate.moves = (gate.moves + 1).min(MEMORY_MOVES);
    }

    /// Whether these could be weights that `learn` left.
    pub(crate) fn is_sound(&self) -> bool {
        let whole = |weights: &[f64]| {
            let sum: f64 = weights.iter().sum();
            weights.iter().all(|weight| (0.0..=1.0).contains(weight)) && (0.999..1.001).contains(&sum)
        };
        let sound = |gate: &Gate| whole(&gate.ways) && whole(&gate.powers) && gate.moves <= MEMORY_MOVES;
        self.gates.len() == GATES && self.gates.iter().all(sound)
    }
}

/// One step of expectation maximisation.
fn believe<const N: usize>(weights: &mut [f64; N], shares: &[f64; N], step: f64) {
    let mixed = inner(weights, shares);
    // Shares are positive, but for weights that somebody else wrote.
    if mixed <= 0.0 {
        return;
    }
    let mut sum = 0.0;
    for (weight, share) in weights.iter_mut().zip(shares) {
        *weight += step * (*weight * share / mixed - *weight);
        *weight = weight.max(LEAST);
        sum += *weight;
    }
    for weight in weights {
        *weight /= sum;
    }
}

fn inner<const N: usize>(weights: &[f64; N], shares: &[f64; N]) -> f64 {
    weights.iter().zip(shares).map(|(weight, share)| weight * share).sum()
}

/// Square roots are exact to the last bit everywhere; other powers are not.
fn powers(share: f64) -> [f64; POWERS] {
    let root = libm::sqrt(share);
    [root, share, share * root, share * share]
}

/// What the shares sum to under each power.
fn sums(shares: &[f64]) -> [f64; POWERS] {
    let mut sums = [0.0; POWERS];
    for share in shares {
        sums.iter_mut().zip(powers(*share)).for_each(|(sum, power)| *sum += power);
    }
    sums
}

fn sharpened(share: f64, sums: &[f64; POWERS]) -> [f64; POWERS] {
    let mut shares = powers(share);
    shares.iter_mut().zip(sums).for_each(|(share, sum)| *share /= sum);
    shares
}
