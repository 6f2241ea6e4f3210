//! The thread that moves the park's clock: the world up to now, what it did to the boards, the queues and the bands.
//!
//! It holds the clock while anyone downstream is behind, so that back-pressure ends here and not in a lost frame.
//! Next: node.rs and device.rs carry what it hands them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::sync::{oneshot, watch};
use tokio::task::LocalSet;
use turnpage_gateway_core::{Timestamp, Venue};

use super::clock::Clock;
use super::device::{Device, Outbox};
use super::node::{Seat, serve};
use super::{Error, Ledger, Options, Progress};
use crate::board::{Board, FRAMES};
use crate::provision::{Account, Provision};
use crate::world::{Happened, Offer, Outcome, World};

/// Real time between two movements of the clock.
const TICK: Duration = Duration::from_millis(10);
/// Nothing waits for its acknowledgement for more ticks than these, as the park's clock goes, and
const LAG_TICKS: f64 = 20.0;
/// at a low speed for this long: an outage at which a venue's clock would not stop either.
const LAG_MS_MIN: i64 = 120_000;
/// Frames on one board over which the clock is held: half of what fits, so that a burst still does.
const BACKLOG_MAX: usize = FRAMES / 2;
/// Messages of the feed or the bands over which the clock is held.
const OUTBOX_MAX: usize = 2_000;
/// Ids of offers that the bands remember, to show each once. A day of 50,000 visitors makes fewer.
const OFFERS_MAX: usize = 1_000_000;
/// How long the last frames may take when the day ends by itself.
const LAST_FRAMES: Duration = Duration::from_secs(30);

/// Everything the thread needs, made before it starts so that what is wrong is told to who asked.
pub(super) struct Plan {
    world: World,
    venue: String,
    provision: Provision,
    options: Options,
    nodes: Venue,
    moved: Moved,
}

/// Who is told what the clock shows.
pub(super) type Moved = Box<dyn Fn(Timestamp) + Send>;

/// As [`super::lag_ms_max`].
pub(super) fn lag_ms_max(speed: f64) -> i64 {
    LAG_MS_MIN.max((TICK.as_millis() as f64 * speed * LAG_TICKS) as i64)
}

/// An offer on the wire; what else it carries, a band does not show.
#[derive(Deserialize)]
struct Received {
    id: String,
    subject: String,
    text: String,
}

/// The boards, the world and the queues of a running day.
struct Day {
    world: Rc<RefCell<World>>,
    seats: Vec<Rc<RefCell<Seat>>>,
    ledger: Rc<RefCell<Ledger>>,
    feed: Rc<RefCell<Outbox>>,
    bands: Rc<RefCell<Outbox>>,
    hand: watch::Sender<Timestamp>,
    clock: Clock,
    venue: String,
    options: Options,
    moved: Moved,
    /// The real instant at which the nodes were started.
    origin: Instant,
    /// What the clock showed when a board, the feed or the bands last had nothing to wait for.
    settled: RefCell<Vec<Timestamp>>,
}

impl Plan {
    pub(super) fn new(
        world: World,
        venue: &Venue,
        provision: &Provision,
        options: &Options,
        moved: Moved,
    ) -> Result<Self, Error> {
        for (index, node) in venue.nodes.iter().enumerate() {
            if Board::new(venue, provision, index, options.boot, 1).is_none() {
                return Err(Error::Node(node.name.as_str().to_owned()));
            }
        }
        Ok(Self {
            world,
            venue: venue.id.as_str().to_owned(),
            provision: provision.clone(),
            options: options.clone(),
            nodes: venue.clone(),
            moved,
        })
    }
}

/// Runs the day on this thread; returns when it is over.
pub(super) fn run(plan: Plan, report: &watch::Sender<Progress>, stopped: oneshot::Receiver<Duration>) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return tracing::error!(%error, "the simulation's runtime does not start"),
    };
    // Tasks share the boards with the driver, so all of them stay on this thread.
    LocalSet::new().block_on(&runtime, async move {
        let day = Day::new(plan);
        day.run(report, stopped).await;
    });
}

impl Day {
    fn new(plan: Plan) -> Self {
        let Plan { world, venue, provision, options, nodes, moved } = plan;
        let (hand, clock) = Clock::new(options.from);
        let ledger = Rc::new(RefCell::new(Ledger::default()));
        // A scan a tick is as often as anything changes.
        let scan_ms = (TICK.as_millis() as f64 * options.speed) as u32;
        let mut seats = Vec::new();
        for (index, account) in provision.accounts().take(nodes.nodes.len()).enumerate() {
            let Some(board) = Board::new(&nodes, &provision, index, options.boot, scan_ms.max(500)) else {
                continue;
            };
            let seat = Rc::new(RefCell::new(Seat::new(board, ledger.clone(), options.duplicate_one_in)));
            let (password, gateway) = (account.password.clone(), options.gateway);
            tokio::task::spawn_local(serve(seat.clone(), password, gateway, clock.clone()));
            seats.push(seat);
        }
        // Boards, feed and bands.
        let settled = RefCell::new(vec![options.from; seats.len() + 2]);
        let day = Self {
            world: Rc::new(RefCell::new(world)),
            seats,
            ledger,
            feed: Rc::default(),
            bands: Rc::default(),
            hand,
            clock,
            venue,
            options,
            moved,
            origin: Instant::now(),
            settled,
        };
        day.connect(provision.feed(), None, day.feed.clone());
        let offers = format!("turnpage/v1/{}/offer/+", day.venue);
        day.connect(provision.bands(), Some(offers), day.bands.clone());
        day
    }

    fn connect(&self, account: &Account, listens_to: Option<String>, outbox: Rc<RefCell<Outbox>>) {
        let device = Device { account: account.clone(), gateway: self.options.gateway, listens_to, outbox };
        let (world, ledger) = (self.world.clone(), self.ledger.clone());
        let mut known = BTreeSet::new();
        tokio::task::spawn_local(device.run(move |payload| {
            let Ok(Received { id, subject, text }) = serde_json::from_slice(payload) else {
                return tracing::warn!("an offer that no band can show");
            };
            let fresh = known.len() < OFFERS_MAX && known.insert(id.clone());
            let mut ledger = ledger.borrow_mut();
            ledger.offers += u64::from(fresh);
            ledger.offers_again += u64::from(!fresh);
            if fresh {
                world.borrow_mut().offer(&Offer { id, subject, text });
            }
        }));
    }

    /// The whole day, from where it begins to the last acknowledgement.
    async fn run(self, report: &watch::Sender<Progress>, mut stopped: oneshot::Receiver<Duration>) {
        self.catch_up();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let closes = self.world.borrow().closes();
        let patience = loop {
            tokio::select! {
                asked = &mut stopped => match asked {
                    Ok(patience) => break patience,
                    Err(_) => return,
                },
                _ = tick.tick() => {}
            }
            if !self.behind() {
                let to = self.target().min(closes);
                self.advance(to.min(Timestamp(self.clock.time().0.saturating_add(self.step_ms_max()))));
            }
            report.send_replace(self.progress());
            if self.clock.time() >= closes {
                break LAST_FRAMES;
            }
        };
        let deadline = Instant::now() + patience;
        while self.progress().waiting > 0 && Instant::now() < deadline {
            tick.tick().await;
            // A moment more, so that nodes look at what they have; the world stands still.
            self.set(Timestamp(self.clock.time().0 + 1));
        }
        report.send_replace(self.progress());
    }

    fn set(&self, to: Timestamp) {
        (self.moved)(to);
        self.hand.send_replace(to);
    }

    /// The park time that the real time calls for.
    fn target(&self) -> Timestamp {
        let since = self.origin.elapsed().as_secs_f64() * 1_000.0 * self.options.speed;
        Timestamp(self.options.from.0.saturating_add(since as i64))
    }

    /// The longest step: two ticks' worth. After a pause the park catches up at twice its speed, because what is heard in one
    /// step is stamped with one time and has to fit on the boards.
    fn step_ms_max(&self) -> i64 {
        (TICK.as_millis() as f64 * self.options.speed * 2.0).max(1.0) as i64
    }

    /// Whether somebody downstream needs time.
    fn behind(&self) -> bool {
        let now = self.clock.now();
        let boards: Vec<_> = self.seats.iter().map(|seat| seat.borrow().board.backlog(now).0).collect();
        let queues = [&self.feed, &self.bands].map(|queue| queue.borrow().len());
        let crowded = boards.iter().any(|waiting| *waiting > BACKLOG_MAX)
            || queues.iter().any(|waiting| *waiting > OUTBOX_MAX);
        let (shown, lag_ms_max) = (self.clock.time(), lag_ms_max(self.options.speed));
        let mut lags = false;
        for (settled, waiting) in self.settled.borrow_mut().iter_mut().zip(boards.into_iter().chain(queues)) {
            if waiting == 0 {
                *settled = shown;
            }
            lags |= shown.0 - settled.0 > lag_ms_max;
        }
        crowded || lags
    }

    /// Lets the day so far happen without anybody listening, but for the signs, which still hang there.
    fn catch_up(&self) {
        let mut signs = BTreeMap::new();
        self.world.borrow_mut().advance(self.options.from, &mut |at, what| {
            if let Happened::Sign { signal, minutes } = what {
                signs.insert(signal, (at, minutes));
            }
        });
        for (signal, (at, minutes)) in signs {
            self.post(at, &signal, minutes);
        }
    }

    /// Moves everything to `to`.
    fn advance(&self, to: Timestamp) {
        let step_ms = to.0 - self.clock.time().0;
        if step_ms <= 0 {
            return;
        }
        for (place, seat) in self.seats.iter().enumerate() {
            let air = self.world.borrow().sky().at(to, place);
            seat.borrow_mut().board.feel(&air, step_ms);
        }
        self.world.borrow_mut().advance(to, &mut |at, what| match what {
            Happened::Heard { node, badge, role, rssi_dbm } => {
                if let Some(seat) = self.seats.get(node) {
                    seat.borrow_mut().board.hear(badge, role, rssi_dbm);
                }
            }
            Happened::Sign { signal, minutes } => self.post(at, &signal, minutes),
            Happened::Answered(answer) => {
                let outcome = match answer.outcome {
                    Outcome::Seen => "seen",
                    Outcome::Clicked => "clicked",
                    Outcome::Accepted => "accepted",
                    Outcome::Declined => "declined",
                };
                let topic = format!("turnpage/v1/{}/outcome/{}", self.venue, answer.subject);
                let payload = serde_json::json!({ "id": answer.id, "outcome": outcome, "at": at.0 });
                self.bands.borrow_mut().push(topic, payload.to_string().into_bytes());
            }
        });
        self.set(to);
        // Connected or not: a node that is cut off keeps its frames with their own times, and fills up where `behind` sees it.
        let now = self.clock.now();
        self.seats.iter().for_each(|seat| seat.borrow_mut().board.sense(now));
    }

    fn post(&self, at: Timestamp, signal: &str, minutes: u32) {
        let topic = format!("turnpage/v1/{}/signal/{signal}", self.venue);
        let payload = serde_json::json!({ "at": at.0, "value": minutes });
        self.feed.borrow_mut().push(topic, payload.to_string().into_bytes());
    }

    fn progress(&self) -> Progress {
        let now = self.clock.now();
        let (mut waiting, mut dropped) = (0, 0);
        for seat in &self.seats {
            let (backlog, given_up) = seat.borrow().board.backlog(now);
            waiting += backlog as u64;
            dropped += u64::from(given_up);
        }
        let (feed, bands, world) = (self.feed.borrow(), self.bands.borrow(), self.world.borrow());
        let ledger = Ledger {
            frames_dropped: dropped,
            signals_acknowledged: feed.acknowledged(),
            outcomes_acknowledged: bands.acknowledged(),
            messages_refused: feed.refused() + bands.refused(),
            ..*self.ledger.borrow()
        };
        Progress {
            at: self.clock.time(),
            opens: world.opens(),
            closes: world.closes(),
            present: world.present(),
            waiting: waiting + (feed.len() + bands.len()) as u64,
            ledger,
        }
    }
}
