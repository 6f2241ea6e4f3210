//! A text with holes to its pieces: where a hole begins and ends, and what stands in it.
//!
//! Next: `words`, how the pieces read.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::check::check;
use crate::diagnostic::{Diagnostic, Span};
use crate::fold::fold;
use crate::parse::parse;
use crate::program::{Program, Scope};
use crate::template::words::Words;
use crate::template::{TEMPLATE_MAX, Template};
use crate::token::string_at;
use crate::typed::{Term, Typed};
use crate::types::Type;

impl Template {
    /// Checks and compiles a text with `{expression}` holes; `{{` and `}}` are literal braces.
    ///
    /// # Errors
    /// Everything wrong with the text at once, spans relative to `text`.
    pub fn compile(text: &str, scope: &Scope<'_>) -> Result<Self, Vec<Diagnostic>> {
        if text.len() > TEMPLATE_MAX {
            let message =
                alloc::format!("the text is {} bytes long; at most {TEMPLATE_MAX} are read", text.len());
            return Err(alloc::vec![Diagnostic::error("too-long", Span::new(0, 0), message)]);
        }
        let mut reader = Reader { text, scope, pieces: Vec::new(), problems: Vec::new() };
        reader.read();
        if !reader.problems.is_empty() {
            return Err(reader.problems);
        }
        Ok(Self::of(reader.pieces))
    }
}

struct Reader<'a> {
    text: &'a str,
    scope: &'a Scope<'a>,
    pieces: Vec<Words>,
    problems: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn read(&mut self) {
        let mut literal = String::new();
        let mut at = 0;
        while let Some(rest) = self.text.get(at..).filter(|rest| !rest.is_empty()) {
            let brace = rest.find(['{', '}']).unwrap_or(rest.len());
            literal.push_str(rest.get(..brace).unwrap_or_default());
            at += brace;
            let rest = rest.get(brace..).unwrap_or_default();
            if rest.starts_with("{{") || rest.starts_with("}}") {
                literal.push_str(rest.get(..1).unwrap_or_default());
                at += 2;
            } else if rest.starts_with('{') {
                self.pieces.push(Words::Text(core::mem::take(&mut literal)));
                at += self.hole(at, rest);
            } else if rest.starts_with('}') {
                let message = "this `}` closes nothing";
                let problem = Diagnostic::error("syntax", Span::new(at as u32, at as u32 + 1), message);
                self.problems.push(problem.with_help("write `}}` for a brace in the text"));
                at += 1;
            }
        }
        self.pieces.push(Words::Text(literal));
        self.pieces.retain(|piece| !matches!(piece, Words::Text(text) if text.is_empty()));
    }

    /// Reads the hole `rest` starts with and gives its length, braces included.
    fn hole(&mut self, at: usize, rest: &str) -> usize {
        let Some(length) = hole_len(rest) else {
            let message = "this `{` is never closed";
            let problem = Diagnostic::error("syntax", Span::new(at as u32, at as u32 + 1), message);
            self.problems.push(problem.with_help("write `{{` for a brace in the text"));
            return rest.len();
        };
        let inside = rest.get(1..length - 1).unwrap_or_default();
        let shift = at as u32 + 1;
        let words = parse(inside).and_then(|expr| check(&expr, self.scope, None)).and_then(Words::from_typed);
        match words {
            Ok(words) => self.pieces.push(words),
            Err(problems) => self.problems.extend(
                problems
                    .into_iter()
                    .map(|problem| problem.moved(|span| Span::new(span.start + shift, span.end + shift))),
            ),
        }
        length
    }
}

/// Length of a hole with both braces; braces in strings do not count.
fn hole_len(rest: &str) -> Option<usize> {
    let mut at = 1;
    while let Some(inside) = rest.get(at..).filter(|inside| !inside.is_empty()) {
        if inside.starts_with('}') {
            return Some(at + 1);
        }
        at += match string_at(inside) {
            Some(length) => length,
            None => inside.chars().next().map_or(1, char::len_utf8),
        };
    }
    None
}

impl Words {
    /// The words of a checked hole.
    pub(super) fn from_typed(typed: Typed) -> Result<Self, Vec<Diagnostic>> {
        let typed = fold(typed);
        match (typed.ty, typed.term) {
            (Type::Bool, _) => Err(alloc::vec![
                Diagnostic::error("wrong-type", typed.span, "a truth has no words")
                    .with_help("choose between texts: `{place.outdoor ? 'outside' : 'inside'}`")
            ]),
            (_, Term::Text(text)) => Ok(Self::Text(text)),
            (_, Term::Title(domain, of)) => Ok(Self::Title(domain, Program::emit(&of))),
            (Type::Text, Term::If(condition, then, otherwise)) => {
                let branches = (Self::from_typed(*then)?, Self::from_typed(*otherwise)?);
                Ok(Self::If(Program::emit(&condition), Box::new(branches)))
            }
            (ty, term) => Ok(Self::Shown(ty, Program::emit(&Typed { ty, span: typed.span, term }))),
        }
    }
}
