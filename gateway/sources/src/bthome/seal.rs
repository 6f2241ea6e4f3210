//! Opening an encrypted advertisement: AES-128 in counter mode with a check (CCM, RFC 3610), as BTHome uses it
//! (<https://bthome.io/encryption>).
//!
//! The cipher is the RustCrypto project's; here is only where the nonce comes from. Next: back in bthome.rs.

use aes::Aes128;
use ccm::Ccm;
use ccm::aead::{Aead as _, KeyInit as _};
use ccm::consts::{U4, U13};

use crate::secrets::BINDKEY_LEN;

/// Four bytes of check, thirteen of nonce.
type Cipher = Ccm<Aes128, U4, U13>;

/// The service's UUID 0xFCD2 as it is on the air: the low byte first.
const UUID: [u8; 2] = [0xd2, 0xfc];
/// Bytes of the counter and of the check at the end.
const COUNTER_LEN: usize = 4;
const CHECK_LEN: usize = 4;

/// The measurements of `ciphertext, counter, check`; `None` when it was made with another key, or changed since.
pub(super) fn open(key: &[u8; BINDKEY_LEN], address: [u8; 6], info: u8, sealed: &[u8]) -> Option<Vec<u8>> {
    let (sealed, check) = sealed.split_at_checked(sealed.len().checked_sub(CHECK_LEN)?)?;
    let (ciphertext, counter) = sealed.split_at_checked(sealed.len().checked_sub(COUNTER_LEN)?)?;
    let mut nonce = [0; 13];
    let parts = address.iter().chain(&UUID).chain([&info]).chain(counter);
    for (slot, byte) in nonce.iter_mut().zip(parts) {
        *slot = *byte;
    }
    let cipher = Cipher::new(key.into());
    cipher.decrypt(&nonce.into(), [ciphertext, check].concat().as_slice()).ok()
}
