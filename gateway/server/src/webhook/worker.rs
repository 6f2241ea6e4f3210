//! Empties one endpoint's queue: so many requests at once, each until it is taken, given up, or not worth it any more.
//!
//! A wait for the receiver holds up this worker's places and nothing else. Before: webhook/queue.rs. Next:
//! webhook/post.rs; then dispatch.rs, which is told what was delivered.

use std::sync::Arc;
use std::time::{Duration, Instant as Began};

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use turnpage_gateway_core::VenueName;

use super::post::{Client, Failure, Post};
use super::queue::Job;
use super::{Death, Endpoint, Place, Told, event};
use crate::clock::Clock;
use crate::gateway::{Phase, reached};
use crate::outward::chance;
use crate::recent::{Letter, Recent};
use crate::traces::{Attempt, Traces};

/// Between two looks at what has expired.
const SWEEP: Duration = Duration::from_millis(500);

/// An endpoint's worker.
pub(super) struct Worker {
    pub(super) place: Place,
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) client: Client,
    pub(super) venue: VenueName,
    pub(super) clock: Clock,
    pub(super) told: mpsc::Sender<Told>,
    pub(super) recent: Arc<Recent>,
    pub(super) traces: Option<Traces>,
    /// How long requests under way may take when the gateway drains.
    pub(super) patience: Duration,
}

impl Worker {
    /// Runs until the gateway drains or dispatch is gone. Then requests under way come to their end, within bounds; those that do
    /// not are cut off: nobody was told of them, and they come again after the start.
    pub(super) async fn run(self, mut phase: watch::Receiver<Phase>) {
        let mut under_way = FuturesUnordered::new();
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            self.expire();
            while under_way.len() < self.endpoint.setup.concurrency {
                let Some(job) = self.next() else { break };
                under_way.push(self.attempt(job));
            }
            // With every place taken, nothing can become due.
            let due = self.endpoint.state().queue.due();
            let due = due.filter(|_| under_way.len() < self.endpoint.setup.concurrency);
            let told = tokio::select! {
                Some((job, result)) = under_way.next() => self.done(job, result),
                () = self.endpoint.wake.notified() => None,
                () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => None,
                _ = sweep.tick() => None,
                draining = reached(&mut phase, Phase::Draining) => match draining {
                    true => break,
                    false => return,
                },
            };
            let room = self.endpoint.state().queue.has_room_again().then_some(Told::Room(self.place));
            for told in told.into_iter().chain(room) {
                if self.told.send(told).await.is_err() {
                    return;
                }
            }
        }
        let last = async {
            while let Some((job, result)) = under_way.next().await {
                if let Some(told) = self.done(job, result) {
                    // Dispatch is there to the end.
                    let _ = self.told.send(told).await;
                }
            }
        };
        if tokio::time::timeout(self.patience, last).await.is_err() {
            let name = &self.endpoint.setup.name;
            tracing::warn!(webhook = name, "requests under way are cut off: they come again after the start");
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.endpoint.state();
        let job = state.queue.next(Instant::now())?;
        state.counted.retried += u64::from(job.failures > 0);
        Some(job)
    }

    async fn attempt(&self, job: Job) -> (Job, Result<(), Failure>) {
        let setup = &self.endpoint.setup;
        let (offer, began) = (job.offer.id, Began::now());
        let at = self.traces.as_ref().map(|traces| traces.attempt(offer, &setup.name));
        let post =
            Post { id: &offer.to_string(), body: self.body(&job), traceparent: at.map(|at| at.to_string()) };
        // An answer after the offer's end could not be counted any more.
        let timeout = setup.retry.timeout.min(self.clock.until(job.offer.valid_until));
        let result = self.client.post(setup, post, timeout).await;
        if let Some((traces, at)) = self.traces.as_ref().zip(at) {
            let failure = result.as_ref().err().map(|failure| failure.of.as_str());
            let nth = job.failures.saturating_add(1);
            traces.posted(&Attempt { offer, webhook: &setup.name, nth, began, at, failure });
        }
        (job, result)
    }

    fn done(&self, mut job: Job, result: Result<(), Failure>) -> Option<Told> {
        let mut state = self.endpoint.state();
        let wanted = state.queue.finish(job.offer.id);
        let failure = match result {
            Ok(()) => {
                state.counted.sent += 1;
                return Some(Told::Delivered(job.offer.id));
            }
            Err(failure) => failure,
        };
        tracing::debug!(webhook = self.endpoint.setup.name, "not delivered: {}", failure.of.as_str());
        job.failures = job.failures.saturating_add(1);
        // An attempt that the offer's own end cut short says nothing of the receiver that is not known.
        let cut_short = failure.of == Death::Timeout && self.clock.now() >= job.offer.valid_until;
        job.last = job.last.filter(|_| cut_short).or(Some(failure.of));
        if failure.of == Death::Gone || state.disabled {
            state.disabled = true;
            let waiting = state.queue.clear();
            drop(state);
            tracing::error!(
                webhook = self.endpoint.setup.name,
                "the receiver is gone: nothing more is sent to it"
            );
            waiting.into_iter().chain(wanted.then_some(job)).for_each(|job| self.bury(&job, Death::Gone));
            return None;
        }
        let now = Instant::now();
        if let Some(wait) = failure.retry_after {
            state.queue.hold(now + wait);
        }
        if wanted {
            let wait = self.endpoint.setup.retry.wait(job.failures, chance());
            state.queue.again(job, now + wait);
        }
        None
    }

    fn expire(&self) {
        let expired = self.endpoint.state().queue.expire(self.clock.now());
        for job in expired {
            self.bury(&job, job.last.unwrap_or(Death::Expired));
        }
    }

    fn body(&self, job: &Job) -> Bytes {
        let traceparent = self.traces.as_ref().map(|traces| traces.dispatch_of(job.offer.id).to_string());
        event::body(&self.venue, &job.offer, traceparent)
    }

    /// Gives an offer up, in sight of the operator.
    fn bury(&self, job: &Job, of: Death) {
        let name = &self.endpoint.setup.name;
        self.endpoint.state().counted.died(of);
        tracing::warn!(webhook = name, offer = %job.offer.id, attempts = job.failures, "given up: {}", of.as_str());
        self.recent.add(Letter {
            at: self.clock.now(),
            client: format!("webhook {name}"),
            topic: job.offer.id.to_string(),
            reason: of.as_str(),
            payload: self.body(job).to_vec(),
        });
    }
}
