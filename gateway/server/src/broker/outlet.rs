//! Brings offers to the broker, and reports like a session of the front door: taken, delivered at its PUBACK, or lost.
//!
//! Whether the broker finds a subscriber is beyond it. Every connection begins anew: what the last one had in hand is
//! reported lost and published again. Before: dispatch.rs. Next: the broker.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rumqttc::Outgoing;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, PublishProperties};
use rumqttc::v5::{AsyncClient, Event};
use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, watch};

use super::{BackOff, options};
use crate::BrokerSetup;
use crate::door::{ClientId, Filter, Lost, Message, Notice, Qos, Ticket};
use crate::gateway::{Phase, reached};

/// Offers handed over and not yet written.
const QUEUED_MAX: usize = 256;
/// Offers written and not yet acknowledged.
const IN_FLIGHT_MAX: u16 = 64;

/// A way to publish through the broker. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Outlet {
    queue: mpsc::Sender<(Message, Duration)>,
    connected: watch::Receiver<bool>,
    /// Something found no room, and is to be asked for again when there is some.
    refused: Arc<AtomicBool>,
}

impl Outlet {
    /// Connects in a task of its own until the gateway drains. What becomes of messages goes to `notices`.
    pub(crate) fn start(
        setup: BrokerSetup,
        offers: Filter,
        notices: mpsc::Sender<Notice>,
        mut phase: watch::Receiver<Phase>,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, mut queued) = mpsc::channel(QUEUED_MAX);
        let (connected, is_connected) = watch::channel(false);
        let refused = Arc::<AtomicBool>::default();
        let was_refused = Arc::clone(&refused);
        let task = tokio::spawn(async move {
            let mut back_off = BackOff::new();
            let client_id = ClientId::new("broker");
            loop {
                let epoch = Epoch {
                    client_id: &client_id,
                    offers: &offers,
                    notices: &notices,
                    connected: &connected,
                    refused: &was_refused,
                };
                tokio::select! {
                    () = epoch.run(&setup, &mut queued, &mut back_off) => {}
                    _ = reached(&mut phase, Phase::Draining) => return,
                }
                tokio::select! {
                    () = tokio::time::sleep(back_off.next()) => {}
                    _ = reached(&mut phase, Phase::Draining) => return,
                }
            }
        });
        (Self { queue, connected: is_connected, refused }, task)
    }

    /// Whether there is a connection.
    pub(crate) fn connected(&self) -> watch::Receiver<bool> {
        self.connected.clone()
    }

    /// How many sessions took the message: one when there is a connection with room, else none. Never blocks.
    pub(crate) fn publish(&self, message: Message, valid: Duration) -> usize {
        let connected = *self.connected.borrow();
        let taken = connected && self.queue.try_send((message, valid)).is_ok();
        self.refused.fetch_or(connected && !taken, Ordering::Relaxed);
        usize::from(taken)
    }
}

/// One connection.
struct Epoch<'a> {
    client_id: &'a ClientId,
    offers: &'a Filter,
    notices: &'a mpsc::Sender<Notice>,
    connected: &'a watch::Sender<bool>,
    refused: &'a AtomicBool,
}

impl Epoch<'_> {
    async fn run(
        &self,
        setup: &BrokerSetup,
        queued: &mut mpsc::Receiver<(Message, Duration)>,
        back_off: &mut BackOff,
    ) {
        let mut options = options(setup, "-offers");
        options.set_clean_start(true).set_outgoing_inflight_upper_limit(IN_FLIGHT_MAX);
        let (client, mut events) = AsyncClient::new(options, usize::from(IN_FLIGHT_MAX));
        // Requests are written in their order; the event of each tells its packet id.
        let mut asked: VecDeque<Ticket> = VecDeque::new();
        let mut written: FxHashMap<u16, Ticket> = FxHashMap::default();
        // The queue is pumped beside the polling, never inside: a poll that is given up can lose a packet.
        let (hand_over, mut handed) = mpsc::unbounded_channel();
        let pump = async {
            while let Some((message, valid)) = queued.recv().await {
                let Some(ticket) = message.ticket else { continue };
                if hand_over.send(ticket).is_err() || publish(&client, message, valid).await.is_err() {
                    return;
                }
                if queued.is_empty() && self.refused.swap(false, Ordering::Relaxed) {
                    self.ask().await;
                }
            }
        };
        let poll = async {
            loop {
                let event = events.poll().await;
                while let Ok(ticket) = handed.try_recv() {
                    asked.push_back(ticket);
                }
                match event {
                    Ok(Event::Incoming(Packet::ConnAck(_))) => {
                        back_off.connected();
                        self.connected.send_replace(true);
                        self.ask().await;
                    }
                    Ok(Event::Outgoing(Outgoing::Publish(id))) => {
                        written.extend(asked.pop_front().map(|ticket| (id, ticket)));
                    }
                    Ok(Event::Incoming(Packet::PubAck(answer))) => {
                        back_off.good();
                        if let Some(ticket) = written.remove(&answer.pkid) {
                            self.tell(Notice::Delivered {
                                ticket,
                                client: self.client_id.clone(),
                                qos: Qos::AtLeastOnce,
                            })
                            .await;
                        }
                    }
                    Ok(_) => {}
                    Err(error) => {
                        tracing::warn!("no connection to the broker for offers: {error}");
                        return;
                    }
                }
            }
        };
        tokio::select! { () = pump => {}, () = poll => {} }
        self.connected.send_replace(false);
        let in_hand = written.into_values().chain(asked);
        let mut lost: Vec<Ticket> = in_hand.collect();
        while let Ok((message, _)) = queued.try_recv() {
            lost.extend(message.ticket);
        }
        for ticket in lost {
            self.tell(Notice::Lost { ticket, client: self.client_id.clone(), reason: Lost::SessionEnded })
                .await;
        }
    }

    /// Asks for everything that waits.
    async fn ask(&self) {
        self.tell(Notice::Subscribed { client: self.client_id.clone(), filter: self.offers.clone() }).await;
    }

    async fn tell(&self, notice: Notice) {
        // Dispatch is gone only when the gateway is.
        let _ = self.notices.send(notice).await;
    }
}

async fn publish(
    client: &AsyncClient,
    message: Message,
    valid: Duration,
) -> Result<(), rumqttc::v5::ClientError> {
    let properties = PublishProperties {
        // Rounded up: half a second of validity is not none.
        message_expiry_interval: Some(u32::try_from(valid.as_secs().saturating_add(1)).unwrap_or(u32::MAX)),
        content_type: Some("application/json".to_owned()),
        payload_format_indicator: Some(1),
        user_properties: message.user_properties().map(|(key, value)| (key.into(), value.into())).collect(),
        ..PublishProperties::default()
    };
    let topic = message.topic.as_str();
    client.publish_with_properties(topic, QoS::AtLeastOnce, false, message.payload, properties).await
}
