//! Names for offers: the same log gives the same names on every machine.

use crate::effect::OfferId;
use crate::limits::Standing;
use siphasher::sip128::{Hasher128, SipHasher13};
use std::hash::Hasher;

/// Names offers under a venue's seed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Namer {
    keyed: SipHasher13,
}

impl Namer {
    pub(crate) fn new(seed: u64) -> Self {
        // The second half of the key says what the hash is for: "offer id".
        Namer { keyed: SipHasher13::new_with_keys(seed, u64::from_le_bytes(*b"offer id")) }
    }

    /// SipHash-1-3, 128 bits, over subject, 0xff, journey, 0xff, instant and step (both little-endian). No
    /// name holds 0xff, being UTF-8; one step makes at most one offer.
    pub(crate) fn offer(&self, subject: &[u8], journey: &str, standing: Standing) -> OfferId {
        let mut hasher = self.keyed;
        hasher.write(subject);
        hasher.write(&[0xff]);
        hasher.write(journey.as_bytes());
        hasher.write(&[0xff]);
        hasher.write(&standing.made_at.to_le_bytes());
        hasher.write(&standing.step.to_le_bytes());
        OfferId(hasher.finish128().as_u128())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_names_and_the_names_never_change() {
        let name = |seed, subject: &str, journey, made_at, step| {
            Namer::new(seed).offer(subject.as_bytes(), journey, Standing { made_at, step }).to_string()
        };
        let first = name(1, "ada", "rain", 1000, 1);
        // Pinned: a change here makes every receiver see old offers as new.
        expect_test::expect!["bcd3e3a32ef1ac5b88213d0dbe6dea32"].assert_eq(&first);
        let others = [
            name(2, "ada", "rain", 1000, 1),
            name(1, "bo", "rain", 1000, 1),
            name(1, "ada", "rai", 1000, 1),
            name(1, "ada", "rain", 1001, 1),
            name(1, "ada", "rain", 1000, 2),
        ];
        assert!(others.iter().all(|other| *other != first));
    }
}
