//! Sessions: sections 3.1.2.4, 3.1.2.11 and 4.1, flow control 4.9, delivery 4.4 and 4.6.

use bytes::Bytes;
use turnpage_gateway_mqtt::limits::{IN_FLIGHT_MAX, QUEUED_MAX};
use turnpage_gateway_mqtt::{Closed, Lost, Message, Moment, Notice, Qos, Ticket, Topic};

use crate::wire::{BOTH, Connect, Seen, V3, V5, packet, puback};
use crate::world::{Peer, World};

fn offer(payload: &str, ticket: u64) -> Message {
    let mut message =
        Message::new(Topic::new("offer/ada").unwrap(), Bytes::copy_from_slice(payload.as_bytes()));
    message.ticket = Some(Ticket(ticket));
    message
}

fn offer_until(end: Moment, payload: &str, ticket: u64) -> Message {
    let mut message = offer(payload, ticket);
    message.expires = Some(end);
    message
}

fn offer_at_most_once(payload: &str, ticket: u64) -> Message {
    let mut message = offer(payload, ticket);
    message.qos = Qos::AtMostOnce;
    message
}

/// Tickets that were delivered, and those that were lost, since last asked.
fn outcomes(world: &mut World) -> (Vec<u64>, Vec<(u64, Lost)>) {
    let (mut delivered, mut lost) = (Vec::new(), Vec::new());
    for notice in world.notices.drain(..) {
        match notice {
            Notice::Delivered { ticket, .. } => delivered.push(ticket.0),
            Notice::Lost { ticket, reason, .. } => lost.push((ticket.0, reason)),
            Notice::Subscribed { .. } => {}
        }
    }
    (delivered, lost)
}

fn present(seen: &[Seen]) -> bool {
    matches!(seen[0], Seen::Connack { present: true, code: 0, .. })
}

fn subscriber(world: &mut World, connect: &Connect) -> Peer {
    let peer = world.connect(connect);
    world.subscribe(peer, "offer/+", 1);
    peer
}

#[test]
fn mqtt_3_1_2_4_a_clean_start_ends_the_old_session() {
    for version in BOTH {
        let mut world = World::new();
        let peer = subscriber(&mut world, &Connect::staying(version, "ada"));
        world.goodbye(peer);
        assert_eq!(world.offer(&offer("cocoa", 1)), 1);
        let (peer, seen) = world.knock(&Connect::new(version, "ada"));
        assert!(!present(&seen));
        assert_eq!(world.read(peer), []);
        assert_eq!(outcomes(&mut world), (vec![], vec![(1, Lost::SessionEnded)]));
        assert_eq!(world.offer(&offer("cocoa", 2)), 0);
    }
}

#[test]
fn mqtt_3_1_2_5_a_staying_session_keeps_subscriptions_and_offers() {
    for version in BOTH {
        let mut world = World::new();
        let (peer, seen) = world.knock(&Connect::staying(version, "ada"));
        assert!(!present(&seen), "there was none before");
        world.subscribe(peer, "offer/+", 1);
        world.hang_up(peer);
        world.offer(&offer("cocoa", 1));
        world.offer(&offer("soup", 2));
        world.pass(3_599_000);
        let (peer, seen) = world.knock(&Connect::staying(version, "ada"));
        assert!(present(&seen));
        let payloads = seen.iter().filter_map(|seen| match seen {
            Seen::Publish { payload, flags, .. } => Some((payload.as_str(), *flags)),
            _ => None,
        });
        assert_eq!(payloads.collect::<Vec<_>>(), [("cocoa", 0b0010), ("soup", 0b0010)]);
        world.send(peer, &puback(1));
        world.send(peer, &puback(2));
        assert_eq!(outcomes(&mut world).0, [1, 2]);
    }
}

#[test]
fn mqtt_3_1_2_23_a_session_ends_when_its_expiry_has_passed() {
    let mut world = World::new();
    let peer = subscriber(&mut world, &Connect { clean: false, ..Connect::new(V5, "ada").expiring(10) });
    world.hang_up(peer);
    world.offer(&offer("cocoa", 1));
    world.pass(9_999);
    assert_eq!(world.broker.counters().sessions, 1);
    world.pass(1);
    assert_eq!((world.broker.counters().sessions, world.broker.counters().subscriptions), (0, 0));
    assert_eq!(outcomes(&mut world).1, [(1, Lost::SessionEnded)]);
    let (_, seen) = world.knock(&Connect { clean: false, ..Connect::new(V5, "ada") });
    assert!(!present(&seen));
}

#[test]
fn a_disconnect_may_change_the_expiry_but_not_raise_it_from_zero() {
    let disconnect = |seconds: u32| packet(0xE0, &[&[0, 5, 0x11][..], &seconds.to_be_bytes()].concat());
    let mut world = World::new();
    let peer = world.connect(&Connect::staying(V5, "ada"));
    world.send(peer, &disconnect(0));
    assert_eq!(world.closed(peer), Some(Closed::Left));
    world.hang_up(peer);
    assert_eq!(world.broker.counters().sessions, 0);
    let peer = world.client(V5, "ada");
    assert_eq!(world.send(peer, &disconnect(1)), [Seen::Disconnect { code: 0x82 }]);
}

#[test]
fn mqtt_4_4_0_1_what_was_not_acknowledged_is_sent_again_first_in_order_with_its_id_and_dup() {
    for version in BOTH {
        let mut world = World::new();
        let peer = subscriber(&mut world, &Connect::staying(version, "ada"));
        for (ticket, text) in [(1, "a"), (2, "b"), (3, "c")] {
            world.offer(&offer(text, ticket));
        }
        let first = world.read(peer);
        assert_eq!(first.len(), 3);
        world.send(peer, &puback(2));
        world.hang_up(peer);
        world.offer(&offer("d", 4));
        let (peer, seen) = world.knock(&Connect::staying(version, "ada"));
        let again = seen.iter().filter_map(|seen| match seen {
            Seen::Publish { payload, packet_id, flags, .. } => Some((payload.as_str(), *packet_id, *flags)),
            _ => None,
        });
        assert_eq!(again.collect::<Vec<_>>(), [("a", 1, 0b1010), ("c", 3, 0b1010), ("d", 4, 0b0010)]);
        for packet_id in [1, 3, 4] {
            world.send(peer, &puback(packet_id));
        }
        assert_eq!(outcomes(&mut world), (vec![2, 1, 3, 4], vec![]));
        world.offer(&offer("e", 5));
        assert_eq!(world.read_payloads(peer), ["e"], "the quota is whole again");
    }
}

#[test]
fn mqtt_3_3_4_9_no_more_in_flight_than_the_client_takes() {
    for (connect, window) in [
        (Connect::new(V5, "ada").receive_maximum(2), 2),
        (Connect::new(V5, "ada"), IN_FLIGHT_MAX),
        (Connect::new(V3, "ada"), IN_FLIGHT_MAX),
    ] {
        let mut world = World::new();
        let peer = subscriber(&mut world, &connect);
        for ticket in 0..200 {
            world.offer(&offer(&ticket.to_string(), ticket));
        }
        let first = world.read(peer);
        assert_eq!(first.len(), usize::from(window));
        assert_eq!(world.read(peer), []);
        let told = world.take_in(peer, first);
        assert!((0..200).map(|n: u64| n.to_string()).eq(told));
        let (delivered, lost) = outcomes(&mut world);
        assert!(lost.is_empty() && delivered.into_iter().eq(0..200));
    }
}

#[test]
fn a_smaller_window_after_a_reconnect_is_kept_too() {
    let mut world = World::new();
    let peer = subscriber(&mut world, &Connect::staying(V5, "ada"));
    for ticket in 1..=5 {
        world.offer(&offer(&ticket.to_string(), ticket));
    }
    assert_eq!(world.read(peer).len(), 5);
    world.hang_up(peer);
    let (peer, seen) = world.knock(&Connect::staying(V5, "ada").receive_maximum(2));
    assert_eq!(seen.len(), 3, "CONNACK and two");
    world.send(peer, &puback(1));
    world.send(peer, &puback(2));
    for packet_id in 3..=5 {
        world.send(peer, &puback(packet_id));
    }
    assert_eq!(world.closed(peer), None);
    assert_eq!(outcomes(&mut world).0, [1, 2, 3, 4, 5]);
}

#[test]
fn a_puback_for_nothing_is_a_breach() {
    for version in BOTH {
        let mut world = World::new();
        let peer = world.client(version, "ada");
        world.send(peer, &puback(1));
        assert_eq!(world.closed(peer), Some(Closed::Breach(0x82)));
    }
}

#[test]
fn mqtt_4_4_0_2_a_puback_with_a_reason_of_failure_ends_the_delivery_as_lost() {
    let mut world = World::new();
    let peer = subscriber(&mut world, &Connect::new(V5, "ada"));
    world.offer(&offer("cocoa", 1));
    world.read(peer);
    world.send(peer, &packet(0x40, &[0, 1, 0x99]));
    assert_eq!(outcomes(&mut world), (vec![], vec![(1, Lost::Refused)]));
}

#[test]
fn mqtt_3_3_2_5_and_6_what_expires_in_the_queue_is_not_sent_and_the_rest_says_what_is_left() {
    let mut world = World::new();
    let peer = subscriber(&mut world, &Connect::staying(V5, "ada"));
    world.hang_up(peer);
    let now = world.now;
    world.offer(&offer_until(now.after(5_000), "short", 1));
    world.offer(&offer_until(now.after(60_500), "long", 2));
    world.pass(5_000);
    let (_, seen) = world.knock(&Connect::staying(V5, "ada"));
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_eq!(seen[1].property(0x02), Some(&56_u32.to_be_bytes()[..]));
    assert_eq!(outcomes(&mut world).1, [(1, Lost::Expired)]);
}

#[test]
fn a_full_queue_loses_its_oldest_and_says_so() {
    let mut world = World::new();
    let peer = subscriber(&mut world, &Connect::staying(V3, "ada"));
    world.hang_up(peer);
    for ticket in 0..QUEUED_MAX as u64 + 2 {
        assert_eq!(world.offer(&offer("x", ticket)), 1);
    }
    assert_eq!(outcomes(&mut world).1, [(0, Lost::QueueFull), (1, Lost::QueueFull)]);
    assert_eq!(world.broker.counters().queue_full, 2);
}

#[test]
fn qos_0_does_not_wait_for_a_client_that_is_away() {
    let mut world = World::new();
    let peer = subscriber(&mut world, &Connect::staying(V5, "ada"));
    let zero = |ticket| offer_at_most_once("zero", ticket);
    assert_eq!(world.offer(&zero(1)), 1);
    assert_eq!(world.read_payloads(peer), ["zero"]);
    world.hang_up(peer);
    assert_eq!(world.offer(&zero(2)), 0);
    assert_eq!(outcomes(&mut world), (vec![1], vec![(2, Lost::Unsure)]));
}

#[test]
fn mqtt_3_1_2_25_a_packet_larger_than_the_client_takes_is_not_sent() {
    let mut world = World::new();
    let mut connect = Connect::new(V5, "ada");
    connect.properties.extend([0x27, 0, 0, 0, 60]);
    let peer = subscriber(&mut world, &connect);
    world.offer(&offer(&"x".repeat(100), 1));
    world.offer(&offer("fits", 2));
    assert_eq!(world.read_payloads(peer), ["fits"]);
    assert_eq!(outcomes(&mut world), (vec![2], vec![(1, Lost::TooLarge)]));
    world.offer(&offer_at_most_once(&"x".repeat(100), 3));
    assert_eq!(world.read(peer), []);
    assert_eq!(outcomes(&mut world).1, [(3, Lost::TooLarge)]);
    assert_eq!(world.broker.counters().delivered, 1);
}

#[test]
fn mqtt_3_1_4_3_a_newer_connection_takes_over_and_the_older_reaches_nothing_any_more() {
    for version in BOTH {
        let mut world = World::new();
        let old = subscriber(&mut world, &Connect::staying(version, "ada"));
        world.offer(&offer("cocoa", 1));
        let (new, seen) = world.knock(&Connect::staying(version, "ada"));
        assert!(present(&seen));
        assert_eq!(world.closed(old), Some(Closed::TakenOver));
        let last_words = world.read(old);
        assert_eq!(last_words.contains(&Seen::Disconnect { code: 0x8E }), version == V5, "{last_words:?}");
        world.hang_up(old);
        assert_eq!(world.broker.counters().connected, 1);
        world.send(new, &puback(1));
        assert_eq!(outcomes(&mut world).0, [1]);
        world.offer(&offer("soup", 2));
        assert_eq!(world.read_payloads(new), ["soup"]);
    }
}

#[test]
fn a_slow_reader_is_not_written_to_without_bound() {
    let mut world = World::new();
    let peer = subscriber(&mut world, &Connect::new(V5, "ada"));
    let big = "x".repeat(10_000);
    for ticket in 0..1_000 {
        world.offer(&offer_at_most_once(&big, ticket));
    }
    assert!(world.connection(peer).outgoing().len() < 150_000);
    assert_eq!(world.read_payloads(peer).len(), 1_000);
}
