//! What must come of a play.

use turnpage_journeys_document::{Content, Node};
use turnpage_journeys_engine::Spanned;

use super::Reader;
use crate::language::play::EXPECTED;
use crate::play::{Expected, What};

/// What can be expected, each the key that says it.
const KEYS: [&str; 7] = ["offer", "outcome", "page", "dispatch", "ticket", "breach", "nothing"];

impl Reader {
    /// A list, or the word `nothing`.
    pub(super) fn then(&mut self, node: &Node) -> Vec<Expected> {
        if let Content::Scalar(word) = &node.value
            && word.text() == "nothing"
        {
            return Vec::new();
        }
        let items = node.list(&mut self.problems).unwrap_or_default();
        items.iter().filter_map(|item| self.expected(item)).collect()
    }

    fn expected(&mut self, node: &Node) -> Option<Expected> {
        let entries = node.entries(&mut self.problems)?;
        let mut fields = node.fields(&mut self.problems)?;
        let at = fields.required("at", &mut self.problems).and_then(|node| self.time(node));
        let said: Vec<&str> =
            entries.iter().map(|entry| entry.key.text()).filter(|key| KEYS.contains(key)).collect();
        let mut found = None;
        for key in KEYS {
            if let Some(node) = fields.optional(key, &mut self.problems) {
                found = Some((self.what(key, node)?, node.span));
            }
        }
        let text = fields.optional("text", &mut self.problems).and_then(|node| self.word(node));
        EXPECTED.hold(fields.asked());
        fields.finish(&mut self.problems);
        if said.len() != 1 {
            let keys = KEYS.map(|key| format!("`{key}`")).join(", ");
            self.problem(node, format!("one line expects exactly one of {keys}"));
            return None;
        }
        let (what, span) = found?;
        if let Some(text) = &text {
            self.says(&what, text);
        }
        Some(Expected { span, at: at?.value, what, text })
    }

    fn what(&mut self, key: &str, node: &Node) -> Option<What> {
        Some(match key {
            "offer" => What::Offer(self.word(node)?.value),
            "outcome" => {
                let (offer, outcome) = self.outcome(node)?.value;
                What::Outcome(offer, outcome)
            }
            "page" => What::Page(self.word(node)?.value),
            "dispatch" => What::Dispatch(self.word(node)?.value),
            "breach" => What::Breach(self.word(node)?.value),
            "ticket" => {
                self.yes(node)?;
                What::Ticket
            }
            _ => {
                self.yes(node)?;
                What::Nothing
            }
        })
    }

    fn yes(&mut self, node: &Node) -> Option<()> {
        if node.bool(&mut self.problems)? {
            return Some(());
        }
        self.problem(node, "leave the line out instead of saying `false`".to_owned());
        None
    }

    fn says(&mut self, what: &What, text: &Spanned<String>) {
        if !matches!(what, What::Offer(_) | What::Dispatch(_) | What::Ticket) {
            let message = format!("{what} has no `text`: offers, calls for staff and tickets have one");
            self.problems.push(turnpage_journeys_expr::Diagnostic::error("bad-play", text.span, message));
        }
    }
}
