//! All texts against one venue: read, compile, and everything that is wrong over all of them at once.
//!
//! Next: the gateway runs the library, or `render` shows the report.

use std::collections::BTreeSet;

use turnpage_journeys_engine::{Definition, Library, Problem, compile};
use turnpage_journeys_expr::{Diagnostic, Schema, Severity, Span};

use crate::lint::lint;
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

/// What the compiler says about a journey as a whole. It is only true of a whole journey, and would mislead where keys or
/// names are still wrong.
const OF_WHOLE_JOURNEYS: [&str; 5] =
    ["no-pages", "no-way-in", "unreachable-page", "unused-offer", "empty-choice"];

/// Names that lead nowhere, which leave a hole in the graph.
const HOLES: [&str; 2] = ["unknown-page", "unknown-offer"];

/// Where a definition came from.
struct Origin {
    /// Index of its text.
    source: usize,
    places: Places,
    /// The text had errors of its own, so parts of the definition are missing.
    partial: bool,
    /// It has no name, which was told.
    nameless: bool,
}

/// Reads every text and compiles the journeys in them against the facts of a venue.
///
/// A text that is no journey is passed over, unless all are.
pub fn check(sources: Sources, schema: &Schema) -> Checked {
    let mut report = sources.report;
    let mut definitions: Vec<Definition> = Vec::new();
    let mut origins: Vec<Origin> = Vec::new();
    let unreadable: BTreeSet<usize> = report.findings().iter().map(|finding| finding.source).collect();
    for source in (0..report.sources().len()).filter(|source| !unreadable.contains(source)) {
        let reading = report.sources().get(source).map(|source| read(&source.text)).unwrap_or_default();
        let partial = reading.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        report.extend(source, reading.diagnostics);
        if let Some(definition) = reading.definition {
            let nameless = definition.name.value.is_empty();
            definitions.push(definition);
            origins.push(Origin { source, places: reading.places, partial, nameless });
        }
    }
    if definitions.is_empty() && report.is_empty() && !report.sources().is_empty() {
        let problem = Diagnostic::error("no-journey", Span::default(), "there is no journey here")
            .with_help("begin the file with its name: `journey: rainy-day`");
        report.extend(0, [problem]);
    }
    let compiled = compile(&definitions, schema);
    let mut problems = compiled.problems;
    let broken: BTreeSet<usize> = problems
        .iter()
        .filter(|problem| problem.diagnostic.severity == Severity::Error)
        .map(|problem| problem.journey)
        .collect();
    let sound = |journey: usize| {
        !broken.contains(&journey) && origins.get(journey).is_some_and(|origin| !origin.partial)
    };
    problems.extend(lint(&definitions, schema, sound));
    for problem in &problems {
        if let Some(origin) = origins.get(problem.journey)
            && origin.tells(problem, &problems)
        {
            let diagnostic = problem.diagnostic.clone().moved(|span| origin.places.to_file(span));
            report.extend(origin.source, [diagnostic]);
        }
    }
    report.tidy();
    let library = compiled.library.filter(|_| report.errors() == 0);
    Checked { library, report }
}

impl Origin {
    /// Whether a problem is more than the echo of one that was told already.
    fn tells(&self, problem: &Problem, all: &[Problem]) -> bool {
        let Problem { journey, diagnostic } = problem;
        let of_name = matches!(diagnostic.code, "bad-name" | "duplicate-journey");
        if self.nameless && of_name && diagnostic.span == Span::default() {
            return false;
        }
        let hole = |other: &Problem| other.journey == *journey && HOLES.contains(&other.diagnostic.code);
        !OF_WHOLE_JOURNEYS.contains(&diagnostic.code) || !(self.partial || all.iter().any(hole))
    }
}
