//! What an expression is worth over one message: a walk over its tree, with a budget.
//!
//! CEL over JSON. Two things differ from a guard, because the types only arrive with the message: every number is a
//! double, as JSON has no other, and `null` is as good as missing. What is missing is told apart from what is wrong: a
//! rule may do without the one, never with the other. `cel`'s own evaluator is not used: its maps have no order, its faults no
//! place in the text, and its work no bound.
//!
//! Pure, total and bounded: each step costs, texts cost by their length, and a budget that is spent is a fault like any
//! other. Before: check.rs, which has refused what nobody defined. Next: functions.rs; map.rs, which asks.

use std::borrow::Cow;

use serde_json::Value as Json;
use turnpage_journeys_expr::Span;
use turnpage_journeys_expr::syntax::{Arithmetic, Comparison, Expr, Operator, Shape};

use crate::functions;

/// Steps of one message's expressions, all together. A rule takes a few dozen; a `filter` over the longest payload a few
/// thousand. At some 20 ns a step a hostile payload costs a millisecond.
pub(crate) const BUDGET: u32 = 50_000;
/// Bytes of a text that one step pays for.
const BYTES_A_STEP: usize = 64;
/// Bytes of a text that an expression makes: as long as the longest payload.
pub(crate) const TEXT_MAX: usize = crate::PAYLOAD_MAX;

/// A value of the message where it can be, a new one otherwise.
pub(crate) type Value<'s> = Cow<'s, Json>;

/// Why an expression has no value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    /// Where, in the expression's text.
    pub(crate) span: Span,
    pub(crate) message: String,
}

/// What kind of reason it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum FaultKind {
    /// The message does not say it.
    Missing,
    /// The message says something else.
    Wrong,
    /// The budget is spent.
    Budget,
}

impl Fault {
    pub(crate) fn missing(span: Span, what: impl Into<String>) -> Self {
        Self { kind: FaultKind::Missing, span, message: what.into() }
    }

    pub(crate) fn wrong(span: Span, message: impl Into<String>) -> Self {
        Self { kind: FaultKind::Wrong, span, message: message.into() }
    }
}

/// What names stand for while a message is looked at.
pub(crate) struct Scope<'s> {
    /// What the message is: `payload`, `topic`, `matched`, tables, `item`.
    pub(crate) names: Vec<(&'s str, Value<'s>)>,
    /// What the declaration calls by a name, and why some of it has no value.
    pub(crate) lets: &'s [(&'s str, Result<Json, Fault>)],
    pub(crate) functions: functions::Context<'s>,
    pub(crate) budget: u32,
}

impl<'s> Scope<'s> {
    /// The value of an expression.
    pub(crate) fn eval(&mut self, expr: &'s Expr) -> Result<Value<'s>, Fault> {
        self.pay(expr.span, 0)?;
        match &expr.shape {
            Shape::Bool(value) => Ok(own(*value)),
            Shape::Int(value) => Ok(own(*value as f64)),
            Shape::Double(value) => Ok(own(*value)),
            Shape::Text(text) => Ok(own(text.as_str())),
            Shape::Name(name) => self.name(name, expr.span),
            Shape::Field { of, name } => {
                let of = self.eval(of)?;
                field(of, name, expr.span)
            }
            Shape::Index { of, index } => self.index(of, index, expr.span),
            Shape::Has { of, name } => {
                let of = self.eval(of);
                match of.and_then(|of| field(of, name, expr.span)) {
                    Ok(_) => Ok(own(true)),
                    Err(fault) if fault.kind == FaultKind::Missing => Ok(own(false)),
                    Err(fault) => Err(fault),
                }
            }
            Shape::Not(inner) => Ok(own(!self.truth(inner)?)),
            Shape::Negate(inner) => Ok(own(-self.number(inner)?)),
            Shape::Binary(left, operator, right) => self.binary(left, *operator, right, expr.span),
            Shape::If(condition, then, otherwise) => {
                if self.truth(condition)? {
                    self.eval(then)
                } else {
                    self.eval(otherwise)
                }
            }
            Shape::List(items) => {
                let items: Result<Vec<Json>, Fault> = items
                    .iter()
                    .map(|item| self.eval(item).and_then(|value| self.owned(value, item.span)))
                    .collect();
                Ok(Cow::Owned(Json::Array(items?)))
            }
            Shape::Call { on, name, args } => functions::call(self, expr.span, on.as_deref(), name, args),
            Shape::Outside(why) => Err(Fault::wrong(expr.span, *why)),
        }
    }

    /// A truth.
    pub(crate) fn truth(&mut self, expr: &'s Expr) -> Result<bool, Fault> {
        let value = self.eval(expr)?;
        value.as_bool().ok_or_else(|| unexpected("a truth", &value, expr.span))
    }

    /// A number.
    pub(crate) fn number(&mut self, expr: &'s Expr) -> Result<f64, Fault> {
        let value = self.eval(expr)?;
        value.as_f64().ok_or_else(|| unexpected("a number", &value, expr.span))
    }

    /// A text.
    pub(crate) fn text(&mut self, expr: &'s Expr) -> Result<Cow<'s, str>, Fault> {
        match self.eval(expr)? {
            Cow::Borrowed(Json::String(text)) => Ok(Cow::Borrowed(text)),
            Cow::Owned(Json::String(text)) => Ok(Cow::Owned(text)),
            value => Err(unexpected("text", &value, expr.span)),
        }
    }

    /// Takes a step, and those that so many bytes of text cost.
    pub(crate) fn pay(&mut self, span: Span, bytes: usize) -> Result<(), Fault> {
        let steps = u32::try_from(bytes / BYTES_A_STEP).unwrap_or(u32::MAX).saturating_add(1);
        self.budget = self.budget.checked_sub(steps).ok_or_else(|| Fault {
            kind: FaultKind::Budget,
            span,
            message: "this message takes more work than a message may".to_owned(),
        })?;
        Ok(())
    }

    fn name(&mut self, name: &str, span: Span) -> Result<Value<'s>, Fault> {
        // The innermost of equal names counts: macros bring theirs in at the end.
        if let Some((_, value)) = self.names.iter().rev().find(|(known, _)| *known == name) {
            let value = value.clone();
            if let Cow::Owned(copied) = &value {
                self.pay(span, heft(copied))?;
            }
            return known(value, span, name);
        }
        match self.lets.iter().find(|(known, _)| *known == name) {
            Some((_, Ok(value))) => known(Cow::Borrowed(value), span, name),
            Some((_, Err(fault))) => Err(Fault { span, ..fault.clone() }),
            None => Err(Fault::missing(span, format!("`{name}` is missing"))),
        }
    }

    fn index(&mut self, of: &'s Expr, index: &'s Expr, span: Span) -> Result<Value<'s>, Fault> {
        let of = self.eval(of)?;
        let index_value = self.eval(index)?;
        match (of.as_ref(), index_value.as_ref()) {
            (Json::Object(_), Json::String(name)) => field(of, name, span),
            (Json::Array(_), Json::Number(at)) => {
                let at = at.as_f64().filter(|at| *at >= 0.0 && at.fract() == 0.0 && *at < 1e9);
                let at = at.ok_or_else(|| Fault::wrong(index.span, "expected a place in the list"))? as usize;
                let missing = || Fault::missing(span, format!("the list has no item {at}"));
                let item = match of {
                    Cow::Borrowed(Json::Array(items)) => items.get(at).map(Cow::Borrowed),
                    Cow::Owned(Json::Array(mut items)) => {
                        (at < items.len()).then(|| Cow::Owned(items.swap_remove(at)))
                    }
                    _ => None,
                };
                known(item.ok_or_else(missing)?, span, "it")
            }
            (Json::Object(_), other) => Err(unexpected("text", other, index.span)),
            (Json::Array(_), other) => Err(unexpected("a number", other, index.span)),
            (other, _) => Err(unexpected("a map or a list", other, span)),
        }
    }

    fn binary(
        &mut self,
        left: &'s Expr,
        operator: Operator,
        right: &'s Expr,
        span: Span,
    ) -> Result<Value<'s>, Fault> {
        match operator {
            Operator::And => self.both(left, right, false),
            Operator::Or => self.both(left, right, true),
            Operator::In => self.within(left, right),
            Operator::Compare(comparison) => self.compare(left, comparison, right),
            Operator::Arithmetic(arithmetic) => self.arithmetic(left, arithmetic, right, span),
        }
    }

    /// `&&` and `||` as CEL has them: whichever side decides, decides, even when the other has a fault.
    fn both(&mut self, left: &'s Expr, right: &'s Expr, decides: bool) -> Result<Value<'s>, Fault> {
        let first = self.truth(left);
        if first == Ok(decides) {
            return Ok(own(decides));
        }
        match (first, self.truth(right)) {
            (_, Ok(second)) if second == decides => Ok(own(decides)),
            (Err(fault), _) | (_, Err(fault)) => Err(fault),
            (Ok(_), Ok(_)) => Ok(own(!decides)),
        }
    }

    fn within(&mut self, left: &'s Expr, right: &'s Expr) -> Result<Value<'s>, Fault> {
        let (needle, hay) = (self.eval(left)?, self.eval(right)?);
        match hay.as_ref() {
            Json::Object(fields) => {
                let name = needle.as_str().ok_or_else(|| unexpected("text", &needle, left.span))?;
                Ok(own(fields.get(name).is_some_and(|value| !value.is_null())))
            }
            Json::Array(items) => {
                self.pay(right.span, heft(&hay))?;
                Ok(own(items.iter().any(|item| equal(item, &needle))))
            }
            other => Err(unexpected("a map or a list", other, right.span)),
        }
    }

    fn compare(
        &mut self,
        left: &'s Expr,
        comparison: Comparison,
        right: &'s Expr,
    ) -> Result<Value<'s>, Fault> {
        let (a, b) = (self.eval(left)?, self.eval(right)?);
        self.pay(left.span, heft(&a).min(heft(&b)))?;
        let order = match (a.as_ref(), b.as_ref()) {
            _ if comparison == Comparison::Equal => return Ok(own(equal(&a, &b))),
            _ if comparison == Comparison::Differs => return Ok(own(!equal(&a, &b))),
            (Json::Number(a), Json::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()),
            (Json::String(a), Json::String(b)) => Some(a.cmp(b)),
            (Json::Number(_), other) => return Err(unexpected("a number", other, right.span)),
            (Json::String(_), other) => return Err(unexpected("text", other, right.span)),
            (other, _) => return Err(unexpected("a number or text", other, left.span)),
        };
        Ok(own(order.is_some_and(|order| match comparison {
            Comparison::Less => order.is_lt(),
            Comparison::AtMost => order.is_le(),
            Comparison::Greater => order.is_gt(),
            _ => order.is_ge(),
        })))
    }

    fn arithmetic(
        &mut self,
        left: &'s Expr,
        arithmetic: Arithmetic,
        right: &'s Expr,
        span: Span,
    ) -> Result<Value<'s>, Fault> {
        let (a, b) = (self.eval(left)?, self.eval(right)?);
        if let (Json::String(a), Json::String(b), Arithmetic::Add) = (a.as_ref(), b.as_ref(), arithmetic) {
            return self.joined(span, &[a, b]);
        }
        let x = a.as_f64().ok_or_else(|| unexpected("a number", &a, left.span))?;
        let y = b.as_f64().ok_or_else(|| unexpected("a number", &b, right.span))?;
        let value = match arithmetic {
            Arithmetic::Add => x + y,
            Arithmetic::Subtract => x - y,
            Arithmetic::Multiply => x * y,
            Arithmetic::Divide => x / y,
            Arithmetic::Remainder => x % y,
        };
        if value.is_finite() { Ok(own(value)) } else { Err(Fault::wrong(span, "this is no finite number")) }
    }

    /// A value that no longer belongs to the message; copies are paid for.
    pub(crate) fn owned(&mut self, value: Value<'s>, span: Span) -> Result<Json, Fault> {
        if let Cow::Borrowed(copied) = &value {
            self.pay(span, heft(copied))?;
        }
        Ok(value.into_owned())
    }

    /// Texts, one after the other.
    pub(crate) fn joined(&mut self, span: Span, parts: &[&str]) -> Result<Value<'s>, Fault> {
        let length = parts.iter().map(|part| part.len()).sum::<usize>();
        self.pay(span, length)?;
        if length > TEXT_MAX {
            return Err(Fault::wrong(span, format!("this text would be longer than {TEXT_MAX} bytes")));
        }
        Ok(own(parts.concat()))
    }
}

/// A new value.
pub(crate) fn own<'s>(value: impl Into<Json>) -> Value<'s> {
    Cow::Owned(value.into())
}

/// The value of a key.
pub(crate) fn field<'s>(of: Value<'s>, name: &str, span: Span) -> Result<Value<'s>, Fault> {
    let found = match of {
        Cow::Borrowed(Json::Object(fields)) => fields.get(name).map(Cow::Borrowed),
        Cow::Owned(Json::Object(mut fields)) => fields.remove(name).map(Cow::Owned),
        other => return Err(unexpected("a map", &other, span)),
    };
    match found {
        Some(value) => known(value, span, name),
        None => Err(Fault::missing(span, format!("`{}` is missing", short(name)))),
    }
}

fn known<'s>(value: Value<'s>, span: Span, name: &str) -> Result<Value<'s>, Fault> {
    if value.is_null() {
        return Err(Fault::missing(span, format!("`{}` is null", short(name))));
    }
    Ok(value)
}

/// Equal as CEL means it: numbers by their value, everything else by kind and content.
fn equal(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

/// About as many bytes as a copy of the value takes, or a look at all of it.
fn heft(value: &Json) -> usize {
    match value {
        Json::String(text) => text.len(),
        Json::Array(items) => {
            items.iter().map(heft).sum::<usize>().saturating_add(items.len() * BYTES_A_STEP)
        }
        Json::Object(fields) => {
            fields.iter().map(|(name, value)| name.len() + heft(value) + BYTES_A_STEP).sum()
        }
        _ => 0,
    }
}

pub(crate) fn unexpected(wanted: &str, found: &Json, span: Span) -> Fault {
    let found = match found {
        Json::Null => "nothing".to_owned(),
        Json::Bool(value) => format!("the truth `{value}`"),
        Json::Number(value) => format!("the number `{value}`"),
        Json::String(text) => format!("the text `{}`", short(text)),
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "a map".to_owned(),
    };
    Fault::wrong(span, format!("expected {wanted}, found {found}"))
}

/// As much of a stranger's text as a message about it needs.
pub(crate) fn short(text: &str) -> String {
    const SHOWN_MAX: usize = 40;
    if text.len() <= SHOWN_MAX {
        return text.to_owned();
    }
    let cut = text.floor_char_boundary(SHOWN_MAX);
    format!("{}..", text.get(..cut).unwrap_or_default())
}
