//! What something was worth on average: money, minutes, a score.
//!
//! Unlike a share it has no largest value, so that its intervals lean on the numbers being many. Next: whoever reports it.

use serde::Serialize;

use crate::evidence::float;
use crate::{ALPHA, Interval, Z};

/// At so many values `always()` is as narrow as it can be made; before and after it is wider.
const TIGHTEST_AT: f64 = 1_000.0;

/// A running mean and how far values lie around it (B. P. Welford, 1962).
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Mean {
    /// How many values.
    pub of: u64,
    /// Their mean.
    pub mean: f64,
    #[serde(skip)]
    squares: f64,
}

impl Mean {
    /// Of so many values, their sum and the sum of their squares: amounts, none of them far larger than the rest.
    #[must_use]
    pub fn of_sums(of: u64, sum: f64, squares: f64) -> Self {
        if of == 0 {
            return Self::default();
        }
        let mean = sum / float(of);
        Self { of, mean, squares: (squares - sum * mean).max(0.0) }
    }

    /// One more value. What is no number is left out.
    pub fn count(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.of += 1;
        let off = value - self.mean;
        self.mean += off / float(self.of);
        self.squares += off * (value - self.mean);
    }

    /// The values' variance, as of a sample; `None` before the second.
    #[must_use]
    pub fn variance(self) -> Option<f64> {
        (self.of > 1).then(|| self.squares / float(self.of - 1))
    }

    /// Where the true mean lies with 95 % confidence, for one look at many values; `None` before the second.
    #[must_use]
    pub fn interval(self) -> Option<Interval> {
        Some(self.within(Z * libm::sqrt(self.variance()? / float(self.of))))
    }

    /// Where the true mean lies at every look at once, for values that are many: an asymptotic confidence sequence
    /// (I. Waudby-Smith and others, 2021). `None` before the second value.
    #[must_use]
    pub fn always(self) -> Option<Interval> {
        let n = float(self.of);
        // The width of the bets, such that they are sharpest at that many values.
        let logs = -2.0 * libm::log(ALPHA);
        let rho2 = (logs + libm::log(logs + 1.0)) / TIGHTEST_AT;
        let spread = n * rho2 + 1.0;
        let reach = 2.0 * spread / (n * n * rho2) * libm::log(libm::sqrt(spread) / ALPHA);
        Some(self.within(libm::sqrt(reach * self.variance()?)))
    }

    fn within(self, reach: f64) -> Interval {
        Interval { low: self.mean - reach, high: self.mean + reach }
    }
}
