//! A node's key, and the one algorithm: HMAC-SHA-256 truncated to 64 bits (RFC 9053, algorithm 4).
//!
//! Truncation to eight bytes is the standard's: a forger has one chance in 2^64 a try, every try is
//! a dead letter, and a node pays eight bytes a frame instead of 32.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::Error;

/// Bytes of a message authentication code on the wire.
pub(crate) const TAG_LEN: usize = 8;

/// The secret one node shares with its gateway. Holds the keyed hash state, so that neither side
/// pays for the key schedule on every frame; shows nothing of itself.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl Key {
    /// Bytes of a key as provisioned.
    pub const LEN: usize = 32;

    /// Prepares a key.
    pub fn new(secret: &[u8; Self::LEN]) -> Self {
        // HMAC pads keys shorter than a block with zeros (RFC 2104), so the padded block is the same key.
        let mut block = [0; 64];
        for (slot, byte) in block.iter_mut().zip(secret) {
            *slot = *byte;
        }
        Self(Hmac::new(&block.into()))
    }

    /// The truncated code over the concatenation of `parts`.
    pub(crate) fn tag(&self, parts: [&[u8]; 2]) -> [u8; TAG_LEN] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part);
        }
        let full = mac.finalize().into_bytes();
        let mut tag = [0; TAG_LEN];
        for (slot, byte) in tag.iter_mut().zip(full) {
            *slot = byte;
        }
        tag
    }

    /// Compares in constant time.
    pub(crate) fn verify(&self, parts: [&[u8]; 2], tag: &[u8]) -> Result<(), Error> {
        if bool::from(self.tag(parts).ct_eq(tag)) { Ok(()) } else { Err(Error::Forged) }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}
