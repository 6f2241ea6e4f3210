//! Subjects as bytes and back. What the bytes say is `state.rs`; storing them is the gateway's.

use super::{Engine, Error};
use crate::effect::{Effect, Step};
use crate::graph::SubjectKind;
use crate::id::{JourneyIx, SubjectIx};
use crate::instances::{self, Instance};
use crate::library::{Journey, Page};
use crate::state::{self, SavedInstance};
use crate::turn::{Moment, Turn};
use crate::upgrade::{Fate, Lapsed, fates};
use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use turnpage_journeys_expr::Timestamp;

impl Engine {
    /// The state of a subject, for `restore`; nothing when there is no such subject.
    pub fn save(&self, subject: SubjectIx) -> Option<Vec<u8>> {
        self.subjects.name(subject)?;
        Some(state::save(&self.library, self.library.of(subject.kind()), |journey| {
            self.instances.instance(subject, journey)
        }))
    }

    /// Whether what `save` writes of a subject may be something else than when this was asked last. A subject that is new,
    /// or was restored, may have changed.
    pub fn take_changed(&mut self, subject: SubjectIx) -> bool {
        self.instances.take_changed(subject)
    }

    /// Puts a saved subject back, in place of what is known under its kind and name. What the library no longer has is
    /// left out; where a newer version puts those inside an older one is its `upgrade`. Offers that stood and that
    /// nobody stands by any more are in `take_lapsed`.
    ///
    /// # Errors
    /// The bytes are not what `save` wrote; then nothing has changed.
    pub fn restore(&mut self, kind: SubjectKind, name: &str, saved: &[u8]) -> Result<SubjectIx, Error> {
        let saved = state::read(saved)?;
        if let Some(known) = self.subjects.find(kind, name) {
            self.remove(known);
        }
        let subject = self.subject(kind, name)?;
        let fates = fates(&self.library, kind, &saved);
        for (instance, fate) in saved.instances.iter().zip(&fates) {
            self.lapse(subject, instance, *fate);
            if let Some(ix) = fate.journey() {
                let restored = |turn: &mut Turn<'_>| turn.restore(instance, *fate);
                self.turn(&self.no_moment(subject), ix, &mut Step::default(), restored);
            }
        }
        for (instance, fate) in saved.instances.iter().zip(&fates) {
            self.call_again(subject, instance, *fate);
        }
        self.end_orphans(subject);
        Ok(subject)
    }

    /// Offers that stood when subjects were saved, and that restoring could not keep because their journey, their page
    /// or they themselves are gone, or begin anew. Nobody tells of them again: whoever delivered them takes them back.
    /// Asking empties the list; until it is asked it grows with every subject restored.
    pub fn take_lapsed(&mut self) -> Vec<Lapsed> {
        core::mem::take(&mut self.lapsed)
    }

    fn lapse(&mut self, subject: SubjectIx, instance: &SavedInstance<'_>, fate: Fate) {
        let journey = fate.journey().and_then(|ix| self.library.journey(ix));
        for (offer, made) in &instance.offers {
            let known =
                journey.is_some_and(|journey| journey.offers.iter().any(|known| known.name == *offer));
            if let Some(standing) = made.standing().filter(|_| !known || !fate.stands()) {
                let id = self.namer.offer(self.subjects.bytes(subject), instance.journey, standing);
                let (journey, offer) = (instance.journey.to_owned(), (*offer).to_owned());
                self.lapsed.push(Lapsed { subject, id, journey, offer });
            }
        }
    }

    /// Of turns that only move what is kept.
    fn no_moment(&self, subject: SubjectIx) -> Moment<'static> {
        let at = Timestamp(0);
        Moment { at, local: self.offsets.local(at), facts: &[], subject }
    }

    /// A callee that cannot go on begins anew while its caller is on the page that calls it.
    fn call_again(&mut self, subject: SubjectIx, instance: &SavedInstance<'_>, fate: Fate) {
        let (Fate::Restarts(ix) | Fate::NoPage(ix)) = fate else { return };
        if self.is_called(subject, ix) {
            let again = |turn: &mut Turn<'_>| turn.call_again(instance);
            self.turn(&self.no_moment(subject), ix, &mut Step::default(), again);
        }
    }

    /// Whether a journey's caller is on a page that calls it.
    fn is_called(&self, subject: SubjectIx, ix: JourneyIx) -> bool {
        let caller = self.library.journey(ix).and_then(|journey| journey.caller);
        let page = caller.and_then(|caller| {
            let page = self.page(subject, caller)?;
            self.library.journey(caller)?.page(page)
        });
        // Of a callee that pins, an older version may be the one that runs.
        page.and_then(Page::calls).is_some_and(|callee| self.library.is_version_of(ix, callee))
    }

    /// A callee whose caller is not on the page that calls it, because that page is gone, is over.
    fn end_orphans(&mut self, subject: SubjectIx) {
        for ix in self.library.of(subject.kind()).to_vec() {
            let called = self.library.journey(ix).is_none_or(|journey| journey.caller.is_none());
            if called || self.page(subject, ix).is_none() || self.is_called(subject, ix) {
                continue;
            }
            let mut step = Step::default();
            self.turn(&self.no_moment(subject), ix, &mut step, |turn| turn.stop());
            for effect in step.effects {
                let Effect::Withdrawn { id, journey, offer } = effect else { continue };
                let names = self
                    .library
                    .journey(journey)
                    .and_then(|j| Some((j.name.clone(), j.offer(offer)?.name.clone())));
                self.lapsed.extend(names.map(|(journey, offer)| Lapsed { subject, id, journey, offer }));
            }
        }
    }

    /// Whether a subject is inside an older version of a journey.
    pub(super) fn in_elder(&self, subject: SubjectIx, ix: JourneyIx) -> bool {
        let elders = self.library.journey(ix).map_or(&[][..], |journey| &journey.elders);
        elders.iter().any(|elder| self.page(subject, *elder).is_some())
    }

    /// When an instance of an older version is over, what it counted goes to the newest. [16.3]
    pub(super) fn hand_over(&mut self, subject: SubjectIx, ix: JourneyIx) {
        let heir = self.library.journey(ix).filter(|journey| journey.caller.is_none());
        let Some(heir) = heir.and_then(|journey| journey.heir) else { return };
        let is_over = |(_, instance): (&Journey, Instance<'_>)| {
            instance.page.is_none() && (instance.rests || instances::steps(instance.words) != 0)
        };
        if !self.instance(subject, ix).is_some_and(is_over) {
            return;
        }
        let bytes = state::save(&self.library, &[ix], |journey| self.instances.instance(subject, journey));
        let Ok(saved) = state::read(&bytes) else { return };
        let moment = &self.no_moment(subject);
        for instance in &saved.instances {
            self.lapse(subject, instance, Fate::Over(heir));
            let step = &mut Step::default();
            self.one_turn(moment, heir, step, |turn| {
                turn.restore(instance, Fate::Over(heir));
            });
            self.one_turn(moment, ix, step, |turn| turn.forget());
        }
    }
}
