//! How often somebody may ask: a bucket that refills, kept as one instant a key (the generic cell rate algorithm).
//!
//! The table is bounded. When it is full of keys that are all being held back, whoever is new shares one bucket, so that
//! making up addresses wins nothing. Before: access.rs.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Keys that are remembered: a full bucket is forgotten.
const KEYS_MAX: usize = 4_096;

/// So many at once, and then one each so often.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    /// How many may come at once.
    pub burst: u32,
    /// Between two when all of those are used up.
    pub every: Duration,
}

/// Buckets by key.
#[derive(Debug)]
pub(crate) struct Limiter<K> {
    rate: Rate,
    buckets: Mutex<Buckets<K>>,
}

/// For each key when its bucket will be full again.
#[derive(Debug)]
struct Buckets<K> {
    full_at: HashMap<K, Instant>,
    others_full_at: Option<Instant>,
}

impl<K: Eq + Hash> Limiter<K> {
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, buckets: Mutex::new(Buckets { full_at: HashMap::new(), others_full_at: None }) }
    }

    /// Takes one from the bucket, or says how long until there is one.
    pub(crate) fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if !buckets.full_at.contains_key(&key) && buckets.full_at.len() >= KEYS_MAX {
            buckets.full_at.retain(|_, full_at| *full_at > now);
            if buckets.full_at.len() >= KEYS_MAX {
                let next = self.next(buckets.others_full_at, now)?;
                buckets.others_full_at = Some(next);
                return Ok(());
            }
        }
        let next = self.next(buckets.full_at.get(&key).copied(), now)?;
        buckets.full_at.insert(key, next);
        Ok(())
    }

    /// When a bucket will be full again once one more is taken from it.
    fn next(&self, full_at: Option<Instant>, now: Instant) -> Result<Instant, Duration> {
        let next = full_at.unwrap_or(now).max(now) + self.rate.every;
        let empties_at = now + self.rate.every * self.rate.burst;
        if next > empties_at { Err(next - empties_at) } else { Ok(next) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 3, every: Duration::from_secs(1) };

    #[test]
    fn a_bucket_gives_its_burst_and_then_one_at_a_time() {
        let (limiter, now) = (Limiter::new(RATE), Instant::now());
        assert!((0..3).all(|_| limiter.take("a", now).is_ok()));
        assert_eq!(limiter.take("a", now), Err(RATE.every));
        assert!(limiter.take("b", now).is_ok());
        assert!(limiter.take("a", now + RATE.every).is_ok());
        assert!(limiter.take("a", now + RATE.every).is_err());
        assert!((0..3).all(|_| limiter.take("a", now + 10 * RATE.every).is_ok()));
    }

    #[test]
    fn a_full_table_forgets_who_is_quiet_and_lets_newcomers_share() {
        let (limiter, now) = (Limiter::new(RATE), Instant::now());
        for key in 0..KEYS_MAX {
            limiter.take(key, now).unwrap();
        }
        let shared = (0..10).filter(|more| limiter.take(KEYS_MAX + more, now).is_ok()).count();
        assert_eq!(shared, 3);
        assert!(limiter.take(KEYS_MAX, now + RATE.every).is_ok());
        assert_eq!(limiter.buckets.lock().unwrap().full_at.len(), 1);
    }
}
