//! Brings offers to the broker, and reports like a session of the front door: taken, delivered at its PUBACK, or lost.
//!
//! Whether the broker finds a subscriber is beyond it. Every connection begins anew: what the last one had in hand is
//! reported lost and published again. At the end what was sent is acknowledged still. Before: dispatch.rs. Next: the broker.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rumqttc::Outgoing;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Packet, PublishProperties};
use rumqttc::v5::{AsyncClient, Event, EventLoop};
use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, watch};

use super::link::{self, BackOff, Ended, Link};
use super::options;
use crate::BrokerSetup;
use crate::door::{ClientId, Filter, Lost, Message, Notice, Qos, Ticket};
use crate::gateway::{Phase, overdue, reached};

/// What its client identifier ends with: that of messages is the one without.
const SUFFIX: &str = "-offers";
/// Offers handed over and not yet written.
const QUEUED_MAX: usize = 256;
/// Offers written and not yet acknowledged.
const IN_FLIGHT_MAX: u16 = 64;

/// A way to publish through the broker. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Outlet {
    queue: mpsc::Sender<(Message, Duration)>,
    link: watch::Receiver<Link>,
    /// Something found no room, and is to be asked for again when there is some.
    refused: Arc<AtomicBool>,
}

impl Outlet {
    /// Connects in a task of its own until the gateway drains; then what the broker was sent has so long to be acknowledged. What
    /// becomes of messages goes to `notices`, and so does the wish for all that waits under `heard`.
    pub(crate) fn start(
        setup: BrokerSetup,
        heard: Vec<Filter>,
        notices: mpsc::Sender<Notice>,
        (mut phase, patience): (watch::Receiver<Phase>, Duration),
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (queue, mut queued) = mpsc::channel(QUEUED_MAX);
        let (link, shown) = watch::channel(Link::default());
        let refused = Arc::<AtomicBool>::default();
        let was_refused = Arc::clone(&refused);
        let task = tokio::spawn(async move {
            let mut back_off = BackOff::new();
            let client_id = ClientId::new("broker");
            loop {
                let epoch = Epoch {
                    client_id: &client_id,
                    heard: &heard,
                    notices: &notices,
                    link: &link,
                    refused: &was_refused,
                    phase: &phase,
                };
                let ended = tokio::select! {
                    ended = epoch.run(&setup, &mut queued, &mut back_off) => ended,
                    () = overdue(phase.clone(), patience) => {
                        tracing::warn!("the broker did not acknowledge all that it was sent: a start brings again what it did not");
                        return;
                    }
                };
                if *phase.borrow() != Phase::Open {
                    return;
                }
                let name = format!("{}{SUFFIX}", setup.client);
                let wait = link::down(&link, &mut back_off, ("offers", &name), &ended);
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    _ = reached(&mut phase, Phase::Draining) => return,
                }
            }
        });
        (Self { queue, link: shown, refused }, task)
    }

    /// How the connection stands.
    pub(crate) fn link(&self) -> watch::Receiver<Link> {
        self.link.clone()
    }

    /// How many sessions took the message: one when there is a connection with room, else none. Never blocks.
    pub(crate) fn publish(&self, message: Message, valid: Duration) -> usize {
        let connected = self.link.borrow().up;
        let taken = connected && self.queue.try_send((message, valid)).is_ok();
        self.refused.fetch_or(connected && !taken, Ordering::Relaxed);
        usize::from(taken)
    }
}

/// One connection.
struct Epoch<'a> {
    client_id: &'a ClientId,
    heard: &'a [Filter],
    notices: &'a mpsc::Sender<Notice>,
    link: &'a watch::Sender<Link>,
    refused: &'a AtomicBool,
    phase: &'a watch::Receiver<Phase>,
}

/// An offer that the broker is yet to acknowledge; dropped, it tells whoever waits for the last of them.
struct InHand {
    ticket: Ticket,
    _on_its_way: mpsc::Sender<()>,
}

impl Epoch<'_> {
    async fn run(
        &self,
        setup: &BrokerSetup,
        queued: &mut mpsc::Receiver<(Message, Duration)>,
        back_off: &mut BackOff,
    ) -> Ended {
        let mut options = options(setup, SUFFIX);
        options.set_clean_start(true).set_outgoing_inflight_upper_limit(IN_FLIGHT_MAX);
        let (client, events) = AsyncClient::new(options, usize::from(IN_FLIGHT_MAX));
        let (on_its_way, acknowledged) = mpsc::channel(1);
        // The queue is pumped beside the polling, never inside: a poll that is given up can lose a packet.
        let (hand_over, handed) = mpsc::unbounded_channel();
        let mut hands = Hands { handed, asked: VecDeque::new(), written: FxHashMap::default() };
        let ended = tokio::select! {
            ended = self.poll(events, &mut hands, back_off) => ended,
            () = self.pump(&client, queued, &hand_over, on_its_way) => Ended::Otherwise("nothing is left to say".to_owned()),
            () = self.farewell(&client, acknowledged) => Ended::Otherwise("the gateway is stopping".to_owned()),
        };
        self.link.send_modify(|link| link.up = false);
        let mut lost = hands.into_tickets();
        while let Ok((message, _)) = queued.try_recv() {
            lost.extend(message.ticket);
        }
        for ticket in lost {
            self.tell(Notice::Lost { ticket, client: self.client_id.clone(), reason: Lost::SessionEnded })
                .await;
        }
        ended
    }

    /// Hands over what is queued until the gateway drains: what is queued then goes out after the start. It ends only where
    /// nobody takes any more.
    async fn pump(
        &self,
        client: &AsyncClient,
        queued: &mut mpsc::Receiver<(Message, Duration)>,
        hand_over: &mpsc::UnboundedSender<InHand>,
        on_its_way: mpsc::Sender<()>,
    ) {
        let mut phase = self.phase.clone();
        loop {
            let next = tokio::select! {
                biased;
                draining = reached(&mut phase, Phase::Draining) => if draining { break } else { return },
                next = queued.recv() => next,
            };
            let Some((message, valid)) = next else { return };
            let Some(ticket) = message.ticket else { continue };
            let in_hand = InHand { ticket, _on_its_way: on_its_way.clone() };
            if hand_over.send(in_hand).is_err() || publish(client, message, valid).await.is_err() {
                return;
            }
            if queued.is_empty() && self.refused.swap(false, Ordering::Relaxed) {
                self.ask().await;
            }
        }
        drop(on_its_way);
        std::future::pending::<()>().await;
    }

    async fn poll(&self, mut events: EventLoop, hands: &mut Hands, back_off: &mut BackOff) -> Ended {
        loop {
            let event = events.poll().await;
            hands.take();
            if back_off.outlasted() {
                self.link.send_modify(|link| link.rival = false);
            }
            match event {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    link::up(self.link, back_off);
                    self.ask().await;
                }
                Ok(Event::Outgoing(Outgoing::Publish(id))) => hands.written(id),
                Ok(Event::Incoming(Packet::PubAck(answer))) => {
                    back_off.good();
                    if let Some(InHand { ticket, _on_its_way }) = hands.written.remove(&answer.pkid) {
                        let (client, qos) = (self.client_id.clone(), Qos::AtLeastOnce);
                        self.tell(Notice::Delivered { ticket, client, qos }).await;
                    }
                }
                Ok(Event::Outgoing(Outgoing::Disconnect)) => {
                    return Ended::Otherwise("the gateway has said goodbye".to_owned());
                }
                Ok(_) => {}
                Err(error) => return error.into(),
            }
        }
    }

    /// Once the gateway drains and all is acknowledged, says goodbye, which the polling brings out. Ends only where there is
    /// nobody to say it to.
    async fn farewell(&self, client: &AsyncClient, mut acknowledged: mpsc::Receiver<()>) {
        reached(&mut self.phase.clone(), Phase::Draining).await;
        // Nobody sends: it ends when the last offer in hand has been dropped.
        let _ = acknowledged.recv().await;
        if self.link.borrow().up && client.try_disconnect().is_ok() {
            std::future::pending::<()>().await;
        }
    }

    /// Asks for everything that waits.
    async fn ask(&self) {
        for filter in self.heard {
            self.tell(Notice::Subscribed { client: self.client_id.clone(), filter: filter.clone() }).await;
        }
    }

    async fn tell(&self, notice: Notice) {
        // Dispatch is gone only when the gateway is.
        let _ = self.notices.send(notice).await;
    }
}

/// What a connection has in hand. Requests are written in their order; the event of each tells its packet id.
struct Hands {
    handed: mpsc::UnboundedReceiver<InHand>,
    asked: VecDeque<InHand>,
    written: FxHashMap<u16, InHand>,
}

impl Hands {
    fn take(&mut self) {
        while let Ok(in_hand) = self.handed.try_recv() {
            self.asked.push_back(in_hand);
        }
    }

    fn written(&mut self, id: u16) {
        self.written.extend(self.asked.pop_front().map(|in_hand| (id, in_hand)));
    }

    fn into_tickets(mut self) -> Vec<Ticket> {
        self.take();
        self.written.into_values().chain(self.asked).map(|in_hand| in_hand.ticket).collect()
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
