//! Bytes that mean harm: nothing panics, nothing grows, nobody else is hurt.

use proptest::prelude::*;
use turnpage_gateway_mqtt::limits::{OUTGOING_BYTES_MAX, PACKET_BYTES_MAX};

use crate::wire::{Connect, V3, V5, Version, Will, packet, puback, publish, subscribe, unsubscribe};
use crate::world::World;

fn version() -> impl Strategy<Value = Version> {
    prop_oneof![Just(V3), Just(V5)]
}

/// A day in the life of an honest client, to be spoilt.
fn conversation(version: Version) -> Vec<Vec<u8>> {
    let mut will = Will::new("node/7/birth", "gone");
    will.properties.extend([0x18, 0, 0, 0, 1, 0x02, 0, 0, 0, 9]);
    let properties = [0x01, 1, 0x02, 0, 0, 0, 9, 0x26, 0, 1, b'k', 0, 1, b'v', 0x23, 0, 1];
    vec![
        Connect { will: Some(will), ..Connect::staying(version, "a").receive_maximum(4) }.encode(),
        subscribe(
            version,
            1,
            &[0x0B, 7],
            &[("node/#", 1), ("offer/+", 0b1_1101 & if version == V3 { 1 } else { 0xFF })],
        ),
        publish(version, 0b0011, "node/7/event", 1, &properties, "payload"),
        publish(version, 0, "", 0, &[0x23, 0, 1], "again"),
        puback(1),
        unsubscribe(version, 2, &["node/#"]),
        packet(0xC0, &[]),
        packet(0xE0, if version == V5 { &[0x04] } else { &[] }),
    ]
}

/// Feeds bytes in pieces, with commits and time in between, and asserts the bounds.
fn feed(version: Version, pieces: &[Vec<u8>]) -> Result<(), TestCaseError> {
    let mut world = World::new();
    let honest = world.client(V5, "honest");
    world.subscribe(honest, "node/honest", 1);
    let peer = world.dial(version);
    for piece in pieces {
        world.connection(peer).incoming().extend_from_slice(piece);
        if world.connection(peer).wants_bytes() {
            world.drive(peer);
        }
        let held = world.connection(peer).incoming().len();
        prop_assert!(held <= PACKET_BYTES_MAX as usize + piece.len() || world.closed(peer).is_some());
        prop_assert!(
            world.connection(peer).outgoing().len() <= OUTGOING_BYTES_MAX + PACKET_BYTES_MAX as usize
        );
        world.commit();
        world.pass(500);
        if world.closed(peer).is_some() {
            break;
        }
    }
    world.hang_up(peer);
    world.pass(10_000);
    prop_assert_eq!(world.closed(honest), None);
    world.say(honest, "node/honest", "still here");
    prop_assert!(world.read_payloads(honest).contains(&"still here".to_owned()));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 20_000 }))]

    #[test]
    fn noise_never_panics(version in version(), pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..10)) {
        feed(version, &pieces)?;
    }

    #[test]
    fn noise_from_a_client_that_signed_in_never_panics(
        version in version(),
        pieces in prop::collection::vec((any::<u8>(), prop::collection::vec(any::<u8>(), 0..100)), 1..10),
    ) {
        let mut all = vec![Connect::staying(version, "a").encode()];
        all.extend(pieces.into_iter().map(|(head, body)| packet(head, &body)));
        feed(version, &all)?;
    }

    #[test]
    fn a_spoilt_conversation_never_panics(
        version in version(),
        spoils in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cuts in prop::collection::vec(1..40_usize, 1..20),
    ) {
        let mut packets = conversation(version);
        for (which, place, value) in spoils {
            let packet = which.get_mut(&mut packets);
            let place = place.index(packet.len());
            packet[place] = value;
        }
        let bytes = packets.concat();
        let mut rest = &bytes[..];
        let mut pieces = Vec::new();
        for cut in cuts.into_iter().cycle() {
            let (piece, more) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece.to_vec());
            rest = more;
            if rest.is_empty() {
                break;
            }
        }
        feed(version, &pieces)?;
    }
}

#[test]
fn a_flood_of_one_packet_id_is_bounded() {
    let mut world = World::new();
    let peer = world.client(V5, "a");
    let same = publish(V5, 0b1010, "t", 1, &[], "x");
    for _ in 0..10_000 {
        if !world.connection(peer).wants_bytes() {
            break;
        }
        world.send(peer, &same);
    }
    assert!(world.uncommitted.len() <= 512);
    assert!(!world.connection(peer).wants_bytes());
}
