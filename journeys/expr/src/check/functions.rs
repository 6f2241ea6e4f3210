//! Functions: the few there are, and a reason for the ones CEL has and the subset has not.

use alloc::boxed::Box;
use alloc::format;

use crate::ast::{Expr, Shape};
use crate::check::Checker;
use crate::check::names::path;
use crate::diagnostic::{Diagnostic, Span};
use crate::time::{DAY_MS, parse_clock, parse_date, parse_go_duration};
use crate::typed::{Term, Typed};
use crate::types::Type;
use crate::value::Value;

/// What may be called without a value to the left.
const FUNCTIONS: [&str; 11] =
    ["nearest", "distance", "next", "duration", "double", "int", "bool", "string", "size", "dyn", "has"];

/// CEL's functions that no fact of ours has a use for.
const OUTSIDE: [&str; 12] = [
    "matches",
    "bytes",
    "uint",
    "type",
    "timestamp",
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "transformMap",
];

impl Checker<'_> {
    pub(super) fn call(&mut self, on: Option<&Expr>, name: &str, args: &[Expr], span: Span) -> Option<Typed> {
        match (on, name) {
            (Some(on), "between") if path(on).as_deref() == Some("time") => self.between(args, span),
            (Some(on), _) if path(on).as_deref() == Some("history") => self.history(name, args, span),
            (Some(on), _) if Self::is_macro(name) => self.truth_macro(on, name, args, span),
            (Some(on), "size") if args.is_empty() => self.size(on, span),
            (Some(on), "startsWith" | "endsWith" | "contains") => self.text_asked(on, name, args, span),
            (Some(on), _) if Self::is_portion(name) => self.portion(on, name, args, span),
            (Some(on), _) => {
                let known_clock = path(on).as_deref() == Some("time");
                let message = if OUTSIDE.contains(&name) {
                    format!("CEL's `{name}` is not in the subset")
                } else {
                    format!("unknown function `{name}`")
                };
                let code = if OUTSIDE.contains(&name) { "outside-subset" } else { "unknown-function" };
                let problem = Diagnostic::error(code, span, message);
                self.tell(if known_clock {
                    problem.with_help("write `time.between(\"11:30\", \"13:30\")`")
                } else {
                    problem
                })
            }
            (None, "nearest" | "distance" | "next") => self.group(name, args, span),
            (None, "duration") => self.duration(args, span),
            (None, "size" | "string" | "bool" | "dyn") => match (name, args) {
                ("size", [arg]) => self.size(arg, span),
                ("string", [arg]) => self.text_of(arg, span),
                ("bool", [arg]) => self.truth_of(arg, span),
                // It only takes a type away from CEL's checker, and what it hides must fit here all the same.
                (_, [arg]) => self.infer(arg, None),
                _ => self.tell(Diagnostic::error("bad-arguments", span, format!("`{name}` takes one value"))),
            },
            (None, "double" | "int") => self.convert(name, args, span),
            (None, "has") => {
                let problem =
                    Diagnostic::error("bad-has", span, "`has` asks for one fact with a dotted path");
                self.tell(problem.with_help("write `has(weather.rain)`"))
            }
            (None, _) if OUTSIDE.contains(&name) => {
                let message = format!("CEL's `{name}` is not in the subset");
                self.tell(Diagnostic::error("outside-subset", span, message))
            }
            (None, _) => {
                let problem =
                    Diagnostic::error("unknown-function", span, format!("unknown function `{name}`"));
                self.tell(problem.suggesting(name, FUNCTIONS))
            }
        }
    }

    /// `nearest("food")`, `distance("food")`: a fact of a group, by a name that is checked.
    fn group(&mut self, group: &str, args: &[Expr], span: Span) -> Option<Typed> {
        match args {
            [Expr { shape: Shape::Text(kind), span: inner }] => {
                match self.fact(&format!("{group}.{kind}"), span) {
                    Some(found) => Some(found),
                    None => self.unknown_member(group, kind, *inner),
                }
            }
            _ => {
                let message = format!("`{group}` takes one kind of zone, in quotes");
                self.tell(
                    Diagnostic::error("bad-arguments", span, message)
                        .with_help(format!("write `{group}(\"food\")`")),
                )
            }
        }
    }

    /// `duration("1h30m")`, CEL's syntax, a constant.
    fn duration(&mut self, args: &[Expr], span: Span) -> Option<Typed> {
        if let [of @ Expr { shape: Shape::Call { .. }, .. }] = args {
            let typed = self.infer(of, None)?;
            return if typed.ty == Type::Duration { Some(typed) } else { self.fit(typed, Type::Duration) };
        }
        let [Expr { shape: Shape::Text(text), span: inner }] = args else {
            let problem = Diagnostic::error("bad-arguments", span, "`duration` takes one text");
            return self.tell(problem.with_help("write `duration(\"20m\")`"));
        };
        match parse_go_duration(text) {
            Ok(ms) => Some(Typed { ty: Type::Duration, span, term: Term::Const(Value::Duration(ms)) }),
            Err(reason) => {
                let message = format!("`{text}` is not a length of time: {reason}");
                let problem = Diagnostic::error("bad-duration", *inner, message);
                self.tell(
                    problem.with_help("units are `h`, `m`, `s` and `ms`: `90s`, `20m`, `1h30m`, `1.5h`"),
                )
            }
        }
    }

    /// `time.between("11:30", "13:30")`
    fn between(&mut self, args: &[Expr], span: Span) -> Option<Typed> {
        let [Expr { shape: Shape::Text(start), span: at }, Expr { shape: Shape::Text(end), span: to }] = args
        else {
            let problem =
                Diagnostic::error("bad-arguments", span, "`time.between` takes two times of day, in quotes");
            return self.tell(problem.with_help("write `time.between(\"11:30\", \"13:30\")`"));
        };
        // Midnight as a start is written 00:00.
        let (start, end) = (self.clock(start, DAY_MS - 1, *at), self.clock(end, DAY_MS, *to));
        let (start, end) = (start?, end?);
        if start == end {
            let message = "the two times are the same, which is no time at all";
            return self.tell(Diagnostic::error("bad-time", at.to(*to), message));
        }
        Some(Typed { ty: Type::Bool, span, term: Term::Between(start, end) })
    }

    /// Milliseconds since midnight, at most `last`.
    pub(super) fn clock(&mut self, text: &str, last: u32, span: Span) -> Option<u32> {
        match parse_clock(text) {
            Some(ms) if ms <= last => Some(ms),
            _ => self.tell(
                Diagnostic::error("bad-time", span, format!("`{text}` is not a time of day")).with_help(
                    "write hours and minutes: `09:00`, `13:30`, `23:59:30`; an end may be `24:00`",
                ),
            ),
        }
    }

    /// `"2026-12-24"` where a date is wanted.
    pub(super) fn date(&mut self, text: &str, span: Span) -> Option<Typed> {
        match parse_date(text) {
            Some(day) => {
                let day = Value::Int(i64::from(day));
                Some(Typed { ty: Type::Date, span, term: Term::Const(day) })
            }
            None => self.tell(
                Diagnostic::error("bad-date", span, format!("`{text}` is not a date"))
                    .with_help("write year, month and day: `2026-12-24`"),
            ),
        }
    }

    /// `double(x)`, `int(x)`: CEL's conversions between numbers; a quantity loses its unit.
    fn convert(&mut self, name: &str, args: &[Expr], span: Span) -> Option<Typed> {
        let [arg] = args else {
            return self.tell(Diagnostic::error("bad-arguments", span, format!("`{name}` takes one number")));
        };
        let arg = self.infer(arg, None)?;
        if let Term::Text(text) = &arg.term {
            return self.number_of_text(name, text, span);
        }
        if !matches!(arg.ty, Type::Int | Type::Double | Type::Quantity(_)) {
            let message = format!("`{name}` takes a number, and this is {}", self.describe(arg.ty));
            return self.tell(Diagnostic::error("wrong-type", arg.span, message));
        }
        let arg = Box::new(arg);
        Some(match name {
            "int" => Typed { ty: Type::Int, span, term: Term::ToInt(arg) },
            _ => Typed { ty: Type::Double, span, term: Term::ToDouble(arg) },
        })
    }
}
