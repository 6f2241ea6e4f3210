//! One client's connection: bytes in, publications and bytes out, a deadline with its reason.
//!
//! Bytes read go into [`Connection::incoming`]; [`Connection::receive`] decodes them into publications and requests.
//! Requests and what waits for the client are settled with the broker in [`Connection::exchange`], for which alone the
//! shell takes the broker's lock: publishing needs none. The protocol crate checks and counts what MQTT says of one
//! connection; frame.rs and inbound.rs refuse what it lets through. Not here: sessions (session.rs) and sockets.
//! Before: the shell, which reads. Next: frame.rs, connection/inbound.rs, broker.rs, connection/outbound.rs.

mod inbound;
mod outbound;

use std::collections::VecDeque;

use bytes::{Buf, BytesMut};
use mqtt_protocol_core::mqtt::common::Cursor;
use mqtt_protocol_core::mqtt::connection::{ConnectionOptions, Event, TimerKind};
use mqtt_protocol_core::mqtt::packet::{GenericPacketTrait, Packet};
use mqtt_protocol_core::mqtt::result_code::{ConnectReasonCode, DisconnectReasonCode, MqttError};
use mqtt_protocol_core::mqtt::{self, Version, role};

use crate::acks::{Acks, Answer, Token};
use crate::broker::{Broker, SignIn, SignOut, SignedIn};
use crate::frame::{self, Bad, Frame};
use crate::limits::{CONNECT_MS_MAX, IN_FLIGHT_MAX, OUTGOING_BYTES_MAX, PACKET_BYTES_MAX, UNCOMMITTED_MAX};
use crate::message::Moment;
use crate::notice::Lost;
use crate::permit::Credentials;
use crate::publish::Publish;
use crate::session::ConnectionId;
use crate::topic::Topic;
use inbound::{Connect, Manners, Request};

/// Why a connection is over. What a client did wrong is given by its MQTT 5 reason code, in either version.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Closed {
    /// The client said goodbye.
    #[error("the client disconnected")]
    Left,
    /// The socket ended without a goodbye.
    #[error("the socket ended")]
    HungUp,
    /// No complete CONNECT came in time.
    #[error("no CONNECT came within {CONNECT_MS_MAX} ms")]
    Silent,
    /// Nothing came for one and a half times the keep-alive (MQTT-3.1.2-22).
    #[error("nothing came within the keep-alive")]
    KeepAlive,
    /// The client was not let in.
    #[error("refused at CONNECT with reason {0:#04x}")]
    Refused(u8),
    /// The client broke the protocol or a bound.
    #[error("protocol breach with reason {0:#04x}")]
    Breach(u8),
    /// The same client connected again.
    #[error("the session was taken over")]
    TakenOver,
    /// The account is gone, or what it came in by.
    #[error("the account is gone, or its credentials are others now")]
    AccountGone,
    /// The account may do something else than before.
    #[error("the account's rights are others now: connect again")]
    AccountChanged,
    /// The door closes.
    #[error("the door closes")]
    ShuttingDown,
    /// A publication will not be answered: the client has to send it again.
    #[error("a publication will not be answered")]
    Unanswered,
}

/// What a [`Connection::deadline`] is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deadline {
    /// A complete CONNECT has to be here.
    Connect,
    /// Any packet has to be here.
    KeepAlive,
}

/// One client's connection.
pub struct Connection {
    id: ConnectionId,
    core: mqtt::Connection<role::Server>,
    incoming: BytesMut,
    outgoing: BytesMut,
    began: Moment,
    keep_alive: Option<Moment>,
    certified: Vec<String>,
    signed_in: Option<SignedIn>,
    closed: Option<Closed>,
    sign_out: SignOut,
    /// The session expiry that CONNECT asked for: from 0 no DISCONNECT may raise it.
    expiry_s: u32,
    requests: VecDeque<Request>,
    publications: Vec<Publish>,
    acks: Acks,
    /// The topic of the last publication, allowed: most clients publish to one.
    topic_last: Option<Topic>,
    takes_no_aliases: bool,
    /// What the client wishes to be told, and how.
    manners: Manners,
    /// Topics that the client knows by an alias, the first by alias 1.
    aliases: Vec<Topic>,
    /// Whether the session may have something to write.
    woken: bool,
    unauthorised: u64,
}

impl Connection {
    /// A connection from a stranger, at `now`.
    #[must_use]
    pub fn new(id: ConnectionId, now: Moment) -> Self {
        // The Receive Maximum is stated in CONNACK instead: as an option it would hold MQTT 3.1.1 clients to a number
        // that they cannot know.
        let options = ConnectionOptions::new().maximum_packet_size_recv(PACKET_BYTES_MAX);
        let mut core = mqtt::Connection::with_options(Version::Undetermined, options);
        core.set_auto_ping_response(true);
        // A topic that the client knows by an alias is not spelt out again; which get one is decided in outbound.rs.
        core.set_auto_replace_topic_alias_send(true);
        Self {
            id,
            core,
            incoming: BytesMut::new(),
            outgoing: BytesMut::new(),
            began: now,
            keep_alive: None,
            certified: Vec::new(),
            signed_in: None,
            closed: None,
            sign_out: SignOut { will: true, expiry_s: None },
            expiry_s: 0,
            requests: VecDeque::new(),
            publications: Vec::new(),
            acks: Acks::default(),
            topic_last: None,
            takes_no_aliases: false,
            manners: Manners::default(),
            aliases: Vec::new(),
            woken: false,
            unauthorised: 0,
        }
    }

    /// Says which names the client's certificate bears. The shell has verified it.
    #[must_use]
    pub fn certified(mut self, names: Vec<String>) -> Self {
        self.certified = names;
        self
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> ConnectionId {
        self.id
    }

    /// Where the shell puts bytes it reads. It reads only while [`Connection::wants_bytes`].
    pub fn incoming(&mut self) -> &mut BytesMut {
        &mut self.incoming
    }

    /// Bytes to write, which the shell takes out.
    pub fn outgoing(&mut self) -> &mut BytesMut {
        &mut self.outgoing
    }

    /// Publications received since the last call. They are valid even if the connection is over by now.
    pub fn publications(&mut self) -> std::vec::Drain<'_, Publish> {
        self.publications.drain(..)
    }

    /// Whether more bytes are welcome: not while a CONNECT or a subscription waits for the broker, nor while so many
    /// publications wait for their commit that the client has to wait too.
    #[must_use]
    pub fn wants_bytes(&self) -> bool {
        self.closed.is_none() && !self.is_blocked()
    }

    /// Whether the client has shown who it is.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        self.signed_in.is_some()
    }

    /// Whether the client waits for an answer to something that it published.
    #[must_use]
    pub fn owes_answers(&self) -> bool {
        self.acks.len() > 0
    }

    /// Why it is over, if it is. What is in [`Connection::outgoing`] by then is still to be written.
    #[must_use]
    pub fn closed(&self) -> Option<Closed> {
        self.closed
    }

    /// Decodes what has been read.
    pub fn receive(&mut self, now: Moment) {
        while self.wants_bytes() {
            let length = match frame::peek(&self.incoming, self.signed_in.is_some()) {
                Ok(Frame::Whole(length)) => length,
                Ok(Frame::Partial(total)) => {
                    self.incoming.reserve(total.unwrap_or_default().saturating_sub(self.incoming.len()));
                    return;
                }
                Err(bad) => {
                    self.breach(match bad {
                        Bad::Malformed => DisconnectReasonCode::MalformedPacket,
                        Bad::TooLarge => DisconnectReasonCode::PacketTooLarge,
                        Bad::Qos2 => DisconnectReasonCode::QosNotSupported,
                        Bad::OutOfTurn => DisconnectReasonCode::ProtocolError,
                    });
                    return;
                }
            };
            let Some(packet) = self.incoming.get_mut(..length) else { return };
            if self.signed_in.is_none()
                && let Some(last) = frame::no_aliases_at(packet).and_then(|at| packet.get_mut(at))
            {
                // The protocol crate believes that the client takes one, and is never asked to use it.
                *last = 1;
                self.takes_no_aliases = true;
            }
            let events = self.core.recv(&mut Cursor::new(packet));
            self.incoming.advance(length);
            self.absorb(now, events);
        }
    }

    /// Whether [`Connection::exchange`] has something to do.
    #[must_use]
    pub fn needs_broker(&self) -> bool {
        let room = self.closed.is_none() && self.outgoing.len() < OUTGOING_BYTES_MAX;
        !self.requests.is_empty() || self.unauthorised > 0 || (self.woken && room)
    }

    /// The broker has something for this connection: [`crate::Effect::Wake`].
    pub fn wake(&mut self) {
        self.woken = true;
    }

    /// Settles requests with the broker, and takes from it what the client has room for.
    pub fn exchange(&mut self, now: Moment, broker: &mut Broker) {
        broker.count_unauthorised(std::mem::take(&mut self.unauthorised));
        while let Some(request) = self.requests.pop_front() {
            match request {
                Request::Connect(connect) => self.sign_in(now, *connect, broker),
                Request::Subscribe { packet_id, wishes } => self.subscribe(now, packet_id, wishes, broker),
                Request::Unsubscribe { packet_id, filters } => self.unsubscribe(packet_id, &filters, broker),
                Request::Acknowledged { packet_id, failure } => {
                    if let Some(SignedIn { session, .. }) = self.signed_in {
                        broker.acknowledged(session, self.id, packet_id, failure);
                        self.woken = true;
                    }
                }
            }
        }
        self.deliver(now, broker);
    }

    /// Answers a publication. PUBACKs go out in the order of the PUBLISHes (MQTT-4.6.0-2).
    pub fn answer(&mut self, token: Token, answer: Answer) {
        self.acks.answer(token, answer);
        self.acknowledge();
    }

    /// When [`Connection::expire`] is due, and why.
    #[must_use]
    pub fn deadline(&self) -> Option<(Moment, Deadline)> {
        match (self.closed, &self.signed_in) {
            (Some(_), _) => None,
            (None, None) => Some((self.began.after(CONNECT_MS_MAX), Deadline::Connect)),
            // What the client has sent to stay alive is not read meanwhile.
            (None, Some(_)) if self.is_blocked() => None,
            (None, Some(_)) => self.keep_alive.map(|at| (at, Deadline::KeepAlive)),
        }
    }

    /// Closes the connection if its deadline has passed.
    pub fn expire(&mut self, now: Moment) {
        match self.deadline() {
            Some((at, Deadline::Connect)) if at <= now => self.closed = Some(Closed::Silent),
            Some((at, Deadline::KeepAlive)) if at <= now => {
                let events = self.core.notify_timer_fired(TimerKind::PingreqRecv);
                self.absorb(now, events);
                self.closed = Some(Closed::KeepAlive);
            }
            _ => {}
        }
    }

    /// Closes the connection from this side, with a DISCONNECT if the client speaks MQTT 5.
    pub fn close(&mut self, why: Closed) {
        let reason = match why {
            Closed::Left | Closed::HungUp => None,
            Closed::TakenOver => Some(DisconnectReasonCode::SessionTakenOver),
            Closed::AccountGone => Some(DisconnectReasonCode::NotAuthorized),
            Closed::AccountChanged => Some(DisconnectReasonCode::AdministrativeAction),
            Closed::ShuttingDown => Some(DisconnectReasonCode::ServerShuttingDown),
            Closed::KeepAlive => Some(DisconnectReasonCode::KeepAliveTimeout),
            Closed::Breach(code) => DisconnectReasonCode::try_from(code).ok(),
            Closed::Silent | Closed::Refused(_) | Closed::Unanswered => {
                Some(DisconnectReasonCode::ImplementationSpecificError)
            }
        };
        if why == Closed::ShuttingDown {
            // The client did nothing wrong and will be back: its will may wait for that (section 3.1.2.5).
            self.sign_out.will = false;
        }
        if self.closed.is_none() {
            if let Some(reason) = reason {
                self.disconnect(reason, why);
            }
            self.closed = Some(why);
        }
    }

    /// Leaves the session, when nothing more is to be read or written.
    pub fn leave(&mut self, now: Moment, broker: &mut Broker) {
        self.closed.get_or_insert(Closed::HungUp);
        broker.count_unauthorised(std::mem::take(&mut self.unauthorised));
        if let Some(signed_in) = self.signed_in.take() {
            broker.sign_out(now, signed_in.session, self.id, self.sign_out);
        }
    }

    /// Whether what the client sends has to wait for us: what it sends after a CONNECT, and what it publishes after
    /// it asked to hear of it, until the broker knows.
    fn is_blocked(&self) -> bool {
        use Request::{Acknowledged, Connect, Subscribe, Unsubscribe};
        let asks = match self.requests.back() {
            Some(Connect(_) | Subscribe { .. } | Unsubscribe { .. }) => true,
            Some(Acknowledged { .. }) | None => false,
        };
        asks || self.acks.len() >= usize::from(UNCOMMITTED_MAX)
    }

    fn is_v5(&self) -> bool {
        self.core.get_protocol_version() == Version::V5_0
    }

    /// Does what the protocol crate says after a packet came or a timer fired.
    fn absorb(&mut self, now: Moment, events: Vec<Event>) {
        for event in events {
            match event {
                Event::NotifyPacketReceived(packet) if self.closed.is_none() => self.on_packet(now, packet),
                Event::RequestSendPacket { packet, .. } => self.write(&packet),
                Event::RequestTimerReset { kind: TimerKind::PingreqRecv, duration_ms } => {
                    self.keep_alive = Some(now.after(duration_ms));
                }
                Event::RequestTimerCancel(TimerKind::PingreqRecv) => self.keep_alive = None,
                Event::NotifyError(MqttError::UnsupportedProtocolVersion) if self.signed_in.is_none() => {
                    // MQTT-3.1.2-2: the one answer that both versions and those before them can read.
                    self.outgoing.extend_from_slice(&[0x20, 2, 0, 1]);
                    self.closed = Some(Closed::Refused(ConnectReasonCode::UnsupportedProtocolVersion as u8));
                }
                Event::NotifyError(error) => self.breach(error.into()),
                _ => {}
            }
        }
    }

    /// Sends a packet, unless the protocol crate has something against it.
    fn send(&mut self, packet: Packet) -> Result<(), MqttError> {
        let mut sent = Ok(());
        for event in self.core.send(packet) {
            match event {
                Event::RequestSendPacket { packet, .. } => self.write(&packet),
                Event::NotifyError(error) => sent = Err(error),
                _ => {}
            }
        }
        sent
    }

    fn write(&mut self, packet: &Packet) {
        self.outgoing.extend_from_slice(&packet.to_continuous_buffer());
    }

    /// Closes the connection of a client that broke the protocol (MQTT-4.13.1-1).
    fn breach(&mut self, reason: DisconnectReasonCode) {
        self.close(Closed::Breach(reason as u8));
    }

    fn sign_in(&mut self, now: Moment, connect: Connect, broker: &mut Broker) {
        let wish = SignIn {
            connection: self.id,
            credentials: Credentials {
                user_name: &connect.user_name,
                password: &connect.password,
                certified: &self.certified,
            },
            client: &connect.client,
            clean_start: connect.clean_start,
            expiry_s: connect.expiry_s,
            window: usize::from(connect.receive_maximum.min(IN_FLIGHT_MAX)),
            will: connect.will.clone(),
        };
        match broker.sign_in(now, wish) {
            Ok(signed_in) => {
                self.manners = connect.manners;
                if self.takes_no_aliases {
                    self.manners.aliases_max = 0;
                }
                self.welcome(&connect, &signed_in);
                self.expiry_s = connect.expiry_s;
                self.signed_in = Some(signed_in);
                self.woken = true;
            }
            Err(why) => self.refuse(why.into(), why.in_words()),
        }
    }

    /// Writes what the broker has for this client, as far as both the client and the outgoing bytes have room.
    fn deliver(&mut self, now: Moment, broker: &mut Broker) {
        let Some((session, client)) = self.signed_in.as_ref().map(|who| (who.session, who.client.clone()))
        else {
            return;
        };
        while self.woken && self.closed.is_none() && self.outgoing.len() < OUTGOING_BYTES_MAX {
            let Some(outgoing) = broker.next(now, session, self.id) else {
                self.woken = false;
                return;
            };
            // MQTT-3.1.2-25: what the client cannot take is not sent, and treated as if it had been.
            if self.send_delivery(now, &outgoing).is_err() {
                match outgoing.packet_id {
                    Some(packet_id) => {
                        _ = broker.acknowledged(session, self.id, packet_id, Some(Lost::TooLarge));
                    }
                    None => broker.not_sent(&client, outgoing.delivery, Lost::TooLarge),
                }
            }
        }
    }
}
