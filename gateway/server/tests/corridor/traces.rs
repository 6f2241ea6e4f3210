//! What a collector is told: the whole way of an offer, nobody's name, and nothing that the gateway would wait for.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use turnpage_gateway_server::webhook::Retry;
use turnpage_gateway_server::{Gateway, TracesSetup};

use crate::client::{Channel, Node, Source, pseudonym};
use crate::http::get;
use crate::intake;
use crate::receiver::{Answer, Receiver};
use crate::site::{INSIDE, NODE, PASSWORD, Site, until};

const TAKEN: Answer = Answer::Status("204 No Content");
/// A caller's own trace, as W3C Trace Context writes it.
const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
/// Requests on their way to a test; none of them has as many.
const REQUESTS_MAX: usize = 1_024;

/// A collector of OpenTelemetry, as far as OTLP over HTTP goes.
struct Collector {
    port: u16,
    requests: mpsc::Receiver<(HeaderMap, Bytes)>,
}

impl Collector {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (to, requests) = mpsc::channel(REQUESTS_MAX);
        let take = move |headers: HeaderMap, body: Bytes| {
            let to = to.clone();
            async move {
                let _ = to.send((headers, body)).await;
                StatusCode::OK
            }
        };
        let router = Router::new().route("/v1/traces", post(take));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { port, requests }
    }

    async fn request(&mut self) -> (HeaderMap, ExportTraceServiceRequest) {
        let (headers, body) = self.requests.recv().await.expect("a collector");
        (headers, ExportTraceServiceRequest::decode(body).expect("OTLP"))
    }

    /// Spans by name, once all of these are there.
    async fn spans(&mut self, names: &[&str]) -> BTreeMap<String, Span> {
        let mut found = BTreeMap::new();
        while !names.iter().all(|name| found.contains_key(*name)) {
            let (_, request) = self.request().await;
            found.extend(spans(&request).map(|span| (span.name.clone(), span.clone())));
        }
        found
    }
}

fn spans(request: &ExportTraceServiceRequest) -> impl Iterator<Item = &Span> {
    request.resource_spans.iter().flat_map(|told| &told.scope_spans).flat_map(|told| &told.spans)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Attributes as text.
fn said(attributes: &[KeyValue]) -> BTreeMap<&str, String> {
    let said = |value: &Value| match value {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    let value = |it: &KeyValue| it.value.as_ref().and_then(|value| value.value.as_ref()).map(said);
    attributes.iter().map(|it| (it.key.as_str(), value(it).unwrap_or_default())).collect()
}

fn towards(port: u16) -> TracesSetup {
    let moment = Duration::from_millis(5);
    let endpoint = format!("http://127.0.0.1:{port}/v1/traces").parse().unwrap();
    let retry = Retry { timeout: Duration::from_secs(15), first: moment, last: moment };
    TracesSetup { linger: moment, retry, ..TracesSetup::new(endpoint) }
}

async fn start(site: &Site, traces: TracesSetup, webhook: Option<&Receiver>) -> Gateway {
    let mut setup = site.setup();
    setup.traces = Some(traces);
    setup.webhooks = webhook.map(|receiver| receiver.setup("till")).into_iter().collect();
    Gateway::start(setup).await.unwrap()
}

/// Every span of the way, with the one that it is part of.
const TREE: [(&str, Option<&str>); 9] = [
    ("event", None),
    ("wait", Some("event")),
    ("step", Some("event")),
    ("gather", Some("event")),
    ("commit", Some("event")),
    ("dispatch", Some("event")),
    ("deliver", Some("dispatch")),
    ("post", Some("dispatch")),
    ("outcome", Some("event")),
];

#[tokio::test]
async fn a_trace_shows_the_way_from_a_nodes_message_to_the_outcome() {
    let site = Site::on_disk();
    let (mut collector, mut till) = (Collector::start().await, Receiver::start(|_| TAKEN).await);
    let mut traces = towards(collector.port);
    traces.headers = vec![("authorization".parse().unwrap(), "Bearer hush".parse().unwrap())];
    let gateway = start(&site, traces, Some(&till)).await;
    let mut bands = Channel::connect(&gateway, &site).await;
    Node::connect(&gateway, &site).await.sees(1, site.now()).await;
    let offer = bands.offer().await;
    let posted = till.request().await;
    bands.answers(&site, &offer, "accepted").await;
    let spans = collector.spans(&TREE.map(|(name, _)| name)).await;

    let id = offer["id"].as_str().unwrap();
    for (name, parent) in TREE {
        let span = &spans[name];
        assert_eq!(hex(&span.trace_id), id, "the trace of an offer is its id: {name}");
        let parent = parent.map(|parent| spans[parent].span_id.clone()).unwrap_or_default();
        assert_eq!(hex(&span.parent_span_id), hex(&parent), "{name}");
        assert!(span.start_time_unix_nano <= span.end_time_unix_nano, "{name}");
    }
    let (event, wait, commit) = (&spans["event"], &spans["wait"], &spans["commit"]);
    assert_eq!(event.start_time_unix_nano, wait.start_time_unix_nano);
    assert_eq!(wait.end_time_unix_nano, spans["step"].start_time_unix_nano);
    assert_eq!(spans["step"].end_time_unix_nano, spans["gather"].start_time_unix_nano);
    assert_eq!(spans["gather"].end_time_unix_nano, commit.start_time_unix_nano);
    assert_eq!(commit.end_time_unix_nano, event.end_time_unix_nano);

    let told = said(&event.attributes);
    for (key, value) in [
        ("turnpage.cause", "message"),
        ("turnpage.door", "mqtt"),
        ("turnpage.role", "node"),
        ("turnpage.node", NODE.1),
        ("turnpage.zone", "gate"),
        ("turnpage.offer.id", id),
        ("turnpage.offer.name", "map"),
        ("turnpage.journey", "welcome"),
        ("turnpage.page", "outside"),
        ("turnpage.channel", "band"),
    ] {
        assert_eq!(told[key], value, "{key}");
    }
    assert_eq!(said(&commit.attributes)["turnpage.group.offers"], "1");
    assert_eq!(said(&spans["post"].attributes)["turnpage.webhook"], "till");
    assert_eq!(said(&spans["outcome"].attributes)["turnpage.outcome"], "accepted");
    // The receiver is told where it stands: its request in the header, the offer's hand-over in the event.
    let at = |name: &str| format!("00-{id}-{}-01", hex(&spans[name].span_id));
    assert_eq!(posted.header("traceparent"), at("post"));
    assert_eq!(posted.event()["traceparent"], at("dispatch"));
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn nothing_that_is_told_is_of_a_person() {
    let site = Site::in_memory();
    let mut collector = Collector::start().await;
    let gateway = start(&site, towards(collector.port), None).await;
    let mut bands = Channel::connect(&gateway, &site).await;
    let mut phones = Source::connect(&gateway, &site).await;
    Node::connect(&gateway, &site).await.sees(0xad, site.now()).await;
    let first = bands.offer().await;
    phones.located("ada-s-phone", INSIDE, site.now()).await;
    let second = bands.offer().await;
    for offer in [&first, &second] {
        bands.answers(&site, offer, "declined").await;
    }
    let mut outcomes = 0;
    let mut told = Vec::new();
    while outcomes < 2 {
        let (headers, request) = collector.request().await;
        assert_eq!(headers["content-type"], "application/x-protobuf");
        outcomes += spans(&request).filter(|span| span.name == "outcome").count();
        told.push(format!("{request:?}"));
    }
    let badge = pseudonym(0xad);
    let subject = second["subject"].as_str().unwrap();
    for person in [&badge, subject, "ada", "owntracks", "bands", "phones", "A map of the park?", PASSWORD] {
        assert!(told.iter().all(|request| !request.contains(person)), "`{person}` is in {told:?}");
    }
    assert!(told.iter().any(|request| request.contains("service.name") && request.contains("park")));
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn the_trace_of_whoever_posts_is_linked() {
    let site = Site::in_memory();
    let mut collector = Collector::start().await;
    let gateway = start(&site, towards(collector.port), None).await;
    let header = format!("traceparent: {CALLER}\r\n");
    let body = intake::located(&site, "7f3a");
    assert_eq!(intake::post(&gateway, "phones", &header, &body).await.status, 200);
    let event = collector.spans(&["event"]).await.remove("event").unwrap();
    let links: Vec<_> = event.links.iter().map(|it| (hex(&it.trace_id), hex(&it.span_id))).collect();
    assert_eq!(links, [("4bf92f3577b34da6a3ce929d0e0e4736".into(), "00f067aa0ba902b7".into())]);
    let told = said(&event.attributes);
    assert_eq!((told["turnpage.door"].as_str(), told["turnpage.role"].as_str()), ("http", "source"));
    assert!(!told.contains_key("turnpage.node"));
    // What is no traceparent is no reason to refuse anything.
    let wrong = "traceparent: 00-zz\r\n";
    assert_eq!(intake::post(&gateway, "phones", wrong, &intake::located(&site, "8a4b")).await.status, 200);
    let event = collector.spans(&["event"]).await.remove("event").unwrap();
    assert!(event.links.is_empty());
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn an_offer_that_is_not_sampled_says_so_to_whoever_gets_it() {
    let site = Site::in_memory();
    let (mut collector, mut till) = (Collector::start().await, Receiver::start(|_| TAKEN).await);
    let traces = TracesSetup { sample: 0.0, ..towards(collector.port) };
    let gateway = start(&site, traces, Some(&till)).await;
    let mut bands = Channel::connect(&gateway, &site).await;
    Node::connect(&gateway, &site).await.sees(1, site.now()).await;
    let properties = bands.properties().await;
    let posted = till.request().await;
    let id = posted.header("webhook-id").to_owned();
    for traceparent in [posted.header("traceparent"), &properties[0].1] {
        assert!(
            traceparent.starts_with(&format!("00-{id}-")) && traceparent.ends_with("-00"),
            "{traceparent}"
        );
    }
    assert_eq!(properties[0].0, "traceparent");
    until(&gateway, |live| live.outbox == 0).await;
    gateway.stop().await.unwrap();
    assert!(collector.requests.try_recv().is_err(), "nothing is told of it");
}

/// A counter or gauge.
async fn value(gateway: &Gateway, line: &str) -> u64 {
    let metrics = get(gateway, "/metrics").await.body;
    let found = metrics.lines().find_map(|it| it.strip_prefix(line)?.strip_prefix(' ')?.parse().ok());
    found.unwrap_or_else(|| panic!("`{line}` is not in\n{metrics}"))
}

#[tokio::test]
async fn a_collector_that_is_away_costs_spans_and_nothing_else() {
    let site = Site::in_memory();
    // An address where nobody listens any more.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let gateway = start(&site, towards(port), None).await;
    let mut bands = Channel::connect(&gateway, &site).await;
    Node::connect(&gateway, &site).await.sees(1, site.now()).await;
    bands.offer().await;
    until(&gateway, |live| live.outbox == 0 && live.journeys[0].funnel.delivered == 1).await;
    while value(&gateway, r#"turnpage_trace_spans_dropped_total{reason="unreachable"}"#).await == 0 {}
    assert_eq!(value(&gateway, "turnpage_trace_spans_sent_total").await, 0);
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn a_collector_that_is_hostile_is_counted_and_waited_for_by_nobody() {
    for (answer, lost) in [
        (Answer::Hang, None),
        (Answer::Close, Some("unreachable")),
        (Answer::Status("400 Bad Request"), Some("refused")),
        (Answer::Status("503 Service Unavailable\r\nRetry-After: 86400"), Some("unreachable")),
        (Answer::Endless("500 Internal Server Error"), Some("refused")),
    ] {
        let site = Site::in_memory();
        let receiver = Receiver::start(move |_| answer).await;
        let gateway = start(&site, towards(receiver.port), None).await;
        let mut bands = Channel::connect(&gateway, &site).await;
        Node::connect(&gateway, &site).await.sees(1, site.now()).await;
        bands.offer().await;
        until(&gateway, |live| live.outbox == 0 && live.journeys[0].funnel.delivered == 1).await;
        if let Some(lost) = lost {
            let line = format!("turnpage_trace_spans_dropped_total{{reason=\"{lost}\"}}");
            while value(&gateway, &line).await == 0 {}
        }
        gateway.stop().await.unwrap();
    }
}
