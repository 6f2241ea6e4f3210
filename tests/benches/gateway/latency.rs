//! From the time that a frame was due to be published to the offer in its subscriber's hand.
//!
//! Messages leave on a schedule that no slow answer holds up, and what is late counts from when it was due: what a
//! gateway that falls behind makes others wait for is in the numbers.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use hdrhistogram::Histogram;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{AsyncClient, Event, EventLoop, MqttOptions};
use tokio::time::{Instant, timeout};
use turnpage_gateway_server::Gateway;

use crate::load::{Boards, Pace, due};
use crate::park::{Day, HEARS, PASSWORD, Park};

/// Offers that never come would be waited for for ever.
const OFFER_MAX: Duration = Duration::from_secs(60);

/// Microseconds from each probe's due time to its offer.
pub(crate) async fn measure(park: &Park, day: Day, rate: f64, dir: &Path) -> Histogram<u64> {
    let gateway = Gateway::start(park.setup(&dir.join("data"))).await.expect("a gateway");
    let addr = gateway.mqtt_addr().expect("a door");
    let mut options = MqttOptions::new("hub", addr.ip().to_string(), addr.port());
    options.set_credentials(HEARS, PASSWORD);
    let (client, mut events) = AsyncClient::new(options, 1_024);
    client.subscribe("turnpage/v1/park-day/offer/+", QoS::AtLeastOnce).await.expect("asked");
    while !matches!(events.poll().await.expect("connected"), Event::Incoming(Packet::SubAck(_))) {}
    let probes = day.probes.clone();
    let boards = Boards::connect(addr, day, Pace::Rate(rate)).await;
    let began = boards.go().await;
    let mut taken = Histogram::new(3).expect("three digits");
    let heard = timeout(OFFER_MAX, hear(&mut events, probes, rate, began, &mut taken)).await;
    boards.done().await;
    gateway.stop().await.expect("stopped");
    heard.expect("every probe is answered");
    taken
}

async fn hear(
    events: &mut EventLoop,
    mut probes: BTreeMap<String, usize>,
    rate: f64,
    began: Instant,
    taken: &mut Histogram<u64>,
) {
    while !probes.is_empty() {
        let Event::Incoming(Packet::Publish(publish)) = events.poll().await.expect("connected") else {
            continue;
        };
        let now = Instant::now();
        let offer: serde_json::Value = serde_json::from_slice(&publish.payload).expect("an offer");
        let Some(place) = offer["subject"].as_str().and_then(|subject| probes.remove(subject)) else {
            continue;
        };
        let waited = now.saturating_duration_since(began + due(place, rate));
        taken.record(waited.as_micros() as u64).expect("within the histogram");
    }
}
