//! Copy that is missing: a language one offer or label has and another has not.

use std::collections::BTreeSet;

use turnpage_journeys_engine::WordingDef;
use turnpage_journeys_expr::Diagnostic;

use super::view::View;

pub(super) fn look(view: &View<'_>, told: &mut Vec<Diagnostic>) {
    let offers = view.definition.offers.iter().map(|offer| {
        (
            format!("offer `{}`", offer.name.value),
            offer.name.span,
            offer.text.as_slice(),
            offer.channels.as_slice(),
        )
    });
    let picks = view.choices().filter_map(|(_, choice)| {
        let pick = choice.def.pick.as_ref().filter(|_| !choice.def.label.is_empty())?;
        Some((format!("pick `{}`", pick.value), pick.span, choice.def.label.as_slice(), &[][..]))
    });
    let said: Vec<_> = offers.chain(picks).filter(|(_, _, copies, _)| !copies.is_empty()).collect();
    let all: BTreeSet<&str> =
        said.iter().flat_map(|(_, _, copies, _)| copies.iter()).map(|copy| copy.language.as_str()).collect();
    for (what, span, copies, channels) in &said {
        let missing: Vec<String> = all
            .iter()
            .filter(|language| !is_said(copies, channels, language))
            .map(|language| format!("`{language}`"))
            .collect();
        if !missing.is_empty() {
            let message =
                format!("{what} has no text in {}, as others of this journey have", missing.join(", "));
            let help = "add the text: who reads another language gets the first one";
            told.push(Diagnostic::warning("missing-translation", *span, message).with_help(help));
        }
    }
}

/// Whether there is a text in a language for everyone: one for all channels, or one for each.
fn is_said(copies: &[WordingDef], channels: &[String], language: &str) -> bool {
    let mut of = copies.iter().filter(|copy| copy.language == language).map(|copy| copy.channel.as_ref());
    if of.clone().any(|channel| channel.is_none()) {
        return true;
    }
    !channels.is_empty() && channels.iter().all(|channel| of.any(|own| own == Some(channel)))
}
