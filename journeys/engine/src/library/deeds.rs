//! What taking a choice does beside making offers and calling staff: for people who ask.
//!
//! Reads the tables the engine walks, so it cannot say anything else than what is done. Next: whoever explains a choice.

use alloc::vec::Vec;

use super::Journey;
use super::tables::Choice;
use crate::graph::Outcome;
use crate::id::{ChoiceIx, OfferIx, PageIx, VariableIx};
use turnpage_journeys_expr::Slot;

/// One thing that taking a choice does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// An offer is taken back, if it stands.
    Withdraw(OfferIx),
    /// It is recorded what became of an offer.
    Record(OfferIx, Outcome),
    /// A fact of the subject is set.
    Remember(Slot),
    /// A variable is set.
    Set(VariableIx),
}

impl Journey {
    /// What taking a choice of a page does, in the order it is done, each once; what its `ChoiceInfo` shows is left out. Of
    /// alternatives it is what any of them does.
    pub fn deeds(&self, page: PageIx, choice: ChoiceIx) -> Vec<Deed> {
        let found = self.page(page).and_then(|page| page.compiled().find(|one| one.ix == Some(choice)));
        found.map_or_else(Vec::new, of)
    }
}

fn of(choice: &Choice) -> Vec<Deed> {
    let record = choice.outcome.map(|key| Deed::Record(key.offer, key.outcome));
    let remember = choice.remembers.iter().map(|(fact, _)| Deed::Remember(*fact));
    let alternatives = choice.alternatives.iter().flat_map(|alternatives| &alternatives.all);
    let sets = choice.sets.iter().chain(alternatives.flat_map(|one| &one.sets));
    let sets = sets.map(|(variable, _)| Deed::Set(*variable));
    let withdraw = choice.withdraw.map(Deed::Withdraw);
    let mut deeds = Vec::new();
    for deed in record.into_iter().chain(withdraw).chain(remember).chain(sets) {
        if !deeds.contains(&deed) {
            deeds.push(deed);
        }
    }
    deeds
}
