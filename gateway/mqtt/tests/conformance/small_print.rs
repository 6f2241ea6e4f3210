//! Statements that the other files' stories do not tell: malformed text and payloads, packet ids, order, silence.

use bytes::Bytes;
use turnpage_gateway_mqtt::limits::IN_FLIGHT_MAX;
use turnpage_gateway_mqtt::{Closed, Message, Topic};

use crate::wire::{
    BOTH, Connect, Seen, V3, V5, Version, Will, packet, puback, publish, subscribe, unsubscribe,
};
use crate::world::{World, listener};

fn message(topic: &str, payload: &str) -> Message {
    Message::new(Topic::new(topic).unwrap(), Bytes::copy_from_slice(payload.as_bytes()))
}

/// Asserts that a packet ends the connection of a client that has signed in.
fn assert_breach(version: Version, bytes: &[u8]) {
    let mut world = World::new();
    let peer = world.client(version, "a");
    world.send(peer, bytes);
    assert!(matches!(world.closed(peer), Some(Closed::Breach(_))), "{version:?} {bytes:?}");
}

/// A CONNECT of these flags and payload.
fn connect(version: Version, flags: u8, payload: &[&[u8]]) -> Vec<u8> {
    let mut body = b"\x00\x04MQTT".to_vec();
    body.extend([version as u8, flags, 0, 60]);
    body.extend(if version == V5 { &[0][..] } else { &[] });
    for field in payload {
        body.extend(u16::try_from(field.len()).unwrap().to_be_bytes());
        body.extend(*field);
    }
    packet(0x10, &body)
}

/// Whether a CONNECT is let in.
fn lets_in(connect: &[u8]) -> bool {
    let mut world = World::new();
    // Behind the header of two bytes and the name of six stands the version.
    let peer = world.dial(if connect[8] == V5 as u8 { V5 } else { V3 });
    world.send(peer, connect);
    world.closed(peer).is_none()
}

const NO_TEXT: &[u8] = b"\xED\xA0\x80";

#[test]
fn mqtt_1_5_7_1_both_parts_of_a_user_property_are_text() {
    for property in [&b"\x26\x00\x03\xED\xA0\x80\x00\x01v"[..], b"\x26\x00\x01k\x00\x03\xED\xA0\x80"] {
        assert_breach(V5, &publish(V5, 0, "t", 0, property, "x"));
    }
}

#[test]
fn mqtt_2_2_1_4_ids_in_flight_are_apart_and_not_zero() {
    let mut world = World::new();
    let peer = listener(&mut world, "a", "t");
    for n in 0..IN_FLIGHT_MAX + 5 {
        world.offer(&message("t", &n.to_string()));
    }
    let id = |seen: &Seen| if let Seen::Publish { packet_id, .. } = seen { Some(*packet_id) } else { None };
    let mut ids: Vec<_> = world.read(peer).iter().filter_map(id).collect();
    world.send(peer, &puback(ids[7])).iter().filter_map(id).for_each(|new| assert!(!ids.contains(&new)));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), usize::from(IN_FLIGHT_MAX));
    assert!(!ids.contains(&0));
}

#[test]
fn mqtt_2_2_2_1_no_properties_have_a_length_of_zero() {
    let mut world = World::new();
    let peer = world.client(V5, "a");
    world.subscribe(peer, "t", 0);
    world.offer(&message("t", "x"));
    assert_eq!(world.connection(peer).outgoing().split()[..], *b"\x30\x05\x00\x01t\x00x");
}

#[test]
fn mqtt_3_1_2_16_to_19_user_name_and_password_are_there_as_the_flags_say() {
    let (id, name, password) = (&b"a"[..], &b"all"[..], &b"password"[..]);
    for version in BOTH {
        assert!(lets_in(&connect(version, 0b1100_0010, &[id, name, password])));
        assert!(!lets_in(&connect(version, 0b1100_0010, &[id, name])), "no password");
        assert!(!lets_in(&connect(version, 0b1100_0010, &[id])), "neither");
        assert!(!lets_in(&connect(version, 0b1000_0010, &[id, name, password])), "a password unannounced");
        assert!(!lets_in(&connect(version, 0b0000_0010, &[id, name, password])), "both unannounced");
    }
}

#[test]
fn mqtt_3_1_2_9_a_will_that_is_announced_is_there_and_mqtt_3_1_3_1_in_its_place() {
    let (id, name, password) = (&b"a"[..], &b"all"[..], &b"password"[..]);
    for (version, empty) in [(V3, true), (V5, false)] {
        assert!(!lets_in(&connect(version, 0b1100_0110, &[id, name, password])));
        assert_eq!(lets_in(&connect(version, 0b1100_0110, &[id, b"t", b"gone", name, password])), empty);
    }
    assert!(!lets_in(&connect(V3, 0b1100_0110, &[id, name, password, b"t", b"gone"])));
}

#[test]
fn mqtt_3_1_2_28_nobody_is_given_response_information() {
    let mut world = World::new();
    let mut asking = Connect::new(V5, "a");
    asking.properties.extend([0x19, 1]);
    let (_, seen) = world.knock(&asking);
    assert_eq!(seen[0].property(0x1A), None);
}

#[test]
fn mqtt_3_1_3_3_a_client_id_is_there_and_mqtt_3_1_3_4_text_and_3_1_3_11_and_12_so_are_others() {
    for version in BOTH {
        assert!(!lets_in(&connect(version, 0b1100_0010, &[])));
        assert!(!lets_in(&connect(version, 0b1100_0010, &[NO_TEXT, b"all", b"password"])));
        assert!(!lets_in(&connect(version, 0b1100_0010, &[b"a", NO_TEXT, b"password"])));
    }
    assert!(!lets_in(&connect(V3, 0b1100_0110, &[b"a", NO_TEXT, b"gone", b"all", b"password"])));
}

#[test]
fn mqtt_3_1_2_14_a_will_is_not_retained_unless_it_asks_and_mqtt_3_1_2_12_there_is_none_unasked() {
    for retain in [false, true] {
        let mut world = World::new();
        let will = Some(Will { retain, qos: 0, ..Will::new("t", "gone") });
        let peer = world.connect(&Connect { will, ..Connect::new(V5, "a") });
        world.hang_up(peer);
        assert_eq!(world.wills[0].message.retain, retain);
        let peer = world.client(V5, "b");
        world.hang_up(peer);
        assert_eq!(world.wills.len(), 1);
    }
}

#[test]
fn mqtt_3_1_3_10_a_wills_user_properties_keep_their_order() {
    let mut world = World::new();
    let peer = listener(&mut world, "a", "t");
    let mut will = Will::new("t", "gone");
    will.properties.extend(b"\x26\x00\x01k\x00\x012\x26\x00\x01k\x00\x011");
    let gone = world.connect(&Connect { will: Some(will), ..Connect::new(V5, "b") });
    world.hang_up(gone);
    let will = world.wills.remove(0);
    world.offer(&will.message);
    let seen = world.read(peer);
    let Seen::Publish { properties, .. } = &seen[0] else { panic!("{seen:?}") };
    let values: Vec<_> = properties.iter().map(|(_, value)| &value[..]).collect();
    assert_eq!(values, [b"k=2", b"k=1"]);
}

#[test]
fn mqtt_3_2_2_2_and_3_session_present_is_true_when_it_is() {
    for version in BOTH {
        let mut world = World::new();
        for (connect, expected) in [
            (Connect::staying(version, "a"), false),
            (Connect::staying(version, "a"), true),
            (Connect::new(version, "a"), false),
            (Connect::staying(version, "a"), false),
        ] {
            let (peer, seen) = world.knock(&connect);
            assert!(matches!(seen[0], Seen::Connack { present, code: 0, .. } if present == expected));
            world.goodbye(peer);
        }
    }
}

#[test]
fn mqtt_3_3_1_3_dup_on_the_way_out_is_not_dup_on_the_way_in() {
    let mut world = World::new();
    let peer = listener(&mut world, "a", "t");
    let speaker = world.client(V5, "b");
    world.send(speaker, &publish(V5, 0b1010, "t", 1, &[], "x"));
    world.commit();
    assert!(matches!(world.read(peer)[..], [Seen::Publish { flags: 0b0010, .. }]));
}

#[test]
fn mqtt_3_3_1_5_the_last_message_is_kept_and_mqtt_3_3_1_8_one_without_the_flag_changes_nothing() {
    let mut world = World::new();
    let speaker = world.client(V5, "b");
    for (flags, payload) in [(0b0011, "first"), (0b0011, "last"), (0b0010, "passing")] {
        world.send(speaker, &publish(V5, flags, "t", 1, &[], payload));
        world.commit();
    }
    let peer = world.client(V5, "a");
    let seen = world.send(peer, &subscribe(V5, 1, &[], &[("t", 1)]));
    assert_eq!(world.take_in(peer, seen), ["last"]);
}

#[test]
fn mqtt_3_3_4_10_and_4_9_0_3_a_full_window_delays_nothing_but_messages() {
    let mut world = World::new();
    let peer = world.connect(&Connect::new(V5, "a").receive_maximum(1));
    world.subscribe(peer, "t", 1);
    for payload in ["1", "2"] {
        world.offer(&message("t", payload));
    }
    assert_eq!(world.read(peer).len(), 1);
    assert_eq!(world.send(peer, &packet(0xC0, &[])), [Seen::Pingresp]);
    let seen = world.send(peer, &subscribe(V5, 9, &[], &[("u", 1)]));
    assert_eq!(seen, [Seen::Suback { packet_id: 9, codes: vec![1] }]);
}

#[test]
fn mqtt_3_8_3_1_and_mqtt_3_10_3_1_filters_are_text_and_mqtt_3_10_3_2_there_is_one() {
    for version in BOTH {
        for (head, tail) in [(0x82, &[0][..]), (0xA2, &[])] {
            let properties: &[u8] = if version == V5 { &[0] } else { &[] };
            let body = [&[0, 1][..], properties, &[0, 3], NO_TEXT, tail].concat();
            assert_breach(version, &packet(head, &body));
        }
        assert_breach(version, &unsubscribe(version, 1, &[]));
    }
}

#[test]
fn mqtt_3_8_4_4_subscribing_again_tells_what_is_retained_and_loses_nothing() {
    let mut world = World::new();
    let speaker = world.client(V5, "b");
    world.send(speaker, &publish(V5, 0b0011, "t", 1, &[], "kept"));
    world.commit();
    let peer = world.connect(&Connect::new(V5, "a").receive_maximum(1));
    let mut told = Vec::new();
    for _ in 0..2 {
        // It waits behind what is retained when the second subscription comes.
        world.offer(&message("t", "live"));
        told.extend(world.send(peer, &subscribe(V5, 1, &[], &[("t", 1)])));
    }
    let told = world.take_in(peer, told);
    assert_eq!(told, ["kept", "kept", "live"]);
}

#[test]
fn mqtt_3_10_4_3_what_is_in_flight_is_delivered_to_its_end() {
    let mut world = World::new();
    let peer = world.connect(&Connect::staying(V5, "a"));
    world.subscribe(peer, "t", 1);
    world.offer(&message("t", "x"));
    assert_eq!(world.read(peer).len(), 1);
    world.send(peer, &unsubscribe(V5, 1, &["t"]));
    world.hang_up(peer);
    let (peer, seen) = world.knock(&Connect::staying(V5, "a"));
    assert!(matches!(&seen[1], Seen::Publish { payload, .. } if payload == "x"), "{seen:?}");
    assert!(world.send(peer, &puback(1)).is_empty());
    assert_eq!(world.closed(peer), None);
}

#[test]
fn mqtt_4_3_2_5_an_id_that_was_acknowledged_names_a_new_message() {
    for version in BOTH {
        let mut world = World::new();
        let peer = world.client(version, "a");
        for flags in [0b0010, 0b1010] {
            world.send(peer, &publish(version, flags, "t", 1, &[], "x"));
            assert_eq!(world.uncommitted.len(), 1);
            world.commit();
            assert_eq!(world.read(peer), [Seen::Puback { packet_id: 1, code: 0 }]);
        }
    }
}

#[test]
fn mqtt_4_6_0_5_and_6_a_publishers_messages_arrive_in_their_order() {
    let mut world = World::new();
    let peer = world.connect(&Connect::staying(V5, "a").receive_maximum(3));
    world.subscribe(peer, "t/#", 1);
    let speaker = world.client(V5, "b");
    for n in 1..=40_u16 {
        world.send(speaker, &publish(V5, 0b0010, &format!("t/{}", n % 3), n, &[], &n.to_string()));
    }
    world.commit();
    let told = world.read_payloads(peer);
    assert!((1..=40).map(|n: u16| n.to_string()).eq(told));
}

#[test]
fn mqtt_4_7_3_4_names_are_compared_as_they_are() {
    let mut world = World::new();
    let peer = world.client(V5, "a");
    // An Angstrom sign, an A with a ring, and an A followed by a ring: three topics.
    for (filter, topic) in
        [("\u{212B}", "\u{C5}"), ("\u{C5}", "A\u{30A}"), ("accounts", "Accounts"), ("/t", "t")]
    {
        world.subscribe(peer, filter, 0);
        assert_eq!(world.offer(&message(topic, "x")), 0, "{filter} {topic}");
    }
}

#[test]
fn mqtt_3_12_4_1_a_ping_is_answered() {
    for version in BOTH {
        let mut world = World::new();
        let peer = world.client(version, "a");
        assert_eq!(world.send(peer, &packet(0xC0, &[])), [Seen::Pingresp]);
    }
}

#[test]
fn mqtt_3_14_4_1_and_2_after_a_disconnect_of_ours_nothing_more_is_said() {
    let mut world = World::new();
    let peer = listener(&mut world, "a", "t");
    let mut bytes = publish(V5, 0b0100, "t", 1, &[], "x");
    bytes.extend(packet(0xC0, &[]));
    assert_eq!(world.send(peer, &bytes), [Seen::Disconnect { code: 0x9B }]);
    world.offer(&message("t", "x"));
    assert!(world.read(peer).is_empty() && world.closed(peer).is_some());
}
