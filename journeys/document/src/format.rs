//! YAML in one canonical form: what is written differently but means the same comes out the same.
//!
//! The form: two blanks of indentation, lists under their keys, short maps and lists in braces and brackets where their author
//! had them so and they fit on a line, double quotes where quotes are wanted. Order, comments, single blank lines, folded
//! and literal blocks stay. What comes out is parsed again and compared before it is given away: a formatter that changed
//! what a file says would be worse than none.
//!
//! Order of reading: `format/written.rs` (text to a tree of what was written), `format/print.rs` (the tree to text),
//! `format/quote.rs` (single values).

mod print;
mod quote;
mod written;

use turnpage_journeys_expr::{Diagnostic, Span};

use crate::node::{Content, Node};
use crate::parse::{Limits, parse_within};

/// Columns of a line: braces and brackets that need more are broken into lines.
const WIDTH: usize = 120;

/// The canonical form of a YAML or JSON text.
///
/// # Errors
/// What makes the text unreadable; or, where a text is so unusual that its canonical form does not say the same, that.
pub fn format(text: &str, limits: Limits) -> Result<String, Vec<Diagnostic>> {
    let meant = parse_within(text, limits)?;
    let unusual = || vec![Diagnostic::error("unformatted", Span::default(), UNUSUAL)];
    let document = written::read(text).ok_or_else(unusual)?;
    let comments = document.comments.len();
    let printed = print::print(text, document);
    let again = parse_within(&printed, limits).map_err(|_| unusual())?;
    let kept = written::read(&printed).is_some_and(|document| document.comments.len() == comments);
    if kept && same(&meant, &again) { Ok(printed) } else { Err(unusual()) }
}

const UNUSUAL: &str = "this text cannot be formatted without changing what it says";

/// Whether two trees are read alike.
fn same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        // A key with nothing after it and one with a written `null` are told apart by readers.
        (Content::Null, Content::Null) => {
            (one.span.start == one.span.end) == (other.span.start == other.span.end)
        }
        (Content::Scalar(a), Content::Scalar(b)) => {
            a.text() == b.text() && (a.quoted() == b.quoted() || !quote::has_a_type(a.text()))
        }
        (Content::List(a), Content::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Content::Map(a), Content::Map(b)) => {
            let alike = |(a, b): (&crate::Entry, &crate::Entry)| {
                a.key.text() == b.key.text() && same(&a.value, &b.value)
            };
            a.len() == b.len() && a.iter().zip(b).all(alike)
        }
        _ => false,
    }
}
