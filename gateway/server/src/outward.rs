//! Requests to other systems: HTTP/1.1 through hyper, TLS through rustls with ring.
//!
//! Redirects are not followed, and of an answer's body no more is read than a short one has. It neither waits for a better
//! moment nor tries again. Before: webhook/post.rs and traces/export.rs. Next: trust.rs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::RETRY_AFTER;
use hyper::{Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio_rustls::rustls::Error as TlsError;

use crate::trust::Authority;

/// How the gateway calls itself.
pub(crate) const AGENT: &str = concat!("turnpage/", env!("CARGO_PKG_VERSION"));

/// Bytes of an answer's body that are read: receivers answer with a word. Beyond, the connection is closed.
const ANSWER_BYTES_MAX: usize = 16 * 1024;
/// Bytes of an answer's head.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// How long it may take to come.
const ANSWER_BODY_MAX: Duration = Duration::from_secs(1);
/// How long an unused connection is kept: shorter than receivers commonly do, who would close it as we write.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// The longest that a receiver may put us off for: what it says beyond is more likely a mistake than a wish.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);

/// The connections to one receiver.
pub(crate) struct Client(legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

/// What a receiver answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// How long it asks to be left alone.
    pub(crate) retry_after: Option<Duration>,
    /// Empty where it was long or slow.
    pub(crate) body: Bytes,
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Failing {
    /// No connection.
    Unreachable,
    /// No trust in the other side's certificate, for this reason.
    Untrusted(String),
    /// Not in time.
    Timeout,
    /// The connection ended before it, or it was not HTTP.
    Broken,
}

impl Client {
    /// Towards `url`, with so many connections kept while nothing is sent. Without an authority, whom the system trusts.
    pub(crate) fn new(url: &Uri, authority: Option<&Authority>, kept: usize) -> Result<Self, String> {
        let authority = match (authority, url.scheme_str()) {
            (Some(authority), _) => authority.clone(),
            (None, Some("https")) => Authority::of_the_system(),
            (None, _) => Authority::nobody(),
        };
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(authority.client(None)?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_MAX)
            .pool_max_idle_per_host(kept)
            .http1_max_buf_size(HEAD_BYTES_MAX)
            .build(connector);
        Ok(Self(client))
    }

    /// Sends a request, and gives up after `timeout`.
    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
        timeout: Duration,
    ) -> Result<Answer, Failing> {
        let response = match tokio::time::timeout(timeout, self.0.request(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) if error.is_connect() => {
                return Err(distrust(&error).map_or(Failing::Unreachable, Failing::Untrusted));
            }
            Ok(Err(_)) => return Err(Failing::Broken),
            Err(_) => return Err(Failing::Timeout),
        };
        let status = response.status();
        let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = asked.and_then(|value| retry_after(value, SystemTime::now()));
        // The head is the answer. A short body, read to its end, leaves the connection to the next request.
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect();
        let body = tokio::time::timeout(ANSWER_BODY_MAX.min(timeout), body).await;
        let body = body.ok().and_then(Result::ok).map(|body| body.to_bytes()).unwrap_or_default();
        Ok(Answer { status, retry_after, body })
    }
}

/// What is wrong with the other side's certificate, where that is what kept a connection from coming about.
fn distrust(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    if let Some(tls @ TlsError::InvalidCertificate(_)) = error.downcast_ref() {
        return Some(tls.to_string());
    }
    // An error of the handshake travels inside one of the socket, perhaps twice; the source of that is what is inside of both.
    let inside = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    inside.and_then(|inside| distrust(inside)).or_else(|| error.source().and_then(distrust))
}

/// What a `Retry-After` asks for: seconds, or an HTTP date. `None` when it is neither.
fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let wait = match value.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(value).ok()?.duration_since(now).unwrap_or_default(),
    };
    Some(wait.min(RETRY_AFTER_MAX))
}

/// A number in 0..1: not a good one, and no two senders need agree on it.
pub(crate) fn chance() -> f64 {
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
    f64::from(nanos % 1_000) / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date_within_an_hour() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777 - 90);
        for (value, wait) in [
            ("7", Some(7)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(90)),
            ("Sat, 05 Nov 1994 08:49:37 GMT", Some(0)),
            ("99999999", Some(3_600)),
            ("soon", None),
            ("-1", None),
        ] {
            assert_eq!(retry_after(value, now), wait.map(Duration::from_secs), "{value}");
        }
    }
}
