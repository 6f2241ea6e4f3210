//! Guided journeys: noticing that a subject strays from the recommended way, and nudging it back.
//!
//! A visit of a page keeps marks of what was told already; they are gone when it is left.

use super::Turn;
use crate::effect::Effect;
use crate::id::{ChoiceIx, PageIx};
use crate::instances;
use crate::library::Page;

/// The marks of a visit: straying was told.
const STRAYED: u16 = 1;
/// The nudge was tried.
const NUDGED: u16 = 2;
/// The order of a mandated journey is broken.
pub(super) const BROKEN: u16 = 4;

impl Turn<'_> {
    /// Whether the subject is off the way; the first time on a visit it is told. [11.1]
    pub(super) fn strays(&mut self, ix: PageIx, page: &Page) -> bool {
        let strays = page.way.as_ref().is_some_and(|way| way.holds(&self.env()) == Some(false));
        if strays && self.mark(STRAYED) {
            self.step.effects.push(Effect::Strayed { journey: self.ix, page: ix });
        }
        strays
    }

    /// Makes the offer of the page's nudge, once on a visit, within its limit. [11.2]
    pub(super) fn nudge(&mut self) {
        let Some(ix) = self.page() else { return };
        let Some(offer) = self.journey.page(ix).and_then(|page| page.nudge.as_ref()?.offer) else { return };
        if self.mark(NUDGED) && self.may_offer(offer, ix, ChoiceIx::NUDGE) {
            let step = self.count_step();
            self.make(offer, ix, ChoiceIx::NUDGE, step);
        }
    }

    /// Sets a mark; says whether it is new.
    fn mark(&mut self, mark: u16) -> bool {
        let marks = instances::marks(self.words);
        if marks & mark != 0 {
            return false;
        }
        instances::set_marks(self.words, marks | mark);
        self.step.changed = true;
        true
    }
}
