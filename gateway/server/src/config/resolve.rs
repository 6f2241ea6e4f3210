//! From what a config says to what a gateway is started with: fetches the secrets, and holds names against the venue.
//!
//! All problems at once again, each with its place in the config. Before: config.rs. Next: setup.rs.

use std::fs;
use std::path::Path;

use turnpage_gateway_core::{Keys, NodeName, Options, Role, Venue};
use turnpage_gateway_store::{Memory, disk};
use turnpage_journeys_engine::Library;
use turnpage_journeys_expr::Diagnostic;

use super::{AccountRole, Config, NodeSecrets, Secret, SecretPlace};
use crate::clock::Clock;
use crate::door::Limits;
use crate::setup::{BrokerSetup, DoorSetup, Login, Setup, Storage};
use crate::source::Mapping;

/// Largest file that a secret is read from, in bytes: far more than any password has.
const SECRET_BYTES_MAX: u64 = 4096;

impl Config {
    /// What to start. Paths are taken from `base`, the config's own directory. The library must be compiled against
    /// the venue's schema.
    ///
    /// # Errors
    /// Secrets that cannot be read, keys that are none, and nodes and roles that the venue does not have.
    pub fn setup(self, base: &Path, venue: Venue, library: Library) -> Result<Setup, Vec<Diagnostic>> {
        let mut problems = Vec::new();
        let mut keys = Keys::default();
        let mut logins = Vec::new();
        for node in &self.nodes {
            node_secrets(node, base, &venue, &mut keys, &mut logins, &mut problems);
        }
        for account in &self.accounts {
            if venue.nodes.iter().any(|node| node.name.as_str() == account.user) {
                let message = format!("`{}` is the name of a node", account.user);
                problems.push(Diagnostic::error("taken-name", account.span, message));
            }
            let role = match account.role {
                AccountRole::Channel => Role::Channel,
                AccountRole::Source => Role::Source,
                AccountRole::Operator => Role::Trusted,
            };
            if let Some(password) = fetch(&account.password, base, &mut problems) {
                logins.push(Login { user: account.user.clone(), password, role });
            }
        }
        for (source, span) in &self.sources {
            let Mapping::OwnTracks { role } = &source.mapping;
            if let Some(role) = role.as_ref().filter(|role| !venue.roles.contains(role)) {
                let message = format!("source `{}`: the venue has no role `{role}`", source.name);
                let problem = Diagnostic::error("unknown-role", *span, message);
                problems.push(problem.suggesting(role, venue.roles.iter().map(String::as_str)));
            }
        }
        let broker = self.broker.as_ref().map(|broker| BrokerSetup {
            host: broker.host.clone(),
            port: broker.port,
            client: broker.client.clone(),
            login: broker.login.as_ref().and_then(|(user, password)| {
                fetch(password, base, &mut problems).map(|password| (user.clone(), password))
            }),
        });
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Setup {
            venue,
            library,
            keys,
            options: Options { seed: self.seed, ..Options::default() },
            storage: self.data.map_or_else(
                || Storage::Memory(Memory::new()),
                |data| Storage::Disk { dir: base.join(data), options: disk::Options::default() },
            ),
            clock: Clock::System,
            door: self.door.map(|(listen, connections)| DoorSetup {
                listen,
                limits: connections
                    .map_or_else(Limits::default, |connections_max| Limits { connections_max }),
                logins,
            }),
            broker,
            sources: self.sources.into_iter().map(|(source, _)| source).collect(),
            http: self.http,
        })
    }
}

fn node_secrets(
    node: &NodeSecrets,
    base: &Path,
    venue: &Venue,
    keys: &mut Keys,
    logins: &mut Vec<Login>,
    problems: &mut Vec<Diagnostic>,
) {
    let known = venue.nodes.iter().find(|known| known.name.as_str() == node.name);
    if known.is_none() {
        let message = format!("the venue has no node `{}`", node.name);
        let names = venue.nodes.iter().map(|known| known.name.as_str());
        problems.push(Diagnostic::error("unknown-node", node.span, message).suggesting(&node.name, names));
    }
    let key = fetch(&node.key, base, problems).and_then(|hex| {
        let key = key(&hex);
        if key.is_none() {
            let message = format!("the key of node `{}` is not 64 hexadecimal digits", node.name);
            problems.push(Diagnostic::error("bad-key", node.key.span, message));
        }
        key
    });
    if let (Some(known), Some(key)) = (known, key) {
        keys.0.insert(known.id, key);
    }
    let password = node.password.as_ref().and_then(|password| fetch(password, base, problems));
    if let (Some(name), Some(password)) = (NodeName::new(&node.name), password) {
        logins.push(Login { user: node.name.clone(), password, role: Role::Node(name) });
    }
}

/// The secret itself. A file's last line break belongs to the editor, not to the secret.
fn fetch(secret: &Secret, base: &Path, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let path = match &secret.place {
        SecretPlace::Inline(text) => return Some(text.clone()),
        SecretPlace::File(path) => base.join(path),
    };
    let text = fs::metadata(&path).and_then(|metadata| {
        if metadata.len() > SECRET_BYTES_MAX {
            return Err(std::io::Error::other("it is too large for a secret"));
        }
        fs::read_to_string(&path)
    });
    match text {
        Ok(text) => Some(text.trim_end_matches(['\r', '\n']).to_owned()),
        Err(error) => {
            let message = format!("cannot read `{}`: {error}", path.display());
            problems.push(Diagnostic::error("unreadable-secret", secret.span, message));
            None
        }
    }
}

/// 32 bytes from 64 hexadecimal digits.
fn key(hex: &str) -> Option<[u8; 32]> {
    let digits = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut key = [0; 32];
    for (byte, index) in key.iter_mut().zip((0..).step_by(2)) {
        *byte = digits.then(|| u8::from_str_radix(hex.get(index..index + 2)?, 16).ok())??;
    }
    Some(key)
}
