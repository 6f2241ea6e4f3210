//! What was found wrong, over any number of named texts. Journeys, venue files and configs all report through it.
//!
//! Deliberately knows no terminal: `render` does.

use turnpage_journeys_expr::{Diagnostic, Severity};

use crate::source::Source;

/// One diagnostic and the text it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Index into [`Report::sources`].
    pub source: usize,
    /// What is wrong, with a span in that text.
    pub diagnostic: Diagnostic,
    /// What else there is to know: who uses the blueprint it is in.
    pub note: Option<String>,
}

impl Finding {
    /// A finding without a note.
    pub fn new(source: usize, diagnostic: Diagnostic) -> Self {
        Self { source, diagnostic, note: None }
    }
}

/// Texts and the findings in them.
#[derive(Debug, Clone, Default)]
pub struct Report {
    sources: Vec<Source>,
    findings: Vec<Finding>,
}

impl Report {
    /// What one reader said about one text, as readers of venue files and configs do.
    pub fn of(name: impl Into<String>, text: impl Into<String>, diagnostics: Vec<Diagnostic>) -> Self {
        let mut report = Self::default();
        let source = report.add_source(name, text);
        report.extend(source, diagnostics);
        report
    }

    /// Adds a text and returns its index.
    pub fn add_source(&mut self, name: impl Into<String>, text: impl Into<String>) -> usize {
        self.sources.push(Source { name: name.into(), text: text.into() });
        self.sources.len() - 1
    }

    /// Adds one finding.
    pub fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Adds what one reader said about the text at `source`.
    pub fn extend(&mut self, source: usize, diagnostics: impl IntoIterator<Item = Diagnostic>) {
        self.findings.extend(diagnostics.into_iter().map(|diagnostic| Finding::new(source, diagnostic)));
    }

    /// Adds the texts and findings of another report.
    pub fn merge(&mut self, other: Self) {
        let offset = self.sources.len();
        self.sources.extend(other.sources);
        self.findings.extend(
            other.findings.into_iter().map(|finding| Finding { source: finding.source + offset, ..finding }),
        );
    }

    /// Sorts findings by text and place, and drops those said twice.
    pub fn tidy(&mut self) {
        self.findings.sort_by_key(|finding| {
            (finding.source, finding.diagnostic.span.start, finding.diagnostic.span.end)
        });
        self.findings.dedup();
    }

    /// The texts.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The findings.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How many findings are errors.
    pub fn errors(&self) -> usize {
        self.findings.iter().filter(|finding| finding.diagnostic.severity == Severity::Error).count()
    }

    /// Nothing was found.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }
}
