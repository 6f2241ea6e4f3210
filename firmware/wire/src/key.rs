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

#[cfg(test)]
mod tests {
    //! RFC 4231, test cases 1 to 4, truncated as RFC 9053 does. Cases 5 to 7 are about other truncations and keys longer
    //! than a block, which a [`Key`] cannot be.

    extern crate std;

    use std::vec;
    use std::vec::Vec;

    use super::{Error, Key};

    /// A shorter key is the same key with zeros behind it (RFC 2104).
    fn key(secret: &[u8]) -> Key {
        let mut padded = [0; Key::LEN];
        padded[..secret.len()].copy_from_slice(secret);
        Key::new(&padded)
    }

    #[test]
    fn codes_are_those_of_rfc_4231() {
        let vectors: [(Vec<u8>, Vec<u8>, u64); 4] = [
            (vec![0x0b; 20], b"Hi There".to_vec(), 0xb034_4c61_d8db_3853),
            (b"Jefe".to_vec(), b"what do ya want for nothing?".to_vec(), 0x5bdc_c146_bf60_754e),
            (vec![0xaa; 20], vec![0xdd; 50], 0x773e_a91e_3680_0e46),
            ((1..=25).collect(), vec![0xcd; 50], 0x8255_8a38_9a44_3c0e),
        ];
        for (secret, data, expected) in vectors {
            let (front, back) = data.split_at(data.len() / 3);
            assert_eq!(key(&secret).tag([front, back]), expected.to_be_bytes());
        }
    }

    #[test]
    fn codes_of_another_length_or_value_are_forged() {
        let key = key(b"Jefe");
        let tag = key.tag([b"a", b"b"]);
        assert_eq!(key.verify([b"a", b"b"], &tag), Ok(()));
        assert_eq!(key.verify([b"", b"ab"], &tag), Ok(()), "parts are joined");
        assert_eq!(key.verify([b"a", b"c"], &tag), Err(Error::Forged));
        assert_eq!(key.verify([b"a", b"b"], &tag[..7]), Err(Error::Forged));
        assert_eq!(key.verify([b"a", b"b"], &[]), Err(Error::Forged));
    }
}
