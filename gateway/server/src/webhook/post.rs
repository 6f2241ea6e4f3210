//! One signed request, and what its answer means.
//!
//! It neither waits nor tries again. Before: webhook/worker.rs. Next: outward.rs, which sends it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderName, USER_AGENT};
use hyper::{Request, StatusCode};

use super::sign::signatures;
use super::{Death, WebhookSetup, event};
use crate::Error;
use crate::outward::{self, AGENT, Answer, Failing};
use crate::traces::TRACEPARENT;

/// An attempt that failed.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) of: Death,
    /// How long the receiver asks to be left alone.
    pub(super) retry_after: Option<Duration>,
    /// What is wrong with the receiver's certificate, where that is why.
    pub(super) distrust: Option<String>,
}

impl From<Death> for Failure {
    fn from(of: Death) -> Self {
        Self { of, retry_after: None, distrust: None }
    }
}

/// What is posted.
pub(super) struct Post<'a> {
    pub(super) id: &'a str,
    pub(super) body: Bytes,
    /// Where it stands in its trace, where traces are told.
    pub(super) traceparent: Option<String>,
}

/// The connections to one endpoint.
pub(super) struct Client(outward::Client);

impl Client {
    pub(super) fn new(setup: &WebhookSetup) -> Result<Self, Error> {
        outward::Client::new(&setup.url, setup.authority.as_ref(), setup.concurrency)
            .map(Self)
            .map_err(|error| Error::Setup(format!("no TLS for webhook `{}`: {error}", setup.name)))
    }

    /// Posts, and gives up after `timeout`.
    pub(super) async fn post(
        &self,
        setup: &WebhookSetup,
        post: Post<'_>,
        timeout: Duration,
    ) -> Result<(), Failure> {
        match self.0.send(request(setup, post)?, timeout).await {
            Ok(answer) => meaning(&answer),
            Err(Failing::Unreachable) => Err(Death::Unreachable.into()),
            Err(Failing::Untrusted(why)) => Err(Failure { distrust: Some(why), ..Death::Untrusted.into() }),
            Err(Failing::Broken) => Err(Death::Broken.into()),
            Err(Failing::Timeout) => Err(Death::Timeout.into()),
        }
    }
}

fn request(setup: &WebhookSetup, post: Post<'_>) -> Result<Request<Full<Bytes>>, Failure> {
    let Post { id, body, traceparent } = post;
    // The machine's own clock: receivers hold it against theirs.
    let timestamp_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let signatures = signatures(&setup.secrets, id, timestamp_s, &body);
    let mut request = Request::post(setup.url.clone())
        .header(CONTENT_TYPE, event::CONTENT_TYPE)
        .header(USER_AGENT, AGENT)
        .header(HeaderName::from_static("webhook-id"), id)
        .header(HeaderName::from_static("webhook-timestamp"), timestamp_s)
        .header(HeaderName::from_static("webhook-signature"), signatures);
    if let Some(traceparent) = traceparent {
        request = request.header(TRACEPARENT, traceparent);
    }
    // The URL was checked and the rest is plain letters: a bug, told like an answer that is none.
    request.body(Full::new(body)).map_err(|_| Death::Broken.into())
}

fn meaning(answer: &Answer) -> Result<(), Failure> {
    let of = match answer.status {
        StatusCode::GONE => Death::Gone,
        status if status.is_success() => return Ok(()),
        status if status.is_redirection() => Death::Redirected,
        status if status.is_client_error() => Death::Refused,
        _ => Death::Failing,
    };
    Err(Failure { retry_after: answer.retry_after, ..of.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_2xx_is_delivered() {
        let of = |status: u16| {
            let retry_after = Some(Duration::from_secs(7));
            let status = StatusCode::from_u16(status).unwrap();
            meaning(&Answer { status, retry_after, body: Bytes::new() }).map_err(|failure| {
                assert_eq!(failure.retry_after, retry_after);
                failure.of.as_str()
            })
        };
        assert!([200, 202, 204].into_iter().all(|status| of(status).is_ok()));
        let failing = [302, 304, 400, 410, 429, 500, 503, 999].map(|status| of(status).unwrap_err());
        let (redirected, refused, failed) = ("status-3xx", "status-4xx", "status-5xx");
        assert_eq!(failing, [redirected, redirected, refused, "gone", refused, failed, failed, failed]);
    }
}
