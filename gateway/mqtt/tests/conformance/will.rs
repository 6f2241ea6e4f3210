//! Wills: sections 3.1.2.5 and 3.1.3.2.

use turnpage_gateway_mqtt::{Closed, Qos};

use crate::wire::{BOTH, Connect, V5, Will, packet};
use crate::world::World;

fn with_will(connect: Connect, delay_s: u32) -> Connect {
    let mut will = Will { retain: true, ..Will::new("node/7/birth", "gone") };
    will.properties.push(0x18);
    will.properties.extend(delay_s.to_be_bytes());
    Connect { will: Some(will), ..connect }
}

fn wills(world: &World) -> Vec<&str> {
    world.wills.iter().map(|will| std::str::from_utf8(&will.message.payload).unwrap()).collect()
}

#[test]
fn mqtt_3_1_2_8_a_will_is_published_when_the_connection_ends_without_a_goodbye() {
    for version in BOTH {
        let mut world = World::new();
        let peer = world.connect(&with_will(Connect::new(version, "a"), 0));
        world.hang_up(peer);
        assert_eq!(wills(&world), ["gone"]);
        let will = &world.wills[0];
        assert_eq!((will.message.topic.as_str(), will.client.as_str()), ("node/7/birth", "a"));
        assert_eq!((will.message.qos, will.message.retain, will.token), (Qos::AtLeastOnce, true, None));
        // So it is after a breach, and when the keep-alive has passed.
        let peer = world.connect(&with_will(Connect::new(version, "b"), 0));
        world.send(peer, &packet(0x20, &[0, 0]));
        assert!(matches!(world.closed(peer), Some(Closed::Breach(_))));
        world.hang_up(peer);
        let peer = world.connect(&with_will(Connect::new(version, "c"), 0));
        world.pass(90_000);
        assert_eq!(world.closed(peer), Some(Closed::KeepAlive));
        world.hang_up(peer);
        assert_eq!(world.wills.len(), 3);
    }
}

#[test]
fn mqtt_3_1_2_10_a_goodbye_takes_the_will_away() {
    for version in BOTH {
        let mut world = World::new();
        let peer = world.connect(&with_will(Connect::new(version, "a"), 0));
        world.goodbye(peer);
        assert!(world.wills.is_empty());
    }
}

#[test]
fn mqtt_3_14_2_1_a_goodbye_may_ask_for_the_will() {
    let mut world = World::new();
    let peer = world.connect(&with_will(Connect::new(V5, "a"), 0));
    world.send(peer, &packet(0xE0, &[0x04]));
    assert_eq!(world.closed(peer), Some(Closed::Left));
    world.hang_up(peer);
    assert_eq!(wills(&world), ["gone"]);
}

#[test]
fn mqtt_3_1_3_9_a_client_that_is_back_within_the_delay_has_not_died() {
    let mut world = World::new();
    let connect = with_will(Connect::staying(V5, "a"), 10);
    let peer = world.connect(&connect);
    world.hang_up(peer);
    world.pass(9_999);
    let peer = world.connect(&connect);
    world.pass(30_000);
    assert!(world.wills.is_empty());
    world.hang_up(peer);
    world.pass(10_000);
    assert_eq!(wills(&world), ["gone"]);
}

#[test]
fn mqtt_3_1_2_8_the_end_of_the_session_is_the_end_of_the_delay() {
    let mut world = World::new();
    let connect = with_will(Connect { clean: false, ..Connect::new(V5, "a").expiring(5) }, 100);
    let peer = world.connect(&connect);
    world.hang_up(peer);
    world.pass(4_999);
    assert!(world.wills.is_empty());
    world.pass(1);
    assert_eq!(wills(&world), ["gone"]);
    // A clean start ends the session too.
    let peer = world.connect(&with_will(Connect::staying(V5, "a"), 100));
    world.hang_up(peer);
    world.client(V5, "a");
    assert_eq!(wills(&world), ["gone", "gone"]);
}

#[test]
fn a_take_over_publishes_the_will_of_the_older_connection_unless_it_was_to_wait() {
    for (delay_s, expected) in [(0, 1), (1, 0)] {
        let mut world = World::new();
        let connect = with_will(Connect::staying(V5, "a"), delay_s);
        let old = world.connect(&connect);
        world.connect(&connect);
        world.hang_up(old);
        world.pass(5_000);
        assert_eq!(world.wills.len(), expected);
    }
}

#[test]
fn a_door_that_closes_publishes_no_wills() {
    let mut world = World::new();
    let peer = world.connect(&with_will(Connect::new(V5, "a"), 0));
    world.connection(peer).close(Closed::ShuttingDown);
    world.hang_up(peer);
    assert!(world.wills.is_empty());
}

#[test]
fn a_will_expires_from_its_publication_on() {
    let mut world = World::new();
    let mut connect = with_will(Connect::staying(V5, "a"), 10);
    connect.will.as_mut().unwrap().properties.extend([0x02, 0, 0, 0, 20]);
    let peer = world.connect(&connect);
    world.hang_up(peer);
    world.pass(10_000);
    assert_eq!(world.wills[0].message.expires, Some(world.now.after(20_000)));
}
