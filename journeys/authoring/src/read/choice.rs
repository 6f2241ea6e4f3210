//! Choices of a page: what each waits for, and what it does.

use turnpage_journeys_document::Node;
use turnpage_journeys_engine::{AlternativeDef, ChoiceDef, DispatchDef, On, Outcome, OutcomeOf, Spanned};
use turnpage_journeys_expr::{Diagnostic, Span};

use super::{Reader, key_name};
use crate::language::journey::{ALTERNATIVE, CHOICE, DISPATCH, TRIGGERS};

/// What a trigger on one signal begins with.
const SIGNAL: &str = "signal.";

/// Names with the expressions of their values.
type Assignments = Vec<(Spanned<String>, Spanned<String>)>;

impl Reader {
    pub(super) fn choice(&mut self, node: &Node) -> Option<ChoiceDef> {
        let mut fields = node.fields(&mut self.problems)?;
        let mut choice = ChoiceDef { span: fields.anchor(), ..ChoiceDef::default() };
        choice.on = fields.optional("on", &mut self.problems).and_then(|node| self.trigger(node));
        choice.when = fields.optional("when", &mut self.problems).and_then(|node| self.expression(node));
        choice.after_ms = fields.optional("after", &mut self.problems).and_then(|node| self.length_ms(node));
        choice.at_ms = fields.optional("at", &mut self.problems).and_then(|node| self.clock(node));
        choice.pick = fields.optional("pick", &mut self.problems).and_then(|node| self.name(node));
        if let Some(node) = fields.optional("label", &mut self.problems) {
            choice.label = self.copy(node, "label");
        }
        if let (None, Some(span)) = (&choice.pick, fields.key_span("label"))
            && !fields.contains("pick")
        {
            let message = "this label is shown for no pick".to_owned();
            self.problem("label-without-pick", span, message, "name the pick: `pick: rest`");
        }
        if let Some(node) = fields.optional("once", &mut self.problems) {
            choice.once = node.bool(&mut self.problems).unwrap_or_default();
        }
        choice.offer = fields.optional("offer", &mut self.problems).and_then(|node| self.name(node));
        if let Some(node) = fields.optional("alternatives", &mut self.problems) {
            let items = self.items(node, "alternatives");
            choice.alternatives = items.iter().filter_map(|item| self.alternative(item)).collect();
        }
        choice.withdraw = fields.optional("withdraw", &mut self.problems).and_then(|node| self.name(node));
        choice.dispatch =
            fields.optional("dispatch", &mut self.problems).and_then(|node| self.dispatch(node));
        if let Some(node) = fields.optional("ticket", &mut self.problems) {
            choice.ticket = self.copy(node, "ticket");
        }
        if let Some(node) = fields.optional("remember", &mut self.problems) {
            choice.remember = self.remembered(node);
        }
        choice.outcome = fields.optional("outcome", &mut self.problems).and_then(|node| self.outcome(node));
        if let Some(node) = fields.optional("set", &mut self.problems) {
            choice.set = self.assignments(node);
        }
        choice.turn_to = fields.optional("turn_to", &mut self.problems).and_then(|node| self.name(node));
        self.finish(fields, &CHOICE);
        Some(choice)
    }

    fn alternative(&mut self, node: &Node) -> Option<AlternativeDef> {
        let mut fields = node.fields(&mut self.problems)?;
        let span = fields.anchor();
        let offer = fields.required("offer", &mut self.problems).and_then(|node| self.name(node));
        let set = fields.optional("set", &mut self.problems).map(|node| self.assignments(node));
        let turn_to = fields.optional("turn_to", &mut self.problems).and_then(|node| self.name(node));
        self.finish(fields, &ALTERNATIVE);
        Some(AlternativeDef { span, offer: offer?, set: set.unwrap_or_default(), turn_to })
    }

    fn dispatch(&mut self, node: &Node) -> Option<DispatchDef> {
        let mut fields = node.fields(&mut self.problems)?;
        let role = fields.required("role", &mut self.problems).and_then(|node| self.name(node));
        let task = fields.required("task", &mut self.problems).map(|node| self.copy(node, "task"));
        self.finish(fields, &DISPATCH);
        Some(DispatchDef { role: role?, task: task? })
    }

    /// Facts of the subject, written without `subject.` before them.
    fn remembered(&mut self, node: &Node) -> Assignments {
        let mut facts = self.assignments(node);
        for (name, _) in &mut facts {
            if let Some(bare) = name.value.strip_prefix("subject.") {
                let message = format!("a fact of the subject is written without `subject.` here: `{bare}`");
                self.problem("bad-name", name.span, message, &format!("write `{bare}`"));
                name.value = bare.to_owned();
            }
        }
        facts
    }

    pub(super) fn trigger(&mut self, node: &Node) -> Option<Spanned<On>> {
        let text = node.text(&mut self.problems)?;
        if let Some(signal) = text.strip_prefix(SIGNAL) {
            return Some(Spanned::new(On::SignalOf(signal.to_owned()), node.span));
        }
        if text.contains('.') {
            let outcome = self.outcome(node)?;
            return Some(Spanned::new(On::Outcome(outcome.value), outcome.span));
        }
        if let Some((_, on, _)) = TRIGGERS.into_iter().find(|(word, ..)| *word == text) {
            return Some(Spanned::new(on, node.span));
        }
        let words = TRIGGERS.map(|(word, ..)| word);
        let help = format!(
            "write one of {}, `signal.<name>`, or an offer's outcome such as `cocoa.accepted`",
            words.join(", ")
        );
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

    /// A time on the venue's clock, in milliseconds since midnight.
    fn clock(&mut self, node: &Node) -> Option<Spanned<u32>> {
        let text = node.text(&mut self.problems)?;
        let clock = clock_ms(text);
        if clock.is_none() {
            let message = format!("`{text}` is no time on the venue's clock");
            let help = "write hours and minutes, from `00:00` to `23:59`: `at: \"17:30\"`";
            self.problem("bad-time", node.span, message, help);
        }
        Some(Spanned::new(clock?, node.span))
    }

    pub(super) fn assignments(&mut self, node: &Node) -> Assignments {
        let Some(entries) = node.entries(&mut self.problems) else { return Vec::new() };
        entries.iter().filter_map(|entry| Some((key_name(entry), self.value(&entry.value)?))).collect()
    }
}

/// `17:30` or `17:30:15`, two digits each.
fn clock_ms(text: &str) -> Option<u32> {
    let mut parts = text.split(':').map(|part| {
        let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse::<u32>().ok()).flatten()
    });
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    let whole = parts.next().is_none() && hours < 24 && minutes < 60 && seconds < 60;
    whole.then_some(((hours * 60 + minutes) * 60 + seconds) * 1_000)
}

#[cfg(test)]
mod tests {
    use super::clock_ms;

    #[test]
    fn clocks_show_two_digits_each() {
        assert_eq!(clock_ms("00:00"), Some(0));
        assert_eq!(clock_ms("17:30"), Some(63_000_000));
        assert_eq!(clock_ms("23:59:59"), Some(86_399_000));
        for wrong in ["", "17", "24:00", "7:30", "17:60", "17:30:60", "17:30:00:00", "1730", "5 pm", "+1:30"]
        {
            assert_eq!(clock_ms(wrong), None, "{wrong}");
        }
    }
}
