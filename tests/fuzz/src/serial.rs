//! What a module on a serial line tells a node: anybody in radio range may have a say in it.

use std::collections::VecDeque;
use std::convert::Infallible;

use embedded_io::{ErrorType, Read, ReadReady};
use turnpage_firmware_node::drivers::ble_scan::BleScanner;
use turnpage_firmware_node::{Badge, BadgeReader as _, Fault};

/// A serial line that has brought so much.
struct Line(VecDeque<u8>);

impl ErrorType for Line {
    type Error = Infallible;
}

impl Read for Line {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        let read = into.len().min(self.0.len());
        into.iter_mut().zip(self.0.drain(..read)).for_each(|(place, byte)| *place = byte);
        Ok(read)
    }
}

impl ReadReady for Line {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(!self.0.is_empty())
    }
}

/// Lines of a scanner: at most a verdict a line, and the same ones in whatever pieces the bytes come.
pub(crate) fn scanner(bytes: &[u8]) {
    let whole = heard(std::iter::once(bytes));
    assert!(whole.len() <= bytes.iter().filter(|byte| **byte == b'\n').count(), "{whole:?}");
    assert_eq!(whole, heard(bytes.chunks(1)));
}

/// What a scanner says of these pieces, each read to its end before the next one comes.
fn heard<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Result<Badge, Fault>> {
    let mut scanner = BleScanner::new(Line(VecDeque::new()));
    let mut heard = Vec::new();
    for piece in pieces {
        scanner.line_mut().0.extend(piece);
        while let Some(said) = scanner.read().transpose() {
            heard.push(said);
        }
    }
    heard
}
