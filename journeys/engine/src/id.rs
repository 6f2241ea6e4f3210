//! Names as small numbers: indexes into a compiled library and into the engine's subjects.
//!
//! Journeys are sorted by the bytes of their names, so the order of `JourneyIx` is the order of names; pages,
//! choices and offers keep document order. Indexes of a library mean nothing in another library: what is
//! stored is stored by name.

use crate::graph::SubjectKind;
use serde::{Deserialize, Serialize};

macro_rules! index {
    ($(#[$doc:meta])* $name:ident($repr:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub $repr);

        impl $name {
            /// As an index into a slice.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

index! {
    /// A journey of a library.
    JourneyIx(u16)
}
index! {
    /// A page of its journey.
    PageIx(u16)
}
index! {
    /// A choice of its page.
    ChoiceIx(u16)
}
index! {
    /// An offer of its journey.
    OfferIx(u16)
}
index! {
    /// A variable of its journey.
    VariableIx(u16)
}

impl ChoiceIx {
    /// Stands for the nudge of a page, which is an offer that no choice makes.
    pub const NUDGE: ChoiceIx = ChoiceIx(u16::MAX);
}

/// A subject the engine knows: its kind, and its place among those of its kind. Valid until the subject is removed.
///
/// A visitor's number is its place. Of other kinds the number is large: arrays are indexed by [`Self::place`], one
/// array a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectIx(pub u32);

impl SubjectIx {
    /// `SUBJECTS_MAX` needs 24 bits, six kinds three.
    const PLACE_BITS: u32 = 29;

    pub(crate) fn new(kind: SubjectKind, place: u32) -> Self {
        SubjectIx((kind as u32) << Self::PLACE_BITS | place)
    }

    /// What kind of subject it is.
    #[inline]
    pub fn kind(self) -> SubjectKind {
        let kind = SubjectKind::ALL.get(self.kind_number());
        kind.copied().unwrap_or_default()
    }

    /// The number of its kind; past those there are, for a subject nobody was given.
    #[inline]
    pub(crate) const fn kind_number(self) -> usize {
        (self.0 >> Self::PLACE_BITS) as usize
    }

    /// Its place among the subjects of its kind; places of removed subjects are given again.
    #[inline]
    pub const fn place(self) -> usize {
        (self.0 & ((1 << Self::PLACE_BITS) - 1)) as usize
    }
}
