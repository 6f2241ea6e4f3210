//! The names of subjects, and their places.
//!
//! A name is looked up for every event, so names stand inline in one array and the table holds only places.
//! The hash is seeded, because names come from outside; nothing ever walks the table, so its order cannot leak.

use crate::bounds::{SUBJECT_NAME_MAX, SUBJECTS_MAX};
use crate::engine::Error;
use crate::id::SubjectIx;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// A name of at most 32 bytes of UTF-8.
#[derive(Clone, Copy, Debug)]
struct Name {
    len: u8,
    bytes: [u8; SUBJECT_NAME_MAX],
}

impl Name {
    const NONE: Name = Name { len: 0, bytes: [0; SUBJECT_NAME_MAX] };

    fn new(name: &str) -> Option<Name> {
        let mut bytes = [0; SUBJECT_NAME_MAX];
        bytes.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
        Some(Name { len: name.len() as u8, bytes })
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or(&[])
    }
}

/// Who is known.
#[derive(Clone, Debug)]
pub(crate) struct Subjects {
    names: Vec<Name>,
    places: HashTable<u32>,
    free: Vec<u32>,
    hasher: FixedState,
}

impl Subjects {
    pub(crate) fn new(seed: u64) -> Self {
        Subjects {
            names: Vec::new(),
            places: HashTable::new(),
            free: Vec::new(),
            hasher: FixedState::with_seed(seed),
        }
    }

    pub(crate) fn find(&self, name: &str) -> Option<SubjectIx> {
        let same = |place: &u32| bytes(&self.names, *place) == name.as_bytes();
        self.places.find(self.hasher.hash_one(name.as_bytes()), same).copied().map(SubjectIx)
    }

    /// Gives a name that is not known a place, one that was freed first.
    pub(crate) fn insert(&mut self, name: &str) -> Result<SubjectIx, Error> {
        let written = Name::new(name).filter(|_| !name.is_empty()).ok_or(Error::Name(name.len()))?;
        if self.places.len() >= SUBJECTS_MAX {
            return Err(Error::Full);
        }
        let place = self.free.pop().unwrap_or_else(|| {
            self.names.push(Name::NONE);
            self.names.len() as u32 - 1
        });
        if let Some(free) = self.names.get_mut(place as usize) {
            *free = written;
        }
        let (names, hasher) = (&self.names, &self.hasher);
        self.places.insert_unique(hasher.hash_one(name.as_bytes()), place, |place| {
            hasher.hash_one(bytes(names, *place))
        });
        Ok(SubjectIx(place))
    }

    pub(crate) fn remove(&mut self, subject: SubjectIx) {
        let hash = self.hasher.hash_one(self.bytes(subject));
        if let Ok(found) = self.places.find_entry(hash, |place| *place == subject.0) {
            found.remove();
            self.free.push(subject.0);
            if let Some(name) = self.names.get_mut(subject.index()) {
                *name = Name::NONE;
            }
        }
    }

    /// The bytes of a subject's name; none when there is no such subject.
    #[inline]
    pub(crate) fn bytes(&self, subject: SubjectIx) -> &[u8] {
        bytes(&self.names, subject.0)
    }

    pub(crate) fn name(&self, subject: SubjectIx) -> Option<&str> {
        std::str::from_utf8(self.bytes(subject)).ok().filter(|name| !name.is_empty())
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }
}

fn bytes(names: &[Name], place: u32) -> &[u8] {
    names.get(place as usize).map_or(&[], Name::as_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_place_is_given_again_and_a_name_is_found_only_while_it_is_there() {
        let mut subjects = Subjects::new(7);
        let ada = subjects.insert("ada").unwrap();
        let bo = subjects.insert("bo").unwrap();
        assert_eq!(subjects.find("ada"), Some(ada));
        subjects.remove(ada);
        subjects.remove(ada);
        assert_eq!((subjects.find("ada"), subjects.name(ada), subjects.len()), (None, None, 1));
        assert_eq!(subjects.insert("cy").unwrap(), ada);
        assert_eq!(subjects.name(ada), Some("cy"));
        assert_eq!(subjects.find("bo"), Some(bo));
    }

    #[test]
    fn names_are_bounded() {
        let mut subjects = Subjects::new(7);
        assert_eq!(subjects.insert(""), Err(Error::Name(0)));
        assert_eq!(subjects.insert(&"x".repeat(33)), Err(Error::Name(33)));
        assert!(subjects.insert(&"x".repeat(32)).is_ok());
    }
}
