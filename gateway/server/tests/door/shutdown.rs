//! The door closes: with a word to those who have one, and at once for those who do not.

use std::time::Duration;

use rumqttc::v5::mqttbytes::v5 as packets;

use crate::bench::{Bench, Raw};
use crate::clients::{farewell, v5};

#[tokio::test]
async fn stopping_says_goodbye_and_frees_the_address() {
    let mut bench = Bench::open().await;
    let (_client, mut events) = v5::client(v5::options(bench.addr, "gate-1", "gate", "open sesame"));
    v5::until(&mut events, |packet| matches!(packet, packets::Packet::ConnAck(_)).then_some(()))
        .await
        .unwrap();
    let mut plain = Raw::sign_in(bench.addr, "gate-2", Some("gone")).await;
    plain.publish(1, "last").await;
    assert_eq!(bench.commit_next().await.1, "last");
    assert_eq!(plain.receive().await, Some((0x40, vec![0, 1])));
    bench.door.stop(Duration::from_secs(60)).await;
    assert_eq!(farewell(&mut events).await, packets::DisconnectReasonCode::ServerShuttingDown);
    assert_eq!(plain.receive().await, None);
    assert!(bench.publications.try_recv().is_err(), "a will may wait for the client's return");
    drop(tokio::net::TcpListener::bind(bench.addr).await.unwrap());
}

#[tokio::test]
async fn what_was_read_is_answered_before_the_end() {
    let mut bench = Bench::open().await;
    let mut client = Raw::sign_in(bench.addr, "gate-1", None).await;
    client.publish(1, "last").await;
    let publication = bench.publications.recv().await.unwrap();
    let stopping = tokio::spawn(bench.door.stop(Duration::from_secs(3_600)));
    // Nobody more is let in.
    while tokio::net::TcpStream::connect(bench.addr).await.is_ok() {}
    assert!(!stopping.is_finished());
    publication.ack.commit();
    assert_eq!(client.receive().await, Some((0x40, vec![0, 1])));
    assert_eq!(client.receive().await, None);
    drop(client);
    stopping.await.unwrap();
}

#[tokio::test]
async fn what_is_not_answered_in_time_is_the_clients_to_send_again() {
    let mut bench = Bench::open().await;
    let mut client = Raw::sign_in(bench.addr, "gate-1", None).await;
    client.publish(1, "last").await;
    let _unanswered = bench.publications.recv().await.unwrap();
    bench.door.stop(Duration::from_millis(1)).await;
    assert_eq!(client.receive().await, None);
}

#[tokio::test]
async fn a_shard_that_is_gone_closes_who_publishes() {
    let bench = Bench::open().await;
    drop(bench.publications);
    let mut client = Raw::sign_in(bench.addr, "gate-1", None).await;
    client.publish(1, "unheard").await;
    assert_eq!(client.receive().await, None);
}
