//! The console and the API as a browser, a probe and a scraper see them.

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use turnpage_gateway_server::Gateway;

use crate::client::Node;
use crate::site::{Site, until};

/// An answer.
pub(crate) struct Answer {
    pub(crate) head: String,
    pub(crate) body: String,
}

async fn request(gateway: &Gateway, path: &str, host: &str) -> BufReader<TcpStream> {
    request_at(gateway.http_addr().expect("a console"), path, host).await
}

async fn request_at(addr: SocketAddr, path: &str, host: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    BufReader::new(stream)
}

async fn answer(mut from: BufReader<TcpStream>) -> Answer {
    let mut text = String::new();
    from.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
    Answer { head: head.to_lowercase(), body: body.to_owned() }
}

pub(crate) async fn get(gateway: &Gateway, path: &str) -> Answer {
    answer(request(gateway, path, "localhost").await).await
}

/// What a gateway says that is on its way out.
pub(crate) async fn get_at(addr: SocketAddr, path: &str) -> Answer {
    answer(request_at(addr, path, "localhost").await).await
}

#[tokio::test]
async fn the_page_brings_everything_it_loads_and_may_load_nothing_else() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let page = get(&gateway, "/").await;
    assert!(page.head.starts_with("http/1.1 200"));
    assert!(page.head.contains("content-security-policy: default-src 'none'; script-src 'self'"));
    assert!(!page.head.contains("unsafe-inline"));
    for part in ["href=\"", "src=\""] {
        for path in page.body.split(part).skip(1).filter_map(|rest| rest.split('"').next()) {
            if path.starts_with('#') {
                continue;
            }
            let asset = get(&gateway, path).await;
            assert!(asset.head.starts_with("http/1.1 200"), "{path}");
            assert!(asset.head.contains("x-content-type-options: nosniff"), "{path}");
        }
    }
    // And what its script imports in turn.
    let script = get(&gateway, "/console/console.js").await;
    let modules: Vec<_> =
        script.body.split("from \"./").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(modules.len() >= 4, "{modules:?}");
    for module in modules {
        let module = get(&gateway, &format!("/console/{module}")).await;
        assert!(module.head.contains("text/javascript"), "{}", module.head);
    }
    for (query, status) in [("", 400), ("?journey=no-such", 404)] {
        let refused = get(&gateway, &format!("/api/v1/picture{query}")).await.head;
        assert!(refused.starts_with(&format!("http/1.1 {status}")), "{refused}");
        assert!(refused.contains("application/problem+json"), "{refused}");
    }
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn a_page_from_elsewhere_reads_nothing() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let refused = answer(request(&gateway, "/api/v1/live", "evil.example").await).await;
    assert!(refused.head.starts_with("http/1.1 421"), "{}", refused.head);
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn probes_and_scrapers_are_answered() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    assert_eq!(get(&gateway, "/healthz").await.body, "alive\n");
    assert_eq!(get(&gateway, "/readyz").await.body, "ready\n");
    let mut node = Node::connect(&gateway, &site).await;
    node.sees(1, site.now()).await;
    until(&gateway, |live| live.counters.offers == 1).await;
    let metrics = get(&gateway, "/metrics").await;
    assert!(metrics.head.contains("openmetrics-text"));
    for line in
        ["turnpage_ready 1", "turnpage_messages_admitted_total 1", "turnpage_zone_occupancy{zone=\"gate\"} 1"]
    {
        assert!(metrics.body.lines().any(|it| it == line), "`{line}` is not in\n{}", metrics.body);
    }
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn the_venue_and_the_picture_are_json() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let venue: serde_json::Value = serde_json::from_str(&get(&gateway, "/api/v1/venue").await.body).unwrap();
    assert_eq!(venue["zones"][0]["title"], "Main <gate>");
    assert_eq!(venue["zones"][0]["rings"][0].as_array().unwrap().len(), 5);
    assert_eq!(venue["time_zone"], "America/Toronto");
    let live: serde_json::Value = serde_json::from_str(&get(&gateway, "/api/v1/live").await.body).unwrap();
    assert_eq!(live["zones"][0]["occupancy"], 0);
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn the_stream_tells_of_pictures_and_offers_and_ends_with_the_gateway() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let mut stream = request(&gateway, "/api/v1/events/live", "localhost").await.lines();
    let mut node = None;
    let (mut pictures, mut offers) = (0, 0);
    while pictures == 0 || offers == 0 {
        let line = stream.next_line().await.unwrap().expect("the stream goes on");
        pictures += usize::from(line == "event: live");
        offers += usize::from(line == "event: offer");
        if pictures == 1 && node.is_none() {
            let mut connected = Node::connect(&gateway, &site).await;
            connected.sees(1, site.now()).await;
            node = Some(connected);
        }
    }
    gateway.stop().await.unwrap();
    while let Ok(Some(_)) = stream.next_line().await {}
}
