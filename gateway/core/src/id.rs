//! The names things go by inside the gateway, each its own type so that none is taken for another.
//!
//! Not here: names of journeys, pages and offers, which belong to the engine's library. Before: nothing.
//! Next: event.rs, which speaks about these.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A name of bounded length and plain letters: what topics and files can carry without escaping.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The longest name in bytes.
            pub const LENGTH_MAX: usize = $max;

            /// The name, if it is one: 1 to [`Self::LENGTH_MAX`] bytes of `A-Z a-z 0-9 _ . -`.
            #[must_use]
            pub fn new(text: &str) -> Option<Self> {
                let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
                let fits = (1..=Self::LENGTH_MAX).contains(&text.len()) && text.bytes().all(plain);
                fits.then(|| Self(text.into()))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAName;

            fn try_from(text: String) -> Result<Self, NotAName> {
                Self::new(&text).ok_or(NotAName(text))
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.as_ref().to_owned()
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

/// A text that is no name: too long, empty, or with letters that topics and files cannot carry.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a name of plain letters, digits, `_`, `.` and `-`")]
pub struct NotAName(String);

name! {
    /// Who a journey runs for, known only by a pseudonym.
    SubjectName, 32
}
name! {
    /// A venue's id, the third level of every topic.
    VenueName, 32
}
name! {
    /// A node's name, as topics write it.
    NodeName, 32
}
name! {
    /// A zone's id.
    ZoneName, 64
}

/// A node's number on the wire; its name is in the venue.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct NodeId(pub u32);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A zone's place in [`crate::venue::Venue::zones`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ZoneIx(pub u16);

/// The stable id of an offer: the same offer has the same id however often it is computed or delivered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OfferId(pub u128);

impl OfferId {
    /// The id that 32 hexadecimal digits write, as topics and HTTP carry it.
    #[must_use]
    pub fn from_hex(hex: &str) -> Option<Self> {
        let digits = hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit());
        digits.then(|| u128::from_str_radix(hex, 16).ok().map(Self)).flatten()
    }
}

impl From<turnpage_journeys_engine::OfferId> for OfferId {
    fn from(id: turnpage_journeys_engine::OfferId) -> Self {
        Self(id.0)
    }
}

impl From<OfferId> for turnpage_journeys_engine::OfferId {
    fn from(id: OfferId) -> Self {
        Self(id.0)
    }
}

impl fmt::Display for OfferId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Serialize for OfferId {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        // Hexadecimal for people and JSON, 16 bytes for the log.
        if to.is_human_readable() { to.collect_str(self) } else { self.0.to_be_bytes().serialize(to) }
    }
}

impl<'de> Deserialize<'de> for OfferId {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            let text = String::deserialize(from)?;
            return Self::from_hex(&text)
                .ok_or_else(|| serde::de::Error::custom("not 32 hexadecimal digits"));
        }
        Ok(Self(u128::from_be_bytes(<[u8; 16]>::deserialize(from)?)))
    }
}
