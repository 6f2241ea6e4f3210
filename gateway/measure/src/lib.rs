//! What offers brought, in numbers that can be trusted: shares, intervals around them, and lift over a hold-out.
//!
//! Pure arithmetic on counts and sums, the same on every machine. It knows no journey, no offer and no log: whoever counts
//! hands in how often something happened of how often it could have. There are two kinds of interval. An
//! [`Interval`] from `interval()` is for a report that is made once; one from `always()` covers the truth at every
//! look at once, however often an operator reloads the page and whenever they decide to stop.
//!
//! Before: gateway/core, which counts. Next: rate.rs, lift.rs, mean.rs, off_policy.rs.

mod evidence;
mod lift;
mod mean;
mod off_policy;
mod rate;

use serde::Serialize;

pub use lift::Lift;
pub use mean::Mean;
pub use off_policy::OffPolicy;
pub use rate::Rate;

/// How often an interval may miss the truth: one time in twenty.
pub const ALPHA: f64 = 0.05;

/// How many standard deviations hold 95 % of a normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// From where to where the truth may lie.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Interval {
    /// No less than this.
    pub low: f64,
    /// No more than this.
    pub high: f64,
}

impl Interval {
    /// Whether a value may be the truth.
    #[must_use]
    pub fn contains(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}
