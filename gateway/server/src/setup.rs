//! What a gateway is started with: everything resolved, nothing left to read but the store.
//!
//! `turnpage run` makes it from a [`crate::Config`], the demo and the tests make it by hand. It opens nothing.
//! Before: config.rs. Next: gateway.rs, which starts it.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::ClientConfig;
use turnpage_gateway_core::{Edition, Keys, Options, Role, Venue};
use turnpage_gateway_store::{Memory, Store, disk};
use turnpage_journeys_engine::Library;

use crate::access::{ASKING, Rate, Token};
use crate::clock::Clock;
use crate::door::{Limits, Places, Tls};
use crate::source::Source;
use crate::traces::TracesSetup;
use crate::webhook::WebhookSetup;

/// Everything a gateway needs.
#[derive(Clone)]
pub struct Setup {
    /// The site.
    pub venue: Venue,
    /// Its journeys, compiled against [`Venue::schema`].
    pub library: Library,
    /// The texts that both were read from; without them nothing can be reloaded, and the log does not tell what it was
    /// made under.
    pub edition: Option<Edition>,
    /// Each journey as it is drawn, as SVG: for the console.
    pub pictures: Pictures,
    /// Its nodes' keys.
    pub keys: Keys,
    /// How strict admission is, and the seed of offers' names.
    pub options: Options,
    /// Where commits go.
    pub storage: Storage,
    /// What time it is.
    pub clock: Clock,
    /// The front door; `None` when all comes through a broker.
    pub door: Option<DoorSetup>,
    /// The venue's broker, where it has one.
    pub broker: Option<BrokerSetup>,
    /// Other systems that take offers and calls for staff.
    pub webhooks: Vec<WebhookSetup>,
    /// A collector that is told how offers come about and what becomes of them.
    pub traces: Option<TracesSetup>,
    /// Sensors that speak another language.
    pub sources: Vec<Arc<Source>>,
    /// Where the console and the API listen; `None` for nowhere.
    pub http: Option<SocketAddr>,
    /// Who may use them, and how they are reached.
    pub console: ConsoleSetup,
    /// How long what is under way may take at the end: answers at the doors, and requests to webhooks.
    pub drain: Duration,
}

/// Pictures by journey.
pub type Pictures = Arc<BTreeMap<String, String>>;

/// As long as [`Setup::drain`] is where nothing else is said: less than the ten seconds after which containers are killed.
pub(crate) const DRAIN: Duration = Duration::from_secs(5);

impl Setup {
    /// A gateway on loopback, at ports that the system chooses, with a door that nobody has an account at yet.
    #[must_use]
    pub fn new(venue: Venue, library: Library, keys: Keys, storage: Storage) -> Self {
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            venue,
            library,
            edition: None,
            pictures: Pictures::default(),
            keys,
            options: Options::default(),
            storage,
            clock: Clock::System,
            door: Some(DoorSetup {
                places: Places { plain: Some(loopback), tls: None },
                limits: Limits::default(),
                logins: Vec::new(),
            }),
            broker: None,
            webhooks: Vec::new(),
            traces: None,
            sources: Vec::new(),
            http: Some(loopback),
            console: ConsoleSetup::default(),
            drain: DRAIN,
        }
    }
}

/// Where commits go.
#[derive(Clone, Debug)]
pub enum Storage {
    /// Nowhere: a restart begins anew, unless it is given a clone of the same memory.
    Memory(Memory),
    /// A directory.
    Disk {
        /// The data directory; made when it is not there.
        dir: PathBuf,
        /// How much of the log is kept.
        options: disk::Options,
    },
    /// A store of one's own, opened at the start and again after every failure.
    Custom(Opener),
}

/// How to open a store of one's own.
#[derive(Clone)]
pub struct Opener(pub Arc<OpenStore>);

/// Opens a store. Called on a thread that may block.
pub type OpenStore = dyn Fn() -> Result<Box<dyn Store>, turnpage_gateway_store::Error> + Send + Sync;

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opener(..)")
    }
}

/// The gateway's own MQTT endpoint.
#[derive(Clone, Debug)]
pub struct DoorSetup {
    /// Where it listens.
    pub places: Places,
    /// How much it takes on.
    pub limits: Limits,
    /// Who may come in.
    pub logins: Vec<Login>,
}

/// The console and the API: who may use them. Without tokens, whoever reaches them, which has to be on loopback.
#[derive(Clone, Debug)]
pub struct ConsoleSetup {
    /// The gateway's side of TLS; `None` for a connection that others on the network can read.
    pub tls: Option<Tls>,
    /// Something in front of it does TLS.
    pub proxied: bool,
    /// Who may come in.
    pub tokens: Vec<Token>,
    /// How often one address, and one token, may ask.
    pub asking: Rate,
}

impl Default for ConsoleSetup {
    fn default() -> Self {
        Self { tls: None, proxied: false, tokens: Vec::new(), asking: ASKING }
    }
}

/// An account at the door.
#[derive(Clone)]
pub struct Login {
    /// The MQTT user name. A node's is its name.
    pub user: String,
    /// The MQTT password, if it may come in by one.
    pub password: Option<String>,
    /// The name that its certificate bears, if it may come in by one.
    pub certificate: Option<String>,
    /// What it may say and hear.
    pub role: Role,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).field("role", &self.role).finish_non_exhaustive()
    }
}

/// A broker that the gateway is a client of. Its durability is then part of the promise.
#[derive(Clone)]
pub struct BrokerSetup {
    /// Its host name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The gateway's client identifier: keep it, because the broker keeps what is unacknowledged under it.
    pub client: String,
    /// User name and password, where it asks for them.
    pub login: Option<(String, String)>,
    /// The gateway's side of TLS; `None` for a connection that others on the network can read.
    pub tls: Option<Arc<ClientConfig>>,
    /// Who may post messages over HTTP. At the broker itself the accounts are the broker's.
    pub logins: Vec<Login>,
    /// Until when the gateway's own certificate there is good, in seconds since 1970, where it shows one.
    pub certificate_until_s: Option<u64>,
}

impl fmt::Debug for BrokerSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tls = if self.tls.is_some() { " under TLS" } else { "" };
        write!(f, "BrokerSetup({}@{}:{}{tls})", self.client, self.host, self.port)
    }
}
