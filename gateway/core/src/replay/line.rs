//! Bytes to lines to events, without copying: names are borrowed from the read buffer.
//!
//! Knows the field names and no venue. Next: line/usual.rs, which reads most lines; then crowd.rs.

mod usual;

use std::fmt;
use std::io::Read;
use std::ops::Deref;

use serde::de::{Deserialize, Deserializer, Visitor};

use super::Error;
use super::more::Also;

/// Bytes read at once: enough that the system call is lost in the parsing, little enough for the cache.
const CHUNK: usize = 512 << 10;
/// Bytes of the longest line; a file without line ends must not fill the memory.
pub(super) const LINE_MAX: usize = 64 << 10;

/// One event. Fields that are not named here are skipped.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Line<'a> {
    pub(super) t: i64,
    #[serde(borrow)]
    pub(super) visitor: Text<'a>,
    #[serde(borrow)]
    pub(super) role: Text<'a>,
    #[serde(borrow)]
    pub(super) zone: Text<'a>,
    #[serde(borrow)]
    pub(super) zone_kind: Text<'a>,
    pub(super) outdoor: bool,
    pub(super) rain: f64,
    pub(super) temp: f64,
    pub(super) queue: Option<f64>,
    /// What only some lines say. Boxed, so that a line without it is moved as before.
    #[serde(default)]
    pub(super) also: Option<Box<Also>>,
}

/// A text of a line: borrowed, or, when it is written with escapes, its own.
#[derive(Debug)]
pub(super) enum Text<'a> {
    Borrowed(&'a str),
    // Boxed twice, so that the usual case is no larger than what it borrows.
    #[expect(
        clippy::box_collection,
        reason = "a line is moved for every event, an escape hardly ever occurs"
    )]
    Own(Box<String>),
}

impl Deref for Text<'_> {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Own(text) => text,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            #[inline]
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text::Borrowed(text))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text::Own(Box::new(text.to_owned())))
            }
        }
        from.deserialize_str(Reading)
    }
}

/// Lines parsed at a time. What each needs from memory can then be fetched for all of them at once, which hides
/// most of the waiting; more than this many would not fit the cache until they are used.
pub(super) const BATCH: usize = 64;

/// The lines of a reader.
pub(super) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    /// What of the buffer has been read and not yet given out.
    start: usize,
    end: usize,
    /// Lines given out.
    count: u64,
    over: bool,
}

/// Some lines, and what is wrong with the one after them.
#[derive(Default)]
pub(super) struct Batch<'a> {
    pub(super) lines: Vec<Line<'a>>,
    pub(super) error: Option<Error>,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, buffer: vec![0; CHUNK + LINE_MAX], start: 0, end: 0, count: 0, over: false }
    }

    /// The next events, at most [`BATCH`]; none after the last. A last line need not end.
    pub(super) fn batch(&mut self) -> Result<Batch<'_>, Error> {
        self.read()?;
        let mut batch = Batch { lines: Vec::with_capacity(BATCH), error: None };
        let mut rest = self.buffer.get(self.start..self.end).unwrap_or_default();
        while batch.lines.len() < BATCH && batch.error.is_none() {
            let length = match memchr::memchr(b'\n', rest) {
                Some(length) => length,
                None if self.over && !rest.is_empty() => rest.len(),
                None => break,
            };
            let (line, tail) = rest.split_at_checked(length).unwrap_or_default();
            rest = tail.get(1..).unwrap_or_default();
            self.count += 1;
            match parse(line) {
                Ok(line) => batch.lines.push(line),
                Err(message) => batch.error = Some(Error::Line { line: self.count, message }),
            }
        }
        self.start = self.end - rest.len();
        Ok(batch)
    }

    /// Reads until a whole line stands in the buffer, or all that is left.
    fn read(&mut self) -> Result<(), Error> {
        let mut looked = 0;
        loop {
            let rest = self.buffer.get(self.start + looked..self.end).unwrap_or_default();
            if self.over || memchr::memchr(b'\n', rest).is_some() {
                return Ok(());
            }
            looked += rest.len();
            if looked > LINE_MAX {
                let message = format!("longer than {LINE_MAX} bytes");
                return Err(Error::Line { line: self.count + 1, message });
            }
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
            let read = self.reader.read(self.buffer.get_mut(self.end..).unwrap_or_default())?;
            self.over = read == 0;
            self.end += read;
        }
    }
}

/// One line. Text is checked once, as a whole, so that the parser need not check each name.
fn parse(line: &[u8]) -> Result<Line<'_>, String> {
    let text = std::str::from_utf8(line).map_err(|_| "not UTF-8".to_owned())?;
    match usual::read(text) {
        Some(line) => Ok(line),
        None => general(text),
    }
}

/// A line as any JSON may say it, or what is wrong with it.
fn general(text: &str) -> Result<Line<'_>, String> {
    sonic_rs::from_str(text).map_err(|error| describe(&error))
}

/// The first line of a parser's message: the rest repeats the text with an arrow under it.
fn describe(error: &sonic_rs::Error) -> String {
    let message = error.to_string();
    let first = message.lines().next().unwrap_or_default();
    // It counts lines of its own text, which is always one.
    first.split(" at line ").next().unwrap_or(first).to_owned()
}

#[cfg(test)]
mod tests;
