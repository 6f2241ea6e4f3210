//! What a scrape holds is what METRICS.md says, and nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use expect_test::expect_file;
use turnpage_gateway_core::EditionFile;
use turnpage_gateway_server::{BrokerSetup, Gateway, TracesSetup, edition};

use crate::client::{Channel, Node};
use crate::http::get;
use crate::receiver::{Answer, Receiver};
use crate::site::{Site, until};

/// What the page begins with. The rest is the scrape's.
const HEAD: &str = "# Metrics

What `/metrics` tells, in OpenMetrics. Counters of what the venue did (messages, steps, offers) go on across restarts, because they are in the log;
counters of what the process did (commits, connections, requests, spans) begin anew. Labels hold names of the configuration, of the venue and of its
journeys, and fixed words; none holds a subject, a badge or an address. A test compares this page with a scrape.

| metric | type | labels | means |
|---|---|---|---|
";

/// Labels of families that have no sample in a gateway that has just started.
const LABELS: [(&str, &str); 1] = [("turnpage_node_online", "`node`")];

#[tokio::test]
async fn the_page_on_metrics_and_a_scrape_say_the_same() {
    let site = Site::in_memory();
    let mut till = Receiver::start(|_| Answer::Status("204 No Content")).await;
    let mut setup = site.setup();
    setup.edition = Some(edition(&[] as &[EditionFile]));
    setup.webhooks = vec![till.setup("till")];
    // Neither is there: what is told of them is that.
    setup.traces = Some(TracesSetup::new("http://127.0.0.1:9/v1/traces".parse().unwrap()));
    setup.broker = Some(BrokerSetup {
        host: "127.0.0.1".into(),
        port: 9,
        client: "turnpage".into(),
        login: None,
        tls: None,
        logins: Vec::new(),
        certificate_until_s: Some(1_893_542_400),
    });
    let gateway = Gateway::start(setup).await.unwrap();
    let mut bands = Channel::connect(&gateway, &site).await;
    Node::connect(&gateway, &site).await.sees(1, site.now()).await;
    bands.offer().await;
    till.request().await;
    until(&gateway, |live| live.outbox == 0).await;
    let scraped = get(&gateway, "/metrics").await.body;
    expect_file!["../../METRICS.md"].assert_eq(&page(&scraped));
    for line in [
        r#"turnpage_broker_connected{for="messages"} 0"#,
        r#"turnpage_certificate_expiry_timestamp_seconds{certificate="broker"} 1893542400"#,
        r#"turnpage_offers_withheld_total{reason="quiet-hours"} 0"#,
    ] {
        assert!(scraped.lines().any(|it| it == line), "`{line}` is not in\n{scraped}");
    }
    assert!(!scraped.contains("turnpage_commit_seconds_count 0"), "{scraped}");
    gateway.stop().await.unwrap();
}

/// The page that a scrape would have.
fn page(scraped: &str) -> String {
    let (mut kinds, mut labels) =
        (BTreeMap::new(), BTreeMap::from(LABELS.map(|(of, it)| (of, it.to_owned()))));
    for line in scraped.lines() {
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|it| it.split_once(' ')) {
            kinds.insert(name, kind);
        } else if let Some((name, rest)) = line.split_once('{').filter(|_| !line.starts_with('#')) {
            let of = kinds.keys().filter(|known| name.starts_with(**known)).max_by_key(|known| known.len());
            let keys = rest.split("\",").filter_map(|pair| Some(pair.split_once("=\"")?.0));
            let keys: Vec<_> = keys.filter(|key| *key != "le").map(|key| format!("`{key}`")).collect();
            labels.insert(of.expect("its type stands before"), keys.join(", "));
        }
    }
    let mut page = HEAD.to_owned();
    let helps = scraped.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split_once(' '));
    let helps: BTreeMap<_, _> = helps.collect();
    assert_eq!(
        helps.keys().collect::<Vec<_>>(),
        kinds.keys().collect::<Vec<_>>(),
        "each has a type and a help"
    );
    for (name, help) in helps {
        let (kind, total) = (kinds[name], if kinds[name] == "counter" { "_total" } else { "" });
        let labels = labels.get(name).map(String::as_str).unwrap_or_default();
        writeln!(page, "| `{name}{total}` | {kind} | {labels} | {} |", help.trim_end_matches('.')).unwrap();
    }
    page
}
