//! How often something happened, of how often it could have: a click-through, a conversion.
//!
//! Next: lift.rs, which compares two.

use serde::Serialize;

use crate::evidence::{Evidence, edge, float, limit};
use crate::{Interval, Z};

/// So many of so many. More hits than there were chances count as all of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Rate {
    /// How often it happened.
    pub hits: u64,
    /// How often it could have.
    pub of: u64,
}

impl Rate {
    /// So many of so many.
    #[must_use]
    pub fn new(hits: u64, of: u64) -> Self {
        Self { hits: hits.min(of), of }
    }

    /// One more chance, and whether it was taken.
    pub fn count(&mut self, hit: bool) {
        self.hits += u64::from(hit);
        self.of += 1;
    }

    /// The share, 0 to 1; `None` before the first chance.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        (self.of > 0).then(|| float(self.hits.min(self.of)) / float(self.of))
    }

    /// Where the true share lies with 95 % confidence, for one look (E. B. Wilson's score interval, 1927). Everything is possible
    /// before the first chance.
    #[must_use]
    pub fn interval(self) -> Interval {
        let Some(share) = self.share() else { return Interval { low: 0.0, high: 1.0 } };
        let (n, z2) = (float(self.of), Z * Z);
        let middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
        let reach = Z / (1.0 + z2 / n) * libm::sqrt(share * (1.0 - share) / n + z2 / (4.0 * n * n));
        // What was seen is always possible: nearly is not enough at the ends.
        let low = if self.hits == 0 { 0.0 } else { middle - reach };
        let high = if self.hits >= self.of { 1.0 } else { middle + reach };
        Interval { low, high }
    }

    /// Where the true share lies, at every look at once.
    #[must_use]
    pub fn always(self) -> Interval {
        let Some(share) = self.share() else { return Interval { low: 0.0, high: 1.0 } };
        let evidence = Evidence::new(self);
        let possible = |share: f64| evidence.against(share) < limit();
        Interval { low: edge(share, 0.0, possible), high: edge(share, 1.0, possible) }
    }
}
