//! Is this the one deterministic encoding (RFC 8949, section 4.2.1) of what the contract allows?
//!
//! A single pass over untrusted bytes before anything is decoded, unknown keys included, so that the
//! decoder proper never meets a long integer, a duplicate key, a tag or an indefinite length.
//! It knows CBOR and nothing about frames.
//!
//! Next: `decode` reads the fields.

use crate::Error;

/// Deepest nesting of maps and arrays. Version 1 uses two; the rest is room for later versions.
const DEPTH_MAX: u8 = 4;

/// Accepts exactly one item in deterministic encoding with nothing behind it.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Error> {
    match item(bytes, 0)? {
        [] => Ok(()),
        _ => Err(Error::Malformed),
    }
}

/// Checks the item at the front of `bytes` and returns what follows it.
fn item(bytes: &[u8], depth: u8) -> Result<&[u8], Error> {
    let (&initial, rest) = bytes.split_first().ok_or(Error::Malformed)?;
    match initial {
        // False, true and null. Tags, floats and the other simple values stay outside.
        0xf4..=0xf6 => return Ok(rest),
        0xc0.. => return Err(Error::Malformed),
        _ => {}
    }
    let (argument, rest) = head(bytes)?;
    match initial >> 5 {
        0 | 1 => Ok(rest),
        2 => string(rest, argument).map(|(_, rest)| rest),
        3 => {
            let (text, rest) = string(rest, argument)?;
            core::str::from_utf8(text).map_err(|_| Error::Malformed)?;
            Ok(rest)
        }
        4 if depth < DEPTH_MAX => (0..argument).try_fold(rest, |rest, _| item(rest, depth + 1)),
        5 if depth < DEPTH_MAX => map(rest, argument, depth + 1),
        _ => Err(Error::Malformed),
    }
}

/// The argument of the head at the front of `bytes`, in its shortest form, and what follows the head.
fn head(bytes: &[u8]) -> Result<(u64, &[u8]), Error> {
    let (&initial, rest) = bytes.split_first().ok_or(Error::Malformed)?;
    let (width, shortest) = match initial & 0x1f {
        direct @ 0..=23 => return Ok((u64::from(direct), rest)),
        24 => (1, 24),
        25 => (2, 1 << 8),
        26 => (4, 1 << 16),
        27 => (8, 1 << 32),
        _ => return Err(Error::Malformed),
    };
    let (argument, rest) = rest.split_at_checked(width).ok_or(Error::Malformed)?;
    let argument = argument.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte));
    if argument < shortest { Err(Error::NotCanonical) } else { Ok((argument, rest)) }
}

/// Splits a string of `len` bytes from the front.
fn string(bytes: &[u8], len: u64) -> Result<(&[u8], &[u8]), Error> {
    usize::try_from(len).ok().and_then(|len| bytes.split_at_checked(len)).ok_or(Error::Malformed)
}

/// Checks the entries of a map: keys are unsigned integers and strictly ascend.
fn map(bytes: &[u8], entries: u64, depth: u8) -> Result<&[u8], Error> {
    let mut rest = bytes;
    let mut last = None;
    // Every entry takes two bytes or the input ends, so the count cannot make this loop long.
    for _ in 0..entries {
        if rest.first().is_none_or(|initial| initial >> 5 != 0) {
            return Err(Error::Malformed);
        }
        let (key, value) = head(rest)?;
        if last.is_some_and(|last| key <= last) {
            return Err(Error::NotCanonical);
        }
        last = Some(key);
        rest = item(value, depth)?;
    }
    Ok(rest)
}

#[cfg(test)]
mod tests;
