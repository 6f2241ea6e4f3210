//! An MQTT 5 session that loses nothing: minimq, and what minimq leaves to its caller.
//!
//! minimq retains and replays what is in flight for as long as the server remembers the session, drops it when the server
//! does not, and tells neither apart from an acknowledgement unless asked per operation. So every publication here
//! carries a [`Ticket`], and every ticket comes back exactly once: [`Event::Acknowledged`] after PUBACK,
//! [`Event::Refused`] when the PUBACK says no, [`Event::Lost`] when the session is gone and the caller must
//! publish again. Publications are QoS 1, up to [`WINDOW`] in flight; subscriptions are QoS 1 too.
//!
//! The transport is any `embedded_io_async` byte stream that is already connected; opening it,
//! TLS and the time between two attempts are the caller's. Not only nodes use this: a kiosk or a hub of bands
//! subscribes to offers and publishes outcomes through the same two types.
//!
//! # A hub of bands
//!
//! ```no_run
//! use embedded_io_async::{Read, Write};
//! use turnpage_firmware_node::Ticket;
//! use turnpage_firmware_node::session::{Error, Event, Options, Session};
//!
//! async fn hub<T: Read + Write>(session: &mut Session<'_>, stream: T) -> Result<(), Error<T::Error>> {
//!     let mut link = session.connect(stream).await?;
//!     link.subscribe(Ticket(0), "turnpage/v1/park/offer/+").await?;
//!     loop {
//!         match link.step().await? {
//!             Some(Event::Message(offer)) => { /* show it on the band of `offer.topic`'s subject */ }
//!             Some(Event::Acknowledged(_) | Event::Refused(..) | Event::Lost(_)) | None => {}
//!         }
//!         if link.ready() { /* link.publish(ticket, "turnpage/v1/park/outcome/..", b"{..}", false) */ }
//!     }
//! }
//!
//! let (mut rx, mut tx) = ([0; 2048], [0; 4096]);
//! let options = Options { client_id: "hub-1", login: Some(("hub-1", b"secret")), ..Options::default() };
//! let mut session = Session::new(options, &mut rx, &mut tx)?;
//! # Ok::<(), turnpage_firmware_node::session::InvalidOptions>(())
//! ```
//!
//! Two things to know as a subscriber. A message may come twice, on either side of a broken connection: they carry an id. And a
//! process that starts afresh starts its session afresh, so what the server kept for the old one is gone;
//! only a reconnection within the process resumes.
//!
//! minimq keeps time through `embassy-time`: a board's HAL brings the driver, a host program enables
//! embassy-time's `std` feature (and `generic-queue-128` for many sessions).
//!
//! Next: `shell` runs a node over this.

mod link;

use heapless::Vec;
use minimq::{Buffers, ConfigBuilder, PeerError, QoS, ReasonCode, ResourceError, Will};
use turnpage_firmware_wire::ENCODED_LEN_MAX;
use turnpage_firmware_wire::topic::TOPIC_LEN_MAX;

pub use link::{Admission, Event, Link, Message};

use crate::{Refusal, Ticket};

/// Most operations in flight; minimq's own bound.
pub const WINDOW: usize = 8;

/// Smallest useful receive buffer of a session that only publishes, in bytes: any CONNACK or PUBACK with a reason text.
pub const RX_LEN_MIN: usize = 256;

/// A transmit buffer for a full window of a node's frames, in bytes: frame, topic and head of each, and room to connect
/// with a will meanwhile.
pub const TX_LEN_NODE: usize = WINDOW * (ENCODED_LEN_MAX + TOPIC_LEN_MAX + 16) + 768;

/// How a session introduces itself.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Client identifier, at most 64 bytes; one session a client.
    pub client_id: &'a str,
    /// User name and password.
    pub login: Option<(&'a str, &'a [u8])>,
    /// Longest silence before the server gives the connection up (times 1.5), in seconds.
    pub keep_alive_s: u16,
    /// How long the server remembers the session after a connection ends, in seconds.
    pub expiry_s: u32,
    /// Topic and payload of the retained QoS 1 message the server publishes when the connection breaks.
    pub will: Option<(&'a str, &'a [u8])>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { client_id: "", login: None, keep_alive_s: 30, expiry_s: 24 * 60 * 60, will: None }
    }
}

/// Why a session or its link failed. After any error but [`Error::TooLarge`] the link is dead: drop it and connect again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error<E> {
    /// The server refused the connection, or offers no QoS 1; the reason code says which.
    #[error("server refused with reason {0:#04x}")]
    Refused(u8),
    /// The server closed, or answered no ping.
    #[error("connection is closed")]
    Closed,
    /// The server broke the protocol.
    #[error("server broke the protocol")]
    Protocol,
    /// The message can never be sent: it exceeds the transmit buffer or the server's packet limit.
    #[error("message is too large")]
    TooLarge,
    /// The byte stream failed.
    #[error("transport failed: {0:?}")]
    Transport(E),
}

/// A name in the [`Options`] is longer than minimq holds: client identifier 64 bytes, topic of the will 128.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("client identifier or topic of the will is too long")]
pub struct InvalidOptions;

/// One client's session over any number of connections. Keeps what is in flight from one to the next.
pub struct Session<'b> {
    mqtt: minimq::Session<'b>,
    book: Book,
}

/// What is in flight, in the order it was taken.
#[derive(Default)]
struct Book {
    open: Vec<(Ticket, minimq::Op), WINDOW>,
    /// The last poll failed with a refusal, of an operation still in `open`.
    refused: Option<Refusal>,
}

impl<'b> Session<'b> {
    /// A session over caller-owned packet buffers: `rx` holds one incoming packet, `tx` everything in flight
    /// ([`TX_LEN_NODE`] for a node).
    pub fn new(options: Options<'b>, rx: &'b mut [u8], tx: &'b mut [u8]) -> Result<Self, InvalidOptions> {
        let mut builder = ConfigBuilder::new(Buffers::new(rx, tx))
            .client_id(options.client_id)
            .map_err(|_| InvalidOptions)?
            .keepalive_interval(options.keep_alive_s)
            .session_expiry_interval(options.expiry_s);
        if let Some((user, password)) = options.login {
            builder = builder.auth(user, password).map_err(|_| InvalidOptions)?;
        }
        if let Some((topic, payload)) = options.will {
            let will = Will::new(topic, payload, &[]).map_err(|_| InvalidOptions)?;
            builder = builder.will(will.retained().qos(QoS::AtLeastOnce)).map_err(|_| InvalidOptions)?;
        }
        Ok(Self { mqtt: minimq::Session::new(builder), book: Book::default() })
    }

    /// Introduces the session on a byte stream that has just been opened. Waits for the server without a
    /// limit of its own; dropping the future drops the stream and leaves the session as it was.
    pub async fn connect<T: minimq::Io>(&mut self, stream: T) -> Result<Link<'_, 'b, T>, Error<T::Error>> {
        let connection = self.mqtt.connect(stream).await?;
        Ok(Link::new(connection, &mut self.book))
    }
}

/// Whether trying again can help. Everything about the message itself is for good; everything about load, rights
/// and the server's state may pass.
fn refusal(code: ReasonCode) -> Refusal {
    match code {
        ReasonCode::TopicNameInvalid
        | ReasonCode::TopicFilterInvalid
        | ReasonCode::PacketTooLarge
        | ReasonCode::PayloadFormatInvalid
        | ReasonCode::RetainNotSupported
        | ReasonCode::QoSNotSupported
        | ReasonCode::WildcardSubscriptionsNotSupported => Refusal::ForGood,
        _ => Refusal::ForNow,
    }
}

impl<E> From<minimq::Error<E>> for Error<E> {
    fn from(error: minimq::Error<E>) -> Self {
        use minimq::Error as Minimq;
        match error {
            Minimq::Peer(PeerError::Rejected(code)) => Self::Refused(code.into()),
            // The one request of ours that can be invalid is QoS 1 at a server without it.
            Minimq::InvalidRequest => Self::Refused(ReasonCode::QoSNotSupported.into()),
            Minimq::Resource(ResourceError::BufferTooSmall | ResourceError::PacketTooLarge) => Self::TooLarge,
            Minimq::Transport(error) => Self::Transport(error),
            Minimq::Disconnected | Minimq::WriteZero | Minimq::NotReady => Self::Closed,
            // A server that floods past the receive maximum exhausts our bookkeeping: its breach, not ours.
            _ => Self::Protocol,
        }
    }
}
