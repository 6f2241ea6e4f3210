//! Mandated journeys: what passing a page leaves, and when the order is broken.
//!
//! That no page is skipped is `compile`'s; that other journeys' offers stay away meanwhile is `Engine::held`.

use super::{Turn, way};
use crate::effect::Effect;
use crate::graph::Kind;
use crate::id::PageIx;
use crate::instances;
use crate::library::Page;

impl Turn<'_> {
    /// The next page was entered: the one before is passed, and that hangs on all that was passed before. [11.3]
    pub(super) fn pass(&mut self, from: PageIx, to: PageIx) {
        if self.journey.kind != Kind::Mandated || to <= from {
            return;
        }
        let Some(page) = self.journey.page(from) else { return };
        let before = instances::evidence(self.words, &self.journey.place);
        let (subject, at) = (self.subjects.bytes(self.moment.subject), self.moment.at);
        let evidence = self.namer.evidence(before, subject, &self.journey.name, &page.name, at);
        instances::set_evidence(self.words, &self.journey.place, evidence);
        self.step.effects.push(Effect::Passed { journey: self.ix, page: from, evidence });
    }

    /// Tells that the order is broken, on each event at which that newly holds. [11.4]
    pub(super) fn breach(&mut self, ix: PageIx, page: &Page) {
        let Some(breach) = &page.breach else { return };
        let marks = instances::marks(self.words);
        let marked = match breach.holds(&self.env()) {
            Some(true) => marks | way::BROKEN,
            Some(false) => marks & !way::BROKEN,
            None => marks,
        };
        if marked == marks {
            return;
        }
        instances::set_marks(self.words, marked);
        self.step.changed = true;
        if marked & way::BROKEN != 0 {
            self.step.effects.push(Effect::Breach { journey: self.ix, page: ix });
        }
    }
}
