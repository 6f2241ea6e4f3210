//! An expression taken apart: every part with its value in words, and the conditions that decide a guard.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::diagnostic::Span;
use crate::expression::Expression;
use crate::fold::fold;
use crate::program::{Env, Program};
use crate::schema::Schema;
use crate::typed::{Term, Typed};
use crate::types::Type;
use crate::value::Value;

/// A part of an expression and what it is worth at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it stands in the expression's text.
    pub span: Span,
    /// How deep it is nested: the whole is 0, and each part comes before those it is made of.
    pub depth: usize,
    /// As it was written.
    pub text: String,
    /// Its value in words, `unknown` where it is that.
    pub value: String,
    /// For a truth, whether it holds; `None` also where it is unknown.
    pub truth: Option<bool>,
}

/// A condition of a guard that is made of no others: what branch coverage counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Where it stands in the expression's text.
    pub span: Span,
    /// As it was written.
    pub text: String,
}

impl Expression {
    /// Every part with its value, in the order written. Literals explain themselves and are left out; so is what is
    /// inside of a macro, which has as many values as the list has elements.
    #[must_use]
    pub fn explain(&self, env: &Env<'_>, schema: &Schema) -> Vec<Part> {
        let mut parts = Vec::new();
        self.part(&self.typed, 0, env, schema, &mut parts);
        parts
    }

    fn part(&self, typed: &Typed, depth: usize, env: &Env<'_>, schema: &Schema, parts: &mut Vec<Part>) {
        let mut program = Program::emit(&fold(typed.clone()));
        program.place(|recall| {
            self.places.iter().find(|(known, _)| *known == recall).map_or(u16::MAX, |(_, place)| *place)
        });
        let value = program.eval(env);
        let words = match &typed.term {
            Term::Text(text) => text.clone(),
            Term::Title(domain, of) => match Program::emit(of).eval(env) {
                Value::Symbol(symbol) => schema.title(*domain, symbol).unwrap_or("unknown").to_string(),
                _ => "unknown".into(),
            },
            _ => schema.show(typed.ty, value),
        };
        let truth = match value {
            Value::Bool(truth) => Some(truth),
            _ => None,
        };
        parts.push(Part {
            span: typed.span,
            depth,
            text: self.slice(typed.span).into(),
            value: words,
            truth,
        });
        for inner in written(typed) {
            self.part(inner, depth + 1, env, schema, parts);
        }
    }

    /// The conditions of a guard, in the order written.
    pub fn leaves(&self) -> impl Iterator<Item = &Leaf> {
        self.leaves.iter().map(|(leaf, _)| leaf)
    }

    /// Whether each of [`Self::leaves`] holds; `None` where it is unknown.
    #[must_use]
    pub fn leaf_truths(&self, env: &Env<'_>) -> Vec<Option<bool>> {
        self.leaves.iter().map(|(_, program)| program.holds(env)).collect()
    }
}

/// The conditions of a tree with a program each.
pub(super) fn leaves(typed: &Typed, text: &str) -> Vec<(Leaf, Program)> {
    let is_branch = matches!(typed.term, Term::And(..) | Term::Or(..) | Term::Not(_) | Term::If(..));
    let inside: Vec<&Typed> = written(typed).into_iter().filter(|inner| inner.ty == Type::Bool).collect();
    if is_branch && !inside.is_empty() {
        return inside.into_iter().flat_map(|inner| leaves(inner, text)).collect();
    }
    if typed.ty != Type::Bool || matches!(typed.term, Term::Const(_)) {
        return Vec::new();
    }
    let leaf = Leaf { span: typed.span, text: typed.span.slice(text).unwrap_or_default().into() };
    alloc::vec![(leaf, Program::emit(&fold(typed.clone())))]
}

/// The parts of a term that stand in the text as operands of it, one after the other: what macros, lists and conversions made
/// of it does not.
fn written(typed: &Typed) -> Vec<&Typed> {
    let inner = typed.term.inner();
    let mut end = typed.span.start;
    let in_order = inner.iter().all(|part| {
        let follows = part.span.start >= end && part.span.end <= typed.span.end && part.span != typed.span;
        end = part.span.end;
        follows
    });
    // A fact against a constant has its sides swapped nowhere in this tree; what overlaps was made.
    if !in_order || matches!(typed.term, Term::Strict(..) | Term::Count(_)) {
        return Vec::new();
    }
    inner.into_iter().filter(|part| !matches!(part.term, Term::Const(_) | Term::Text(_))).collect()
}
