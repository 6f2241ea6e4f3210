//! Frames and topics: what is accepted has one encoding, and that is the one that came.

use hmac::{Hmac, KeyInit, Mac};
use turnpage_firmware_wire::{FRAME_LEN_MAX, Key, Sealed, Topic};

use crate::stage::KEY;

/// A frame as it comes, or a payload under the right key: noise alone would test the authentication code.
pub(crate) fn frame(bytes: &[u8]) {
    judged(bytes);
    if let Some(sealed) = sealed(bytes) {
        judged(&sealed);
    }
}

fn judged(bytes: &[u8]) {
    let key = Key::new(&KEY);
    let Ok(sealed) = Sealed::parse(bytes) else { return };
    let claimed = *sealed.header();
    if let Ok(frame) = sealed.verify(&key) {
        assert_eq!(frame.header, claimed, "who claims to speak is who speaks");
        let mut buffer = [0; FRAME_LEN_MAX];
        let ours = frame.seal(&key, &mut buffer).expect("what was accepted can be said");
        let again = Sealed::parse(ours).and_then(|sealed| sealed.verify(&key));
        assert_eq!(again, Ok(frame), "we say something else");
        // Only keys of a newer node, which are skipped, can make it longer than what we say.
        assert!(ours.len() < bytes.len() || ours == bytes, "two encodings of {frame:?}");
    }
}

/// The payload in an envelope that a node with the right key would send (RFC 9052, `COSE_Mac0`).
pub(crate) fn sealed(payload: &[u8]) -> Option<Vec<u8>> {
    let length = u8::try_from(payload.len()).ok()?;
    let head = if length < 24 { vec![0x40 | length] } else { vec![0x58, length] };
    let covered = [head.as_slice(), payload].concat();
    let tag = Hmac::<sha2::Sha256>::new_from_slice(&KEY)
        .expect("a key of any length")
        .chain_update(b"\x84\x64MAC0\x43\xa1\x01\x04\x40")
        .chain_update(&covered)
        .finalize()
        .into_bytes();
    Some([&[0xd1, 0x84, 0x43, 0xa1, 1, 4, 0xa0], covered.as_slice(), &[0x48], &tag[..8]].concat())
}

/// A topic that is taken apart is put together as it was, by the contract and by the door.
pub(crate) fn topic(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(topic) = Topic::parse(text) {
        assert_eq!(topic.to_string(), text);
        let door = turnpage_gateway_mqtt::Topic::new(text).expect("what a node may publish to is a topic");
        assert_eq!(door.as_str(), text);
    }
    let Some((filter, topic)) = text.split_once('\n') else { return };
    let filter = turnpage_gateway_mqtt::Filter::new(filter);
    if let (Ok(filter), Ok(topic)) = (filter, turnpage_gateway_mqtt::Topic::new(topic)) {
        assert!(filter.covers(&filter), "a filter covers itself");
        // A topic is a filter without a wildcard, so matching it is covering it.
        if let Ok(narrow) = turnpage_gateway_mqtt::Filter::new(topic.as_str()) {
            assert!(!filter.covers(&narrow) || filter.matches(&topic), "{filter:?} covers {topic:?} only");
        }
    }
}
