//! The grammar in `frame.cddl` against the encoder, against the golden bytes, and against payloads it must refuse: a grammar
//! that accepts everything would hold nothing.

use cddl_cat::flatten::flatten_from_str;
use cddl_cat::validate_cbor_bytes;

use crate::golden;
use crate::samples::{seal, v1};

const GRAMMAR: &str = include_str!("../../frame.cddl");

/// CBOR tag 17 in one byte. cddl-cat knows no tags, so the tag is checked here and the rest by the rule inside it.
const MAC0_TAG: u8 = 0xd1;

fn grammar() -> String {
    assert!(GRAMMAR.contains("frame = #6.17(mac0)"), "the tag is where this test expects it");
    GRAMMAR.replace("#6.17(mac0)", "mac0")
}

fn accepts(frame: &[u8]) -> Result<(), String> {
    let (&tag, mac0) = frame.split_first().ok_or("empty")?;
    if tag != MAC0_TAG {
        return Err(format!("tag {tag:#x}"));
    }
    validate_cbor_bytes("frame", &grammar(), mac0).map_err(|error| error.to_string())
}

#[test]
fn the_grammar_is_well_formed() {
    let rules = flatten_from_str(&grammar()).expect("the grammar parses");
    assert!(rules.contains_key("frame"));
}

#[test]
fn the_encoder_keeps_to_the_grammar() {
    for (name, frame) in v1() {
        assert_eq!(accepts(&seal(&frame)), Ok(()), "{name}");
    }
}

#[test]
fn the_golden_bytes_keep_to_the_grammar() {
    for name in v1().map(|(name, _)| name).into_iter().chain(["from-a-later-node"]) {
        assert_eq!(accepts(&golden::bytes(name)), Ok(()), "{name}");
    }
}

#[test]
fn the_grammar_refuses_what_the_contract_refuses() {
    // The first payload is right; each of the others is wrong in one place.
    let right = [0xa6, 0, 1, 1, 12, 2, 3, 3, 4, 4, 5, 5, 0];
    let refuse: [&[u8]; 8] = [
        &[0xa6, 0, 2, 1, 12, 2, 3, 3, 4, 4, 5, 5, 0],         // version 2
        &[0xa6, 0, 1, 1, 12, 2, 3, 3, 4, 4, 5, 5, 3],         // quality 3
        &[0xa5, 0, 1, 1, 12, 2, 3, 3, 4, 4, 5],               // no quality
        &[0xa6, 0, 1, 1, 0x61, b'a', 2, 3, 3, 4, 4, 5, 5, 0], // node as text
        &[0xa6, 0, 1, 1, 0x1b, 0, 0, 0, 1, 0, 0, 0, 0, 2, 3, 3, 4, 4, 5, 5, 0], // node above 32 bits
        &[0xa7, 0, 1, 1, 12, 2, 3, 3, 4, 4, 5, 5, 0, 6, 0xa1, 2, 0], // nobody sighted
        &[0xa7, 0, 1, 1, 12, 2, 3, 3, 4, 4, 5, 5, 0, 8, 0xa1, 3, 0x19, 0x27, 0x11], // humidity 100.01 %
        &[0xa7, 0, 1, 1, 12, 2, 3, 3, 4, 4, 5, 5, 0, 0x20, 1], // a negative key
    ];
    assert_eq!(accepts(&envelope(&right)), Ok(()));
    for payload in refuse {
        assert!(accepts(&envelope(payload)).is_err(), "{payload:02x?}");
    }
    let mut long_tag = envelope(&right);
    let head = long_tag.len() - 9;
    long_tag[head] = 0x49;
    long_tag.push(0);
    assert!(accepts(&long_tag).is_err());
}

/// A frame around `payload` with a code of zeros: the grammar does not know keys.
fn envelope(payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![MAC0_TAG, 0x84, 0x43, 0xa1, 1, 4, 0xa0];
    let len = u8::try_from(payload.len()).expect("a short payload");
    frame.extend(if len < 24 { vec![0x40 | len] } else { vec![0x58, len] });
    frame.extend(payload);
    frame.push(0x48);
    frame.extend([0; 8]);
    frame
}
