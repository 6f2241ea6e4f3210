//! What passes between the gateway and a broker, read along: which messages the gateway acknowledged, and which offers it gave.
//!
//! It holds what MQTT asks for: acknowledgements go out in the order in which messages came in, each on
//! the connection on which its message came. Before: proxy.rs. Next: check.rs.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use bytes::BytesMut;
use rumqttc::v5::mqttbytes::Error;
use rumqttc::v5::mqttbytes::v5::{Packet, Publish};
use turnpage_firmware_wire::Sealed;

use crate::ledger::{Ledger, Promised};

/// Which way bytes go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Direction {
    ToGateway,
    ToBroker,
}

/// The witness.
pub(crate) struct Witness {
    ledger: Arc<Ledger>,
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Default)]
struct Seen {
    connections: Vec<Connection>,
    promised: Promised,
    subscribed: bool,
    acknowledged: u64,
    /// Messages that came marked as coming again.
    again: u64,
    /// Messages that waited for their acknowledgement at once, at most.
    waiting_max: usize,
    /// The first rule that was broken: said by whoever asks next, because nobody looks after the proxy's threads.
    broken: Option<String>,
}

/// One connection: bytes that are no packet yet, and what waits for its acknowledgement.
#[derive(Default)]
struct Connection {
    to_gateway: BytesMut,
    to_broker: BytesMut,
    waiting: VecDeque<(u16, Said)>,
}

/// What a message said.
enum Said {
    Frame { node: u32, number: usize },
    Answer(String),
}

impl Witness {
    pub(crate) fn new(ledger: &Arc<Ledger>) -> Self {
        Self { ledger: Arc::clone(ledger), seen: Mutex::default(), changed: Condvar::new() }
    }

    /// Fails whoever waits for the ledger, once the calling thread panics.
    pub(crate) fn guard(&self) -> impl Drop + use<> {
        self.ledger.guard()
    }

    /// A connection begins; its number.
    pub(crate) fn connected(&self) -> usize {
        let mut seen = self.seen();
        seen.connections.push(Connection::default());
        seen.connections.len() - 1
    }

    /// Bytes of a connection, before they are passed on.
    pub(crate) fn saw(&self, connection: usize, direction: Direction, bytes: &[u8]) {
        let mut seen = self.seen();
        let Connection { to_gateway, to_broker, .. } = &mut seen.connections[connection];
        let buffer = if direction == Direction::ToGateway { to_gateway } else { to_broker };
        buffer.extend_from_slice(bytes);
        let mut packets = Vec::new();
        loop {
            match Packet::read(buffer, None) {
                Ok(packet) => packets.push(packet),
                Err(Error::InsufficientBytes(_)) => break,
                // A goodbye of two bytes: rumqttc writes it, and does not read it.
                Err(Error::PayloadRequired) => {}
                Err(error) => panic!("what passes {direction:?} is no MQTT: {error}"),
            }
        }
        for packet in packets {
            self.packet(&mut seen, connection, direction, packet);
        }
        drop(seen);
        self.changed.notify_all();
    }

    fn packet(&self, seen: &mut Seen, connection: usize, direction: Direction, packet: Packet) {
        match (direction, packet) {
            (Direction::ToGateway, Packet::SubAck(_)) => {
                seen.subscribed = true;
                self.ledger.forgive();
            }
            (Direction::ToGateway, Packet::Publish(publish)) => {
                seen.again += u64::from(publish.dup);
                let waits = (publish.pkid, said(&publish));
                let waiting = &mut seen.connections[connection].waiting;
                waiting.push_back(waits);
                seen.waiting_max = seen.waiting_max.max(waiting.len());
            }
            (Direction::ToBroker, Packet::PubAck(answer)) => {
                let waiting = &mut seen.connections[connection].waiting;
                let Some((_, said)) = waiting.pop_front().filter(|(id, _)| *id == answer.pkid) else {
                    let rule =
                        format!("{} is acknowledged out of turn, {} waited", answer.pkid, waiting.len() + 1);
                    seen.broken.get_or_insert(rule);
                    return;
                };
                seen.acknowledged += 1;
                match said {
                    Said::Frame { node, number } => {
                        seen.promised.frames.entry(node).or_default().insert(number);
                        self.ledger.taken(node, number + 1);
                    }
                    Said::Answer(offer) => drop(seen.promised.answers.insert(offer)),
                }
            }
            (Direction::ToBroker, Packet::Publish(publish)) => {
                let offer: serde_json::Value = serde_json::from_slice(&publish.payload).expect("JSON");
                let id = offer["id"].as_str().expect("offers have ids").to_owned();
                *seen.promised.given.entry(id).or_default() += 1;
            }
            _ => {}
        }
    }

    /// Everything that the gateway has acknowledged and given out.
    ///
    /// # Panics
    /// When an acknowledgement was out of turn.
    pub(crate) fn promised(&self) -> Promised {
        let seen = self.seen();
        assert_eq!(seen.broken, None, "acknowledgements go out in the order in which messages came in");
        seen.promised.clone()
    }

    /// Waits until the gateway has subscribed for the first time: before that a broker keeps nothing for it.
    pub(crate) fn wait_until_subscribed(&self) {
        let mut seen = self.seen();
        while !seen.subscribed {
            seen = self.changed.wait(seen).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(crate) fn summary(&self) -> String {
        let seen = self.seen();
        format!(
            "{} connections, {} messages came again, at most {} waited, {} acknowledgements",
            seen.connections.len(),
            seen.again,
            seen.waiting_max,
            seen.acknowledged
        )
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn said(publish: &Publish) -> Said {
    if let Ok(sealed) = Sealed::parse(&publish.payload) {
        let number = usize::try_from(sealed.header().sequence).expect("it fits") - 1;
        return Said::Frame { node: sealed.header().node.0, number };
    }
    let answer: serde_json::Value = serde_json::from_slice(&publish.payload).expect("a frame or an answer");
    Said::Answer(answer["id"].as_str().expect("answers have ids").to_owned())
}
