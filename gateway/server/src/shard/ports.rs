//! The shard's channels: its own ends, and those of everybody else. All of them are bounded.
//!
//! Before: gateway.rs, which hands the ends out. Next: back in shard.rs.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};
use turnpage_gateway_core::{Live, OfferId, Settlement};

use super::{Health, Opened};
use crate::books::Books;
use crate::control;
use crate::dispatch::ToDispatch;
use crate::door::Publication;
use crate::history::History;
use crate::inbound::{Inbound, Request};
use crate::measured::Measured;
use crate::opener::Opener;
use crate::pulse::Pulse;
use crate::recent::Recent;
use crate::reload::Next;

/// Messages between a door and the shard: a group that fills while another is committed, and some.
const INBOUND_MAX: usize = 8_192;
/// Requests that wait for the shard: each is of many messages, and a sender that is told to come back loses nothing.
const REQUESTS_MAX: usize = 64;
/// Commands and committed groups on their way: small, because whoever sends them can wait.
const COMMANDS_MAX: usize = 1_024;
const GROUPS_MAX: usize = 16;

/// What others ask of the shard.
pub(crate) enum Command {
    /// Dispatch is done with an offer.
    Settle(OfferId, Settlement),
    /// Go on with these venue, journeys and accounts.
    Reload(Box<Next>),
    /// Say that nobody more is to be sent here, and go on.
    Drain,
    /// Take in what has arrived, commit it, and end.
    Stop,
}

/// The shard's ends of all channels.
pub(crate) struct Ports {
    pub(super) publications: mpsc::Receiver<Publication>,
    pub(super) deliveries: mpsc::Receiver<Inbound>,
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) dispatch: mpsc::Sender<ToDispatch>,
    pub(super) live: watch::Sender<Arc<Live>>,
    pub(super) health: watch::Sender<Health>,
    pub(super) recent: Arc<Recent>,
    pub(super) history: Arc<History>,
    pub(super) books: Arc<Books>,
    /// Where operators find the store that is open.
    pub(super) upkeep: control::Slot,
    pub(super) opener: Arc<Opener>,
    pub(super) pulse: Arc<Pulse>,
    pub(super) measured: Arc<Measured>,
}

/// Everybody else's ends.
pub(crate) struct Wires {
    pub(crate) publications: mpsc::Sender<Publication>,
    pub(crate) deliveries: mpsc::Sender<Inbound>,
    pub(crate) requests: mpsc::Sender<Request>,
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) dispatch: mpsc::Receiver<ToDispatch>,
    pub(crate) to_dispatch: mpsc::Sender<ToDispatch>,
    pub(crate) live: watch::Receiver<Arc<Live>>,
    pub(crate) health: watch::Receiver<Health>,
    pub(crate) recent: Arc<Recent>,
    pub(crate) books: Arc<Books>,
    pub(crate) upkeep: control::Slot,
    pub(crate) opener: Arc<Opener>,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) measured: Arc<Measured>,
    /// Those of them that a scrape looks at.
    pub(crate) queues: Queues,
}

/// How full the shard's channels are. It keeps none of them open.
#[derive(Clone, Debug)]
pub(crate) struct Queues {
    publications: mpsc::WeakSender<Publication>,
    deliveries: mpsc::WeakSender<Inbound>,
    requests: mpsc::WeakSender<Request>,
    commands: mpsc::WeakSender<Command>,
    dispatch: mpsc::WeakSender<ToDispatch>,
}

impl Queues {
    /// Each one's name, what waits in it, and how much may.
    pub(crate) fn lengths(&self) -> [(&'static str, u64, u64); 5] {
        [
            length("door", &self.publications),
            length("broker", &self.deliveries),
            length("requests", &self.requests),
            length("commands", &self.commands),
            length("dispatch", &self.dispatch),
        ]
    }
}

/// A channel that is gone is empty.
fn length<T>(name: &'static str, queue: &mpsc::WeakSender<T>) -> (&'static str, u64, u64) {
    let queue = queue.upgrade();
    let full = queue.as_ref().map_or(0, mpsc::Sender::max_capacity);
    let free = queue.as_ref().map_or(0, mpsc::Sender::capacity);
    (name, (full - free) as u64, full as u64)
}

/// Both ends of everything, for a gateway that begins with what was opened.
pub(crate) fn wired(opened: &Opened, history: &Arc<History>, books: Arc<Books>) -> (Wires, Ports) {
    let (publications, publications_in) = mpsc::channel(INBOUND_MAX);
    let (deliveries, deliveries_in) = mpsc::channel(INBOUND_MAX);
    let (requests, requests_in) = mpsc::channel(REQUESTS_MAX);
    let (commands, commands_in) = mpsc::channel(COMMANDS_MAX);
    let (dispatch, dispatch_in) = mpsc::channel(GROUPS_MAX);
    let (live, live_out) = watch::channel(Arc::new(opened.pipeline.live()));
    let (health, health_out) = watch::channel(Health::Ready);
    let (recent, upkeep) = (Arc::<Recent>::default(), control::Slot::default());
    // Operators may ask as soon as there is a gateway, which is before the shard's thread has come to anything.
    upkeep.put(Some(opened.store.upkeep()));
    let (pulse, measured) = (Arc::<Pulse>::default(), Arc::<Measured>::default());
    let opener = Arc::<Opener>::default();
    let queues = Queues {
        publications: publications.downgrade(),
        deliveries: deliveries.downgrade(),
        requests: requests.downgrade(),
        commands: commands.downgrade(),
        dispatch: dispatch.downgrade(),
    };
    let to_dispatch = dispatch.clone();
    let ports = Ports {
        publications: publications_in,
        deliveries: deliveries_in,
        requests: requests_in,
        commands: commands_in,
        dispatch,
        live,
        health,
        recent: Arc::clone(&recent),
        history: Arc::clone(history),
        books: Arc::clone(&books),
        upkeep: upkeep.clone(),
        opener: Arc::clone(&opener),
        pulse: Arc::clone(&pulse),
        measured: Arc::clone(&measured),
    };
    let wires = Wires {
        publications,
        deliveries,
        requests,
        commands,
        dispatch: dispatch_in,
        to_dispatch,
        live: live_out,
        health: health_out,
        recent,
        books,
        upkeep,
        opener,
        pulse,
        measured,
        queues,
    };
    (wires, ports)
}
