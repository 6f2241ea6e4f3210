//! Names as small numbers: indexes into a compiled library and into the engine's subjects.
//!
//! Journeys are sorted by the bytes of their names, so the order of `JourneyIx` is the order of names; pages,
//! choices and offers keep document order. Indexes of a library mean nothing in another library: what is
//! stored is stored by name.

macro_rules! index {
    ($(#[$doc:meta])* $name:ident($repr:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
index! {
    /// A subject the engine knows. Valid until the subject is removed.
    SubjectIx(u32)
}
