//! The running gateway from outside, over real sockets: a node's frame in, an offer out, and nothing doubled or lost
//! when it is stopped, dropped and started again.
//!
//! Frames are sealed by firmware/wire, as a node does it. Before: the door's own tests. Next: site.rs.

mod between;
mod broker;
mod client;
mod drain;
mod fake;
mod fault;
mod http;
mod intake;
mod logs;
mod metrics;
mod receiver;
mod reload;
mod restart;
mod rights;
mod site;
mod sources;
mod stream;
mod traces;
mod webhook;

use client::{Channel, Node, Source};
use site::Site;

#[tokio::test]
async fn an_offer_reaches_whoever_subscribed() {
    for site in Site::each_store() {
        let gateway = site.start().await;
        let mut bands = Channel::connect(&gateway, &site).await;
        let mut node = Node::connect(&gateway, &site).await;
        node.sees(1, site.now()).await;
        let offer = bands.offer().await;
        assert_eq!(offer["subject"], client::pseudonym(1));
        assert_eq!(offer["journey"], "welcome");
        assert_eq!(
            (&offer["page"], &offer["offer"], &offer["channel"]),
            (&"outside".into(), &"map".into(), &"band".into())
        );
        assert_eq!(offer["text"], "A map of the park?");
        assert_eq!(offer["valid_until"].as_i64(), offer["at"].as_i64().map(|at| at + site::VALID_MS));
        // The band's acknowledgement is the delivery, and that is in the log too.
        let live =
            site::until(&gateway, |live| live.journeys[0].funnel.delivered == 1 && live.outbox == 0).await;
        assert_eq!((live.counters.sightings, live.counters.offers), (1, 1));
        bands.answers(&site, &offer, "accepted").await;
        site::until(&gateway, |live| live.journeys[0].funnel.accepted == 1).await;
        gateway.stop().await.unwrap();
    }
}

#[tokio::test]
async fn what_was_sent_twice_counts_once() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let mut node = Node::connect(&gateway, &site).await;
    let frame = node.frame(1, site.now());
    node.publish(frame.clone()).await;
    node.publish(frame).await;
    let live = site::until(&gateway, |live| live.counters.received >= 2).await;
    assert_eq!((live.counters.admitted, live.counters.duplicates, live.counters.offers), (1, 1, 1));
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn what_is_not_understood_is_counted_and_kept() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let mut node = Node::connect(&gateway, &site).await;
    let mut forged = node.frame(1, site.now());
    *forged.last_mut().unwrap() ^= 1;
    node.publish(forged).await;
    node.publish(b"<script>alert(1)</script>".to_vec()).await;
    let live = site::until(&gateway, |live| live.counters.dead.values().sum::<u64>() == 2).await;
    assert_eq!(live.counters.admitted, 0);
    let letters = http::get(&gateway, "/api/v1/dead-letters").await;
    assert!(
        letters.body.contains(r#""reason":"forged""#) && letters.body.contains(r#""reason":"malformed""#)
    );
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn a_phone_is_a_sensor() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let mut bands = Channel::connect(&gateway, &site).await;
    let mut phones = Source::connect(&gateway, &site).await;
    phones.located("7f3a", site::INSIDE, site.now()).await;
    let offer = bands.offer().await;
    assert_eq!((&offer["subject"], &offer["journey"]), (&"7f3a".into(), &"welcome".into()));
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn a_directory_that_is_in_use_is_said_to_be() {
    let site = Site::on_disk();
    let gateway = site.start().await;
    let error = site.try_start().await.err().expect("a second gateway on the same data").to_string();
    assert!(error.contains("is in use by another process"), "{error}");
    gateway.stop().await.unwrap();
    site.start().await.stop().await.unwrap();
}
