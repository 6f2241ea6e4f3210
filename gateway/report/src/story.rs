//! One offer from its decision to its end, as one row: what a spreadsheet, a notebook or another tool can count by itself.
//!
//! As CSV with a header, or as NDJSON; the first character tells. Times are milliseconds since 1970. Rows may come from other
//! systems: only `id`, `at` and `offer` have to be there. Before: ledger.rs, which makes them of a log. Next: tally.rs.

use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};

use serde::{Deserialize, Serialize};

use crate::Day;

/// Bytes of one row: names and times need a few hundred.
const ROW_BYTES_MAX: usize = 16 * 1024;

/// What was offered, and what came of it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Story {
    /// The offer's id.
    pub id: String,
    /// When it was decided about.
    pub at: i64,
    /// Until when an answer is its own; at once where nobody says.
    pub valid_until: i64,
    /// To whom: a pseudonym, or whatever tells people apart.
    pub subject: String,
    /// By which journey.
    pub journey: String,
    /// On which page.
    pub page: String,
    /// What.
    pub offer: String,
    /// Made, withheld, or held out by lot.
    pub group: Group,
    /// Why it was withheld.
    pub withheld: String,
    /// Through what.
    pub channel: String,
    /// The venue's day: `2026-07-18`. That of `at` in UTC where nobody says.
    pub day: Option<Day>,
    /// The venue's hour, 0 to 23.
    pub hour: Option<u8>,
    /// Where the subject was.
    pub zone: String,
    /// What the subject is here.
    pub role: String,
    /// In what weather.
    pub weather: String,
    /// When a channel took it.
    pub delivered: Option<i64>,
    /// When it was seen.
    pub seen: Option<i64>,
    /// When more was asked for.
    pub clicked: Option<i64>,
    /// When it was accepted.
    pub accepted: Option<i64>,
    /// When it was declined.
    pub declined: Option<i64>,
    /// When its time ran out.
    pub expired: Option<i64>,
    /// When it was taken back.
    pub withdrawn: Option<i64>,
    /// What it brought.
    pub value: Option<f64>,
}

/// What was decided.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// It was made.
    #[default]
    Made,
    /// Policy withheld it.
    Withheld,
    /// The lot did: what the subject does without it is what offers are held against.
    HeldOut,
}

impl Story {
    /// The day it counts for.
    #[must_use]
    pub fn counts_for(&self) -> Day {
        self.day.unwrap_or_else(|| Day::of_ms(self.at))
    }

    /// When nothing that comes is its own any more.
    pub(crate) fn ends(&self) -> i64 {
        self.valid_until.max(self.at)
    }
}

/// Rows that are read one by one.
pub struct Stories<R: Read>(Kind<R>);

enum Kind<R: Read> {
    Csv(csv::DeserializeRecordsIntoIter<BufReader<R>, Story>),
    Json { lines: BufReader<R>, line: u64 },
}

/// A row that cannot be read.
#[derive(Debug)]
pub struct StoryError(String);

impl fmt::Display for StoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StoryError {}

impl<R: Read> Stories<R> {
    /// Begins to read.
    ///
    /// # Errors
    /// When the first bytes cannot be read.
    pub fn read(from: R) -> std::io::Result<Self> {
        let mut from = BufReader::new(from);
        let is_json = from.fill_buf()?.first() == Some(&b'{');
        Ok(Self(if is_json {
            Kind::Json { lines: from, line: 0 }
        } else {
            Kind::Csv(csv::Reader::from_reader(from).into_deserialize())
        }))
    }
}

impl<R: Read> Iterator for Stories<R> {
    type Item = Result<Story, StoryError>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = match &mut self.0 {
            Kind::Csv(rows) => rows.next()?.map_err(|error| StoryError(error.to_string())),
            Kind::Json { lines, line } => next_line(lines, line)?,
        };
        Some(read.and_then(Story::checked))
    }
}

fn next_line(lines: &mut impl BufRead, number: &mut u64) -> Option<Result<Story, StoryError>> {
    loop {
        *number += 1;
        let mut text = Vec::new();
        let wrong = |message: &dyn fmt::Display| StoryError(format!("line {number}: {message}"));
        match lines.take(ROW_BYTES_MAX as u64 + 1).read_until(b'\n', &mut text) {
            Err(error) => return Some(Err(wrong(&error))),
            Ok(0) => return None,
            Ok(read) if read > ROW_BYTES_MAX => {
                return Some(Err(wrong(&format_args!("longer than {ROW_BYTES_MAX} bytes"))));
            }
            Ok(_) if text.trim_ascii().is_empty() => {}
            Ok(_) => return Some(serde_json::from_slice(&text).map_err(|error| wrong(&error))),
        }
    }
}

impl Story {
    fn checked(self) -> Result<Self, StoryError> {
        let wrong = |what: &str| Err(StoryError(format!("offer `{}`: {what}", self.id)));
        if self.id.is_empty() || self.offer.is_empty() {
            return wrong("a row has an `id` and an `offer`");
        }
        if self.hour.is_some_and(|hour| hour > 23) {
            return wrong("an `hour` is 0 to 23");
        }
        if self.value.is_some_and(|value| !value.is_finite()) {
            return wrong("a `value` is a number");
        }
        Ok(self)
    }
}

/// Writes stories as CSV, with a header.
pub struct Writer<W: Write>(csv::Writer<W>);

impl<W: Write> Writer<W> {
    /// Begins to write.
    pub fn new(to: W) -> Self {
        Self(csv::Writer::from_writer(to))
    }

    /// Writes a row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&mut self, story: &Story) -> std::io::Result<()> {
        self.0.serialize(story).map_err(std::io::Error::other)
    }

    /// Everything to where it goes.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}
