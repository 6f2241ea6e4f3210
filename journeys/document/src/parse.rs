//! Text to tree, within bounds: parser events are stacked up into nodes, without recursion.
//!
//! Every way in which a small text can become a large tree is counted: bytes, depth, nodes, and what aliases
//! repeat. Next: `node`, the tree; `decode`, its reader.

mod loader;
mod syntax;

use granit_parser::{Parser, options};
use turnpage_journeys_expr::{Diagnostic, Span};

use crate::node::Node;
use crate::parse::loader::Loader;
use crate::parse::syntax::syntax_problem;

/// What a text may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest text, bytes.
    pub bytes_max: usize,
    /// Deepest nesting of lists and maps.
    pub depth_max: usize,
    /// Most values, those repeated by aliases included.
    pub nodes_max: usize,
    /// Most values repeated by anchors and aliases; 64 bytes of text count as a value.
    pub repeated_max: usize,
}

impl Default for Limits {
    /// Room for the outlines of a large venue; a journey needs a thousandth of it.
    fn default() -> Self {
        Self { bytes_max: 16 << 20, depth_max: 64, nodes_max: 2_000_000, repeated_max: 10_000 }
    }
}

/// Parses one YAML or JSON document within the default [`Limits`].
///
/// # Errors
/// At least one diagnostic with severity error; after bad syntax only the first can be told.
pub fn parse(text: &str) -> Result<Node, Vec<Diagnostic>> {
    parse_within(text, Limits::default())
}

/// Parses bytes that may not be UTF-8.
///
/// # Errors
/// As [`parse`]; the first byte that is not UTF-8 is pointed at.
pub fn from_bytes(bytes: &[u8]) -> Result<Node, Vec<Diagnostic>> {
    match core::str::from_utf8(bytes) {
        Ok(text) => parse(text),
        Err(error) => {
            let at = u32::try_from(error.valid_up_to()).unwrap_or(u32::MAX);
            Err(vec![
                Diagnostic::error("not-utf8", Span::new(at, at), "not UTF-8 text")
                    .with_help("save the file as UTF-8"),
            ])
        }
    }
}

/// Parses one YAML or JSON document within `limits`.
///
/// # Errors
/// As [`parse`].
pub fn parse_within(text: &str, limits: Limits) -> Result<Node, Vec<Diagnostic>> {
    if text.len() > limits.bytes_max.min(u32::MAX as usize) {
        let message = format!("the text is {} bytes long; at most {} are read", text.len(), limits.bytes_max);
        return Err(vec![Diagnostic::error("too-long", Span::new(0, 0), message)]);
    }
    let mut loader = Loader::new(text, limits);
    let options = options! {
        emit_comments: false,
        flow_nesting_limit: limits.depth_max,
        block_nesting_limit: limits.depth_max,
    };
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => {
                let range = span.byte_range().unwrap_or(0..0);
                loader.event(event, Span::new(range.start as u32, range.end as u32));
            }
            Err(error) => {
                loader.give_up(syntax_problem(text, &error));
            }
        }
        if loader.stopped() {
            break;
        }
    }
    loader.finish()
}
