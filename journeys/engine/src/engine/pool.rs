//! What all subjects' outcomes teach together: every subject's next choice is made with it, at once.
//!
//! Off until asked for: a play or a walk over what can happen wants each subject by itself. Whoever asks for it saves it, by the
//! names of pages and offers, because places move when a journey is edited. Before: `learn.rs`.

use super::Engine;
use crate::id::JourneyIx;
use crate::learn::Tally;
use alloc::vec::Vec;

/// What is known together of one alternative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pooled<'a> {
    /// On which page it is chosen.
    pub page: &'a str,
    /// By which of the page's choices that have alternatives, counted from 0.
    pub nth: u16,
    /// Which offer it makes.
    pub offer: &'a str,
    /// How often it worked, and how often it did not.
    pub tally: Tally,
}

impl Engine {
    /// From now on outcomes of one subject count for the choices of all. [14.10]
    #[must_use]
    pub fn pool(mut self) -> Self {
        self.chooser.pooled.get_or_insert_default();
        self
    }

    /// The journeys of which more is known together than when this was asked last, ascending.
    pub fn take_pooled(&mut self) -> Vec<JourneyIx> {
        let changed = self.chooser.pooled.as_mut().map(core::mem::take).unwrap_or_default();
        changed.into_iter().collect()
    }

    /// What is known together, beside what was taught: of alternatives that nothing is known of, nothing.
    pub fn pooled(&self, journey: JourneyIx) -> Vec<Pooled<'_>> {
        let Some(journey) = self.library.journey(journey) else { return Vec::new() };
        let Some(learn) = &journey.learn else { return Vec::new() };
        let arms = learn.arms.iter().enumerate().filter_map(|(number, arm)| {
            let tally = *self.chooser.taught.get(learn.first + number)?;
            let (page, offer) = (&journey.page(arm.page)?.name, &journey.offer(arm.offer)?.name);
            (tally != Tally::default()).then_some(Pooled { page, nth: arm.nth, offer, tally })
        });
        arms.collect()
    }

    /// Takes back what was known together, in place of what is. What the journey no longer has is let go.
    pub fn restore_pooled(&mut self, journey: JourneyIx, pooled: &[Pooled<'_>]) {
        let Some(journey) = self.library.journey(journey) else { return };
        let Some(learn) = &journey.learn else { return };
        for (number, arm) in learn.arms.iter().enumerate() {
            let is_it = |was: &&Pooled<'_>| {
                was.nth == arm.nth
                    && journey.page(arm.page).is_some_and(|page| page.name == was.page)
                    && journey.offer(arm.offer).is_some_and(|offer| offer.name == was.offer)
            };
            if let Some(taught) = self.chooser.taught.get_mut(learn.first + number) {
                *taught = pooled.iter().find(is_it).map(|was| was.tally).unwrap_or_default();
            }
        }
    }
}
