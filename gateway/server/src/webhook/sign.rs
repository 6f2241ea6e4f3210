//! Signatures as Standard Webhooks defines them: HMAC-SHA256 over id, timestamp and body.
//!
//! Pure. It signs and never verifies. Before: webhook/post.rs. Next: the receiver, which holds the same secret.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a secret begins with; base64 of the key follows.
const PREFIX: &str = "whsec_";
/// How long a key is, in bytes: Standard Webhooks, "Signature scheme".
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A signing key. It is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Secret {
    /// Reads `whsec_` and base64 of 24 to 64 bytes; `None` when it is something else.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let key = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        KEY_BYTES.contains(&key.len()).then_some(Self(key))
    }

    fn sign(&self, id: &str, timestamp_s: u64, body: &[u8]) -> String {
        let signed = Hmac::<Sha256>::new_from_slice(&self.0).map(|mut mac| {
            mac.update(format!("{id}.{timestamp_s}.").as_bytes());
            mac.update(body);
            format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
        });
        // An HMAC takes keys of any length.
        signed.unwrap_or_default()
    }
}

/// The value of `webhook-signature`: one signature of each secret.
pub(super) fn signatures(secrets: &[Secret], id: &str, timestamp_s: u64, body: &[u8]) -> String {
    let each: Vec<String> = secrets.iter().map(|secret| secret.sign(id, timestamp_s, body)).collect();
    each.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the specification's reference implementations are tested with.
    #[test]
    fn the_published_example_has_the_published_signature() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", br#"{"test": 2432232314}"#);
        let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signatures(std::slice::from_ref(&secret), id, 1_614_265_330, body), signature);
        let two = signatures(&[secret.clone(), secret], id, 1_614_265_330, body);
        assert_eq!(two, format!("{signature} {signature}"));
    }

    #[test]
    fn a_secret_is_whsec_and_enough_bytes() {
        let of = |bytes: usize| Secret::new(&format!("whsec_{}", STANDARD.encode(vec![7; bytes])));
        assert!(of(24).is_some() && of(64).is_some());
        assert!(of(23).is_none() && of(65).is_none());
        assert!(Secret::new("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_none());
        assert!(Secret::new("whsec_not base64").is_none());
    }
}
