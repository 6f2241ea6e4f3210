//! Recorded events, which somebody else may have recorded: a line is refused by its number, or the day is replayed.

use turnpage_gateway_core::replay::{self, Error};

use crate::stage::stage;

/// Events of either shape, twice: the same day.
pub(crate) fn events(bytes: &[u8]) {
    let once = replayed(bytes);
    assert_eq!(once, replayed(bytes), "two days of the same events");
    match once {
        Err((line, message)) => {
            let lines = bytes.split(|byte| *byte == b'\n').count() as u64;
            assert!((1..=lines).contains(&line), "line {line} of {lines}: {message}");
        }
        Ok(did) => {
            let did = String::from_utf8(did).expect("lines of text");
            for line in did.lines() {
                serde_json::from_str::<serde_json::Value>(line).expect("each line is JSON");
            }
        }
    }
}

fn replayed(bytes: &[u8]) -> Result<Vec<u8>, (u64, String)> {
    let mut did = Vec::new();
    match replay::run(&stage().venue, stage().library.clone(), 7, bytes, &mut did) {
        Ok(_) => Ok(did),
        Err(Error::Line { line, message }) => Err((line, message)),
        Err(Error::Io(error)) => panic!("memory fails: {error}"),
    }
}
