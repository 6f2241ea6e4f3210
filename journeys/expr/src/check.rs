//! Types for the tree: names become slots, literals take the type their place asks for, and whatever does not
//! fit is told, all of it.
//!
//! An expression that has been complained about has no type (`None`); what contains it stays silent, so that one
//! mistake gives one diagnostic.
//!
//! Number literals beside a quantity adopt its unit: the one place where this language is wider than CEL, which
//! has no units and does not mix integers with doubles. An expression made of literals alone is typed as CEL types it first
//! and adopts as a whole, so `7 / 2` is 3 here too.
//!
//! Next: `program`, which flattens the typed tree.

mod functions;
mod history;
mod lists;
mod macros;
mod names;
mod operators;
mod text;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::ast::{Expr, Operator, Shape};
use crate::check::lists::{Found, TERMS_MAX};
use crate::diagnostic::{Diagnostic, Span};
use crate::program::Scope;
use crate::schema::Schema;
use crate::time::DAY_MS;
use crate::typed::{Term, Typed};
use crate::types::Type;
use crate::value::Value;

/// Integers up to this one are exact as doubles.
const EXACT_MAX: i64 = 1 << 53;

/// Types an expression. Without `expected` any type will do.
///
/// # Errors
/// Everything wrong, ordered by place.
pub(crate) fn check(
    expr: &Expr,
    scope: &Scope<'_>,
    expected: Option<Type>,
) -> Result<Typed, Vec<Diagnostic>> {
    let mut checker = Checker { scope, problems: Vec::new(), bound: Vec::new(), runs: 1, made: 0 };
    let typed = checker.infer(expr, expected).and_then(|typed| match expected {
        Some(expected) => checker.fit(typed, expected),
        None => Some(typed),
    });
    // A macro's condition is looked at for each element, and says the same each time.
    checker.problems.sort_by(|one, other| (one.span, &one.message).cmp(&(other.span, &other.message)));
    checker.problems.dedup();
    // What is copied with an element is counted here at the latest.
    if let Some(typed) = &typed
        && checker.problems.is_empty()
        && typed.size() > TERMS_MAX
    {
        checker.too_costly(typed.size(), typed.span);
    }
    match typed {
        Some(typed) if checker.problems.is_empty() => Ok(typed),
        _ => Err(checker.problems),
    }
}

struct Checker<'a> {
    scope: &'a Scope<'a>,
    problems: Vec<Diagnostic>,
    /// What the names of macros stand for, innermost last; nothing where that has been complained about.
    bound: Vec<(String, Option<Found>)>,
    /// How often what is looked at now runs in one evaluation.
    runs: usize,
    /// How many terms were made so far.
    made: usize,
}

impl Checker<'_> {
    fn schema(&self) -> &Schema {
        self.scope.schema
    }

    fn tell<T>(&mut self, problem: Diagnostic) -> Option<T> {
        self.problems.push(problem);
        None
    }

    /// The type of an expression; `want` is what its place would like, for literals to adopt.
    fn infer(&mut self, expr: &Expr, want: Option<Type>) -> Option<Typed> {
        let span = expr.span;
        self.spend(1, span)?;
        if self.is_listy(expr) {
            return match self.found(expr, want)? {
                Found::One(one) => self.adapt(one, want),
                Found::Many(_) => self.tell(
                    Diagnostic::error("outside-subset", span, "a list is no value of its own here")
                        .with_help("ask something about it: `role in [\"guest\", \"vip\"]`, `size(..) > 1`, `.exists(..)`"),
                ),
            };
        }
        let constant = |ty, value| Some(Typed { ty, span, term: Term::Const(value) });
        let typed = match &expr.shape {
            Shape::Bool(value) => constant(Type::Bool, Value::Bool(*value)),
            Shape::Int(value) => constant(Type::Int, Value::Int(*value)),
            Shape::Double(value) => constant(Type::Double, Value::Double(*value)),
            Shape::Text(text) => self.text(text, span, want),
            Shape::Name(_) | Shape::Field { .. } => self.name(expr),
            Shape::Index { of, index } => self.index(of, index, span),
            Shape::Call { on, name, args } => self.call(on.as_deref(), name, args, span),
            Shape::Has { of, name } => self.has(of, name, span),
            Shape::Not(inner) => self.not(inner, span),
            Shape::Negate(inner) => self.negate(inner, span, want),
            Shape::Binary(left, operator, right) => match operator {
                Operator::And | Operator::Or => self.logic(*operator, left, right, span),
                Operator::In => self.membership(left, right, span),
                Operator::Compare(comparison) => self.compare(*comparison, left, right, span),
                Operator::Arithmetic(arithmetic) => self.arithmetic(*arithmetic, left, right, span),
            },
            Shape::If(condition, then, otherwise) => self.choose(condition, then, otherwise, span, want),
            // Lists went their own way.
            Shape::List(_) => None,
            Shape::Outside(reason) => self.tell(Diagnostic::error("outside-subset", span, *reason)),
        }?;
        if self.is_bare(expr) { self.adopt(typed, want) } else { Some(typed) }
    }

    /// A string literal: a member of the domain its place wants.
    fn text(&mut self, text: &str, span: Span, want: Option<Type>) -> Option<Typed> {
        let domain = match want {
            Some(Type::Symbol(domain)) => domain,
            Some(Type::TimeOfDay) => {
                let ms = i64::from(self.clock(text, DAY_MS - 1, span)?);
                return Some(Typed { ty: Type::TimeOfDay, span, term: Term::Const(Value::Duration(ms)) });
            }
            Some(Type::Date) => return self.date(text, span),
            _ => return Some(Typed { ty: Type::Text, span, term: Term::Text(text.into()) }),
        };
        if let Some(symbol) = self.schema().symbol(domain, text) {
            return Some(Typed { ty: Type::Symbol(domain), span, term: Term::Const(Value::Symbol(symbol)) });
        }
        let schema = self.scope.schema;
        let name = schema.domain_name(domain).unwrap_or_default();
        let mut problem = Diagnostic::error("unknown-symbol", span, format!("`{text}` is no {name}"));
        if let Some(listed) = listed(schema.members(domain)) {
            problem = problem.with_help(format!("known: {listed}"));
        }
        self.tell(problem.suggesting(text, schema.members(domain)))
    }

    /// What is made of literals takes the unit, the width or the domain its place wants.
    fn adopt(&mut self, typed: Typed, want: Option<Type>) -> Option<Typed> {
        if let (Term::Text(text), Some(Type::Symbol(_) | Type::TimeOfDay | Type::Date)) = (&typed.term, want)
        {
            return self.text(text, typed.span, want);
        }
        let Some(wanted @ (Type::Quantity(_) | Type::Double)) = want else { return Some(typed) };
        let Typed { ty, span, term } = typed;
        match (ty, term) {
            (Type::Int, Term::Const(Value::Int(value))) if value.abs_diff(0) <= EXACT_MAX as u64 => {
                Some(Typed { ty: wanted, span, term: Term::Const(Value::Double(value as f64)) })
            }
            (Type::Int, Term::Const(Value::Int(_))) if wanted != Type::Double => {
                let message = "this number is too large to be exact as a quantity";
                self.tell(Diagnostic::error("out-of-range", span, message))
            }
            // A constant too large to be exact stays an integer; comparisons are exact across the two.
            (Type::Int, term @ Term::Const(_)) => Some(Typed { ty: Type::Int, span, term }),
            (Type::Int, term) => {
                let inner = Box::new(Typed { ty: Type::Int, span, term });
                Some(Typed { ty: wanted, span, term: Term::ToDouble(inner) })
            }
            (Type::Double, term) => Some(Typed { ty: wanted, span, term }),
            (ty, term) => Some(Typed { ty, span, term }),
        }
    }

    /// The expression if it has the expected type.
    fn fit(&mut self, typed: Typed, expected: Type) -> Option<Typed> {
        if typed.ty == expected {
            return Some(typed);
        }
        let message = format!("expected {}, found {}", self.describe(expected), self.describe(typed.ty));
        let problem = Diagnostic::error("wrong-type", typed.span, message);
        self.tell(match (expected, typed.ty) {
            (Type::Double, Type::Int | Type::Quantity(_)) => {
                problem.with_help("write `double(..)` around it")
            }
            (Type::Int, Type::Double | Type::Quantity(_)) => problem.with_help("write `int(..)` around it"),
            (Type::Duration, Type::Text) => problem.with_help("write `duration(\"20m\")`"),
            (Type::Bool, _) => problem.with_help("compare it with something"),
            _ => problem,
        })
    }

    /// Whether an expression is made of number and text literals alone, so that its place decides its type.
    fn is_bare(&self, expr: &Expr) -> bool {
        match &expr.shape {
            Shape::Int(_) | Shape::Double(_) | Shape::Text(_) => true,
            Shape::Name(name) => match self.bound(name) {
                Some(Some(Found::One(one))) => one.bare,
                _ => false,
            },
            Shape::Negate(inner) => self.is_bare(inner),
            Shape::Binary(left, Operator::Arithmetic(_), right) => self.is_bare(left) && self.is_bare(right),
            Shape::If(_, then, otherwise) => self.is_bare(then) && self.is_bare(otherwise),
            _ => false,
        }
    }

    /// A type in words.
    fn describe(&self, ty: Type) -> String {
        self.schema().type_words(ty)
    }
}

/// A short enumeration in backticks, or nothing if it would be long or empty.
fn listed<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    const LISTED_MAX: usize = 8;
    let names: Vec<String> = names.take(LISTED_MAX + 1).map(|name| format!("`{name}`")).collect();
    (1..=LISTED_MAX).contains(&names.len()).then(|| names.join(", "))
}
