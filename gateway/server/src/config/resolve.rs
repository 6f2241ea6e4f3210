//! From what a config says to what a gateway is started with: fetches the secrets, and holds names against the venue.
//!
//! All problems at once again, each with its place in the config. Before: config.rs. Next: setup.rs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use turnpage_gateway_core::{Keys, NodeName, Options, Role, Venue};
use turnpage_gateway_sources::{self as sources, Bindkeys};
use turnpage_gateway_store::Memory;
use turnpage_journeys_engine::Library;
use turnpage_journeys_expr::{Diagnostic, Span};

use super::door::DoorPlan;
use super::{AccountRole, Config, NodeSecrets, Secret, SecretPlace, SourceKeys};
use crate::clock::Clock;
use crate::setup::{BrokerSetup, DoorSetup, Login, Pictures, Setup, Storage};
use crate::source::Source;
use crate::trust::Authority;

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
        let certificates = self.door.as_ref().is_some_and(DoorPlan::asks_for_certificates);
        for node in &self.nodes {
            node_secrets(node, base, &venue, &mut keys, &mut problems);
        }
        for account in &self.accounts {
            if venue.nodes.iter().any(|node| node.name.as_str() == account.user) {
                let message = format!("`{}` is the name of a node", account.user);
                problems.push(Diagnostic::error("taken-name", account.span, message));
            }
            if self.door.is_some() && account.password.is_none() && !certificates {
                let message = format!("account `{}` has no password", account.user);
                let problem = Diagnostic::error("no-credential", account.span, message);
                problems
                    .push(problem.with_help("without `clients` under `tls`, a password is the only way in"));
            }
        }
        let logins = self.logins(base, certificates, &mut problems);
        let places = self.door.as_ref().map(|door| door.places(base, &mut problems));
        let venue_secret = self.secret.as_ref().and_then(|secret| {
            let bytes = hex(secret, base, "the venue's secret", &mut problems)?;
            Some(sources::Secret::new(bytes))
        });
        let sources = resolve(self.sources, base, &venue, venue_secret.as_ref(), &mut problems);
        let broker = self.broker.as_ref().and_then(|broker| broker.setup(base, &mut problems));
        let webhooks =
            self.webhooks.iter().filter_map(|plan| plan.setup(base, &venue, &mut problems)).collect();
        let console = self.http.as_ref().map(|http| http.setup(&self.tokens, base, &mut problems));
        let traces = self.traces.as_ref().and_then(|traces| traces.setup(base, &mut problems));
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Setup {
            venue,
            library,
            edition: None,
            pictures: Pictures::default(),
            keys,
            options: Options { seed: self.seed, whole_letters: self.whole_letters, ..Options::default() },
            storage: self.data.map_or_else(
                || Storage::Memory(Memory::new()),
                |data| Storage::Disk { dir: base.join(data), options: self.log },
            ),
            clock: Clock::System,
            broker: broker.map(|broker| BrokerSetup { logins: logins.clone(), ..broker }),
            door: self.door.zip(places).map(|(door, places)| DoorSetup {
                places,
                limits: door.limits(),
                logins,
            }),
            webhooks,
            traces,
            sources,
            http: self.http.map(|http| http.listen),
            console: console.unwrap_or_default(),
            drain: self.drain,
        })
    }

    /// Who comes in at the door. Each has a certificate's name where the door asks for certificates: the one it is
    /// given, or its own.
    fn logins(&self, base: &Path, certificates: bool, problems: &mut Vec<Diagnostic>) -> Vec<Login> {
        let mut logins: Vec<Login> = Vec::new();
        let mut add = |user: &str, password: &Option<Secret>, certificate: &Option<String>, span, role| {
            let password = password.as_ref().and_then(|password| fetch(password, base, problems));
            let named = || certificate.clone().unwrap_or_else(|| user.to_owned());
            if certificate.is_some() && !certificates {
                let message = format!("nobody vouches for the certificate of `{user}`");
                let problem = Diagnostic::error("no-authority", span, message);
                problems.push(problem.with_help("name the authority that signs it as `clients` under `tls`"));
            }
            let certificate = certificates.then(named);
            let taken = logins.iter().find(|login| certificate.is_some() && login.certificate == certificate);
            if let (Some(taken), Some(name)) = (taken, &certificate) {
                let message =
                    format!("a certificate of `{name}` would be both `{}` and `{user}`", taken.user);
                problems.push(Diagnostic::error("taken-certificate", span, message));
            }
            logins.push(Login { user: user.to_owned(), password, certificate, role });
        };
        for node in &self.nodes {
            // What is no name is no node of the venue, and told as such.
            let Some(name) = NodeName::new(&node.name) else { continue };
            add(&node.name, &node.password, &node.certificate, node.span, Role::Node(name));
        }
        for account in &self.accounts {
            let role = match account.role {
                AccountRole::Channel => Role::Channel,
                AccountRole::Source => Role::Source,
                AccountRole::Operator => Role::Trusted,
            };
            add(&account.user, &account.password, &account.certificate, account.span, role);
        }
        logins
    }
}

fn node_secrets(
    node: &NodeSecrets,
    base: &Path,
    venue: &Venue,
    keys: &mut Keys,
    problems: &mut Vec<Diagnostic>,
) {
    let known = venue.nodes.iter().find(|known| known.name.as_str() == node.name);
    if known.is_none() {
        let message = format!("the venue has no node `{}`", node.name);
        let names = venue.nodes.iter().map(|known| known.name.as_str());
        problems.push(Diagnostic::error("unknown-node", node.span, message).suggesting(&node.name, names));
    }
    let what = format!("the key of node `{}`", node.name);
    let key = hex(&node.key, base, &what, problems);
    if let (Some(known), Some(key)) = (known, key) {
        keys.0.insert(known.id, key);
    }
}

/// Whose certificates another system's has to be signed by: those of the file that is named, or whom the system trusts where
/// none is. Nothing when it cannot be read.
pub(super) fn authority(
    file: Option<&(PathBuf, Span)>,
    base: &Path,
    problems: &mut Vec<Diagnostic>,
) -> Option<Option<Authority>> {
    let Some((path, span)) = file else { return Some(None) };
    match Authority::read(&base.join(path)) {
        Ok(authority) => Some(Some(authority)),
        Err(why) => {
            problems.push(Diagnostic::error("bad-certificate", *span, why));
            None
        }
    }
}

/// The secret itself. A file's last line break belongs to the editor, not to the secret.
pub(super) fn fetch(secret: &Secret, base: &Path, problems: &mut Vec<Diagnostic>) -> Option<String> {
    let path = match &secret.place {
        SecretPlace::Inline(text) => return Some(text.clone()),
        SecretPlace::File(path) => base.join(path),
        SecretPlace::Variable(name) => {
            let value = std::env::var(name).ok();
            if value.is_none() {
                let message = format!("there is no variable `{name}` in the environment");
                problems.push(Diagnostic::error("unreadable-secret", secret.span, message));
            }
            return value;
        }
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

/// The bytes of a secret that is written in hexadecimal.
fn hex<const N: usize>(
    secret: &Secret,
    base: &Path,
    what: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<[u8; N]> {
    let hex = fetch(secret, base, problems)?;
    let bytes = bytes(&hex);
    if bytes.is_none() {
        let message = format!("{what} is not {} hexadecimal digits", 2 * N);
        problems.push(Diagnostic::error("bad-key", secret.span, message));
    }
    bytes
}

pub(super) fn bytes<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let digits = hex.len() == 2 * N && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut bytes = [0; N];
    for (byte, index) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = digits.then(|| u8::from_str_radix(hex.get(index..index + 2)?, 16).ok())??;
    }
    Some(bytes)
}

/// The sources in their venue. Of two that want the same topics the first in the list has them.
fn resolve(
    sources: Vec<SourceKeys>,
    base: &Path,
    venue: &Venue,
    secret: Option<&sources::Secret>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Arc<Source>> {
    let venue = Arc::new(venue.clone());
    let mut names = BTreeSet::new();
    let mut resolved = Vec::new();
    for SourceKeys { declared, bindkeys } in sources {
        if !names.insert(declared.name().to_owned()) {
            let message = format!("source `{}` is there twice", declared.name());
            let problem = Diagnostic::error("duplicate", declared.span(), message);
            problems.push(problem.with_help("give each a `name` of its own"));
        }
        let mut keys = Bindkeys::default();
        for (address, span, key) in &bindkeys {
            let what = format!("the key of sensor `{address}`");
            let Some(key) = hex(key, base, &what, problems) else { continue };
            if !keys.insert(address, key) {
                let message = format!("`{address}` is not a Bluetooth address");
                let problem = Diagnostic::error("bad-address", *span, message);
                problems.push(problem.with_help("six bytes in hexadecimal, such as `a4:c1:38:8d:18:b2`"));
            }
        }
        match declared.resolve(&venue, secret, keys) {
            Ok(source) => resolved.push(Arc::new(source)),
            Err(found) => problems.extend(found),
        }
    }
    resolved
}
