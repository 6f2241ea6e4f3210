//! The names things go by inside the gateway, each its own type so that none is taken for another.
//!
//! Not here: names of journeys, pages and offers, which belong to the engine's library. Before: nothing.
//! Next: event.rs, which speaks about these.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use turnpage_journeys_engine::SubjectKind;

/// What a name is made of, in words.
const PLAIN: &str = "plain letters, digits, `_`, `.` and `-`";

/// A name of bounded length and plain letters: what topics and files can carry without escaping.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
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

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let Written(text) = Written::deserialize(deserializer)?;
                let wrong = || D::Error::custom(format_args!("`{text}` is not a name of {PLAIN}"));
                Self::new(&text).ok_or_else(wrong)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

/// A name as it is written: not copied where the format has it whole.
#[derive(Deserialize)]
struct Written<'a>(#[serde(borrow)] Cow<'a, str>);

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
    /// A receiver's name: what the system that it belongs to calls it.
    ReceiverName, 64
}
name! {
    /// Something that consent is asked for.
    PurposeName, 32
}
name! {
    /// A zone's id.
    ZoneName, 64
}

/// What the names of subjects begin with that nobody sees walk: no badge may go by such a name.
const PARTY: &str = "party.";
const ZONE: &str = "zone.";
const VENUE: &str = "venue.";

impl SubjectName {
    /// The party of a name; `None` when the name is too long for one.
    #[must_use]
    pub fn of_party(name: &str) -> Option<Self> {
        Self::new(&format!("{PARTY}{name}"))
    }

    /// A zone as a subject. A zone's id may be longer than a subject's name: then a hash stands for its end.
    #[must_use]
    pub fn of_zone(zone: &ZoneName) -> Option<Self> {
        Self::shortened(ZONE, zone.as_str())
    }

    /// The venue as a subject.
    #[must_use]
    pub fn of_venue(venue: &VenueName) -> Option<Self> {
        Self::shortened(VENUE, venue.as_str())
    }

    /// What a subject of this name is, if its name says so; a visitor, vehicle or team is told by its role.
    #[must_use]
    pub fn kind(&self) -> Option<SubjectKind> {
        let kinds = [(PARTY, SubjectKind::Party), (ZONE, SubjectKind::Zone), (VENUE, SubjectKind::Venue)];
        kinds.into_iter().find(|(prefix, _)| self.0.starts_with(prefix)).map(|(_, kind)| kind)
    }

    fn shortened(prefix: &str, id: &str) -> Option<Self> {
        let whole = format!("{prefix}{id}");
        if whole.len() <= Self::LENGTH_MAX {
            return Self::new(&whole);
        }
        let kept = whole.get(..Self::LENGTH_MAX - 9)?;
        Self::new(&format!("{kept}-{:08x}", hash(id) >> 32))
    }
}

/// FNV-1a: the same on every machine, and no secret depends on it.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
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
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        // Hexadecimal for people and JSON, 16 bytes for the log.
        if to.is_human_readable() { to.collect_str(self) } else { self.0.to_be_bytes().serialize(to) }
    }
}

impl<'de> Deserialize<'de> for OfferId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            let text = String::deserialize(from)?;
            return Self::from_hex(&text).ok_or_else(|| D::Error::custom("not 32 hexadecimal digits"));
        }
        Ok(Self(u128::from_be_bytes(<[u8; 16]>::deserialize(from)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_nobody_sees_walk() {
        let kind = |name: &str| SubjectName::new(name).unwrap().kind();
        assert_eq!(kind("zone.plaza"), Some(SubjectKind::Zone));
        assert_eq!(kind("party.kim"), Some(SubjectKind::Party));
        assert_eq!(kind("00000000000000a1"), None);
        let long = |last: char| ZoneName::new(&format!("{}{last}", "x".repeat(60))).unwrap();
        let (a, b) = (SubjectName::of_zone(&long('a')).unwrap(), SubjectName::of_zone(&long('b')).unwrap());
        assert_ne!(a, b);
        assert_eq!((a.as_str().len(), a.kind()), (SubjectName::LENGTH_MAX, Some(SubjectKind::Zone)));
        assert_eq!(SubjectName::of_party(&"x".repeat(27)), None);
    }
}
