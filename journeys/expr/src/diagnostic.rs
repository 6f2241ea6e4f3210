//! What is wrong in a text an author wrote: where, why, and what was probably meant.
//!
//! Plain data. Spans are byte offsets into ONE text; which file that text came from is known to whoever
//! read it. Drawing carets is the job of `journeys/authoring`.

use alloc::string::String;

/// A half-open range of bytes `start..end` in one text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte; equal to `start` for a place between two characters.
    pub end: u32,
}

impl Span {
    /// The span `start..end`. Ends that lie before the start are pulled up to it.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end: if end < start { start } else { end } }
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The text under the span, or nothing if it does not lie on character borders of `text`.
    #[must_use]
    pub fn slice(self, text: &str) -> Option<&str> {
        text.get(self.start as usize..self.end as usize)
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing that contains this runs.
    Error,
    /// Runs, and is probably not what was meant.
    Warning,
}

/// One problem in one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable name of the kind of problem, in kebab-case, for machines and for looking it up.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where, in bytes of the text that was read.
    pub span: Span,
    /// Another place in the same text that it is about: what was there first.
    pub beside: Option<Span>,
    /// What is wrong: lower case, no full stop, the author's words in backticks.
    pub message: String,
    /// What to do about it, if we know.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error without help.
    #[must_use]
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, span, beside: None, message: message.into(), help: None }
    }

    /// A warning without help.
    #[must_use]
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// The same with help.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, about another place as well.
    #[must_use]
    pub fn with_beside(mut self, span: Span) -> Self {
        self.beside = Some(span);
        self
    }

    /// The same with the help `did you mean ..?` when one of `candidates` is [`closest`] to `word`.
    #[must_use]
    pub fn suggesting<'a>(self, word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        match closest(word, candidates) {
            Some(found) => self.with_help(alloc::format!("did you mean `{found}`?")),
            None => self,
        }
    }

    /// The same problem in another text: a guard's span moved into the file the guard stands in.
    #[must_use]
    pub fn moved(mut self, to_file: impl Fn(Span) -> Span) -> Self {
        self.span = to_file(self.span);
        self.beside = self.beside.map(to_file);
        self
    }
}

/// The candidate a writer of `word` most probably meant, or none if nothing is near enough.
///
/// Near enough is a third of the longer word's characters (at least one) in insertions, deletions,
/// substitutions and swaps. Case does not count. Of equally near candidates the first wins.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let length = lower.chars().count();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let allowed = (length.max(candidate.chars().count()) / 3).max(1);
            let distance = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
            (distance <= allowed && distance < length.max(1)).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A place in a text as people count: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters (not bytes), from 1.
    pub column: u32,
}

/// Where byte `offset` of `text` stands. Offsets past the end give the end; offsets inside a character
/// give that character.
#[must_use]
pub fn position(text: &str, offset: u32) -> Position {
    let offset = text.floor_char_boundary(offset as usize);
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count();
    let column = before.get(line_start..).unwrap_or_default().chars().count();
    Position { line: line as u32 + 1, column: column as u32 + 1 }
}
