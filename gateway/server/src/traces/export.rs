//! Sends spans to a collector: OTLP over HTTP, in protobuf, many in a request.
//!
//! The queue is bounded and nobody waits at it. A collector that is slow or away costs spans, each counted with its reason;
//! one that answers with much or with nothing costs a wait of this task. Before: traces.rs. Next: outward.rs, then the collector.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, USER_AGENT};
use hyper::{Request, StatusCode};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message;
use tokio::sync::{mpsc, watch};
use turnpage_gateway_core::VenueName;

use super::TracesSetup;
use super::span::text;
use crate::Error;
use crate::gateway::{Phase, reached};
use crate::outward::{AGENT, Answer, Client, chance};

/// Spans that wait: some hundred offers' in a few megabytes, as much as a collector's restart takes.
const QUEUED_MAX: usize = 4_096;
/// Spans in a request: as many as OpenTelemetry's own exporters send.
const BATCH_MAX: usize = 512;
/// Attempts at one request: with the waits between, half a minute. Later spans are worth as much as earlier ones.
const ATTEMPTS_MAX: u32 = 5;
/// How long the last request may take when the gateway stops.
const GOODBYE: Duration = Duration::from_secs(1);

/// Why a span was not told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Loss {
    /// The collector is slow, or there are too many.
    QueueFull,
    /// No answer, or one that asked to come back, time and again.
    Unreachable,
    /// The collector refused the request that it was in.
    Refused,
    /// The collector took its request and not all of its spans.
    Rejected,
}

impl Loss {
    pub(crate) const ALL: [Self; 4] = [Self::QueueFull, Self::Unreachable, Self::Refused, Self::Rejected];

    /// Its name in metrics.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue-full",
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Rejected => "rejected",
        }
    }
}

/// What has become of spans since the start.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) waiting: u64,
    pub(crate) sent: u64,
    pub(crate) dropped: [u64; Loss::ALL.len()],
}

#[derive(Default)]
struct Tally {
    sent: AtomicU64,
    dropped: [AtomicU64; Loss::ALL.len()],
}

impl Tally {
    fn dropped(&self, why: Loss, spans: u64) {
        let place = Loss::ALL.iter().position(|known| *known == why);
        if let Some(counter) = place.and_then(|place| self.dropped.get(place)) {
            counter.fetch_add(spans, Ordering::Relaxed);
        }
    }
}

/// Where spans are put. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Outbox {
    queue: mpsc::Sender<Span>,
    tally: Arc<Tally>,
}

impl Outbox {
    /// Puts spans in. Never waits.
    pub(super) fn put(&self, spans: Vec<Span>) {
        for span in spans {
            if self.queue.try_send(span).is_err() {
                self.tally.dropped(Loss::QueueFull, 1);
            }
        }
    }

    pub(super) fn counts(&self) -> Counts {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            waiting: (self.queue.max_capacity() - self.queue.capacity()) as u64,
            sent: load(&self.tally.sent),
            dropped: std::array::from_fn(|place| self.tally.dropped.get(place).map_or(0, load)),
        }
    }
}

/// The sender.
pub(super) struct Exporter {
    setup: TracesSetup,
    resource: Resource,
    client: Client,
    queue: mpsc::Receiver<Span>,
    tally: Arc<Tally>,
    /// The last request did not arrive.
    troubled: bool,
}

/// What becomes of a request's spans.
#[derive(Debug, PartialEq, Eq)]
enum Meaning {
    /// Taken, but for so many.
    Taken(u64),
    Refused,
    /// To be sent again, after this at the earliest.
    Again(Option<Duration>),
}

impl Exporter {
    pub(super) fn new(setup: TracesSetup, venue: &VenueName) -> Result<(Self, Outbox), Error> {
        let client = Client::new(&setup.endpoint, setup.authority.as_ref(), 1)
            .map_err(|error| Error::Setup(format!("no TLS for traces: {error}")))?;
        let attributes = vec![
            text("service.name", &setup.service),
            text("service.version", env!("CARGO_PKG_VERSION")),
            text("turnpage.venue", venue.as_str()),
        ];
        let resource = Resource { attributes, ..Resource::default() };
        let (put, queue) = mpsc::channel(QUEUED_MAX);
        let tally = Arc::<Tally>::default();
        let outbox = Outbox { queue: put, tally: Arc::clone(&tally) };
        Ok((Self { setup, resource, client, queue, tally, troubled: false }, outbox))
    }

    /// Runs until the gateway is over or nobody puts anything in any more; then it sends what is there, once.
    pub(super) async fn run(mut self, mut phase: watch::Receiver<Phase>) {
        let mut batch = Vec::new();
        while let Some(first) = tokio::select! {
            first = self.queue.recv() => first,
            _ = reached(&mut phase, Phase::Over) => None,
        } {
            batch.push(first);
            tokio::select! {
                () = fill(&mut self.queue, &mut batch, self.setup.linger) => {}
                _ = reached(&mut phase, Phase::Over) => {}
            }
            let spans = batch.len() as u64;
            let sent = tokio::select! {
                sent = self.tell(&batch) => sent,
                _ = reached(&mut phase, Phase::Over) => break,
            };
            self.count(sent, spans);
            batch.clear();
        }
        while batch.len() < QUEUED_MAX
            && let Ok(span) = self.queue.try_recv()
        {
            batch.push(span);
        }
        if !batch.is_empty() {
            let sent = self.client.send(self.request(&batch), GOODBYE).await;
            let taken = matches!(sent.map(|answer| meaning(&answer)), Ok(Meaning::Taken(_)));
            self.count(if taken { Ok(0) } else { Err(Loss::Unreachable) }, batch.len() as u64);
        }
    }

    /// Sends until it is taken, refused, or not worth it any more; how many of the spans were rejected.
    async fn tell(&mut self, batch: &[Span]) -> Result<u64, Loss> {
        for attempt in 1..=ATTEMPTS_MAX {
            let answer = self.client.send(self.request(batch), self.setup.retry.timeout).await;
            let (asked, why) = match answer.as_ref().map(meaning) {
                Ok(Meaning::Taken(rejected)) => {
                    self.trouble(None);
                    return Ok(rejected);
                }
                Ok(Meaning::Refused) => {
                    self.trouble(answer.ok().map(|answer| answer.status.to_string()));
                    return Err(Loss::Refused);
                }
                Ok(Meaning::Again(asked)) => (asked, answer.map(|it| it.status.to_string()).ok()),
                Err(why) => (None, Some(format!("{why:?}").to_lowercase())),
            };
            self.trouble(why);
            if attempt < ATTEMPTS_MAX {
                let wait = self.setup.retry.wait(attempt, chance());
                // A collector may put us off, but not for as long as it likes: what waits behind is lost meanwhile.
                tokio::time::sleep(asked.map_or(wait, |asked| asked.clamp(wait, self.setup.retry.last)))
                    .await;
            }
        }
        Err(Loss::Unreachable)
    }

    /// Says in the log when spans no longer arrive, and when they do again.
    fn trouble(&mut self, why: Option<String>) {
        match &why {
            Some(why) if !self.troubled => tracing::warn!("traces do not reach their collector: {why}"),
            None if self.troubled => tracing::info!("traces reach their collector again"),
            _ => {}
        }
        self.troubled = why.is_some();
    }

    fn count(&self, sent: Result<u64, Loss>, spans: u64) {
        match sent {
            Ok(rejected) => {
                let rejected = rejected.min(spans);
                self.tally.sent.fetch_add(spans - rejected, Ordering::Relaxed);
                self.tally.dropped(Loss::Rejected, rejected);
            }
            Err(why) => self.tally.dropped(why, spans),
        }
    }

    fn request(&self, batch: &[Span]) -> Request<Full<Bytes>> {
        let scope = InstrumentationScope { name: "turnpage".to_owned(), ..InstrumentationScope::default() };
        let spans = ScopeSpans { scope: Some(scope), spans: batch.to_vec(), ..ScopeSpans::default() };
        let told = ResourceSpans {
            resource: Some(self.resource.clone()),
            scope_spans: vec![spans],
            ..ResourceSpans::default()
        };
        let body = ExportTraceServiceRequest { resource_spans: vec![told] }.encode_to_vec();
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = hyper::Method::POST;
        *request.uri_mut() = self.setup.endpoint.clone();
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static("application/x-protobuf"));
        headers.insert(USER_AGENT, hyper::header::HeaderValue::from_static(AGENT));
        headers.extend(self.setup.headers.iter().cloned());
        request
    }
}

/// Takes more into a batch until it is full or the wait is over.
async fn fill(queue: &mut mpsc::Receiver<Span>, batch: &mut Vec<Span>, linger: Duration) {
    let deadline = tokio::time::Instant::now() + linger;
    while batch.len() < BATCH_MAX {
        let room = BATCH_MAX - batch.len();
        match tokio::time::timeout_at(deadline, queue.recv_many(batch, room)).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// OTLP over HTTP, "Failures": what is to be sent again, and that a success may be a partial one.
fn meaning(answer: &Answer) -> Meaning {
    match answer.status {
        status if status.is_success() => {
            let said = ExportTraceServiceResponse::decode(answer.body.clone()).unwrap_or_default();
            let rejected = said.partial_success.map_or(0, |partial| partial.rejected_spans);
            Meaning::Taken(u64::try_from(rejected).unwrap_or(0))
        }
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Meaning::Again(answer.retry_after),
        _ => Meaning::Refused,
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTracePartialSuccess;

    use super::*;

    #[test]
    fn an_answer_means_what_otlp_says() {
        let of = |status: u16, body: Vec<u8>| {
            let status = StatusCode::from_u16(status).unwrap();
            meaning(&Answer { status, retry_after: None, body: body.into() })
        };
        let said = |rejected_spans| {
            let partial = ExportTracePartialSuccess { rejected_spans, error_message: String::new() };
            ExportTraceServiceResponse { partial_success: Some(partial) }.encode_to_vec()
        };
        assert_eq!(of(200, Vec::new()), Meaning::Taken(0));
        assert_eq!(of(200, said(3)), Meaning::Taken(3));
        assert_eq!(of(200, said(-3)), Meaning::Taken(0));
        assert_eq!(of(200, b"no protobuf".to_vec()), Meaning::Taken(0));
        assert!([429, 502, 503, 504].iter().all(|it| of(*it, Vec::new()) == Meaning::Again(None)));
        assert!([301, 400, 401, 404, 413, 500].iter().all(|it| of(*it, Vec::new()) == Meaning::Refused));
    }

    #[test]
    fn what_finds_no_room_is_dropped_and_counted() {
        let setup = TracesSetup::new("http://localhost:4318/v1/traces".parse().unwrap());
        let (exporter, outbox) = Exporter::new(setup, &VenueName::new("park").unwrap()).unwrap();
        outbox.put(vec![Span::default(); QUEUED_MAX + 2]);
        let Counts { waiting, sent, dropped } = outbox.counts();
        assert_eq!((waiting, sent, dropped), (QUEUED_MAX as u64, 0, [2, 0, 0, 0]));
        drop(exporter);
    }
}
