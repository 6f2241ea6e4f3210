//! How long to wait: for an answer, and before the next attempt.
//!
//! Pure: the time and the chance are parameters. Before: webhook/worker.rs, which waits.

use std::time::Duration;

use super::limits;

/// How patient an endpoint's worker is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retry {
    /// For the head of the answer to one request, which decides.
    pub timeout: Duration,
    /// Before the second attempt; each further wait is twice as long,
    pub first: Duration,
    /// up to this.
    pub last: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            timeout: limits::TIMEOUT,
            first: Duration::from_secs(1),
            // Offers live for minutes: a receiver that comes back is told within one.
            last: Duration::from_secs(60),
        }
    }
}

impl Retry {
    /// The wait after so many failures. `chance` in 0..1 shortens it by up to a half, so that not all come back at once.
    pub(crate) fn wait(&self, failures: u32, chance: f64) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX).max(1);
        let wait = self.first.saturating_mul(doubled).min(self.last);
        wait - wait.mul_f64(chance.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_bound_and_are_shortened_by_chance() {
        let retry = Retry::default();
        let waits: Vec<u64> = (1..=8).map(|failures| retry.wait(failures, 0.0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(retry.wait(u32::MAX, 1.0).as_secs(), 30);
        assert_eq!(retry.wait(1, 0.5), Duration::from_millis(750));
    }
}
