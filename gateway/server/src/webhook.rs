//! Webhooks: offers and calls for staff, posted to other systems as CloudEvents signed as Standard Webhooks.
//!
//! Each endpoint has a queue and a worker of its own, so one that hangs holds up nobody. What was withdrawn or has
//! expired leaves the queue; what fails is tried again until then. Queues are memory: after a restart dispatch hands over
//! again, under the same id, what nobody had. A reload changes endpoints as they stand: what waits for one that stays is
//! kept. It decides neither what is offered nor whether that counts as delivered.
//! Before: dispatch.rs. Next: webhook/endpoint.rs, then webhook/worker.rs; the answer goes back to dispatch.rs.

mod count;
mod endpoint;
mod event;
mod post;
mod queue;
mod retry;
mod sign;
mod worker;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::Uri;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use turnpage_gateway_core::{OfferId, Outgoing, VenueName};

use crate::Error;
use crate::clock::Clock;
use crate::gateway::Phase;
use crate::recent::Recent;
use crate::traces::Traces;
pub use crate::trust::Authority;
pub(crate) use count::{Counted, Death};
use endpoint::{Counts, Endpoint, Target};
pub use retry::Retry;
pub use sign::Secret;
use worker::Worker;

/// Answers on their way to dispatch: small, because a worker can wait.
const TOLD_MAX: usize = 256;
/// Names whose counts are kept, of endpoints that there were too: far more than a configuration changes between two starts.
const NAMES_MAX: usize = 1_024;

/// An endpoint and what it takes.
#[derive(Clone, PartialEq, Debug)]
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
    Delivered(Place, OfferId),
    /// An endpoint has room for what it refused, or takes now what it did not before.
    Room(Place),
}

/// Which of the endpoints that there have been.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place(u64);

/// All endpoints. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Webhooks(Arc<All>);

struct All {
    current: Mutex<Current>,
    /// How many endpoints there have been.
    places: AtomicU64,
    common: Common,
    tell: mpsc::Sender<Told>,
}

/// What a reload changes.
#[derive(Default)]
struct Current {
    endpoints: Vec<Arc<Endpoint>>,
    /// Of every endpoint that there has been, by its name.
    counts: BTreeMap<String, Counts>,
    workers: Vec<JoinHandle<()>>,
}

/// What every worker has.
#[derive(Clone)]
pub(crate) struct Common {
    pub(crate) venue: VenueName,
    pub(crate) clock: Clock,
    pub(crate) recent: Arc<Recent>,
    pub(crate) traces: Option<Traces>,
    pub(crate) phases: watch::Receiver<Phase>,
    /// How long requests under way may take when the gateway drains.
    pub(crate) patience: Duration,
}

/// Endpoints as they are to be, with nothing left that could fail.
pub(crate) struct Prepared(Vec<Arc<Target>>);

impl Webhooks {
    /// Starts a worker for each endpoint, until the gateway drains. What workers tell dispatch comes out of the receiver.
    ///
    /// # Errors
    /// When an endpoint cannot be posted to.
    pub(crate) fn start(
        setups: Vec<WebhookSetup>,
        common: Common,
    ) -> Result<(Self, mpsc::Receiver<Told>), Error> {
        let (tell, told) = mpsc::channel(TOLD_MAX);
        let webhooks =
            Self(Arc::new(All { current: Mutex::default(), places: AtomicU64::new(0), common, tell }));
        let prepared = webhooks.prepare(setups)?;
        webhooks.apply(prepared);
        Ok((webhooks, told))
    }

    /// Makes ready what another configuration says.
    ///
    /// # Errors
    /// When an endpoint cannot be posted to; nothing has changed.
    pub(crate) fn prepare(&self, setups: Vec<WebhookSetup>) -> Result<Prepared, Error> {
        let known: Vec<Arc<Target>> =
            self.current().endpoints.iter().map(|endpoint| endpoint.target()).collect();
        let target = |setup: WebhookSetup| match known.iter().find(|known| known.setup == setup) {
            Some(known) => Ok(Arc::clone(known)),
            None => Ok(Arc::new(Target { client: post::Client::new(&setup)?, setup })),
        };
        setups.into_iter().map(target).collect::<Result<_, Error>>().map(Prepared)
    }

    /// Goes on with these endpoints: new ones begin, changed ones change, and what waits for those that are gone is given up.
    pub(crate) fn apply(&self, Prepared(targets): Prepared) {
        let mut current = self.current();
        let mut before = std::mem::take(&mut current.endpoints);
        for target in targets {
            let known = before.iter().position(|endpoint| endpoint.name == target.setup.name);
            let endpoint = match known.map(|place| before.swap_remove(place)) {
                Some(known) => {
                    if !Arc::ptr_eq(&known.target(), &target) {
                        known.change(&target);
                        tracing::info!(webhook = known.name, "goes on under another configuration");
                    }
                    known
                }
                None => self.begin(target, &mut current),
            };
            current.endpoints.push(endpoint);
        }
        for gone in before {
            gone.remove();
            tracing::info!(webhook = gone.name, "is gone from the configuration");
        }
    }

    fn begin(&self, target: Arc<Target>, current: &mut Current) -> Arc<Endpoint> {
        let name = target.setup.name.clone();
        if current.counts.len() >= NAMES_MAX && !current.counts.contains_key(&name) {
            current.counts.pop_first();
        }
        let counts = Arc::clone(current.counts.entry(name).or_default());
        let place = Place(self.0.places.fetch_add(1, Ordering::Relaxed));
        let endpoint = Arc::new(Endpoint::new(target, place, counts));
        let (common, tell) = (self.0.common.clone(), self.0.tell.clone());
        let worker = Worker { endpoint: Arc::clone(&endpoint), common, told: tell };
        current.workers.retain(|worker| !worker.is_finished());
        current.workers.push(tokio::spawn(worker.run()));
        endpoint
    }

    /// The workers, to be waited for.
    pub(crate) fn take_workers(&self) -> Vec<JoinHandle<()>> {
        std::mem::take(&mut self.current().workers)
    }

    /// Hands an offer to every endpoint that takes such. Never blocks; an endpoint without room asks again.
    pub(crate) fn take(&self, offer: &Arc<Outgoing>) {
        self.current().endpoints.iter().for_each(|endpoint| endpoint.take(offer));
    }

    /// Hands an endpoint what it may not have had; what it has already, it keeps once.
    pub(crate) fn again<'a>(&self, place: Place, offers: impl Iterator<Item = &'a Arc<Outgoing>>) {
        let Some(endpoint) = self.at(place) else { return };
        offers.for_each(|offer| endpoint.take(offer));
    }

    /// Forgets what an endpoint has, now that nobody would hand it over again.
    pub(crate) fn delivered(&self, place: Place, id: OfferId) {
        if let Some(endpoint) = self.at(place) {
            endpoint.state().queue.finish(id);
        }
    }

    /// Takes back what is not to be delivered any more. What an endpoint is being told right now, it has heard.
    pub(crate) fn remove(&self, id: OfferId) {
        self.current().endpoints.iter().for_each(|endpoint| endpoint.state().queue.remove(id));
    }

    /// Forgets what waits, because dispatch begins again.
    pub(crate) fn clear(&self) {
        self.current().endpoints.iter().for_each(|endpoint| drop(endpoint.state().queue.clear()));
    }

    /// Each endpoint's name, what it counted, how many offers it holds, and whether its receiver is gone. Those that the
    /// configuration had before are among them, with what they counted.
    pub(crate) fn counted(&self) -> Vec<(String, Counted, usize, bool)> {
        let current = self.current();
        let of = |(name, counts): (&String, &Counts)| {
            let endpoint = current.endpoints.iter().find(|endpoint| endpoint.name == *name);
            let held = endpoint.map(|endpoint| {
                let state = endpoint.state();
                (state.queue.len(), state.disabled)
            });
            let (held, disabled) = held.unwrap_or_default();
            let counted = counts.lock().unwrap_or_else(PoisonError::into_inner).clone();
            (name.clone(), counted, held, disabled)
        };
        current.counts.iter().map(of).collect()
    }

    fn at(&self, place: Place) -> Option<Arc<Endpoint>> {
        self.current().endpoints.iter().find(|endpoint| endpoint.place == place).cloned()
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        self.0.current.lock().unwrap_or_else(PoisonError::into_inner)
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
