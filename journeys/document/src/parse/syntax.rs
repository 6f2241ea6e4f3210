//! The parser's complaints in our words.

use granit_parser::ScanError;
use turnpage_journeys_expr::{Diagnostic, Span};

/// What is wrong with the syntax, where it was noticed, and the usual cause.
pub(super) fn syntax_problem(text: &str, error: &ScanError) -> Diagnostic {
    let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    let at = text.floor_char_boundary(at);
    let width = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let span = Span::new(at as u32, (at + width) as u32);
    Diagnostic::error("syntax", span, error.info())
}
