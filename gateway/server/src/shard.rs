//! The one writer: drains the doors into a group, takes it through the pipeline, has it committed, and only then lets
//! it be acknowledged.
//!
//! The pipeline has a thread of its own. While one group is being synced by the committer, the next one is gathered and
//! already stepped: effects leave in the batch, so nothing of it is seen before its own commit. What the console shows
//! may be one group ahead of the disk.
//!
//! When a commit fails, nothing of its group nor of the one stepped meanwhile is acknowledged; the clients still own
//! those messages. The pipeline is then ahead of the log, so it is thrown away: the shard says that it is not ready and
//! why, waits, opens the store anew, recovers and goes on. A full disk that was cleared heals without a restart; a
//! damaged store stays refused, loudly, until somebody acts. Reads go on meanwhile.
//!
//! Before: door.rs and broker.rs. Next: shard/commit.rs, then dispatch.rs.

mod commit;
mod ports;
mod recipe;
mod rhythm;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, watch};
use turnpage_gateway_core::{
    Admission, Live, OfferId, Origin, Pipeline, Repeat, Role, Settlement, Timestamp, Unsealed,
};

use crate::clock::{Clock, Watch};
use crate::dispatch::ToDispatch;
use crate::door::{Account, Publication, Topic};
use crate::inbound::{Answer, Inbound, Owed, Receipt, Request, Said};
use crate::opener::Opener;
use crate::reload::Next;
use crate::source::Sources;
use crate::traces::{Arrival, Came, Cause, Traces, Ways};
use commit::{Committer, Work};
pub(crate) use ports::{Command, Ports, Queues, Wires, wired};
pub(crate) use recipe::{Opened, Recipe};
use rhythm::Rhythm;

/// Messages in one group: enough that a sync is shared by all that came during the last one, small enough that the
/// group's answers stay within a few milliseconds.
const GROUP_MAX: usize = 4_096;
/// Between two looks at the clock while nothing comes in: timers fire at most this late.
const TICK_MAX: Duration = Duration::from_millis(100);
/// The least wait for a timer, so that a fast clock does not spin.
const TICK_MIN: Duration = Duration::from_millis(2);
/// Between two pictures for the console.
const LIVE_EVERY: Duration = Duration::from_millis(250);
/// Waits between attempts to open the store again: the first, and the longest.
const REOPEN_FIRST: Duration = Duration::from_millis(500);
const REOPEN_LAST: Duration = Duration::from_secs(30);

/// Whether the gateway takes messages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Health {
    /// It does.
    Ready,
    /// It does not, and this is why.
    Failed(String),
    /// It was stopped.
    Stopped,
}

/// The shard.
pub(crate) struct Shard {
    pub(crate) recipe: Recipe,
    pub(crate) clock: Clock,
    pub(crate) sources: Sources,
    /// What each account of the door may say.
    pub(crate) roles: FxHashMap<Account, Role>,
    pub(crate) ports: Ports,
    pub(crate) traces: Option<Traces>,
}

/// Why a session with one opened store ended.
enum Ended {
    Stopped,
    Failed(turnpage_gateway_store::Error),
}

impl Shard {
    /// Runs until it is told to stop. Blocks; call it on a thread of its own, inside a runtime.
    pub(crate) fn run(mut self, opened: Opened) -> Result<(), turnpage_gateway_store::Error> {
        let result = self.sessions(opened);
        self.ports.health.send_replace(Health::Stopped);
        result
    }

    fn sessions(&mut self, opened: Opened) -> Result<(), turnpage_gateway_store::Error> {
        let runtime = tokio::runtime::Handle::current();
        let mut opened = Some(opened);
        let mut wait = REOPEN_FIRST;
        loop {
            let attempt = opened.take().map_or_else(|| self.recipe.open(self.clock.now()), Ok);
            let failure: crate::Error = match attempt {
                Ok(opened) => {
                    wait = REOPEN_FIRST;
                    match runtime.block_on(self.session(opened)) {
                        Ended::Stopped => return Ok(()),
                        // There is nobody left to take anything from.
                        Ended::Failed(error) if self.is_draining() => return Err(error),
                        Ended::Failed(error) => error.into(),
                    }
                }
                Err(error) => error,
            };
            self.ports.measured.store_failed();
            tracing::error!("nothing is taken until the store works again: {failure}");
            self.ports.health.send_replace(Health::Failed(failure.to_string()));
            if runtime.block_on(self.stopped_within(wait)) {
                return match failure {
                    crate::Error::Store(error) => Err(error),
                    _ => Ok(()),
                };
            }
            wait = (wait * 2).min(REOPEN_LAST);
        }
    }

    /// Whether it has said that nobody more is to be sent here.
    fn is_draining(&self) -> bool {
        *self.ports.health.borrow() == Health::Stopped
    }

    /// Waits before the store is opened again, and says whether the gateway was stopped meanwhile.
    async fn stopped_within(&mut self, wait: Duration) -> bool {
        let deadline = tokio::time::Instant::now() + wait;
        loop {
            match tokio::time::timeout_at(deadline, self.ports.commands.recv()).await {
                // The state to be recovered knows which offers are unsettled.
                Ok(Some(Command::Settle(..))) => {}
                // It is what the store is opened with. Nobody is told that it is in the log, because it is not yet.
                Ok(Some(Command::Reload(next))) => {
                    let Next { recipe, sources, roles, .. } = *next;
                    (self.recipe, self.sources, self.roles) = (recipe, sources, roles);
                }
                Ok(Some(Command::Drain | Command::Stop) | None) => return true,
                Err(_) => return false,
            }
        }
    }

    async fn session(&mut self, opened: Opened) -> Ended {
        let Opened { mut pipeline, store, last, .. } = opened;
        // The first time there is nothing new in it.
        self.ports.history.begin(&*store, last);
        self.ports.books.begin(&*store, last);
        let outbox = pipeline.outbox().cloned().collect();
        let choices = pipeline.choices();
        if self.ports.dispatch.send(ToDispatch::Resume { outbox, choices }).await.is_err() {
            return Ended::Stopped;
        }
        let (work, works) = mpsc::channel(1);
        let (idle, idles) = mpsc::channel(1);
        let (dispatch, recent) = (self.ports.dispatch.clone(), Arc::clone(&self.ports.recent));
        self.ports.upkeep.put(Some(store.upkeep()));
        let told = (Arc::clone(&self.ports.pulse), Arc::clone(&self.ports.measured), self.traces.clone());
        let books = Arc::clone(&self.ports.books);
        let committer = Committer::new(store, dispatch, (recent, books), told);
        let committer = tokio::task::spawn_blocking(move || committer.run(works, &idle));
        self.ports.health.send_replace(Health::Ready);
        let mut group = Group {
            pipeline,
            clock: self.clock.clone(),
            recipe: &mut self.recipe,
            sources: &mut self.sources,
            roles: &mut self.roles,
            opener: Arc::clone(&self.ports.opener),
            taken: 0,
            owed: Vec::new(),
            ways: Ways::new(self.traces.clone()),
            next: None,
            changed: true,
            shown: None,
            watch: Watch::default(),
        };
        group.opener.give(group.pipeline.gate(), group.roles.clone());
        let gathered = group.gather(&mut self.ports, work, idles).await;
        let committed = committer.await;
        // Nobody else may hold the store when it is opened again.
        self.ports.upkeep.put(None);
        // A panic of the committer is answered like a failed commit: nothing more was acknowledged.
        match committed {
            Ok(Ok(())) if gathered == Gathered::All => Ended::Stopped,
            Ok(Err(error)) => Ended::Failed(error),
            Ok(Ok(())) | Err(_) => Ended::Failed(turnpage_gateway_store::Error::Stopped),
        }
    }
}

/// Why gathering ended.
#[derive(PartialEq, Eq)]
enum Gathered {
    /// Everything that had come in is with the committer.
    All,
    /// The committer is gone; it will say why.
    Nothing,
}

/// The group that is being gathered.
struct Group<'a> {
    pipeline: Pipeline,
    clock: Clock,
    recipe: &'a mut Recipe,
    sources: &'a mut Sources,
    roles: &'a mut FxHashMap<Account, Role>,
    /// What doors open frames with.
    opener: Arc<Opener>,
    /// Messages that were taken.
    taken: usize,
    /// What is owed once the group is committed.
    owed: Vec<Owed>,
    /// How its offers came about.
    ways: Ways,
    /// What to go on with after this group.
    next: Option<Box<Next>>,
    /// Something happened since the last picture, and when that was made.
    changed: bool,
    shown: Option<Instant>,
    /// Looks whether the machine's clock is set.
    watch: Watch,
}

impl Group<'_> {
    /// Gathers and hands over groups until told to stop. `idles` says when the committer has nothing to do.
    async fn gather(
        &mut self,
        ports: &mut Ports,
        works: mpsc::Sender<Work>,
        mut idles: mpsc::Receiver<()>,
    ) -> Gathered {
        let (mut publications, mut deliveries) = (Vec::new(), Vec::new());
        let (mut idle, mut rhythm) = (false, Rhythm::new(Instant::now()));
        let mut stopping = false;
        while !stopping {
            let room = GROUP_MAX.saturating_sub(self.taken);
            let tick = self.until_tick();
            let tick = rhythm.linger(Instant::now(), self.taken).map_or(tick, |linger| linger.min(tick));
            tokio::select! {
                biased;
                answer = idles.recv(), if !idle => match answer {
                    Some(()) => {
                        idle = true;
                        rhythm.end(Instant::now());
                    }
                    None => return Gathered::Nothing,
                },
                command = ports.commands.recv() => match command {
                    Some(Command::Settle(id, how)) => self.settle(id, how),
                    Some(Command::Reload(next)) => self.next = Some(next),
                    // First of all, so that nobody more is sent here.
                    Some(Command::Drain) => drop(ports.health.send_replace(Health::Stopped)),
                    Some(Command::Stop) | None => stopping = true,
                },
                _ = ports.publications.recv_many(&mut publications, room), if room > 0 => {}
                _ = ports.deliveries.recv_many(&mut deliveries, room), if room > 0 => {}
                Some(request) = ports.requests.recv(), if room > 0 => self.take_request(request),
                () = tokio::time::sleep(tick) => {}
            }
            ports.pulse.turn();
            if stopping {
                self.take_rest(ports);
            }
            // One a turn, so that busy doors do not shut out requests, nor requests them.
            if room > 0
                && let Ok(request) = ports.requests.try_recv()
            {
                self.take_request(request);
            }
            publications.drain(..).for_each(|publication| self.take_publication(publication));
            deliveries.drain(..).for_each(|delivery| self.take(delivery));
            self.advance();
            self.show(&ports.live);
            let (now, size) = (Instant::now(), self.taken);
            if idle && rhythm.linger(now, size).is_none() {
                if let Some(work) = self.work() {
                    idle = false;
                    rhythm.begin(now, size);
                    if works.send(work).await.is_err() {
                        return Gathered::Nothing;
                    }
                }
                // All of this group is with the committer, and nothing of the next is taken.
                self.reload();
            }
        }
        // The last picture is of the end, however short ago the one before was made.
        ports.live.send_replace(Arc::new(self.pipeline.live()));
        if let Some(work) = self.work() {
            let ready = idle || idles.recv().await.is_some();
            if !ready || works.send(work).await.is_err() {
                return Gathered::Nothing;
            }
        }
        Gathered::All
    }

    /// Takes only what is there already: a door that could not wait any more may still say something.
    fn take_rest(&mut self, ports: &mut Ports) {
        while let Ok(publication) = ports.publications.try_recv() {
            self.take_publication(publication);
        }
        while let Ok(delivery) = ports.deliveries.try_recv() {
            self.take(delivery);
        }
        while let Ok(request) = ports.requests.try_recv() {
            self.take_request(request);
        }
    }

    fn take_publication(&mut self, publication: Publication) {
        let Publication { account, topic, payload, received, ack, frame, .. } = publication;
        // The door lets only known accounts in. Unanswered, the connection of any other is closed.
        let Some(role) = self.roles.get(&account).cloned() else { return };
        let origin = Origin { client: account.as_str().to_owned(), role };
        self.take(Inbound { origin, topic, payload, frame, receipt: Receipt::Door(ack), received });
    }

    fn take(&mut self, inbound: Inbound) {
        let Inbound { origin, topic, payload, frame, receipt, received } = inbound;
        let arrival = Arrival { door: receipt.door(), received, asked: None };
        let admission = self.admit(self.clock.now(), &origin, &topic, &payload, (arrival, frame.as_ref()));
        self.owed.push(Owed::Message(receipt, admission));
    }

    fn admit(
        &mut self,
        now: Timestamp,
        origin: &Origin,
        topic: &Topic,
        payload: &[u8],
        (arrival, frame): (Arrival, Option<&Unsealed>),
    ) -> Admission {
        self.taken += 1;
        self.changed = true;
        let before = self.ways.before(&self.pipeline);
        let mapped = self.sources.take(&mut self.pipeline, now, origin, topic, payload);
        let admission =
            mapped.unwrap_or_else(|| self.pipeline.opened(now, origin, topic.as_str(), payload, frame));
        self.ways.note(before, &self.pipeline, |began| {
            Cause::Message(Came::new(arrival, origin, &self.pipeline, began))
        });
        admission
    }

    /// A request is taken whole, into one group: its answer is in the commit that its messages are in.
    fn take_request(&mut self, request: Request) {
        let Request { account, key, messages, received, asked, answer } = request;
        let Some(role) = self.roles.get(&account).cloned() else { return };
        let (now, name) = (self.clock.now(), account.as_str());
        let before =
            key.as_ref().map_or(Repeat::No, |key| self.pipeline.repeat(now, name, &key.name, &key.body));
        let what = match before {
            // What it answers may be in this very group, or in the one before: it waits for its turn too.
            Repeat::Same(admissions) => Answer::Processed(admissions),
            Repeat::Other => Answer::OtherRequest,
            Repeat::No => {
                let origin = Origin { client: name.to_owned(), role };
                let arrival = Arrival { door: "http", received: Some(received), asked };
                let admissions: Vec<Admission> =
                    messages.into_iter().map(|said| self.take_said(now, &origin, &said, arrival)).collect();
                if let Some(key) = key {
                    self.pipeline.answered(now, name, &key.name, &key.body, admissions.clone());
                }
                Answer::Processed(admissions)
            }
        };
        self.owed.push(Owed::Request(answer, what));
    }

    fn take_said(&mut self, now: Timestamp, origin: &Origin, said: &Said, arrival: Arrival) -> Admission {
        match &said.checked {
            Ok(topic) => self.admit(now, origin, topic, &said.payload, (arrival, None)),
            Err(reason) => {
                self.changed = true;
                self.pipeline.refuse(now, origin, &said.topic, &said.payload, *reason)
            }
        }
    }

    /// Goes on under what a reload brought. It is told once the batch that says so is committed.
    fn reload(&mut self) {
        let Some(next) = self.next.take() else { return };
        let Next { recipe, sources, roles, answer } = *next;
        let before = self.ways.before(&self.pipeline);
        match recipe.take_over(self.clock.now(), &mut self.pipeline) {
            Ok(moves) => {
                self.ways.note(before, &self.pipeline, |_| Cause::Reload);
                (*self.recipe, *self.sources, *self.roles) = (recipe, sources, roles);
                self.opener.give(self.pipeline.gate(), self.roles.clone());
                self.changed = true;
                self.owed.push(Owed::Reload(answer, moves));
            }
            // Whoever asked may be gone; nothing has changed.
            Err(error) => drop(answer.send(Err(error))),
        }
    }

    fn settle(&mut self, id: OfferId, how: Settlement) {
        let before = self.ways.before(&self.pipeline);
        self.pipeline.settle(self.clock.now(), id, how);
        self.ways.note(before, &self.pipeline, |_| Cause::Settlement);
        self.changed = true;
    }

    fn advance(&mut self) {
        let now = self.clock.now();
        if let Some(ms) = self.watch.look(&self.clock, now, Instant::now()) {
            let said = if ms < 0 {
                "back: what waits for a time waits longer"
            } else {
                "forward: what is due fires now"
            };
            tracing::warn!("the machine's clock was set {} s {said}", ms.unsigned_abs() / 1000);
        }
        if self.pipeline.next_due().is_some_and(|due| due <= now) {
            let before = self.ways.before(&self.pipeline);
            self.pipeline.advance(now);
            self.ways.note(before, &self.pipeline, |_| Cause::Deadline);
            self.changed = true;
        }
    }

    fn until_tick(&mut self) -> Duration {
        let due = self.pipeline.next_due().map_or(TICK_MAX, |due: Timestamp| self.clock.until(due));
        due.clamp(TICK_MIN, TICK_MAX)
    }

    /// The group so far, if there is anything to commit or to answer.
    fn work(&mut self) -> Option<Work> {
        let batch = self.pipeline.take_batch();
        let (owed, ways) = (std::mem::take(&mut self.owed), self.ways.take());
        self.taken = 0;
        // What was only heard before waits for its turn too: the first hearing may be in the group before.
        (!batch.is_empty() || !owed.is_empty()).then_some(Work { batch, owed, ways })
    }

    fn show(&mut self, live: &watch::Sender<Arc<Live>>) {
        let due = self.shown.is_none_or(|shown| shown.elapsed() >= LIVE_EVERY);
        if self.changed && due {
            self.changed = false;
            self.shown = Some(Instant::now());
            live.send_replace(Arc::new(self.pipeline.live()));
        }
    }
}
