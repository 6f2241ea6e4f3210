//! A device's own id in, a pseudonym out: the one place of the gateway where the two meet.
//!
//! The venue's nodes turn badge numbers into pseudonyms before they leave the node (firmware/node, pseudonym.rs). What
//! other systems publish are raw ids: of phones, tags, trackers. Here they become names in the same way and under the
//! same venue-wide key, so that a badge is one subject today, whoever saw it, and nobody can join two days without the
//! venue's secret. An id is in no event and in no offer. What admission refuses is another matter: the dead letter keeps
//! the message as it came, id and all, for whoever has to find out why. Next: map.rs.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use turnpage_gateway_core::SubjectName;

/// How the ids of a source become names of subjects.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Identity {
    /// A keyed hash that is another one each venue-local day, as the venue's nodes make it.
    #[default]
    Daily,
    /// A keyed hash that stays: for staff, vehicles, and those who have agreed to be known again.
    Lasting,
    /// The id is a pseudonym already, made by whoever provisioned the device, and is taken as it is.
    Given,
}

/// What declarations write for each.
pub(crate) const IDENTITIES: [(&str, Identity); 3] =
    [("daily", Identity::Daily), ("lasting", Identity::Lasting), ("given", Identity::Given)];

/// The venue's secret, the one that its nodes' daily keys are derived from. Shows nothing of itself.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    /// The secret as an operator keeps it.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// The name of a device on a day (since 1970-01-01, of the venue's calendar). Equal to what a node makes of the same
    /// number: HMAC-SHA-256 under the day's key, which is HMAC-SHA-256 of `turnpage day` and the day under the secret.
    #[must_use]
    pub fn daily(&self, id: &str, day: i64) -> Option<SubjectName> {
        let mac = keyed(&self.0).chain_update(b"turnpage day").chain_update(day.to_be_bytes());
        name(&mac.finalize().into_bytes(), id)
    }

    /// The name of a device for good.
    #[must_use]
    pub fn lasting(&self, id: &str) -> Option<SubjectName> {
        name(&keyed(&self.0).chain_update(b"turnpage lasting").finalize().into_bytes(), id)
    }
}

/// The first eight bytes of HMAC-SHA-256 over the number, in hexadecimal.
fn name(key: &[u8], id: &str) -> Option<SubjectName> {
    let full = keyed(key).chain_update(number(id)).finalize().into_bytes();
    let hex: String = full.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    SubjectName::new(&hex)
}

/// HMAC pads a key shorter than its block with zeros (RFC 2104), so the padded block is the same key.
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    for (slot, byte) in block.iter_mut().zip(key) {
        *slot = *byte;
    }
    Hmac::new(&block.into())
}

/// The bytes of an id. A Bluetooth address is its six bytes, however it is punctuated, because systems differ in that and
/// the badge does not; everything else is its text.
fn number(id: &str) -> Vec<u8> {
    crate::hex::six_bytes(id).map_or_else(|| id.as_bytes().to_vec(), |address| address.to_vec())
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_badge_is_one_subject_today_and_another_tomorrow() {
        let secret = Secret::new([7; 32]);
        let today = secret.daily("A4:C1:38:8D:18:B2", 20_000).unwrap();
        assert_eq!(today.as_str().len(), 16);
        assert_eq!(secret.daily("a4c1388d18b2", 20_000), Some(today.clone()));
        assert_eq!(secret.daily("a4-c1-38-8d-18-b2", 20_000), Some(today.clone()));
        assert_ne!(secret.daily("a4c1388d18b2", 20_001), Some(today.clone()));
        assert_ne!(secret.daily("a4c1388d18b3", 20_000), Some(today.clone()));
        assert_ne!(Secret::new([8; 32]).daily("a4c1388d18b2", 20_000), Some(today.clone()));
        let lasting = secret.lasting("a4c1388d18b2").unwrap();
        assert_ne!(lasting, today);
        assert!(!lasting.as_str().contains("a4c1") && !format!("{secret:?}").contains('7'));
    }
}
