//! Shared subscriptions: section 4.8.2.

use bytes::Bytes;
use proptest::prelude::*;
use turnpage_gateway_mqtt::limits::QUEUED_MAX;
use turnpage_gateway_mqtt::{Closed, Lost, Message, Notice, Qos, Ticket, Topic};

use crate::wire::{BOTH, Connect, Seen, V5, packet, puback, publish, subscribe, unsubscribe};
use crate::world::{Peer, World};

const SHARED: &str = "$share/crew/offer/+";

fn offer(payload: String, ticket: u64) -> Message {
    let mut message = Message::new(Topic::new("offer/ada").unwrap(), Bytes::from(payload));
    message.ticket = Some(Ticket(ticket));
    message
}

/// A client of the crew whose session stays.
fn member(world: &mut World, client: &str, options: u8) -> Peer {
    let peer = world.connect(&Connect::staying(V5, client));
    world.subscribe(peer, SHARED, options);
    peer
}

/// A client of the crew that comes back, and what it is told at once.
fn back(world: &mut World, client: &str) -> Vec<String> {
    let (peer, seen) = world.knock(&Connect::staying(V5, client));
    world.take_in(peer, seen)
}

/// Offers 0, 1, 2 and so on, and says how many were taken.
fn offers(world: &mut World, tickets: std::ops::Range<u64>) -> usize {
    tickets.map(|ticket| world.offer(&offer(ticket.to_string(), ticket))).sum()
}

#[test]
fn mqtt_4_8_2_1_a_share_without_a_name_and_mqtt_4_8_2_2_one_with_a_wildcard_are_malformed() {
    for version in BOTH {
        for filter in ["$share//a", "$share/g", "$share/g/", "$share/+/a", "$share/g#/a"] {
            let mut world = World::new();
            let peer = world.client(version, "a");
            world.send(peer, &subscribe(version, 1, &[], &[(filter, 0)]));
            assert_eq!(world.closed(peer), Some(Closed::Breach(0x81)), "{filter}");
        }
    }
}

#[test]
fn a_message_goes_to_one_of_those_who_share_and_each_has_its_turn() {
    for version in BOTH {
        let mut world = World::new();
        let peers = ["a", "b", "c"].map(|client| {
            let peer = world.client(version, client);
            world.subscribe(peer, SHARED, 1);
            peer
        });
        let apart = world.client(version, "d");
        world.subscribe(apart, "$share/others/offer/+", 1);
        world.subscribe(apart, "offer/ada", 1);
        assert_eq!(offers(&mut world, 0..9), 27, "two groups and one of its own");
        let shares = peers.map(|peer| world.read_payloads(peer));
        assert_eq!(shares, [["0", "3", "6"], ["1", "4", "7"], ["2", "5", "8"]]);
        assert_eq!(world.read_payloads(apart).len(), 18);
    }
}

#[test]
fn who_is_busy_is_passed_over() {
    let mut world = World::new();
    let slow = world.connect(&Connect::staying(V5, "slow"));
    let quick = world.connect(&Connect::staying(V5, "quick"));
    for peer in [slow, quick] {
        world.subscribe(peer, SHARED, 1);
    }
    let mut seen = Vec::new();
    for ticket in 0..10 {
        offers(&mut world, ticket..ticket + 1);
        seen.extend(world.read_payloads(quick));
    }
    assert!(seen.len() >= 8, "{seen:?}");
}

#[test]
fn mqtt_4_8_2_3_each_member_gets_no_more_than_the_qos_it_was_granted() {
    let mut world = World::new();
    let zero = member(&mut world, "zero", 0);
    let one = member(&mut world, "one", 1);
    offers(&mut world, 0..2);
    let flags = |seen: Vec<Seen>| match seen[..] {
        [Seen::Publish { flags, .. }] => flags,
        _ => panic!("{seen:?}"),
    };
    assert_eq!((flags(world.read(zero)), flags(world.read(one))), (0, 0b0010));
}

#[test]
fn mqtt_4_8_2_6_what_a_member_refuses_goes_to_nobody_else() {
    let mut world = World::new();
    let first = member(&mut world, "first", 1);
    let second = member(&mut world, "second", 1);
    offers(&mut world, 0..1);
    let seen = world.read(first);
    let Seen::Publish { packet_id, .. } = seen[0] else { panic!("{seen:?}") };
    let id = packet_id.to_be_bytes();
    world.send(first, &packet(0x40, &[id[0], id[1], 0x83]));
    world.hang_up(first);
    assert!(world.read_payloads(second).is_empty());
    assert!(matches!(world.notices[..], [.., Notice::Lost { reason: Lost::Refused, .. }]));
}

#[test]
fn what_a_member_leaves_unacknowledged_goes_to_the_others_in_order() {
    let mut world = World::new();
    let gone = member(&mut world, "gone", 1);
    offers(&mut world, 0..3);
    assert_eq!(world.read(gone).len(), 3);
    let rest = member(&mut world, "rest", 1);
    world.send(gone, &puback(1));
    world.hang_up(gone);
    assert_eq!(world.read_payloads(rest), ["1", "2"]);
    // The one that left is owed nothing any more.
    assert!(back(&mut world, "gone").is_empty());
}

#[test]
fn what_comes_while_nobody_is_there_waits_for_the_first_who_comes() {
    let mut world = World::new();
    for client in ["a", "b"] {
        let peer = member(&mut world, client, 1);
        world.goodbye(peer);
    }
    assert_eq!(offers(&mut world, 0..2), 2);
    let mut lightly = offer("lightly".into(), 9);
    lightly.qos = Qos::AtMostOnce;
    assert_eq!(world.offer(&lightly), 0, "nothing waits at QoS 0");
    assert_eq!(back(&mut world, "b"), ["0", "1"]);
    assert!(back(&mut world, "a").is_empty());
}

#[test]
fn what_waits_is_bounded_and_ends_with_the_last_member() {
    let mut world = World::new();
    let peer = member(&mut world, "a", 1);
    world.goodbye(peer);
    let many = u64::try_from(QUEUED_MAX).unwrap();
    offers(&mut world, 0..many + 2);
    let full = |notice: &&Notice| matches!(notice, Notice::Lost { reason: Lost::QueueFull, .. });
    assert_eq!(world.notices.iter().filter(full).count(), 2);
    world.pass(3_601_000);
    let ended = |notice: &&Notice| matches!(notice, Notice::Lost { reason: Lost::SessionEnded, .. });
    assert_eq!(world.notices.iter().filter(ended).count(), QUEUED_MAX);
    assert_eq!(world.broker.counters().subscriptions, 0);
    assert_eq!(offers(&mut world, 0..1), 0, "nobody shares it any more");
}

#[test]
fn who_unsubscribes_keeps_what_is_in_flight_and_gets_no_more() {
    let mut world = World::new();
    let peer = member(&mut world, "a", 1);
    offers(&mut world, 0..1);
    assert_eq!(world.read(peer).len(), 1);
    let seen = world.send(peer, &unsubscribe(V5, 2, &[SHARED]));
    assert_eq!(seen, [Seen::Unsuback { packet_id: 2, codes: vec![0] }]);
    assert_eq!(offers(&mut world, 1..2), 0);
    world.hang_up(peer);
    assert_eq!(back(&mut world, "a"), ["0"]);
}

#[test]
fn retained_messages_are_not_told_to_who_shares() {
    let mut world = World::new();
    let peer = world.client(V5, "a");
    world.send(peer, &publish(V5, 0b0011, "offer/ada", 1, &[], "kept"));
    world.commit();
    world.subscribe(peer, SHARED, 1);
    let seen = world.read(peer);
    assert!(!seen.iter().any(|seen| matches!(seen, Seen::Publish { .. })), "{seen:?}");
}

#[test]
fn a_member_is_asked_for_its_permit_and_gets_its_own_identifier() {
    let mut world = World::new();
    let user = Some(("node".into(), "password".into()));
    let peer = world.connect(&Connect { user, ..Connect::new(V5, "node") });
    let filters = [("$share/g/#", 1), ("$share/g/offer/+", 1)];
    let seen = world.send(peer, &subscribe(V5, 1, &[0x0B, 5], &filters));
    assert_eq!(seen, [Seen::Suback { packet_id: 1, codes: vec![0x87, 1] }]);
    offers(&mut world, 0..1);
    assert_eq!(world.read(peer)[0].property(0x0B), Some(&[5][..]));
}

/// What may happen to a crew of four.
#[derive(Clone, Debug)]
enum Step {
    Offer,
    Read(usize),
    HangUp(usize),
    Return(usize),
    Leave(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Offer),
        3 => (0..4_usize).prop_map(Step::Read),
        2 => (0..4_usize).prop_map(Step::HangUp),
        2 => (0..4_usize).prop_map(Step::Return),
        1 => (0..4_usize).prop_map(Step::Leave),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 200 } else { 5_000 }))]

    /// A crew with somebody in it loses nothing: whatever was taken is acknowledged by somebody, or told as lost.
    #[test]
    fn a_crew_accounts_for_all_it_took(steps in prop::collection::vec(step(), 1..60)) {
        let mut world = World::new();
        let mut peers: [Option<Peer>; 4] = [None; 4];
        let (mut ticket, mut taken) = (0, 0);
        for step in steps {
            match step {
                Step::Offer => {
                    taken += world.offer(&offer(ticket.to_string(), ticket));
                    ticket += 1;
                }
                Step::Read(who) => if let Some(peer) = peers[who] { world.read_payloads(peer); },
                Step::HangUp(who) => if let Some(peer) = peers[who].take() { world.hang_up(peer); },
                Step::Return(who) if peers[who].is_none() => {
                    peers[who] = Some(member(&mut world, &who.to_string(), 1));
                }
                Step::Leave(who) => if let Some(peer) = peers[who] {
                    world.send(peer, &unsubscribe(V5, 7, &[SHARED]));
                },
                Step::Return(_) => {}
            }
        }
        // All who are there read on until nothing is left, then every session comes to its end.
        for peer in peers.into_iter().flatten() {
            world.read_payloads(peer);
            world.hang_up(peer);
        }
        world.pass(3_601_000);
        let told = |notice: &&Notice| matches!(notice, Notice::Delivered { .. } | Notice::Lost { .. });
        prop_assert_eq!(world.notices.iter().filter(told).count(), taken);
        prop_assert_eq!(world.broker.counters().sessions, 0);
        prop_assert_eq!(world.broker.counters().subscriptions, 0);
    }
}
