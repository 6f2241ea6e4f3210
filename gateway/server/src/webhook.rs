//! Webhooks: offers and calls for staff, posted to other systems as CloudEvents signed as Standard Webhooks.
//!
//! Each endpoint has a queue and a worker of its own, so one that hangs holds up nobody. What was withdrawn or has
//! expired leaves the queue; what fails is tried again until then. Queues are memory: after a restart dispatch hands over
//! again, under the same id, what nobody had. It decides neither what is offered nor whether that counts as delivered.
//! Before: dispatch.rs. Next: webhook/queue.rs, then webhook/worker.rs; the answer goes back to dispatch.rs.

mod count;
mod event;
mod post;
mod queue;
mod retry;
mod sign;
mod worker;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::Uri;
use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use turnpage_gateway_core::{OfferId, Outgoing, VenueName};

use crate::Error;
use crate::clock::Clock;
use crate::gateway::Phase;
use crate::recent::Recent;
use crate::traces::Traces;
pub use crate::trust::Authority;
pub(crate) use count::{Counted, Death};
use queue::{Put, Queue};
pub use retry::Retry;
pub use sign::Secret;
use worker::Worker;

/// Answers on their way to dispatch: small, because a worker can wait.
const TOLD_MAX: usize = 256;

/// An endpoint and what it takes.
#[derive(Clone, Debug)]
pub struct WebhookSetup {
    /// Its name, in metrics and dead letters.
    pub name: String,
    /// Where to post to: `http` or `https`.
    pub url: Uri,
    /// What to sign with: one, or two while the receiver changes from one to the other.
    pub secrets: Vec<Secret>,
    /// The channels whose offers it takes.
    pub channels: Vec<String>,
    /// The staff roles whose calls it takes.
    pub staff: Vec<String>,
    /// How many requests it gets at once.
    pub concurrency: usize,
    /// Whose certificates to trust; `None` for those that the system trusts.
    pub authority: Option<Authority>,
    /// How long to wait for an answer, and before the next attempt.
    pub retry: Retry,
}

impl WebhookSetup {
    fn takes(&self, offer: &Outgoing) -> bool {
        match offer.staff() {
            Some(role) => self.staff.iter().any(|known| known == role),
            None => self.channels.contains(&offer.channel),
        }
    }
}

/// What an endpoint's worker tells dispatch.
pub(crate) enum Told {
    /// An endpoint has it.
    Delivered(OfferId),
    /// An endpoint that refused offers has room for them again.
    Room(Place),
}

/// Which of the endpoints.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place(usize);

/// All endpoints. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Webhooks(Arc<[Arc<Endpoint>]>);

/// Endpoints that are being served.
pub(crate) struct Started {
    pub(crate) webhooks: Webhooks,
    /// What their workers tell dispatch.
    pub(crate) told: mpsc::Receiver<Told>,
    pub(crate) workers: Vec<JoinHandle<()>>,
}

/// An endpoint, as dispatch and its worker share it.
struct Endpoint {
    setup: WebhookSetup,
    state: Mutex<State>,
    wake: Notify,
}

#[derive(Default)]
struct State {
    queue: Queue,
    counted: Counted,
    /// The receiver said that it is gone.
    disabled: bool,
}

impl Endpoint {
    /// The lock is held for a look at plain data, never while waiting.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, offer: &Arc<Outgoing>) {
        if !self.setup.takes(offer) {
            return;
        }
        let mut state = self.state();
        if state.disabled {
            state.counted.died(Death::Gone);
            return;
        }
        match state.queue.put(Arc::clone(offer), Instant::now()) {
            Put::Taken => self.wake.notify_one(),
            Put::Known => {}
            Put::Full => state.counted.refused += 1,
        }
    }
}

impl Webhooks {
    /// Starts a worker for each endpoint, until the gateway drains; then requests under way have so long.
    pub(crate) fn start(
        setups: Vec<WebhookSetup>,
        venue: &VenueName,
        clock: Clock,
        recent: &Arc<Recent>,
        traces: Option<&Traces>,
        (phases, patience): (&watch::Receiver<Phase>, Duration),
    ) -> Result<Started, Error> {
        let (tell, told) = mpsc::channel(TOLD_MAX);
        let (mut endpoints, mut workers) = (Vec::new(), Vec::new());
        for setup in setups {
            let client = post::Client::new(&setup)?;
            let endpoint = Arc::new(Endpoint { setup, state: Mutex::default(), wake: Notify::new() });
            let worker = Worker {
                place: Place(endpoints.len()),
                endpoint: Arc::clone(&endpoint),
                client,
                venue: venue.clone(),
                clock: clock.clone(),
                told: tell.clone(),
                recent: Arc::clone(recent),
                traces: traces.cloned(),
                patience,
            };
            endpoints.push(endpoint);
            workers.push(tokio::spawn(worker.run(phases.clone())));
        }
        Ok(Started { webhooks: Self(endpoints.into()), told, workers })
    }

    /// Hands an offer to every endpoint that takes such. Never blocks; an endpoint without room asks again.
    pub(crate) fn take(&self, offer: &Arc<Outgoing>) {
        self.0.iter().for_each(|endpoint| endpoint.take(offer));
    }

    /// Hands an endpoint what it may have refused; what it has already, it keeps once.
    pub(crate) fn again<'a>(&self, place: Place, offers: impl Iterator<Item = &'a Arc<Outgoing>>) {
        let Some(endpoint) = self.0.get(place.0) else { return };
        offers.for_each(|offer| endpoint.take(offer));
    }

    /// Takes back what is not to be delivered any more. What an endpoint is being told right now, it has heard.
    pub(crate) fn remove(&self, id: OfferId) {
        self.0.iter().for_each(|endpoint| endpoint.state().queue.remove(id));
    }

    /// Forgets what waits, because dispatch begins again.
    pub(crate) fn clear(&self) {
        self.0.iter().for_each(|endpoint| drop(endpoint.state().queue.clear()));
    }

    /// Each endpoint's name, what it counted, how many offers it holds, and whether its receiver is gone.
    pub(crate) fn counted(&self) -> Vec<(String, Counted, usize, bool)> {
        let of = |endpoint: &Arc<Endpoint>| {
            let state = endpoint.state();
            (endpoint.setup.name.clone(), state.counted.clone(), state.queue.len(), state.disabled)
        };
        self.0.iter().map(of).collect()
    }
}

/// The bounds that a config may ask for, and what it gets when it asks for nothing.
pub mod limits {
    use super::Duration;

    /// Requests at once to one endpoint: enough to hide a slow answer, few enough for a small receiver.
    pub const CONCURRENCY: usize = 4;
    /// The most of them: beyond, the receiver is to be asked for a faster answer.
    pub const CONCURRENCY_MAX: usize = 64;
    /// How long to wait for an answer: as Standard Webhooks recommends.
    pub const TIMEOUT: Duration = Duration::from_secs(15);
    /// The longest such wait: a request holds one of the endpoint's places all the time.
    pub const TIMEOUT_MAX: Duration = Duration::from_secs(60);
    /// Secrets that a request is signed with: the one in use, and the one that comes or goes.
    pub const SECRETS_MAX: usize = 2;
}
