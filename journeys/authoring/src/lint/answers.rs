//! Choices that wait for an answer to an offer that does not stand on their page.
//!
//! For each offer the pages are walked twice, with the offer standing and without: a choice that makes it turns from one walk
//! to the other. An offer that stands may be settled at any time.

use std::collections::BTreeSet;

use turnpage_journeys_engine::{ChoiceDef, Kind, OfferDef, Outcome};
use turnpage_journeys_expr::Diagnostic;

use super::view::{View, awaits, makes, targets};

pub(super) fn look(view: &mut View<'_>, told: &mut Vec<Diagnostic>) {
    let mut dead = Vec::new();
    for offer in &view.definition.offers {
        let name = offer.name.value.as_str();
        // That nothing makes it is told by the compiler.
        let made = view.choices().any(|(_, choice)| makes(choice.def).any(|made| made.value == name));
        let standing = standing(view, name);
        for (at, page) in view.pages.iter().enumerate() {
            for (nth, choice) in page.choices.iter().enumerate() {
                if let Some(problem) = answer(choice.def, offer, standing.contains(&at)) {
                    told.push(problem);
                    dead.push((at, nth));
                } else if let Some(problem) = record(choice.def, name, standing.contains(&at) || !made) {
                    told.push(problem);
                }
            }
        }
    }
    for (at, nth) in dead {
        if let Some(choice) = view.pages.get_mut(at).and_then(|page| page.choices.get_mut(nth)) {
            choice.dead = true;
        }
    }
}

fn answer(choice: &ChoiceDef, offer: &OfferDef, stands: bool) -> Option<Diagnostic> {
    let of = awaits(choice).filter(|of| of.offer == offer.name.value)?;
    let span = choice.on.as_ref()?.span;
    if !stands {
        let message =
            format!("offer `{}` never stands on this page, so no answer to it comes here", of.offer);
        let help = "an answer comes to the page that the subject is on: make the offer on the way here";
        return Some(Diagnostic::warning("answer-never-comes", span, message).with_help(help));
    }
    if of.outcome == Outcome::Expired && offer.valid_ms.is_none() {
        let message = format!("offer `{}` never expires by itself: it has no `valid`", of.offer);
        let help = "say how long it stands: `valid: 20m`";
        return Some(Diagnostic::warning("answer-never-comes", span, message).with_help(help));
    }
    None
}

/// A choice that writes down what became of an offer that does not stand writes nothing.
fn record(choice: &ChoiceDef, offer: &str, stands: bool) -> Option<Diagnostic> {
    let recorded = choice.outcome.as_ref().filter(|recorded| recorded.value.offer == offer && !stands)?;
    let message = format!("offer `{offer}` never stands on this page, so there is nothing to record");
    let help = "an outcome is of an offer made earlier: make it on the way here";
    Some(Diagnostic::warning("outcome-of-nothing", recorded.span, message).with_help(help))
}

/// The pages on which an offer may stand.
fn standing(view: &View<'_>, offer: &str) -> BTreeSet<usize> {
    let mut open: Vec<(usize, bool)> = view.starts().into_iter().map(|page| (page, false)).collect();
    let mut seen = BTreeSet::new();
    while let Some((at, stands)) = open.pop() {
        if !seen.insert((at, stands)) {
            continue;
        }
        let Some(page) = view.pages.get(at) else { continue };
        // It may be settled without any choice, and a nudge may make it.
        open.push((at, false));
        if page.def.nudge.as_ref().is_some_and(|nudge| nudge.value == offer) {
            open.push((at, true));
        }
        for choice in page.choices.iter().filter(|choice| !choice.dead) {
            if awaits(choice.def).is_some_and(|of| of.offer == offer) && !stands {
                continue;
            }
            let after =
                makes(choice.def).any(|made| made.value == offer) || (stands && !settles(choice.def, offer));
            let mut turned = false;
            for target in targets(choice.def).filter_map(|target| view.place(target)) {
                open.push((target, after));
                turned = true;
            }
            if !turned {
                open.push((at, after));
            }
        }
        if view.definition.kind.value == Kind::AdHoc {
            open.extend(view.starts().into_iter().map(|page| (page, stands)));
        }
    }
    seen.into_iter().filter(|(_, stands)| *stands).map(|(page, _)| page).collect()
}

/// Whether a choice ends an offer that stands.
fn settles(choice: &ChoiceDef, offer: &str) -> bool {
    let of = awaits(choice).into_iter().chain(choice.outcome.as_ref().map(|recorded| &recorded.value));
    let ended = of.into_iter().any(|of| of.offer == offer && of.outcome.settles());
    ended || choice.withdraw.as_ref().is_some_and(|withdrawn| withdrawn.value == offer)
}
