//! Traces: an offer's way from a node's message to whoever got it and what became of it, told over OTLP.
//!
//! ```text
//! event                received -> committed          the root; a link leads to the trace that a sender told us of
//!   wait step gather commit                           door to shard; admit to plan; until the committer is free; the disk
//!   dispatch                                          committed -> handed to sessions and webhooks
//!     deliver post                                    until a session or the broker acknowledged; each attempt of a webhook
//!   outcome                                           seen, accepted, declined: received -> committed, whenever that is
//! ```
//!
//! The corridor is pure, and one call takes a message through it: so nothing is traced inside, and the edges note instants.
//! Spans are made of them after the commit, and only of offers that the sample keeps. What is told is named in traces/span.rs;
//! it holds nobody's pseudonym. Nobody waits here: what finds no room is dropped and counted. Without `traces` in the
//! configuration there is no [`Traces`], and the edges note nothing. Before: shard/commit.rs, dispatch.rs and webhook/worker.rs.
//! Next: traces/context.rs, traces/ways.rs, traces/span.rs, traces/export.rs.

mod context;
mod export;
mod span;
mod ways;

use std::time::{Duration, Instant};

use hyper::Uri;
use hyper::header::{HeaderName, HeaderValue};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use turnpage_gateway_core::{OfferId, VenueName};

use crate::Error;
use crate::gateway::Phase;
use crate::trust::Authority;
use crate::webhook::Retry;
use context::Sample;
pub(crate) use context::{Context, TRACEPARENT};
use export::Exporter;
use export::Outbox;
pub(crate) use export::{Counts, Loss};
pub(crate) use span::Group;
use span::{Wall, failed, number, span, text};
pub(crate) use ways::{Arrival, Came, Cause, Way, Ways};

/// The name of a trace's first span.
const ROOT: &str = "event";

/// Where traces go.
#[derive(Clone, Debug)]
pub struct TracesSetup {
    /// A collector's OTLP over HTTP, such as `http://localhost:4318/v1/traces`.
    pub endpoint: Uri,
    /// `service.name`.
    pub service: String,
    /// The share of all offers that is told of, from 0 to 1.
    pub sample: f64,
    /// What else each request bears, such as a credential.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Whose certificates to trust; `None` for those that the system trusts.
    pub authority: Option<Authority>,
    /// How long spans are gathered before they are sent.
    pub linger: Duration,
    /// How long to wait for an answer, and before the next attempt.
    pub retry: Retry,
}

impl TracesSetup {
    /// `service.name`, where the configuration gives none.
    pub const SERVICE: &str = "turnpage";

    /// All offers, to a collector.
    #[must_use]
    pub fn new(endpoint: Uri) -> Self {
        Self {
            endpoint,
            service: Self::SERVICE.to_owned(),
            sample: 1.0,
            headers: Vec::new(),
            authority: None,
            // Long enough for a request to hold more than one offer, short enough to watch.
            linger: Duration::from_secs(1),
            retry: Retry::default(),
        }
    }
}

/// Tells of offers. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Traces {
    sample: Sample,
    outbox: Outbox,
}

/// A webhook's attempt.
pub(crate) struct Attempt<'a> {
    pub(crate) offer: OfferId,
    pub(crate) webhook: &'a str,
    /// Counted from 1.
    pub(crate) nth: u32,
    pub(crate) began: Instant,
    /// Where it stands in the trace: what its receiver was told.
    pub(crate) at: Context,
    /// Why it failed, if it did.
    pub(crate) failure: Option<&'static str>,
}

impl Traces {
    /// Sends in a task of its own until the gateway is over.
    pub(crate) fn start(
        setup: TracesSetup,
        venue: &VenueName,
        phase: watch::Receiver<Phase>,
    ) -> Result<(Self, JoinHandle<()>), Error> {
        let sample = Sample::new(setup.sample);
        let (exporter, outbox) = Exporter::new(setup, venue)?;
        Ok((Self { sample, outbox }, tokio::spawn(exporter.run(phase))))
    }

    /// Whether an offer is told of.
    pub(crate) fn keeps(&self, offer: OfferId) -> bool {
        self.sample.keeps(offer)
    }

    /// What has become of spans so far.
    pub(crate) fn counts(&self) -> Counts {
        self.outbox.counts()
    }

    /// Where an offer's dispatch stands in its trace: what everybody who gets the offer is told, at any time the same.
    pub(crate) fn dispatch_of(&self, offer: OfferId) -> Context {
        Context::of(offer, "dispatch", 0, self.keeps(offer))
    }

    /// An attempt to post, which begins now.
    pub(crate) fn attempt(&self, offer: OfferId, webhook: &str) -> Context {
        // Attempts of before a restart are counted anew, so that it is the time that tells them apart.
        Context::of(offer, webhook, Wall::now().since_epoch_ns(), self.keeps(offer))
    }

    /// A group is committed, and this is how its offers came about.
    pub(crate) fn committed(&self, ways: Vec<Way>, group: &Group) {
        let wall = Wall::now();
        ways.into_iter().for_each(|way| self.outbox.put(span::of_way(wall, way, group)));
    }

    /// An offer is with the sessions that took it at once, and in the queues of webhooks.
    pub(crate) fn dispatched(&self, offer: OfferId, began: Instant, sessions: usize) {
        if self.keeps(offer) {
            let (at, root) = (self.dispatch_of(offer), root(offer, true));
            let sessions = number("turnpage.sessions", i64::try_from(sessions).unwrap_or(i64::MAX));
            let time = (began, Instant::now());
            let kind = ("dispatch", SpanKind::Producer);
            self.outbox.put(vec![span(Wall::now(), kind, at, Some(root), time, vec![sessions])]);
        }
    }

    /// A session acknowledged an offer, or the broker.
    pub(crate) fn delivered(&self, offer: OfferId, since: Instant) {
        if self.keeps(offer) {
            let (at, parent) = (Context::of(offer, "deliver", 0, true), self.dispatch_of(offer));
            let (time, protocol) = ((since, Instant::now()), text("network.protocol.name", "mqtt"));
            let kind = ("deliver", SpanKind::Client);
            self.outbox.put(vec![span(Wall::now(), kind, at, Some(parent), time, vec![protocol])]);
        }
    }

    /// A webhook answered, or did not.
    pub(crate) fn posted(&self, attempt: &Attempt<'_>) {
        let &Attempt { offer, webhook, nth, began, at, failure } = attempt;
        if at.sampled {
            let (parent, time) = (self.dispatch_of(offer), (began, Instant::now()));
            let attributes = vec![text("turnpage.webhook", webhook), number("turnpage.attempt", nth.into())];
            let post = span(Wall::now(), ("post", SpanKind::Client), at, Some(parent), time, attributes);
            self.outbox.put(vec![match failure {
                Some(why) => failed(post, why),
                None => post,
            }]);
        }
    }
}

/// The first span of an offer's trace.
fn root(offer: OfferId, sampled: bool) -> Context {
    Context::of(offer, ROOT, 0, sampled)
}
