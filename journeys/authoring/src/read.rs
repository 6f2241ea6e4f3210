//! One journey's YAML text to a definition, with everything that is wrong in its shape.
//!
//! Reads keys, words, lengths of time and limits. Whether names resolve and guards make sense is decided by the
//! engine's compiler; so that it can say so in the same run, a definition comes out even when parts of it were wrong.
//!
//! Next: `check`, which reads every text and compiles all definitions against a venue.

mod choice;
mod offer;
mod place;
mod slip;
mod variable;

use turnpage_journeys_document::{Content, Limits, Node, parse_within};
use turnpage_journeys_engine::{Definition, Kind, PageDef, Serves, Spanned, SubjectKind};
use turnpage_journeys_expr::{Diagnostic, Span, closest};

pub(crate) use place::{Places, key_name};
pub(crate) use slip::misspelt_is_not_missing;

use crate::source::FILE_BYTES_MAX;

/// Values one journey file may hold, those repeated by aliases included: ten times a journey of sixty busy pages.
const NODES_MAX: usize = 50_000;

const KINDS: [(&str, Kind); 5] = [
    ("ad-hoc", Kind::AdHoc),
    ("mandated", Kind::Mandated),
    ("guided", Kind::Guided),
    ("learning", Kind::Learning),
    ("intent", Kind::Intent),
];

const SUBJECTS: [(&str, SubjectKind); 6] = [
    ("visitor", SubjectKind::Visitor),
    ("party", SubjectKind::Party),
    ("vehicle", SubjectKind::Vehicle),
    ("zone", SubjectKind::Zone),
    ("team", SubjectKind::Team),
    ("venue", SubjectKind::Venue),
];

/// Keys that only journeys have: a file with one of them is a journey whose `journey:` is missing.
const TELLING_KEYS: [&str; 3] = ["pages", "offers", "admit"];

/// What reading one text gave.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The journey, as far as it could be read; `None` when the text is no journey.
    pub definition: Option<Definition>,
    /// Everything wrong with the text's shape, in the order it was met. With an error among them the definition has gaps
    /// and must not run.
    pub diagnostics: Vec<Diagnostic>,
    pub(crate) places: Places,
}

/// Reads one journey. A text that is plainly something else (a map without a journey's keys) gives neither a definition nor
/// a diagnostic, so that other YAML files may lie beside journeys.
pub fn read(text: &str) -> Reading {
    let limits = Limits { bytes_max: FILE_BYTES_MAX as usize, nodes_max: NODES_MAX, ..Limits::default() };
    match parse_within(text, limits) {
        Ok(root) if is_journey(&root) => {
            let mut reader = Reader::default();
            let definition = reader.journey(&root);
            misspelt_is_not_missing(&mut reader.problems);
            slip::explain_missing(&mut reader.problems);
            Reading { definition, diagnostics: reader.problems, places: reader.places }
        }
        Ok(_) => Reading::default(),
        Err(mut diagnostics) => {
            slip::explain_syntax(text, &mut diagnostics);
            Reading { diagnostics, ..Reading::default() }
        }
    }
}

/// Also for a misspelt `journey:`, which must not make a file silently invisible.
fn is_journey(root: &Node) -> bool {
    let Content::Map(entries) = &root.value else { return false };
    let key = |at: usize| entries.get(at).map_or("", |entry| entry.key.text());
    closest(key(0), ["journey"]).is_some()
        || entries
            .iter()
            .any(|entry| entry.key.text() == "journey" || TELLING_KEYS.contains(&entry.key.text()))
}

/// Collects what is wrong while it reads.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) problems: Vec<Diagnostic>,
    pub(crate) places: Places,
}

impl Reader {
    fn journey(&mut self, root: &Node) -> Option<Definition> {
        let mut fields = root.fields(&mut self.problems)?;
        let mut definition = Definition { version: 1, ..Definition::default() };
        if let Some(node) = fields.required("journey", &mut self.problems) {
            definition.name = self.name(node).unwrap_or_default();
        }
        if let Some(node) = fields.optional("version", &mut self.problems) {
            let version = node.int_in(1..=i64::from(u32::MAX), &mut self.problems);
            definition.version = version.and_then(|version| u32::try_from(version).ok()).unwrap_or(1);
        }
        if let Some(node) = fields.optional("kind", &mut self.problems)
            && let Some(kind) = node.word(&KINDS, &mut self.problems)
        {
            definition.kind = Spanned::new(kind, node.span);
        }
        if let Some(node) = fields.optional("subject", &mut self.problems)
            && let Some(subject) = node.word(&SUBJECTS, &mut self.problems)
        {
            definition.subject = Spanned::new(subject, node.span);
        }
        definition.serves = fields.optional("serves", &mut self.problems).and_then(|node| self.serves(node));
        definition.admit =
            fields.optional("admit", &mut self.problems).and_then(|node| self.expression(node));
        definition.start = fields.optional("start", &mut self.problems).and_then(|node| self.name(node));
        if let Some(node) = fields.optional("variables", &mut self.problems) {
            definition.variables = self.variables(node);
        }
        if let Some(node) = fields.optional("offers", &mut self.problems) {
            definition.offers = self.offers(node);
        }
        if let Some(node) = fields.required("pages", &mut self.problems) {
            definition.pages = self.pages(node);
        }
        fields.finish(&mut self.problems);
        Some(definition)
    }

    fn serves(&mut self, node: &Node) -> Option<Serves> {
        let mut fields = node.fields(&mut self.problems)?;
        let mut text = |key| {
            let node = fields.optional(key, &mut self.problems)?;
            node.text(&mut self.problems).map(str::to_owned)
        };
        let serves =
            Serves { outcome: text("outcome"), experience: text("experience"), measure: text("measure") };
        fields.finish(&mut self.problems);
        Some(serves)
    }

    fn pages(&mut self, node: &Node) -> Vec<PageDef> {
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
            let items = list.list(&mut self.problems).unwrap_or_default();
            page.enter = items.iter().filter_map(|item| self.entry(item)).collect();
        }
        if let Some(list) = fields.optional("choices", &mut self.problems) {
            let items = list.list(&mut self.problems).unwrap_or_default();
            page.choices = items.iter().filter_map(|item| self.choice(item)).collect();
        }
        fields.finish(&mut self.problems);
    }

    pub(crate) fn problem(&mut self, code: &'static str, span: Span, message: String, help: &str) {
        self.problems.push(Diagnostic::error(code, span, message).with_help(help));
    }
}
