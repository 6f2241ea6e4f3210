//! Helpers of the tables: a tree as one line of text, and diagnostics under the lines they are about.

mod decoding;
mod formatting;
mod hostile;
mod origins;
mod properties;
mod trees;

use turnpage_journeys_expr::Diagnostic;
use turnpage_journeys_expr::diagnostic::position;

use crate::{Content, Node};

/// A tree as text: quoted scalars in quotes, plain ones bare, nothing as `~`.
pub(super) fn shown(node: &Node) -> String {
    match &node.value {
        Content::Null => "~".into(),
        Content::Scalar(scalar) if scalar.quoted() => format!("{:?}", scalar.text()),
        Content::Scalar(scalar) => scalar.text().into(),
        Content::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Content::Map(entries) => {
            let shown = entries.iter().map(|entry| format!("{}: {}", entry.key.text(), shown(&entry.value)));
            format!("{{{}}}", shown.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Diagnostics as `line:column`, the marked text, and what is wrong with it.
pub(super) fn drawn(text: &str, problems: &[Diagnostic]) -> String {
    let mut drawing = String::new();
    for problem in problems {
        let at = position(text, problem.span.start);
        let marked = problem.span.slice(text).expect("spans lie on character borders").escape_debug();
        let (line, column) = (at.line, at.column);
        drawing += &format!("{line}:{column} `{marked}` {}: {}\n", problem.code, problem.message);
        if let Some(help) = &problem.help {
            drawing += &format!("    help: {help}\n");
        }
    }
    drawing
}
