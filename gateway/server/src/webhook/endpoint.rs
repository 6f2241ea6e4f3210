//! An endpoint as dispatch, its worker and reloads share it: what the configuration says of it, and what waits for it.
//!
//! Plain data under a lock that is never held while waiting; it sends nothing. Before: webhook.rs. Next: webhook/queue.rs and
//! webhook/worker.rs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;
use turnpage_gateway_core::Outgoing;

use super::post::Client;
use super::queue::{Job, Put, Queue};
use super::{Counted, Death, Place, WebhookSetup};

/// What a configuration says of an endpoint, and the way to it. An attempt keeps that under which it began.
pub(super) struct Target {
    pub(super) setup: WebhookSetup,
    pub(super) client: Client,
}

/// What an endpoint counts. It outlives the endpoint, so that a reload forgets nothing.
pub(super) type Counts = Arc<Mutex<Counted>>;

/// An endpoint.
pub(super) struct Endpoint {
    pub(super) name: String,
    pub(super) place: Place,
    counts: Counts,
    state: Mutex<State>,
    /// Tells the worker to look again.
    pub(super) wake: Notify,
}

pub(super) struct State {
    pub(super) target: Arc<Target>,
    pub(super) queue: Queue,
    /// The receiver said that it is gone.
    pub(super) disabled: bool,
    /// What was wrong with the receiver's certificate at last.
    pub(super) distrust: Option<String>,
    /// The configuration has it no more.
    pub(super) removed: bool,
    /// What waited when the configuration let go of it: for the worker to give up.
    pub(super) let_go: Vec<Job>,
}

impl Endpoint {
    pub(super) fn new(target: Arc<Target>, place: Place, counts: Counts) -> Self {
        let name = target.setup.name.clone();
        let mut queue = Queue::default();
        // One that a reload brings is to have what nobody had.
        queue.ask();
        let state =
            State { target, queue, disabled: false, distrust: None, removed: false, let_go: Vec::new() };
        Self { name, place, counts, state: Mutex::new(state), wake: Notify::new() }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn target(&self) -> Arc<Target> {
        Arc::clone(&self.state().target)
    }

    pub(super) fn count(&self, count: impl FnOnce(&mut Counted)) {
        count(&mut self.counts.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Takes an offer that it is to have. Never blocks.
    pub(super) fn take(&self, offer: &Arc<Outgoing>) {
        let mut state = self.state();
        if !state.target.setup.takes(offer) {
            return;
        }
        if state.disabled {
            return self.count(|counted| counted.died(Death::Gone));
        }
        match state.queue.put(Arc::clone(offer), Instant::now()) {
            Put::Taken => self.wake.notify_one(),
            Put::Known => {}
            Put::Full => self.count(|counted| counted.refused += 1),
        }
    }

    /// Goes on under another configuration, from the next attempt on. What waits is kept, as far as it is still to be had, and
    /// what is to be had now is asked for. At another URL nothing of what the last receiver said holds.
    pub(super) fn change(&self, target: &Arc<Target>) {
        let mut state = self.state();
        let moved = state.target.setup.url != target.setup.url;
        state.target = Arc::clone(target);
        let let_go = state.queue.keep(|offer| target.setup.takes(offer));
        state.let_go.extend(let_go);
        if moved {
            state.disabled = false;
            state.queue.hurry(Instant::now());
        }
        // One that is gone would count what it is handed again.
        if !state.disabled {
            state.queue.ask();
        }
        self.wake.notify_one();
    }

    /// Lets go of what waits, and of its worker once requests under way have come to their end.
    pub(super) fn remove(&self) {
        let mut state = self.state();
        state.removed = true;
        let let_go = state.queue.clear();
        state.let_go.extend(let_go);
        self.wake.notify_one();
    }
}
