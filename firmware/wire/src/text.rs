//! Short text without an allocator.
//!
//! Only names travel as text (roles, firmware versions), so the alphabet is the one of topic names and
//! a text needs no escaping wherever it is shown.

use core::{fmt, ops::Deref, str};

use crate::topic;

/// At most `N` bytes of `[A-Za-z0-9_.-]`, at least one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const N: usize> {
    // Unused bytes are zero, so that the derived comparisons hold.
    bytes: [u8; N],
    len: u8,
}

/// What a subject is here, as the badge says it: `guest`, `vip`, `driver`.
///
/// Twelve bytes is what keeps a sighting with all four clues inside 128.
pub type Role = Text<12>;

/// The name of a venue, node, signal or subject: anything [`topic::is_name`] accepts.
pub type Name = Text<{ topic::NAME_LEN_MAX }>;

impl<const N: usize> Text<N> {
    /// `None` if `text` is empty, longer than `N` bytes, or uses another character.
    pub fn new(text: &str) -> Option<Self> {
        if !topic::is_name(text) {
            return None;
        }
        let mut bytes = [0; N];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Self { bytes, len: u8::try_from(text.len()).ok()? })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // Both fall-backs are unreachable: `new` is the only constructor and admits ASCII within `N`.
        self.bytes.get(..usize::from(self.len)).and_then(|bytes| str::from_utf8(bytes).ok()).unwrap_or("")
    }
}

impl<const N: usize> Deref for Text<N> {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
