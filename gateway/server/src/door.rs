//! The front door: sockets around gateway/mqtt, in tokio.
//!
//! A task a connection reads, decodes and hands [`Publication`]s to the shard through a bounded channel; while that is
//! full, the socket is not read. The shard answers each with its [`Ack`] once the commit is durable, and only then
//! the client gets its PUBACK and subscribers get the message. Offers go out through [`DoorHandle`], and what became
//! of them comes back as [`Notice`]s. No protocol rule lives here.
//! Before: a client's socket. Next: door/accept.rs, door/greet.rs and door/serve.rs, then shard.rs.

mod accept;
mod ack;
mod crowd;
mod greet;
mod serve;
mod shared;
mod socket;
mod tls;
mod web;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use turnpage_gateway_core::Unsealed;
use turnpage_gateway_mqtt::Credentials;
pub use turnpage_gateway_mqtt::{
    Account, Accounts, ClientId, Counters, Filter, Lost, Message, Moment, Notice, Permit, Qos, Refusal,
    Ticket, Topic,
};

use crate::opener::Opener;
use accept::{Acceptor, Listeners};
pub use ack::Ack;
pub(crate) use crowd::household;
use shared::Shared;
pub use tls::{Error as TlsError, Tls, TlsFile, TlsFiles};

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

/// Where the door listens. Each place takes MQTT, and MQTT over WebSocket.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Unencrypted.
    pub plain: Option<SocketAddr>,
    /// Under TLS.
    pub tls: Option<(SocketAddr, Tls)>,
}

/// How much the door takes on. The protocol's own bounds are consts of gateway/mqtt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Connections at once, strangers included. One more is closed as it comes, and counted.
    pub connections_max: usize,
    /// Connections at once from one address. One more is closed as it comes, and counted.
    pub per_address_max: usize,
    /// Connections at once that have not signed in. One more waits to be accepted.
    pub strangers_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        // All of them: about 7 kB each while idle, and well under the usual 16 k file descriptors. Of an address: a hub
        // with hundreds of bands behind it, and yet not the whole door. Strangers: a venue's nodes after a power cut,
        // who take some milliseconds each.
        Self { connections_max: 10_000, per_address_max: 1_000, strangers_max: 1_000 }
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
    /// When it came, where somebody wants to know: see [`DoorHandle::note_times`].
    pub received: Option<Instant>,
    /// Whether the door keeps it for later subscribers once it is committed.
    pub retain: bool,
    /// The answer, due in either case: it also lets the message go to subscribers.
    pub ack: Ack,
    /// What its door has found of a frame in it, if it looked for one.
    pub(crate) frame: Option<Unsealed>,
}

/// The open door. Dropped, it closes at once; [`Door::stop`] says goodbye first.
#[derive(Debug)]
pub struct Door {
    plain_addr: Option<SocketAddr>,
    tls_addr: Option<SocketAddr>,
    tls: Option<Tls>,
    shared: Arc<Shared>,
    /// When the door closes: how long answers may take that clients wait for.
    stop: watch::Sender<Option<Duration>>,
    acceptor: JoinHandle<()>,
}

impl Door {
    /// Listens at `places`. Publications go to `publications`, what happens to offers and subscribers to `notices`; the
    /// caller chose both bounds, and a full one stops reading the sockets concerned.
    ///
    /// # Errors
    /// When an address cannot be listened on.
    pub async fn bind(
        places: Places,
        accounts: Accounts,
        limits: Limits,
        publications: mpsc::Sender<Publication>,
        notices: mpsc::Sender<Notice>,
    ) -> Result<Self, Error> {
        let (mut listeners, mut plain_addr, mut tls_addr) =
            (Listeners { plain: None, tls: None }, None, None);
        if let Some(addr) = places.plain {
            let (listener, local) = listen(addr).await?;
            (listeners.plain, plain_addr) = (Some(listener), Some(local));
        }
        let tls = places.tls.as_ref().map(|(_, tls)| tls.clone());
        if let Some((addr, tls)) = places.tls {
            let (listener, local) = listen(addr).await?;
            (listeners.tls, tls_addr) = (Some((listener, tls)), Some(local));
        }
        let shared = Arc::new(Shared::new(accounts, publications, notices));
        let (stop, stopped) = watch::channel(None);
        let acceptor = Acceptor { listeners, shared: Arc::clone(&shared), limits, stop: stopped };
        let acceptor = tokio::spawn(acceptor.run());
        Ok(Self { plain_addr, tls_addr, tls, shared, stop, acceptor })
    }

    /// Where it listens unencrypted: with the port that the system chose for port 0.
    #[must_use]
    pub fn plain_addr(&self) -> Option<SocketAddr> {
        self.plain_addr
    }

    /// Where it listens under TLS.
    #[must_use]
    pub fn tls_addr(&self) -> Option<SocketAddr> {
        self.tls_addr
    }

    /// Reads certificate and key again, for whoever comes from now on.
    ///
    /// # Errors
    /// When they cannot be used; those from before stay in use.
    pub fn renew_certificate(&self) -> Result<(), TlsError> {
        self.tls.as_ref().map_or(Ok(()), Tls::renew)
    }

    /// Its side of TLS, where it has one.
    pub(crate) fn tls(&self) -> Option<Tls> {
        self.tls.clone()
    }

    /// A handle to publish through.
    #[must_use]
    pub fn handle(&self) -> DoorHandle {
        DoorHandle { shared: Arc::clone(&self.shared) }
    }

    /// Accepts nobody more and reads nothing more; answers all that was read, as far as the answers come within `patience`;
    /// sends MQTT 5 clients DISCONNECT 0x8B (server shutting down), and waits until every connection has ended. What is
    /// without an answer then is the clients' to send again. Wills are not published: the clients did nothing wrong, and
    /// will be back (section 3.1.2.5).
    pub async fn stop(mut self, patience: Duration) {
        self.stop.send_replace(Some(patience));
        // It fails only if the acceptor panicked, and then there is nothing left to close.
        let _ = (&mut self.acceptor).await;
    }
}

async fn listen(addr: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let listen = |source| Error::Listen { addr, source };
    let listener = TcpListener::bind(addr).await.map_err(listen)?;
    let local = listener.local_addr().map_err(listen)?;
    Ok((listener, local))
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

    /// The account whose name and password these are, and what it may do.
    pub(crate) fn admit(&self, user_name: &str, password: &[u8]) -> Option<(Account, Arc<Permit>)> {
        let shown = Credentials { user_name, password, certified: &[] };
        self.shared.broker_to_read().accounts().admit(&shown)
    }

    /// From now on publications say when they came.
    pub fn note_times(&self) {
        self.shared.note_times();
    }

    /// Opens frames from now on, so that whoever takes publications does not have to. Counts once.
    pub(crate) fn open_with(&self, opener: Arc<Opener>) {
        self.shared.open_with(opener);
    }

    /// Replaces the accounts. Whoever is connected under one that is gone or another is told so and put out.
    pub fn set_accounts(&self, accounts: Accounts) {
        let effects = {
            let mut broker = self.shared.broker();
            broker.set_accounts(self.shared.now(), accounts);
            broker.effects()
        };
        self.shared.leave_over(effects);
        // Wills and ends of sessions may be due.
        self.shared.caretaker.notify_one();
    }

    /// What happened at the door so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.shared.counters()
    }
}
