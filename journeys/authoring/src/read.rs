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

pub(crate) use place::{Places, key_name};

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
/// a diagnostic, so that other YAML files may lie beside journeys.
pub fn read(text: &str) -> Reading {
    let limits = Limits { bytes_max: FILE_BYTES_MAX as usize, nodes_max: NODES_MAX, ..Limits::default() };
    match parse_within(text, limits) {
        Ok(root) if is_journey(&root) => {
            let mut reader = Reader::default();
            let definition = reader.journey(&root);
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
    /// Ends the reading of a map whose keys are those of `shape`.
    pub(crate) fn finish(&mut self, fields: Fields<'_>, shape: &Shape) {
        shape.hold(fields.asked());
        fields.finish(&mut self.problems);
    }

    pub(crate) fn problem(&mut self, code: &'static str, span: Span, message: String, help: &str) {
        self.problems.push(Diagnostic::error(code, span, message).with_help(help));
    }
}
