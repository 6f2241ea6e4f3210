//! Text that is known when it is compiled: what CEL asks of strings is answered then and there.
//!
//! No fact is a text, so nothing of this is left at run time. Conversions of text that CEL calls an error are unknown, as
//! they would be if they ran; what CEL may read in more ways than we do is refused.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};

use crate::ast::{Comparison, Expr};
use crate::check::Checker;
use crate::diagnostic::{Diagnostic, Span};
use crate::fold::fold;
use crate::typed::{Term, Typed};
use crate::types::Type;
use crate::value::Value;

/// A length of time in CEL's whole units: what it is called, its milliseconds, and where it wraps.
const PORTIONS: [(&str, u32, u16); 4] = [
    ("getHours", 3_600_000, 0),
    ("getMinutes", 60_000, 0),
    ("getSeconds", 1_000, 0),
    // Alone among them it asks for the part that seconds leave.
    ("getMilliseconds", 1, 1_000),
];

impl Checker<'_> {
    /// `"text".startsWith("te")` and its like.
    pub(super) fn text_asked(&mut self, on: &Expr, name: &str, args: &[Expr], span: Span) -> Option<Typed> {
        let [arg] = args else {
            let message = format!("`{name}` takes one text");
            return self.tell(Diagnostic::error("bad-arguments", span, message));
        };
        let (whole, part) = (self.known_text(on, name), self.known_text(arg, name));
        let (whole, part) = (whole?, part?);
        let answer = match name {
            "startsWith" => whole.starts_with(&part),
            "endsWith" => whole.ends_with(&part),
            _ => whole.contains(&part),
        };
        Some(Typed::truth(span, Term::Const(Value::Bool(answer))))
    }

    /// The text of an expression that is one already.
    fn known_text(&mut self, expr: &Expr, name: &str) -> Option<String> {
        let typed = self.infer(expr, None)?;
        match typed.term {
            Term::Text(text) => Some(text),
            _ => {
                let found = self.describe(typed.ty);
                let message = format!("`{name}` is asked of text in quotes alone, and this is {found}");
                let problem = Diagnostic::error("outside-subset", typed.span, message);
                self.tell(problem.with_help("a name is compared as a whole: `role == \"guest\"`"))
            }
        }
    }

    /// Two texts compared as CEL does, by code point.
    pub(super) fn compared_texts(comparison: Comparison, left: &str, right: &str, span: Span) -> Typed {
        let holds = match comparison {
            Comparison::Equal => left == right,
            Comparison::Differs => left != right,
            Comparison::Less => left < right,
            Comparison::AtMost => left <= right,
            Comparison::Greater => left > right,
            Comparison::AtLeast => left >= right,
        };
        Typed::truth(span, Term::Const(Value::Bool(holds)))
    }

    /// `string(..)` of a constant.
    pub(super) fn text_of(&mut self, arg: &Expr, span: Span) -> Option<Typed> {
        let typed = fold(self.infer(arg, None)?);
        let text = match (&typed.term, typed.ty) {
            (Term::Text(text), _) => Some(text.clone()),
            (Term::Const(Value::Int(value)), Type::Int) => Some(value.to_string()),
            (Term::Const(Value::Bool(value)), Type::Bool) => Some(value.to_string()),
            // Beyond these bounds implementations differ in when they write an exponent.
            (Term::Const(Value::Double(value)), Type::Double) if (1e-4..1e6).contains(&value.abs()) => {
                Some(value.to_string())
            }
            (Term::Const(Value::Duration(ms)), Type::Duration) => Some(seconds(*ms)),
            _ => None,
        };
        match text {
            Some(text) => Some(Typed { ty: Type::Text, span, term: Term::Text(text) }),
            None => {
                let message =
                    format!("`string` takes a constant here, and this is {}", self.describe(typed.ty));
                let problem = Diagnostic::error("outside-subset", typed.span, message);
                self.tell(problem.with_help("a template writes values by itself: `{place.queue}`"))
            }
        }
    }

    /// `bool("true")`, `bool(x)` of a truth.
    pub(super) fn truth_of(&mut self, arg: &Expr, span: Span) -> Option<Typed> {
        let typed = self.infer(arg, None)?;
        let term = match &typed.term {
            Term::Text(text) => Term::Const(match text.as_str() {
                "1" | "t" | "true" | "TRUE" | "True" => Value::Bool(true),
                "0" | "f" | "false" | "FALSE" | "False" => Value::Bool(false),
                _ => Value::Unknown,
            }),
            _ if typed.ty == Type::Bool => typed.term,
            _ => {
                let message =
                    format!("`bool` takes a truth or a text, and this is {}", self.describe(typed.ty));
                return self.tell(Diagnostic::error("wrong-type", typed.span, message));
            }
        };
        Some(Typed::truth(span, term))
    }

    /// `int("42")`, `double("0.5")`: a text as a number.
    pub(super) fn number_of_text(&mut self, name: &str, text: &str, span: Span) -> Option<Typed> {
        if name == "int" {
            let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let value = text.parse().ok().filter(|_| plain).map_or(Value::Unknown, Value::Int);
            return Some(Typed { ty: Type::Int, span, term: Term::Const(value) });
        }
        let decimal = |c: char| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-');
        match text.parse::<f64>().ok().filter(|_| text.chars().all(decimal)) {
            Some(value) => Some(Typed { ty: Type::Double, span, term: Term::Const(Value::Double(value)) }),
            None => {
                let message = format!("`{text}` is not a decimal number");
                self.tell(Diagnostic::error("outside-subset", span, message))
            }
        }
    }

    /// `duration("90m").getHours()` and its like.
    pub(super) fn portion(&mut self, on: &Expr, name: &str, args: &[Expr], span: Span) -> Option<Typed> {
        let on = self.infer(on, None)?;
        let found = PORTIONS.iter().find(|(known, ..)| *known == name);
        match found.filter(|_| on.ty == Type::Duration && args.is_empty()) {
            Some((_, unit, wraps)) => {
                let term = Term::Portion(Box::new(on), *unit, *wraps);
                Some(Typed { ty: Type::Int, span, term })
            }
            None => {
                let message = format!("`{name}` is asked of a length of time alone, without arguments");
                let problem = Diagnostic::error("outside-subset", span, message);
                self.tell(problem.with_help("the clock is `time.hour`, `time.minute` and `time.weekday`"))
            }
        }
    }

    pub(super) fn is_portion(name: &str) -> bool {
        PORTIONS.iter().any(|(known, ..)| *known == name)
    }
}

/// A length of time as CEL writes it: seconds, with a fraction where there is one.
fn seconds(ms: i64) -> String {
    let (sign, ms) = (if ms < 0 { "-" } else { "" }, ms.unsigned_abs());
    let fraction = format!(".{:03}", ms % 1_000);
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    format!("{sign}{}{fraction}s", ms / 1_000)
}
