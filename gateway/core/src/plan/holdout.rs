//! Who is never offered anything by a journey, so that what offers bring can be compared with what comes anyway.
//!
//! A keyed hash of the subject's name and the journey's: the same today and tomorrow, after a restart and in a replay, and
//! nobody who knows the names alone can tell. Versions of a journey, and the journeys that it calls, hold out the same
//! people. Before: fatigue.rs. Next: slot.rs.

use std::hash::Hasher as _;

use siphasher::sip::SipHasher13;

use crate::venue::PPM;

/// Sets this hash apart from others under the same seed.
const KEY: u64 = u64::from_le_bytes(*b"hold out");

/// Whether a subject is among the share, in millionths, that a journey leaves alone.
pub(crate) fn is_held_out(seed: u64, subject: &str, journey: &str, share_ppm: u32) -> bool {
    let mut hasher = SipHasher13::new_with_keys(seed, KEY);
    hasher.write(subject.as_bytes());
    // No name has this byte, so that two names are never one of another cut.
    hasher.write_u8(0xff);
    // What is called is named `caller>callee`.
    hasher.write(journey.split('>').next().unwrap_or(journey).as_bytes());
    hasher.finish() % u64::from(PPM) < u64::from(share_ppm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_held_out_and_stays_so() {
        let held = |seed, share| {
            let subjects = (0..20_000).map(|n| format!("v{n}"));
            subjects.filter(|name| is_held_out(seed, name, "rainy-day", share)).collect::<Vec<_>>()
        };
        let twentieth = held(7, 50_000);
        assert!((900..1_100).contains(&twentieth.len()), "{}", twentieth.len());
        assert_eq!(twentieth, held(7, 50_000));
        assert_ne!(twentieth, held(8, 50_000), "another venue holds out others");
        assert_eq!((held(7, 0).len(), held(7, PPM).len()), (0, 20_000));
        let tenth = held(7, 100_000);
        assert!(twentieth.iter().all(|name| tenth.contains(name)), "a larger share leaves nobody in");
    }

    #[test]
    fn what_a_journey_calls_holds_out_the_same_people() {
        for n in 0..100 {
            let name = format!("v{n}");
            let [own, called] = ["tour", "tour>survey"].map(|of| is_held_out(1, &name, of, 300_000));
            assert_eq!(own, called);
        }
    }
}
