//! Names: variables, facts, the clock, and `has`.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::ast::{Expr, Shape};
use crate::check::lists::Found;
use crate::check::{Checker, listed};
use crate::diagnostic::{Diagnostic, Span};
use crate::schema::{CLOCK, Schema};
use crate::typed::{Term, Typed};
use crate::types::Type;
use crate::value::Value;

impl Checker<'_> {
    /// A bare name or a dotted path.
    pub(super) fn name(&mut self, expr: &Expr) -> Option<Typed> {
        let span = expr.span;
        if let Some(name) = root(expr)
            && let Some(found) = self.bound(name).cloned()
        {
            // Where the element has been complained about, or there is none, nothing more is said.
            let found = found?;
            return match (&expr.shape, found) {
                (Shape::Name(_), Found::One(one)) => {
                    self.spend(one.typed.size(), span)?;
                    Some(Typed { span, ..one.typed })
                }
                (Shape::Field { of, name }, _) if name == "name" => self.title(of, span),
                _ => {
                    let message = "an element has no fields; a name has only its `.name`";
                    self.tell(Diagnostic::error("unknown-name", span, message))
                }
            };
        }
        if let Shape::Name(name) = &expr.shape
            && let Some(local) = self.local(name, span)
        {
            return Some(local);
        }
        if let Some(path) = path(expr) {
            if let Some(found) = self.fact(&path, span) {
                return Some(found);
            }
            if let Shape::Field { of, name } = &expr.shape
                && name == "name"
                && self.is_known_path(of)
            {
                return self.title(of, span);
            }
            return self.unknown(&path, span);
        }
        match &expr.shape {
            Shape::Field { of, name } if name == "name" => self.title(of, span),
            Shape::Field { of, name } => {
                self.infer(of, None)?;
                let message = format!("`{name}` is nothing that can be asked here");
                self.tell(
                    Diagnostic::error("unknown-name", span, message).with_help("a name has only its `.name`"),
                )
            }
            _ => None,
        }
    }

    fn local(&self, name: &str, span: Span) -> Option<Typed> {
        let index = self.scope.locals.iter().position(|local| local.name == name)?;
        let ty = self.scope.locals.get(index)?.ty;
        Some(Typed { ty, span, term: Term::Local(u16::try_from(index).ok()?) })
    }

    /// A fact or a reading of the clock.
    pub(super) fn fact(&self, path: &str, span: Span) -> Option<Typed> {
        let (ty, term) = match path {
            "time.hour" => (Type::Int, Term::Hour),
            "time.minute" => (Type::Int, Term::Minute),
            "time.local" => (Type::TimeOfDay, Term::TimeOfDay),
            "time.weekday" => (Type::Symbol(Schema::WEEKDAY), Term::Weekday),
            "time.date" => (Type::Date, Term::Date),
            _ => {
                let slot = self.schema().slot(path)?;
                (self.schema().at(slot)?.ty, Term::Fact(slot))
            }
        };
        Some(Typed { ty, span, term })
    }

    fn is_known_path(&self, expr: &Expr) -> bool {
        let is_local = matches!(&expr.shape, Shape::Name(name) if self.local(name, expr.span).is_some());
        is_local || path(expr).is_some_and(|path| self.fact(&path, expr.span).is_some())
    }

    /// What people read for a symbol.
    fn title(&mut self, of: &Expr, span: Span) -> Option<Typed> {
        let of = self.infer(of, None)?;
        match of.ty {
            Type::Symbol(domain) => {
                Some(Typed { ty: Type::Text, span, term: Term::Title(domain, Box::new(of)) })
            }
            other => {
                let message = format!("{} has no `.name`", self.describe(other));
                self.tell(Diagnostic::error("wrong-type", span, message))
            }
        }
    }

    /// Tells that nothing has this name, and which name was probably meant.
    fn unknown(&mut self, path: &str, span: Span) -> Option<Typed> {
        let scope = self.scope;
        let facts = || scope.schema.facts().map(|(_, fact)| fact.path.as_str());
        let group: Vec<&str> = facts()
            .chain(clock())
            .filter(|fact| fact.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')))
            .collect();
        if !group.is_empty() {
            let problem = Diagnostic::error("unknown-name", span, format!("`{path}` is a group of facts"));
            return self.tell(match listed(group.iter().copied()) {
                Some(listed) => problem.with_help(format!("take one of them: {listed}")),
                None => problem,
            });
        }
        let problem = Diagnostic::error("unknown-name", span, format!("unknown fact `{path}`"));
        // `rain` for `weather.rain` is farther in letters than it is in mind.
        if let Some(fact) = facts().chain(clock()).find(|fact| fact.rsplit('.').next() == Some(path)) {
            return self.tell(problem.with_help(format!("did you mean `{fact}`?")));
        }
        let locals = scope.locals.iter().map(|local| local.name.as_str());
        self.tell(problem.suggesting(path, locals.chain(facts()).chain(clock())))
    }

    /// `signal["name"]`
    pub(super) fn index(&mut self, of: &Expr, index: &Expr, span: Span) -> Option<Typed> {
        match (path(of).as_deref(), &index.shape) {
            (Some("signal"), Shape::Text(name)) => match self.fact(&format!("signal.{name}"), span) {
                Some(found) => Some(found),
                None => self.unknown_member("signal", name, index.span),
            },
            (Some("signal"), _) => {
                let message = "a signal's name is a text in quotes, so that it can be checked";
                self.tell(Diagnostic::error("outside-subset", index.span, message))
            }
            _ => {
                let message = "only lists and `signal[\"..\"]` are indexed";
                self.tell(Diagnostic::error("outside-subset", span, message))
            }
        }
    }

    /// Tells that a group of facts (`signal`, `nearest`, ..) has no such member.
    pub(super) fn unknown_member(&mut self, group: &str, name: &str, span: Span) -> Option<Typed> {
        let schema = self.scope.schema;
        let members = || {
            let prefix = format!("{group}.");
            schema.facts().filter_map(move |(_, fact)| fact.path.strip_prefix(prefix.as_str()))
        };
        let what = if group == "signal" { group } else { "kind of zone" };
        let mut problem = Diagnostic::error("unknown-name", span, format!("unknown {what} `{name}`"));
        problem = match listed(members()) {
            Some(listed) => problem.with_help(format!("known: {listed}")),
            None if members().next().is_none() => {
                problem.with_help(format!("this venue declares nothing for `{group}`"))
            }
            None => problem,
        };
        self.tell(problem.suggesting(name, members()))
    }

    /// `has(of.name)`: whether a fact is known now.
    pub(super) fn has(&mut self, of: &Expr, name: &str, span: Span) -> Option<Typed> {
        if let Some(root) = root(of).filter(|root| self.bound(root).is_some()) {
            let message = format!("`{root}` is an element of a list here, which has no fields");
            return self.tell(Diagnostic::error("bad-has", span, message));
        }
        let whole = path(of).map(|of| format!("{of}.{name}"));
        let fact = match &whole {
            Some(path) => self.fact(path, span),
            None => None,
        };
        let asked = match (fact, whole) {
            (Some(fact), _) => fact,
            (None, whole) if name == "name" && (whole.is_none() || self.is_known_path(of)) => {
                let inner = self.infer(of, None)?;
                if !matches!(inner.ty, Type::Symbol(_)) {
                    let message = format!("{} has no `.name`", self.describe(inner.ty));
                    return self.tell(Diagnostic::error("wrong-type", span, message));
                }
                inner
            }
            (None, Some(path)) => return self.unknown(&path, span),
            (None, None) => {
                let message = "`has` asks for one fact with a dotted path";
                let problem = Diagnostic::error("bad-has", span, message);
                return self.tell(problem.with_help("write `has(weather.rain)`"));
            }
        };
        let term = match asked.term {
            Term::Hour | Term::Minute | Term::Weekday | Term::Date | Term::TimeOfDay => {
                Term::Const(Value::Bool(true))
            }
            _ => Term::Known(Box::new(asked)),
        };
        Some(Typed { ty: Type::Bool, span, term })
    }
}

/// Names that need no fact: the venue's clock.
fn clock<'a>() -> impl Iterator<Item = &'a str> {
    CLOCK.iter().map(|(name, _)| *name)
}

/// The first name of a dotted path.
fn root(expr: &Expr) -> Option<&str> {
    match &expr.shape {
        Shape::Name(name) => Some(name),
        Shape::Field { of, .. } => root(of),
        _ => None,
    }
}

/// The dotted path an expression spells, if it is names and dots alone.
pub(super) fn path(expr: &Expr) -> Option<String> {
    match &expr.shape {
        Shape::Name(name) => Some(name.clone()),
        Shape::Field { of, name } => Some(format!("{}.{name}", path(of)?)),
        _ => None,
    }
}
