//! A gateway and its broker when they are apart: what is posted meanwhile, what ends meanwhile, what was on its way at a stop, and
//! another client that comes under the gateway's name.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use turnpage_gateway_core::Timestamp;
use turnpage_gateway_server::{BrokerSetup, Clock, Gateway, Led, Setup, Storage};
use turnpage_gateway_store::{Memory, Store as _};

use super::{Broker, in_the_clear, setup, start_with};
use crate::between::Between;
use crate::fake::Fake;
use crate::http::{get, get_at};
use crate::intake::post;
use crate::site::{INSIDE, Site, VALID_MS, until};

/// Longer than any machine is busy.
const LONG: Duration = Duration::from_secs(3_600);
/// How fast a clock runs that waits for nobody.
const AT_ONCE: f64 = 10_000.0;

/// A phone is seen in the gate, as its source posts it.
async fn seen(gateway: &Gateway, user: &str, at: Timestamp) {
    let (lat, lon) = INSIDE;
    let location = json!({ "_type": "location", "lat": lat, "lon": lon, "tst": at.0 / 1000 });
    let message = json!({ "topic": format!("owntracks/{user}/phone"), "payload": location });
    assert_eq!(post(gateway, "phones", "", &message).await.status, 200);
}

fn subject(publish: &rumqttc::v5::mqttbytes::v5::Publish) -> String {
    let topic = std::str::from_utf8(&publish.topic).unwrap();
    topic.rsplit('/').next().unwrap().to_owned()
}

/// The same, with its accounts for posting.
fn posting(site: &Site, broker: BrokerSetup) -> Setup {
    let logins = site.setup().door.unwrap().logins;
    setup(site, BrokerSetup { logins, ..broker })
}

#[tokio::test]
async fn what_is_posted_is_taken_without_a_broker_and_goes_out_once_it_is_there() {
    let Some(mut broker) = Broker::start() else { return };
    let site = Site::on_disk();
    let gateway = Gateway::start(posting(&site, in_the_clear(&broker))).await.unwrap();
    broker.mosquitto.stop();
    let signal =
        json!({ "topic": "turnpage/v1/park/signal/parking", "payload": { "value": 40, "at": site.now().0 } });
    assert_eq!(post(&gateway, "nobody", "", &signal).await.status, 401);
    assert_eq!(post(&gateway, "bands", "", &signal).await.status, 400, "an app says nothing of parking");
    seen(&gateway, "7f3a", site.now()).await;
    gateway.stop().await.unwrap();
    // It was committed: a start finds it.
    broker.mosquitto.again();
    let mut bands = broker.client("bands").await;
    bands.subscribe("turnpage/v1/park/offer/+").await;
    let gateway = Gateway::start(posting(&site, in_the_clear(&broker))).await.unwrap();
    assert_eq!(subject(&bands.message().await), "7f3a");
    until(&gateway, |live| live.outbox == 0).await;
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn what_ended_while_the_broker_was_gone_is_not_delivered_when_it_is_back() {
    let Some(mut broker) = Broker::start() else { return };
    let between = Between::start(broker.mosquitto.port()).await;
    let site = Site::in_memory();
    let led = Arc::new(Led::new(site.now(), AT_ONCE));
    let mut setup = posting(&site, BrokerSetup { port: between.port, ..in_the_clear(&broker) });
    setup.clock = Clock::Led(Arc::clone(&led));
    let gateway = Gateway::start(setup).await.unwrap();
    while get(&gateway, "/readyz").await.body != "ready\n" {}
    between.shut();
    broker.mosquitto.stop();
    let now = site.now();
    seen(&gateway, "withdrawn", now).await;
    until(&gateway, |live| live.counters.offers == 1).await;
    let no = json!({ "purpose": "offers", "granted": false, "at": now.0 });
    let no = json!({ "topic": "turnpage/v1/park/consent/withdrawn", "payload": no });
    assert_eq!(post(&gateway, "bands", "", &no).await.status, 200);
    until(&gateway, |live| live.outbox == 0).await;
    seen(&gateway, "expired", now).await;
    until(&gateway, |live| live.counters.offers == 2).await;
    let later = Timestamp(now.0 + VALID_MS + 1_000);
    led.set(later);
    until(&gateway, |live| live.outbox == 0 && live.journeys[0].funnel.expired == 1).await;
    seen(&gateway, "valid", later).await;
    until(&gateway, |live| live.outbox == 1).await;
    broker.mosquitto.again();
    let mut bands = broker.client("bands").await;
    bands.subscribe("turnpage/v1/park/offer/+").await;
    between.open();
    assert_eq!(subject(&bands.message().await), "valid");
    until(&gateway, |live| live.outbox == 0 && live.journeys[0].funnel.delivered == 1).await;
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn another_client_of_the_gateways_name_is_told_of_and_left_alone() {
    let (site, fake) = (Site::in_memory(), Fake::start().await);
    let gateway = start_with(&site, at(fake.port)).await;
    fake.take_over();
    let mut told = String::new();
    while !told.ends_with(": another client takes the gateway's identifier there\n") {
        told = get(&gateway, "/readyz").await.body;
    }
    let metrics = get(&gateway, "/metrics").await.body;
    let times = |what| metrics.contains(&format!("turnpage_broker_taken_over_total{{for=\"{what}\"}} 1"));
    assert!(times("messages") != times("offers"), "{metrics}");
    gateway.stop().await.unwrap();
}

/// Offers that are not settled, as a restart finds them.
fn outbox(memory: &Memory) -> usize {
    memory.clone().recover().unwrap().state.outbox.len()
}

/// A gateway whose broker has an offer and has not acknowledged it; it stops within `drain`.
async fn with_an_offer_under_way(drain: Duration) -> (Gateway, Memory, Fake) {
    let memory = Memory::new();
    let site = Site::with(Storage::Memory(memory.clone()));
    let mut fake = Fake::start().await;
    let mut setup = posting(&site, at(fake.port));
    setup.drain = drain;
    let gateway = Gateway::start(setup).await.unwrap();
    while get(&gateway, "/readyz").await.body != "ready\n" {}
    seen(&gateway, "7f3a", site.now()).await;
    fake.publication().await;
    assert_eq!(outbox(&memory), 1);
    (gateway, memory, fake)
}

fn at(port: u16) -> BrokerSetup {
    BrokerSetup {
        host: "127.0.0.1".into(),
        port,
        client: "turnpage".into(),
        login: None,
        tls: None,
        logins: Vec::new(),
        certificate_until_s: None,
    }
}

#[tokio::test]
async fn a_stop_waits_for_what_the_broker_is_yet_to_acknowledge() {
    let (gateway, memory, fake) = with_an_offer_under_way(LONG).await;
    let addr = gateway.http_addr().unwrap();
    let stopping = tokio::spawn(gateway.stop());
    while get_at(addr, "/readyz").await.body != "the gateway is stopping\n" {}
    assert_eq!(outbox(&memory), 1, "nobody has it yet");
    fake.acknowledge();
    stopping.await.unwrap().unwrap();
    assert_eq!(outbox(&memory), 0, "delivered, and known to be after the next start");
}

#[tokio::test]
async fn what_the_broker_never_acknowledges_is_in_the_outbox_after_a_stop() {
    let (gateway, memory, _fake) = with_an_offer_under_way(Duration::from_millis(10)).await;
    gateway.stop().await.unwrap();
    assert_eq!(outbox(&memory), 1);
}
