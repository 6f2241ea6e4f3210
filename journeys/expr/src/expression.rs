//! An expression kept for tools: what it means, what each part of it is worth, and what can be said of it for every
//! instant at once.
//!
//! The engine keeps a [`Program`] alone; this keeps the tree beside it. Next: `expression/explain`, the parts and their
//! values; `expression/threshold`, the constants that decide; `reason`, what holds always or never.

mod explain;
mod threshold;

use alloc::string::String;
use alloc::vec::Vec;

pub use self::explain::{Leaf, Part};
pub use self::threshold::Threshold;
use crate::check::check;
use crate::diagnostic::{Diagnostic, Span};
use crate::fold::fold;
use crate::parse::parse;
use crate::program::{Program, Scope};
use crate::reason::{self, Ranges, Verdict};
use crate::recall::Recall;
use crate::schema::Slot;
use crate::typed::Typed;
use crate::types::Type;

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

    /// The constants that decide it, in the order written: where a simulation should look.
    #[must_use]
    pub fn thresholds(&self) -> Vec<Threshold> {
        threshold::of(&self.folded)
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
