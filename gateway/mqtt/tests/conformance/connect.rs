//! CONNECT and CONNACK: sections 3.1 and 3.2.

use turnpage_gateway_mqtt::Closed;
use turnpage_gateway_mqtt::limits::{
    CONNECT_BYTES_MAX, CONNECT_MS_MAX, SESSION_EXPIRY_S_MAX, UNCOMMITTED_MAX,
};

use crate::wire::{BOTH, Connect, Seen, V3, V5, Will, packet};
use crate::world::World;

fn code(seen: &[Seen]) -> u8 {
    match seen {
        [Seen::Connack { present: false, code, .. }] => *code,
        seen => panic!("{seen:?}"),
    }
}

#[test]
fn mqtt_3_1_0_1_the_first_packet_is_a_connect() {
    for version in BOTH {
        let mut world = World::new();
        let peer = world.dial(version);
        assert_eq!(world.send(peer, &packet(0xC0, &[])), []);
        assert_eq!(world.closed(peer), Some(Closed::Breach(0x82)));
    }
}

#[test]
fn mqtt_3_1_0_2_a_second_connect_is_a_breach() {
    let mut world = World::new();
    let peer = world.client(V5, "a");
    assert_eq!(world.send(peer, &Connect::new(V5, "a").encode()), [Seen::Disconnect { code: 0x82 }]);
    let peer = world.client(V3, "b");
    assert_eq!(world.send(peer, &Connect::new(V3, "b").encode()), []);
    assert!(world.closed(peer).is_some());
}

#[test]
fn mqtt_3_1_2_1_another_protocol_name_is_closed_without_a_word() {
    let mut world = World::new();
    let peer = world.dial(V3);
    world.send(peer, b"\x10\x0e\x00\x04MQTA\x04\x02\x00\x3c\x00\x02ab");
    assert!(world.closed(peer).is_some());
    assert_eq!(world.broker.counters().accepted, 0);
}

#[test]
fn mqtt_3_1_2_2_an_unknown_level_is_told_so() {
    for connect in [
        &b"\x10\x0e\x00\x04MQTT\x06\x02\x00\x3c\x00\x02ab"[..],
        b"\x10\x10\x00\x06MQIsdp\x03\x02\x00\x3c\x00\x02ab",
    ] {
        let mut world = World::new();
        let peer = world.dial(V3);
        assert_eq!(code(&world.send(peer, connect)), 1);
        assert_eq!(world.closed(peer), Some(Closed::Refused(0x84)));
    }
}

#[test]
fn mqtt_3_1_2_3_the_reserved_flag_is_zero() {
    for version in BOTH {
        let mut world = World::new();
        let peer = world.dial(version);
        let mut connect = Connect::new(version, "a").encode();
        connect[9] |= 1;
        assert_eq!(world.send(peer, &connect), []);
        assert_eq!(world.closed(peer), Some(Closed::Breach(0x81)));
    }
}

#[test]
fn mqtt_3_1_3_6_an_empty_client_id_gets_one_of_the_doors() {
    let mut world = World::new();
    let (_, seen) = world.knock(&Connect::new(V5, ""));
    let first = seen[0].property(0x12).unwrap().to_vec();
    let (_, seen) = world.knock(&Connect::new(V5, ""));
    let second = seen[0].property(0x12).unwrap();
    assert!(!first.is_empty() && first != second);
    // MQTT 3.1.1: the same without being told, and only with a clean session (MQTT-3.1.3-8 there).
    world.client(V3, "");
    let (peer, seen) = world.knock(&Connect::staying(V3, ""));
    assert_eq!(code(&seen), 2);
    assert_eq!(world.closed(peer), Some(Closed::Refused(0x85)));
    assert_eq!(world.broker.counters().sessions, 3);
}

#[test]
fn mqtt_3_1_3_5_a_client_id_that_is_too_long_or_unprintable_is_refused() {
    for name in ["a".repeat(129), "a\nb".into()] {
        let mut world = World::new();
        assert_eq!(code(&world.knock(&Connect::new(V5, &name)).1), 0x85);
        assert_eq!(code(&world.knock(&Connect::new(V3, &name)).1), 2);
    }
}

#[test]
fn mqtt_3_1_4_2_credentials_are_checked() {
    for user in [None, Some(("all", "wrong")), Some(("nobody", "password")), Some(("", ""))] {
        let mut world = World::new();
        let user = user.map(|(name, password)| (name.to_owned(), password.to_owned()));
        let (peer, seen) = world.knock(&Connect { user: user.clone(), ..Connect::new(V5, "a") });
        assert_eq!(code(&seen), 0x86);
        assert_eq!(world.closed(peer), Some(Closed::Refused(0x86)));
        assert_eq!(code(&world.knock(&Connect { user, ..Connect::new(V3, "a") }).1), 4);
        assert_eq!((world.broker.counters().refused, world.broker.counters().sessions), (2, 0));
    }
}

#[test]
fn mqtt_3_1_4_6_packets_behind_a_connect_are_read_after_it_is_accepted() {
    for version in BOTH {
        let mut world = World::new();
        let peer = world.dial(version);
        let mut bytes = Connect::new(version, "a").encode();
        bytes.extend(packet(0xC0, &[]));
        let seen = world.send(peer, &bytes);
        assert!(matches!(seen[..], [Seen::Connack { code: 0, .. }, Seen::Pingresp]), "{seen:?}");
    }
}

#[test]
fn mqtt_3_2_2_9_connack_states_what_the_door_does_not_do() {
    let mut world = World::new();
    let (_, seen) = world.knock(&Connect::new(V5, "a").expiring(u32::MAX));
    let connack = &seen[0];
    assert_eq!(connack.property(0x24), Some(&[1][..]), "maximum QoS");
    for available in [0x25, 0x28, 0x29, 0x2A] {
        assert_eq!(connack.property(available), None, "retained, wildcards, identifiers, shares: all there");
    }
    assert_eq!(connack.property(0x21), Some(&UNCOMMITTED_MAX.to_be_bytes()[..]), "receive maximum");
    assert_eq!(connack.property(0x27), Some(&0x1_0000_u32.to_be_bytes()[..]), "maximum packet size");
    assert_eq!(connack.property(0x22), Some(&16_u16.to_be_bytes()[..]), "topic aliases");
    assert_eq!(
        connack.property(0x11),
        Some(&SESSION_EXPIRY_S_MAX.to_be_bytes()[..]),
        "shortened session expiry"
    );
    assert_eq!(connack.property(0x12), None, "a client with a name keeps it");
}

#[test]
fn mqtt_3_2_2_12_a_will_at_qos_2_is_refused() {
    let mut world = World::new();
    let will = Some(Will { qos: 2, ..Will::new("a", "x") });
    assert_eq!(code(&world.knock(&Connect { will, ..Connect::new(V5, "a") }).1), 0x9B);
}

#[test]
fn mqtt_3_1_3_11_a_will_to_no_topic_or_beyond_the_permit_is_refused() {
    let mut world = World::new();
    let wild = Some(Will::new("a/+", "x"));
    assert_eq!(code(&world.knock(&Connect { will: wild, ..Connect::new(V5, "a") }).1), 0x90);
    let user = Some(("node".into(), "password".into()));
    let foreign = Some(Will::new("offer/ada", "x"));
    let connect = Connect { will: foreign, user, ..Connect::new(V5, "a") };
    assert_eq!(code(&world.knock(&connect).1), 0x87);
    assert_eq!(code(&world.knock(&Connect { version: V3, ..connect }).1), 5);
}

#[test]
fn mqtt_4_12_0_1_enhanced_authentication_is_not_offered() {
    let mut world = World::new();
    let mut connect = Connect::new(V5, "a");
    connect.properties.extend(b"\x15\x00\x05SCRAM");
    assert_eq!(code(&world.knock(&connect).1), 0x8C);
    let peer = world.client(V5, "b");
    assert_eq!(world.send(peer, &packet(0xF0, &[0x18, 0])), [Seen::Disconnect { code: 0x82 }]);
}

#[test]
fn a_session_belongs_to_the_account_that_made_it() {
    let mut world = World::new();
    let owner = world.client(V5, "gate");
    let thief = Connect { user: Some(("node".into(), "password".into())), ..Connect::new(V5, "gate") };
    assert_eq!(code(&world.knock(&thief).1), 0x85);
    assert_eq!(world.closed(owner), None);
}

#[test]
fn a_stranger_has_a_bounded_time_and_size_for_its_connect() {
    let mut world = World::new();
    let silent = world.dial(V5);
    world.pass(CONNECT_MS_MAX - 1);
    assert_eq!(world.closed(silent), None);
    world.pass(1);
    assert_eq!(world.closed(silent), Some(Closed::Silent));

    let big = world.dial(V5);
    let mut bytes = vec![0x10];
    bytes.extend([0x81, 0x40]);
    assert_eq!(1 + 2 + 0x2001, CONNECT_BYTES_MAX as usize + 4);
    world.send(big, &bytes);
    assert_eq!(world.closed(big), Some(Closed::Breach(0x95)));
}
