//! Stopped, or dropped like a process that dies, and started again on the same log: nothing twice, nothing forgotten.

use std::collections::BTreeSet;

use turnpage_gateway_server::{Gateway, Setup};

use crate::client::{Channel, Node, frame};
use crate::site::{Site, until};

/// Lets five badges in while nobody listens, ends the gateway, starts it again, sends the same frames once more, and
/// then listens.
async fn ended_and_started_again(site: Site, goodbye: bool) {
    let gateway = site.start().await;
    let mut node = Node::connect(&gateway, &site).await;
    let at = site.now();
    for badge in 1..=5 {
        node.sees(badge, at).await;
    }
    let before = until(&gateway, |live| live.counters.offers == 5).await;
    let made: BTreeSet<String> = before.offers.iter().map(|offer| offer.id.to_string()).collect();
    if goodbye {
        gateway.stop().await.unwrap();
    } else {
        drop(gateway);
    }

    let gateway = started_again(|| site.setup()).await;
    let mut node = Node::connect(&gateway, &site).await;
    for badge in 1..=5 {
        node.publish(frame(u32::from(badge), badge, at)).await;
    }
    let live = until(&gateway, |live| live.counters.duplicates == 5).await;
    assert_eq!((live.counters.admitted, live.counters.offers, live.counters.entries), (5, 5, 5));

    let mut bands = Channel::connect(&gateway, &site).await;
    let mut brought = BTreeSet::new();
    for _ in 1..=5 {
        brought.insert(bands.offer().await["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(brought, made, "every offer under the id it had before");
    let live = until(&gateway, |live| live.outbox == 0).await;
    assert_eq!(live.journeys[0].funnel.delivered, 5);
    gateway.stop().await.unwrap();

    // Delivered is delivered, after another restart too.
    let gateway = site.start().await;
    assert_eq!(until(&gateway, |_| true).await.outbox, 0);
    gateway.stop().await.unwrap();
}

/// A gateway that was dropped lets go of its directory when its threads have noticed.
pub(crate) async fn started_again(setup: impl Fn() -> Setup) -> Gateway {
    loop {
        match Gateway::start(setup()).await {
            Ok(gateway) => return gateway,
            Err(error) => assert!(error.to_string().contains("in use"), "{error}"),
        }
    }
}

#[tokio::test]
async fn stopped_and_started_again_in_memory() {
    ended_and_started_again(Site::in_memory(), true).await;
}

#[tokio::test]
async fn stopped_and_started_again_on_disk() {
    ended_and_started_again(Site::on_disk(), true).await;
}

#[tokio::test]
async fn dropped_and_started_again_on_disk() {
    ended_and_started_again(Site::on_disk(), false).await;
}

/// A session ends with the process, and the client is told so. What it was owed is in the log, and comes to whoever
/// subscribes.
#[tokio::test]
async fn a_session_does_not_outlive_the_process_and_its_offers_do() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let (mut bands, present) = Channel::come_back(&gateway).await;
    assert!(!present);
    bands.listen().await;
    bands.leave().await;
    let (bands, present) = Channel::come_back(&gateway).await;
    assert!(present, "the same process keeps it");
    bands.leave().await;
    let mut node = Node::connect(&gateway, &site).await;
    node.sees(1, site.now()).await;
    let before = until(&gateway, |live| live.counters.offers == 1).await;
    gateway.stop().await.unwrap();

    let gateway = site.start().await;
    let (mut bands, present) = Channel::come_back(&gateway).await;
    assert!(!present, "another process says that it has not");
    bands.listen().await;
    assert_eq!(bands.offer().await["id"].as_str().unwrap(), before.offers[0].id.to_string());
    gateway.stop().await.unwrap();
}
