//! The front door: sockets around gateway/mqtt, in tokio.
//!
//! A task a connection reads, decodes and hands [`Publication`]s to the shard through a bounded channel; while that is
//! full, the socket is not read. The shard answers each with its [`Ack`] once the commit is durable, and only then
//! the client gets its PUBACK and subscribers get the message. Offers go out through [`DoorHandle`], and what became
//! of them comes back as [`Notice`]s. No protocol rule lives here, and nothing is encrypted here yet.
//! Before: a client's socket. Next: door/accept.rs and door/serve.rs, then shard.rs.

mod accept;
mod ack;
mod serve;
mod shared;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
pub use turnpage_gateway_mqtt::{
    Account, Accounts, ClientId, Counters, Filter, Lost, Message, Moment, Notice, Permit, Qos, Refusal,
    Ticket, Topic,
};

use accept::Acceptor;
pub use ack::Ack;
use shared::Shared;

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

/// The open door. Dropped, it closes at once; [`Door::stop`] says goodbye first.
#[derive(Debug)]
pub struct Door {
    local_addr: SocketAddr,
    shared: Arc<Shared>,
    /// Turns true when the door closes.
    stop: watch::Sender<bool>,
    acceptor: JoinHandle<()>,
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
        let shared = Arc::new(Shared::new(accounts, publications, notices));
        let (stop, stopped) = watch::channel(false);
        let acceptor = Acceptor { listener, shared: Arc::clone(&shared), limits, stop: stopped };
        let acceptor = tokio::spawn(acceptor.run());
        Ok(Self { local_addr, shared, stop, acceptor })
    }

    /// Where it listens: with the port that the system chose for port 0.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// A handle to publish through.
    #[must_use]
    pub fn handle(&self) -> DoorHandle {
        DoorHandle { shared: Arc::clone(&self.shared) }
    }

    /// Accepts nobody more, sends MQTT 5 clients DISCONNECT 0x8B (server shutting down), and waits until every
    /// connection has written what it owed. Publications without an answer by then are the clients' to send again.
    /// Wills are not published: the clients did nothing wrong, and will be back (section 3.1.2.5).
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        // It fails only if the acceptor panicked, and then there is nothing left to close.
        let _ = (&mut self.acceptor).await;
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.acceptor.abort();
    }
}

/// A way to publish through the door. Cheap to clone.
#[derive(Clone, Debug)]
pub struct DoorHandle {
    shared: Arc<Shared>,
}

impl DoorHandle {
    /// Sends `message` to every session that subscribed, to those of clients that are away as well, and says how many
    /// took it. After `valid_ms` it is worth nothing: what still waits then is lost, and a notice says so. With a
    /// ticket, a [`Notice`] follows for each of those sessions. Waits for a lock held for microseconds, and for
    /// nothing else.
    pub fn publish(&self, mut message: Message, valid_ms: Option<u64>) -> usize {
        message.expires = valid_ms.map(|ms| self.shared.now().after(ms));
        self.shared.publish(&message)
    }

    /// Replaces the accounts. Who is connected stays until its next CONNECT.
    pub fn set_accounts(&self, accounts: Accounts) {
        self.shared.broker().set_accounts(accounts);
    }

    /// What happened at the door so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.shared.counters()
    }
}
