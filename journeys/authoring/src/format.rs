//! The canonical form of journeys, blueprints and plays.
//!
//! They are YAML to the formatter: what keys mean is none of its business. Before: `source`. Next: the command line writes it.

use turnpage_journeys_document::Limits;
use turnpage_journeys_expr::Diagnostic;

use crate::source::FILE_BYTES_MAX;

/// Formats one file. What comes out says the same as what went in, and formatting it again changes nothing.
///
/// # Errors
/// What makes the text unreadable.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let limits = Limits { bytes_max: FILE_BYTES_MAX as usize, ..Limits::default() };
    turnpage_journeys_document::format(text, limits)
}
