//! Bytes to lines to events, without copying: names are borrowed from the read buffer.
//!
//! Knows the field names and no venue. Next: crowd.rs.

use std::borrow::Cow;
use std::io::Read;

use super::Error;

/// Bytes read at once: enough that the system call is lost in the parsing, little enough for the cache.
const CHUNK: usize = 512 << 10;
/// Bytes of the longest line; a file without line ends must not fill the memory.
const LINE_MAX: usize = 64 << 10;

/// One event. Fields that are not named here are skipped.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Line<'a> {
    pub(super) t: i64,
    #[serde(borrow)]
    pub(super) visitor: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) role: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) zone: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) zone_kind: Cow<'a, str>,
    pub(super) outdoor: bool,
    pub(super) rain: f64,
    pub(super) temp: f64,
    pub(super) queue: Option<f64>,
}

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

impl<R: Read> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, buffer: vec![0; CHUNK + LINE_MAX], start: 0, end: 0, count: 0, over: false }
    }

    /// The next event; `None` after the last. A last line need not end.
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, Error> {
        let Some(length) = self.line()? else { return Ok(None) };
        self.count += 1;
        let from = self.start;
        // The line's end is not part of it, and there is none after the last line.
        self.start = (from + length + 1).min(self.end);
        let bytes = self.buffer.get(from..from + length).unwrap_or_default();
        let wrong = |message: String| Error::Line { line: self.count, message };
        // The parser checks UTF-8 where it borrows text; a line is small, so checking it whole costs little.
        match sonic_rs::from_slice(bytes) {
            Ok(line) => Ok(Some(line)),
            Err(error) => Err(wrong(describe(&error))),
        }
    }

    /// The length of the line at `start`, read in whole.
    fn line(&mut self) -> Result<Option<usize>, Error> {
        let mut looked = 0;
        loop {
            let rest = self.buffer.get(self.start + looked..self.end).unwrap_or_default();
            if let Some(at) = memchr::memchr(b'\n', rest) {
                return Ok(Some(looked + at));
            }
            looked += rest.len();
            if self.over {
                return Ok((looked > 0).then_some(looked));
            }
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

/// The first line of a parser's message: the rest repeats the text with an arrow under it.
fn describe(error: &sonic_rs::Error) -> String {
    let message = error.to_string();
    let first = message.lines().next().unwrap_or_default();
    // It counts lines of its own text, which is always one.
    first.split(" at line ").next().unwrap_or(first).to_owned()
}
