//! The venue's own broker, as a config names it.
//!
//! Before: config.rs. Next: broker.rs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use turnpage_journeys_document::Node;
use turnpage_journeys_expr::{Diagnostic, Span};

use super::resolve::fetch;
use super::{MQTT_PORT, Secret, secret};
use crate::BrokerSetup;
use crate::certificates::end_of_file;
use crate::trust::{Authority, Identity};

/// The port of MQTT under TLS.
const MQTTS_PORT: u16 = 8883;

/// A broker.
#[derive(Clone, Debug)]
pub(super) struct BrokerPlan {
    host: String,
    pub(super) port: u16,
    pub(super) client: String,
    login: Option<(String, Secret)>,
    tls: Option<TlsPlan>,
}

/// TLS towards it.
#[derive(Clone, Debug)]
struct TlsPlan {
    span: Span,
    /// Whose certificates to trust; absent: those that the system trusts.
    authority: Option<PathBuf>,
    /// The gateway's own certificate and its key.
    identity: Option<(PathBuf, PathBuf)>,
}

pub(super) fn broker(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<BrokerPlan> {
    let mut fields = node.fields(problems)?;
    let host = fields.required("host", problems).and_then(|node| node.text(problems)).map(str::to_owned);
    let port = fields.optional("port", problems).and_then(|node| node.int_in(1..=65_535, problems));
    let client = fields.optional("client", problems).and_then(|node| node.text(problems));
    let user = fields.optional("user", problems).and_then(|node| node.text(problems));
    let password = fields.optional("password", problems).and_then(|node| secret(node, problems));
    let tls = fields.optional("tls", problems).and_then(|node| tls(node, problems));
    if user.is_some() != fields.contains("password") {
        let message = "a user name and a password go together";
        problems.push(Diagnostic::error("half-login", fields.anchor(), message));
    }
    fields.finish(problems);
    let usual = if tls.is_some() { MQTTS_PORT } else { MQTT_PORT };
    Some(BrokerPlan {
        host: host?,
        port: port.and_then(|port| u16::try_from(port).ok()).unwrap_or(usual),
        client: client.unwrap_or("turnpage").to_owned(),
        login: user.map(str::to_owned).zip(password),
        tls,
    })
}

fn tls(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<TlsPlan> {
    let mut fields = node.fields(problems)?;
    let mut path = |name| {
        let text = fields.optional(name, problems).and_then(|node| node.text(problems));
        text.map(PathBuf::from)
    };
    let (authority, certificate, key) = (path("authority"), path("certificate"), path("key"));
    if certificate.is_some() != key.is_some() {
        let message = "a certificate and its key go together";
        problems.push(Diagnostic::error("half-identity", fields.anchor(), message));
    }
    fields.finish(problems);
    Some(TlsPlan { span: node.span, authority, identity: certificate.zip(key) })
}

impl BrokerPlan {
    /// What to connect to, with its secrets; paths are from `base`.
    pub(super) fn setup(&self, base: &Path, problems: &mut Vec<Diagnostic>) -> Option<BrokerSetup> {
        let login = match &self.login {
            Some((user, password)) => Some((user.clone(), fetch(password, base, problems)?)),
            None => None,
        };
        let tls = match &self.tls {
            Some(plan) => {
                let config = plan.config(base);
                let refused = |why| problems.push(Diagnostic::error("bad-certificate", plan.span, why));
                Some(Arc::new(config.map_err(refused).ok()?))
            }
            None => None,
        };
        let identity = self.tls.as_ref().and_then(|plan| plan.identity.as_ref());
        let certificate_until_s = identity.and_then(|(certificate, _)| end_of_file(&base.join(certificate)));
        let Self { host, port, client, .. } = self.clone();
        Some(BrokerSetup { host, port, client, login, tls, logins: Vec::new(), certificate_until_s })
    }
}

impl TlsPlan {
    fn config(&self, base: &Path) -> Result<tokio_rustls::rustls::ClientConfig, String> {
        let authority = match &self.authority {
            Some(path) => Authority::read(&base.join(path))?,
            None => Authority::of_the_system(),
        };
        let identity = match &self.identity {
            Some((certificate, key)) => Some(Identity::read(&base.join(certificate), &base.join(key))?),
            None => None,
        };
        authority.client(identity)
    }
}
