//! Events of a play: what each is, by its keys.

use turnpage_journeys_document::{Fields, Node};

use super::Reader;
use crate::language::play::BEAT;
use crate::play::{Beat, GivenFact, Happens};

/// Keys of an event; every other key is a fact.
const KEYS: [&str; 8] = ["at", "zone", "leaves", "answer", "pick", "feedback", "signal", "stops"];

impl Reader {
    pub(super) fn beat(&mut self, node: &Node) -> Option<Beat> {
        let entries = node.entries(&mut self.problems)?;
        let mut fields = node.fields(&mut self.problems)?;
        let span = fields.anchor();
        let at = fields.required("at", &mut self.problems).and_then(|node| self.time(node));
        let facts: Vec<GivenFact> = entries
            .iter()
            .filter(|entry| !KEYS.contains(&entry.key.text()))
            .filter_map(|entry| self.fact(entry))
            .collect();
        let said: Vec<&str> = entries
            .iter()
            .map(|entry| entry.key.text())
            .filter(|key| *key != "at" && KEYS.contains(key))
            .collect();
        if let [one, other, ..] = said.as_slice() {
            self.problem(node, format!("`{one}` and `{other}` are two events: give each its own line"));
        }
        BEAT.hold(&KEYS);
        let happens = self.happens(&mut fields, &facts)?;
        Some(Beat { span, at: at?, happens, facts })
    }

    /// What the event is, by the one key that says it.
    fn happens(&mut self, fields: &mut Fields<'_>, facts: &[GivenFact]) -> Option<Happens> {
        if let Some(node) = fields.optional("answer", &mut self.problems) {
            return Some(Happens::Answer(self.outcome(node)?));
        }
        if let Some(node) = fields.optional("pick", &mut self.problems) {
            return Some(Happens::Picks(self.word(node)?));
        }
        if let Some(node) = fields.optional("feedback", &mut self.problems) {
            let score = node.int(&mut self.problems)?;
            return Some(Happens::Feedback(turnpage_journeys_engine::Spanned::new(score, node.span)));
        }
        if let Some(node) = fields.optional("signal", &mut self.problems) {
            return Some(Happens::Signal(Some(self.word(node)?)));
        }
        if let Some(node) = fields.optional("stops", &mut self.problems)
            && node.bool(&mut self.problems)?
        {
            return Some(Happens::Stops);
        }
        if let Some(node) = fields.optional("leaves", &mut self.problems)
            && node.bool(&mut self.problems)?
        {
            return Some(Happens::Leaves);
        }
        if let Some(node) = fields.optional("zone", &mut self.problems) {
            return Some(Happens::Seen(Some(self.word(node)?)));
        }
        Some(Happens::of_facts(facts))
    }
}
