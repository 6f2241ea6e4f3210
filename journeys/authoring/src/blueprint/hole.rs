//! `${name}` in the texts of a blueprint: found, checked and filled. `$${` is a `${` that stays.

use std::collections::BTreeMap;

use turnpage_journeys_document::{Content, Node, Scalar};
use turnpage_journeys_expr::{Diagnostic, Span};

use super::Input;

/// One place in a text.
enum Hole<'a> {
    /// `${name}`.
    Of(Span, &'a str),
    /// `$${`: the first `$` goes.
    Escape(Span),
    /// `${` without a name and a `}`.
    Open(Span),
}

/// The places of a text, in order.
fn holes(text: &str) -> Vec<Hole<'_>> {
    let mut holes = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("${")).map(|at| from + at) {
        let span = |end: usize| Span::new(at as u32, end as u32);
        let inside = text.get(at + 2..).unwrap_or_default();
        let escaped = at.checked_sub(1).and_then(|before| text.as_bytes().get(before)) == Some(&b'$');
        from = at + 2;
        if escaped {
            holes.push(Hole::Escape(Span::new(at as u32 - 1, at as u32)));
        } else if let Some((name, _)) = inside.split_once('}').filter(|(name, _)| is_name(name)) {
            from = at + 3 + name.len();
            holes.push(Hole::Of(span(from), name));
        } else {
            holes.push(Hole::Open(span(at + 2)));
        }
    }
    holes
}

/// Whether inputs may be called so.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Says which holes of a value are no inputs, and marks the inputs that are used. Depth is bounded by the parser.
pub(super) fn look(node: &Node, inputs: &[Input], used: &mut [bool], problems: &mut Vec<Diagnostic>) {
    match &node.value {
        Content::Null => {}
        Content::List(items) => items.iter().for_each(|item| look(item, inputs, used, problems)),
        Content::Map(entries) => {
            for entry in entries {
                if holes(entry.key.text()).iter().any(|hole| matches!(hole, Hole::Of(..))) {
                    let message = "an input cannot stand in a key";
                    let help = "only values are filled: give this a name of its own";
                    problems.push(Diagnostic::error("bad-hole", entry.key_span, message).with_help(help));
                }
                look(&entry.value, inputs, used, problems);
            }
        }
        Content::Scalar(scalar) => {
            for hole in holes(scalar.text()) {
                match hole {
                    Hole::Escape(_) => {}
                    Hole::Open(span) => {
                        let message = "this `${` is not the name of an input in braces";
                        let help = "write `${name}`, or `$${` for a `${` that stays";
                        let problem = Diagnostic::error("bad-hole", scalar.locate(span), message);
                        problems.push(problem.with_help(help));
                    }
                    Hole::Of(span, name) => {
                        let found = inputs.iter().position(|input| input.name.value == name);
                        if let Some(used) = found.and_then(|at| used.get_mut(at)) {
                            *used = true;
                        } else {
                            let message = format!("this blueprint has no input `{name}`");
                            let names = inputs.iter().map(|input| input.name.value.as_str());
                            let problem = Diagnostic::error("unknown-input", scalar.locate(span), message);
                            problems.push(problem.suggesting(name, names));
                        }
                    }
                }
            }
        }
    }
}

/// Fills every hole of a value; adds up the bytes of what was put in. Holes of unknown inputs stay, and were told.
pub(super) fn fill(node: &mut Node, values: &BTreeMap<&str, Scalar>, bytes: &mut usize) {
    match &mut node.value {
        Content::Null => {}
        Content::List(items) => items.iter_mut().for_each(|item| fill(item, values, bytes)),
        Content::Map(entries) => entries.iter_mut().for_each(|entry| fill(&mut entry.value, values, bytes)),
        Content::Scalar(scalar) => {
            let mut edits: Vec<(Span, &str)> = Vec::new();
            let mut quoted = scalar.quoted();
            for hole in holes(scalar.text()) {
                match hole {
                    Hole::Of(span, name) => {
                        if let Some(value) = values.get(name) {
                            *bytes = bytes.saturating_add(value.text().len());
                            quoted = value.quoted();
                            edits.push((span, value.text()));
                        }
                    }
                    Hole::Escape(span) => edits.push((span, "")),
                    Hole::Open(_) => {}
                }
            }
            if *bytes <= super::FILLED_BYTES_MAX && !edits.is_empty() {
                *scalar = scalar.replaced(&edits, quoted);
            }
        }
    }
}
