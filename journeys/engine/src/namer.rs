//! Names for offers and evidence of passings: the same log gives the same on every machine.

use crate::effect::OfferId;
use crate::limits::Standing;
use core::hash::Hasher;
use siphasher::sip128::{Hasher128, SipHasher13};
use turnpage_journeys_expr::Timestamp;

/// Names offers under a venue's seed, and seals what mandated journeys passed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Namer {
    keyed: SipHasher13,
    seal: SipHasher13,
}

/// The evidence that a page of a mandated journey was passed: SipHash-1-3, 128 bits, under the venue's seed, over the
/// evidence before it (0 for the first; all numbers little-endian), subject, 0xff, journey, 0xff, page, 0xff, instant.
///
/// Whoever has the seed can compute the chain again from the log: a passing that was left out, added or changed
/// changes all that follow.
#[must_use]
pub fn evidence(seed: u64, before: u128, subject: &str, journey: &str, page: &str, at: Timestamp) -> u128 {
    Namer::new(seed).evidence(before, subject.as_bytes(), journey, page, at)
}

impl Namer {
    pub(crate) fn new(seed: u64) -> Self {
        // The second half of the key says what the hash is for: "offer id".
        let keyed = |what: &[u8; 8]| SipHasher13::new_with_keys(seed, u64::from_le_bytes(*what));
        Namer { keyed: keyed(b"offer id"), seal: keyed(b"evidence") }
    }

    pub(crate) fn evidence(
        &self,
        before: u128,
        subject: &[u8],
        journey: &str,
        page: &str,
        at: Timestamp,
    ) -> u128 {
        let mut hasher = self.seal;
        hasher.write(&before.to_le_bytes());
        for name in [subject, journey.as_bytes(), page.as_bytes()] {
            hasher.write(name);
            hasher.write(&[0xff]);
        }
        hasher.write(&at.0.to_le_bytes());
        hasher.finish128().as_u128()
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

    #[test]
    fn evidence_hangs_on_every_part() {
        let at = Timestamp(1_000);
        let first = evidence(1, 0, "ada", "safety", "briefing", at);
        // Pinned: a change here makes every log's evidence false.
        expect_test::expect!["e3e15b4833729b35ef28f367cfec4d17"].assert_eq(&format!("{first:032x}"));
        let others = [
            evidence(2, 0, "ada", "safety", "briefing", at),
            evidence(1, 1, "ada", "safety", "briefing", at),
            evidence(1, 0, "bo", "safety", "briefing", at),
            evidence(1, 0, "ada", "safet", "briefing", at),
            evidence(1, 0, "ada", "safety", "ride", at),
            evidence(1, 0, "ada", "safety", "briefing", Timestamp(1_001)),
        ];
        assert!(others.iter().all(|other| *other != first));
    }
}
