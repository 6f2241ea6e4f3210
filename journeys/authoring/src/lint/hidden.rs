//! Choices that are hidden by those before them: whenever such a one could be taken, another has been already.

use turnpage_journeys_engine::{ChoiceDef, On};
use turnpage_journeys_expr::{Diagnostic, Expression};

use super::view::{Choice, View, makes};

pub(super) fn look(view: &mut View<'_>, told: &mut Vec<Diagnostic>) {
    let Some(always) = view.expression("true", None) else { return };
    let mut dead = Vec::new();
    for (at, page) in view.pages.iter().enumerate() {
        for (nth, choice) in page.choices.iter().enumerate() {
            // A guard that did not compile is not known; one that never holds has been told.
            if choice.dead || (choice.def.when.is_some() && choice.guard.is_none()) {
                continue;
            }
            let before = page.choices.iter().take(nth).filter(|other| {
                !other.dead && is_asked_before(other.def, choice.def) && is_always_taken(view, other)
            });
            let before: Vec<&Choice<'_>> = before.collect();
            let guards: Option<Vec<&Expression>> = before
                .iter()
                .map(|other| if other.def.when.is_some() { other.guard.as_ref() } else { Some(&always) })
                .collect();
            let Some(guards) = guards.filter(|guards| !guards.is_empty()) else { continue };
            if choice.guard.as_ref().unwrap_or(&always).hidden_by(&guards) {
                let alone = before
                    .iter()
                    .zip(&guards)
                    .find(|(_, guard)| choice.guard.as_ref().unwrap_or(&always).hidden_by(&[guard]));
                told.push(hidden(choice.def, alone.map(|(other, _)| other.def)));
                dead.push((at, nth));
            }
        }
    }
    for (at, nth) in dead {
        if let Some(choice) = view.pages.get_mut(at).and_then(|page| page.choices.get_mut(nth)) {
            choice.dead = true;
        }
    }
}

fn hidden(choice: &ChoiceDef, by: Option<&ChoiceDef>) -> Diagnostic {
    let message = match by.map(|by| by.when.as_ref()) {
        Some(Some(guard)) => {
            format!("this choice is never taken: one before it is, whenever `{}` holds", guard.value)
        }
        Some(None) => {
            "this choice is never taken: one before it has no guard, so it always comes first".to_owned()
        }
        None => "this choice is never taken: those before it leave it nothing".to_owned(),
    };
    let help = "choices are tried in the order written: put the narrower one first";
    let told = Diagnostic::warning("hidden-choice", choice.span, message).with_help(help);
    by.map_or(told.clone(), |by| told.with_beside(by.span))
}

/// Whether every event that reaches `later` is looked at by `earlier` first.
fn is_asked_before(earlier: &ChoiceDef, later: &ChoiceDef) -> bool {
    if earlier.pick.is_some() || later.pick.is_some() {
        return false;
    }
    let time = |choice: &ChoiceDef| {
        (choice.after_ms.as_ref().map(|after| after.value), choice.at_ms.as_ref().map(|at| at.value))
    };
    if time(earlier) != time(later) {
        return false;
    }
    match (earlier.on.as_ref().map(|on| &on.value), later.on.as_ref().map(|on| &on.value)) {
        (None, None) => true,
        (None, Some(on)) => !matches!(on, On::Outcome(_) | On::Returned | On::Reached),
        (Some(On::Signal), Some(On::SignalOf(_))) => true,
        (Some(one), Some(other)) => one == other,
        (Some(_), None) => false,
    }
}

/// Whether nothing but its guard keeps a choice closed.
fn is_always_taken(view: &View<'_>, choice: &Choice<'_>) -> bool {
    let limited = |name: &str| {
        let offer = view.definition.offers.iter().find(|offer| offer.name.value == name);
        offer.is_none_or(|offer| offer.limit.is_some())
    };
    let closes = view.mandated_near || makes(choice.def).any(|offer| limited(&offer.value));
    let makes_none = makes(choice.def).next().is_none();
    !choice.def.once && (makes_none || !closes)
}
