//! What can be said about an expression before any message comes: whether it names what exists.
//!
//! The payload's own fields are unknown until it comes; everything else is known now, and misspelling it is an error with
//! a place and a suggestion. Before: declare.rs. Next: eval.rs.

use turnpage_journeys_expr::syntax::{Expr, Shape, parse};
use turnpage_journeys_expr::{Diagnostic, Span};

use crate::functions::{FUNCTIONS, Form};

/// What an expression may name.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// The message, tables, and what the declaration calls by a name.
    pub(crate) known: Vec<String>,
    /// How many wildcards the topic filter has: the length of `matched`.
    pub(crate) wildcards: usize,
}

/// The tree of an expression that names only what exists. Spans of problems are in `text`.
pub(crate) fn check(text: &str, names: &Names) -> Result<Expr, Vec<Diagnostic>> {
    let tree = parse(text)?;
    let mut walk = Walk { names, local: Vec::new(), problems: Vec::new() };
    walk.expr(&tree);
    if walk.problems.is_empty() { Ok(tree) } else { Err(walk.problems) }
}

struct Walk<'a> {
    names: &'a Names,
    /// Variables of the macros around.
    local: Vec<&'a str>,
    problems: Vec<Diagnostic>,
}

impl<'a> Walk<'a> {
    fn expr(&mut self, expr: &'a Expr) {
        match &expr.shape {
            Shape::Bool(_) | Shape::Int(_) | Shape::Double(_) | Shape::Text(_) => {}
            Shape::Name(name) => self.name(name, expr.span),
            Shape::Field { of, .. } | Shape::Has { of, .. } | Shape::Not(of) | Shape::Negate(of) => {
                self.expr(of);
            }
            Shape::Index { of, index } => {
                self.matched(of, index);
                self.expr(of);
                self.expr(index);
            }
            Shape::Binary(left, _, right) => [left, right].into_iter().for_each(|side| self.expr(side)),
            Shape::If(condition, then, otherwise) => {
                [condition, then, otherwise].into_iter().for_each(|part| self.expr(part));
            }
            Shape::List(items) => items.iter().for_each(|item| self.expr(item)),
            Shape::Call { on, name, args } => self.call(on.as_deref(), name, args, expr.span),
            Shape::Outside(why) => self.problems.push(Diagnostic::error("outside-subset", expr.span, *why)),
        }
    }

    fn name(&mut self, name: &str, span: Span) {
        if self.local.contains(&name) || self.names.known.iter().any(|known| known == name) {
            return;
        }
        let problem = Diagnostic::error("unknown-name", span, format!("unknown name `{name}`"));
        let known = self.names.known.iter().map(String::as_str).chain(self.local.iter().copied());
        let mut problem = problem.suggesting(name, known);
        if problem.help.is_none() {
            problem = problem.with_help(format!("for the text, write it in quotes: `'\"{name}\"'`"));
        }
        self.problems.push(problem);
    }

    /// `matched[2]` of a filter with fewer wildcards can never be there.
    fn matched(&mut self, of: &Expr, index: &Expr) {
        let (Shape::Name(name), Shape::Int(at)) = (&of.shape, &index.shape) else { return };
        let wildcards = self.names.wildcards;
        let there = usize::try_from(*at).is_ok_and(|at| at < wildcards);
        if name == "matched" && !there {
            let counted = match wildcards {
                0 => "the topic filter has no wildcards".to_owned(),
                1 => "the topic filter has one wildcard, `matched[0]`".to_owned(),
                _ => {
                    format!("the topic filter has {wildcards} wildcards, up to `matched[{}]`", wildcards - 1)
                }
            };
            self.problems.push(Diagnostic::error("no-wildcard", index.span, counted));
        }
    }

    fn call(&mut self, on: Option<&'a Expr>, name: &str, args: &'a [Expr], span: Span) {
        on.into_iter().for_each(|on| self.expr(on));
        let called = |form: Form| (form == Form::Function) == on.is_none();
        let fits =
            FUNCTIONS.iter().find(|it| it.name == name && called(it.form) && it.arguments == args.len());
        if let Some(Form::Macro) = fits.map(|it| it.form) {
            return self.macro_call(args);
        }
        args.iter().for_each(|arg| self.expr(arg));
        if fits.is_some() {
            return;
        }
        let problem = match FUNCTIONS.iter().find(|it| it.name == name) {
            Some(known) => {
                let message = format!("`{name}` is called in another way");
                Diagnostic::error("wrong-call", span, message).with_help(format!("write `{}`", known.usage))
            }
            None => Diagnostic::error("unknown-function", span, format!("unknown function `{name}`"))
                .suggesting(name, FUNCTIONS.iter().map(|known| known.name)),
        };
        self.problems.push(problem);
    }

    fn macro_call(&mut self, args: &'a [Expr]) {
        let [variable, body] = args else { return };
        let Shape::Name(name) = &variable.shape else {
            let message = "the first argument names each item in turn, such as `x`";
            self.problems.push(Diagnostic::error("wrong-call", variable.span, message));
            return;
        };
        self.local.push(name);
        self.expr(body);
        self.local.pop();
    }
}
