//! Offers and events on their way to subscribers, those that are away included.

use rumqttc::v5::mqttbytes::QoS as QoS5;
use rumqttc::v5::mqttbytes::v5 as packets;
use rumqttc::{Packet, QoS};
use tokio::io::AsyncWriteExt;
use turnpage_gateway_server::door::{Lost, Notice, Ticket};

use crate::bench::{Bench, Raw, packet, push_text};
use crate::clients::{farewell, v4, v5};

fn payload(packet: Packet) -> Option<String> {
    match packet {
        Packet::Publish(publish) => {
            Some(format!("{} {}", publish.topic, str::from_utf8(&publish.payload).unwrap()))
        }
        _ => None,
    }
}

#[tokio::test]
async fn an_offer_reaches_a_subscriber_and_its_puback_is_told() {
    let mut bench = Bench::open().await;
    assert_eq!(bench.offer("v1/offer/ada", "too early", 1), 0);
    let (client, mut events) = v4::client(v4::options(bench.addr, "hub-1", "hub", "hub secret"));
    client.subscribe("v1/offer/+", QoS::AtLeastOnce).await.unwrap();
    let polling = tokio::spawn(async move {
        let mut seen = Vec::new();
        while seen.len() < 3 {
            seen.push(v4::until(&mut events, payload).await.unwrap());
        }
        // Polls on, so that PUBACKs are written.
        (seen, v4::until(&mut events, payload).await.is_err())
    });
    bench.subscribed().await;
    for (ticket, text) in [(2, "cocoa"), (3, "umbrella"), (4, "lunch")] {
        assert_eq!(bench.offer("v1/offer/ada", text, ticket), 1);
    }
    for ticket in [2, 3, 4] {
        bench.delivered(ticket).await;
    }
    let counters = bench.handle.counters();
    assert_eq!((counters.routed, counters.delivered, counters.subscriptions), (3, 3, 1));
    drop(bench.door);
    let (seen, ended) = polling.await.unwrap();
    assert_eq!(seen, ["v1/offer/ada cocoa", "v1/offer/ada umbrella", "v1/offer/ada lunch"]);
    assert!(ended);
}

#[tokio::test]
async fn mqtt_4_1_0_1_a_persistent_session_gets_what_was_offered_while_it_was_away() {
    let mut bench = Bench::open().await;
    let mut options = v4::options(bench.addr, "band-1", "hub", "hub secret");
    options.set_clean_session(false);
    let (client, mut events) = v4::client(options.clone());
    client.subscribe("v1/offer/ada", QoS::AtLeastOnce).await.unwrap();
    v4::until(&mut events, |packet| matches!(packet, Packet::SubAck(_)).then_some(())).await.unwrap();
    client.disconnect().await.unwrap();
    while events.poll().await.is_ok() {}

    assert_eq!(bench.offer("v1/offer/ada", "cocoa", 1), 1);
    assert_eq!(bench.offer("v1/offer/ben", "not hers", 2), 0);
    let (_client, mut events) = v4::client(options);
    let mut present = None;
    let offer = v4::until(&mut events, |packet| {
        if let Packet::ConnAck(ack) = &packet {
            present = Some(ack.session_present);
        }
        payload(packet)
    });
    assert_eq!(offer.await.unwrap(), "v1/offer/ada cocoa");
    assert_eq!(present, Some(true));
    let polling = tokio::spawn(async move { while events.poll().await.is_ok() {} });
    bench.delivered(1).await;
    polling.abort();
}

#[tokio::test]
async fn mqtt_3_1_2_6_a_clean_session_ends_with_its_connection_and_says_what_it_lost() {
    let mut bench = Bench::open().await;
    let mut client = sign_in(&bench, "band-1", CLEAN).await;
    subscribe(&mut client, "v1/offer/ada").await;
    assert_eq!(client.receive().await.unwrap().0, 0x90);
    bench.subscribed().await;
    bench.offer("v1/offer/ada", "cocoa", 1);
    assert_eq!(client.receive().await.unwrap().0, 0x32);
    // Gone without a PUBACK: nobody knows whether it was read.
    drop(client);
    let lost = bench.notices.recv().await.unwrap();
    assert!(matches!(lost, Notice::Lost { ticket: Ticket(1), reason: Lost::SessionEnded, .. }), "{lost:?}");
    assert_eq!(bench.offer("v1/offer/ada", "cocoa", 2), 0);
    assert_eq!(bench.handle.counters().sessions, 0);
}

#[tokio::test]
async fn mqtt_4_4_0_1_what_was_not_acknowledged_is_sent_again_and_marked() {
    let mut bench = Bench::open().await;
    let mut first = sign_in(&bench, "band-1", STAYING).await;
    subscribe(&mut first, "v1/offer/ada").await;
    assert_eq!(first.receive().await.unwrap().0, 0x90);
    bench.subscribed().await;
    bench.offer("v1/offer/ada", "cocoa", 1);
    let (head, body) = first.receive().await.unwrap();
    assert_eq!(head, 0x32);
    // Gone without a PUBACK.
    drop(first);
    let mut second = sign_in(&bench, "band-1", STAYING).await;
    assert_eq!(second.receive().await, Some((0x3A, body.clone())));
    let packet_id = &body[14..16];
    second.send(0x40, packet_id).await;
    bench.delivered(1).await;
}

const CLEAN: u8 = 0b1100_0010;
const STAYING: u8 = 0b1100_0000;

/// Signs the hub in over MQTT 3.1.1.
async fn sign_in(bench: &Bench, client: &str, flags: u8) -> Raw {
    let mut raw = Raw::dial(bench.addr).await;
    let mut body = b"\x00\x04MQTT\x04".to_vec();
    body.extend([flags, 0, 60]);
    for text in [client, "hub", "hub secret"] {
        push_text(&mut body, text);
    }
    raw.send(0x10, &body).await;
    assert_eq!(raw.receive().await.unwrap().0, 0x20);
    raw
}

async fn subscribe(client: &mut Raw, filter: &str) {
    let mut body = vec![0, 1];
    push_text(&mut body, filter);
    body.push(1);
    client.send(0x82, &body).await;
}

#[tokio::test]
async fn mqtt_3_1_4_3_a_newer_connection_takes_the_session_over() {
    let mut bench = Bench::open().await;
    let options = v5::options(bench.addr, "hub-1", "hub", "hub secret");
    let (client, mut events) = v5::client(options.clone());
    client.subscribe("v1/offer/+", QoS5::AtLeastOnce).await.unwrap();
    v5::until(&mut events, |packet| matches!(packet, packets::Packet::SubAck(_)).then_some(()))
        .await
        .unwrap();
    bench.subscribed().await;
    let (_client, mut newer) = v5::client(options);
    v5::until(&mut newer, |packet| matches!(packet, packets::Packet::ConnAck(_)).then_some(()))
        .await
        .unwrap();
    assert_eq!(farewell(&mut events).await, packets::DisconnectReasonCode::SessionTakenOver);
    assert_eq!(bench.handle.counters().taken_over, 1);
    assert_eq!(bench.handle.counters().sessions, 1);
}

#[tokio::test]
async fn mqtt_3_3_1_8_a_retained_message_is_told_to_a_later_subscriber_after_its_commit() {
    let mut bench = Bench::open().await;
    let (node, mut node_events) = v5::client(v5::options(bench.addr, "gate-1", "gate", "open sesame"));
    node.publish("v1/node/gate/birth", QoS5::AtLeastOnce, true, "born").await.unwrap();
    let polling = tokio::spawn(async move { while node_events.poll().await.is_ok() {} });
    let birth = bench.publications.recv().await.unwrap();
    assert!(birth.retain);
    assert_eq!(bench.handle.counters().retained, 0, "nothing is kept before the commit");
    birth.ack.commit();
    assert_eq!(bench.handle.counters().retained, 1);
    let (hub, mut events) = v4::client(v4::options(bench.addr, "hub-1", "hub", "hub secret"));
    hub.subscribe("v1/node/+/birth", QoS::AtLeastOnce).await.unwrap();
    let birth = v4::until(&mut events, |packet| match packet {
        Packet::Publish(publish) => Some((publish.topic, publish.retain, publish.payload)),
        _ => None,
    });
    let (topic, retain, payload) = birth.await.unwrap();
    assert_eq!((topic.as_str(), retain, &payload[..]), ("v1/node/gate/birth", true, &b"born"[..]));
    polling.abort();
}

/// SUBSCRIBE or UNSUBSCRIBE, and a publication to the same topic, as they arrive in one read.
fn at_once(head: u8, wish: &[u8]) -> Vec<u8> {
    let mut name = Vec::new();
    push_text(&mut name, "v1/node/gate/config");
    let asked = packet(head, &[&[0, 1], &name[..], wish].concat());
    [asked, packet(0x30, &[&name[..], b"hi"].concat())].concat()
}

#[tokio::test]
async fn packets_of_one_read_count_in_their_order() {
    let mut bench = Bench::open().await;
    let mut gate = Raw::sign_in(bench.addr, "gate-1", None).await;
    gate.0.write_all(&at_once(0x82, &[1])).await.unwrap();
    bench.commit_next().await;
    assert_eq!(gate.receive().await, Some((0x90, vec![0, 1, 1])));
    assert_eq!(gate.receive().await.unwrap().0, 0x30, "subscribed before it was published");
    gate.0.write_all(&at_once(0xa2, &[])).await.unwrap();
    bench.commit_next().await;
    gate.send(0xc0, &[]).await;
    assert_eq!(gate.receive().await, Some((0xb0, vec![0, 1])));
    assert_eq!(gate.receive().await, Some((0xd0, vec![])), "unsubscribed before it was published");
}

#[tokio::test]
async fn a_client_that_begins_anew_loses_what_its_session_was_owed() {
    let mut bench = Bench::open().await;
    let mut client = sign_in(&bench, "band-1", STAYING).await;
    subscribe(&mut client, "v1/offer/ada").await;
    assert_eq!(client.receive().await.unwrap().0, 0x90);
    bench.subscribed().await;
    client.send(0xE0, &[]).await;
    assert_eq!(client.receive().await, None);
    assert_eq!(bench.offer("v1/offer/ada", "cocoa", 1), 1);
    sign_in(&bench, "band-1", CLEAN).await;
    let lost = bench.notices.recv().await.unwrap();
    assert!(matches!(lost, Notice::Lost { ticket: Ticket(1), reason: Lost::SessionEnded, .. }), "{lost:?}");
}
