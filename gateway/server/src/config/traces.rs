//! Traces in a config: which collector is told, of how many offers, and as whom.
//!
//! Before: config.rs. Next: traces.rs.

use std::path::{Path, PathBuf};

use hyper::Uri;
use hyper::header::{HeaderName, HeaderValue};
use hyper::http::uri::PathAndQuery;
use turnpage_journeys_document::Node;
use turnpage_journeys_expr::{Diagnostic, Span};

use super::resolve::{authority, fetch};
use super::webhook::url;
use super::{Secret, secret};
use crate::traces::TracesSetup;

/// Where OTLP over HTTP takes traces, on a server that is named without a path.
const PATH: &str = "/v1/traces";
/// Headers of one's own: a credential, a tenant, and some.
const HEADERS_MAX: usize = 16;

/// What a config says of traces.
#[derive(Clone, Debug)]
pub(super) struct TracesPlan {
    endpoint: Uri,
    service: String,
    sample: f64,
    headers: Vec<(HeaderName, Secret)>,
    authority: Option<(PathBuf, Span)>,
}

pub(super) fn traces(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<TracesPlan> {
    let mut fields = node.fields(problems)?;
    let endpoint = fields.required("endpoint", problems).and_then(|node| url(node, problems));
    let service = fields.optional("service", problems).and_then(|node| node.text(problems));
    let sample = fields.optional("sample", problems).and_then(|node| share(node, problems));
    let headers = fields.optional("headers", problems).and_then(|node| headers(node, problems));
    let authority = fields.optional("authority", problems);
    let authority = authority.and_then(|node| Some((PathBuf::from(node.text(problems)?), node.span)));
    fields.finish(problems);
    Some(TracesPlan {
        endpoint: at_its_path(endpoint?),
        service: service.unwrap_or(TracesSetup::SERVICE).to_owned(),
        sample: sample.unwrap_or(1.0),
        headers: headers.unwrap_or_default(),
        authority,
    })
}

/// The usual place on a collector that is named by its address alone.
fn at_its_path(endpoint: Uri) -> Uri {
    if endpoint.path() != "/" || endpoint.query().is_some() {
        return endpoint;
    }
    let mut parts = endpoint.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::from_static(PATH));
    Uri::from_parts(parts).unwrap_or(endpoint)
}

fn share(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<f64> {
    let share = node.double(problems)?;
    if (0.0..=1.0).contains(&share) {
        return Some(share);
    }
    let problem = Diagnostic::error("out-of-range", node.span, "a share is between 0 and 1");
    problems.push(problem.with_help("`sample: 0.1` tells of every tenth offer"));
    None
}

fn headers(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Vec<(HeaderName, Secret)>> {
    let entries = node.entries(problems)?;
    if entries.len() > HEADERS_MAX {
        let message = format!("there are at most {HEADERS_MAX} headers");
        problems.push(Diagnostic::error("out-of-range", node.span, message));
    }
    let mut read = |entry: &turnpage_journeys_document::Entry| {
        let name = entry.key.text();
        let Ok(header) = name.parse() else {
            let message = format!("`{name}` is no name of a header");
            problems.push(Diagnostic::error("bad-header", entry.key_span, message));
            return None;
        };
        Some((header, secret(&entry.value, problems)?))
    };
    Some(entries.iter().filter_map(&mut read).collect())
}

impl TracesPlan {
    /// What to start, with its secrets; paths are from `base`.
    pub(super) fn setup(&self, base: &Path, problems: &mut Vec<Diagnostic>) -> Option<TracesSetup> {
        let mut headers = Vec::new();
        for (name, secret) in &self.headers {
            let Ok(mut value) = HeaderValue::from_str(&fetch(secret, base, problems)?) else {
                let message = format!("the value of `{name}` cannot stand in a header");
                problems.push(Diagnostic::error("bad-header", secret.span, message));
                continue;
            };
            value.set_sensitive(true);
            headers.push((name.clone(), value));
        }
        let authority = authority(self.authority.as_ref(), base, problems)?;
        let Self { service, sample, .. } = self.clone();
        Some(TracesSetup { service, sample, headers, authority, ..TracesSetup::new(self.endpoint.clone()) })
    }
}
