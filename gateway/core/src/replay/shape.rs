//! Which of the two shapes a file of events has: its first line says.
//!
//! Before: replay.rs. Next: line.rs for a crowd, day.rs for a day.

use std::io::{self, Chain, Cursor, Read};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::LINE_MAX;

/// What the lines of a file are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// Visitors with their place and weather, one line each: `t`, `visitor`, ..
    Crowd,
    /// What a gateway hears: `at`, `subject`, `zone`, ..
    Day,
}

/// What tells them apart.
#[derive(Deserialize)]
struct First {
    at: Option<IgnoredAny>,
    t: Option<IgnoredAny>,
}

/// Bytes looked at first: more than most lines have.
const PEEK: usize = 4 << 10;

/// A reader that begins anew after its first bytes were looked at.
pub(super) type Anew<R> = Chain<Cursor<Vec<u8>>, R>;

/// The shape, and the whole reader.
pub(super) fn of<R: Read>(mut reader: R) -> io::Result<(Shape, Anew<R>)> {
    let mut head = Vec::with_capacity(PEEK);
    let line = loop {
        // A line end at the very beginning is no line.
        let begin = head.iter().position(|byte| !u8::is_ascii_whitespace(byte)).unwrap_or(head.len());
        let line = head.get(begin..).unwrap_or_default();
        if let Some(end) = memchr::memchr(b'\n', line) {
            break line.get(..end).unwrap_or_default();
        }
        if head.len() > LINE_MAX || reader.by_ref().take(PEEK as u64).read_to_end(&mut head)? == 0 {
            break head.get(begin..).unwrap_or_default();
        }
    };
    Ok((shape(line), Cursor::new(head.clone()).chain(reader)))
}

/// A line that is no JSON, or neither, is a crowd's, whose reader says what is wrong.
fn shape(line: &[u8]) -> Shape {
    match serde_json::from_slice(line) {
        Ok(First { at: Some(_), t: None }) => Shape::Day,
        _ => Shape::Crowd,
    }
}
