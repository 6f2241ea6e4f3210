//! The front door in a config: where it listens, its certificate, how many it lets in.
//!
//! Before: config.rs. Next: [`DoorPlan::places`], which reads the files that are named here.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use turnpage_journeys_document::{Fields, Node};
use turnpage_journeys_expr::{Diagnostic, Span};

use super::address;
use crate::door::{Limits, Places, Tls, TlsFile, TlsFiles};

/// The most connections that a config may ask for: more than a machine has sockets.
const CONNECTIONS_MAX: i64 = 1_000_000;

/// What a config says of the door.
#[derive(Clone, Debug, Default)]
pub(super) struct DoorPlan {
    pub(super) plain: Option<SocketAddr>,
    pub(super) tls: Option<TlsPlan>,
    connections: Option<usize>,
    per_address: Option<usize>,
}

/// TLS, as the config names it. Paths are from the config's own directory.
#[derive(Clone, Debug)]
pub(super) struct TlsPlan {
    pub(super) listen: SocketAddr,
    certificate: (PathBuf, Span),
    key: (PathBuf, Span),
    pub(super) clients: Option<(PathBuf, Span)>,
}

impl DoorPlan {
    /// A door without TLS.
    pub(super) fn plain(addr: SocketAddr) -> Self {
        Self { plain: Some(addr), ..Self::default() }
    }

    pub(super) fn limits(&self) -> Limits {
        let usual = Limits::default();
        let connections_max = self.connections.unwrap_or(usual.connections_max);
        Limits {
            connections_max,
            per_address_max: self.per_address.unwrap_or(usual.per_address_max).min(connections_max),
            ..usual
        }
    }

    /// Whether clients may show certificates.
    pub(super) fn asks_for_certificates(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.clients.is_some())
    }

    /// Where it listens, with certificate and key read.
    pub(super) fn places(&self, base: &Path, problems: &mut Vec<Diagnostic>) -> Places {
        let tls = self.tls.as_ref().and_then(|plan| {
            let files = TlsFiles {
                certificate: base.join(&plan.certificate.0),
                key: base.join(&plan.key.0),
                clients: plan.clients.as_ref().map(|(path, _)| base.join(path)),
            };
            match Tls::read(files) {
                Ok(tls) => Some((plan.listen, tls)),
                Err(error) => {
                    let span = match error.file() {
                        TlsFile::Key => plan.key.1,
                        TlsFile::Clients => {
                            plan.clients.as_ref().map_or(plan.certificate.1, |(_, span)| *span)
                        }
                        TlsFile::Certificate => plan.certificate.1,
                    };
                    problems.push(Diagnostic::error("bad-certificate", span, error.to_string()));
                    None
                }
            }
        });
        Places { plain: self.plain, tls }
    }
}

pub(super) fn door(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<DoorPlan> {
    let mut fields = node.fields(problems)?;
    let plain = fields.optional("listen", problems).map(|node| address(node, problems));
    let tls = fields.optional("tls", problems).map(|node| tls(node, problems));
    let connections = count(&mut fields, "connections", problems);
    let per_address = count(&mut fields, "connections_per_address", problems);
    if plain.is_none() && tls.is_none() {
        let problem = Diagnostic::error("nowhere-to-listen", fields.anchor(), "the door listens nowhere");
        problems
            .push(problem.with_help("`listen` is without encryption, `tls` with it; a door has one or both"));
    }
    fields.finish(problems);
    Some(DoorPlan { plain: flat(plain)?, tls: flat(tls)?, connections, per_address })
}

/// What was left out is fine, what was wrong has been told.
fn flat<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        Some(None) => None,
        read => Some(read.flatten()),
    }
}

fn tls(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<TlsPlan> {
    let mut fields = node.fields(problems)?;
    let listen = fields.required("listen", problems).and_then(|node| address(node, problems));
    let certificate = fields.required("certificate", problems).and_then(|node| file(node, problems));
    let key = fields.required("key", problems).and_then(|node| file(node, problems));
    let clients = fields.optional("clients", problems).and_then(|node| file(node, problems));
    fields.finish(problems);
    Some(TlsPlan { listen: listen?, certificate: certificate?, key: key?, clients })
}

fn file(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<(PathBuf, Span)> {
    Some((PathBuf::from(node.text(problems)?), node.span))
}

fn count(fields: &mut Fields<'_>, key: &'static str, problems: &mut Vec<Diagnostic>) -> Option<usize> {
    let count = fields.optional(key, problems)?.int_in(1..=CONNECTIONS_MAX, problems)?;
    usize::try_from(count).ok()
}
