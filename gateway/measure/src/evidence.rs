//! How strongly what was counted speaks against a share: a bet that a true share cannot lose for long.
//!
//! Whoever believes that something happens with the share `p` takes bets at its odds; the bettor spreads over all
//! shares evenly (Jeffreys' prior, Beta(1/2, 1/2)). Under the true share the bettor's wealth is a martingale that begins at 1, so
//! by Ville's inequality it ever reaches 20 with a chance of at most one in twenty, at whatever time one looks (H. Robbins, 1970). Shares at
//! which it stands higher are ruled out. Next: rate.rs and lift.rs.

use crate::{ALPHA, Rate};

/// Halvings of an interval of length 1 or 2 until what is left is below what a double can tell.
const HALVINGS: usize = 60;

/// The logarithm of the wealth at which a share is ruled out.
pub(crate) fn limit() -> f64 {
    -libm::log(ALPHA)
}

/// What was counted, ready to be asked about any share.
#[derive(Clone, Copy)]
pub(crate) struct Evidence {
    hits: f64,
    misses: f64,
    /// The logarithm of what the spread-out bettor gave to what happened.
    mixture: f64,
}

impl Evidence {
    pub(crate) fn new(rate: Rate) -> Self {
        let (hits, misses) = (float(rate.hits), float(rate.of - rate.hits.min(rate.of)));
        let mixture = ln_beta(hits + 0.5, misses + 0.5) - ln_beta(0.5, 0.5);
        Self { hits, misses, mixture }
    }

    /// The logarithm of the wealth against `share`: convex, least where the share is what was counted.
    pub(crate) fn against(&self, share: f64) -> f64 {
        self.mixture - times_ln(self.hits, share) - times_ln(self.misses, 1.0 - share)
    }

    /// How that changes with the share.
    pub(crate) fn slope(&self, share: f64) -> f64 {
        let part = |count: f64, share: f64| if count > 0.0 { count / share } else { 0.0 };
        part(self.misses, 1.0 - share) - part(self.hits, share)
    }
}

/// Where `holds` turns from true to false between `inside`, where it is true, and `outside`.
pub(crate) fn edge(inside: f64, outside: f64, holds: impl Fn(f64) -> bool) -> f64 {
    if holds(outside) {
        return outside;
    }
    let (mut inside, mut outside) = (inside, outside);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(inside, outside);
        if holds(middle) {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    outside
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

/// Nothing times the logarithm of nothing is nothing.
fn times_ln(count: f64, share: f64) -> f64 {
    if count > 0.0 { count * libm::log(share) } else { 0.0 }
}

fn ln_beta(a: f64, b: f64) -> f64 {
    libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b)
}
