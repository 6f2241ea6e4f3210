//! What a treatment adds: the difference of two shares, between those who were treated and those who were held out by lot.
//!
//! Before: rate.rs. Next: whoever reports it.

use serde::Serialize;

use crate::evidence::{Evidence, edge, limit};
use crate::{Interval, Rate};

/// Halvings until the least of a convex function is found as exactly as it matters: its value is flat there.
const HALVINGS: usize = 50;

/// Two groups that chance made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Lift {
    /// Those who were treated.
    pub treated: Rate,
    /// The hold-out.
    pub held_out: Rate,
}

impl Lift {
    /// How much larger the treated's share is, -1 to 1; `None` while either group is empty.
    #[must_use]
    pub fn difference(self) -> Option<f64> {
        Some(self.treated.share()? - self.held_out.share()?)
    }

    /// The same as a part of the hold-out's share; `None` while that is nothing.
    #[must_use]
    pub fn relative(self) -> Option<f64> {
        let base = self.held_out.share().filter(|base| *base > 0.0)?;
        Some(self.difference()? / base)
    }

    /// Where the true difference lies, at every look at once, however many are in which group when.
    ///
    /// The bets against both groups' shares together are one bet: a difference is possible while some pair of shares that
    /// differ by it is.
    #[must_use]
    pub fn always(self) -> Interval {
        let Some(difference) = self.difference() else { return Interval { low: -1.0, high: 1.0 } };
        let both = Both { treated: Evidence::new(self.treated), held_out: Evidence::new(self.held_out) };
        let possible = |difference: f64| both.against(difference) < limit();
        Interval { low: edge(difference, -1.0, possible), high: edge(difference, 1.0, possible) }
    }

    /// Whether the treatment is known to help, or to harm, at whatever look this is.
    #[must_use]
    pub fn is_settled(self) -> bool {
        !self.always().contains(0.0)
    }
}

struct Both {
    treated: Evidence,
    held_out: Evidence,
}

impl Both {
    /// The logarithm of the wealth against a difference: the least that any two shares leave.
    fn against(&self, difference: f64) -> f64 {
        let slope = |base: f64| self.held_out.slope(base) + self.treated.slope(base + difference);
        let (mut low, mut high) = ((-difference).max(0.0), (1.0 - difference).min(1.0));
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(low, high);
            if slope(middle) > 0.0 {
                high = middle;
            } else {
                low = middle;
            }
        }
        let base = f64::midpoint(low, high);
        self.held_out.against(base) + self.treated.against((base + difference).clamp(0.0, 1.0))
    }
}
