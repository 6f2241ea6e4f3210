//! Who speaks and who was seen: identifiers as they travel.
//!
//! A [`Pseudonym`] is made on the node (`firmware/node`); no badge number is ever in this crate.

use core::fmt;

/// A node of one venue, as its venue file numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u32);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A subject as the venue knows it today: eight bytes that say nothing about the badge without the
/// daily key. Displays as 16 lower-case hexadecimal digits, which is the subject's name everywhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(pub [u8; Self::LEN]);

impl Pseudonym {
    /// Bytes of a pseudonym.
    pub const LEN: usize = 8;
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", u64::from_be_bytes(self.0))
    }
}
