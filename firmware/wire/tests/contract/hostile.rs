//! Bytes that are not frames, each refused for its own reason.

use turnpage_firmware_wire::{ENCODED_LEN_MAX, Error, FRAME_LEN_MAX, Frame, Place, Sealed, Text, Weather};

use crate::samples::{key, largest, seal, v1};

/// Signs `payload` as a node with the right key would, so that only its content is at fault.
fn signed(payload: &[u8]) -> Vec<u8> {
    use hmac::{Hmac, KeyInit, Mac};
    let len = u8::try_from(payload.len()).expect("a short payload");
    let head = if len < 24 { vec![0x40 | len] } else { vec![0x58, len] };
    let covered = [head.as_slice(), payload].concat();
    let secret: Vec<u8> = (0..32).collect();
    let tag = Hmac::<sha2::Sha256>::new_from_slice(&secret)
        .expect("a key of any length")
        .chain_update(b"\x84\x64MAC0\x43\xa1\x01\x04\x40")
        .chain_update(&covered)
        .finalize()
        .into_bytes();
    [&[0xd1, 0x84, 0x43, 0xa1, 1, 4, 0xa0], covered.as_slice(), &[0x48], &tag[..8]].concat()
}

/// Header with `extra` entries behind it.
fn payload(entries: u8, extra: &[u8]) -> Vec<u8> {
    [&[0xa0 | (6 + entries), 0, 1, 1, 12, 2, 3, 3, 4, 4, 5, 5, 0], extra].concat()
}

#[track_caller]
fn refused(payload: &[u8], error: Error) {
    let bytes = signed(payload);
    let verdict = Sealed::parse(&bytes).and_then(|sealed| sealed.verify(&key()));
    assert_eq!(verdict.map(|_| ()), Err(error), "{payload:02x?}");
}

#[test]
fn the_hand_made_envelope_is_right() {
    let bytes = signed(&payload(0, &[]));
    assert!(Sealed::parse(&bytes).and_then(|sealed| sealed.verify(&key())).is_ok());
}

#[test]
fn envelopes_are_exact() {
    let bytes = seal(&v1()[0].1);
    for len in 0..bytes.len() {
        let error = Sealed::parse(&bytes[..len]).expect_err("a frame cut short");
        assert!(matches!(error, Error::Envelope | Error::Malformed), "{len}: {error}");
    }
    let trailing = [bytes.as_slice(), &[0]].concat();
    assert_eq!(Sealed::parse(&trailing), Err(Error::Envelope));
    assert_eq!(Sealed::parse(&bytes[1..]), Err(Error::Envelope), "untagged");
    let oversize = vec![0; FRAME_LEN_MAX + 1];
    assert_eq!(Sealed::parse(&oversize), Err(Error::Oversize));
}

#[test]
fn a_payload_length_in_long_form_is_refused() {
    let short = payload(0, &[]);
    let long = [&[0xd1, 0x84, 0x43, 0xa1, 1, 4, 0xa0, 0x58, 13], short.as_slice(), &[0x48], &[0; 8]].concat();
    assert_eq!(Sealed::parse(&long), Err(Error::Envelope));
}

#[test]
fn headers_are_whole_and_known() {
    refused(&[0xa6, 0, 2, 1, 12, 2, 3, 3, 4, 4, 5, 5, 0], Error::Version(2));
    refused(&[0xa5, 0, 1, 1, 12, 2, 3, 3, 4, 4, 5], Error::Missing("quality"));
    refused(&[0xa1, 1, 12], Error::Missing("version"));
    refused(&[0xa0], Error::Missing("version"));
    refused(&[0x00], Error::Malformed);
    refused(&[0xa6, 0, 1, 1, 12, 2, 3, 3, 4, 4, 5, 5, 3], Error::Field("quality"));
    refused(&[0xa6, 0, 1, 1, 0x1b, 0, 0, 0, 1, 0, 0, 0, 0, 2, 3, 3, 4, 4, 5, 5, 0], Error::Field("node"));
    refused(&[0xa6, 0, 1, 1, 12, 2, 0x20, 3, 4, 4, 5, 5, 0], Error::Field("boot"));
}

#[test]
fn only_the_one_encoding_is_taken() {
    refused(&[0xa6, 0, 1, 1, 0x18, 12, 2, 3, 3, 4, 4, 5, 5, 0], Error::NotCanonical);
    refused(&[0xa6, 1, 12, 0, 1, 2, 3, 3, 4, 4, 5, 5, 0], Error::NotCanonical);
    refused(&[0xa7, 0, 1, 1, 12, 1, 13, 2, 3, 3, 4, 4, 5, 5, 0], Error::NotCanonical);
    refused(&[0xbf, 0, 1, 1, 12, 2, 3, 3, 4, 4, 5, 5, 0, 0xff], Error::Malformed);
    refused(&[payload(0, &[]).as_slice(), &[0]].concat(), Error::Malformed);
    refused(&payload(1, &[11, 0xf9, 0x3c, 0x00]), Error::Malformed);
    refused(&payload(1, &[11, 0xa2, 1, 0, 1, 0]), Error::NotCanonical);
}

#[test]
fn clues_are_whole_and_in_range() {
    let subject = [0, 0x48, 1, 2, 3, 4, 5, 6, 7, 8];
    let sighting =
        |entries: u8, rest: &[u8]| payload(1, &[&[6, 0xa0 | (1 + entries)], &subject[..], rest].concat());
    refused(&payload(1, &[6, 0xa1, 2, 0]), Error::Missing("subject"));
    refused(&sighting(0, &[]), Error::Missing("presence"));
    refused(&sighting(1, &[2, 3]), Error::Field("presence"));
    refused(&sighting(2, &[1, 0x60, 2, 0]), Error::Field("role"));
    refused(&sighting(2, &[1, 0x62, b'a', b' ', 2, 0]), Error::Field("role"));
    refused(&sighting(2, &[2, 0, 3, 0x38, 0x80]), Error::Field("rssi"));
    refused(&payload(1, &[6, 0xa2, 0, 0x41, 1, 2, 0]), Error::Field("subject"));
    refused(&payload(1, &[6, 0x80]), Error::Field("sighting"));
    refused(&payload(1, &[7, 0xa1, 0, 0]), Error::Missing("lat"));
    refused(&payload(1, &[7, 0xa2, 0, 0x1a, 0x6b, 0x49, 0xd2, 0x01, 1, 0]), Error::Field("place"));
    refused(&payload(1, &[8, 0xa1, 3, 0x19, 0x27, 0x11]), Error::Field("humidity"));
    refused(&payload(1, &[8, 0xa1, 0, 0xf6]), Error::Field("temperature"));
    refused(&payload(1, &[9, 0xa1, 0, 1]), Error::Missing("backlog"));
    refused(&payload(1, &[10, 0xa1, 0, 1]), Error::Field("online"));
}

#[test]
fn the_encoder_refuses_what_the_decoder_would() {
    let (_, frame) = v1()[0];
    let place = Place { lon_e7: 1_800_000_001, lat_e7: 0, level: None, accuracy_dm: None };
    let weather = Weather { humidity_centi_pct: Some(10_001), ..Weather::default() };
    let mut buffer = [0; FRAME_LEN_MAX];
    let far = Frame { place: Some(place), ..frame };
    assert_eq!(far.seal(&key(), &mut buffer), Err(Error::Field("place")));
    let wet = Frame { weather: Some(weather), ..frame };
    assert_eq!(wet.seal(&key(), &mut buffer), Err(Error::Field("humidity")));
}

#[test]
fn a_buffer_too_small_by_any_amount_is_refused() {
    let key = key();
    for len in 0..ENCODED_LEN_MAX {
        assert_eq!(largest().seal(&key, &mut vec![0; len]), Err(Error::Space), "{len}");
    }
    assert!(largest().seal(&key, &mut [0; ENCODED_LEN_MAX]).is_ok());
}

#[test]
fn texts_hold_names_only() {
    assert_eq!(Text::<12>::new("vip").map(|text| text.to_string()), Some("vip".to_owned()));
    for bad in ["", "thirteen-chars", "a b", "ä", "a/b", "+"] {
        assert_eq!(Text::<12>::new(bad), None, "{bad}");
    }
}
