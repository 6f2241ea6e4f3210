//! What counts as the one deterministic encoding, as a table of hexadecimal vectors.

use super::check;
use crate::Error;

#[track_caller]
fn verdict(bytes: &[u8], expected: Result<(), Error>) {
    assert_eq!(check(bytes), expected, "{bytes:02x?}");
}

#[test]
fn shortest_heads_pass_and_longer_ones_do_not() {
    for bytes in
        [&[0x17][..], &[0x18, 24], &[0x19, 1, 0], &[0x1a, 0, 1, 0, 0], &[0x1b, 0, 0, 0, 1, 0, 0, 0, 0]]
    {
        verdict(bytes, Ok(()));
    }
    for bytes in
        [&[0x18, 23][..], &[0x19, 0, 255], &[0x1a, 0, 0, 255, 255], &[0x1b, 0, 0, 0, 0, 255, 255, 255, 255]]
    {
        verdict(bytes, Err(Error::NotCanonical));
    }
    verdict(&[0x58, 1, 0xaa], Err(Error::NotCanonical));
}

#[test]
fn keys_are_unsigned_ascending_and_unique() {
    verdict(&[0xa2, 0x00, 0x01, 0x01, 0x02], Ok(()));
    verdict(&[0xa2, 0x01, 0x01, 0x00, 0x02], Err(Error::NotCanonical));
    verdict(&[0xa2, 0x01, 0x01, 0x01, 0x02], Err(Error::NotCanonical));
    verdict(&[0xa1, 0x20, 0x01], Err(Error::Malformed));
    verdict(&[0xa1, 0x61, b'a', 0x01], Err(Error::Malformed));
}

#[test]
fn tags_floats_indefinite_lengths_and_leftovers_stay_outside() {
    for bytes in [
        &[0xc0, 0x00][..],
        &[0xf9, 0, 0],
        &[0xf7],
        &[0xf8, 32],
        &[0x9f, 0xff],
        &[0xbf, 0xff],
        &[0x5f, 0xff],
        &[0x1c],
    ] {
        verdict(bytes, Err(Error::Malformed));
    }
    verdict(&[0xf5], Ok(()));
    verdict(&[0x00, 0x00], Err(Error::Malformed));
    verdict(&[], Err(Error::Malformed));
    verdict(&[0x62, 0xff, 0xff], Err(Error::Malformed));
    verdict(&[0x42, 0xff], Err(Error::Malformed));
    verdict(&[0x5b, 255, 255, 255, 255, 255, 255, 255, 255], Err(Error::Malformed));
}

#[test]
fn nesting_and_counts_from_outside_are_bounded() {
    verdict(&[0x81, 0x81, 0x81, 0x81, 0x00], Ok(()));
    verdict(&[0x81, 0x81, 0x81, 0x81, 0x81, 0x00], Err(Error::Malformed));
    verdict(&[0x81, 0x81, 0x81, 0x81, 0x80], Err(Error::Malformed));
    verdict(&[0x9b, 255, 255, 255, 255, 255, 255, 255, 255, 0x00], Err(Error::Malformed));
    verdict(&[0xbb, 255, 255, 255, 255, 255, 255, 255, 255, 0x00, 0x00], Err(Error::Malformed));
}
