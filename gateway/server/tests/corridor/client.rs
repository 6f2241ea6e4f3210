//! What connects to the gateway: a node, a hub of bands, phones. MQTT 5 through rumqttc, each in a task of its own that
//! only polls, so that no test waits for a packet that nobody reads.

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, PubAckReason, Publish};
use rumqttc::v5::{AsyncClient, Event, MqttOptions};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use turnpage_firmware_wire::{
    FRAME_LEN_MAX, Frame, Header, Key, NodeId, Presence, Pseudonym, Quality, Sighting, Text,
};
use turnpage_gateway_core::Timestamp;
use turnpage_gateway_server::Gateway;

use crate::site::{NODE, PASSWORD, Site};

/// Packets on their way to a test; none of them has as many.
const PACKETS_MAX: usize = 64;

/// A connected client.
pub(crate) struct Client {
    client: AsyncClient,
    packets: mpsc::Receiver<Packet>,
}

impl Client {
    pub(crate) async fn connect(host: &str, port: u16, user: &str) -> Self {
        let mut options = MqttOptions::new(format!("{user}-client"), host, port);
        options.set_credentials(user, PASSWORD);
        Self::with(options).await
    }

    pub(crate) async fn with(options: MqttOptions) -> Self {
        Self::with_session(options).await.0
    }

    /// A client, and whether its session was there before.
    async fn with_session(options: MqttOptions) -> (Self, bool) {
        let (client, mut events) = AsyncClient::new(options, PACKETS_MAX);
        let (to, packets) = mpsc::channel(PACKETS_MAX);
        tokio::spawn(async move {
            // Until the gateway is gone or the test is.
            while let Ok(event) = events.poll().await {
                if let Event::Incoming(packet) = event
                    && to.send(packet).await.is_err()
                {
                    return;
                }
            }
        });
        let mut connected = Self { client, packets };
        let present = connected.packet(|packet| match packet {
            Packet::ConnAck(answer) => Some(answer.session_present),
            _ => None,
        });
        let present = present.await;
        (connected, present)
    }

    /// The next packet that is wanted; what comes before it is not.
    pub(crate) async fn packet<T>(&mut self, wanted: impl Fn(Packet) -> Option<T>) -> T {
        loop {
            let packet = self.packets.recv().await.expect("connected");
            if let Some(found) = wanted(packet) {
                return found;
            }
        }
    }

    /// Publishes at QoS 1 and waits for the end of the connection; an acknowledgement would be a lie.
    pub(crate) async fn publish_in_vain(mut self, topic: &str, payload: Vec<u8>) {
        self.client.publish(topic, QoS::AtLeastOnce, false, payload).await.unwrap();
        while let Some(packet) = self.packets.recv().await {
            assert!(!matches!(packet, Packet::PubAck(_)), "acknowledged, and not committed");
        }
    }

    /// Publishes at QoS 1 and waits for the acknowledgement: what the gateway says about it.
    pub(crate) async fn publish(&mut self, topic: &str, payload: Vec<u8>) -> PubAckReason {
        self.client.publish(topic, QoS::AtLeastOnce, false, payload).await.unwrap();
        self.packet(|packet| match packet {
            Packet::PubAck(answer) => Some(answer.reason),
            _ => None,
        })
        .await
    }

    pub(crate) async fn subscribe(&mut self, filter: &str) {
        self.client.subscribe(filter, QoS::AtLeastOnce).await.unwrap();
        self.packet(|packet| matches!(packet, Packet::SubAck(_)).then_some(())).await;
    }

    pub(crate) async fn message(&mut self) -> Publish {
        self.packet(|packet| match packet {
            Packet::Publish(publish) => Some(publish),
            _ => None,
        })
        .await
    }
}

async fn at_the_door(gateway: &Gateway, user: &str) -> Client {
    let addr = gateway.mqtt_addr().expect("a door");
    Client::connect(&addr.ip().to_string(), addr.port(), user).await
}

/// The subject that a badge is today.
pub(crate) fn pseudonym(badge: u8) -> String {
    format!("{badge:02x}").repeat(8)
}

/// A sealed frame in which the node sees a badge.
pub(crate) fn frame(sequence: u32, badge: u8, at: Timestamp) -> Vec<u8> {
    let at_ms = u64::try_from(at.0).unwrap();
    let header = Header { node: NodeId(NODE.0), boot: 1, sequence, at_ms, quality: Quality::Synced };
    let sighting = Sighting {
        subject: Pseudonym([badge; 8]),
        role: Text::new("guest"),
        presence: Presence::Enter,
        rssi_dbm: Some(-60),
    };
    let frame = Frame { sighting: Some(sighting), ..Frame::new(header) };
    frame.seal(&Key::new(&NODE.2), &mut [0; FRAME_LEN_MAX]).unwrap().to_vec()
}

/// Where the node's frames go.
pub(crate) fn event_topic() -> String {
    format!("turnpage/v1/park/node/{}/event", NODE.1)
}

/// A badge node.
pub(crate) struct Node {
    client: Client,
    sequence: u32,
}

impl Node {
    pub(crate) async fn connect(gateway: &Gateway, _: &Site) -> Self {
        Self { client: at_the_door(gateway, NODE.1).await, sequence: 0 }
    }

    /// A node that has sent so many frames before.
    pub(crate) async fn connect_behind(gateway: &Gateway, sequence: u32) -> Self {
        Self { client: at_the_door(gateway, NODE.1).await, sequence }
    }

    /// The next frame.
    pub(crate) fn frame(&mut self, badge: u8, at: Timestamp) -> Vec<u8> {
        self.sequence += 1;
        frame(self.sequence, badge, at)
    }

    pub(crate) async fn publish_in_vain(self, frame: Vec<u8>) {
        self.client.publish_in_vain(&event_topic(), frame).await;
    }

    pub(crate) async fn publish(&mut self, frame: Vec<u8>) -> PubAckReason {
        self.client.publish(&event_topic(), frame).await
    }

    pub(crate) async fn sees(&mut self, badge: u8, at: Timestamp) {
        let frame = self.frame(badge, at);
        assert_eq!(self.publish(frame).await, PubAckReason::Success);
    }
}

/// A hub of bands.
pub(crate) struct Channel {
    client: Client,
}

impl Channel {
    pub(crate) async fn connect(gateway: &Gateway, _: &Site) -> Self {
        let mut bands = Self { client: at_the_door(gateway, "bands").await };
        bands.listen().await;
        bands
    }

    /// A hub that listens to no offers.
    pub(crate) async fn hub(gateway: &Gateway) -> Self {
        Self { client: at_the_door(gateway, "bands").await }
    }

    /// Connects to a session that is to stay, without subscribing. Says whether it was there.
    pub(crate) async fn come_back(gateway: &Gateway) -> (Self, bool) {
        let addr = gateway.mqtt_addr().expect("a door");
        let mut options = MqttOptions::new("bands-staying", addr.ip().to_string(), addr.port());
        options.set_credentials("bands", PASSWORD).set_clean_start(false);
        options.set_session_expiry_interval(Some(3_600));
        let (client, present) = Client::with_session(options).await;
        (Self { client }, present)
    }

    /// Says goodbye, and waits for the end of the connection, so that nothing is acknowledged any more.
    pub(crate) async fn leave(mut self) {
        self.client.client.disconnect().await.unwrap();
        while self.client.packets.recv().await.is_some() {}
    }

    pub(crate) async fn listen(&mut self) {
        self.client.subscribe("turnpage/v1/park/offer/+").await;
    }

    pub(crate) async fn offer(&mut self) -> Value {
        let publish = self.client.message().await;
        let offer: Value = serde_json::from_slice(&publish.payload).unwrap();
        let topic = format!("turnpage/v1/park/offer/{}", offer["subject"].as_str().unwrap());
        assert_eq!(publish.topic, topic.as_bytes());
        offer
    }

    /// The user properties of the next offer.
    pub(crate) async fn properties(&mut self) -> Vec<(String, String)> {
        self.client
            .message()
            .await
            .properties
            .map(|properties| properties.user_properties)
            .unwrap_or_default()
    }

    pub(crate) async fn consents(&mut self, site: &Site, subject: &str, granted: bool) {
        let topic = format!("turnpage/v1/park/consent/{subject}");
        let payload = json!({ "purpose": "offers", "granted": granted, "at": site.now().0 });
        let reason = self.client.publish(&topic, payload.to_string().into_bytes()).await;
        assert_eq!(reason, PubAckReason::Success);
    }

    pub(crate) async fn answers(&mut self, site: &Site, offer: &Value, outcome: &str) {
        let topic = format!("turnpage/v1/park/outcome/{}", offer["subject"].as_str().unwrap());
        let answer = json!({ "id": offer["id"], "outcome": outcome, "at": site.now().0 });
        let reason = self.client.publish(&topic, answer.to_string().into_bytes()).await;
        assert_eq!(reason, PubAckReason::Success);
    }
}

/// OwnTracks on somebody's phone.
pub(crate) struct Source {
    client: Client,
}

impl Source {
    pub(crate) async fn connect(gateway: &Gateway, _: &Site) -> Self {
        Self { client: at_the_door(gateway, "phones").await }
    }

    pub(crate) async fn located(&mut self, user: &str, (lat, lon): (f64, f64), at: Timestamp) {
        let location =
            json!({ "_type": "location", "lat": lat, "lon": lon, "tst": at.0 / 1000, "tid": "xx" });
        let reason =
            self.client.publish(&format!("owntracks/{user}/phone"), location.to_string().into_bytes()).await;
        assert_eq!(reason, PubAckReason::Success);
    }

    /// What a phone that says this is told.
    pub(crate) async fn said(&mut self, payload: &str) -> PubAckReason {
        self.client.publish("owntracks/7f3a/phone", payload.as_bytes().to_vec()).await
    }
}
