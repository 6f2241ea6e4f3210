//! Empties one endpoint's queue: so many requests at once, each until it is taken, given up, or not worth it any more.
//!
//! A wait for the receiver holds up this worker's places and nothing else. Before: webhook/queue.rs. Next:
//! webhook/post.rs; then dispatch.rs, which is told what was delivered.

use std::sync::Arc;
use std::time::{Duration, Instant as Began};

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::endpoint::{Endpoint, Target};
use super::post::{Failure, Post};
use super::queue::Job;
use super::{Common, Death, Told, event};
use crate::gateway::{Phase, overdue, reached};
use crate::outward::chance;
use crate::recent::Letter;
use crate::traces::Attempt;

/// Between two looks at what has expired.
const SWEEP: Duration = Duration::from_millis(500);

/// An endpoint's worker.
pub(super) struct Worker {
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) common: Common,
    pub(super) told: mpsc::Sender<Told>,
}

/// An attempt that is over: under which configuration, for what, and how it ended.
type Over = (Arc<Target>, Job, Result<(), Failure>);

impl Worker {
    /// Runs until the gateway drains, the endpoint is gone from the configuration, or dispatch is gone. Then requests under way
    /// come to their end; those that a draining gateway cuts off come again after the start, because nobody was told of them.
    pub(super) async fn run(self) {
        let mut phase = self.common.phases.clone();
        let mut under_way = FuturesUnordered::new();
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            // Looked at before what was let go of, which is there by then.
            let removed = self.endpoint.state().removed;
            self.let_go();
            if removed {
                break;
            }
            self.expire();
            let concurrency = self.endpoint.target().setup.concurrency;
            while under_way.len() < concurrency {
                let Some(job) = self.next() else { break };
                under_way.push(self.attempt(job));
            }
            // With every place taken, nothing can become due.
            let due = self.endpoint.state().queue.due();
            let due = due.filter(|_| under_way.len() < concurrency);
            let told = tokio::select! {
                Some(over) = under_way.next() => self.done(over),
                () = self.endpoint.wake.notified() => None,
                () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => None,
                _ = sweep.tick() => None,
                draining = reached(&mut phase, Phase::Draining) => match draining {
                    true => break,
                    false => return,
                },
            };
            let room = self.endpoint.state().queue.has_room_again();
            let room = room.then_some(Told::Room(self.endpoint.place));
            for told in told.into_iter().chain(room) {
                if self.told.send(told).await.is_err() {
                    return;
                }
            }
        }
        let last = async {
            while let Some(over) = under_way.next().await {
                if let Some(told) = self.done(over) {
                    // Dispatch is there to the end.
                    let _ = self.told.send(told).await;
                }
            }
        };
        tokio::select! {
            () = last => {}
            () = overdue(phase, self.common.patience) => {
                let name = &self.endpoint.name;
                tracing::warn!(webhook = name, "requests under way are cut off: a start brings again what nobody had");
            }
        }
    }

    fn next(&self) -> Option<Job> {
        let job = self.endpoint.state().queue.next(Instant::now())?;
        self.endpoint.count(|counted| counted.retried += u64::from(job.failures > 0));
        Some(job)
    }

    async fn attempt(&self, job: Job) -> Over {
        let target = self.endpoint.target();
        let setup = &target.setup;
        let (offer, began) = (job.offer.id, Began::now());
        let at = self.common.traces.as_ref().map(|traces| traces.attempt(offer, &setup.name));
        let post =
            Post { id: &offer.to_string(), body: self.body(&job), traceparent: at.map(|at| at.to_string()) };
        // An answer after the offer's end could not be counted any more.
        let timeout = setup.retry.timeout.min(self.common.clock.until(job.offer.valid_until));
        let result = target.client.post(setup, post, timeout).await;
        if let Some((traces, at)) = self.common.traces.as_ref().zip(at) {
            let failure = result.as_ref().err().map(|failure| failure.of.as_str());
            let nth = job.failures.saturating_add(1);
            traces.posted(&Attempt { offer, webhook: &setup.name, nth, began, at, failure });
        }
        (target, job, result)
    }

    fn done(&self, (target, mut job, result): Over) -> Option<Told> {
        let failure = match result {
            Ok(()) => {
                self.endpoint.count(|counted| counted.sent += 1);
                self.endpoint.state().distrust = None;
                // It stays under way until dispatch knows, so that nobody hands it over again meanwhile.
                return Some(Told::Delivered(self.endpoint.place, job.offer.id));
            }
            Err(failure) => failure,
        };
        tracing::debug!(webhook = self.endpoint.name, "not delivered: {}", failure.of.as_str());
        job.failures = job.failures.saturating_add(1);
        // An attempt that the offer's own end cut short says nothing of the receiver that is not known.
        let cut_short = failure.of == Death::Timeout && self.common.clock.now() >= job.offer.valid_until;
        job.last = job.last.filter(|_| cut_short).or(Some(failure.of));
        self.endpoint.count(|counted| counted.failed(failure.of));
        let mut state = self.endpoint.state();
        // Told once, and not at every attempt.
        if let Some(why) = failure.distrust
            && state.distrust.as_ref() != Some(&why)
        {
            tracing::warn!(webhook = self.endpoint.name, "the receiver is not trusted: {why}");
            state.distrust = Some(why);
        }
        let wanted = state.queue.finish(job.offer.id);
        if state.removed || !state.target.setup.takes(&job.offer) {
            state.let_go.extend(wanted.then_some(job));
            drop(state);
            self.let_go();
            return None;
        }
        // What the receiver at another URL said of itself is nothing to the one of this.
        let moved = state.target.setup.url != target.setup.url;
        if (failure.of == Death::Gone && !moved) || state.disabled {
            state.disabled = true;
            let waiting = state.queue.clear();
            drop(state);
            tracing::error!(webhook = self.endpoint.name, "the receiver is gone: nothing more is sent to it");
            waiting.into_iter().chain(wanted.then_some(job)).for_each(|job| self.bury(&job, Death::Gone));
            return None;
        }
        let now = Instant::now();
        if let Some(wait) = failure.retry_after.filter(|_| !moved) {
            state.queue.hold(now + wait);
        }
        if wanted {
            let wait = if moved { Duration::ZERO } else { target.setup.retry.wait(job.failures, chance()) };
            state.queue.again(job, now + wait);
        }
        None
    }

    fn expire(&self) {
        let expired = self.endpoint.state().queue.expire(self.common.clock.now());
        for job in expired {
            self.bury(&job, job.last.unwrap_or(Death::Expired));
        }
    }

    /// Gives up what a reload let go of.
    fn let_go(&self) {
        let gone = std::mem::take(&mut self.endpoint.state().let_go);
        gone.iter().for_each(|job| self.bury(job, Death::Removed));
    }

    fn body(&self, job: &Job) -> Bytes {
        let traceparent =
            self.common.traces.as_ref().map(|traces| traces.dispatch_of(job.offer.id).to_string());
        event::body(&self.common.venue, &job.offer, traceparent)
    }

    /// Gives an offer up, in sight of the operator.
    fn bury(&self, job: &Job, of: Death) {
        let name = &self.endpoint.name;
        self.endpoint.count(|counted| counted.died(of));
        tracing::warn!(webhook = name, offer = %job.offer.id, attempts = job.failures, "given up: {}", of.as_str());
        self.common.recent.add(Letter {
            at: self.common.clock.now(),
            client: format!("webhook {name}"),
            topic: job.offer.id.to_string(),
            reason: of.as_str(),
            payload: self.body(job).to_vec(),
        });
    }
}
