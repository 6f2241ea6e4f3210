//! The config file of `turnpage run`: what it may say, and everything that is wrong with it, all at once.
//!
//! Reading is pure: text in, [`Config`] or diagnostics out. The secrets it names are fetched and its nodes are held
//! against the venue in config/resolve.rs, which makes the [`crate::Setup`]. It reads neither the venue nor journeys.
//!
//! ```yaml
//! venue: park                  # required: the directory with venue.yaml, from here
//! journeys: park/journeys      # absent: the venue's directory
//! data: /var/lib/turnpage      # required: a directory, or `memory` for nothing that outlives the process
//! log: { age: 14d, size: 2GB } # what `why` and `replay` can read: no older, and no more; absent: this
//! http: 127.0.0.1:8080         # the console and the API; absent: this; `none`: nowhere; beyond loopback it takes `tokens`
//! # http: { listen: 0.0.0.0:8443, tls: { certificate: tls/console.pem, key: tls/console.key } }
//! # http: { listen: 127.0.0.1:8080, tls: proxy }    # something in front of it does TLS
//! tokens:                      # who may use them: viewer | author | operator | admin; `turnpage token new` makes one
//!   lobby: { role: viewer, sha256: 2bb8.., until: 2027-01-01 }     # the SHA-256 of its secret, 64 hex digits
//!   prometheus: { role: viewer, secret: { file: keys/scrape } }    # or the secret itself, elsewhere
//!   ci: { role: operator, secret: { env: TURNPAGE_CI } }
//! door:                        # absent: { listen: 127.0.0.1:1883 }, or no door when there is a broker
//!   listen: 127.0.0.1:1883     # MQTT and MQTT over WebSocket, unencrypted; absent: only under TLS
//!   tls:                       # the same under TLS; files are PEM, from here, read again at SIGHUP
//!     listen: 0.0.0.0:8883
//!     certificate: tls/door.pem
//!     key: tls/door.key
//!     clients: tls/nodes-ca.pem  # a certificate (X.509 version 3) that this authority signed stands in for a password
//!   connections: 10000         # at once, in all
//!   connections_per_address: 1000
//! broker: { host: localhost, port: 1883, client: turnpage, user: turnpage, password: { file: broker.secret } }
//! #   tls: {}                  # port 8883, certificates that the system trusts; or of `authority: tls/broker-ca.pem`,
//! #                            # with `certificate` and `key` where the broker asks who comes
//! nodes:                       # by the names that the venue gives them
//!   gate-1: { key: { file: keys/gate-1 }, password: { file: keys/gate-1.password } }  # key: 64 hex digits
//!   gate-2: { key: { file: keys/gate-2 }, certificate: gate-2.park.example }  # the name in it; absent: `gate-2`
//! accounts:                    # whoever else comes in at the door
//!   bands: { password: { file: bands.password }, role: channel }   # channel | source | operator
//! webhooks:                    # offers as CloudEvents, signed as Standard Webhooks
//!   till:
//!     url: https://till.example/offers
//!     secret: { file: till.secret }   # whsec_...; two in a list while one replaces the other
//!     channels: [app]          # whose offers it takes; a channel that it takes has no need of MQTT
//!     staff: [cleaner]         # whose calls it takes
//!     concurrency: 4           # requests at once
//!     timeout: 15s
//!     authority: tls/till.pem  # whose certificates to trust; absent: those that the system trusts
//! traces:                      # how offers come about, told to a collector of OpenTelemetry: gateway/server/README.md
//!   endpoint: http://localhost:4318   # OTLP over HTTP, in protobuf; a path of one's own where it is not /v1/traces
//!   service: turnpage          # service.name; absent: this
//!   sample: 0.1                # the share of all offers that is told of; absent: 1
//!   headers: { authorization: { file: otlp.token } }
//!   authority: tls/otlp.pem    # whose certificates to trust; absent: those that the system trusts
//! sources:
//!   - { use: owntracks, topics: owntracks/+/+, role: guest }         # or rules of one's own: gateway/sources/README.md
//!     # bindkeys: { a4:c1:38:8d:18:b2: { file: keys/hall } }          # of sensors that encrypt: 32 hex digits
//! secret: { file: keys/venue } # 64 hex digits: what ids of devices become pseudonyms under; the nodes' daily keys too
//! dead_letters: whole          # to look for a mistake in a source: with ids of devices and people; `redacted`, or absent: without
//! seed: 7                      # keys the names of offers; keep it. absent: 0
//! reload: watch                # when a file of the config, the venue or the journeys changes; `signal`, or absent: at SIGHUP only
//! drain: 5s                    # how long what is under way may take once it is told to stop; absent: this
//! ```
//!
//! A password or key is written out or, better, elsewhere: `{ file: PATH }`, from here, or `{ env: VARIABLE }`.
//! Before: gateway/cli. Next: config/resolve.rs.

mod broker;
mod console;
mod door;
mod fixed;
mod log;
mod resolve;
mod traces;
mod webhook;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use turnpage_gateway_sources::Declared;
use turnpage_gateway_store::disk;
use turnpage_journeys_document::{Entry, Fields, Node, parse};
use turnpage_journeys_expr::{Diagnostic, Span};

use crate::setup::DRAIN;
use broker::BrokerPlan;
use console::{HttpPlan, TokenPlan};
use door::DoorPlan;
pub use fixed::Fixed;
use traces::TracesPlan;
use webhook::WebhookPlan;

/// What a config file says.
#[derive(Debug)]
pub struct Config {
    /// The venue's directory, from the config's own.
    pub venue: PathBuf,
    /// The journeys' directory, from the config's own.
    pub journeys: PathBuf,
    /// The data directory, from the config's own; `None` for memory.
    pub data: Option<PathBuf>,
    /// Whether to reload when a file changes, too; at SIGHUP in any case.
    pub watch: bool,
    fixed: Fixed,
    log: disk::Options,
    http: Option<HttpPlan>,
    tokens: Vec<TokenPlan>,
    drain: Duration,
    door: Option<DoorPlan>,
    broker: Option<BrokerPlan>,
    webhooks: Vec<WebhookPlan>,
    traces: Option<TracesPlan>,
    nodes: Vec<NodeSecrets>,
    accounts: Vec<AccountSecret>,
    sources: Vec<SourceKeys>,
    /// The venue's, under which ids of devices become pseudonyms.
    secret: Option<Secret>,
    seed: u64,
    whole_letters: bool,
}

/// A source, and the keys of its sensors by address.
#[derive(Debug)]
struct SourceKeys {
    declared: Declared,
    bindkeys: Vec<(String, Span, Secret)>,
}

/// A node's secrets, as the config names them.
#[derive(Clone, Debug)]
struct NodeSecrets {
    name: String,
    span: Span,
    key: Secret,
    password: Option<Secret>,
    certificate: Option<String>,
}

/// An account, as the config names it.
#[derive(Clone, Debug)]
struct AccountSecret {
    user: String,
    span: Span,
    password: Option<Secret>,
    certificate: Option<String>,
    role: AccountRole,
}

/// What an account is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum AccountRole {
    Channel,
    Source,
    Operator,
}

/// A secret: written out, or in a file. It is not shown.
#[derive(Clone)]
struct Secret {
    span: Span,
    place: SecretPlace,
}

#[derive(Clone)]
enum SecretPlace {
    Inline(String),
    File(PathBuf),
    Variable(String),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            SecretPlace::Inline(_) => f.write_str("inline"),
            SecretPlace::File(path) => write!(f, "in `{}`", path.display()),
            SecretPlace::Variable(name) => write!(f, "in ${name}"),
        }
    }
}

/// What `reload` may say, and whether that is to watch files.
const RELOAD: [(&str, bool); 2] = [("watch", true), ("signal", false)];

/// What `dead_letters` may say, and whether that is to keep them whole.
const LETTERS: [(&str, bool); 2] = [("whole", true), ("redacted", false)];

/// Longer than any service manager waits: who wants none of it signals twice.
const DRAIN_MAX: Duration = Duration::from_secs(600);
const HTTP_PORT: u16 = 8080;
const MQTT_PORT: u16 = 1883;

impl Config {
    /// What of it only a start reads.
    #[must_use]
    pub fn fixed(&self) -> Fixed {
        self.fixed.clone()
    }

    /// Reads a config file's text.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(text: &str) -> Result<Self, Vec<Diagnostic>> {
        let root = parse(text)?;
        let mut problems = Vec::new();
        let config = root.fields(&mut problems).and_then(|fields| config(fields, &mut problems));
        match config {
            Some(config) if problems.is_empty() => Ok(Self { fixed: Fixed::of(&root), ..config }),
            _ => Err(problems),
        }
    }
}

fn config(mut fields: Fields<'_>, problems: &mut Vec<Diagnostic>) -> Option<Config> {
    let venue = fields.required("venue", problems).and_then(|node| node.text(problems)).map(PathBuf::from);
    let journeys = fields.optional("journeys", problems).and_then(|node| node.text(problems));
    let journeys = journeys.map(PathBuf::from).or_else(|| venue.clone());
    let data = fields.required("data", problems).and_then(|node| node.text(problems));
    let log = fields.optional("log", problems).and_then(|node| log::options(node, problems));
    let http = match fields.optional("http", problems) {
        Some(node) if node.scalar().is_some_and(|scalar| scalar.text() == "none") => None,
        Some(node) => console::http(node, problems),
        None => Some(HttpPlan::usual()),
    };
    let declared = fields.optional("tokens", problems);
    let tokens = named(declared, problems, console::token);
    let tokens = console::bounded(tokens, declared, problems);
    let broker = fields.optional("broker", problems).and_then(|node| broker::broker(node, problems));
    let door = match fields.optional("door", problems) {
        Some(node) => door::door(node, problems),
        None if fields.contains("broker") => None,
        None => Some(DoorPlan::plain(SocketAddr::from((Ipv4Addr::LOCALHOST, MQTT_PORT)))),
    };
    let nodes = named(fields.optional("nodes", problems), problems, node_secrets);
    let accounts = named(fields.optional("accounts", problems), problems, account);
    let webhooks = named(fields.optional("webhooks", problems), problems, webhook::webhook);
    let traces = fields.optional("traces", problems).and_then(|node| traces::traces(node, problems));
    let sources =
        fields.optional("sources", problems).and_then(|node| node.list(problems)).unwrap_or_default();
    let sources = sources.iter().filter_map(|node| source(node, problems)).collect();
    let watch = fields.optional("reload", problems).and_then(|node| node.word(&RELOAD, problems));
    let whole = fields.optional("dead_letters", problems).and_then(|node| node.word(&LETTERS, problems));
    let drain = fields.optional("drain", problems).and_then(|node| duration(node, DRAIN_MAX, problems));
    let venue_secret = fields.optional("secret", problems).and_then(|node| secret(node, problems));
    let seed = fields.optional("seed", problems).and_then(|node| node.int_in(0..=i64::MAX, problems));
    fields.finish(problems);
    Some(Config {
        venue: venue?,
        journeys: journeys?,
        data: data.filter(|data| *data != "memory").map(PathBuf::from),
        watch: watch.unwrap_or_default(),
        fixed: Fixed::default(),
        log: log.unwrap_or_default(),
        http,
        tokens,
        drain: drain.unwrap_or(DRAIN),
        door,
        broker,
        webhooks,
        traces,
        nodes,
        accounts,
        sources,
        secret: venue_secret,
        seed: seed.map_or(0, i64::unsigned_abs),
        whole_letters: whole.unwrap_or_default(),
    })
}

/// A time above 0 and up to `most`.
fn duration(node: &Node, most: Duration, problems: &mut Vec<Diagnostic>) -> Option<Duration> {
    let duration = Duration::from_millis(u64::try_from(node.duration_ms(problems)?).unwrap_or_default());
    if duration.is_zero() || duration > most {
        let message = format!("expected a time above 0 and at most {}s", most.as_secs());
        problems.push(Diagnostic::error("out-of-range", node.span, message));
        return None;
    }
    Some(duration)
}

fn address(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<SocketAddr> {
    let text = node.text(problems)?;
    let address = text.parse().ok();
    if address.is_none() {
        let problem = Diagnostic::error("bad-address", node.span, format!("`{text}` is not an address"));
        problems.push(problem.with_help("write an IP address and a port, such as `127.0.0.1:8080`"));
    }
    address
}

/// A map from names to maps with known keys.
fn named<T>(
    node: Option<&Node>,
    problems: &mut Vec<Diagnostic>,
    read: impl Fn(&Entry, Fields<'_>, &mut Vec<Diagnostic>) -> Option<T>,
) -> Vec<T> {
    let entries = node.and_then(|node| node.entries(problems)).unwrap_or_default();
    let mut read = |entry: &Entry| {
        let fields = entry.value.fields(problems)?;
        read(entry, fields, problems)
    };
    entries.iter().filter_map(&mut read).collect()
}

fn node_secrets(
    entry: &Entry,
    mut fields: Fields<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Option<NodeSecrets> {
    let key = fields.required("key", problems).and_then(|node| secret(node, problems));
    let password = fields.optional("password", problems).and_then(|node| secret(node, problems));
    let certificate = certificate(&mut fields, problems);
    fields.finish(problems);
    Some(NodeSecrets {
        name: entry.key.text().to_owned(),
        span: entry.key_span,
        key: key?,
        password,
        certificate,
    })
}

fn account(entry: &Entry, mut fields: Fields<'_>, problems: &mut Vec<Diagnostic>) -> Option<AccountSecret> {
    const ROLES: [(&str, AccountRole); 3] = [
        ("channel", AccountRole::Channel),
        ("source", AccountRole::Source),
        ("operator", AccountRole::Operator),
    ];
    let password = fields.optional("password", problems).and_then(|node| secret(node, problems));
    let certificate = certificate(&mut fields, problems);
    let role = fields.required("role", problems).and_then(|node| node.word(&ROLES, problems));
    fields.finish(problems);
    let user = entry.key.text().to_owned();
    Some(AccountSecret { user, span: entry.key_span, password, certificate, role: role? })
}

/// The name that its certificate bears, where that is not its own.
fn certificate(fields: &mut Fields<'_>, problems: &mut Vec<Diagnostic>) -> Option<String> {
    fields.optional("certificate", problems)?.text(problems).map(str::to_owned)
}

fn secret(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Secret> {
    if node.scalar().is_some() {
        let place = SecretPlace::Inline(node.text(problems)?.to_owned());
        return Some(Secret { span: node.span, place });
    }
    let mut fields = node.fields(problems)?;
    let (key, place): (_, fn(&str) -> SecretPlace) = if fields.contains("env") {
        ("env", |name| SecretPlace::Variable(name.to_owned()))
    } else {
        ("file", |path| SecretPlace::File(PathBuf::from(path)))
    };
    let named = fields.required(key, problems).and_then(|node| Some((node.span, node.text(problems)?)));
    fields.finish(problems);
    named.map(|(span, name)| Secret { span, place: place(name) })
}

fn source(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<SourceKeys> {
    let mut fields = node.fields(problems)?;
    let bindkeys = fields.optional("bindkeys", problems).and_then(|node| node.entries(problems));
    let bindkeys = bindkeys.unwrap_or_default().iter().filter_map(|entry| {
        let key = secret(&entry.value, problems)?;
        Some((entry.key.text().to_owned(), entry.key_span, key))
    });
    let bindkeys = bindkeys.collect();
    let declared = Declared::read(&mut fields, problems);
    fields.finish(problems);
    Some(SourceKeys { declared: declared?, bindkeys })
}

#[cfg(test)]
mod tests;
