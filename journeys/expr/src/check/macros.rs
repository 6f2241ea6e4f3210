//! `all`, `exists`, `exists_one`, `filter` and `map`: written out element by element, with CEL's rules for errors.
//!
//! `all` and `exists` absorb what is unknown like `&&` and `||`; `exists_one`, `filter` and `map` do not. Also CEL's forms
//! with index and value (`all(i, v, ..)`) and `transformList`. Next: `text`.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::ast::{Comparison, Expr, Shape};
use crate::check::Checker;
use crate::check::lists::{Found, Item, List, One, strictly};
use crate::diagnostic::{Diagnostic, Span};
use crate::fold::fold;
use crate::typed::{Term, Typed};
use crate::types::Type;
use crate::value::Value;

/// Most times the condition of one macro runs in one evaluation, those around it counted in: 32 elements by 32.
const RUNS_MAX: usize = 1_024;

/// The names a macro gives to an element, and to its place where it asks for that.
struct Names<'a> {
    index: Option<&'a str>,
    value: &'a str,
}

impl Checker<'_> {
    /// Whether a name is a macro that gives a truth.
    pub(super) fn is_macro(name: &str) -> bool {
        matches!(name, "all" | "exists" | "exists_one" | "existsOne")
    }

    /// `list.all(x, ..)`, `list.exists(x, ..)`, `list.exists_one(x, ..)`
    pub(super) fn truth_macro(&mut self, on: &Expr, name: &str, args: &[Expr], span: Span) -> Option<Typed> {
        let (names, condition) = match args {
            [value, condition] => (self.names(None, value)?, condition),
            [index, value, condition] => (self.names(Some(index), value)?, condition),
            _ => return self.bad_macro(name, span),
        };
        let list = self.many(on)?;
        let needed = self.needs(&list, span)?;
        let terms = self.each(&list, &names, name, span, |checker, item| {
            let holds = checker.truth(condition, name)?;
            Some(match (item.when.clone(), name) {
                (None, _) => holds,
                (Some(when), "all") => {
                    let absent = Typed::truth(span, Term::Not(Box::new(when)));
                    Typed::any(span, alloc::vec![absent, holds])
                }
                (Some(when), _) => Typed::all(span, alloc::vec![when, holds]),
            })
        })?;
        let result = match name {
            "all" => Typed::all(span, terms),
            "exists" => Typed::any(span, terms),
            _ => {
                let count = Typed { ty: Type::Int, span, term: Term::Count(terms) };
                let one = Typed { ty: Type::Int, span, term: Term::Const(Value::Int(1)) };
                Typed::truth(span, Term::Compare(Comparison::Equal, Box::new(count), Box::new(one)))
            }
        };
        Some(strictly(needed, result))
    }

    /// `list.filter(x, ..)`, `list.map(x, ..)`, `list.map(x, condition, ..)`
    pub(super) fn list_macro(&mut self, on: &Expr, name: &str, args: &[Expr], span: Span) -> Option<List> {
        let (names, condition, element) = match (name, args) {
            ("filter", [value, condition]) => (self.names(None, value)?, Some(condition), None),
            ("map", [value, element]) => (self.names(None, value)?, None, Some(element)),
            ("map", [value, condition, element]) => {
                (self.names(None, value)?, Some(condition), Some(element))
            }
            ("transformList", [index, value, element]) => {
                (self.names(Some(index), value)?, None, Some(element))
            }
            ("transformList", [index, value, condition, element]) => {
                (self.names(Some(index), value)?, Some(condition), Some(element))
            }
            _ => return self.bad_macro(name, span),
        };
        let list = self.many(on)?;
        let mut needed = self.needs(&list, span)?;
        let items = self.each(&list, &names, name, span, |checker, item| {
            let mut when = item.when.clone();
            let mut asked = None;
            if let Some(condition) = condition {
                let holds = checker.truth(condition, name)?;
                let holds = when.take().map_or_else(|| vec(&holds), |when| alloc::vec![when, holds.clone()]);
                let holds = fold(Typed::all(span, holds));
                asked = Some(holds.clone());
                when = Some(holds);
            }
            let found = match element {
                Some(element) => checker.found(element, None)?,
                None => item.found.clone(),
            };
            Some((Item { when, found }, asked))
        })?;
        let mut made = List::default();
        for (mut item, asked) in items {
            // A condition that is unknown makes the whole list so; one that is decided already is none.
            match item.when.as_ref().map(|when| &when.term) {
                Some(Term::Const(Value::Bool(false))) => continue,
                Some(Term::Const(Value::Bool(true))) => item.when = None,
                _ => needed.extend(asked),
            }
            made.items.push(item);
        }
        made.needed = needed;
        Some(made)
    }

    /// Looks at the body of a macro once for each element, under its names.
    fn each<T>(
        &mut self,
        list: &List,
        names: &Names<'_>,
        name: &str,
        span: Span,
        mut body: impl FnMut(&mut Self, &Item) -> Option<T>,
    ) -> Option<Vec<T>> {
        if names.index.is_some() && !list.is_fixed() {
            return self.unfixed("counted through", span);
        }
        let outside = self.runs;
        self.runs = outside.saturating_mul(list.items.len().max(1));
        if self.runs > RUNS_MAX {
            let message =
                format!("the condition of `{name}` runs {} times; at most {RUNS_MAX} are allowed", self.runs);
            self.runs = outside;
            return self.tell(
                Diagnostic::error("too-costly", span, message)
                    .with_help("nest fewer macros, or use shorter lists"),
            );
        }
        let depth = self.bound.len();
        let mut made = Vec::new();
        for (place, item) in (0..).zip(&list.items) {
            self.bound.extend(names.index.map(|index| (String::from(index), Some(place_of(place, span)))));
            self.bound.push((names.value.into(), Some(item.found.clone())));
            let size = item.when.as_ref().map_or(0, Typed::size);
            let one = self.spend(2 * size, span).and_then(|()| body(self, item));
            self.bound.truncate(depth);
            match one {
                Some(one) => made.push(one),
                None => {
                    self.runs = outside;
                    return None;
                }
            }
        }
        if list.items.is_empty() {
            // Nothing runs, but names that are nowhere are told; what depends on an element says nothing.
            self.bound.extend(names.index.map(|index| (String::from(index), None)));
            self.bound.push((names.value.into(), None));
            let nothing = Item { when: None, found: place_of(0, span) };
            let before = self.problems.len();
            body(self, &nothing);
            self.bound.truncate(depth);
            if self.problems.len() > before {
                self.runs = outside;
                return None;
            }
        }
        self.runs = outside;
        Some(made)
    }

    fn names<'a>(&mut self, index: Option<&'a Expr>, value: &'a Expr) -> Option<Names<'a>> {
        let index = match index {
            Some(index) => Some(self.simple(index)?),
            None => None,
        };
        Some(Names { index, value: self.simple(value)? })
    }

    fn simple<'a>(&mut self, expr: &'a Expr) -> Option<&'a str> {
        match &expr.shape {
            Shape::Name(name) => Some(name),
            _ => self.tell(
                Diagnostic::error("bad-arguments", expr.span, "a macro gives each element a simple name")
                    .with_help("write `.exists(x, x > 1)`"),
            ),
        }
    }

    fn bad_macro<T>(&mut self, name: &str, span: Span) -> Option<T> {
        let form = match name {
            "map" => "map(x, x * 2)` or `map(x, x > 1, x * 2)",
            "transformList" => "transformList(i, x, x * i)",
            "filter" => "filter(x, x > 1)",
            "all" => "all(x, x > 1)",
            "exists" => "exists(x, x > 1)",
            _ => "exists_one(x, x > 1)",
        };
        let message = format!("`{name}` takes a name and what is asked of it");
        self.tell(Diagnostic::error("bad-arguments", span, message).with_help(format!("write `.{form}`")))
    }

    /// `size(list)`, `size(set)`, `size("text")`
    pub(super) fn size(&mut self, of: &Expr, span: Span) -> Option<Typed> {
        let int = |term| Typed { ty: Type::Int, span, term };
        match self.found(of, None)? {
            Found::Many(list) => {
                let needed = self.needs(&list, span)?;
                let fixed = list.items.iter().filter(|item| item.when.is_none()).count() as i64;
                if list.is_fixed() {
                    return Some(strictly(needed, int(Term::Const(Value::Int(fixed)))));
                }
                let whole = |item: Item| {
                    item.when.unwrap_or_else(|| Typed::truth(span, Term::Const(Value::Bool(true))))
                };
                let terms = list.items.into_iter().map(whole).collect();
                Some(strictly(needed, int(Term::Count(terms))))
            }
            Found::One(One { typed: Typed { term: Term::Text(text), .. }, .. }) => {
                Some(int(Term::Const(Value::Int(text.chars().count() as i64))))
            }
            Found::One(One { typed: set @ Typed { ty: Type::Set(_), .. }, .. }) => {
                Some(int(Term::Size(Box::new(set))))
            }
            Found::One(one) => {
                let message = format!(
                    "`size` takes a list, a set or a text, and this is {}",
                    self.describe(one.typed.ty)
                );
                self.tell(Diagnostic::error("wrong-type", one.typed.span, message))
            }
        }
    }
}

fn vec(typed: &Typed) -> Vec<Typed> {
    alloc::vec![typed.clone()]
}

/// The place of an element, from 0.
fn place_of(place: i64, span: Span) -> Found {
    Found::One(One {
        typed: Typed { ty: Type::Int, span, term: Term::Const(Value::Int(place)) },
        bare: false,
    })
}
