//! Definitions to a library: every semantic problem at once, or dense tables.
//!
//! A definition is checked on its own (`compile/journey.rs`, its choices in `compile/choice.rs`), looked at as a
//! graph (`compile/reach.rs`), and then given its places beside the others (`compile/place.rs`). Nothing here
//! runs a journey. Comes after `graph.rs`; next: `library.rs`.

mod choice;
mod journey;
mod names;
mod place;
mod reach;

use crate::bounds::{JOURNEYS_MAX, SEATS_MAX};
use crate::graph::{Definition, Spanned};
use crate::library::Library;
use std::collections::BTreeMap;
use turnpage_journeys_expr::{Diagnostic, Local, Program, Schema, Scope, Severity, Span, Type};

/// A problem and the definition it is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The place of the definition in the slice given to `compile`.
    pub journey: usize,
    /// What is wrong, its span in that definition's file. Inside a guard or copy it is the text's own span's start
    /// plus the place in the text's value: right as it is where the file has the text unquoted on one line, and
    /// for the reader of the file to map where it has not.
    pub diagnostic: Diagnostic,
}

/// What compiling gave: a library unless there is an error, and every problem either way.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The library; absent when any problem is an error.
    pub library: Option<Library>,
    /// Errors and warnings, by definition and place.
    pub problems: Vec<Problem>,
}

/// Checks and compiles definitions against a venue's facts.
pub fn compile(definitions: &[Definition], schema: &Schema) -> Compiled {
    let mut problems = Vec::new();
    let (mut journeys, mut seats) = (Vec::new(), 0_usize);
    for (journey, definition) in definitions.iter().enumerate() {
        let mut checker = Checker { schema, locals: Vec::new(), journey, problems: Vec::new() };
        // A seat for each page and one for those who have not begun.
        seats = seats.saturating_add(definition.pages.len() + 1);
        if journey >= JOURNEYS_MAX || seats > SEATS_MAX {
            let message = format!("a library has at most {JOURNEYS_MAX} journeys and {SEATS_MAX} pages");
            checker.error("too-many", definition.name.span, message);
        } else {
            journeys.extend(checker.journey(definition));
        }
        problems.append(&mut checker.problems);
    }
    duplicates(definitions, &mut problems);
    problems.sort_by_key(|problem| (problem.journey, problem.diagnostic.span));
    let failed = problems.iter().any(|problem| problem.diagnostic.severity == Severity::Error);
    let library = (!failed).then(|| place::library(journeys));
    Compiled { library, problems }
}

fn duplicates(definitions: &[Definition], problems: &mut Vec<Problem>) {
    let mut seen = BTreeMap::new();
    for (journey, definition) in definitions.iter().enumerate() {
        let Spanned { value: name, span } = &definition.name;
        if seen.insert(name, journey).is_some() {
            let message = format!("another journey is named `{name}`, too");
            let diagnostic = Diagnostic::error("duplicate-journey", *span, message);
            problems.push(Problem { journey, diagnostic });
        }
    }
}

/// Checks one definition and gathers what is wrong with it.
struct Checker<'a> {
    schema: &'a Schema,
    /// The journey's variables, once they are checked.
    locals: Vec<Local>,
    journey: usize,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.push(Diagnostic::error(code, span, message));
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        self.problems.push(Problem { journey: self.journey, diagnostic });
    }

    /// Compiles an expression of the journey, or says what is wrong inside it.
    fn program(&mut self, text: &Spanned<String>, expected: Type) -> Option<Program> {
        let scope = Scope { schema: self.schema, locals: &self.locals, history: None };
        Program::compile(&text.value, &scope, expected)
            .map_err(|diagnostics| self.inside(text, diagnostics))
            .ok()
    }

    fn inside(&mut self, text: &Spanned<String>, diagnostics: Vec<Diagnostic>) {
        for diagnostic in diagnostics {
            let place = |offset: u32| text.span.start.saturating_add(offset).min(text.span.end);
            let diagnostic = diagnostic.moved(|span| Span::new(place(span.start), place(span.end)));
            self.problems.push(Problem { journey: self.journey, diagnostic });
        }
    }
}
