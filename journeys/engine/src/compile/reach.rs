//! A journey as a graph: pages nobody reaches, offers nobody makes. Warnings: such a journey runs.
//!
//! Guards are not looked at; a page behind a guard that never holds counts as reached.

use super::Checker;
use super::journey::World;
use crate::graph::{ChoiceDef, Definition, Kind, PageDef, Spanned};
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use turnpage_journeys_expr::Diagnostic;

impl Checker<'_> {
    pub(super) fn reach(&mut self, definition: &Definition, world: &World<'_>) {
        let page = |name: &str| definition.pages.iter().find(|page| page.name.value == name);
        let mut open: Vec<&PageDef> = match (&definition.start, world.kind) {
            (_, Kind::AdHoc) => definition.pages.iter().filter(|page| !page.enter.is_empty()).collect(),
            (Some(start), _) => page(&start.value).into_iter().collect(),
            (None, _) => definition.pages.first().into_iter().collect(),
        };
        let mut reached = BTreeSet::new();
        while let Some(next) = open.pop() {
            if reached.insert(next.name.value.as_str()) {
                let targets = next.choices.iter().flat_map(targets);
                open.extend(targets.filter_map(|target| page(&target.value)));
            }
        }
        // Where a name is nowhere the error about that is enough, here and for offers.
        let broken = (definition.pages.iter().flat_map(|page| &page.choices))
            .flat_map(targets)
            .any(|target| page(&target.value).is_none());
        for lost in definition.pages.iter().filter(|_| !broken) {
            let name = &lost.name;
            if !reached.contains(name.value.as_str()) {
                let message = format!("no choice leads to page `{}`", name.value);
                self.push(Diagnostic::warning("unreachable-page", name.span, message));
            }
        }
        let made: BTreeSet<&str> = (definition.pages.iter().flat_map(|page| &page.choices))
            .flat_map(offers)
            .chain(definition.pages.iter().filter_map(|page| page.nudge.as_ref()))
            .map(|offer| offer.value.as_str())
            .collect();
        let misspelt =
            made.iter().any(|made| definition.offers.iter().all(|offer| offer.name.value != *made));
        for idle in definition.offers.iter().filter(|_| !misspelt) {
            if !made.contains(idle.name.value.as_str()) {
                let message = format!("no choice makes offer `{}`", idle.name.value);
                self.push(Diagnostic::warning("unused-offer", idle.name.span, message));
            }
        }
    }
}

/// The pages a choice may turn to.
fn targets(choice: &ChoiceDef) -> impl Iterator<Item = &Spanned<String>> {
    let alternatives = choice.alternatives.iter().filter_map(|alternative| alternative.turn_to.as_ref());
    // Where every alternative has a page of its own, the choice's is never turned to.
    let own = choice.alternatives.is_empty() || choice.alternatives.iter().any(|one| one.turn_to.is_none());
    choice.turn_to.iter().filter(move |_| own).chain(alternatives)
}

/// The offers a choice may make.
fn offers(choice: &ChoiceDef) -> impl Iterator<Item = &Spanned<String>> {
    choice.offer.iter().chain(choice.alternatives.iter().map(|alternative| &alternative.offer))
}
