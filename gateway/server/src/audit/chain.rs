//! The audit log's lines: how each holds on to the one before, where a chain breaks, and where it ends.
//!
//! Bytes in, values out; a line that was made by nobody here is data. Before: audit.rs. Next: gateway/cli, `turnpage audit`.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Bytes of a line at most: it holds names and fixed words.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// A line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The first is 1.
    pub number: u64,
    /// When it was noted, by the machine's clock, in milliseconds since 1970.
    pub at_ms: u64,
    /// What happened, in one of a few words.
    pub what: String,
    /// The token's name, or what else it was.
    pub who: String,
    /// More about it.
    pub detail: String,
    /// The head before it, as it is written.
    pub after: String,
}

/// The end of a chain: the last line's number, and its SHA-256. Written as `7:ba78..`; where there is no line, `0:` and zeros.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Head {
    /// How many lines there are.
    pub number: u64,
    digest: [u8; 32],
}

impl Head {
    pub(super) fn of(number: u64, line: &[u8]) -> Self {
        Self { number, digest: Sha256::digest(line).into() }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.number)?;
        self.digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The first line that does not hold on to the one before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Broken {
    /// Which line of the file it is; the first is 1.
    pub number: u64,
    /// What is wrong with it.
    pub why: &'static str,
}

/// Reads all lines: the records, and the head behind them. With `known`, a head of before, which has to be among them.
///
/// # Errors
/// The first that is broken.
pub fn verify(bytes: &[u8], known: Option<&str>) -> Result<(Vec<Record>, Head), Broken> {
    let (mut records, mut head) = (Vec::new(), Head::default());
    let mut seen = known.is_none_or(|known| known == head.to_string());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let number = head.number + 1;
        let broken = |why| Broken { number, why };
        let line = line.strip_suffix(b"\n").ok_or(broken("it is torn"))?;
        let record: Record = serde_json::from_slice(line).map_err(|_| broken("it is no record"))?;
        if record.number != number {
            return Err(broken("it has another number: lines are missing or doubled"));
        }
        if record.after != head.to_string() {
            return Err(broken("it does not follow the line before, one of the two was changed"));
        }
        head = Head::of(number, line);
        seen |= known.is_some_and(|known| known == head.to_string());
        records.push(record);
    }
    if seen {
        return Ok((records, head));
    }
    let why = "the head that was noted is not among the lines: they end too soon, or were written anew";
    Err(Broken { number: head.number + 1, why })
}

/// Where a file ends.
#[derive(Default)]
pub(super) struct Last {
    pub(super) head: Head,
    /// Bytes of whole lines.
    pub(super) whole: u64,
    /// Bytes behind them.
    pub(super) torn: u64,
}

/// Finds the last whole line, however long the file is.
pub(super) fn last(mut file: File) -> io::Result<Last> {
    let length = file.metadata()?.len();
    // Two lines at most: one that was torn, and the one before.
    let from = length.saturating_sub(2 * LINE_BYTES_MAX);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.take(2 * LINE_BYTES_MAX).read_to_end(&mut tail)?;
    let ends = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let lines = tail.get(..ends).unwrap_or_default();
    let (whole, torn) = (from + ends as u64, (tail.len() - ends) as u64);
    let line = lines.strip_suffix(b"\n").unwrap_or_default();
    let line = line.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    if line.is_empty() && whole == 0 {
        return Ok(Last { head: Head::default(), whole, torn });
    }
    let unread = |_| io::Error::other("the last line of the audit log is none that this program wrote");
    let record: Record = serde_json::from_slice(line).map_err(unread)?;
    Ok(Last { head: Head::of(record.number, line), whole, torn })
}
