//! The world against a running gateway: every node on its own MQTT 5 connection, at a multiple of real time.
//!
//! It runs on a thread of its own and is spoken to through [`Live`]. Nothing is dropped to keep up: when the gateway is
//! slower than the clock, nodes keep what is not acknowledged and the park's clock waits for them. A gateway that goes by the
//! same clock so takes no message for late because a machine has other things to do.
//! Before: `world` and `board`. Next: the gateway's front door.

mod clock;
mod device;
mod driver;
mod node;
mod stream;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use turnpage_gateway_core::{Timestamp, Venue};

use crate::provision::Provision;
use crate::world::World;

/// How to reach the gateway, and how fast time goes.
#[derive(Debug, Clone)]
pub struct Options {
    /// The front door.
    pub gateway: SocketAddr,
    /// Seconds of park time in a second of real time.
    pub speed: f64,
    /// The park time at which the nodes start: when the world opens, or later to go on with a day.
    pub from: Timestamp,
    /// How often the nodes have been started, this time included: never the same twice for one gateway.
    pub boot: u32,
    /// One acknowledged frame in this many is sent again, as a node that missed the acknowledgement would; 0 for never.
    pub duplicate_one_in: u32,
}

/// What went over the wire, counted where it happened. A frame only ever moves to the right:
/// produced, acknowledged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Distinct frames that nodes handed to their session.
    pub frames_produced: u64,
    /// Distinct frames that the gateway acknowledged.
    pub frames_acknowledged: u64,
    /// Frames that the gateway refused for good.
    pub frames_refused: u64,
    /// Frames that a node gave up because its memory was full.
    pub frames_dropped: u64,
    /// Frames acknowledged before, sent once more on purpose, and acknowledged again.
    pub duplicates_acknowledged: u64,
    /// Signals acknowledged.
    pub signals_acknowledged: u64,
    /// Distinct offers that reached a band.
    pub offers: u64,
    /// Offers that came more than once; a band shows them once.
    pub offers_again: u64,
    /// Outcomes that the gateway acknowledged.
    pub outcomes_acknowledged: u64,
    /// Signals and outcomes that the gateway refused.
    pub messages_refused: u64,
    /// Connections made again after the first.
    pub reconnections: u64,
}

/// Where a running day stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The park's clock.
    pub at: Timestamp,
    /// When the day began.
    pub opens: Timestamp,
    /// When it will end.
    pub closes: Timestamp,
    /// People in the venue now.
    pub present: u32,
    /// Messages that wait for an acknowledgement.
    pub waiting: u64,
    /// What has gone over the wire so far.
    pub ledger: Ledger,
}

/// Why a day does not begin.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The thread could not be started.
    #[error("cannot start the simulation's thread")]
    Thread(#[source] std::io::Error),
    /// The venue has a node that was not provisioned, or whose name cannot be a node's.
    #[error("node `{0}` cannot be simulated")]
    Node(String),
}

/// How old something may become, by the park's clock, before the clock waits until it is acknowledged.
#[must_use]
pub fn lag_ms_max(speed: f64) -> i64 {
    driver::lag_ms_max(speed)
}

/// A running day. Dropping it ends the day without waiting for what is under way.
pub struct Live {
    progress: watch::Receiver<Progress>,
    /// Dropped, or told how long the nodes may take to hand over what they hold.
    stop: Option<oneshot::Sender<Duration>>,
}

impl Live {
    /// Starts the day. `moved` is told what the park's clock shows, each time before anybody in the park knows.
    ///
    /// # Errors
    /// When a node cannot be simulated or the system refuses a thread.
    pub fn start(
        world: World,
        venue: &Venue,
        provision: &Provision,
        options: &Options,
        moved: impl Fn(Timestamp) + Send + 'static,
    ) -> Result<Self, Error> {
        let (opens, closes) = (world.opens(), world.closes());
        let at = options.from;
        let first = Progress { at, opens, closes, present: 0, waiting: 0, ledger: Ledger::default() };
        let (report, progress) = watch::channel(first);
        let (stop, stopped) = oneshot::channel();
        let plan = driver::Plan::new(world, venue, provision, options, Box::new(moved))?;
        let run = move || driver::run(plan, &report, stopped);
        std::thread::Builder::new().name("venue".to_owned()).spawn(run).map_err(Error::Thread)?;
        Ok(Self { progress, stop: Some(stop) })
    }

    /// Where the day stands; changes a few times a second, and closes when the day is over.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// Waits until the day is over and everything sent is acknowledged. Safe to cancel and call again.
    pub async fn finished(&mut self) -> Progress {
        while self.progress.changed().await.is_ok() {}
        *self.progress.borrow()
    }

    /// Ends the day here: no more is produced, and what the nodes hold is delivered, within `patience`.
    pub async fn stop(mut self, patience: Duration) -> Progress {
        if let Some(stop) = self.stop.take() {
            // A day that is over needs no stopping.
            let _ = stop.send(patience);
        }
        self.finished().await
    }
}
