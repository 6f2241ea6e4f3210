//! Pages: the ways in, what runs while a subject is there, and the choices.

use turnpage_journeys_document::{Content, Node};
use turnpage_journeys_engine::{CallDef, EntryDef, PageDef};

use super::{Reader, key_name};
use crate::language::journey::{ENTRY, PAGE};

impl Reader {
    pub(super) fn pages(&mut self, node: &Node) -> Vec<PageDef> {
        let Some(entries) = node.entries(&mut self.problems).map(<[_]>::iter) else { return Vec::new() };
        entries
            .map(|entry| {
                let name = key_name(entry);
                let mut page = PageDef { name, ..PageDef::default() };
                self.page(&entry.value, &mut page);
                page
            })
            .collect()
    }

    /// A page with nothing after its name is an end: no choice leads out of it.
    fn page(&mut self, node: &Node, page: &mut PageDef) {
        if node.is_null() {
            return;
        }
        let Some(mut fields) = node.fields(&mut self.problems) else { return };
        if let Some(list) = fields.optional("enter", &mut self.problems) {
            page.enter = self.items(list, "ways in").iter().filter_map(|item| self.entry(item)).collect();
        }
        let journey = fields.optional("call", &mut self.problems).and_then(|node| self.name(node));
        let with = fields.optional("with", &mut self.problems).map(|node| self.assignments(node));
        match (journey, with) {
            (Some(journey), with) => {
                page.call = Some(CallDef { journey, with: with.unwrap_or_default() });
            }
            (None, Some(_)) if !fields.contains("call") => {
                let span = fields.key_span("with").unwrap_or(node.span);
                let message = "these parameters are given to no journey".to_owned();
                self.problem("with-without-call", span, message, "name the journey: `call: survey`");
            }
            (None, _) => {}
        }
        page.way = fields.optional("way", &mut self.problems).and_then(|node| self.expression(node));
        page.nudge = fields.optional("nudge", &mut self.problems).and_then(|node| self.name(node));
        page.breach = fields.optional("breach", &mut self.problems).and_then(|node| self.expression(node));
        if let Some(list) = fields.optional("choices", &mut self.problems) {
            page.choices = self.items(list, "choices").iter().filter_map(|item| self.choice(item)).collect();
        }
        self.finish(fields, &PAGE);
    }

    /// The items of a list of maps. One that was written as a map is read as a list of one, so that what is in it is told, too.
    pub(super) fn items<'a>(&mut self, node: &'a Node, what: &str) -> &'a [Node] {
        if let Content::Map(entries) = &node.value {
            let span = entries.first().map_or(node.span, |entry| entry.key_span);
            let message = format!("{what} are a list, also when there is only one");
            self.problem("wrong-type", span, message, "begin each with `- `");
            return std::slice::from_ref(node);
        }
        node.list(&mut self.problems).unwrap_or_default()
    }

    fn entry(&mut self, node: &Node) -> Option<EntryDef> {
        let mut fields = node.fields(&mut self.problems)?;
        let mut entry = EntryDef { span: fields.anchor(), ..EntryDef::default() };
        entry.on = fields.optional("on", &mut self.problems).and_then(|node| self.trigger(node));
        entry.when = fields.optional("when", &mut self.problems).and_then(|node| self.expression(node));
        self.finish(fields, &ENTRY);
        Some(entry)
    }
}
