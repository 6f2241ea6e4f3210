//! Data to stdout. Whoever reads it may stop early, as `head` does: that is no failure of the command.
//!
//! Talk goes to stderr and not through here. Next: the command goes on to its own exit code.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write as _};

use anyhow::Context as _;

/// Writes a text as it is.
pub(crate) fn put(text: impl Display) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match write!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.context("cannot write to stdout"),
    }
}
