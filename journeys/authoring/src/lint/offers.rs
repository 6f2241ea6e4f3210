//! Offers without an end, in journeys whose author thought of ends: another offer there expires or is answered.
//!
//! A journey that only ever tells (a greeting, a note) leaves its offers standing and says nothing by it. What a learning
//! journey chooses from always needs an end, or nothing but successes is ever counted.

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
        if thought_of || alternatives.any(|alternative| alternative.offer.value == name.value) {
            let message =
                format!("offer `{}` has no end: it never expires, and no choice ends it", name.value);
            let help = "say how long it stands (`valid: 20m`), or answer or record an outcome of it";
            told.push(Diagnostic::warning("endless-offer", name.span, message).with_help(help));
        }
    }
}

fn ends(choice: &ChoiceDef, offer: &OfferDef) -> bool {
    let name = &offer.name.value;
    let outcomes = awaits(choice).into_iter().chain(choice.outcome.as_ref().map(|recorded| &recorded.value));
    outcomes.into_iter().any(|of| of.offer == *name && of.outcome.settles())
        || choice.withdraw.as_ref().is_some_and(|withdrawn| withdrawn.value == *name)
}
