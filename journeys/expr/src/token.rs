//! The first look at an expression's text: bounds, brackets, and the order of values and operators.
//!
//! The CEL parser recurses with the nesting of its input and speaks in the words of its generator. So the text
//! is bounded here before that parser sees it, and the mistakes people make (`=`, `and`, an open bracket) are
//! told here, all of them, where they stand. What passes is nearly always CEL.
//!
//! Next: `order`, which value may follow which operator; then `parse`.

use alloc::format;
use alloc::vec::Vec;

use crate::diagnostic::{Diagnostic, Span};

/// Longest expression, bytes. A guard fills a line or three; the parser's time grows faster than its input.
pub(crate) const TEXT_MAX: usize = 4_096;
/// Most tokens: bounds the tree, the recursion over operator chains, and the cost of one evaluation.
pub(crate) const TOKENS_MAX: usize = 512;
/// Deepest nesting of brackets, the least CEL asks of an implementation. The parser takes 9 KiB of stack a level as the
/// workspace builds it (optimised in every profile), and 100 KiB and more where it is not.
pub(crate) const NESTING_MAX: usize = 32;

/// What a token is, as far as syntax goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name, a keyword or a literal word.
    Name,
    /// A number.
    Number,
    /// A string with its quotes.
    Text,
    /// `(` or `[`.
    Open,
    /// `)` or `]`.
    Close,
    /// An operator that stands between values; `in` too.
    Infix,
    /// `!`.
    Not,
    /// `-`: before a value or between two.
    Minus,
    /// `.`.
    Dot,
    /// `,`.
    Comma,
    /// `?`.
    Question,
    /// `:`.
    Colon,
    /// Something that was told already and may stand for anything.
    Told,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
}

/// Operators, longest first so that the first match is the right one.
const OPERATORS: [(&str, Kind); 20] = [
    ("&&", Kind::Infix),
    ("||", Kind::Infix),
    ("==", Kind::Infix),
    ("!=", Kind::Infix),
    ("<=", Kind::Infix),
    (">=", Kind::Infix),
    ("<", Kind::Infix),
    (">", Kind::Infix),
    ("+", Kind::Infix),
    ("*", Kind::Infix),
    ("/", Kind::Infix),
    ("%", Kind::Infix),
    ("!", Kind::Not),
    ("-", Kind::Minus),
    (".", Kind::Dot),
    (",", Kind::Comma),
    ("?", Kind::Question),
    (":", Kind::Colon),
    ("(", Kind::Open),
    ("[", Kind::Open),
];

/// The tokens of a text; every character that is not CEL, and every bound it exceeds, goes to `problems`.
pub(crate) fn tokens(text: &str, problems: &mut Vec<Diagnostic>) -> Vec<Token> {
    if text.len() > TEXT_MAX {
        let message = format!("the expression is {} bytes long; at most {TEXT_MAX} are read", text.len());
        problems.push(Diagnostic::error("too-long", Span::new(0, 0), message));
        return Vec::new();
    }
    let mut scanner = Scanner { text, at: 0, tokens: Vec::new(), problems };
    while scanner.step() {}
    let mut tokens = scanner.tokens;
    if let Some(extra) = tokens.get(TOKENS_MAX) {
        let message = format!("the expression has more than {TOKENS_MAX} words and operators");
        problems.push(Diagnostic::error("too-long", extra.span, message));
        tokens.clear();
    }
    tokens
}

struct Scanner<'a, 'p> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    problems: &'p mut Vec<Diagnostic>,
}

impl<'a> Scanner<'a, '_> {
    /// Takes one token, blank or comment; false at the end.
    fn step(&mut self) -> bool {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return false };
        if first.is_ascii_whitespace() {
            self.at += 1;
        } else if rest.starts_with("//") {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if first.is_ascii_digit() || (first == '.' && second_is_digit(rest)) {
            self.number(rest);
        } else if let Some(quote) = string_start(rest) {
            self.string(rest, quote);
        } else if first.is_alphabetic() || first == '_' {
            self.word(rest);
        } else if first == ')' || first == ']' {
            self.push(Kind::Close, 1);
        } else if let Some((word, kind)) = OPERATORS.iter().find(|(word, _)| rest.starts_with(word)) {
            self.push(*kind, word.len());
        } else {
            self.stranger(rest, first);
        }
        true
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn span(&self, length: usize) -> Span {
        Span::new(self.at as u32, (self.at + length) as u32)
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let span = self.span(length);
        self.tokens.push(Token { kind, span });
        self.at += length;
    }

    fn word(&mut self, rest: &str) {
        let length = word_len(rest);
        let word = rest.get(..length).unwrap_or_default();
        if !word.is_ascii() {
            let problem = Diagnostic::error("syntax", self.span(length), format!("`{word}` is no name"));
            self.problems.push(problem.with_help("names are made of `a` to `z`, digits and `_`"));
        }
        self.push(if word == "in" { Kind::Infix } else { Kind::Name }, length);
    }

    fn number(&mut self, rest: &str) {
        let length = number_len(rest);
        let word = length + word_len(rest.get(length..).unwrap_or_default());
        if word > length {
            let written = rest.get(..word).unwrap_or_default();
            let problem =
                Diagnostic::error("syntax", self.span(word), format!("`{written}` is not a number"));
            let is_time = written.ends_with(['s', 'm', 'h']);
            self.problems.push(if is_time {
                problem.with_help(format!("write a length of time as `duration(\"{written}\")`"))
            } else {
                problem
            });
        }
        self.push(Kind::Number, word);
    }

    fn string(&mut self, rest: &str, start: StringStart) {
        let body = rest.get(start.opening..).unwrap_or_default();
        match string_len(body, start) {
            Some(length) => self.push(Kind::Text, start.opening + length),
            None => {
                let problem =
                    Diagnostic::error("syntax", self.span(start.opening), "this text has no closing quote");
                self.problems.push(problem);
                self.push(Kind::Text, rest.len());
            }
        }
    }

    /// A character CEL, or the subset, has no use for, with what belongs to it.
    fn stranger(&mut self, rest: &str, found: char) {
        let own = found.len_utf8();
        let through = |close: char| rest.find(close).map_or(own, |at| at + close.len_utf8());
        let (kind, length, code, message, help) = match found {
            '=' => (Kind::Infix, own, "syntax", "`=` does not compare".into(), Some("did you mean `==`?")),
            '&' => (Kind::Infix, own, "syntax", "`&` is no operator".into(), Some("did you mean `&&`?")),
            '|' => (Kind::Infix, own, "syntax", "`|` is no operator".into(), Some("did you mean `||`?")),
            '{' => {
                let message = "maps and messages are not in the subset".into();
                (Kind::Told, through('}'), "outside-subset", message, None)
            }
            '`' => {
                let length = rest.get(1..).and_then(|name| name.find('`')).map_or(own, |at| at + 2);
                (Kind::Told, length, "outside-subset", "quoted names are not in the subset".into(), None)
            }
            '“' | '„' | '‘' | '”' | '’' => {
                let close = rest.char_indices().skip(1).find(|(_, c)| matches!(c, '“' | '”' | '’' | '‘'));
                let length = close.map_or(own, |(at, c)| at + c.len_utf8());
                let message = format!("`{found}` is not a quote CEL knows");
                (Kind::Told, length, "syntax", message, Some("use `\"` or `'`"))
            }
            _ => {
                let message = format!("unexpected character `{}`", found.escape_debug());
                (Kind::Told, own, "syntax", message, None)
            }
        };
        let problem = Diagnostic::error(code, self.span(length), message);
        self.problems.push(match help {
            Some(help) => problem.with_help(help),
            None => problem,
        });
        self.push(kind, length);
    }
}

fn second_is_digit(rest: &str) -> bool {
    rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
}

fn word_len(rest: &str) -> usize {
    rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
}

/// Length of a CEL number: decimal, hexadecimal, unsigned, with fraction and exponent.
fn number_len(rest: &str) -> usize {
    let digits = |from: usize, hex: bool| {
        let tail = rest.get(from..).unwrap_or_default();
        let end = tail.find(|c: char| if hex { !c.is_ascii_hexdigit() } else { !c.is_ascii_digit() });
        from + end.unwrap_or(tail.len())
    };
    let byte = |at: usize| rest.as_bytes().get(at).copied().unwrap_or(b' ');
    let mut at = if rest.starts_with("0x") { digits(2, true) } else { digits(0, false) };
    if byte(at) == b'.' && byte(at + 1).is_ascii_digit() {
        at = digits(at + 1, false);
    }
    if matches!(byte(at), b'e' | b'E') {
        let sign = usize::from(matches!(byte(at + 1), b'+' | b'-'));
        if byte(at + 1 + sign).is_ascii_digit() {
            at = digits(at + 1 + sign, false);
        }
    }
    at + usize::from(matches!(byte(at), b'u' | b'U'))
}

/// Length of the string `rest` starts with, quotes and prefix included; `None` if it starts with none. One that is
/// never closed goes on to the end.
pub(crate) fn string_at(rest: &str) -> Option<usize> {
    let start = string_start(rest)?;
    let body = rest.get(start.opening..)?;
    Some(string_len(body, start).map_or(rest.len(), |length| start.opening + length))
}

#[derive(Clone, Copy)]
struct StringStart {
    /// Bytes of prefix and quotes.
    opening: usize,
    quote: &'static str,
    raw: bool,
}

/// Whether a string starts here: an optional prefix of `r` and `b`, then one or three quotes.
fn string_start(rest: &str) -> Option<StringStart> {
    let prefix = rest.find(|c: char| !matches!(c, 'r' | 'R' | 'b' | 'B')).filter(|length| *length <= 2)?;
    let (letters, body) = rest.split_at_checked(prefix)?;
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| body.starts_with(quote))?;
    Some(StringStart { opening: prefix + quote.len(), quote, raw: letters.contains(['r', 'R']) })
}

/// Length of a string's body with its closing quote. A short string ends with its line.
fn string_len(body: &str, start: StringStart) -> Option<usize> {
    let mut escaped = false;
    for (at, found) in body.char_indices() {
        if escaped {
            escaped = false;
        } else if !start.raw && found == '\\' {
            escaped = true;
        } else if body.get(at..).is_some_and(|rest| rest.starts_with(start.quote)) {
            return Some(at + start.quote.len());
        } else if start.quote.len() == 1 && matches!(found, '\n' | '\r') {
            return None;
        }
    }
    None
}
