//! Webhooks in a config: where to post, what, and what to sign it with.
//!
//! Before: config.rs. Next: [`WebhookPlan::setup`], which fetches the secrets and holds names against the venue.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hyper::Uri;
use turnpage_gateway_core::Venue;
use turnpage_journeys_document::{Entry, Fields, Node};
use turnpage_journeys_expr::{Diagnostic, Span};

use super::resolve::{authority, fetch};
use super::{Secret, duration, secret};
use crate::webhook::{self, Retry, WebhookSetup, limits};

/// What a config says of an endpoint.
#[derive(Clone, Debug)]
pub(super) struct WebhookPlan {
    name: String,
    url: Uri,
    secrets: Vec<Secret>,
    channels: Vec<(String, Span)>,
    staff: Vec<(String, Span)>,
    concurrency: usize,
    timeout: Duration,
    authority: Option<(PathBuf, Span)>,
}

pub(super) fn webhook(
    entry: &Entry,
    mut fields: Fields<'_>,
    problems: &mut Vec<Diagnostic>,
) -> Option<WebhookPlan> {
    let url = fields.required("url", problems).and_then(|node| url(node, problems));
    let secrets = fields.required("secret", problems).and_then(|node| secrets(node, problems));
    let channels = names(fields.optional("channels", problems), problems);
    let staff = names(fields.optional("staff", problems), problems);
    if !fields.contains("channels") && !fields.contains("staff") {
        let message = format!("webhook `{}` takes nothing", entry.key.text());
        let problem = Diagnostic::error("takes-nothing", entry.key_span, message);
        problems.push(problem.with_help("name the `channels` whose offers it takes, or `staff` roles"));
    }
    let most = i64::try_from(limits::CONCURRENCY_MAX).unwrap_or(i64::MAX);
    let concurrency =
        fields.optional("concurrency", problems).and_then(|node| node.int_in(1..=most, problems));
    let timeout =
        fields.optional("timeout", problems).and_then(|node| duration(node, limits::TIMEOUT_MAX, problems));
    let authority = fields.optional("authority", problems);
    let authority = authority.and_then(|node| Some((PathBuf::from(node.text(problems)?), node.span)));
    fields.finish(problems);
    Some(WebhookPlan {
        name: entry.key.text().to_owned(),
        url: url?,
        secrets: secrets?,
        channels,
        staff,
        concurrency: concurrency.and_then(|it| usize::try_from(it).ok()).unwrap_or(limits::CONCURRENCY),
        timeout: timeout.unwrap_or(limits::TIMEOUT),
        authority,
    })
}

pub(super) fn url(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Uri> {
    let text = node.text(problems)?;
    let url = text.parse().ok().filter(|url: &Uri| {
        let plain = url.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        plain && matches!(url.scheme_str(), Some("http" | "https"))
    });
    if url.is_none() {
        let problem = Diagnostic::error("bad-url", node.span, format!("`{text}` is no place to post to"));
        problems
            .push(problem.with_help("write a URL without a login, such as `https://till.example/offers`"));
    }
    url
}

fn secrets(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Vec<Secret>> {
    if !node.is_list() {
        return secret(node, problems).map(|secret| vec![secret]);
    }
    let nodes = node.list(problems)?;
    if nodes.is_empty() || nodes.len() > limits::SECRETS_MAX {
        let message = "expected one secret, or two while one replaces the other";
        problems.push(Diagnostic::error("bad-secret", node.span, message));
    }
    Some(nodes.iter().filter_map(|node| secret(node, problems)).collect())
}

fn names(node: Option<&Node>, problems: &mut Vec<Diagnostic>) -> Vec<(String, Span)> {
    let nodes = node.and_then(|node| node.list(problems)).unwrap_or_default();
    nodes.iter().filter_map(|node| Some((node.text(problems)?.to_owned(), node.span))).collect()
}

impl WebhookPlan {
    /// What to start, with its secrets; paths are from `base`.
    pub(super) fn setup(
        &self,
        base: &Path,
        venue: &Venue,
        problems: &mut Vec<Diagnostic>,
    ) -> Option<WebhookSetup> {
        let channels = &venue.policy.channels;
        for (name, span) in
            self.channels.iter().filter(|(name, _)| !channels.is_empty() && !channels.contains(name))
        {
            let message = format!("webhook `{}`: the venue has no channel `{name}`", self.name);
            let problem = Diagnostic::error("unknown-channel", *span, message);
            problems.push(problem.suggesting(name, channels.iter().map(String::as_str)));
        }
        for (name, span) in self.staff.iter().filter(|(name, _)| !venue.roles.contains(name)) {
            let message = format!("webhook `{}`: the venue has no role `{name}`", self.name);
            let problem = Diagnostic::error("unknown-role", *span, message);
            problems.push(problem.suggesting(name, venue.roles.iter().map(String::as_str)));
        }
        let secrets: Vec<_> =
            self.secrets.iter().filter_map(|secret| key(&self.name, secret, base, problems)).collect();
        let authority = authority(self.authority.as_ref(), base, problems)?;
        let texts = |names: &[(String, Span)]| names.iter().map(|(name, _)| name.clone()).collect();
        Some(WebhookSetup {
            name: self.name.clone(),
            url: self.url.clone(),
            secrets,
            channels: texts(&self.channels),
            staff: texts(&self.staff),
            concurrency: self.concurrency,
            authority,
            retry: Retry { timeout: self.timeout, ..Retry::default() },
        })
    }
}

fn key(name: &str, secret: &Secret, base: &Path, problems: &mut Vec<Diagnostic>) -> Option<webhook::Secret> {
    let key = webhook::Secret::new(&fetch(secret, base, problems)?);
    if key.is_none() {
        let message = format!("the secret of webhook `{name}` cannot be signed with");
        let problem = Diagnostic::error("bad-secret", secret.span, message);
        problems.push(problem.with_help("write `whsec_` and base64 of 24 to 64 random bytes"));
    }
    key
}
