//! SUBSCRIBE, UNSUBSCRIBE and what subscribers get: sections 3.8 to 3.11, 4.7 and 4.8.

use bytes::Bytes;
use turnpage_gateway_mqtt::limits::{FILTERS_PER_PACKET_MAX, SUBSCRIPTIONS_MAX};
use turnpage_gateway_mqtt::{Closed, Message, Notice, Topic};

use crate::wire::{BOTH, Connect, Seen, V3, V5, publish, subscribe, unsubscribe};
use crate::world::{World, listener};

const NO_LOCAL: u8 = 0b100;
const RETAIN_AS_PUBLISHED: u8 = 0b1000;
const ONLY_IF_NEW: u8 = 0b1_0000;
const NEVER_RETAINED: u8 = 0b10_0000;
const RETAINED: u8 = 0b0011;

fn message(topic: &str, payload: &'static str) -> Message {
    Message::new(Topic::new(topic).unwrap(), Bytes::from_static(payload.as_bytes()))
}

fn flags(seen: &[Seen]) -> Vec<u8> {
    let flags = |seen: &Seen| if let Seen::Publish { flags, .. } = seen { Some(*flags) } else { None };
    seen.iter().filter_map(flags).collect()
}

fn codes(world: &mut World, client: &Connect, filters: &[(&str, u8)]) -> Vec<u8> {
    let peer = world.connect(client);
    match &world.send(peer, &subscribe(client.version, 1, &[], filters))[0] {
        Seen::Suback { packet_id: 1, codes } => codes.clone(),
        seen => panic!("{seen:?}"),
    }
}

#[test]
fn mqtt_3_8_4_6_a_code_for_each_filter_and_mqtt_3_8_4_8_no_more_than_qos_1() {
    for version in BOTH {
        let mut world = World::new();
        let granted = codes(&mut world, &Connect::new(version, "a"), &[("a", 0), ("b/#", 1), ("+/c", 2)]);
        assert_eq!(granted, [0, 1, 1]);
        assert_eq!(world.broker.counters().subscriptions, 3);
        assert_eq!(world.notices.len(), 3);
        assert!(matches!(&world.notices[1], Notice::Subscribed { filter, .. } if filter.as_str() == "b/#"));
    }
}

#[test]
fn mqtt_3_9_3_1_codes_stand_in_the_order_of_the_filters_and_a_refused_one_is_refused_alone() {
    let long = "a".repeat(513);
    let filters = [("#", 0), ("offer/+", 1), ("$share/g/#", 1), (&long, 0)];
    let user = Some(("node".into(), "password".into()));
    let mut world = World::new();
    let five = Connect { user, ..Connect::new(V5, "a") };
    assert_eq!(codes(&mut world, &five, &filters), [0x87, 1, 0x87, 0x8F]);
    assert_eq!(codes(&mut world, &Connect { version: V3, ..five }, &filters), [0x80, 1, 0x80, 0x80]);
}

#[test]
fn mqtt_4_7_1_1_a_malformed_filter_is_a_breach() {
    for version in BOTH {
        for filter in ["a/#/b", "a#", "", "a\0"] {
            let mut world = World::new();
            let peer = world.client(version, "a");
            world.send(peer, &subscribe(version, 1, &[], &[(filter, 0)]));
            assert!(
                matches!(world.closed(peer), Some(Closed::Breach(0x81))),
                "{filter:?} {:?}",
                world.closed(peer)
            );
        }
    }
}

#[test]
fn mqtt_3_8_3_2_a_subscribe_holds_a_filter_and_mqtt_3_8_3_5_its_reserved_bits_are_zero() {
    for (version, bad) in [(V3, 0b100), (V3, 3), (V5, 0b1100_0000), (V5, 3), (V5, 0b11_0000)] {
        for filters in [vec![], vec![("a", bad)]] {
            let mut world = World::new();
            let peer = world.client(version, "a");
            world.send(peer, &subscribe(version, 1, &[], &filters));
            assert!(matches!(world.closed(peer), Some(Closed::Breach(_))), "{version:?} {filters:?}");
        }
    }
}

#[test]
fn mqtt_3_8_3_4_no_local_on_a_shared_subscription_is_a_breach() {
    let mut world = World::new();
    let peer = world.client(V5, "a");
    let seen = world.send(peer, &subscribe(V5, 1, &[], &[("$share/g/a", NO_LOCAL)]));
    assert_eq!(seen, [Seen::Disconnect { code: 0x82 }]);
}

#[test]
fn mqtt_2_2_1_3_a_request_has_a_packet_id() {
    for version in BOTH {
        for request in [subscribe(version, 0, &[], &[("a", 0)]), unsubscribe(version, 0, &["a"])] {
            let mut world = World::new();
            let peer = world.client(version, "a");
            world.send(peer, &request);
            assert_eq!(world.closed(peer), Some(Closed::Breach(0x82)));
        }
    }
}

#[test]
fn mqtt_3_3_4_2_overlapping_subscriptions_give_one_copy_at_the_highest_qos() {
    for version in BOTH {
        let mut world = World::new();
        let peer = world.client(version, "a");
        for (filter, qos) in [("a/#", 0), ("a/+", 1), ("#", 0)] {
            world.subscribe(peer, filter, qos);
        }
        assert_eq!(world.offer(&message("a/b", "x")), 1);
        assert_eq!(flags(&world.read(peer)), [0b0010]);
    }
}

#[test]
fn mqtt_3_3_4_3_subscription_identifiers_of_all_that_matched() {
    let mut world = World::new();
    let peer = world.client(V5, "a");
    for (identifier, filter) in [(3, "a/#"), (200, "a/+"), (5, "b")] {
        let property = if identifier < 128 { vec![0x0B, identifier] } else { vec![0x0B, identifier, 1] };
        world.send(peer, &subscribe(V5, 1, &property, &[(filter, 1)]));
    }
    world.offer(&message("a/b", "x"));
    let seen = world.read(peer);
    let Seen::Publish { properties, .. } = &seen[0] else { panic!("{seen:?}") };
    let mut identifiers: Vec<_> =
        properties.iter().filter(|(id, _)| *id == 0x0B).map(|(_, value)| value[0]).collect();
    identifiers.sort_unstable();
    assert_eq!(identifiers, [3, 200]);
    assert_eq!(
        world.send(peer, &subscribe(V5, 1, &[0x0B, 0], &[("a", 1)])),
        [Seen::Disconnect { code: 0x82 }]
    );
}

#[test]
fn mqtt_3_8_3_3_no_local_leaves_out_ones_own() {
    let mut world = World::new();
    let deaf = world.client(V5, "a");
    world.subscribe(deaf, "t", 1 | NO_LOCAL);
    let other = world.client(V5, "b");
    world.subscribe(other, "t", 1);
    world.say(deaf, "t", "mine");
    assert_eq!(world.read_payloads(deaf), [""; 0]);
    assert_eq!(world.read_payloads(other), ["mine"]);
    world.say(other, "t", "yours");
    assert_eq!(world.read_payloads(deaf), ["yours"]);
}

#[test]
fn mqtt_3_3_1_12_and_13_the_retain_flag_of_a_live_message() {
    let mut world = World::new();
    let plain = listener(&mut world, "plain", "t");
    let keen = world.client(V5, "keen");
    world.subscribe(keen, "t", 1 | RETAIN_AS_PUBLISHED);
    let speaker = world.client(V5, "speaker");
    world.send(speaker, &publish(V5, RETAINED, "t", 1, &[], "x"));
    world.commit();
    assert_eq!(flags(&world.read(plain)), [0b0010]);
    assert_eq!(flags(&world.read(keen)), [0b0011]);
}

#[test]
fn mqtt_3_3_1_9_to_11_which_subscriptions_are_told_what_is_retained() {
    let mut world = World::new();
    let speaker = world.client(V5, "speaker");
    world.send(speaker, &publish(V5, RETAINED, "t", 1, &[], "kept"));
    assert_eq!(world.broker.counters().retained, 0);
    world.commit();
    assert_eq!(world.broker.counters().retained, 1);
    let peer = world.client(V5, "a");
    world.subscribe(peer, "t", 1 | NEVER_RETAINED);
    assert_eq!(world.read_payloads(peer), [""; 0]);
    let told = |world: &mut World, options| {
        let mut payloads = flags(&world.send(peer, &subscribe(V5, 1, &[], &[("t", options)])));
        payloads.extend(flags(&world.read(peer)));
        payloads
    };
    assert_eq!(told(&mut world, ONLY_IF_NEW), [0; 0], "the subscription is not new");
    assert_eq!(told(&mut world, 0), [0b0001], "at QoS 0, with its flag");
    assert_eq!(told(&mut world, 0), [0b0001], "again, as often as it is asked for");
    world.send(peer, &unsubscribe(V5, 1, &["t"]));
    assert_eq!(told(&mut world, ONLY_IF_NEW), [0b0001], "the subscription is new");
    world.send(speaker, &publish(V5, RETAINED, "t", 1, &[], ""));
    world.commit();
    assert_eq!(world.broker.counters().retained, 0, "MQTT-3.3.1-6: an empty payload lets go of it");
}

#[test]
fn every_retained_message_is_told_however_small_the_clients_window() {
    for version in BOTH {
        let mut world = World::new();
        let speaker = world.client(V5, "speaker");
        for node in 0..1_000 {
            world.send(
                speaker,
                &publish(V5, RETAINED, &format!("node/{node:04}/birth"), 1, &[], &node.to_string()),
            );
            world.commit();
        }
        let connect = Connect::new(version, "console");
        let peer = world.connect(&if version == V5 { connect.receive_maximum(3) } else { connect });
        let seen = world.send(peer, &subscribe(version, 1, &[], &[("node/+/birth", 1)]));
        assert_eq!(seen.len(), if version == V5 { 4 } else { 65 }, "SUBACK and a window full");
        let told = world.take_in(peer, seen);
        assert!((0..1_000).map(|node: u32| node.to_string()).eq(told));
    }
}

#[test]
fn mqtt_3_10_4_1_unsubscribing_ends_it_and_says_whether_there_was_something_to_end() {
    let mut world = World::new();
    let peer = listener(&mut world, "a", "t");
    let seen = world.send(peer, &unsubscribe(V5, 5, &["t", "u"]));
    assert_eq!(seen, [Seen::Unsuback { packet_id: 5, codes: vec![0, 0x11] }]);
    assert_eq!(world.offer(&message("t", "x")), 0);
    let old = world.client(V3, "b");
    let seen = world.send(old, &unsubscribe(V3, 5, &["t"]));
    assert_eq!(seen, [Seen::Unsuback { packet_id: 5, codes: vec![] }]);
    assert_eq!(world.broker.counters().subscriptions, 0);
}

#[test]
fn subscriptions_are_bounded_per_packet_and_per_session() {
    let mut world = World::new();
    let peer = world.client(V5, "a");
    let names: Vec<_> = (0..=SUBSCRIPTIONS_MAX).map(|n| n.to_string()).collect();
    for name in &names[..SUBSCRIPTIONS_MAX] {
        world.subscribe(peer, name, 0);
    }
    let seen = world.send(peer, &subscribe(V5, 1, &[], &[(&names[SUBSCRIPTIONS_MAX], 0)]));
    assert_eq!(seen, [Seen::Suback { packet_id: 1, codes: vec![0x97] }]);
    world.subscribe(peer, &names[0], 1);
    let many: Vec<_> = names[..=FILTERS_PER_PACKET_MAX].iter().map(|name| (name.as_str(), 0)).collect();
    assert_eq!(world.send(peer, &subscribe(V5, 1, &[], &many)), [Seen::Disconnect { code: 0x97 }]);
}

#[test]
fn mqtt_3_3_2_4_and_15_to_20_what_travels_with_a_message_arrives_unaltered() {
    let mut world = World::new();
    let peer = listener(&mut world, "a", "t");
    let old = world.client(V3, "old");
    world.subscribe(old, "t", 1);
    let speaker = world.client(V5, "speaker");
    let travelling =
        b"\x01\x01\x03\x00\x01j\x08\x00\x01r\x09\x00\x01c\x26\x00\x01k\x00\x01v\x26\x00\x01k\x00\x01w";
    let mut properties = travelling.to_vec();
    properties.extend([0x23, 0, 1]);
    world.send(speaker, &publish(V5, 0b0010, "t", 1, &properties, "x"));
    world.commit();
    let seen = world.read(peer);
    let Seen::Publish { properties, .. } = &seen[0] else { panic!("{seen:?}") };
    let expected: [(u8, &[u8]); 6] =
        [(1, b"\x01"), (3, b"j"), (8, b"r"), (9, b"c"), (0x26, b"k=v"), (0x26, b"k=w")];
    assert_eq!(properties.iter().map(|(id, value)| (*id, &value[..])).collect::<Vec<_>>(), expected);
    assert_eq!(world.read_payloads(old), ["x"]);
}
