//! A badge number in, today's pseudonym out: the one place where the two meet.
//!
//! Every node of a venue holds the same daily key, so all of them name a visitor alike today and nobody can
//! join two days without the venue's secret. Linking days takes consent and happens in the gateway.
//!
//! Next: `presence` knows subjects by pseudonym only.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use turnpage_firmware_wire::Pseudonym;

use crate::Uid;

/// The venue-wide key of one day. Shows nothing of itself.
#[derive(Clone)]
pub struct DailyKey(Hmac<Sha256>);

impl DailyKey {
    /// The key as a node is given it.
    pub fn new(key: [u8; 32]) -> Self {
        Self(keyed(key))
    }

    /// The key of `day` (days since 1970-01-01 in the venue's local time) under the venue's secret:
    /// HMAC-SHA-256 over `turnpage day` and the day as eight big-endian bytes. What provisioning hands to nodes.
    pub fn of_day(venue_secret: [u8; 32], day: i64) -> Self {
        let mac = keyed(venue_secret).chain_update(b"turnpage day").chain_update(day.to_be_bytes());
        Self::new(mac.finalize().into_bytes().into())
    }

    /// The first eight bytes of HMAC-SHA-256 over the badge's number.
    pub fn pseudonym(&self, uid: &Uid) -> Pseudonym {
        let full = self.0.clone().chain_update(uid.as_bytes()).finalize().into_bytes();
        let mut short = [0; Pseudonym::LEN];
        for (slot, byte) in short.iter_mut().zip(full) {
            *slot = byte;
        }
        Pseudonym(short)
    }
}

/// HMAC pads a key shorter than its block with zeros (RFC 2104), so the padded block is the same key.
fn keyed(key: [u8; 32]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = byte;
    }
    Hmac::new(&block.into())
}

impl fmt::Debug for DailyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DailyKey(..)")
    }
}
