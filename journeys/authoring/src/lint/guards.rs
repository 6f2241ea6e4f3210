//! Guards that never hold, and guards that always do.

use turnpage_journeys_engine::Spanned;
use turnpage_journeys_expr::{Diagnostic, Expression, Verdict};

use super::view::{View, awaits};

pub(super) fn look(view: &mut View<'_>, told: &mut Vec<Diagnostic>) {
    if let (Some(text), Some(admit)) = (&view.definition.admit, &view.admit) {
        whole(text, admit, ["nobody is admitted", "everybody is admitted"], view, told);
    }
    for page in &view.pages {
        let plain = [
            (&page.def.way, ["everybody strays", "nobody strays"]),
            (&page.def.breach, ["no breach is told", "everybody breaks the order"]),
        ];
        for (text, meaning) in plain {
            if let Some((text, guard)) =
                text.as_ref().and_then(|text| Some((text, view.expression(&text.value, None)?)))
            {
                whole(text, &guard, meaning, view, told);
            }
        }
        for entry in page.def.enter.iter().filter_map(|entry| entry.when.as_ref()) {
            if let Some(guard) = view.expression(&entry.value, None) {
                let meaning = ["nobody enters here", "every event enters here"];
                if !whole(entry, &guard, meaning, view, told) {
                    beside_admit(entry, &guard, view, told);
                }
            }
        }
    }
    let mut dead = Vec::new();
    for (at, page) in view.pages.iter().enumerate() {
        for (nth, choice) in page.choices.iter().enumerate() {
            let (Some(text), Some(guard)) = (&choice.def.when, &choice.guard) else { continue };
            let meaning = ["this choice is never taken", "it can be left out"];
            let known = told.len();
            let never = whole(text, guard, meaning, view, told);
            // What is not an event is not asked whether it is admitted.
            let is_event = awaits(choice.def).is_none()
                && choice.def.after_ms.is_none()
                && choice.def.at_ms.is_none()
                && choice.def.pick.is_none();
            if never || (is_event && told.len() == known && beside_admit(text, guard, view, told)) {
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

/// Tells of a guard, or of one of its conditions, that is decided before it is asked; true when it never holds.
fn whole(
    text: &Spanned<String>,
    guard: &Expression,
    meaning: [&str; 2],
    view: &View<'_>,
    told: &mut Vec<Diagnostic>,
) -> bool {
    let [never, always] = meaning;
    match guard.verdict() {
        Verdict::Never(reason) => {
            let message = format!("{reason}, so {never}");
            let help = "correct the guard, or take it out with what it guards";
            told.push(Diagnostic::warning("guard-never-holds", text.span, message).with_help(help));
            true
        }
        // Somebody who writes `true` means it.
        Verdict::Always(_) if matches!(text.value.trim(), "true") => false,
        Verdict::Always(reason) => {
            let message = format!("{reason}, so {always}");
            let help = "a guard keeps something out: compare with a value that the fact can miss";
            told.push(Diagnostic::warning("guard-always-holds", text.span, message).with_help(help));
            false
        }
        Verdict::Sometimes => {
            conditions(text, guard, view, told);
            false
        }
    }
}

/// Tells of single conditions of a guard that are decided already.
fn conditions(text: &Spanned<String>, guard: &Expression, view: &View<'_>, told: &mut Vec<Diagnostic>) {
    if guard.leaves().count() < 2 {
        return;
    }
    for leaf in guard.leaves() {
        let Some(condition) = view.expression(&leaf.text, None) else { continue };
        let (code, reason) = match condition.verdict() {
            Verdict::Never(reason) => ("condition-never-holds", reason),
            Verdict::Always(reason) => ("condition-always-holds", reason),
            Verdict::Sometimes => continue,
        };
        let help = "the rest of the guard decides alone: correct this condition, or take it out";
        told.push(Diagnostic::warning(code, text.span, reason).with_help(help));
    }
}

/// Tells of a guard that never holds for an event that `admit` lets through.
fn beside_admit(
    text: &Spanned<String>,
    guard: &Expression,
    view: &View<'_>,
    told: &mut Vec<Diagnostic>,
) -> bool {
    let apart = view.admit.as_ref().is_some_and(|admit| !admit.meets(guard));
    // An `admit` that never holds has been told.
    if apart && view.admit.as_ref().is_some_and(|admit| !matches!(admit.verdict(), Verdict::Never(_))) {
        let message = "this guard holds for nobody whom `admit` lets in";
        let help = "correct one of the two: `admit` is asked first, of every event";
        told.push(Diagnostic::warning("guard-never-admitted", text.span, message).with_help(help));
        return true;
    }
    false
}
