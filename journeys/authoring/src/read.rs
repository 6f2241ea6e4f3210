//! One journey's YAML text to a definition, with everything that is wrong in its shape.
//!
//! Reads keys, words, lengths of time and limits. Whether names resolve and guards make sense is decided by the
//! engine's compiler; so that it can say so in the same run, a definition comes out even when parts of it were wrong.
//!
//! Next: `check`, which reads every text and compiles all definitions against a venue.

mod choice;
mod copy;
mod journey;
mod offer;
mod page;
mod place;
mod slip;
mod variable;

use turnpage_journeys_document::{Content, Fields, Limits, Node, parse_within};
use turnpage_journeys_engine::Definition;
use turnpage_journeys_expr::{Diagnostic, Span, closest};

pub(crate) use offer::parse_limit;
pub(crate) use place::{Places, key_name};
pub(crate) use variable::{type_of, typed};

use crate::language::Shape;
use crate::source::FILE_BYTES_MAX;

/// Values one journey file may hold, those repeated by aliases included: ten times a journey of sixty busy pages.
const NODES_MAX: usize = 50_000;

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
/// a diagnostic, so that other YAML files may lie beside journeys. So does a blueprint, and a journey made from one: `check`
/// reads those with all texts at hand.
pub fn read(text: &str) -> Reading {
    match parsed(text) {
        Ok(root) if is_journey(&root) && !has_key(&root, "use") => read_tree(&root),
        Ok(_) => Reading::default(),
        Err(diagnostics) => Reading { diagnostics, ..Reading::default() },
    }
}

/// The tree of one text, within the bounds of a journey.
pub(crate) fn parsed(text: &str) -> Result<Node, Vec<Diagnostic>> {
    let limits = Limits { bytes_max: FILE_BYTES_MAX as usize, nodes_max: NODES_MAX, ..Limits::default() };
    parse_within(text, limits).map_err(|mut diagnostics| {
        slip::explain_syntax(text, &mut diagnostics);
        diagnostics
    })
}

/// Reads a journey's tree. A `use` in it has been filled in.
pub(crate) fn read_tree(root: &Node) -> Reading {
    let mut reader = Reader::default();
    let definition = reader.journey(root);
    slip::explain_missing(&mut reader.problems);
    Reading { definition, diagnostics: reader.problems, places: reader.places }
}

fn has_key(root: &Node, key: &str) -> bool {
    let Content::Map(entries) = &root.value else { return false };
    entries.iter().any(|entry| entry.key.text() == key)
}

/// Also for a misspelt `journey:`, which must not make a file silently invisible.
pub(crate) fn is_journey(root: &Node) -> bool {
    let Content::Map(entries) = &root.value else { return false };
    let first = entries.first().map_or("", |entry| entry.key.text());
    !has_key(root, "blueprint")
        && (closest(first, ["journey"]).is_some()
            || has_key(root, "journey")
            || TELLING_KEYS.iter().any(|key| has_key(root, key)))
}

/// Collects what is wrong while it reads.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    pub(crate) problems: Vec<Diagnostic>,
    pub(crate) places: Places,
}

impl Reader {
    /// Ends the reading of a map whose keys are those of `shape`.
    pub(crate) fn finish(&mut self, fields: Fields<'_>, shape: &Shape) {
        shape.hold(fields.asked());
        fields.finish(&mut self.problems);
    }

    pub(crate) fn problem(&mut self, code: &'static str, span: Span, message: String, help: &str) {
        self.problems.push(Diagnostic::error(code, span, message).with_help(help));
    }
}
