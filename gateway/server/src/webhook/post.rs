//! One signed request, and what its answer means.
//!
//! HTTP/1.1 through hyper, TLS through rustls with ring. Redirects are not followed, and of an answer's body no more is
//! read than keeps the connection usable. It neither waits nor tries again. Before: webhook/worker.rs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{CONTENT_TYPE, HeaderName, RETRY_AFTER, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::retry::retry_after;
use super::sign::signatures;
use super::{Death, WebhookSetup, event};
use crate::Error;
use crate::trust::Authority;

/// Bytes of an answer's body that are read: receivers answer with a word. Beyond, the connection is closed.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// Bytes of an answer's head.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// How long it may take to come.
const ANSWER_BODY_MAX: Duration = Duration::from_secs(1);
/// How long an unused connection is kept: shorter than receivers commonly do, who would close it as we write.
const IDLE_MAX: Duration = Duration::from_secs(30);

/// An attempt that failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) of: Death,
    /// How long the receiver asks to be left alone.
    pub(super) retry_after: Option<Duration>,
}

impl From<Death> for Failure {
    fn from(of: Death) -> Self {
        Self { of, retry_after: None }
    }
}

/// The connections to one endpoint.
pub(super) struct Client(legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Client {
    pub(super) fn new(setup: &WebhookSetup) -> Result<Self, Error> {
        let authority = match (&setup.authority, setup.url.scheme_str()) {
            (Some(authority), _) => authority.clone(),
            (None, Some("https")) => Authority::of_the_system(),
            (None, _) => Authority::nobody(),
        };
        let tls = authority
            .client(None)
            .map_err(|error| Error::Setup(format!("no TLS for webhook `{}`: {error}", setup.name)))?;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_MAX)
            .pool_max_idle_per_host(setup.concurrency)
            .http1_max_buf_size(HEAD_BYTES_MAX)
            .build(connector);
        Ok(Self(client))
    }

    /// Posts a body under an id, and gives up after `timeout`.
    pub(super) async fn post(
        &self,
        setup: &WebhookSetup,
        id: &str,
        body: Bytes,
        timeout: Duration,
    ) -> Result<(), Failure> {
        let asked = self.0.request(request(setup, id, body)?);
        let response = match tokio::time::timeout(timeout, asked).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) if error.is_connect() => return Err(Death::Unreachable.into()),
            Ok(Err(_)) => return Err(Death::Broken.into()),
            Err(_) => return Err(Death::Timeout.into()),
        };
        let meant = meaning(&response);
        // The head is the answer. A short body, read to its end, leaves the connection to the next request.
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect();
        let _ = tokio::time::timeout(ANSWER_BODY_MAX.min(timeout), body).await;
        meant
    }
}

fn request(setup: &WebhookSetup, id: &str, body: Bytes) -> Result<Request<Full<Bytes>>, Failure> {
    // The machine's own clock: receivers hold it against theirs.
    let timestamp_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let signatures = signatures(&setup.secrets, id, timestamp_s, &body);
    Request::post(setup.url.clone())
        .header(CONTENT_TYPE, event::CONTENT_TYPE)
        .header(USER_AGENT, concat!("turnpage/", env!("CARGO_PKG_VERSION")))
        .header(HeaderName::from_static("webhook-id"), id)
        .header(HeaderName::from_static("webhook-timestamp"), timestamp_s)
        .header(HeaderName::from_static("webhook-signature"), signatures)
        .body(Full::new(body))
        // The URL was checked and the rest is plain letters: a bug, told like an answer that is none.
        .map_err(|_| Death::Broken.into())
}

fn meaning<B>(response: &Response<B>) -> Result<(), Failure> {
    let status = response.status();
    let of = match status {
        StatusCode::GONE => Death::Gone,
        _ if status.is_success() => return Ok(()),
        _ if status.is_redirection() => Death::Redirected,
        _ if status.is_client_error() => Death::Refused,
        _ => Death::Failing,
    };
    let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    Err(Failure { of, retry_after: asked.and_then(|value| retry_after(value, SystemTime::now())) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_2xx_is_delivered() {
        let of = |status: u16| {
            let response = Response::builder().status(status).header(RETRY_AFTER, "7").body(()).unwrap();
            meaning(&response).map_err(|failure| {
                assert_eq!(failure.retry_after, Some(Duration::from_secs(7)));
                failure.of.as_str()
            })
        };
        assert!([200, 202, 204].into_iter().all(|status| of(status).is_ok()));
        let failing = [302, 304, 400, 410, 429, 500, 503, 999].map(|status| of(status).unwrap_err());
        let (redirected, refused, failed) = ("status-3xx", "status-4xx", "status-5xx");
        assert_eq!(failing, [redirected, redirected, refused, "gone", refused, failed, failed, failed]);
    }
}
