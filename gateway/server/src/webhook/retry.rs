//! How long to wait: for an answer, and before the next attempt.
//!
//! Pure: the time and the chance are parameters. Before: webhook/worker.rs, which waits.

use std::time::{Duration, SystemTime};

use super::limits;

/// The longest that a receiver may put us off for: what it says beyond is more likely a mistake than a wish.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);

/// How patient an endpoint's worker is.
#[derive(Clone, Copy, Debug)]
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
    pub(super) fn wait(&self, failures: u32, chance: f64) -> Duration {
        let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX).max(1);
        let wait = self.first.saturating_mul(doubled).min(self.last);
        wait - wait.mul_f64(chance.clamp(0.0, 1.0) / 2.0)
    }
}

/// What a `Retry-After` asks for: seconds, or an HTTP date. `None` when it is neither.
pub(super) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let wait = match value.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(value).ok()?.duration_since(now).unwrap_or_default(),
    };
    Some(wait.min(RETRY_AFTER_MAX))
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

    #[test]
    fn retry_after_is_seconds_or_a_date_within_an_hour() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777 - 90);
        for (value, wait) in [
            ("7", Some(7)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(90)),
            ("Sat, 05 Nov 1994 08:49:37 GMT", Some(0)),
            ("99999999", Some(3_600)),
            ("soon", None),
            ("-1", None),
        ] {
            assert_eq!(retry_after(value, now), wait.map(Duration::from_secs), "{value}");
        }
    }
}
