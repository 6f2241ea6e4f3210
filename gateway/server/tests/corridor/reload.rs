//! What a reload does to those whom the gateway speaks to: webhooks come, change and go, and what waited for them is sent or
//! told.
//!
//! Reloads of venues, journeys and files are in tests/tests/corridor.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use turnpage_gateway_core::EditionFile;
use turnpage_gateway_server::webhook::{Secret, WebhookSetup};
use turnpage_gateway_server::{Gateway, Setup, edition};

use crate::client::Node;
use crate::http::get;
use crate::receiver::{Answer, OTHER_SECRET, Receiver, SECRET};
use crate::site::{Site, until};

const TAKEN: Answer = Answer::Status("204 No Content");
const BROKEN: Answer = Answer::Status("500 Internal Server Error");

fn with(site: &Site, webhooks: Vec<WebhookSetup>) -> Setup {
    let mut setup = site.setup();
    setup.webhooks = webhooks;
    setup.edition = Some(edition(&[] as &[EditionFile]));
    setup
}

async fn start(site: &Site, webhooks: Vec<WebhookSetup>) -> Gateway {
    Gateway::start(with(site, webhooks)).await.unwrap()
}

async fn reload(gateway: &Gateway, site: &Site, webhooks: Vec<WebhookSetup>) {
    gateway.reload(with(site, webhooks)).await.unwrap();
}

/// Asks until `/metrics` has the line.
async fn counted(gateway: &Gateway, line: &str) {
    while !get(gateway, "/metrics").await.body.lines().any(|it| it == line) {}
}

#[tokio::test]
async fn a_webhook_that_comes_is_told_what_nobody_had() {
    let site = Site::in_memory();
    let gateway = start(&site, Vec::new()).await;
    let mut node = Node::connect(&gateway, &site).await;
    node.sees(1, site.now()).await;
    until(&gateway, |live| live.outbox == 1).await;
    let mut till = Receiver::start(|_| TAKEN).await;
    reload(&gateway, &site, vec![till.setup("till")]).await;
    let first = till.request().await;
    node.sees(2, site.now()).await;
    let second = till.request().await;
    assert_ne!(first.header("webhook-id"), second.header("webhook-id"));
    until(&gateway, |live| live.outbox == 0 && live.journeys[0].funnel.delivered == 2).await;
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn what_waits_for_a_webhook_that_goes_is_a_dead_letter_and_stays_counted() {
    let site = Site::in_memory();
    let (mut stuck, mut till) = (Receiver::start(|_| Answer::Hang).await, Receiver::start(|_| TAKEN).await);
    let mut going = stuck.setup("stuck");
    // The one under way has come to its end before anybody looks.
    going.retry.timeout = std::time::Duration::from_millis(200);
    let gateway = start(&site, vec![going, till.setup("till")]).await;
    let mut node = Node::connect(&gateway, &site).await;
    for badge in 1..=3 {
        node.sees(badge, site.now()).await;
        till.request().await;
    }
    stuck.request().await;
    reload(&gateway, &site, vec![till.setup("till")]).await;
    counted(&gateway, r#"turnpage_webhook_dead_total{webhook="stuck",reason="removed"} 3"#).await;
    let letters = get(&gateway, "/api/v1/dead-letters").await.body;
    assert_eq!(letters.matches(r#""reason":"removed""#).count(), 3, "{letters}");
    counted(&gateway, r#"turnpage_webhook_queue{webhook="stuck"} 0"#).await;
    // One of the same name begins anew, and counts on.
    let mut back = Receiver::start(|_| TAKEN).await;
    reload(&gateway, &site, vec![till.setup("till"), back.setup("stuck")]).await;
    node.sees(4, site.now()).await;
    back.request().await;
    till.request().await;
    counted(&gateway, r#"turnpage_webhook_sent_total{webhook="stuck"} 1"#).await;
    counted(&gateway, r#"turnpage_webhook_dead_total{webhook="stuck",reason="removed"} 3"#).await;
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn what_waits_for_a_webhook_that_changes_is_kept_and_signed_anew() {
    let site = Site::in_memory();
    let works = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&works);
    let script = move |_| if asked.load(Ordering::SeqCst) { TAKEN } else { BROKEN };
    let mut till = Receiver::start(script).await;
    let gateway = start(&site, vec![till.setup("till")]).await;
    Node::connect(&gateway, &site).await.sees(1, site.now()).await;
    let before = till.request().await;
    assert!(before.is_signed_with(SECRET));
    let secrets = vec![Secret::new(OTHER_SECRET).unwrap()];
    reload(&gateway, &site, vec![WebhookSetup { secrets, ..till.setup("till") }]).await;
    let after = loop {
        let next = till.request().await;
        if !next.is_signed_with(SECRET) {
            break next;
        }
    };
    assert!(after.is_signed_with(OTHER_SECRET));
    assert_eq!((after.header("webhook-id"), &after.body), (before.header("webhook-id"), &before.body));
    works.store(true, Ordering::SeqCst);
    until(&gateway, |live| live.outbox == 0 && live.journeys[0].funnel.delivered == 1).await;
    counted(&gateway, r#"turnpage_webhook_dead_total{webhook="till",reason="removed"} 0"#).await;
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn a_webhook_whose_channel_goes_gives_up_what_waits_of_it() {
    let site = Site::in_memory();
    let mut till = Receiver::start(|_| BROKEN).await;
    let gateway = start(&site, vec![till.setup("till")]).await;
    Node::connect(&gateway, &site).await.sees(1, site.now()).await;
    till.request().await;
    let channels = vec!["app".to_owned()];
    reload(&gateway, &site, vec![WebhookSetup { channels, ..till.setup("till") }]).await;
    counted(&gateway, r#"turnpage_webhook_dead_total{webhook="till",reason="removed"} 1"#).await;
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn a_webhook_that_was_gone_is_tried_again_at_another_url_alone() {
    let site = Site::in_memory();
    let mut gone = Receiver::start(|_| Answer::Status("410 Gone")).await;
    let gateway = start(&site, vec![gone.setup("till")]).await;
    Node::connect(&gateway, &site).await.sees(1, site.now()).await;
    gone.request().await;
    counted(&gateway, r#"turnpage_webhook_disabled{webhook="till"} 1"#).await;
    let secrets = vec![Secret::new(OTHER_SECRET).unwrap()];
    reload(&gateway, &site, vec![WebhookSetup { secrets, ..gone.setup("till") }]).await;
    counted(&gateway, r#"turnpage_webhook_disabled{webhook="till"} 1"#).await;
    let mut moved = Receiver::start(|_| TAKEN).await;
    reload(&gateway, &site, vec![moved.setup("till")]).await;
    moved.request().await;
    until(&gateway, |live| live.outbox == 0 && live.journeys[0].funnel.delivered == 1).await;
    counted(&gateway, r#"turnpage_webhook_disabled{webhook="till"} 0"#).await;
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn a_reload_that_is_refused_changes_no_webhook() {
    let site = Site::in_memory();
    let mut till = Receiver::start(|_| TAKEN).await;
    let gateway = start(&site, vec![till.setup("till")]).await;
    let nothing = Setup { edition: None, ..with(&site, Vec::new()) };
    gateway.reload(nothing).await.unwrap_err();
    Node::connect(&gateway, &site).await.sees(1, site.now()).await;
    till.request().await;
    until(&gateway, |live| live.outbox == 0 && live.journeys[0].funnel.delivered == 1).await;
    gateway.stop().await.unwrap();
}
