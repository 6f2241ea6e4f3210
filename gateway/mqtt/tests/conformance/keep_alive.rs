//! Keep-alive: section 3.1.2.10.

use turnpage_gateway_mqtt::Closed;
use turnpage_gateway_mqtt::limits::UNCOMMITTED_MAX;

use crate::wire::{BOTH, Connect, Seen, V3, V5, packet, publish};
use crate::world::World;

#[test]
fn mqtt_3_1_2_22_a_client_that_is_silent_for_one_and_a_half_keep_alives_is_gone() {
    for version in BOTH {
        let mut world = World::new();
        let peer = world.connect(&Connect { keep_alive_s: 10, ..Connect::new(version, "a") });
        world.pass(14_999);
        assert_eq!(world.closed(peer), None);
        assert_eq!(world.send(peer, &packet(0xC0, &[])), [Seen::Pingresp]);
        world.pass(14_999);
        assert_eq!(world.closed(peer), None);
        world.pass(1);
        assert_eq!(world.closed(peer), Some(Closed::KeepAlive));
        let farewell = if version == V5 { vec![Seen::Disconnect { code: 0x8D }] } else { vec![] };
        assert_eq!(world.read(peer), farewell);
    }
}

#[test]
fn mqtt_3_1_2_22_any_packet_counts_as_a_sign_of_life() {
    for version in BOTH {
        let mut world = World::new();
        let peer = world.connect(&Connect { keep_alive_s: 10, ..Connect::new(version, "a") });
        for _ in 0..5 {
            world.pass(10_000);
            world.send(peer, &publish(version, 0, "a", 0, &[], "x"));
        }
        assert_eq!(world.closed(peer), None);
    }
}

#[test]
fn a_keep_alive_of_zero_never_ends() {
    let mut world = World::new();
    let peer = world.connect(&Connect { keep_alive_s: 0, ..Connect::new(V5, "a") });
    world.pass(u64::from(u32::MAX));
    assert_eq!(world.closed(peer), None);
}

#[test]
fn a_client_that_is_made_to_wait_for_commits_is_not_blamed_for_silence() {
    let mut world = World::new();
    let peer = world.connect(&Connect { keep_alive_s: 10, ..Connect::new(V3, "a") });
    for packet_id in 1..=UNCOMMITTED_MAX {
        world.send(peer, &publish(V3, 0b0010, "a", packet_id, &[], "x"));
    }
    // Its ping lies in a socket that is not read.
    assert!(!world.connection(peer).wants_bytes());
    world.pass(60_000);
    assert_eq!(world.closed(peer), None);
    world.commit();
    assert!(world.connection(peer).wants_bytes());
    assert!(world.send(peer, &packet(0xC0, &[])).contains(&Seen::Pingresp));
}
