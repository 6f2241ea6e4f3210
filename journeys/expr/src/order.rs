//! Whether values, operators and brackets stand in an order CEL allows.
//!
//! Not a parser: precedence and meaning are left to `parse`. Its one aim is to say what is missing, in our
//! words, at the place where it is missing. Next: `parse`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::diagnostic::{Diagnostic, Span};
use crate::token::{Kind, NESTING_MAX, Token};

/// For each token that is a bracket, the index of its partner; itself for every other token.
pub(crate) type Partners = Vec<usize>;

/// Checks the order of tokens; everything that is missing or one too many goes to `problems`.
pub(crate) fn order(text: &str, tokens: &[Token], problems: &mut Vec<Diagnostic>) -> Partners {
    let mut walk = Walk {
        text,
        tokens,
        partners: (0..tokens.len()).collect(),
        open: Vec::new(),
        questions: Vec::new(),
        problems,
    };
    let mut before = Before::Nothing;
    for (index, token) in tokens.iter().enumerate() {
        before = walk.token(index, *token, before);
    }
    walk.end(before);
    walk.partners
}

/// What stands to the left.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    /// The start of the text, of a bracket, or a comma: a value may come. The bracket may also close
    /// again where that makes a list or a call without elements.
    Nothing,
    /// An operator: a value must come.
    Operator(Span),
    /// A dot: a name must come.
    Dot(Span),
    /// A value that may be called.
    Name(Span),
    /// Any other value.
    Value,
    /// Something that was told already: whatever comes is fine.
    Told,
}

struct Walk<'a, 'p> {
    text: &'a str,
    tokens: &'a [Token],
    partners: Partners,
    /// Open brackets: token index, whether it may be empty, and how many `?` wait outside of it.
    open: Vec<(usize, bool, usize)>,
    /// `?` without their `:` yet.
    questions: Vec<Span>,
    problems: &'p mut Vec<Diagnostic>,
}

impl<'a> Walk<'a, '_> {
    fn token(&mut self, index: usize, token: Token, before: Before) -> Before {
        let has_value = matches!(before, Before::Name(_) | Before::Value);
        match token.kind {
            Kind::Name => self.name(index, token.span, before),
            Kind::Number | Kind::Text => {
                self.no_value_before(token.span, before);
                Before::Value
            }
            Kind::Open => self.open(index, token.span, before),
            Kind::Close => self.close(index, token.span, before),
            Kind::Not => {
                self.no_value_before(token.span, before);
                Before::Operator(token.span)
            }
            Kind::Minus if !has_value => {
                self.no_value_before(token.span, before);
                Before::Operator(token.span)
            }
            Kind::Minus | Kind::Infix => {
                self.value_before(token.span, before);
                Before::Operator(token.span)
            }
            Kind::Dot => {
                self.value_before(token.span, before);
                Before::Dot(token.span)
            }
            Kind::Told => Before::Told,
            Kind::Comma => self.comma(token.span, before),
            Kind::Question => {
                self.value_before(token.span, before);
                self.questions.push(token.span);
                Before::Operator(token.span)
            }
            Kind::Colon => {
                self.value_before(token.span, before);
                let outside = self.open.last().map_or(0, |(_, _, outside)| *outside);
                if self.questions.len() > outside {
                    self.questions.pop();
                } else {
                    self.tell(token.span, "this `:` has no `?` before it", None);
                }
                Before::Operator(token.span)
            }
        }
    }

    fn word(&self, span: Span) -> &'a str {
        span.slice(self.text).unwrap_or_default()
    }

    fn tell(&mut self, span: Span, message: impl Into<String>, help: Option<&str>) {
        let problem = Diagnostic::error("syntax", span, message);
        self.problems.push(match help {
            Some(help) => problem.with_help(help),
            None => problem,
        });
    }

    fn name(&mut self, index: usize, span: Span, before: Before) -> Before {
        let word = self.word(span);
        let has_value = matches!(before, Before::Name(_) | Before::Value);
        let next = self.tokens.get(index + 1).map(|token| token.kind);
        let meant = match word {
            "and" | "AND" if has_value => "&&",
            "or" | "OR" if has_value => "||",
            "is" if has_value => "==",
            // Followed by an operator it is the name of something.
            "not" | "NOT" if matches!(next, Some(Kind::Name | Kind::Open | Kind::Number | Kind::Text)) => "!",
            "not" | "NOT" if has_value => {
                self.tell(
                    span,
                    "`not in` is no operator",
                    Some("put `!(..)` around it: `!(role in [\"guest\"])`"),
                );
                return Before::Told;
            }
            _ => {
                if !matches!(before, Before::Dot(_)) {
                    self.no_value_before(span, before);
                }
                return Before::Name(span);
            }
        };
        let message = format!("`{word}` is no operator");
        let help = format!("did you mean `{meant}`?");
        self.tell(span, message, Some(&help));
        Before::Operator(span)
    }

    /// A value starts at `span`, and not after a dot: nothing may stand before it that is a value already.
    fn no_value_before(&mut self, span: Span, before: Before) {
        match before {
            Before::Name(_) | Before::Value => {
                let message = format!("expected an operator before `{}`", self.word(span));
                self.tell(span, message, None);
            }
            Before::Dot(dot) => self.tell(dot, "expected a name after `.`", None),
            Before::Nothing | Before::Operator(_) | Before::Told => {}
        }
    }

    /// Something that needs a value to its left starts at `span`.
    fn value_before(&mut self, span: Span, before: Before) {
        let word = self.word(span);
        match before {
            Before::Nothing => {
                let message = format!("expected a value before `{word}`");
                self.tell(span, message, None);
            }
            Before::Operator(left) => {
                let message = format!("expected a value between `{}` and `{word}`", self.word(left));
                self.tell(left.to(span), message, None);
            }
            Before::Dot(dot) => self.tell(dot, "expected a name after `.`", None),
            Before::Name(_) | Before::Value | Before::Told => {}
        }
    }

    fn open(&mut self, index: usize, span: Span, before: Before) -> Before {
        let round = self.word(span) == "(";
        let may_be_empty = match before {
            Before::Name(_) => round,
            Before::Value => {
                if round {
                    self.tell(span, "only a function can be called", None);
                }
                false
            }
            _ => {
                self.no_value_before(span, before);
                !round
            }
        };
        self.open.push((index, may_be_empty, self.questions.len()));
        if self.open.len() == NESTING_MAX + 1 {
            let message = format!("nested deeper than {NESTING_MAX} brackets");
            self.problems.push(Diagnostic::error("too-deep", span, message));
        }
        Before::Nothing
    }

    fn close(&mut self, index: usize, span: Span, before: Before) -> Before {
        let word = self.word(span);
        let Some((opening, may_be_empty, outside)) = self.open.pop() else {
            let message = format!("this `{word}` closes nothing");
            self.tell(span, message, None);
            return Before::Told;
        };
        let open_span = self.tokens.get(opening).map_or(span, |token| token.span);
        let fits = matches!((self.word(open_span), word), ("(", ")") | ("[", "]"));
        if !fits {
            let message = format!("`{word}` does not close `{}`", self.word(open_span));
            self.tell(open_span.to(span), message, None);
        }
        let empty = opening + 1 == index;
        if !(empty && may_be_empty) {
            self.value_before(span, before);
        }
        self.close_questions(outside);
        for (from, to) in [(opening, index), (index, opening)] {
            if let Some(partner) = self.partners.get_mut(from) {
                *partner = to;
            }
        }
        Before::Value
    }

    fn comma(&mut self, span: Span, before: Before) -> Before {
        self.value_before(span, before);
        match self.open.last() {
            None => self.tell(span, "a `,` stands only between arguments or list elements", None),
            Some((_, _, outside)) => self.close_questions(*outside),
        }
        // Not `Nothing`: after a comma a value must come.
        Before::Operator(span)
    }

    /// Every `?` inside the bracket or argument that ends here should have met its `:`.
    fn close_questions(&mut self, outside: usize) {
        for span in self.questions.split_off(outside.min(self.questions.len())) {
            self.tell(span, "this `?` has no `:` after it", Some("write `condition ? value : other value`"));
        }
    }

    fn end(&mut self, before: Before) {
        let end = Span::new(self.text.trim_end().len() as u32, self.text.trim_end().len() as u32);
        match before {
            Before::Nothing if self.tokens.is_empty() => {
                self.tell(Span::new(0, 0), "expected an expression, found nothing", None);
            }
            Before::Operator(left) => {
                let message = format!("expected a value after `{}`", self.word(left));
                self.tell(end, message, None);
            }
            Before::Dot(dot) => self.tell(dot, "expected a name after `.`", None),
            _ => {}
        }
        for (opening, _, _) in core::mem::take(&mut self.open) {
            if let Some(token) = self.tokens.get(opening) {
                let message = format!("this `{}` is never closed", self.word(token.span));
                self.tell(token.span, message, None);
            }
        }
        self.close_questions(0);
    }
}
