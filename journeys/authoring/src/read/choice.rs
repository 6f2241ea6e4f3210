//! Choices of a page, and ways into a page of an ad-hoc journey.

use turnpage_journeys_document::Node;
use turnpage_journeys_engine::{ChoiceDef, EntryDef, On, Outcome, OutcomeOf, Spanned};
use turnpage_journeys_expr::{Diagnostic, Span};

use super::Reader;

/// Triggers by their words. An outcome of an offer is written with a dot instead: `cocoa.accepted`.
const TRIGGERS: [(&str, On); 5] = [
    ("sighting", On::Sighting),
    ("enter", On::Enter),
    ("exit", On::Exit),
    ("weather", On::Weather),
    ("signal", On::Signal),
];

impl Reader {
    pub(crate) fn choice(&mut self, node: &Node) -> Option<ChoiceDef> {
        let mut fields = node.fields(&mut self.problems)?;
        let mut choice = ChoiceDef { span: fields.anchor(), ..ChoiceDef::default() };
        choice.on = fields.optional("on", &mut self.problems).and_then(|node| self.trigger(node));
        choice.when = fields.optional("when", &mut self.problems).and_then(|node| self.expression(node));
        choice.after_ms = fields.optional("after", &mut self.problems).and_then(|node| self.length_ms(node));
        choice.offer = fields.optional("offer", &mut self.problems).and_then(|node| self.name(node));
        choice.outcome = fields.optional("outcome", &mut self.problems).and_then(|node| self.outcome(node));
        if let Some(node) = fields.optional("set", &mut self.problems) {
            choice.set = self.assignments(node);
        }
        choice.turn_to = fields.optional("turn_to", &mut self.problems).and_then(|node| self.name(node));
        fields.finish(&mut self.problems);
        Some(choice)
    }

    pub(crate) fn entry(&mut self, node: &Node) -> Option<EntryDef> {
        let mut fields = node.fields(&mut self.problems)?;
        let mut entry = EntryDef { span: fields.anchor(), ..EntryDef::default() };
        entry.on = fields.optional("on", &mut self.problems).and_then(|node| self.trigger(node));
        entry.when = fields.optional("when", &mut self.problems).and_then(|node| self.expression(node));
        fields.finish(&mut self.problems);
        Some(entry)
    }

    fn trigger(&mut self, node: &Node) -> Option<Spanned<On>> {
        let text = node.text(&mut self.problems)?;
        if text.contains('.') {
            let outcome = self.outcome(node)?;
            return Some(Spanned::new(On::Outcome(outcome.value), outcome.span));
        }
        if let Some((_, on)) = TRIGGERS.iter().find(|(word, _)| *word == text) {
            return Some(Spanned::new(on.clone(), node.span));
        }
        let words = TRIGGERS.map(|(word, _)| word);
        let help =
            format!("write one of {}, or an offer's outcome such as `cocoa.accepted`", words.join(", "));
        let problem = Diagnostic::error("unknown-trigger", node.span, format!("no event is called `{text}`"));
        self.problems.push(problem.with_help(help).suggesting(text, words));
        None
    }

    fn outcome(&mut self, node: &Node) -> Option<Spanned<OutcomeOf>> {
        let text = node.text(&mut self.problems)?;
        let names = Outcome::ALL.map(Outcome::name);
        let help = || {
            format!("write an offer and what became of it, such as `cocoa.accepted`: {}", names.join(", "))
        };
        let Some((offer, word)) = text.split_once('.') else {
            self.problem("bad-outcome", node.span, format!("`{text}` is no outcome of an offer"), &help());
            return None;
        };
        let Some(outcome) = Outcome::from_name(word) else {
            let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
            let start = end.saturating_sub(u32::try_from(word.len()).unwrap_or(end));
            let span = node.scalar().map_or(node.span, |scalar| scalar.locate(Span::new(start, end)));
            let problem =
                Diagnostic::error("bad-outcome", span, format!("`{word}` is no outcome of an offer"));
            self.problems.push(problem.with_help(help()).suggesting(word, names));
            return None;
        };
        Some(Spanned::new(OutcomeOf { offer: offer.to_owned(), outcome }, node.span))
    }

    fn assignments(&mut self, node: &Node) -> Vec<(Spanned<String>, Spanned<String>)> {
        let Some(entries) = node.entries(&mut self.problems) else { return Vec::new() };
        entries
            .iter()
            .filter_map(|entry| {
                let name = Spanned::new(entry.key.text().to_owned(), entry.key_span);
                Some((name, self.expression(&entry.value)?))
            })
            .collect()
    }
}
