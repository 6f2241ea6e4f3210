//! Takes in what the broker has for the gateway, at QoS 1, and acknowledges in order what was committed.
//!
//! It does not look into messages. While the shard's channel is full nothing more is read, and the broker's window fills
//! up. Before: broker.rs. Next: shard.rs.

use std::time::Instant;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Filter, Packet, Publish, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, Event};
use tokio::sync::{mpsc, watch};
use turnpage_gateway_core::{Origin, Role};

use super::{BackOff, SESSION_EXPIRY_S, options};
use crate::BrokerSetup;
use crate::door::Topic;
use crate::inbound::{Inbound, Receipt};

/// Messages that wait for their commit: the Receive Maximum told to the broker.
const UNCOMMITTED_MAX: u16 = 1_024;
/// Room for as many acknowledgements as there are packet ids, and for what a connection asks itself: acknowledging never waits and is
/// never forgotten. The Receive Maximum is no bound: mosquitto sends more when a session is resumed from its disk.
const REQUESTS_MAX: usize = u16::MAX as usize + 16;

/// The acknowledgement owed to the broker, in the epoch that the message came in.
pub(crate) struct Ack {
    client: AsyncClient,
    /// Nothing but the packet id and the QoS.
    publish: Publish,
}

impl Ack {
    /// The message is committed. Never blocks.
    pub(crate) fn commit(self) {
        // When the epoch is over the broker sends the message again, and it is known by its id then.
        let _ = self.client.try_ack(&self.publish);
    }
}

/// The connection that takes messages in.
pub(crate) struct Ingest {
    pub(crate) setup: BrokerSetup,
    /// What to subscribe to.
    pub(crate) filters: Vec<String>,
    pub(crate) deliveries: mpsc::Sender<Inbound>,
    /// Whether there is a connection.
    pub(crate) connected: watch::Sender<bool>,
}

impl Ingest {
    /// Connects, again and again, until `stop` turns true.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut back_off = BackOff::new();
        loop {
            let ended = tokio::select! {
                ended = self.epoch(&mut back_off) => ended,
                _ = stop.wait_for(|stop| *stop) => return,
            };
            self.connected.send_replace(false);
            let wait = back_off.next();
            tracing::warn!(wait_ms = wait.as_millis(), "no connection to the broker: {ended}");
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    async fn epoch(&self, back_off: &mut BackOff) -> String {
        let mut options = options(&self.setup, "");
        options
            .set_clean_start(false)
            .set_session_expiry_interval(Some(SESSION_EXPIRY_S))
            .set_receive_maximum(Some(UNCOMMITTED_MAX))
            .set_manual_acks(true);
        let (client, mut events) = AsyncClient::new(options, REQUESTS_MAX);
        let mut so_far = *back_off;
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    // The broker is there: what ends from now on is a bad network, and soon tried again.
                    so_far = std::mem::replace(back_off, BackOff::new());
                    if let Err(error) = self.subscribe(&client) {
                        return error;
                    }
                }
                Ok(Event::Incoming(Packet::SubAck(answer))) => {
                    let refused = |code| !matches!(code, &SubscribeReasonCode::Success(QoS::AtLeastOnce));
                    if answer.return_codes.iter().any(refused) {
                        // A broker that lets us in and grants nothing would be asked four times a second.
                        *back_off = so_far;
                        return "it does not grant a subscription at QoS 1: check the account's permissions"
                            .into();
                    }
                    tracing::info!(broker = ?self.setup, "connected to the broker");
                    self.connected.send_replace(true);
                }
                Ok(Event::Incoming(Packet::Publish(publish))) => {
                    if !self.deliver(&client, publish).await {
                        return "the gateway is stopping".into();
                    }
                }
                Ok(_) => {}
                Err(error) => return error.to_string(),
            }
        }
    }

    fn subscribe(&self, client: &AsyncClient) -> Result<(), String> {
        let filters = self.filters.iter().map(|filter| Filter::new(filter.clone(), QoS::AtLeastOnce));
        client.try_subscribe_many(filters).map_err(|error| error.to_string())
    }

    /// Hands a message over; false when nobody takes any more.
    async fn deliver(&self, client: &AsyncClient, publish: Publish) -> bool {
        let topic = std::str::from_utf8(&publish.topic).ok().and_then(|topic| Topic::new(topic).ok());
        let payload = publish.payload.clone();
        let ack = (publish.qos != QoS::AtMostOnce).then(|| {
            let publish = Publish { pkid: publish.pkid, qos: publish.qos, ..Publish::default() };
            Box::new(Ack { client: client.clone(), publish })
        });
        let Some(topic) = topic else {
            // A broker that checks topics never sends this; kept, it would come again for ever.
            tracing::warn!("the broker sent a message without a proper topic");
            ack.into_iter().for_each(|ack| ack.commit());
            return true;
        };
        let origin = Origin { client: "broker".to_owned(), role: Role::Trusted };
        let (receipt, received) = (Receipt::Broker(ack), Some(Instant::now()));
        let inbound = Inbound { origin, topic, payload, receipt, received };
        self.deliveries.send(inbound).await.is_ok()
    }
}
