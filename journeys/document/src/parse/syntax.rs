//! The parser's complaints in our words, each with its usual cause.
//!
//! A parser stops at the first thing it cannot read, so there is one of these a file. Next: back to `parse`.

use granit_parser::{ErrorKind, ScanError};
use turnpage_journeys_expr::{Diagnostic, Span};

/// What is wrong with the syntax, where it was noticed, and the usual cause.
pub(super) fn syntax_problem(text: &str, error: &ScanError) -> Diagnostic {
    let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
    let at = text.floor_char_boundary(at);
    let rest = text.get(at..).unwrap_or_default();
    let found = rest.chars().next();
    let span = Span::new(at as u32, (at + found.map_or(0, char::len_utf8)) as u32);
    let found = found.map_or_else(|| "the end".into(), |found| format!("`{}`", found.escape_debug()));
    let (message, help) = explain(error.kind(), &found);
    let code = if *error.kind() == ErrorKind::RecursionLimitExceeded { "too-deep" } else { "syntax" };
    let problem = Diagnostic::error(code, span, message);
    match help {
        Some(help) => problem.with_help(help),
        None => problem,
    }
}

/// The message and, where one cause is far likelier than others, what to do. `found` is the character at the place.
fn explain(kind: &ErrorKind, found: &str) -> (String, Option<&'static str>) {
    use ErrorKind as K;
    const INDENT: &str = "keys of one map, and items of one list, start in one column";
    let (message, help) = match kind {
        K::TabNotAllowed | K::TabInBlockIndentation | K::TabInIndentation | K::TabAtBlockScalarStart => {
            ("a tab in the indentation", Some("indent with spaces"))
        }
        K::TabInPlainScalar => ("a tab where a value goes on", Some("use spaces")),
        K::UnclosedFlowCollection { .. } => return (format!("this {found} is never closed"), None),
        K::MisplacedFlowCollectionEnd => return (format!("this {found} closes nothing"), None),
        K::MismatchedFlowCollectionEnd { open, close } => {
            return (format!("this `{open}` is not closed by `{close}`"), None);
        }
        K::UnexpectedEof
        | K::UnexpectedEofFlowSequence
        | K::UnexpectedEofFlowMapping
        | K::UnexpectedEofImplicitFlowMapping
        | K::UnexpectedEofBlockSequence
        | K::UnexpectedEofBlockMapping => ("the text ends in the middle of a value", None),
        K::UnclosedQuotedScalar | K::InvalidQuotedScalarIndent | K::DocumentIndicatorInQuotedScalar => {
            ("a quoted text before this place is never closed", Some("close the quote on the line it starts"))
        }
        K::InvalidTrailingSingleQuotedScalar | K::InvalidTrailingDoubleQuotedScalar => (
            "something follows a closed quote",
            Some("quote all of the text, and double a quote inside of it: `'it''s'`"),
        ),
        K::UnknownQuotedScalarEscape
        | K::InvalidQuotedScalarHexEscape
        | K::InvalidLowSurrogateHexEscape
        | K::InvalidLowSurrogate
        | K::MissingLowSurrogate
        | K::UnpairedLowSurrogate
        | K::InvalidUnicodeEscape => {
            ("an escape YAML does not know", Some("in single quotes a `\\` is only a `\\`"))
        }
        K::ExpectedFlowMappingSeparator => return (format!("expected `,` or `}}`, found {found}"), None),
        K::ExpectedFlowSequenceSeparator => return (format!("expected `,` or `]`, found {found}"), None),
        K::ExpectedBlockMappingKey => return (format!("expected a key, found {found}"), Some(INDENT)),
        K::ExpectedBlockSequenceEntry => return (format!("expected `- `, found {found}"), Some(INDENT)),
        K::SimpleKeyExpected | K::InvalidSimpleKey => {
            ("this line is neither `key: value` nor an item", Some("is a `:` missing, or a blank after it?"))
        }
        K::MappingValueNotAllowed | K::InvalidColonPlacement | K::MappingKeyNotAllowed => {
            ("a `:` cannot stand here", Some("quote text that holds `: `; or is this line indented too far?"))
        }
        K::InvalidIndentation | K::InvalidBlockScalarIndent | K::InvalidFlowScalarIndent => {
            ("the indentation does not fit", Some(INDENT))
        }
        K::BlockSequenceEntryNotAllowed | K::BlockEntryInFlowCollection | K::InvalidBlockEntryWhitespace => {
            ("a list item cannot stand here", Some("a list starts on a line of its own"))
        }
        K::UnknownAnchor => {
            ("an alias to an anchor that is not there", Some("quote text that starts with `*`"))
        }
        K::UnexpectedCharacter { .. } | K::ExpectedNodeContent => {
            return (format!("a value cannot start with {found}"), Some("quote it"));
        }
        K::RecursionLimitExceeded => ("lists and maps are nested too deep", None),
        other => return (format!("this is not YAML: {other}"), None),
    };
    (message.into(), help)
}
