//! The console in a config: where it listens, how it is reached, and whose tokens open it.
//!
//! A token's secret never stands in the text: its fingerprint does, or where the secret is. Before: config.rs. Next:
//! [`HttpPlan::setup`], which reads files and variables.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::{NaiveDate, NaiveTime};
use turnpage_journeys_document::{Entry, Fields, Node};
use turnpage_journeys_expr::{Diagnostic, Span};

use super::resolve::{bytes, fetch};
use super::{HTTP_PORT, Secret, SecretPlace, address, secret};
use crate::access::{ASKING, Fingerprint, Role, SECRET_LETTERS_MIN, Token};
use crate::door::{Tls, TlsFile, TlsFiles};
use crate::setup::ConsoleSetup;

/// Tokens that a config may declare: each request is held against all of them.
const TOKENS_MAX: usize = 256;

/// What a config says of the console and the API.
#[derive(Clone, Debug)]
pub(super) struct HttpPlan {
    pub(super) listen: SocketAddr,
    span: Option<Span>,
    tls: Option<TlsPlan>,
}

/// How the console comes to be under TLS.
#[derive(Clone, Debug)]
enum TlsPlan {
    /// Something in front of it sees to that.
    Proxy,
    Own {
        certificate: (PathBuf, Span),
        key: (PathBuf, Span),
    },
}

/// A token, as the config declares it.
#[derive(Clone, Debug)]
pub(super) struct TokenPlan {
    name: String,
    role: Role,
    proof: Proof,
    until: Option<SystemTime>,
}

#[derive(Clone, Debug)]
enum Proof {
    Fingerprint(Fingerprint),
    Secret(Secret),
}

impl HttpPlan {
    pub(super) fn usual() -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, HTTP_PORT));
        Self { listen, span: None, tls: None }
    }

    /// With secrets and certificates read. Where it listens beyond loopback, somebody has to have a token.
    pub(super) fn setup(
        &self,
        tokens: &[TokenPlan],
        base: &Path,
        problems: &mut Vec<Diagnostic>,
    ) -> ConsoleSetup {
        if let Some(span) = self.span
            && !self.listen.ip().is_loopback()
            && tokens.is_empty()
        {
            let message = format!("anybody who reaches `{}` could read the console", self.listen);
            let help = "declare `tokens` (`turnpage token new` makes one), or listen on loopback";
            problems.push(Diagnostic::error("no-tokens", span, message).with_help(help));
        }
        let tls = match &self.tls {
            Some(TlsPlan::Own { certificate, key }) => read_tls(certificate, key, base, problems),
            Some(TlsPlan::Proxy) | None => None,
        };
        ConsoleSetup {
            tls,
            proxied: matches!(self.tls, Some(TlsPlan::Proxy)),
            tokens: tokens.iter().filter_map(|token| token.resolve(base, problems)).collect(),
            asking: ASKING,
        }
    }
}

fn read_tls(
    certificate: &(PathBuf, Span),
    key: &(PathBuf, Span),
    base: &Path,
    problems: &mut Vec<Diagnostic>,
) -> Option<Tls> {
    let files = TlsFiles { certificate: base.join(&certificate.0), key: base.join(&key.0), clients: None };
    let told = |error: crate::door::TlsError| {
        let span = if error.file() == TlsFile::Key { key.1 } else { certificate.1 };
        problems.push(Diagnostic::error("bad-certificate", span, error.to_string()));
    };
    Tls::read(files).map_err(told).ok()
}

impl TokenPlan {
    fn resolve(&self, base: &Path, problems: &mut Vec<Diagnostic>) -> Option<Token> {
        let fingerprint = match &self.proof {
            Proof::Fingerprint(fingerprint) => *fingerprint,
            Proof::Secret(secret) => {
                let text = fetch(secret, base, problems)?;
                if text.len() < SECRET_LETTERS_MIN {
                    let message = format!("the secret of token `{}` can be guessed", self.name);
                    let help = format!(
                        "it has fewer than {SECRET_LETTERS_MIN} letters; `turnpage token new` makes one"
                    );
                    problems.push(Diagnostic::error("weak-secret", secret.span, message).with_help(help));
                    return None;
                }
                Fingerprint::of(&text)
            }
        };
        Some(Token { name: self.name.clone(), role: self.role, fingerprint, until: self.until })
    }
}

/// An address alone, or a map.
pub(super) fn http(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<HttpPlan> {
    if node.scalar().is_some() {
        return Some(HttpPlan { listen: address(node, problems)?, span: Some(node.span), tls: None });
    }
    let mut fields = node.fields(problems)?;
    let listen = fields.required("listen", problems);
    let listen = listen.and_then(|node| Some((address(node, problems)?, node.span)));
    let tls = fields.optional("tls", problems).map(|node| tls(node, problems));
    fields.finish(problems);
    let (listen, span) = listen?;
    Some(HttpPlan { listen, span: Some(span), tls: tls.unwrap_or_default() })
}

fn tls(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<TlsPlan> {
    if node.scalar().is_some() {
        return node.word(&[("proxy", ())], problems).map(|()| TlsPlan::Proxy);
    }
    let mut fields = node.fields(problems)?;
    let mut file = |key| {
        let node: &Node = fields.required(key, problems)?;
        Some((PathBuf::from(node.text(problems)?), node.span))
    };
    let (certificate, key) = (file("certificate"), file("key"));
    fields.finish(problems);
    Some(TlsPlan::Own { certificate: certificate?, key: key? })
}

pub(super) fn token(
    entry: &Entry,
    mut fields: Fields<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Option<TokenPlan> {
    let roles = Role::ALL.map(|role| (role.as_str(), role));
    let role = fields.required("role", problems).and_then(|node| node.word(&roles, problems));
    let until = fields.optional("until", problems).map(|node| day(node, problems));
    let declared = fields.optional("secret", problems).and_then(|node| secret(node, problems));
    let printed = fields.optional("sha256", problems).and_then(|node| fingerprint(node, problems));
    let anchor = fields.anchor();
    let proofs = (fields.contains("secret"), fields.contains("sha256"));
    fields.finish(problems);
    if proofs.0 == proofs.1 {
        let message = format!("token `{}` has to have one of `sha256` and `secret`", entry.key.text());
        let problem = Diagnostic::error("no-proof", anchor, message);
        problems.push(problem.with_help("`turnpage token new` prints a secret once, and its `sha256`"));
    }
    if let Some(Secret { span, place: SecretPlace::Inline(text) }) = &declared {
        let message = "whoever reads this text has the secret";
        let help = format!("write `sha256: {}` instead of it", Fingerprint::of(text));
        problems.push(Diagnostic::error("secret-in-config", *span, message).with_help(help));
    }
    let proof = printed.map(Proof::Fingerprint).or(declared.map(Proof::Secret));
    Some(TokenPlan { name: entry.key.text().to_owned(), role: role?, proof: proof?, until: flat(until)? })
}

fn flat<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    match read {
        Some(None) => None,
        read => Some(read.flatten()),
    }
}

fn fingerprint(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Fingerprint> {
    let read = bytes(node.text(problems)?).map(Fingerprint::from_bytes);
    if read.is_none() {
        let problem = Diagnostic::error("bad-key", node.span, "a SHA-256 has 64 hexadecimal digits");
        problems.push(problem.with_help("`turnpage token new` prints it; of a secret you have: `sha256sum`"));
    }
    read
}

/// The beginning of a day, in UTC.
fn day(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<SystemTime> {
    let text = node.text(problems)?;
    let begins = text.parse::<NaiveDate>().ok().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    if begins.is_none() {
        let problem = Diagnostic::error("bad-date", node.span, format!("`{text}` is not a date"));
        problems.push(problem.with_help("write the first day on which it is no good, such as `2027-01-01`"));
    }
    let seconds = begins.map(|begins| u64::try_from(begins.timestamp()).unwrap_or_default());
    seconds.map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

/// Tokens of a config, not more than there may be.
pub(super) fn bounded(
    tokens: Vec<TokenPlan>,
    node: Option<&Node>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<TokenPlan> {
    if let Some(node) = node.filter(|_| tokens.len() > TOKENS_MAX) {
        let message = format!("there are at most {TOKENS_MAX} tokens");
        problems.push(Diagnostic::error("out-of-range", node.span, message));
    }
    tokens
}
