//! Offers made again and again: no limit, and a way round that waits for nothing but the next event.
//!
//! A way round that goes through a time, a pick or an answer is as slow as those are, and meant.

use std::collections::BTreeSet;

use turnpage_journeys_engine::{On, Outcome};
use turnpage_journeys_expr::{Diagnostic, Verdict};

use super::view::{Choice, View, awaits, makes, targets};

pub(super) fn look(view: &View<'_>, told: &mut Vec<Diagnostic>) {
    for (at, page) in view.pages.iter().enumerate() {
        for choice in page.choices.iter().filter(|choice| is_quick(choice) && !choice.def.once) {
            let unlimited = makes(choice.def).find(|made| {
                let offer = view.definition.offers.iter().find(|offer| offer.name.value == made.value);
                offer.is_some_and(|offer| offer.limit.is_none())
            });
            let Some(offer) = unlimited else { continue };
            if comes_round(view, at, choice) && !closes_itself(view, choice) {
                let message = format!(
                    "offer `{}` is made again with every event that comes: it has no limit",
                    offer.value
                );
                let help = "limit it (`limit: 3 per day`), or turn to a page that waits for the answer";
                told.push(Diagnostic::warning("spam-loop", offer.span, message).with_help(help));
            }
        }
    }
}

/// Whether events alone take a choice.
fn is_quick(choice: &Choice<'_>) -> bool {
    let def = choice.def;
    let by_event = match def.on.as_ref().map(|on| &on.value) {
        Some(On::Feedback | On::Returned | On::Reached) => false,
        Some(On::Outcome(of)) => matches!(of.outcome, Outcome::Delivered | Outcome::Withheld),
        _ => true,
    };
    !choice.dead && by_event && def.after_ms.is_none() && def.at_ms.is_none() && def.pick.is_none()
}

/// Whether quick choices lead from a choice back to its page.
fn comes_round(view: &View<'_>, at: usize, choice: &Choice<'_>) -> bool {
    if awaits(choice.def).is_some() {
        return false;
    }
    let next =
        |choice: &Choice<'_>| targets(choice.def).filter_map(|name| view.place(name)).collect::<Vec<usize>>();
    let mut open = next(choice);
    if open.is_empty() {
        return true;
    }
    let mut seen = BTreeSet::new();
    while let Some(page) = open.pop() {
        if page == at {
            return true;
        }
        if seen.insert(page) {
            let choices = view.pages.get(page).into_iter().flat_map(|page| &page.choices);
            open.extend(choices.filter(|choice| is_quick(choice)).flat_map(next));
        }
    }
    false
}

/// Whether a choice sets a variable so that its own guard is closed: it counts, or remembers that it was taken.
fn closes_itself(view: &View<'_>, choice: &Choice<'_>) -> bool {
    let Some(when) = &choice.def.when else { return false };
    choice.def.set.iter().any(|(name, value)| {
        let after = format!("({}) && {} == ({})", when.value, name.value, value.value);
        let closed = view.expression(&after, None).map(|after| after.verdict());
        // A count that grows may close it, too; which way is not looked at.
        let counts = mentions(&value.value, &name.value) && mentions(&when.value, &name.value);
        counts || matches!(closed, Some(Verdict::Never(_)))
    })
}

/// Whether a text has a name as a word.
pub(super) fn mentions(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(|c| is_part(c) || c == '.') && !after.is_some_and(is_part)
    })
}
