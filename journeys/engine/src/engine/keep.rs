//! Subjects as bytes and back. What the bytes say is `state.rs`; storing them is the gateway's.

use super::{Engine, Error};
use crate::effect::Step;
use crate::graph::SubjectKind;
use crate::id::SubjectIx;
use crate::state;
use crate::turn::Turn;
use turnpage_journeys_expr::Timestamp;

impl Engine {
    /// The state of a subject, for `restore`; nothing when there is no such subject.
    pub fn save(&self, subject: SubjectIx) -> Option<Vec<u8>> {
        self.subjects.name(subject)?;
        Some(state::save(&self.library, self.library.of(subject.kind()), |journey| {
            self.instances.instance(subject, journey)
        }))
    }

    /// Puts a saved subject back, in place of what is known under its kind and name. What the library no longer has is
    /// left out; an instance whose page is gone begins again with the next event.
    ///
    /// # Errors
    /// The bytes are not what `save` wrote; then nothing has changed.
    pub fn restore(&mut self, kind: SubjectKind, name: &str, saved: &[u8]) -> Result<SubjectIx, Error> {
        let saved = state::read(saved)?;
        if let Some(known) = self.subjects.find(kind, name) {
            self.remove(known);
        }
        let subject = self.subject(kind, name)?;
        for instance in &saved.instances {
            let Some(ix) = self.library.find(instance.journey) else { continue };
            let restored = |turn: &mut Turn<'_>| turn.restore(instance);
            self.turn(Timestamp(0), &[], subject, ix, &mut Step::default(), restored);
        }
        self.end_orphans(subject);
        Ok(subject)
    }

    /// A callee whose caller is not on the page that calls it, because that page is gone, is over.
    fn end_orphans(&mut self, subject: SubjectIx) {
        for ix in self.library.of(subject.kind()).to_vec() {
            let Some(caller) = self.library.journey(ix).and_then(|journey| journey.caller) else { continue };
            let calling = self.page(subject, caller).and_then(|page| {
                let page = self.library.journey(caller)?.page(page)?;
                page.calls()
            });
            if self.page(subject, ix).is_some() && calling != Some(ix) {
                self.turn(Timestamp(0), &[], subject, ix, &mut Step::default(), |turn| turn.stop());
            }
        }
    }
}
