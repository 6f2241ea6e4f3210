//! Variables and parameters that nothing reads.
//!
//! What a variable's own `set` says of it is no reading. Names are looked for as words, so that one that stands in copy as a
//! plain word counts as read: better silent than wrong.

use turnpage_journeys_engine::{ChoiceDef, Definition, WordingDef};
use turnpage_journeys_expr::Diagnostic;

use super::spam::mentions;
use super::view::View;

pub(super) fn look(view: &View<'_>, told: &mut Vec<Diagnostic>) {
    let definition = view.definition;
    let variables = definition.variables.iter().map(|variable| ("variable", variable));
    for (what, variable) in
        definition.parameters.iter().map(|parameter| ("parameter", parameter)).chain(variables)
    {
        let name = variable.name.value.as_str();
        let returned = definition.returns.as_ref().is_some_and(|returns| returns.value == name);
        if !returned && !texts(definition, name).any(|text| mentions(text, name)) {
            let message = format!("nothing reads {what} `{name}`");
            let help = "read it in a guard or in copy, or take it out";
            told.push(Diagnostic::warning("unused-variable", variable.name.span, message).with_help(help));
        }
    }
}

/// Every expression and every copy, but for what the variable itself is set to.
fn texts<'a>(definition: &'a Definition, but: &'a str) -> impl Iterator<Item = &'a str> {
    let initials = definition.variables.iter().filter_map(|variable| variable.initial.as_ref());
    let guards = definition.admit.iter().chain(initials);
    let pages = definition.pages.iter().flat_map(move |page| {
        let watched = page
            .way
            .iter()
            .chain(&page.breach)
            .chain(page.enter.iter().filter_map(|entry| entry.when.as_ref()));
        let given = page.call.iter().flat_map(|call| call.with.iter().map(|(_, text)| text));
        let own = watched.chain(given).map(|text| text.value.as_str());
        own.chain(page.choices.iter().flat_map(move |choice| of_choice(choice, but)))
    });
    let offers = definition.offers.iter().flat_map(|offer| copies(&offer.text));
    guards.map(|text| text.value.as_str()).chain(pages).chain(offers)
}

fn of_choice<'a>(choice: &'a ChoiceDef, but: &'a str) -> impl Iterator<Item = &'a str> {
    let sets = choice.set.iter().chain(choice.alternatives.iter().flat_map(|alternative| &alternative.set));
    let sets = sets.filter(move |(name, _)| name.value != but).chain(&choice.remember).map(|(_, text)| text);
    let guards = choice.when.iter().chain(sets).map(|text| text.value.as_str());
    let tasks = choice.dispatch.iter().flat_map(|dispatch| copies(&dispatch.task));
    guards.chain(copies(&choice.label)).chain(copies(&choice.ticket)).chain(tasks)
}

fn copies(copies: &[WordingDef]) -> impl Iterator<Item = &str> {
    copies.iter().map(|copy| copy.text.value.as_str())
}
