//! Tokens: a name, a role, and the fingerprint of a secret that the gateway itself does not keep.
//!
//! A secret is 32 random bytes, so that a plain SHA-256 of it tells nobody what it is and no guessing finds it; there is
//! nothing to salt or to stretch. Before: access.rs.

use std::fmt;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::Role;

/// Random bytes of a secret: as many as its fingerprint has.
const SECRET_BYTES: usize = 32;
/// What a secret begins with, so that people and scanners of repositories know one when they see it.
const PREFIX: &str = "tp_";
/// The least length of a secret that somebody else made: 32 letters of base64 are 24 bytes.
pub const SECRET_LETTERS_MIN: usize = 32;

/// The SHA-256 of a secret. Equality takes as long wherever two differ.
#[derive(Clone, Copy)]
pub struct Fingerprint([u8; SECRET_BYTES]);

impl Fingerprint {
    /// Of a secret as it is sent.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// From 64 hexadecimal digits.
    #[must_use]
    pub fn from_bytes(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(bytes)
    }

    /// As a key of a table whose keys nobody can choose.
    pub(super) fn bytes(&self) -> [u8; SECRET_BYTES] {
        self.0
    }
}

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Fingerprint {}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Who may come in, as what, until when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// Its name in the config: who the audit log says it was.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Of its secret.
    pub fingerprint: Fingerprint,
    /// From when on it is no good; `None` for never.
    pub until: Option<SystemTime>,
}

impl Token {
    pub(super) fn is_good(&self, now: SystemTime) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// A secret that nobody had before.
///
/// # Errors
/// When the system has no randomness to give.
pub fn fresh() -> Result<String, getrandom::Error> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_long_random_and_known_by_its_fingerprint_alone() {
        let (one, other) = (fresh().unwrap(), fresh().unwrap());
        assert_ne!(one, other);
        assert!(one.starts_with(PREFIX) && one.len() >= SECRET_LETTERS_MIN);
        assert_eq!(Fingerprint::of(&one), Fingerprint::of(&one));
        assert_ne!(Fingerprint::of(&one), Fingerprint::of(&other));
        assert_eq!(
            Fingerprint::of("abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
