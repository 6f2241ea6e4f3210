//! All texts against one venue: read, compile, and everything that is wrong over all of them at once.
//!
//! Next: the gateway runs the library, or `render` shows the report.

use std::collections::BTreeSet;

use turnpage_journeys_engine::{Definition, Library, compile};
use turnpage_journeys_expr::{Diagnostic, Schema, Span};

use crate::read::{Places, read};
use crate::report::Report;
use crate::source::Sources;

/// What a check found.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The journeys, ready to run; absent when the report has an error.
    pub library: Option<Library>,
    /// Errors and warnings, by text and place, with the texts they are about.
    pub report: Report,
}

/// A definition and where it came from.
struct Read {
    /// Index of its text.
    source: usize,
    places: Places,
}

/// Reads every text and compiles the journeys in them against the facts of a venue.
///
/// A text that is no journey is passed over, unless all are.
pub fn check(sources: Sources, schema: &Schema) -> Checked {
    let mut report = sources.report;
    let mut definitions: Vec<Definition> = Vec::new();
    let mut reads: Vec<Read> = Vec::new();
    let unreadable: BTreeSet<usize> = report.findings().iter().map(|finding| finding.source).collect();
    for source in (0..report.sources().len()).filter(|source| !unreadable.contains(source)) {
        let reading = report.sources().get(source).map(|source| read(&source.text)).unwrap_or_default();
        report.extend(source, reading.diagnostics);
        if let Some(definition) = reading.definition {
            definitions.push(definition);
            reads.push(Read { source, places: reading.places });
        }
    }
    if definitions.is_empty() && report.is_empty() && !report.sources().is_empty() {
        let problem = Diagnostic::error("no-journey", Span::default(), "there is no journey here")
            .with_help("begin the file with its name: `journey: rainy-day`");
        report.extend(0, [problem]);
    }
    let compiled = compile(&definitions, schema);
    for problem in compiled.problems {
        if let Some(read) = reads.get(problem.journey) {
            report.extend(read.source, [problem.diagnostic.moved(|span| read.places.to_file(span))]);
        }
    }
    report.tidy();
    let library = compiled.library.filter(|_| report.errors() == 0);
    Checked { library, report }
}
