//! The names of subjects, and their places. Names are unique per kind.
//!
//! A name is looked up for every event, so names stand inline in one array and the table holds only places.
//! The hash is seeded, because names come from outside; nothing ever walks the table, so its order cannot leak.

use crate::bounds::{SUBJECT_NAME_MAX, SUBJECTS_MAX};
use crate::engine::Error;
use crate::graph::SubjectKind;
use crate::id::SubjectIx;
use alloc::vec::Vec;
use core::hash::BuildHasher;
use foldhash::fast::FixedState;
use hashbrown::HashTable;

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
    kinds: [Known; SubjectKind::ALL.len()],
    hasher: FixedState,
}

/// Who is known of one kind.
#[derive(Clone, Debug, Default)]
struct Known {
    names: Vec<Name>,
    places: HashTable<u32>,
    free: Vec<u32>,
}

impl Subjects {
    pub(crate) fn new(seed: u64) -> Self {
        Subjects { kinds: Default::default(), hasher: FixedState::with_seed(seed) }
    }

    #[inline]
    fn known(&self, kind: SubjectKind) -> &Known {
        let [first, ..] = &self.kinds;
        self.kinds.get(kind as usize).unwrap_or(first)
    }

    pub(crate) fn find(&self, kind: SubjectKind, name: &str) -> Option<SubjectIx> {
        let known = self.known(kind);
        let same = |place: &u32| bytes(&known.names, *place as usize) == name.as_bytes();
        let place = known.places.find(self.hasher.hash_one(name.as_bytes()), same)?;
        Some(SubjectIx::new(kind, *place))
    }

    /// Gives a name that is not known a place, one that was freed first.
    pub(crate) fn insert(&mut self, kind: SubjectKind, name: &str) -> Result<SubjectIx, Error> {
        let written = Name::new(name).filter(|_| !name.is_empty()).ok_or(Error::Name(name.len()))?;
        let Some(Known { names, places, free }) = self.kinds.get_mut(kind as usize) else {
            return Err(Error::Full);
        };
        if places.len() >= SUBJECTS_MAX {
            return Err(Error::Full);
        }
        let place = free.pop().unwrap_or_else(|| {
            names.push(Name::NONE);
            names.len() as u32 - 1
        });
        if let Some(free) = names.get_mut(place as usize) {
            *free = written;
        }
        let hasher = &self.hasher;
        places.insert_unique(hasher.hash_one(name.as_bytes()), place, |place| {
            hasher.hash_one(bytes(names, *place as usize))
        });
        Ok(SubjectIx::new(kind, place))
    }

    pub(crate) fn remove(&mut self, subject: SubjectIx) {
        let hash = self.hasher.hash_one(self.bytes(subject));
        let Some(known) = self.kinds.get_mut(subject.kind() as usize) else { return };
        if let Ok(found) = known.places.find_entry(hash, |place| *place as usize == subject.place()) {
            let (place, _) = found.remove();
            known.free.push(place);
            if let Some(name) = known.names.get_mut(subject.place()) {
                *name = Name::NONE;
            }
        }
    }

    /// The bytes of a subject's name; none when there is no such subject.
    #[inline]
    pub(crate) fn bytes(&self, subject: SubjectIx) -> &[u8] {
        bytes(&self.known(subject.kind()).names, subject.place())
    }

    pub(crate) fn name(&self, subject: SubjectIx) -> Option<&str> {
        core::str::from_utf8(self.bytes(subject)).ok().filter(|name| !name.is_empty())
    }

    /// Every subject of a kind, in the order of their places.
    pub(crate) fn all(&self, kind: SubjectKind) -> impl Iterator<Item = SubjectIx> {
        let names = (0..).zip(&self.known(kind).names);
        names.filter(|(_, name)| name.len > 0).map(move |(place, _)| SubjectIx::new(kind, place))
    }

    pub(crate) fn len(&self) -> usize {
        self.kinds.iter().map(|known| known.places.len()).sum()
    }
}

fn bytes(names: &[Name], place: usize) -> &[u8] {
    names.get(place).map_or(&[], Name::as_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use SubjectKind::{Vehicle, Visitor};

    #[test]
    fn a_removed_place_is_given_again_and_a_name_is_found_only_while_it_is_there() {
        let mut subjects = Subjects::new(7);
        let ada = subjects.insert(Visitor, "ada").unwrap();
        let bo = subjects.insert(Visitor, "bo").unwrap();
        assert_eq!(subjects.find(Visitor, "ada"), Some(ada));
        subjects.remove(ada);
        subjects.remove(ada);
        let found = subjects.find(Visitor, "ada");
        assert_eq!((found, subjects.name(ada), subjects.len()), (None, None, 1));
        assert_eq!(subjects.insert(Visitor, "cy").unwrap(), ada);
        assert_eq!(subjects.name(ada), Some("cy"));
        assert_eq!(subjects.find(Visitor, "bo"), Some(bo));
    }

    #[test]
    fn names_are_bounded() {
        let mut subjects = Subjects::new(7);
        assert_eq!(subjects.insert(Visitor, ""), Err(Error::Name(0)));
        assert_eq!(subjects.insert(Visitor, &"x".repeat(33)), Err(Error::Name(33)));
        assert!(subjects.insert(Visitor, &"x".repeat(32)).is_ok());
    }

    #[test]
    fn a_name_is_one_subject_of_each_kind() {
        let mut subjects = Subjects::new(7);
        let (ada, car) = (subjects.insert(Visitor, "a").unwrap(), subjects.insert(Vehicle, "a").unwrap());
        assert_eq!((ada.kind(), ada.place(), car.kind(), car.place()), (Visitor, 0, Vehicle, 0));
        subjects.remove(ada);
        assert_eq!((subjects.find(Visitor, "a"), subjects.find(Vehicle, "a")), (None, Some(car)));
        assert_eq!((subjects.name(car), subjects.len()), (Some("a"), 1));
        // A number nobody was given is nobody's.
        assert_eq!(subjects.name(SubjectIx(u32::MAX)), None);
    }
}
