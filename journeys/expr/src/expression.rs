//! An expression kept for tools: what it means, what each part of it is worth, and what can be said of it for every
//! instant at once.
//!
//! The engine keeps a [`Program`] alone; this keeps the tree beside it. Next: `expression/explain`, the parts and their
//! values; `reason`, what holds always or never.

mod explain;

use alloc::string::String;
use alloc::vec::Vec;

pub use self::explain::{Leaf, Part};
use crate::check::check;
use crate::diagnostic::{Diagnostic, Span};
use crate::fold::fold;
use crate::parse::parse;
use crate::program::{Program, Scope};
use crate::reason::{self, Ranges, Verdict};
use crate::recall::Recall;
use crate::schema::Slot;
use crate::typed::{Term, Typed};
use crate::types::Type;
use crate::value::Value;

/// An expression, checked, with its text and its tree.
#[derive(Clone, Debug)]
pub struct Expression {
    text: String,
    /// As it was written.
    typed: Typed,
    /// The same with what is constant computed.
    folded: Typed,
    program: Program,
    leaves: Vec<(Leaf, Program)>,
    /// The bounds of the facts it reads.
    ranges: Ranges,
    /// Where the past is kept, as `place` said.
    places: Vec<(Recall, u16)>,
}

impl Expression {
    /// Checks `text` against `scope`; without `expected` any type will do.
    ///
    /// # Errors
    /// As [`Program::compile`].
    pub fn check(text: &str, scope: &Scope<'_>, expected: Option<Type>) -> Result<Self, Vec<Diagnostic>> {
        let typed = check(&parse(text)?, scope, expected)?;
        let folded = fold(typed.clone());
        let leaves = explain::leaves(&typed, text);
        let program = Program::emit(&folded);
        let ranges = reason::ranges(program.reads(), scope.schema);
        Ok(Self { text: text.into(), typed, folded, program, leaves, ranges, places: Vec::new() })
    }

    /// The text it was checked from.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What its value is.
    #[must_use]
    pub fn ty(&self) -> Type {
        self.typed.ty
    }

    /// What the engine runs.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The facts it may read, sorted, each once.
    #[must_use]
    pub fn reads(&self) -> &[Slot] {
        self.program.reads()
    }

    /// Says where the past is kept, as [`Program::place`] does, for every part.
    pub fn place(&mut self, at: impl Fn(Recall) -> u16) {
        self.places = self.program.recalls().iter().map(|recall| (*recall, at(*recall))).collect();
        self.program.place(&at);
        for (_, program) in &mut self.leaves {
            program.place(&at);
        }
    }

    /// The constants that facts are compared with, in the order written: where a simulation should look.
    #[must_use]
    pub fn thresholds(&self) -> Vec<(Slot, Value)> {
        let mut found = Vec::new();
        thresholds(&self.folded, &mut found);
        found
    }

    /// What holds of it whatever the facts, the variables and the clock say.
    ///
    /// Conservative: `Always` and `Never` are claimed only where they are so, as long as a fact with a unit is a number
    /// in the unit's range (no rain below 0, per cent up to 100), as whoever fills facts sees to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        reason::verdict(&self.folded, &self.text, &self.ranges)
    }

    /// Whether one of `others` holds whenever this does, so that after them this is never reached. Conservative as
    /// [`Self::verdict`] is.
    #[must_use]
    pub fn hidden_by(&self, others: &[&Self]) -> bool {
        let ranges = merged(core::iter::once(self).chain(others.iter().copied()));
        let others: Vec<&Typed> = others.iter().map(|other| &other.folded).collect();
        reason::covers(&self.folded, &others, &ranges)
    }

    /// Whether this and another can hold at one instant; `true` where that is not known.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        reason::meet(&self.folded, &other.folded, &merged([self, other]))
    }

    fn slice(&self, span: Span) -> &str {
        span.slice(&self.text).unwrap_or_default()
    }
}

fn merged<'a>(all: impl IntoIterator<Item = &'a Expression>) -> Ranges {
    all.into_iter().flat_map(|one| one.ranges.iter().copied()).collect()
}

fn thresholds(typed: &Typed, found: &mut Vec<(Slot, Value)>) {
    match &typed.term {
        Term::Compare(_, left, right) => match (&left.term, &right.term) {
            (Term::Fact(slot), Term::Const(value)) | (Term::Const(value), Term::Fact(slot)) => {
                found.push((*slot, *value));
            }
            _ => {}
        },
        Term::In(needle, elements) => {
            if let Term::Fact(slot) = needle.term {
                let constants = elements.iter().filter_map(|element| match element.term {
                    Term::Const(value) => Some((slot, value)),
                    _ => None,
                });
                found.extend(constants);
            }
        }
        Term::InSet(needle, set) => {
            if let (Term::Const(value), Term::Fact(slot)) = (&needle.term, &set.term) {
                found.push((*slot, *value));
            }
        }
        _ => {}
    }
    for inner in typed.term.inner() {
        thresholds(inner, found);
    }
}
