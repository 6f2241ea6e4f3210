//! Definitions to a library: every semantic problem at once, or dense tables.
//!
//! A definition is checked on its own (`compile/journey.rs`, its choices in `compile/choice.rs`, `waits.rs` and
//! `does.rs`), looked at as a graph (`compile/reach.rs`), copied for each of its callers (`compile/call.rs`), and then
//! given its places beside the others (`library/place.rs`). Nothing here runs a journey. Comes after `graph.rs`; next: `library.rs`.

mod call;
mod choice;
mod does;
mod intent;
mod journey;
mod learn;
mod names;
mod reach;
mod version;
mod waits;

use crate::bounds::{JOURNEYS_MAX, RECALLS_MAX, SEATS_MAX};
use crate::graph::{Definition, Spanned};
use crate::library::{Arm, Library, Past, place};
use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use turnpage_journeys_expr::{
    Diagnostic, Local, Program, Recall, Schema, Scope, Severity, Span, Template, Type,
};

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
    let newest = &call::Newest::of(definitions);
    for (journey, definition) in definitions.iter().enumerate() {
        let mut checker = Checker::new(schema, definitions, newest, journey);
        // A seat for each page and one for those who have not begun.
        seats = seats.saturating_add(definition.pages.len() + 1);
        if journey >= JOURNEYS_MAX || seats > SEATS_MAX {
            let message = format!("a library has at most {JOURNEYS_MAX} journeys and {SEATS_MAX} pages");
            checker.error("too-many", definition.name.span, message);
        } else {
            journeys.push(checker.journey(definition));
        }
        problems.append(&mut checker.problems);
    }
    duplicates(definitions, &mut problems);
    let plan = call::plan(definitions, newest, &mut problems);
    problems.sort_by_key(|problem| (problem.journey, problem.diagnostic.span));
    let failed = problems.iter().any(|problem| problem.diagnostic.severity == Severity::Error);
    let library = (!failed).then(|| {
        let members = |domain| schema.members(domain).map(str::to_owned).collect();
        place::library(call::expand(&plan, &journeys), members)
    });
    Compiled { library, problems }
}

fn duplicates(definitions: &[Definition], problems: &mut Vec<Problem>) {
    let mut seen = BTreeMap::new();
    for (journey, definition) in definitions.iter().enumerate() {
        let Spanned { value: name, span } = &definition.name;
        if seen.insert((name, definition.version), journey).is_some() {
            let message = format!("another journey is named `{name}`, too");
            let diagnostic = Diagnostic::error("duplicate-journey", *span, message);
            problems.push(Problem { journey, diagnostic });
        }
    }
}

/// Checks one definition and gathers what is wrong with it.
struct Checker<'a> {
    schema: &'a Schema,
    /// All of them, for what one calls.
    definitions: &'a [Definition],
    newest: &'a call::Newest<'a>,
    /// The journey's variables, once they are checked.
    locals: Vec<Local>,
    /// The names that history is asked by, once there is an instance with a past.
    past: Option<Past>,
    /// How many locals the journey has of its own: its variables, and a result where it calls.
    own: usize,
    /// What some expression of the journey asks about the past, and where among the locals it is kept.
    kept: Vec<(Recall, usize)>,
    /// How many choices are taken only once.
    once: u16,
    /// The alternatives of all choices, by number.
    arms: Vec<Arm>,
    journey: usize,
    problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    fn new(
        schema: &'a Schema,
        definitions: &'a [Definition],
        newest: &'a call::Newest<'a>,
        journey: usize,
    ) -> Checker<'a> {
        let (locals, kept, problems) = (Vec::new(), Vec::new(), Vec::new());
        Checker {
            schema,
            definitions,
            newest,
            locals,
            past: None,
            own: 0,
            kept,
            once: 0,
            arms: Vec::new(),
            journey,
            problems,
        }
    }

    fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        self.push(Diagnostic::error(code, span, message));
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        self.problems.push(Problem { journey: self.journey, diagnostic });
    }

    /// Compiles an expression of the journey, or says what is wrong inside it.
    fn program(&mut self, text: &Spanned<String>, expected: Type) -> Option<Program> {
        let history = self.past.as_ref().map(Past::history);
        let scope = Scope { schema: self.schema, locals: &self.locals, history: history.as_ref() };
        match Program::compile(&text.value, &scope, expected) {
            Ok(mut program) => {
                self.keep(program.recalls(), text.span);
                program.place(|recall| self.place(recall));
                Some(program)
            }
            Err(diagnostics) => {
                self.inside(text, diagnostics);
                None
            }
        }
    }

    /// Compiles copy of the journey, or says what is wrong inside it.
    fn template(&mut self, text: &Spanned<String>) -> Option<Template> {
        let history = self.past.as_ref().map(Past::history);
        let scope = Scope { schema: self.schema, locals: &self.locals, history: history.as_ref() };
        match Template::compile(&text.value, &scope) {
            Ok(mut template) => {
                self.keep(template.recalls(), text.span);
                template.place(|recall| self.place(recall));
                Some(template)
            }
            Err(diagnostics) => {
                self.inside(text, diagnostics);
                None
            }
        }
    }

    /// Gives what is asked about the past its places, after the variables, a result, and what is kept already.
    fn keep(&mut self, recalls: &[Recall], span: Span) {
        for recall in recalls {
            let known = self.kept.iter().any(|(known, _)| known == recall);
            if !known && self.kept.len() < RECALLS_MAX {
                let last = self.kept.last().map(|(last, place)| place + usize::from(last.width()));
                self.kept.push((*recall, last.unwrap_or(self.own)));
            } else if !known {
                let message = format!("a journey asks at most {RECALLS_MAX} different things about its past");
                return self.error("too-many", span, message);
            }
        }
    }

    fn place(&self, recall: Recall) -> u16 {
        let kept = self.kept.iter().find(|(kept, _)| *kept == recall);
        kept.and_then(|(_, place)| u16::try_from(*place).ok()).unwrap_or(u16::MAX)
    }

    fn inside(&mut self, text: &Spanned<String>, diagnostics: Vec<Diagnostic>) {
        for diagnostic in diagnostics {
            let place = |offset: u32| text.span.start.saturating_add(offset).min(text.span.end);
            let diagnostic = diagnostic.moved(|span| Span::new(place(span.start), place(span.end)));
            self.problems.push(Problem { journey: self.journey, diagnostic });
        }
    }
}
