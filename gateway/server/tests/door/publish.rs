//! A PUBACK means that the message is committed, and nothing else.

use rumqttc::v5::mqttbytes::v5 as packets;
use rumqttc::{Packet, QoS};
use turnpage_gateway_server::door::{Qos, Refusal};

use crate::bench::{Bench, Raw};
use crate::clients::{v4, v5};

const PINGREQ: u8 = 0xC0;
const PINGRESP: (u8, Vec<u8>) = (0xD0, Vec::new());

fn puback(packet_id: u8) -> (u8, Vec<u8>) {
    (0x40, vec![0, packet_id])
}

#[tokio::test]
async fn mqtt_4_3_2_4_no_puback_before_the_commit() {
    let mut bench = Bench::open().await;
    let mut client = Raw::sign_in(bench.addr, "gate-1", None).await;
    client.publish(7, "one").await;
    let publication = bench.publications.recv().await.unwrap();
    assert_eq!((publication.account.as_str(), publication.client.as_str()), ("gate", "gate-1"));
    assert_eq!((publication.topic.as_str(), &publication.payload[..]), ("v1/node/gate/event", &b"one"[..]));
    assert_eq!((publication.qos, publication.retain), (Qos::AtLeastOnce, false));
    // What is answered to a later packet shows that the earlier one was not.
    client.send(PINGREQ, &[]).await;
    assert_eq!(client.receive().await, Some(PINGRESP));
    publication.ack.commit();
    assert_eq!(client.receive().await, Some(puback(7)));
}

#[tokio::test]
async fn mqtt_4_6_0_2_pubacks_leave_in_the_order_of_the_messages() {
    let mut bench = Bench::open().await;
    let mut client = Raw::sign_in(bench.addr, "gate-1", None).await;
    for packet_id in [3, 1, 2] {
        client.publish(packet_id, "x").await;
    }
    let mut acks = Vec::new();
    for _ in 0..3 {
        acks.push(bench.publications.recv().await.unwrap().ack);
    }
    acks.into_iter().rev().for_each(|ack| ack.commit());
    for packet_id in [3, 1, 2] {
        assert_eq!(client.receive().await, Some(puback(packet_id)));
    }
}

#[tokio::test]
async fn a_full_shard_stops_the_reading_and_loses_nothing() {
    let mut bench = Bench::open().await;
    let mut client = Raw::sign_in(bench.addr, "gate-1", None).await;
    // Many times the room in the shard's channel.
    for packet_id in 1..=100 {
        client.publish(packet_id, &packet_id.to_string()).await;
    }
    for packet_id in 1..=100_u8 {
        assert_eq!(bench.commit_next().await.1, packet_id.to_string());
        assert_eq!(client.receive().await, Some(puback(packet_id)));
    }
}

#[tokio::test]
async fn what_is_never_answered_comes_again_over_rumqttc_4() {
    let mut bench = Bench::open().await;
    let mut options = v4::options(bench.addr, "gate-1", "gate", "open sesame");
    options.set_clean_session(false);
    let (client, mut events) = v4::client(options);
    client.publish("v1/node/gate/event", QoS::AtLeastOnce, false, "one").await.unwrap();
    let acknowledged = tokio::spawn(async move {
        loop {
            // The door closes the connection of a publication that is dropped; polling again connects again.
            let done = v4::until(&mut events, |packet| matches!(packet, Packet::PubAck(_)).then_some(()));
            if done.await.is_ok() {
                return;
            }
        }
    });
    let first = bench.publications.recv().await.unwrap();
    assert_eq!(first.payload, "one");
    drop(first.ack);
    assert_eq!(bench.commit_next().await.1, "one");
    acknowledged.await.unwrap();
}

#[tokio::test]
async fn what_is_never_answered_comes_again_over_rumqttc_5() {
    let mut bench = Bench::open().await;
    let mut options = v5::options(bench.addr, "gate-1", "gate", "open sesame");
    options.set_clean_start(false).set_session_expiry_interval(Some(3_600));
    let (client, mut events) = v5::client(options);
    let at_least_once = rumqttc::v5::mqttbytes::QoS::AtLeastOnce;
    client.publish("v1/node/gate/event", at_least_once, false, "one").await.unwrap();
    let acknowledged = tokio::spawn(async move {
        loop {
            let done =
                v5::until(&mut events, |packet| matches!(packet, packets::Packet::PubAck(_)).then_some(()));
            if done.await.is_ok() {
                return;
            }
        }
    });
    drop(bench.publications.recv().await.unwrap().ack);
    assert_eq!(bench.commit_next().await.1, "one");
    acknowledged.await.unwrap();
}

#[tokio::test]
async fn a_refusal_is_told_with_its_reason() {
    let mut bench = Bench::open().await;
    let (client, mut events) = v5::client(v5::options(bench.addr, "gate-1", "gate", "open sesame"));
    let at_least_once = rumqttc::v5::mqttbytes::QoS::AtLeastOnce;
    client.publish("v1/node/gate/event", at_least_once, false, "one").await.unwrap();
    let reason = tokio::spawn(async move {
        let reason = v5::until(&mut events, |packet| match packet {
            packets::Packet::PubAck(ack) => Some(ack.reason),
            _ => None,
        });
        reason.await.unwrap()
    });
    bench.publications.recv().await.unwrap().ack.refuse(Refusal::PayloadInvalid);
    assert_eq!(reason.await.unwrap(), packets::PubAckReason::PayloadFormatInvalid);
}

#[tokio::test]
async fn qos_0_is_handed_over_and_not_answered() {
    let mut bench = Bench::open().await;
    let mut client = Raw::sign_in(bench.addr, "gate-1", None).await;
    let mut body = Vec::new();
    crate::bench::push_text(&mut body, "v1/node/gate/event");
    body.extend(b"zero");
    client.send(0x30, &body).await;
    let publication = bench.publications.recv().await.unwrap();
    assert_eq!((publication.qos, &publication.payload[..]), (Qos::AtMostOnce, &b"zero"[..]));
    publication.ack.commit();
    client.send(PINGREQ, &[]).await;
    assert_eq!(client.receive().await, Some(PINGRESP));
}

#[tokio::test]
async fn mqtt_3_1_2_8_a_will_is_published_when_the_socket_just_ends() {
    let mut bench = Bench::open().await;
    let client = Raw::sign_in(bench.addr, "gate-1", Some("gone")).await;
    drop(client);
    let will = bench.publications.recv().await.unwrap();
    assert_eq!((will.topic.as_str(), &will.payload[..]), ("v1/node/gate/birth", &b"gone"[..]));
    assert_eq!((will.account.as_str(), will.client.as_str()), ("gate", "gate-1"));
    will.ack.commit();
    assert_eq!(bench.handle.counters().wills, 1);
}

#[tokio::test]
async fn mqtt_3_14_4_3_no_will_after_a_goodbye() {
    let mut bench = Bench::open().await;
    let mut client = Raw::sign_in(bench.addr, "gate-1", Some("gone")).await;
    client.send(0xE0, &[]).await;
    assert_eq!(client.receive().await, None);
    let mut other = Raw::sign_in(bench.addr, "gate-2", None).await;
    other.publish(1, "next").await;
    assert_eq!(bench.commit_next().await.1, "next");
    assert_eq!(bench.handle.counters().wills, 0);
}
