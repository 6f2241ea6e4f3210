//! Alternatives of learning journeys: checked, numbered, with what taking each of them does.
//!
//! Choosing between them is `crate::learn`. Next: `library/place.rs`, which gives tallies their words.

use super::Checker;
use super::journey::World;
use crate::bounds::ALTERNATIVES_MAX;
use crate::graph::{AlternativeDef, ChoiceDef, Definition, Kind, LearnDef};
use crate::id::{ChoiceIx, OfferIx, PageIx, VariableIx};
use crate::library::{Alternative, Alternatives, Arm, Learn};
use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use turnpage_journeys_expr::{Diagnostic, Program};

impl Checker<'_> {
    /// What a learning journey learns with. Its alternatives are added as its pages are read.
    pub(super) fn learn(&mut self, definition: &Definition) -> Option<Learn> {
        let is_learning = definition.kind.value == Kind::Learning;
        let choices = || definition.pages.iter().flat_map(|page| &page.choices);
        if is_learning && choices().all(|choice| choice.alternatives.is_empty()) {
            let message =
                "a learning journey needs a choice with `alternatives`, or there is nothing to learn";
            self.error("nothing-to-learn", definition.kind.span, message);
        }
        if definition.learn.is_some() && !is_learning {
            let message = "only journeys of `kind: learning` have `learn`";
            self.error("learn-not-learning", definition.kind.span, message);
        }
        let LearnDef { floor, hold_out } = definition.learn.unwrap_or_default();
        for (what, share) in [("floor", floor), ("hold_out", hold_out)] {
            // Not a number is no share, either.
            if !(0.0..=1.0).contains(&share) {
                let message = format!("`{what}` is a share from 0 to 1, not {share}");
                self.error("bad-share", definition.kind.span, message);
            }
        }
        is_learning.then(|| Learn { floor, hold_out, arms: Vec::new(), words: 0, first: 0 })
    }

    /// The alternatives of a choice, each with all that taking it does: the choice's `set` and `turn_to`, and its own
    /// instead where it has them.
    pub(super) fn alternatives(
        &mut self,
        def: &ChoiceDef,
        world: &World<'_>,
        (page, ix): (PageIx, ChoiceIx),
        (sets, turn_to): (&[(VariableIx, Program)], Option<PageIx>),
    ) -> Option<Box<Alternatives>> {
        let first = def.alternatives.first()?;
        if world.kind != Kind::Learning {
            let message = "only journeys of `kind: learning` have `alternatives`";
            let help = "say `kind: learning`, or write one offer";
            self.push(Diagnostic::error("alternatives-not-learning", first.span, message).with_help(help));
        }
        if let Some(offer) = &def.offer {
            let message = "a choice makes one offer or has alternatives, not both";
            self.error("offer-and-alternatives", offer.span, message);
        }
        if def.alternatives.len() == 1 {
            self.error("one-alternative", first.span, "one alternative is no choice: write at least two");
        }
        if def.alternatives.len() > ALTERNATIVES_MAX {
            let message = format!("a choice has at most {ALTERNATIVES_MAX} alternatives");
            self.error("too-many", first.span, message);
        }
        let mut all: Vec<Alternative> = Vec::new();
        for def in def.alternatives.iter().take(ALTERNATIVES_MAX) {
            let one = self.alternative(def, world, page, (sets, turn_to));
            if one.as_ref().is_some_and(|one| all.iter().any(|other| other.offer == one.offer)) {
                let message =
                    format!("two alternatives make `{}`: nobody could tell them apart", def.offer.value);
                self.error("duplicate-name", def.offer.span, message);
            }
            all.extend(one);
        }
        let first = self.arms.len();
        let before = self.arms.last().filter(|last| last.page == page).map_or(0, |last| last.nth + 1);
        let arms = all.iter().map(|one| Arm { page, choice: ix, nth: before, offer: one.offer });
        self.arms.extend(arms);
        Some(Box::new(Alternatives { first, all }))
    }

    fn alternative(
        &mut self,
        def: &AlternativeDef,
        world: &World<'_>,
        page: PageIx,
        (sets, turn_to): (&[(VariableIx, Program)], Option<PageIx>),
    ) -> Option<Alternative> {
        let offer = OfferIx(world.offers.find(self, &def.offer.value, def.offer.span)?);
        let own = self.sets(&def.set, world);
        let kept = sets.iter().filter(|(ix, _)| own.iter().all(|(other, _)| other != ix)).cloned();
        let sets = kept.chain(own.iter().cloned()).collect();
        let turn_to = self.target(def.turn_to.as_ref(), world, page).or(turn_to);
        Some(Alternative { offer, sets, turn_to })
    }
}
