//! What one client is owed: messages that wait, messages in flight, and its place in the retained ones.
//!
//! A session outlives its connections. What was sent at QoS 1 and not acknowledged is sent again, first and in the
//! order of its first sending, when the client is back (MQTT-4.4.0-1); the protocol crate's own store is not used for
//! that, because it forgets to count what it sends again. Not here: packets, and who may subscribe.
//! Before: broker.rs, which routes. Next: connection.rs, which takes what [`Session::next`] gives and encodes it.

use std::collections::{HashSet, VecDeque};

use crate::limits::QUEUED_MAX;
use crate::message::{ClientId, Message, Moment, Qos};
use crate::notice::Lost;
use crate::permit::Account;
use crate::retained::Retained;
use crate::shares::GroupId;
use crate::subscription::Options;
use crate::topic::{Filter, Topic};

/// Names one connection to the door, never used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ConnectionId(pub u64);

/// A message as one session is to get it.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) message: Message,
    pub(crate) qos: Qos,
    pub(crate) retain: bool,
    /// Of all its subscriptions that matched.
    pub(crate) identifiers: Vec<u32>,
    /// The group it came through, if it may go to another member of it.
    pub(crate) share: Option<GroupId>,
}

impl Delivery {
    /// A message that waits with a group and is nobody's yet.
    pub(crate) fn waiting(message: Message) -> Self {
        Self { qos: message.qos, retain: false, identifiers: Vec::new(), share: None, message }
    }
}

/// A delivery about to be written.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// None at QoS 0.
    pub(crate) packet_id: Option<u16>,
    /// Whether it was sent before.
    pub(crate) dup: bool,
    pub(crate) delivery: Delivery,
}

/// What is published for a client that leaves without a goodbye.
#[derive(Clone, Debug)]
pub(crate) struct Will {
    pub(crate) message: Message,
    pub(crate) delay_ms: u64,
    /// Lifetime of the message, counted from its publication.
    pub(crate) expiry_ms: Option<u64>,
}

/// A place among the retained messages that a new subscription is being told.
#[derive(Debug)]
struct Replay {
    filter: Filter,
    options: Options,
    after: Option<Topic>,
}

/// One client's session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) client: ClientId,
    /// Who made it. Nobody else may take it over.
    pub(crate) account: Account,
    /// The connection it is served by, if any.
    pub(crate) connection: Option<ConnectionId>,
    /// How long it outlives its connection.
    pub(crate) expiry_s: u32,
    pub(crate) filters: HashSet<Filter>,
    pub(crate) will: Option<Will>,
    /// When the will is published, while the client is away.
    pub(crate) will_due: Option<Moment>,
    /// When the session ends, while the client is away.
    pub(crate) ends: Option<Moment>,
    /// How many messages may be in flight: the client's wish within the door's bound.
    window: usize,
    queue: VecDeque<Delivery>,
    replays: VecDeque<Replay>,
    in_flight: VecDeque<(u16, Delivery)>,
    /// How many of `in_flight`, from the front, this connection has been sent.
    sent: usize,
    packet_id_last: u16,
}

impl Session {
    /// A new session without subscriptions.
    pub(crate) fn new(client: ClientId, account: Account) -> Self {
        Self {
            client,
            account,
            connection: None,
            expiry_s: 0,
            filters: HashSet::new(),
            will: None,
            will_due: None,
            ends: None,
            window: 0,
            queue: VecDeque::new(),
            replays: VecDeque::new(),
            in_flight: VecDeque::new(),
            sent: 0,
            packet_id_last: 0,
        }
    }

    /// A connection serves this session from now on: what was in flight is to be sent again on it.
    pub(crate) fn resume(
        &mut self,
        connection: ConnectionId,
        window: usize,
        expiry_s: u32,
        will: Option<Will>,
    ) {
        self.connection = Some(connection);
        self.window = window.max(1);
        self.expiry_s = expiry_s;
        self.will = will;
        self.will_due = None;
        self.ends = None;
        self.sent = 0;
    }

    /// No connection serves this session any more: QoS 0 does not wait for the next one.
    pub(crate) fn pause(&mut self, lost: &mut Vec<(Delivery, Lost)>) {
        self.connection = None;
        for delivery in std::mem::take(&mut self.queue) {
            match delivery.qos {
                Qos::AtLeastOnce => self.queue.push_back(delivery),
                Qos::AtMostOnce => lost.push((delivery, Lost::Unsure)),
            }
        }
    }

    /// How much stands before a new delivery.
    pub(crate) fn load(&self) -> usize {
        self.in_flight.len() + self.queue.len()
    }

    /// Takes out what came through groups of which `is_member` says that the session is still one: while no connection
    /// serves it, others may have that.
    pub(crate) fn take_shared(&mut self, is_member: impl Fn(GroupId) -> bool) -> Vec<(GroupId, Message)> {
        let mut shared = Vec::new();
        let mut keep = |delivery: &Delivery| match delivery.share.filter(|group| is_member(*group)) {
            Some(group) => {
                shared.push((group, delivery.message.clone()));
                false
            }
            None => true,
        };
        self.in_flight.retain(|(_, delivery)| keep(delivery));
        self.queue.retain(&mut keep);
        shared
    }

    /// Everything it still owed, when it ends.
    pub(crate) fn into_owed(self) -> impl Iterator<Item = Delivery> {
        self.in_flight.into_iter().map(|(_, delivery)| delivery).chain(self.queue)
    }

    /// Puts a delivery last in the queue. A full queue loses its oldest: the newest offer is the one that still counts.
    pub(crate) fn push(&mut self, delivery: Delivery, lost: &mut Vec<(Delivery, Lost)>) {
        if self.connection.is_none() && delivery.qos == Qos::AtMostOnce {
            return lost.push((delivery, Lost::Unsure));
        }
        if self.queue.len() >= QUEUED_MAX
            && let Some(oldest) = self.queue.pop_front()
        {
            let reason = if oldest.qos == Qos::AtMostOnce { Lost::Unsure } else { Lost::QueueFull };
            lost.push((oldest, reason));
        }
        self.queue.push_back(delivery);
    }

    /// Begins to tell the retained messages under `filter`, from the first on.
    pub(crate) fn replay(&mut self, filter: Filter, options: Options) {
        self.replays.retain(|replay| replay.filter != filter);
        self.replays.push_back(Replay { filter, options, after: None });
    }

    /// Tells no more retained messages under `filter`.
    pub(crate) fn end_replay(&mut self, filter: &Filter) {
        self.replays.retain(|replay| replay.filter != *filter);
    }

    /// The next delivery to write, if the client has room for it: what is sent again, then what is retained, then the
    /// queue. What has expired in the queue is lost, and told (MQTT-3.3.2-5).
    pub(crate) fn next(
        &mut self,
        now: Moment,
        retained: &mut Retained,
        lost: &mut Vec<(Delivery, Lost)>,
    ) -> Option<Outgoing> {
        if let Some((packet_id, delivery)) = self.in_flight.get(self.sent) {
            if self.sent >= self.window {
                return None;
            }
            self.sent += 1;
            return Some(Outgoing { packet_id: Some(*packet_id), dup: true, delivery: delivery.clone() });
        }
        let room = self.in_flight.len() < self.window;
        // A QoS 1 message that waits for room holds up what is behind it, so that nothing overtakes it.
        if self.replays.front().is_some_and(|replay| replay.options.qos == Qos::AtLeastOnce && !room) {
            return None;
        }
        let delivery = match self.next_retained(now, retained) {
            Some(delivery) => delivery,
            None => self.next_queued(now, room, lost)?,
        };
        if delivery.qos == Qos::AtMostOnce {
            return Some(Outgoing { packet_id: None, dup: false, delivery });
        }
        let packet_id = self.free_packet_id();
        self.in_flight.push_back((packet_id, delivery.clone()));
        self.sent += 1;
        Some(Outgoing { packet_id: Some(packet_id), dup: false, delivery })
    }

    /// The delivery that a PUBACK is for, in flight no more. None if the connection was not sent such a one.
    pub(crate) fn acknowledged(&mut self, packet_id: u16) -> Option<Delivery> {
        let index = self.in_flight.iter().take(self.sent).position(|(held, _)| *held == packet_id)?;
        self.sent -= 1;
        self.in_flight.remove(index).map(|(_, delivery)| delivery)
    }

    fn next_retained(&mut self, now: Moment, retained: &mut Retained) -> Option<Delivery> {
        while let Some(replay) = self.replays.front_mut() {
            let Some(message) = retained.next(&replay.filter, replay.after.as_ref(), now) else {
                self.replays.pop_front();
                continue;
            };
            replay.after = Some(message.topic.clone());
            return Some(Delivery {
                qos: message.qos.min(replay.options.qos),
                retain: true,
                identifiers: replay.options.identifier.into_iter().collect(),
                share: None,
                message,
            });
        }
        None
    }

    fn next_queued(&mut self, now: Moment, room: bool, lost: &mut Vec<(Delivery, Lost)>) -> Option<Delivery> {
        while let Some(delivery) = self.queue.front() {
            let expired = delivery.message.is_expired(now);
            if !expired && delivery.qos == Qos::AtLeastOnce && !room {
                return None;
            }
            let delivery = self.queue.pop_front()?;
            if !expired {
                return Some(delivery);
            }
            lost.push((delivery, Lost::Expired));
        }
        None
    }

    /// A packet id that is not in flight. There always is one: far fewer than 65,535 are.
    fn free_packet_id(&mut self) -> u16 {
        loop {
            self.packet_id_last = self.packet_id_last.checked_add(1).unwrap_or(1);
            if self.in_flight.iter().all(|(held, _)| *held != self.packet_id_last) {
                return self.packet_id_last;
            }
        }
    }
}
