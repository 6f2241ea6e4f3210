//! What all connections share: sessions, subscriptions, retained messages and wills.
//!
//! One plain value without a lock or a clock of its own; the shell decides how connections take turns with it. What
//! it wants done outside comes back as [`Effect`]s. It is not on the way of a client's publication until that is
//! committed, but for the question whether anybody [`Broker::wants`] it. Not here: packets (connection.rs) and sockets.
//! Before: connection.rs and the shell's handle. Next: trie.rs, retained.rs, session.rs.

mod accounts;
mod share;
mod sign_in;
mod subscribe;

use std::collections::{BTreeSet, HashMap};

use crate::connection::Closed;
use crate::counters::Counters;
use crate::message::{ClientId, Message, Moment, Qos};
use crate::notice::{Lost, Notice};
use crate::permit::Accounts;
use crate::publish::Publish;
use crate::retained::{Kept, Retained};
use crate::session::{ConnectionId, Delivery, Outgoing, Session};
use crate::shares::Shares;
use crate::subscription::Options;
use crate::trie::{SessionIx, Trie};
pub(crate) use sign_in::{KeptOut, SignIn, SignOut, SignedIn};
pub(crate) use subscribe::Replay;

/// Something for the shell to do after it has let go of the broker.
#[derive(Debug)]
pub enum Effect {
    /// Let this connection exchange with the broker: something waits for it.
    Wake(ConnectionId),
    /// Close this connection, whose session is not its own any more: [`crate::Connection::close`].
    Close(ConnectionId, Closed),
    /// Tell the rest of the gateway.
    Notice(Notice),
    /// Hand over a will like any client's publication; nobody waits for its answer.
    Will(Publish),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Timer {
    Will,
    End,
}

/// The shared state of the door.
#[derive(Debug)]
pub struct Broker {
    accounts: Accounts,
    /// Makes the client identifiers of one broker differ from those of another.
    seed: u64,
    assigned: u64,
    sessions: Vec<Option<Session>>,
    free: Vec<SessionIx>,
    // Names are a stranger's: the standard hasher is keyed, so that none can be chosen to collide.
    by_client: HashMap<ClientId, SessionIx>,
    trie: Trie<SessionIx, Options>,
    shares: Shares,
    retained: Retained,
    timers: BTreeSet<(Moment, SessionIx, Timer)>,
    effects: Vec<Effect>,
    counters: Counters,
}

impl Broker {
    /// A broker without sessions. `seed` should differ from start to start: client identifiers that the door assigns
    /// are made of it.
    #[must_use]
    pub fn new(accounts: Accounts, seed: u64) -> Self {
        Self {
            accounts,
            seed,
            assigned: 0,
            sessions: Vec::new(),
            free: Vec::new(),
            by_client: HashMap::new(),
            trie: Trie::default(),
            shares: Shares::default(),
            retained: Retained::default(),
            timers: BTreeSet::new(),
            effects: Vec::new(),
            counters: Counters::default(),
        }
    }

    /// Who may come in, and what each may do.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// Whether a committed message has to come here: somebody subscribed to its topic, or it is to be retained.
    #[must_use]
    pub fn wants(&self, message: &Message) -> bool {
        let mut wanted = message.retain;
        self.trie.matching(&message.topic, &mut |_, _| wanted = true);
        wanted || !(self.shares.is_empty() || self.shares.matching(message).is_empty())
    }

    /// Keeps a message if it is to be retained, and hands it to every session that subscribed, and to one of those who
    /// share a subscription. Says how many took it.
    pub fn publish(&mut self, now: Moment, message: &Message) -> usize {
        if message.retain {
            if self.retained.keep(message.clone()) == Kept::NoRoom {
                self.counters.retained_refused += 1;
            }
            self.counters.retained = self.retained.len() as u64;
        }
        if message.is_expired(now) {
            return 0;
        }
        let mut matches: Vec<(SessionIx, Options)> = Vec::new();
        self.trie.matching(&message.topic, &mut |session, options| matches.push((session, *options)));
        matches.sort_unstable_by_key(|(session, _)| *session);
        let mut taken = 0;
        for matched in matches.chunk_by(|(one, _), (other, _)| one == other) {
            taken += usize::from(self.offer(message, matched));
        }
        taken + self.share_out(message)
    }

    /// Publishes the wills and ends the sessions that are due.
    pub fn advance(&mut self, now: Moment) {
        while let Some(&(at, ix, timer)) = self.timers.first()
            && at <= now
        {
            self.timers.pop_first();
            match timer {
                Timer::Will => self.publish_will(now, ix),
                Timer::End => self.end(now, ix),
            }
        }
    }

    /// When [`Broker::advance`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Moment> {
        self.timers.first().map(|(at, ..)| *at)
    }

    /// What there is to do outside, in order. Empty afterwards.
    pub fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// What happened so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// Counts publications to topics that their client's permit leaves out.
    pub(crate) fn count_unauthorised(&mut self, count: u64) {
        self.counters.unauthorised += count;
    }

    /// The next message to write on `connection`, if its session is served by it and its client has room.
    pub(crate) fn next(&mut self, now: Moment, ix: SessionIx, connection: ConnectionId) -> Option<Outgoing> {
        let session = served(&mut self.sessions, ix, connection)?;
        let mut lost = Vec::new();
        let next = session.next(now, &mut self.retained, &mut lost);
        let client = session.client.clone();
        self.report_lost(&client, lost);
        if let Some(outgoing) = &next
            && outgoing.packet_id.is_none()
        {
            self.report_delivered(client, &outgoing.delivery);
        }
        next
    }

    /// A client answered a QoS 1 delivery: it has it, or gives a reason why not. Says whether it was in flight.
    pub(crate) fn acknowledged(
        &mut self,
        ix: SessionIx,
        connection: ConnectionId,
        packet_id: u16,
        failure: Option<Lost>,
    ) -> bool {
        let Some(session) = served(&mut self.sessions, ix, connection) else { return false };
        let Some(delivery) = session.acknowledged(packet_id) else { return false };
        let client = session.client.clone();
        match failure {
            Some(why) => self.report_lost(&client, vec![(delivery, why)]),
            None => self.report_delivered(client, &delivery),
        }
        true
    }

    /// A QoS 0 delivery that could not be written after all.
    pub(crate) fn not_sent(&mut self, client: &ClientId, delivery: Delivery, why: Lost) {
        self.counters.delivered = self.counters.delivered.saturating_sub(1);
        self.report_lost(client, vec![(delivery, why)]);
    }

    /// Offers `message` to the session of `matched`, all of whose entries match it: one copy, at the highest QoS of
    /// them (MQTT-3.3.5-1). Says whether it was taken.
    fn offer(&mut self, message: &Message, matched: &[(SessionIx, Options)]) -> bool {
        let Some((ix, _)) = matched.first() else { return false };
        let Some(session) = session(&mut self.sessions, *ix) else { return false };
        let own = message.publisher.as_ref() == Some(&session.client);
        let heard =
            || matched.iter().map(|(_, options)| options).filter(|options| !(own && options.no_local));
        let Some(qos) = heard().map(|options| options.qos).max() else { return false };
        let delivery = Delivery {
            message: message.clone(),
            qos: qos.min(message.qos),
            retain: message.retain && heard().any(|options| options.retain_as_published),
            identifiers: heard().filter_map(|options| options.identifier).collect(),
            share: None,
        };
        let taken = delivery.qos == Qos::AtLeastOnce || session.connection.is_some();
        let mut lost = Vec::new();
        session.push(delivery, &mut lost);
        self.effects.extend(session.connection.map(Effect::Wake));
        self.counters.routed += u64::from(taken);
        let client = session.client.clone();
        self.report_lost(&client, lost);
        taken
    }

    fn report_delivered(&mut self, client: ClientId, delivery: &Delivery) {
        self.counters.delivered += 1;
        if let Some(ticket) = delivery.message.ticket {
            self.effects.push(Effect::Notice(Notice::Delivered { ticket, client, qos: delivery.qos }));
        }
    }

    fn report_lost(&mut self, client: &ClientId, lost: Vec<(Delivery, Lost)>) {
        for (delivery, reason) in lost {
            self.counters.count(reason);
            if let Some(ticket) = delivery.message.ticket {
                self.effects.push(Effect::Notice(Notice::Lost { ticket, client: client.clone(), reason }));
            }
        }
    }
}

/// The session at `ix`.
fn session(sessions: &mut [Option<Session>], ix: SessionIx) -> Option<&mut Session> {
    sessions.get_mut(ix.0 as usize)?.as_mut()
}

/// The session at `ix`, if `connection` serves it: a connection whose session was taken over reaches nothing.
fn served(sessions: &mut [Option<Session>], ix: SessionIx, connection: ConnectionId) -> Option<&mut Session> {
    session(sessions, ix).filter(|session| session.connection == Some(connection))
}
