//! Operators: which types they take, and what they give.

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use crate::ast::{Arithmetic, Comparison, Expr, Operator, Shape};
use crate::check::Checker;
use crate::check::lists::Found;
use crate::diagnostic::{Diagnostic, Span};
use crate::schema::DomainId;
use crate::typed::{Term, Typed};
use crate::types::{Type, Unit};
use crate::value::{SET_MAX, Value};

impl Checker<'_> {
    pub(super) fn not(&mut self, inner: &Expr, span: Span) -> Option<Typed> {
        let inner = self.truth(inner, "!")?;
        Some(Typed { ty: Type::Bool, span, term: Term::Not(Box::new(inner)) })
    }

    pub(super) fn logic(
        &mut self,
        operator: Operator,
        left: &Expr,
        right: &Expr,
        span: Span,
    ) -> Option<Typed> {
        let word = operator.word();
        let (left, right) = (self.truth(left, word), self.truth(right, word));
        let (left, right) = (Box::new(left?), Box::new(right?));
        let term = if operator == Operator::And { Term::And(left, right) } else { Term::Or(left, right) };
        Some(Typed { ty: Type::Bool, span, term })
    }

    /// A side of a logical operator, which must be a truth.
    pub(super) fn truth(&mut self, expr: &Expr, operator: &str) -> Option<Typed> {
        let typed = self.infer(expr, None)?;
        if typed.ty == Type::Bool {
            return Some(typed);
        }
        let message = format!("`{operator}` takes truths, and this is {}", self.describe(typed.ty));
        self.tell(Diagnostic::error("wrong-type", typed.span, message).with_help("compare it with something"))
    }

    pub(super) fn negate(&mut self, inner: &Expr, span: Span, want: Option<Type>) -> Option<Typed> {
        // A quantity's literal adopts below the sign too; a bare integer stays one until it adopts as a whole.
        let inner = self.infer(inner, want.filter(|_| !self.is_bare(inner)))?;
        match inner.ty {
            ty @ (Type::Int | Type::Double | Type::Quantity(_)) => {
                Some(Typed { ty, span, term: Term::Negate(Box::new(inner)) })
            }
            other => {
                let message = format!("`-` takes a number, and this is {}", self.describe(other));
                self.tell(Diagnostic::error("wrong-type", inner.span, message))
            }
        }
    }

    pub(super) fn compare(
        &mut self,
        comparison: Comparison,
        left: &Expr,
        right: &Expr,
        span: Span,
    ) -> Option<Typed> {
        if self.is_listy(left) || self.is_listy(right) {
            return self.compare_lists(comparison, left, right, span);
        }
        let (left, right) = self.pair(left, right)?;
        self.compared(comparison, left, right, span)
    }

    /// The comparison of two values, if they may be compared.
    pub(super) fn compared(
        &mut self,
        comparison: Comparison,
        left: Typed,
        right: Typed,
        span: Span,
    ) -> Option<Typed> {
        if let (Term::Text(left), Term::Text(right)) = (&left.term, &right.term) {
            return Some(Self::compared_texts(comparison, left, right, span));
        }
        self.comparable(comparison.word(), comparison.is_equality(), &left, &right, span)?;
        Some(Typed { ty: Type::Bool, span, term: Term::Compare(comparison, Box::new(left), Box::new(right)) })
    }

    /// Both sides of a comparison or the branches of a choice: literals adopt the other side's type.
    fn pair(&mut self, left: &Expr, right: &Expr) -> Option<(Typed, Typed)> {
        if self.is_bare(left) && !self.is_bare(right) {
            let (right, left) = self.one_then_other(right, left)?;
            Some((left, right))
        } else {
            self.one_then_other(left, right)
        }
    }

    fn one_then_other(&mut self, one: &Expr, other: &Expr) -> Option<(Typed, Typed)> {
        match self.infer(one, None) {
            Some(first) => {
                let want = first.ty;
                let second = self.infer(other, Some(want))?;
                Some((first, second))
            }
            None => {
                // Without a type to adopt, a literal has nothing to be wrong about.
                if !self.is_bare(other) {
                    self.infer(other, None);
                }
                None
            }
        }
    }

    /// Whether two values may stand around a comparison. Tells why not.
    pub(super) fn comparable(
        &mut self,
        word: &str,
        equality: bool,
        left: &Typed,
        right: &Typed,
        span: Span,
    ) -> Option<()> {
        let (one, other) = (left.ty, right.ty);
        let problem = match (one, other) {
            (Type::Text, Type::Text) => {
                Diagnostic::error("wrong-type", span, "text is not compared with text")
                    .with_help("text names a member of a fact's domain: `role == \"guest\"`")
            }
            (Type::Symbol(_), Type::Symbol(_)) | (Type::Set(_), Type::Set(_))
                if one == other && !equality =>
            {
                let message = format!("`{word}` needs an order, and {} has none", self.describe(one));
                Diagnostic::error("wrong-type", span, message)
                    .with_help("only `==`, `!=` and `in` compare names")
            }
            _ if one == other => return Some(()),
            (Type::Int, Type::Double) | (Type::Double, Type::Int) => return Some(()),
            (Type::Quantity(unit), Type::Quantity(unlike)) => {
                let (unit, unlike) = (unit.word(), unlike.word());
                let message = format!("a quantity in {unit} is not compared with one in {unlike}");
                Diagnostic::error("unit-mismatch", span, message)
            }
            (Type::Quantity(Unit::Minute), Type::Duration)
            | (Type::Duration, Type::Quantity(Unit::Minute)) => {
                let message = "minutes of a queue are a number, and this is a length of time";
                Diagnostic::error("unit-mismatch", span, message).with_help(
                    "compare minutes with a number (`place.queue > 20`), dwell with `duration(\"20m\")`",
                )
            }
            (Type::Quantity(unit), Type::Int | Type::Double)
            | (Type::Int | Type::Double, Type::Quantity(unit)) => {
                let message =
                    format!("a quantity in {} is not compared with a number without a unit", unit.word());
                Diagnostic::error("unit-mismatch", span, message)
                    .with_help("write `double(..)` around the quantity to take its unit away")
            }
            _ => {
                let message = format!("{} is not compared with {}", self.describe(one), self.describe(other));
                let problem = Diagnostic::error("wrong-type", span, message);
                match (one, other) {
                    (Type::TimeOfDay, _) | (_, Type::TimeOfDay) => {
                        problem.with_help("write a time of day as `\"11:30\"`")
                    }
                    (Type::Date, _) | (_, Type::Date) => {
                        problem.with_help("write a date as `\"2026-12-24\"`")
                    }
                    (Type::Duration, _) | (_, Type::Duration) => {
                        problem.with_help("write `duration(\"20m\")`")
                    }
                    _ => problem,
                }
            }
        };
        self.tell(problem)
    }

    pub(super) fn membership(&mut self, needle: &Expr, list: &Expr, span: Span) -> Option<Typed> {
        let plain = match &list.shape {
            Shape::List(elements) => {
                !self.is_listy(needle)
                    && !self.is_text(needle)
                    && elements.iter().all(|element| !self.is_listy(element))
            }
            _ => !self.is_listy(list),
        };
        if !plain {
            return self.in_list(needle, list, span);
        }
        let Shape::List(elements) = &list.shape else {
            let found = self.infer(list, None);
            if let Some(Typed { ty: Type::Set(domain), .. }) = found {
                return self.in_set(needle, found?, domain, span);
            }
            self.infer(needle, None);
            // What could not be typed at all has been told.
            found?;
            let problem = Diagnostic::error("wrong-type", list.span, "expected a list after `in`");
            return self.tell(problem.with_help("write `role in [\"guest\", \"vip\"]`"));
        };
        let Some(needle) = self.infer(needle, None) else {
            for element in elements {
                if !self.is_bare(element) {
                    self.infer(element, None);
                }
            }
            return None;
        };
        let mut typed = Vec::with_capacity(elements.len());
        for element in elements {
            if let Some(element) = self.infer(element, Some(needle.ty))
                && self.comparable("in", true, &needle, &element, element.span).is_some()
            {
                typed.push(element);
            }
        }
        // An element that was told about is missing here, and `check` gives no program then.
        Some(Typed { ty: Type::Bool, span, term: Term::In(Box::new(needle), typed) })
    }

    /// Whether an expression is text that no domain has taken.
    fn is_text(&self, expr: &Expr) -> bool {
        match &expr.shape {
            Shape::Text(_) => true,
            Shape::Name(name) => {
                matches!(self.bound(name), Some(Some(Found::One(one))) if one.typed.ty == Type::Text)
            }
            _ => false,
        }
    }

    /// `"regular" in segments`
    fn in_set(&mut self, needle: &Expr, set: Typed, domain: DomainId, span: Span) -> Option<Typed> {
        let needle = self.infer(needle, Some(Type::Symbol(domain)))?;
        if needle.ty != Type::Symbol(domain) {
            let (one, other) = (self.describe(needle.ty), self.describe(set.ty));
            let message = format!("{one} is never in {other}");
            return self.tell(Diagnostic::error("wrong-type", needle.span, message));
        }
        if let Term::Const(Value::Symbol(symbol)) = needle.term
            && symbol.0 >= SET_MAX
        {
            let message =
                format!("a set holds the first {SET_MAX} members of its domain, and this is a later one");
            return self.tell(Diagnostic::error("too-many", needle.span, message));
        }
        Some(Typed { ty: Type::Bool, span, term: Term::InSet(Box::new(needle), Box::new(set)) })
    }

    pub(super) fn choose(
        &mut self,
        condition: &Expr,
        then: &Expr,
        otherwise: &Expr,
        span: Span,
        want: Option<Type>,
    ) -> Option<Typed> {
        let condition = self.truth(condition, "?");
        let branches = match want {
            // Branches that are both literals adopt as a whole; names and texts take what the place wants.
            Some(Type::Symbol(_) | Type::TimeOfDay | Type::Date) => {
                let (one, other) = (self.infer(then, want), self.infer(otherwise, want));
                one.zip(other)
            }
            _ => self.pair(then, otherwise),
        };
        let (then, otherwise) = branches?;
        if then.ty != otherwise.ty {
            let message = format!(
                "both sides of `:` must be alike: {} and {}",
                self.describe(then.ty),
                self.describe(otherwise.ty)
            );
            return self.tell(Diagnostic::error("wrong-type", then.span.to(otherwise.span), message));
        }
        let ty = then.ty;
        Some(Typed { ty, span, term: Term::If(Box::new(condition?), Box::new(then), Box::new(otherwise)) })
    }

    pub(super) fn arithmetic(
        &mut self,
        arithmetic: Arithmetic,
        left: &Expr,
        right: &Expr,
        span: Span,
    ) -> Option<Typed> {
        let (left, right) = self.operands(arithmetic, left, right)?;
        if let (Arithmetic::Add, Term::Text(left), Term::Text(right)) = (arithmetic, &left.term, &right.term)
        {
            return Some(Typed { ty: Type::Text, span, term: Term::Text(format!("{left}{right}")) });
        }
        match result(arithmetic, left.ty, right.ty) {
            Some(ty) => {
                Some(Typed { ty, span, term: Term::Arithmetic(arithmetic, Box::new(left), Box::new(right)) })
            }
            None => self.no_result(arithmetic, &left, &right, span),
        }
    }

    /// Both operands; a number literal beside a quantity becomes a double, with the unit where units must agree.
    fn operands(&mut self, arithmetic: Arithmetic, left: &Expr, right: &Expr) -> Option<(Typed, Typed)> {
        let beside = |ty: Type| match ty {
            Type::Quantity(_) if matches!(arithmetic, Arithmetic::Add | Arithmetic::Subtract) => Some(ty),
            Type::Quantity(_) => Some(Type::Double),
            _ => None,
        };
        if self.is_bare(left) && !self.is_bare(right) {
            let right = self.infer(right, None)?;
            Some((self.infer(left, beside(right.ty))?, right))
        } else {
            let first = self.infer(left, None);
            let want = first.as_ref().and_then(|left| beside(left.ty));
            let second = self.infer(right, want);
            first.zip(second)
        }
    }

    fn no_result(
        &mut self,
        arithmetic: Arithmetic,
        left: &Typed,
        right: &Typed,
        span: Span,
    ) -> Option<Typed> {
        let word = arithmetic.word();
        let (one, other) = (self.describe(left.ty), self.describe(right.ty));
        let message = format!("`{word}` does not take {one} and {other}");
        let code = match (left.ty, right.ty) {
            (Type::Quantity(_), _) | (_, Type::Quantity(_)) => "unit-mismatch",
            _ => "wrong-type",
        };
        let problem = Diagnostic::error(code, span, message);
        self.tell(match (left.ty, right.ty) {
            (Type::Int, Type::Double) | (Type::Double, Type::Int) => problem.with_help(
                "CEL does not mix whole numbers with doubles: write `1.0` for `1`, or `double(..)`",
            ),
            (Type::Double, Type::Double) if arithmetic == Arithmetic::Remainder => {
                problem.with_help("only whole numbers have a remainder")
            }
            (Type::Duration, Type::Text) | (Type::Text, Type::Duration) => {
                problem.with_help("write `duration(\"20m\")`")
            }
            _ => problem,
        })
    }
}

/// The type of an arithmetic operation, if there is one.
fn result(arithmetic: Arithmetic, left: Type, right: Type) -> Option<Type> {
    use Arithmetic::{Add, Divide, Multiply, Subtract};
    match (arithmetic, left, right) {
        (_, Type::Int, Type::Int) => Some(Type::Int),
        (Add | Subtract | Multiply | Divide, Type::Double, Type::Double) => Some(Type::Double),
        (Add | Subtract, Type::Duration, Type::Duration) => Some(Type::Duration),
        (Add | Subtract, Type::Quantity(unit), Type::Quantity(same)) if unit == same => Some(left),
        (Divide, Type::Quantity(unit), Type::Quantity(same)) if unit == same => Some(Type::Double),
        (Multiply | Divide, Type::Quantity(_), Type::Double) => Some(left),
        (Multiply, Type::Double, Type::Quantity(_)) => Some(right),
        _ => None,
    }
}
