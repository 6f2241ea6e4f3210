//! Pages of a mandated journey that pass by themselves, and orders that nobody would notice to be broken.
//!
//! The order is law, and any event at all obeys it. That no choice skips a page is the compiler's to hold.

use turnpage_journeys_engine::{Kind, On};
use turnpage_journeys_expr::{Diagnostic, Verdict};

use super::view::{View, targets};

pub(super) fn look(view: &View<'_>, told: &mut Vec<Diagnostic>) {
    if view.definition.kind.value != Kind::Mandated {
        return;
    }
    if view.pages.iter().all(|page| page.def.breach.is_none()) {
        let message = "nothing tells when this order is broken: no page has a `breach`";
        let help = "say on a page what must not happen yet: `breach: place.zone == ..`";
        told.push(
            Diagnostic::warning("mandate-unwatched", view.definition.kind.span, message).with_help(help),
        );
    }
    for (at, page) in view.pages.iter().enumerate() {
        for choice in page.choices.iter().filter(|choice| !choice.dead) {
            let onwards = targets(choice.def).any(|target| view.place(target).is_some_and(|next| next > at));
            let asks =
                choice.def.pick.is_some() || choice.def.after_ms.is_some() || choice.def.at_ms.is_some();
            // A sighting, the weather and a signal come whatever the subject does.
            let any = match choice.def.on.as_ref().map(|on| &on.value) {
                None | Some(On::Sighting | On::Weather | On::Signal) => true,
                Some(_) => false,
            };
            let open = match &choice.guard {
                None => choice.def.when.is_none(),
                Some(guard) => matches!(guard.verdict(), Verdict::Always(_)),
            };
            if onwards && any && open && !asks {
                let message = format!(
                    "page `{}` can be passed without doing anything: any event turns on",
                    page.def.name.value
                );
                let help = "ask for what must have happened: a guard, a pick, or an answer";
                told.push(Diagnostic::warning("mandate-bypassed", choice.def.span, message).with_help(help));
            }
        }
    }
}
