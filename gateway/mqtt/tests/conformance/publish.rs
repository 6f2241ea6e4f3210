//! PUBLISH and PUBACK from a client: sections 3.3 and 3.4, 4.3 and 4.6.

use turnpage_gateway_mqtt::limits::{PACKET_BYTES_MAX, UNCOMMITTED_MAX};
use turnpage_gateway_mqtt::{Answer, Closed, Qos, Refusal};

use crate::wire::{BOTH, Connect, Seen, V3, V5, packet, publish};
use crate::world::World;

const QOS_1: u8 = 0b0010;

/// Sends one packet from a new client, and says with what reason it is disconnected.
fn breach(version: crate::wire::Version, bytes: &[u8]) -> u8 {
    let mut world = World::new();
    let peer = world.client(version, "a");
    let seen = world.send(peer, bytes);
    let Some(Closed::Breach(reason)) = world.closed(peer) else {
        panic!("{:?} {seen:?}", world.closed(peer))
    };
    let farewell = if version == V5 { vec![Seen::Disconnect { code: reason }] } else { vec![] };
    assert_eq!(seen, farewell);
    assert!(world.uncommitted.is_empty());
    reason
}

#[test]
fn mqtt_4_3_2_4_no_puback_before_the_commit_and_one_after_it() {
    for version in BOTH {
        let mut world = World::new();
        let peer = world.client(version, "a");
        assert_eq!(world.send(peer, &publish(version, QOS_1, "t", 7, &[], "x")), []);
        world.pass(30_000);
        assert_eq!(world.read(peer), []);
        world.commit();
        assert_eq!(world.read(peer), [Seen::Puback { packet_id: 7, code: 0 }]);
    }
}

#[test]
fn mqtt_4_6_0_2_pubacks_in_the_order_of_the_publishes() {
    let mut world = World::new();
    let peer = world.client(V5, "a");
    for packet_id in [5, 3, 4] {
        world.send(peer, &publish(V5, QOS_1, "t", packet_id, &[], "x"));
    }
    let tokens: Vec<_> = world.uncommitted.iter().map(|(_, publish)| publish.token.unwrap()).collect();
    world.connection(peer).answer(tokens[2], Answer::Committed);
    world.connection(peer).answer(tokens[1], Answer::Refused(Refusal::QuotaExceeded));
    assert_eq!(world.read(peer), []);
    world.connection(peer).answer(tokens[0], Answer::Committed);
    let puback = |packet_id, code| Seen::Puback { packet_id, code };
    assert_eq!(world.read(peer), [puback(5, 0), puback(3, 0x97), puback(4, 0)]);
}

#[test]
fn mqtt_3_3_2_2_a_topic_name_has_no_wildcard_no_null_and_some_character() {
    for topic in ["a/+", "#", "a\0b", &"t".repeat(513)] {
        for version in BOTH {
            let reason = breach(version, &publish(version, QOS_1, topic, 1, &[], "x"));
            assert!([0x90, 0x81].contains(&reason), "{topic:?} {reason:#x}");
        }
    }
    assert_eq!(breach(V3, &publish(V3, QOS_1, "", 1, &[], "x")), 0x90);
    assert_eq!(breach(V5, &publish(V5, QOS_1, "", 1, &[], "x")), 0x94);
}

#[test]
fn mqtt_2_2_1_3_a_packet_id_is_not_zero() {
    for version in BOTH {
        assert_eq!(breach(version, &publish(version, QOS_1, "t", 0, &[], "x")), 0x81);
    }
}

#[test]
fn mqtt_3_3_1_2_dup_at_qos_0_and_mqtt_3_3_1_4_qos_3_are_malformed() {
    for version in BOTH {
        assert_eq!(breach(version, &publish(version, 0b1000, "t", 1, &[], "x")), 0x81);
        assert_eq!(breach(version, &publish(version, 0b0110, "t", 1, &[], "x")), 0x81);
    }
}

#[test]
fn mqtt_3_2_2_11_qos_2_is_not_spoken_here() {
    for version in BOTH {
        assert_eq!(breach(version, &publish(version, 0b0100, "t", 1, &[], "x")), 0x9B);
    }
}

#[test]
fn mqtt_3_3_4_6_a_client_sends_no_subscription_identifier() {
    assert_eq!(breach(V5, &publish(V5, QOS_1, "t", 1, &[0x0B, 1], "x")), 0x82);
}

#[test]
fn mqtt_3_3_2_14_a_response_topic_has_no_wildcard() {
    assert_eq!(breach(V5, &publish(V5, QOS_1, "t", 1, b"\x08\x00\x01#", "x")), 0x82);
}

#[test]
fn mqtt_3_3_2_8_a_topic_alias_is_within_the_maximum_and_known() {
    assert_eq!(breach(V5, &publish(V5, 0, "t", 0, &[0x23, 0, 0], "x")), 0x82);
    assert_eq!(breach(V5, &publish(V5, 0, "t", 0, &[0x23, 0, 17], "x")), 0x94);
    assert_eq!(breach(V5, &publish(V5, 0, "", 0, &[0x23, 0, 1], "x")), 0x94);
    let mut world = World::new();
    let peer = world.client(V5, "a");
    world.send(peer, &publish(V5, 0, "long/topic", 0, &[0x23, 0, 16], "x"));
    world.send(peer, &publish(V5, 0, "", 0, &[0x23, 0, 16], "y"));
    let topics: Vec<_> =
        world.uncommitted.iter().map(|(_, publish)| publish.message.topic.as_str()).collect();
    assert_eq!(topics, ["long/topic", "long/topic"]);
}

#[test]
fn mqtt_3_2_2_15_a_packet_above_the_maximum_is_refused_before_it_is_read() {
    for version in BOTH {
        let mut head = vec![0x30];
        head.extend([0x80, 0x80, 0x04]);
        assert_eq!(PACKET_BYTES_MAX, 0x1_0000);
        assert_eq!(breach(version, &head), 0x95);
    }
}

#[test]
fn mqtt_3_3_4_7_an_mqtt_5_client_keeps_to_the_receive_maximum() {
    let mut world = World::new();
    let peer = world.client(V5, "a");
    for packet_id in 1..=UNCOMMITTED_MAX {
        world.send(peer, &publish(V5, QOS_1, "t", packet_id, &[], "x"));
    }
    assert_eq!(world.closed(peer), None);
    assert_eq!(world.uncommitted.len(), usize::from(UNCOMMITTED_MAX));
    // One more is read only when there is room again, so that a breach costs nothing.
    assert_eq!(world.send(peer, &publish(V5, QOS_1, "t", UNCOMMITTED_MAX + 1, &[], "x")), []);
    assert_eq!(world.uncommitted.len(), usize::from(UNCOMMITTED_MAX));
    world.commit();
    assert_eq!(world.uncommitted.len(), 1);
    assert_eq!(world.closed(peer), None);
}

#[test]
fn mqtt_3_1_1_has_no_word_for_publishing_beyond_the_permit_and_mqtt_5_has() {
    let connect =
        |version| Connect { user: Some(("node".into(), "password".into())), ..Connect::new(version, "a") };
    let mut world = World::new();
    let five = world.connect(&connect(V5));
    assert_eq!(
        world.send(five, &publish(V5, QOS_1, "offer/ada", 1, &[], "x")),
        [Seen::Puback { packet_id: 1, code: 0x87 }]
    );
    assert_eq!(world.send(five, &publish(V5, 0, "offer/ada", 0, &[], "x")), []);
    assert_eq!(world.closed(five), None);
    // MQTT 3.1.1 has no way to be told; an acknowledgement would be a lie.
    let three = world.connect(&Connect { client: "b".into(), ..connect(V3) });
    assert_eq!(world.send(three, &publish(V3, QOS_1, "offer/ada", 1, &[], "x")), []);
    assert_eq!(world.closed(three), Some(Closed::Breach(0x87)));
    world.hang_up(three);
    world.hang_up(five);
    assert!(world.uncommitted.is_empty());
    assert_eq!(world.broker.counters().unauthorised, 3);
}

#[test]
fn what_a_client_says_arrives_whole() {
    let mut world = World::new();
    let peer = world.client(V5, "a");
    let sent = publish(V5, 0b0011, "node/7", 9, &[0x02, 0, 0, 0, 5], "x");
    // One byte at a time.
    for byte in sent {
        world.send(peer, &[byte]);
    }
    let (_, publish) = &world.uncommitted[0];
    assert_eq!((publish.client.as_str(), publish.account.as_str()), ("a", "all"));
    assert_eq!((publish.message.topic.as_str(), &publish.message.payload[..]), ("node/7", &b"x"[..]));
    assert_eq!((publish.message.qos, publish.message.retain), (Qos::AtLeastOnce, true));
    assert_eq!(publish.message.expires, Some(world.now.after(5_000)));
}

#[test]
fn what_only_a_server_or_qos_2_says_is_a_breach() {
    for version in BOTH {
        for head in [0x20, 0x90, 0xB0, 0xD0, 0x50, 0x62, 0x70] {
            breach(version, &packet(head, &[0, 1, 0]));
        }
    }
}

#[test]
fn nothing_is_read_after_a_goodbye() {
    let mut world = World::new();
    let peer = world.client(V5, "a");
    let mut bytes = publish(V5, QOS_1, "t", 1, &[], "before");
    bytes.extend(packet(0xE0, &[]));
    bytes.extend(publish(V5, QOS_1, "t", 2, &[], "after"));
    world.send(peer, &bytes);
    assert_eq!(world.uncommitted.len(), 1);
    assert_eq!(world.closed(peer), Some(Closed::Left));
}
