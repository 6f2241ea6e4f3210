//! What is compiled, as bytes that come back: what may be believed of bytes that anybody may have written.
//!
//! Programs, templates and schemas are serde types that check their own shape when they are read, so that evaluating never
//! meets one that was not compiled. Whether they fit the journey and the venue they stand in is asked of them with [`Within`].
//! Which bytes, in which frame and version, is `journeys/engine`. Next: `program/stored`.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

use crate::recall::Recall;
use crate::schema::{DomainId, Schema, Slot};

/// What an expression that was read back may name.
#[derive(Clone, Copy)]
pub struct Within<'a> {
    /// The facts and domains there are.
    pub schema: &'a Schema,
    /// How many variables there are.
    pub locals: usize,
    /// Where the answer to each recall is kept; past every end where it is not.
    pub kept: &'a dyn Fn(Recall) -> u16,
}

impl fmt::Debug for Within<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Within").field("locals", &self.locals).finish_non_exhaustive()
    }
}

impl Within<'_> {
    /// Whether a fact is declared.
    #[must_use]
    pub fn has_fact(&self, slot: Slot) -> bool {
        self.schema.at(slot).is_some()
    }

    /// Whether a domain is declared.
    #[must_use]
    pub fn has_domain(&self, domain: DomainId) -> bool {
        self.schema.domain_name(domain).is_some()
    }
}

/// Reads a list of at most `MAX`. Room is made for what has come and not for what is announced: seven bytes that promise a
/// million elements cost nothing.
///
/// # Errors
/// There are more, or one of them cannot be read.
pub fn list<'de, D, T, const MAX: usize>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    from.deserialize_seq(List::<T, MAX>(PhantomData))
}

struct List<T, const MAX: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for List<T, MAX> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(next) = from.next_element()? {
            if list.len() == MAX {
                return Err(Error::invalid_length(MAX + 1, &self));
            }
            list.push(next);
        }
        Ok(list)
    }
}
