//! Offers without an end, where an author must have thought of one: another offer has it, or a choice waits for the answer.
//!
//! An end comes whatever the visitor does: the offer expires, or a choice records what became of it or takes it back. That somebody
//! may accept or decline is none. A journey that only ever tells (a greeting, a note) leaves its offers standing and says nothing by
//! it. What a learning journey chooses from always needs an end, or nothing but successes is ever counted.

use turnpage_journeys_engine::{ChoiceDef, OfferDef};
use turnpage_journeys_expr::Diagnostic;

use super::view::{View, awaits};

pub(super) fn look(view: &View<'_>, told: &mut Vec<Diagnostic>) {
    let has_end = |offer: &OfferDef| {
        offer.valid_ms.is_some() || view.choices().any(|(_, choice)| ends(choice.def, offer))
    };
    let thought_of = view.definition.offers.iter().any(has_end);
    for offer in view.definition.offers.iter().filter(|offer| !has_end(offer)) {
        let name = &offer.name;
        let mut alternatives = view.choices().flat_map(|(_, choice)| &choice.def.alternatives);
        let awaits = |choice: &ChoiceDef| awaits(choice).is_some_and(|of| of.offer == name.value);
        let awaited = view.choices().any(|(_, choice)| awaits(choice.def));
        if thought_of || awaited || alternatives.any(|alternative| alternative.offer.value == name.value) {
            let message = format!(
                "offer `{}` has no end: it never expires, and no choice records what became of it",
                name.value
            );
            let help = "say how long it stands (`valid: 20m`), or record an outcome of it after some time";
            told.push(Diagnostic::warning("endless-offer", name.span, message).with_help(help));
        }
    }
}

/// Whether a choice ends an offer by itself.
fn ends(choice: &ChoiceDef, offer: &OfferDef) -> bool {
    let name = &offer.name.value;
    let recorded = choice.outcome.as_ref().map(|recorded| &recorded.value);
    recorded.is_some_and(|of| of.offer == *name && of.outcome.settles())
        || choice.withdraw.as_ref().is_some_and(|withdrawn| withdrawn.value == *name)
}
