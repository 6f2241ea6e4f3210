//! How the offers of a group came about, noted while it is gathered: who asked, and when each stage began.
//!
//! Where no traces are told it looks at nothing. It notes what may be told and no more: neither subject nor text of an offer is
//! here. Before: shard.rs, around each call of the pipeline. Next: shard/commit.rs, which tells it after the commit.

use std::time::Instant;

use turnpage_gateway_core::{Cause as Logged, OfferId, Origin, Outcome, Outgoing, Pipeline, Role, What};

use super::{Context, Traces};

/// An offer that was made, or an outcome that came in, and the way it came.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) offer: OfferId,
    pub(crate) what: Led,
    pub(crate) cause: Cause,
    /// When the pipeline was called, and when it had answered.
    pub(crate) began: Instant,
    pub(crate) stepped: Instant,
}

/// What a message led to.
#[derive(Debug)]
pub(crate) enum Led {
    Offer(Told),
    Outcome(Outcome),
}

/// What of an offer is told.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) journey: String,
    pub(crate) page: String,
    pub(crate) offer: String,
    pub(crate) channel: String,
}

impl From<&Outgoing> for Told {
    fn from(offer: &Outgoing) -> Self {
        let Outgoing { journey, page, offer, channel, .. } = offer.clone();
        Self { journey, page, offer, channel }
    }
}

/// Why the pipeline was called.
#[derive(Clone, Debug)]
pub(crate) enum Cause {
    /// A message came.
    Message(Came),
    /// A deadline passed.
    Deadline,
    /// Dispatch was done with an offer.
    Settlement,
    /// Other journeys took over.
    Reload,
}

/// How a message came.
#[derive(Clone, Debug)]
pub(crate) struct Came {
    pub(crate) door: &'static str,
    /// What its sender is here.
    pub(crate) role: &'static str,
    /// The node that sent it, and the zone that the node is in.
    pub(crate) node: Option<String>,
    pub(crate) zone: Option<String>,
    pub(crate) received: Instant,
    /// The trace that the sender told us of.
    pub(crate) asked: Option<Context>,
}

/// What is known of a message before it is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Arrival {
    pub(crate) door: &'static str,
    /// `None` where nobody noted it.
    pub(crate) received: Option<Instant>,
    pub(crate) asked: Option<Context>,
}

impl Came {
    pub(crate) fn new(arrival: Arrival, from: &Origin, pipeline: &Pipeline, began: Instant) -> Self {
        let (role, node) = match &from.role {
            Role::Node(name) => ("node", Some(name)),
            Role::Channel => ("channel", None),
            Role::Source => ("source", None),
            Role::Trusted => ("trusted", None),
        };
        let venue = pipeline.venue();
        let mounted = venue.nodes.iter().find(|known| Some(&known.name) == node);
        let zone = mounted.and_then(|node| node.mount.zone()).and_then(|zone| venue.zone(zone));
        let Arrival { door, received, asked } = arrival;
        Self {
            door,
            role,
            node: node.map(ToString::to_string),
            zone: zone.map(|zone| zone.id.to_string()),
            received: received.unwrap_or(began),
            asked,
        }
    }
}

/// The group's ways so far.
pub(crate) struct Ways {
    traces: Option<Traces>,
    ways: Vec<Way>,
}

/// How far the group was before the pipeline was called.
#[derive(Clone, Copy)]
pub(crate) struct Before {
    offers: usize,
    entries: usize,
    began: Instant,
}

impl Ways {
    pub(crate) fn new(traces: Option<Traces>) -> Self {
        Self { traces, ways: Vec::new() }
    }

    /// How far the group is; `None` where no traces are told.
    pub(crate) fn before(&self, pipeline: &Pipeline) -> Option<Before> {
        self.traces.as_ref()?;
        let batch = pipeline.gathered();
        Some(Before { offers: batch.outbox.len(), entries: batch.entries.len(), began: Instant::now() })
    }

    /// Notes what has come since of those offers that are told of.
    pub(crate) fn note(
        &mut self,
        before: Option<Before>,
        pipeline: &Pipeline,
        cause: impl FnOnce(Instant) -> Cause,
    ) {
        let (Some(Before { offers, entries, began }), Some(traces)) = (before, &self.traces) else { return };
        let batch = pipeline.gathered();
        let made = batch.outbox.iter().enumerate().skip(offers);
        let made = made.map(|(at, offer)| (offer.id, Led::Offer(offer.into()), pipeline.was_due(at)));
        let answered = batch.entries.iter().skip(entries).filter_map(|entry| match &entry.cause {
            Logged::Event(event) => match event.what {
                // That it was delivered, whoever delivered it has told.
                What::Outcome { outcome: Outcome::Delivered, .. } => None,
                What::Outcome { offer, outcome, .. } => Some((offer, Led::Outcome(outcome), false)),
                What::Sale { offer, .. } => Some((offer, Led::Outcome(Outcome::Accepted), false)),
                _ => None,
            },
            _ => None,
        });
        let mut led = made.chain(answered).filter(|(offer, ..)| traces.keeps(*offer)).peekable();
        if led.peek().is_none() {
            return;
        }
        let (cause, stepped) = (cause(began), Instant::now());
        self.ways.extend(led.map(|(offer, what, was_due)| {
            let cause = if was_due { Cause::Deadline } else { cause.clone() };
            Way { offer, what, cause, began, stepped }
        }));
    }

    /// All of them, for the committer.
    pub(crate) fn take(&mut self) -> Vec<Way> {
        std::mem::take(&mut self.ways)
    }
}
