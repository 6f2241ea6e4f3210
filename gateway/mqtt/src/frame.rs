//! Where one MQTT packet ends and whether its first bytes may be what they are.
//!
//! The protocol crate parses a packet's body but not the reserved bits of its header, and reads a CONNECT of any size.
//! Those checks stand here, before it allocates anything. Not here: what a packet means.
//! Before: connection.rs, with the bytes read so far. Next: the protocol crate, with exactly one packet.

use crate::limits::{CONNECT_BYTES_MAX, PACKET_BYTES_MAX};

const CONNECT: u8 = 1;
const PUBLISH: u8 = 3;
const PUBREL: u8 = 6;
const SUBSCRIBE: u8 = 8;
const UNSUBSCRIBE: u8 = 10;

// The properties of a CONNECT (section 3.1.2.11).
const SESSION_EXPIRY: u8 = 0x11;
const AUTHENTICATION_METHOD: u8 = 0x15;
const AUTHENTICATION_DATA: u8 = 0x16;
const REQUEST_PROBLEM: u8 = 0x17;
const REQUEST_RESPONSE: u8 = 0x19;
const RECEIVE_MAXIMUM: u8 = 0x21;
const TOPIC_ALIAS_MAXIMUM: u8 = 0x22;
const USER_PROPERTY: u8 = 0x26;
const MAXIMUM_PACKET_SIZE: u8 = 0x27;

/// What stands at the front of the bytes read so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Frame {
    /// Too few bytes to have the whole packet. It will have this many, if that is known already.
    Partial(Option<usize>),
    /// A packet of so many bytes, header included, whose header is well formed.
    Whole(usize),
}

/// Why the bytes are no MQTT packet for this door.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bad {
    /// The header breaks the standard: reserved bits, a length of five bytes, an impossible combination of flags.
    Malformed,
    /// The packet is well formed so far and larger than the door takes.
    TooLarge,
    /// A QoS 2 message: well formed, not spoken here.
    Qos2,
    /// Not a CONNECT where only that may stand, or one where none may (MQTT-3.1.0-1, MQTT-3.1.0-2).
    OutOfTurn,
}

/// Looks at the packet that `bytes` begins with. `connected` says whether a CONNECT has been accepted.
pub(crate) fn peek(bytes: &[u8], connected: bool) -> Result<Frame, Bad> {
    let Some((&head, rest)) = bytes.split_first() else { return Ok(Frame::Partial(None)) };
    let (kind, flags) = (head >> 4, head & 0x0F);
    if (kind == CONNECT) == connected {
        return Err(Bad::OutOfTurn);
    }
    check_flags(kind, flags)?;
    let Some((length, length_bytes)) = remaining_length(rest)? else { return Ok(Frame::Partial(None)) };
    let total = 1 + length_bytes + length;
    let max = if kind == CONNECT { CONNECT_BYTES_MAX } else { PACKET_BYTES_MAX };
    if total > max as usize {
        return Err(Bad::TooLarge);
    }
    let Some(body) = rest.get(length_bytes..length_bytes + length) else {
        return Ok(Frame::Partial(Some(total)));
    };
    if kind == CONNECT {
        check_connect_flags(body)?;
    }
    Ok(Frame::Whole(total))
}

/// MQTT-2.1.3-1: reserved flags have their one value. MQTT-3.3.1-2: no DUP at QoS 0. MQTT-3.3.1-4: no QoS 3.
fn check_flags(kind: u8, flags: u8) -> Result<(), Bad> {
    let well_formed = match kind {
        PUBLISH => match (flags >> 1) & 0b11 {
            0 => flags & 0b1000 == 0,
            1 => true,
            2 => return Err(Bad::Qos2),
            _ => false,
        },
        PUBREL | SUBSCRIBE | UNSUBSCRIBE => flags == 0b0010,
        _ => flags == 0,
    };
    if well_formed { Ok(()) } else { Err(Bad::Malformed) }
}

/// The variable byte integer of section 1.5.5, with its own length; nothing if its bytes are not all there.
fn remaining_length(bytes: &[u8]) -> Result<Option<(usize, usize)>, Bad> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().enumerate().take(4) {
        value |= usize::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(Some((value, index + 1)));
        }
    }
    if bytes.len() >= 4 { Err(Bad::Malformed) } else { Ok(None) }
}

/// MQTT-3.1.2-3, -11, -13, -14 and -22: the reserved flag is 0, there is no will QoS 3, and nothing is said about a
/// will or a password that is not there. A password without a user name is MQTT 5's to allow and not this door's.
fn check_connect_flags(body: &[u8]) -> Result<(), Bad> {
    // Two bytes of length, four of name, one of level: only "MQTT" has flags at a place we know. Another name is
    // answered by the protocol crate as a version that nobody speaks.
    let (Some([0, 4, b'M', b'Q', b'T', b'T', level]), Some(&flags)) = (body.first_chunk::<7>(), body.get(7))
    else {
        return Ok(());
    };
    if !matches!(level, 4 | 5) {
        return Ok(());
    }
    let (will, will_qos, will_retain) = (flags & 0b100 != 0, (flags >> 3) & 0b11, flags & 0b10_0000 != 0);
    let well_formed = flags & 1 == 0 && will_qos != 3 && (will || (will_qos == 0 && !will_retain));
    if well_formed { Ok(()) } else { Err(Bad::Malformed) }
}

/// Where a CONNECT of MQTT 5 says that its client takes no topic alias, if it does: the place of the last of the two
/// bytes. Version 0.7.9 of the protocol crate panics at that, so that it must not read it.
pub(crate) fn no_aliases_at(packet: &[u8]) -> Option<usize> {
    let body = 1 + remaining_length(packet.get(1..)?).ok()??.1;
    // Name, level, flags and keep-alive have 10 bytes.
    if packet.get(body..body + 7)? != [0, 4, b'M', b'Q', b'T', b'T', 5] {
        return None;
    }
    let (length, length_bytes) = remaining_length(packet.get(body + 10..)?).ok()??;
    let mut at = body + 10 + length_bytes;
    let end = at + length;
    while at < end {
        let text = |at: usize| Some(2 + usize::from(u16::from_be_bytes(*packet.get(at..)?.first_chunk()?)));
        at += 1 + match *packet.get(at)? {
            TOPIC_ALIAS_MAXIMUM if packet.get(at + 1..at + 3)? == [0, 0] => return Some(at + 2),
            RECEIVE_MAXIMUM | TOPIC_ALIAS_MAXIMUM => 2,
            SESSION_EXPIRY | MAXIMUM_PACKET_SIZE => 4,
            REQUEST_PROBLEM | REQUEST_RESPONSE => 1,
            AUTHENTICATION_METHOD | AUTHENTICATION_DATA => text(at + 1)?,
            USER_PROPERTY => text(at + 1)? + text(at + 1 + text(at + 1)?)?,
            _ => return None,
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connect(flags: u8) -> Vec<u8> {
        vec![0x10, 12, 0, 4, b'M', b'Q', b'T', b'T', 4, flags, 0, 60, 0, 0]
    }

    #[test]
    fn a_packet_is_whole_only_with_its_last_byte() {
        let packet = connect(0b10);
        for cut in 0..packet.len() {
            assert!(matches!(peek(&packet[..cut], false), Ok(Frame::Partial(_))), "{cut}");
        }
        assert_eq!(peek(&packet, false), Ok(Frame::Whole(packet.len())));
    }

    #[test]
    fn mqtt_3_1_0_1_the_first_packet_is_a_connect_and_mqtt_3_1_0_2_no_other_is() {
        assert_eq!(peek(&[0xC0, 0], false), Err(Bad::OutOfTurn));
        assert_eq!(peek(&connect(0b10), true), Err(Bad::OutOfTurn));
        assert_eq!(peek(&[0xC0, 0], true), Ok(Frame::Whole(2)));
    }

    #[test]
    fn mqtt_2_1_3_1_reserved_flags_have_one_value() {
        for head in [0x82, 0xA2, 0xC0, 0xE0, 0x40] {
            assert!(peek(&[head, 0], true).is_ok(), "{head:#x}");
            for bit in 0..4 {
                assert_eq!(peek(&[head ^ (1 << bit), 0], true), Err(Bad::Malformed), "{head:#x} {bit}");
            }
        }
    }

    #[test]
    fn mqtt_3_3_1_2_dup_at_qos_0_and_mqtt_3_3_1_4_qos_3_are_malformed() {
        assert_eq!(peek(&[0x38, 0], true), Err(Bad::Malformed));
        assert_eq!(peek(&[0x36, 0], true), Err(Bad::Malformed));
        assert_eq!(peek(&[0x34, 0], true), Err(Bad::Qos2));
        assert_eq!(peek(&[0x3B, 0], true), Ok(Frame::Whole(2)));
    }

    #[test]
    fn mqtt_3_1_2_11_and_13_connect_flags_that_contradict_each_other_are_malformed() {
        for bad in [0b1, 0b1_1100, 0b1000, 0b10_0000] {
            assert_eq!(peek(&connect(bad), false), Err(Bad::Malformed), "{bad:#b}");
        }
    }

    #[test]
    fn a_length_is_judged_before_its_bytes_arrive() {
        assert_eq!(peek(&[0x30, 0xFF, 0xFF, 0xFF, 0x7F], true), Err(Bad::TooLarge));
        assert_eq!(peek(&[0x10, 0xFF, 0xFF, 0x01], false), Err(Bad::TooLarge));
        assert_eq!(peek(&[0x30, 0xFF, 0xFF, 0xFF, 0xFF], true), Err(Bad::Malformed));
        assert_eq!(peek(&[0x30, 0xFF, 0xFF, 0xFF], true), Ok(Frame::Partial(None)));
        assert_eq!(peek(&[0x30, 10], true), Ok(Frame::Partial(Some(12))));
    }

    #[test]
    fn a_client_without_aliases_is_found_wherever_it_says_so() {
        let packet = |properties: &[u8]| {
            let mut packet = b"\x10\x00\x00\x04MQTT\x05\x02\x00\x3C".to_vec();
            packet.push(u8::try_from(properties.len()).unwrap());
            packet.extend(properties);
            packet.extend(b"\x00\x01a");
            packet[1] = u8::try_from(packet.len() - 2).unwrap();
            packet
        };
        assert_eq!(no_aliases_at(&packet(&[])), None);
        assert_eq!(no_aliases_at(&packet(&[0x22, 0, 1])), None);
        assert_eq!(no_aliases_at(&packet(&[0x22, 0, 0])), Some(15));
        let crowded =
            b"\x11\x00\x00\x00\x22\x21\x00\x22\x17\x01\x19\x00\x26\x00\x01k\x00\x02\x22\x00\x22\x00\x00";
        assert_eq!(no_aliases_at(&packet(crowded)), Some(12 + crowded.len()));
        for cut in 0..crowded.len() {
            let _ = no_aliases_at(&packet(crowded)[..13 + cut]);
        }
        assert_eq!(no_aliases_at(&packet(&[0x01, 0x22, 0, 0])), None, "malformed anyway");
    }
}
