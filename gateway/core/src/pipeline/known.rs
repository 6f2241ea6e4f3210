//! Who is known: subjects by name and by index, and which of them the next batch is to write.
//!
//! Before: pipeline.rs and what is beside it. Next: saved.rs, which writes whoever was touched.

use turnpage_journeys_engine::{SubjectIx, SubjectKind};

use super::Pipeline;
use crate::id::SubjectName;
use crate::subject::Subject;

impl Pipeline {
    /// The subject of a name, if it is known.
    pub(super) fn find(&self, name: &SubjectName) -> Option<SubjectIx> {
        let find = |kind: &SubjectKind| self.engine.find(*kind, name.as_str());
        match name.kind() {
            Some(kind) => find(&kind),
            None => self.seen_kinds.iter().find_map(find),
        }
    }

    pub(super) fn subject(&self, ix: SubjectIx) -> Option<&Subject> {
        self.subjects.get(ix.kind() as usize)?.get(ix.place())?.as_ref()
    }

    pub(super) fn subject_mut(&mut self, ix: SubjectIx) -> Option<&mut Subject> {
        self.subjects.get_mut(ix.kind() as usize)?.get_mut(ix.place())?.as_mut()
    }

    /// Notes that a subject changed.
    pub(super) fn touch(&mut self, ix: SubjectIx) {
        if let Some(subject) = self.subject_mut(ix) {
            subject.whole = true;
        }
        self.touch_stay(ix);
    }

    /// Notes that a subject changed in nothing but where it is, and in what its instances are.
    pub(super) fn touch_stay(&mut self, ix: SubjectIx) {
        if let Some(subject) = self.subject_mut(ix)
            && !std::mem::replace(&mut subject.dirty, true)
        {
            self.dirty.push(ix);
        }
    }
}
