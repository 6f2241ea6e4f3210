//! Who comes in, who does not, and what each may say.

use rumqttc::v5::mqttbytes::v5 as packets;
use rumqttc::{ConnectReturnCode, ConnectionError, Packet, QoS, SubscribeReasonCode};
use turnpage_gateway_server::door::{Accounts, Limits};

use crate::bench::{Bench, Raw};
use crate::clients::{farewell, v4, v5};

#[tokio::test]
async fn a_wrong_password_or_name_stays_out_in_both_versions() {
    let bench = Bench::open().await;
    for (account, password) in [("gate", "open barley"), ("stranger", "open sesame"), ("gate", "")] {
        let (_client, mut events) = v4::client(v4::options(bench.addr, "one", account, password));
        let error = v4::until(&mut events, Some).await.unwrap_err();
        let refused = ConnectReturnCode::BadUserNamePassword;
        assert!(matches!(error, ConnectionError::ConnectionRefused(code) if code == refused), "{error}");

        let (_client, mut events) = v5::client(v5::options(bench.addr, "one", account, password));
        let error = v5::until(&mut events, Some).await.unwrap_err();
        let refused = packets::ConnectReturnCode::BadUserNamePassword;
        assert!(
            matches!(error, rumqttc::v5::ConnectionError::ConnectionRefused(code) if code == refused),
            "{error}"
        );
    }
    assert_eq!(bench.handle.counters().refused, 6);
    assert_eq!(bench.handle.counters().accepted, 0);
}

#[tokio::test]
async fn a_publication_outside_the_permit_is_refused_and_not_committed() {
    let mut bench = Bench::open().await;
    let (client, mut events) = v5::client(v5::options(bench.addr, "gate-1", "gate", "open sesame"));
    let at_least_once = rumqttc::v5::mqttbytes::QoS::AtLeastOnce;
    client.publish("v1/node/other/event", at_least_once, false, "forged").await.unwrap();
    let reason = v5::until(&mut events, |packet| match packet {
        packets::Packet::PubAck(ack) => Some(ack.reason),
        _ => None,
    });
    assert_eq!(reason.await.unwrap(), packets::PubAckReason::NotAuthorized);

    // MQTT 3.1.1 has no such answer: an acknowledgement would be a lie, so the connection ends.
    let (client, mut events) = v4::client(v4::options(bench.addr, "gate-2", "gate", "open sesame"));
    client.publish("v1/node/other/event", QoS::AtLeastOnce, false, "forged").await.unwrap();
    let acknowledged = v4::until(&mut events, |packet| matches!(packet, Packet::PubAck(_)).then_some(()));
    assert!(acknowledged.await.is_err());

    // Nothing of it reached the shard: the next thing that does is an honest one.
    let mut honest = Raw::sign_in(bench.addr, "gate-3", None).await;
    honest.publish(1, "honest").await;
    assert_eq!(bench.commit_next().await.1, "honest");
    assert_eq!(bench.handle.counters().unauthorised, 2);
}

#[tokio::test]
async fn a_subscription_outside_the_permit_is_refused_in_both_versions() {
    let bench = Bench::open().await;
    let (client, mut events) = v4::client(v4::options(bench.addr, "hub-4", "hub", "hub secret"));
    for filter in ["#", "v1/offer/+", "$share/g/#"] {
        client.subscribe(filter, QoS::ExactlyOnce).await.unwrap();
    }
    let mut codes = Vec::new();
    while codes.len() < 3 {
        codes.extend(
            v4::until(&mut events, |packet| match packet {
                Packet::SubAck(ack) => Some(ack.return_codes),
                _ => None,
            })
            .await
            .unwrap(),
        );
    }
    let granted = SubscribeReasonCode::Success(QoS::AtLeastOnce);
    assert_eq!(codes, [SubscribeReasonCode::Failure, granted, SubscribeReasonCode::Failure]);

    let (client, mut events) = v5::client(v5::options(bench.addr, "hub-5", "hub", "hub secret"));
    let at_most_once = rumqttc::v5::mqttbytes::QoS::AtMostOnce;
    for filter in ["#", "v1/offer/+", "$share/g/#"] {
        client.subscribe(filter, at_most_once).await.unwrap();
    }
    let mut codes = Vec::new();
    while codes.len() < 3 {
        codes.extend(
            v5::until(&mut events, |packet| match packet {
                packets::Packet::SubAck(ack) => Some(ack.return_codes),
                _ => None,
            })
            .await
            .unwrap(),
        );
    }
    let granted = packets::SubscribeReasonCode::Success(at_most_once);
    let refused = packets::SubscribeReasonCode::NotAuthorized;
    assert_eq!(codes, [refused, granted, refused]);
}

#[tokio::test]
async fn one_connection_too_many_is_turned_away() {
    let bench = Bench::with_limits(Limits { connections_max: 1, ..Limits::default() }).await;
    let first = Raw::sign_in(bench.addr, "gate-1", None).await;
    let mut second = Raw::dial(bench.addr).await;
    assert_eq!(second.receive().await, None);
    assert_eq!(bench.handle.counters().turned_away, 1);
    drop(first);
}

#[tokio::test(start_paused = true)]
async fn a_silent_stranger_is_sent_away() {
    let bench = Bench::open().await;
    let mut silent = Raw::dial(bench.addr).await;
    let mut slow = Raw::dial(bench.addr).await;
    slow.send(0x10, b"\x00\x04MQ").await;
    assert_eq!(silent.receive().await, None);
    assert_eq!(slow.receive().await, None);
}

#[tokio::test]
async fn who_is_connected_is_told_when_its_account_goes() {
    let bench = Bench::open().await;
    let (client, mut events) = v5::client(v5::options(bench.addr, "hub-9", "hub", "hub secret"));
    client.subscribe("v1/offer/+", rumqttc::v5::mqttbytes::QoS::AtLeastOnce).await.unwrap();
    v5::until(&mut events, |packet| matches!(packet, packets::Packet::SubAck(_)).then_some(()))
        .await
        .unwrap();
    let mut old = Raw::sign_in(bench.addr, "gate-1", None).await;
    bench.handle.set_accounts(Accounts::new());
    assert_eq!(farewell(&mut events).await, packets::DisconnectReasonCode::NotAuthorized);
    assert_eq!(old.receive().await, None, "MQTT 3.1.1 has no words for it");
    assert_eq!((bench.handle.counters().put_out, bench.handle.counters().sessions), (2, 0));
}
