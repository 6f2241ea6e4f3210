//! Lists whose length is known when they are compiled: literals, what macros make of them, and sets as ranges.
//!
//! A list never reaches the evaluator: what is asked about it is written out element by element. An element that a
//! `filter` may leave out carries its condition. As in CEL a list is unknown as soon as one element is, which is what
//! `Term::Strict` keeps. Next: `macros`.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use crate::ast::{Arithmetic, Comparison, Expr, Operator, Shape};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, Span};
use crate::fold::fold;
use crate::program::OPS_MAX;
use crate::schema::DomainId;
use crate::typed::{Term, Typed};
use crate::types::Type;
use crate::value::{SET_MAX, Symbol, Value};

/// Most terms an expression may come to once its macros are written out: each is at most one operation.
pub(super) const TERMS_MAX: usize = OPS_MAX;

/// What an expression is: a value, or a list of them.
#[derive(Clone, Debug)]
pub(super) enum Found {
    One(One),
    Many(List),
}

/// A value that is made of literals alone takes the type its place wants.
#[derive(Clone, Debug)]
pub(super) struct One {
    pub(super) typed: Typed,
    pub(super) bare: bool,
}

/// A list of known length.
#[derive(Clone, Debug, Default)]
pub(super) struct List {
    /// What must be known for the list to be known, beside its elements.
    pub(super) needed: Vec<Typed>,
    pub(super) items: Vec<Item>,
}

/// An element of a list.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Whether it is in the list at all; always when absent.
    pub(super) when: Option<Typed>,
    pub(super) found: Found,
}

impl List {
    pub(super) fn is_fixed(&self) -> bool {
        self.items.iter().all(|item| item.when.is_none())
    }

    /// All that must be known for the list to be known. Constants are, unless they are errors.
    fn strict(&self) -> Vec<Typed> {
        let mut needed = self.needed.clone();
        for item in &self.items {
            let of_item = match &item.found {
                Found::One(one) => alloc::vec![one.typed.clone()],
                Found::Many(list) => list.strict(),
            };
            needed.extend(of_item.into_iter().map(|typed| match &item.when {
                None => typed,
                // The element of an absent item need not be known.
                Some(when) => {
                    let span = typed.span;
                    let absent = Typed::truth(span, Term::Const(Value::Bool(true)));
                    let term = Term::If(Box::new(when.clone()), Box::new(typed), Box::new(absent));
                    Typed::truth(span, term)
                }
            }));
        }
        let constant = |typed: &Typed| match typed.term {
            Term::Const(value) => value.is_known(),
            Term::Text(_) => true,
            _ => false,
        };
        needed.retain(|typed| !constant(typed));
        needed
    }
}

/// A result that is unknown where one of `needed` is.
pub(super) fn strictly(needed: Vec<Typed>, result: Typed) -> Typed {
    if needed.is_empty() {
        return result;
    }
    Typed { ty: result.ty, span: result.span, term: Term::Strict(needed, Box::new(result)) }
}

impl Checker<'_> {
    /// Counts what is made. Told once; after that nothing more is made.
    pub(super) fn spend(&mut self, terms: usize, span: Span) -> Option<()> {
        let before = self.made;
        self.made = self.made.saturating_add(terms);
        if self.made <= TERMS_MAX {
            return Some(());
        }
        if before <= TERMS_MAX {
            self.too_costly(self.made, span);
        }
        None
    }

    pub(super) fn too_costly(&mut self, made: usize, span: Span) {
        let message = format!(
            "with its macros written out the expression takes {made} operations or more; at most {TERMS_MAX} are allowed"
        );
        let problem = Diagnostic::error("too-costly", span, message);
        self.problems.push(problem.with_help("nest fewer macros, or use shorter lists"));
    }

    /// What must be known for a list to be known, counted as made.
    pub(super) fn needs(&mut self, list: &List, span: Span) -> Option<Vec<Typed>> {
        let needed = list.strict();
        self.spend(needed.iter().map(Typed::size).sum(), span)?;
        Some(needed)
    }

    /// What the name of a macro's variable stands for, if it is one.
    pub(super) fn bound(&self, name: &str) -> Option<&Option<Found>> {
        self.bound.iter().rev().find(|(bound, _)| bound == name).map(|(_, found)| found)
    }

    /// Whether an expression is a list, or one of a list's elements.
    pub(super) fn is_listy(&self, expr: &Expr) -> bool {
        match &expr.shape {
            Shape::List(_) => true,
            Shape::Name(name) => matches!(self.bound(name), Some(Some(Found::Many(_)))),
            Shape::Call { on: Some(_), name, .. } => {
                matches!(name.as_str(), "filter" | "map" | "transformList")
            }
            Shape::Call { on: None, name, args } if name == "dyn" => {
                args.first().is_some_and(|arg| self.is_listy(arg))
            }
            Shape::Binary(left, Operator::Arithmetic(Arithmetic::Add), right) => {
                self.is_listy(left) || self.is_listy(right)
            }
            Shape::Index { of, .. } => self.is_listy(of),
            Shape::If(_, then, otherwise) => self.is_listy(then) || self.is_listy(otherwise),
            _ => false,
        }
    }

    /// The value or the list an expression is.
    pub(super) fn found(&mut self, expr: &Expr, want: Option<Type>) -> Option<Found> {
        if !self.is_listy(expr) {
            let bare = self.is_bare(expr);
            return Some(Found::One(One { typed: self.infer(expr, want)?, bare }));
        }
        match &expr.shape {
            Shape::List(elements) => {
                let items = elements
                    .iter()
                    .map(|element| Some(Item { when: None, found: self.found(element, want)? }));
                // All of them are looked at, so that all mistakes are told.
                let items: Vec<Option<Item>> = items.collect();
                Some(Found::Many(List {
                    needed: Vec::new(),
                    items: items.into_iter().collect::<Option<_>>()?,
                }))
            }
            Shape::Name(name) => self.bound(name).cloned().flatten(),
            Shape::Call { on: Some(on), name, args } => {
                self.list_macro(on, name, args, expr.span).map(Found::Many)
            }
            Shape::Call { args, .. } => match args.as_slice() {
                [arg] => self.found(arg, want),
                _ => self.tell(Diagnostic::error("bad-arguments", expr.span, "`dyn` takes one value")),
            },
            Shape::Binary(left, _, right) => {
                let (left, right) = (self.many(left), self.many(right));
                let (mut left, right) = (left?, right?);
                left.needed.extend(right.needed);
                left.items.extend(right.items);
                Some(Found::Many(left))
            }
            Shape::Index { of, index } => self.element(of, index, expr.span),
            _ => {
                let message = "`?:` chooses between values, not between lists";
                self.tell(
                    Diagnostic::error("outside-subset", expr.span, message)
                        .with_help("put the `?:` inside of the list"),
                )
            }
        }
    }

    /// The list that an expression is; the members of a set are one, each if it is there.
    pub(super) fn many(&mut self, expr: &Expr) -> Option<List> {
        let found = self.found(expr, None)?;
        match found {
            Found::Many(list) => Some(list),
            Found::One(One { typed: set @ Typed { ty: Type::Set(domain), .. }, .. }) => {
                self.members(set, domain)
            }
            Found::One(one) => {
                let message = format!("expected a list or a set, found {}", self.describe(one.typed.ty));
                self.tell(Diagnostic::error("wrong-type", expr.span, message))
            }
        }
    }

    fn members(&mut self, set: Typed, domain: DomainId) -> Option<List> {
        let count = self.schema().members(domain).count().min(SET_MAX as usize);
        self.spend(count * (2 + set.size()), set.span)?;
        let span = set.span;
        let items = (0..count as u32).map(|index| {
            let member =
                Typed { ty: Type::Symbol(domain), span, term: Term::Const(Value::Symbol(Symbol(index))) };
            let when = Typed::truth(span, Term::InSet(Box::new(member.clone()), Box::new(set.clone())));
            Item { when: Some(when), found: Found::One(One { typed: member, bare: false }) }
        });
        let items = items.collect();
        Some(List { needed: alloc::vec![set], items })
    }

    /// `list[index]`, the index a constant.
    fn element(&mut self, of: &Expr, index: &Expr, span: Span) -> Option<Found> {
        let list = self.many(of)?;
        let index = fold(self.infer(index, None)?);
        let Term::Const(Value::Int(place)) = index.term else {
            let message = "the index of a list is a constant whole number here";
            return self.tell(Diagnostic::error("outside-subset", index.span, message));
        };
        if !list.is_fixed() {
            return self.unfixed("indexed", span);
        }
        let needed = self.needs(&list, span)?;
        let item = usize::try_from(place).ok().and_then(|place| list.items.into_iter().nth(place));
        match item.map(|item| item.found) {
            Some(Found::One(one)) => Some(Found::One(One { typed: strictly(needed, one.typed), ..one })),
            Some(Found::Many(inner)) => {
                Some(Found::Many(List { needed: inner.needed.into_iter().chain(needed).collect(), ..inner }))
            }
            // CEL's error of an index out of range happens when it runs, and is unknown here. Any type will do.
            None => self.tell(
                Diagnostic::error("out-of-range", span, format!("this list has no element {place}"))
                    .with_help("the first element is `[0]`"),
            ),
        }
    }

    pub(super) fn unfixed<T>(&mut self, what: &str, span: Span) -> Option<T> {
        let message = format!("how long this list is shows only when it runs, so it cannot be {what}");
        self.tell(
            Diagnostic::error("outside-subset", span, message)
                .with_help("ask `size(..)`, `in`, `exists` or `all` of it"),
        )
    }

    /// A value as its place wants it, if it is made of literals.
    pub(super) fn adapt(&mut self, one: One, want: Option<Type>) -> Option<Typed> {
        if one.bare { self.adopt(one.typed, want) } else { Some(one.typed) }
    }

    /// Whether two values or lists are equal, as a truth.
    pub(super) fn same(&mut self, word: &str, left: &Found, right: &Found, span: Span) -> Option<Typed> {
        match (left, right) {
            (Found::One(left), Found::One(right)) => {
                let (left, right) = (left.clone(), right.clone());
                self.spend(left.typed.size() + right.typed.size(), span)?;
                let (left, right) = if left.bare && !right.bare || matches!(left.typed.term, Term::Text(_)) {
                    let ty = right.typed.ty;
                    (self.adapt(left, Some(ty))?, right.typed)
                } else {
                    let ty = left.typed.ty;
                    (left.typed, self.adapt(right, Some(ty))?)
                };
                if let (Term::Text(left), Term::Text(right)) = (&left.term, &right.term) {
                    return Some(Typed::truth(span, Term::Const(Value::Bool(left == right))));
                }
                self.comparable(word, true, &left, &right, span)?;
                Some(Typed::truth(span, Term::Compare(Comparison::Equal, Box::new(left), Box::new(right))))
            }
            (Found::Many(left), Found::Many(right)) => self.same_lists(left, right, span),
            _ => self.tell(Diagnostic::error("wrong-type", span, "a list is not compared with what is none")),
        }
    }

    fn same_lists(&mut self, left: &List, right: &List, span: Span) -> Option<Typed> {
        if !left.is_fixed() || !right.is_fixed() {
            return self.unfixed("compared", span);
        }
        let mut needed = self.needs(left, span)?;
        needed.extend(self.needs(right, span)?);
        if left.items.len() != right.items.len() {
            return Some(strictly(needed, Typed::truth(span, Term::Const(Value::Bool(false)))));
        }
        let mut pairs = Vec::new();
        for (left, right) in left.items.iter().zip(&right.items) {
            pairs.push(self.same("==", &left.found, &right.found, span)?);
        }
        Some(strictly(needed, Typed::all(span, pairs)))
    }

    /// `==` and `!=` where a list is on one side.
    pub(super) fn compare_lists(
        &mut self,
        comparison: Comparison,
        left: &Expr,
        right: &Expr,
        span: Span,
    ) -> Option<Typed> {
        let (left, right) = (self.found(left, None), self.found(right, None));
        let (left, right) = (left?, right?);
        if let (Found::One(_), Found::One(_)) = (&left, &right) {
            // Elements, after all.
            let (Found::One(left), Found::One(right)) = (left, right) else { return None };
            return self.compare_ones(comparison, left, right, span);
        }
        if !comparison.is_equality() {
            let message = format!("`{}` needs an order, and lists have none", comparison.word());
            return self.tell(Diagnostic::error("wrong-type", span, message));
        }
        let same = self.same(comparison.word(), &left, &right, span)?;
        Some(match comparison {
            Comparison::Equal => same,
            _ => Typed::truth(span, Term::Not(Box::new(same))),
        })
    }

    fn compare_ones(&mut self, comparison: Comparison, left: One, right: One, span: Span) -> Option<Typed> {
        let (left, right) = if left.bare && !right.bare {
            let ty = right.typed.ty;
            (self.adapt(left, Some(ty))?, right.typed)
        } else {
            let ty = left.typed.ty;
            (left.typed, self.adapt(right, Some(ty))?)
        };
        self.compared(comparison, left, right, span)
    }

    /// `needle in list`, where elements may be absent or lists themselves.
    pub(super) fn in_list(&mut self, needle: &Expr, list: &Expr, span: Span) -> Option<Typed> {
        let (needle, list) = (self.found(needle, None), self.many(list));
        let (needle, list) = (needle?, list?);
        let mut needed = self.needs(&list, span)?;
        match &needle {
            Found::One(one) if !matches!(one.typed.term, Term::Const(_) | Term::Text(_)) => {
                needed.push(one.typed.clone());
            }
            Found::One(_) => {}
            Found::Many(inner) => needed.extend(self.needs(inner, span)?),
        }
        let mut found = Vec::new();
        for item in list.items {
            let same = self.same("in", &needle, &item.found, span)?;
            found.push(match item.when {
                Some(when) => Typed::all(span, alloc::vec![when, same]),
                None => same,
            });
        }
        Some(strictly(needed, Typed::any(span, found)))
    }
}
