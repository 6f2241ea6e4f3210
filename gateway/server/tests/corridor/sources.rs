//! Sensors that are already there, at the door: taken, ignored, refused, and all of it counted by source and reason.

use rumqttc::v5::mqttbytes::v5::PubAckReason;
use turnpage_gateway_server::Gateway;

use crate::client::Source;
use crate::http::get;
use crate::site::{INSIDE, Site, until};

#[tokio::test]
async fn what_a_source_says_is_counted_by_what_became_of_it() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let mut phones = Source::connect(&gateway, &site).await;
    phones.located("7f3a", INSIDE, site.now()).await;
    assert_eq!(phones.said(r#"{"_type":"lwt"}"#).await, PubAckReason::Success);
    for malformed in [r#"{"_type":"location","lat":1}"#, "45.5;-73.5"] {
        assert_eq!(phones.said(malformed).await, PubAckReason::PayloadFormatInvalid);
    }
    let ancient = r#"{"_type":"location","lat":0,"lon":0,"tst":1}"#;
    assert_ne!(phones.said(ancient).await, PubAckReason::Success);

    let live = until(&gateway, |live| live.counters.received == 4).await;
    assert_eq!((live.subjects, live.counters.admitted, live.counters.dead.values().sum::<u64>()), (1, 1, 3));
    let metrics = get(&gateway, "/metrics").await.body;
    for (became, count) in [
        ("mapped", 1),
        ("ignored", 1),
        ("malformed-missing", 1),
        ("malformed-unreadable", 1),
        ("refused-ancient", 1),
    ] {
        let line = format!("turnpage_source_messages_total{{source=\"phones\",became=\"{became}\"}} {count}");
        assert!(metrics.lines().any(|it| it == line), "`{line}` is not in\n{metrics}");
    }
    let letters = get(&gateway, "/api/v1/dead-letters").await.body;
    assert_eq!(letters.matches(r#""client":"phones""#).count(), 3, "{letters}");
    assert!(!letters.contains("7f3a") && letters.contains(r#""topic":"…""#), "{letters}");
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn what_was_refused_is_kept_whole_where_somebody_looks_for_a_mistake() {
    let site = Site::in_memory();
    let mut setup = site.setup();
    setup.options.whole_letters = true;
    let gateway = Gateway::start(setup).await.unwrap();
    let mut phones = Source::connect(&gateway, &site).await;
    assert_eq!(phones.said("45.5;-73.5").await, PubAckReason::PayloadFormatInvalid);
    let letters = get(&gateway, "/api/v1/dead-letters").await.body;
    assert!(
        letters.contains("owntracks/7f3a/phone") && letters.contains("34352e353b2d37332e35"),
        "{letters}"
    );
    gateway.stop().await.unwrap();
}
