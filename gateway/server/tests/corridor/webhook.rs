//! Offers that go out by webhook: signed, at least once under one id, whatever the receiver does.

mod tls;

use turnpage_gateway_server::webhook::WebhookSetup;
use turnpage_gateway_server::{Clock, Gateway};

use crate::client::{Node, pseudonym};
use crate::http::get;
use crate::receiver::{Answer, OTHER_SECRET, Receiver, SECRET};
use crate::site::{Site, until};

const TAKEN: Answer = Answer::Status("204 No Content");

async fn start(site: &Site, webhooks: Vec<WebhookSetup>) -> Gateway {
    let mut setup = site.setup();
    setup.webhooks = webhooks;
    Gateway::start(setup).await.unwrap()
}

async fn counts(gateway: &Gateway, line: &str) {
    let metrics = get(gateway, "/metrics").await.body;
    assert!(metrics.lines().any(|it| it == line), "`{line}` is not in\n{metrics}");
}

#[tokio::test]
async fn an_offer_is_posted_as_a_signed_cloud_event_and_so_delivered() {
    let site = Site::in_memory();
    let mut till = Receiver::start(|_| TAKEN).await;
    let gateway = start(&site, vec![till.setup("till")]).await;
    Node::connect(&gateway, &site).await.sees(1, site.now()).await;
    let request = till.request().await;
    assert_eq!(request.line, "POST /till?a=b HTTP/1.1");
    assert_eq!(request.header("content-type"), "application/cloudevents+json; charset=utf-8");
    assert!(request.is_signed_with(SECRET) && request.is_signed_with(OTHER_SECRET));
    assert!(!request.is_signed_with("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    let event = request.event();
    assert_eq!((&event["specversion"], &event["type"]), (&"1.0".into(), &"turnpage.offer.made".into()));
    assert_eq!((&event["id"], &event["data"]["id"]), (&request.header("webhook-id").into(), &event["id"]));
    assert_eq!((&event["subject"], &event["source"]), (&pseudonym(1).into(), &"/turnpage/v1/park".into()));
    assert_eq!(event["data"]["text"], "A map of the park?");
    until(&gateway, |live| live.outbox == 0 && live.journeys[0].funnel.delivered == 1).await;
    counts(&gateway, r#"turnpage_webhook_sent_total{webhook="till"} 1"#).await;
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn what_fails_comes_again_under_its_id_until_it_is_taken() {
    const SCRIPT: [Answer; 8] = [
        Answer::Status("500 Internal Server Error"),
        Answer::Close,
        Answer::Hang,
        Answer::Status("302 Found\r\nLocation: /elsewhere"),
        Answer::Status("429 Too Many Requests\r\nRetry-After: 0"),
        Answer::Endless("503 Service Unavailable"),
        Answer::Status("nonsense"),
        Answer::Endless("200 OK"),
    ];
    let site = Site::in_memory();
    let mut till = Receiver::start(|nth| SCRIPT[nth]).await;
    let mut setup = till.setup("till");
    setup.retry.timeout = std::time::Duration::from_millis(200);
    let gateway = start(&site, vec![setup]).await;
    Node::connect(&gateway, &site).await.sees(1, site.now()).await;
    let first = till.request().await;
    for _ in 1..SCRIPT.len() {
        let again = till.request().await;
        assert!(again.is_signed_with(SECRET));
        assert_eq!(again.line, first.line, "a redirect is not followed");
        assert_eq!((again.header("webhook-id"), &again.body), (first.header("webhook-id"), &first.body));
    }
    until(&gateway, |live| live.outbox == 0 && live.journeys[0].funnel.delivered == 1).await;
    counts(&gateway, r#"turnpage_webhook_retried_total{webhook="till"} 7"#).await;
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn a_receiver_that_hangs_holds_up_no_other() {
    let site = Site::in_memory();
    let (mut stuck, mut till) = (Receiver::start(|_| Answer::Hang).await, Receiver::start(|_| TAKEN).await);
    let mut setup = site.setup();
    setup.webhooks = vec![stuck.setup("stuck"), till.setup("till")];
    // Nobody waits for it at the end either.
    setup.drain = std::time::Duration::from_millis(1);
    let gateway = Gateway::start(setup).await.unwrap();
    let mut node = Node::connect(&gateway, &site).await;
    for badge in 1..=5 {
        node.sees(badge, site.now()).await;
    }
    stuck.request().await;
    for _ in 1..=5 {
        till.request().await;
    }
    until(&gateway, |live| live.outbox == 0 && live.journeys[0].funnel.delivered == 5).await;
    counts(&gateway, r#"turnpage_webhook_queue{webhook="stuck"} 5"#).await;
    counts(&gateway, r#"turnpage_webhook_queue{webhook="till"} 0"#).await;
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_left_alone() {
    let site = Site::in_memory();
    let mut till = Receiver::start(|_| Answer::Status("410 Gone")).await;
    let mut other = Receiver::start(|_| TAKEN).await;
    let gateway = start(&site, vec![till.setup("till"), other.setup("other")]).await;
    let mut node = Node::connect(&gateway, &site).await;
    node.sees(1, site.now()).await;
    till.request().await;
    while !get(&gateway, "/api/v1/dead-letters").await.body.contains(r#""reason":"gone""#) {}
    node.sees(2, site.now()).await;
    other.request().await;
    other.request().await;
    counts(&gateway, r#"turnpage_webhook_dead_total{webhook="till",reason="gone"} 2"#).await;
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn what_nobody_had_is_posted_after_a_restart_under_the_same_id() {
    for goodbye in [true, false] {
        let site = Site::on_disk();
        let mut down = Receiver::start(|_| Answer::Status("503 Service Unavailable")).await;
        let gateway = start(&site, vec![down.setup("till")]).await;
        Node::connect(&gateway, &site).await.sees(1, site.now()).await;
        let before = down.request().await;
        if goodbye {
            gateway.stop().await.unwrap();
        } else {
            drop(gateway);
        }
        let mut up = Receiver::start(|_| TAKEN).await;
        let gateway = crate::restart::started_again(|| {
            let mut setup = site.setup();
            setup.webhooks = vec![up.setup("till")];
            setup
        })
        .await;
        let after = up.request().await;
        assert_eq!((after.header("webhook-id"), &after.body), (before.header("webhook-id"), &before.body));
        until(&gateway, |live| live.outbox == 0 && live.journeys[0].funnel.delivered == 1).await;
        gateway.stop().await.unwrap();
    }
}

#[tokio::test]
async fn what_is_never_taken_expires_as_a_dead_letter_with_its_reason() {
    let site = Site::in_memory();
    let till = Receiver::start(|_| Answer::Status("500 Internal Server Error")).await;
    let mut setup = site.setup();
    setup.webhooks = vec![till.setup("till")];
    // The offer's twenty minutes pass in five seconds: time for an attempt, however busy the machine is.
    setup.clock = Clock::scaled(site.now(), 240.0);
    let (clock, hour) = (setup.clock.clone(), 3_600_000);
    (setup.options.late_ms, setup.options.future_ms) = (hour, hour);
    let gateway = Gateway::start(setup).await.unwrap();
    Node::connect(&gateway, &site).await.sees(1, clock.now()).await;
    until(&gateway, |live| live.journeys[0].funnel.expired == 1 && live.outbox == 0).await;
    let mut letters = String::new();
    while !letters.contains("webhook till") {
        letters = get(&gateway, "/api/v1/dead-letters").await.body;
    }
    assert!(letters.contains(r#""reason":"status-5xx""#), "{letters}");
    counts(&gateway, r#"turnpage_webhook_dead_total{webhook="till",reason="status-5xx"} 1"#).await;
    gateway.stop().await.unwrap();
}
