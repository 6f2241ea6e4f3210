//! Takes in what the broker has for the gateway, at QoS 1, and acknowledges in order what was committed.
//!
//! It does not look into messages. While the shard's channel is full nothing more is read, and the broker's window fills
//! up. Before: broker.rs. Next: shard.rs.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rumqttc::Outgoing;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{Filter, Packet, Publish, SubscribeReasonCode};
use rumqttc::v5::{AsyncClient, Event, EventLoop};
use tokio::sync::{mpsc, watch};
use turnpage_gateway_core::{Origin, Role};

use super::link::{self, BackOff, Ended, Link};
use super::{SESSION_EXPIRY_S, options};
use crate::BrokerSetup;
use crate::door::Topic;
use crate::gateway::{Phase, overdue, reached};
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
    /// Tells, dropped, that the message is not on its way any more.
    _on_its_way: mpsc::Sender<()>,
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
    /// How the connection stands.
    pub(crate) link: watch::Sender<Link>,
    /// How long messages on their way may take when the gateway drains.
    pub(crate) patience: Duration,
}

/// One connection.
struct Epoch {
    client: AsyncClient,
    /// Held by every message on its way; `None` once nothing more is taken.
    on_its_way: Mutex<Option<mpsc::Sender<()>>>,
}

impl Ingest {
    /// Connects, again and again, until the gateway drains; then what is on its way is acknowledged still.
    pub(crate) async fn run(self, mut phase: watch::Receiver<Phase>) {
        let mut back_off = BackOff::new();
        loop {
            let ended = tokio::select! {
                ended = self.epoch(&mut back_off, phase.clone()) => ended,
                () = overdue(phase.clone(), self.patience) => return,
            };
            if *phase.borrow() != Phase::Open {
                self.link.send_modify(|link| link.up = false);
                return;
            }
            let wait = link::down(&self.link, &mut back_off, ("messages", &self.setup.client), &ended);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = reached(&mut phase, Phase::Draining) => return,
            }
        }
    }

    async fn epoch(&self, back_off: &mut BackOff, phase: watch::Receiver<Phase>) -> Ended {
        let mut options = options(&self.setup, "");
        options
            .set_clean_start(false)
            .set_session_expiry_interval(Some(SESSION_EXPIRY_S))
            .set_receive_maximum(Some(UNCOMMITTED_MAX))
            .set_manual_acks(true);
        let (client, events) = AsyncClient::new(options, REQUESTS_MAX);
        let (on_its_way, acknowledged) = mpsc::channel(1);
        let epoch = Epoch { client, on_its_way: Mutex::new(Some(on_its_way)) };
        tokio::select! {
            ended = self.poll(&epoch, events, back_off) => ended,
            () = self.farewell(&epoch, acknowledged, phase) => stopping(),
        }
    }

    async fn poll(&self, epoch: &Epoch, mut events: EventLoop, back_off: &mut BackOff) -> Ended {
        loop {
            let event = events.poll().await;
            if back_off.outlasted() {
                self.link.send_modify(|link| link.rival = false);
            }
            match event {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    back_off.connected();
                    if let Err(error) = self.subscribe(&epoch.client) {
                        return Ended::Otherwise(error);
                    }
                }
                Ok(Event::Incoming(Packet::SubAck(answer))) => {
                    let refused = |code| !matches!(code, &SubscribeReasonCode::Success(QoS::AtLeastOnce));
                    if answer.return_codes.iter().any(refused) {
                        let why =
                            "it does not grant a subscription at QoS 1: check the account's permissions";
                        return Ended::Otherwise(why.to_owned());
                    }
                    tracing::info!(broker = ?self.setup, "connected to the broker");
                    self.link.send_modify(|link| link.up = true);
                }
                Ok(Event::Incoming(Packet::Publish(publish))) => {
                    back_off.good();
                    if !self.deliver(epoch, publish).await {
                        return stopping();
                    }
                }
                Ok(Event::Outgoing(Outgoing::Disconnect)) => return stopping(),
                Ok(_) => {}
                Err(error) => return error.into(),
            }
        }
    }

    /// Once the gateway drains, nothing more is taken; when what was taken is acknowledged, says goodbye, which the polling
    /// brings out behind the acknowledgements. Ends only where there is nobody to say it to.
    async fn farewell(
        &self,
        epoch: &Epoch,
        mut acknowledged: mpsc::Receiver<()>,
        mut phase: watch::Receiver<Phase>,
    ) {
        reached(&mut phase, Phase::Draining).await;
        epoch.on_its_way().take();
        // Nobody sends: it ends when the last message has been dropped.
        let _ = acknowledged.recv().await;
        if self.link.borrow().up && epoch.client.try_disconnect().is_ok() {
            std::future::pending::<()>().await;
        }
    }

    fn subscribe(&self, client: &AsyncClient) -> Result<(), String> {
        let filters = self.filters.iter().map(|filter| Filter::new(filter.clone(), QoS::AtLeastOnce));
        client.try_subscribe_many(filters).map_err(|error| error.to_string())
    }

    /// Hands a message over; false when nobody takes any more.
    async fn deliver(&self, epoch: &Epoch, publish: Publish) -> bool {
        // What is not taken comes again at the next start.
        let Some(on_its_way) = epoch.on_its_way().clone() else { return true };
        let topic = std::str::from_utf8(&publish.topic).ok().and_then(|topic| Topic::new(topic).ok());
        let payload = publish.payload.clone();
        let ack = (publish.qos != QoS::AtMostOnce).then(|| {
            let publish = Publish { pkid: publish.pkid, qos: publish.qos, ..Publish::default() };
            Box::new(Ack { client: epoch.client.clone(), publish, _on_its_way: on_its_way })
        });
        let Some(topic) = topic else {
            // A broker that checks topics never sends this; kept, it would come again for ever.
            tracing::warn!("the broker sent a message without a proper topic");
            ack.into_iter().for_each(|ack| ack.commit());
            return true;
        };
        let origin = Origin { client: "broker".to_owned(), role: Role::Trusted };
        let (receipt, received) = (Receipt::Broker(ack), Some(Instant::now()));
        let inbound = Inbound { origin, topic, payload, frame: None, receipt, received };
        self.deliveries.send(inbound).await.is_ok()
    }
}

fn stopping() -> Ended {
    Ended::Otherwise("the gateway is stopping".to_owned())
}

impl Epoch {
    fn on_its_way(&self) -> MutexGuard<'_, Option<mpsc::Sender<()>>> {
        self.on_its_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
