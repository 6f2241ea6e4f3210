//! Pages that are reached by no choice that is ever taken, and pages that nobody leaves though they are no end.
//!
//! A page without choices is an end and meant. The first page may be one that is never left: a journey of one page is one.

use turnpage_journeys_engine::{ChoiceDef, Kind, Outcome};
use turnpage_journeys_expr::Diagnostic;

use super::view::{Choice, Page, View, awaits, makes, targets};

pub(super) fn look(view: &View<'_>, told: &mut Vec<Diagnostic>) {
    let (written, alive) = (view.reached(view.starts(), false), view.reached(view.starts(), true));
    for (at, page) in view.pages.iter().enumerate() {
        let name = &page.def.name;
        // That no choice at all leads here is told by the compiler.
        if written.contains(&at) && !alive.contains(&at) {
            let message = format!("page `{}` is reached only by choices that are never taken", name.value);
            let help = "see what is said about the choices that turn here";
            told.push(Diagnostic::warning("unreachable-page", name.span, message).with_help(help));
        }
        if alive.contains(&at) && view.definition.kind.value != Kind::AdHoc {
            told.extend(left(view, at, page));
        }
    }
}

/// What is wrong with the ways out of a page.
fn left(view: &View<'_>, at: usize, page: &Page<'_>) -> Option<Diagnostic> {
    let name = &page.def.name;
    if page.choices.is_empty() {
        return None;
    }
    let leaves = |alive: bool| view.next(at, alive).into_iter().any(|next| next != at);
    if leaves(true) {
        return stuck(view, at, page);
    }
    if leaves(false) {
        let message =
            format!("page `{}` is never left: its choices that turn elsewhere are never taken", name.value);
        let help = "see what is said about those choices";
        return Some(Diagnostic::warning("dead-end", name.span, message).with_help(help));
    }
    // Where everything is said on one page, that is the journey; one that still does something there may rest on it. A
    // journey that is called must come back.
    let does = |choice: &ChoiceDef| {
        makes(choice).next().is_some()
            || !choice.ticket.is_empty()
            || !choice.remember.is_empty()
            || choice.dispatch.is_some()
    };
    let is_called = !view.definition.parameters.is_empty() || view.definition.returns.is_some();
    let rests = view.starts().contains(&at) || page.choices.iter().any(|choice| does(choice.def));
    if page.def.call.is_some() || (rests && !is_called) {
        return None;
    }
    let message =
        format!("page `{}` is never left: it has choices, and none of them turns elsewhere", name.value);
    let help = "let a choice `turn_to` another page; a page without choices is an end";
    Some(Diagnostic::warning("dead-end", name.span, message).with_help(help))
}

/// A page that is left by answers to one offer alone, of which one is missing.
fn stuck(view: &View<'_>, at: usize, page: &Page<'_>) -> Option<Diagnostic> {
    let turns = |choice: &&Choice<'_>| {
        !choice.dead && targets(choice.def).any(|target| view.place(target).is_some_and(|next| next != at))
    };
    let leaving: Vec<_> = page.choices.iter().filter(turns).collect();
    let answered = leaving.iter().map(|choice| awaits(choice.def)).collect::<Option<Vec<_>>>()?;
    let offer = answered.first()?.offer.as_str();
    if answered.iter().any(|of| of.offer != offer) {
        return None;
    }
    let of = view.definition.offers.iter().find(|known| known.name.value == offer)?;
    // An offer that is seen or opened settles later, in one of these ways; one that is made again here may yet be answered.
    let made_here = page.choices.iter().any(|choice| makes(choice.def).any(|made| made.value == offer));
    let ends = [Outcome::Accepted, Outcome::Declined, Outcome::Expired, Outcome::Withheld];
    let missing: Vec<&str> = ends
        .into_iter()
        .filter(|outcome| *outcome != Outcome::Expired || of.valid_ms.is_some())
        .filter(|outcome| answered.iter().all(|answer| answer.outcome != *outcome))
        .map(Outcome::name)
        .collect();
    if missing.is_empty() || made_here {
        return None;
    }
    let listed: Vec<String> = missing.iter().map(|outcome| format!("`{offer}.{outcome}`")).collect();
    let message = format!("nobody leaves page `{}` after {}", page.def.name.value, listed.join(" or "));
    let help = format!(
        "answer it, too: `{{ on: {offer}.{}, turn_to: .. }}`, or leave after some time",
        missing.first()?
    );
    Some(Diagnostic::warning("dead-end", page.def.name.span, message).with_help(help))
}
