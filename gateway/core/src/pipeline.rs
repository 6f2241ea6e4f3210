//! The corridor, whole: bytes in at the top, a [`Batch`] of plain data out at the bottom.
//!
//! It owns no clock, no socket and no disk: time comes in with every call, and what must be durable or delivered
//! leaves in the batch. Next: admit.rs.

use turnpage_journeys_engine::{Engine, Library};

use crate::Timestamp;
use crate::batch::{Batch, Outgoing, Reason, Settlement, State};
use crate::event::ContextEvent;
use crate::id::{NodeId, NodeName, OfferId, SubjectName};
use crate::live::Live;
use crate::venue::Venue;

/// Each node's key, as provisioned. Secrets: never in the venue, never in a log.
#[derive(Clone, Default)]
pub struct Keys(pub std::collections::BTreeMap<NodeId, [u8; 32]>);

/// What an operator may tune; the defaults suit a venue in real time.
#[derive(Clone, Debug)]
pub struct Options {
    /// Keys the names of offers: keep it for the life of a venue, give two venues different ones.
    pub seed: u64,
    /// How far ahead of the gateway an observer's clock may be, in milliseconds. Further is a dead letter.
    pub future_ms: i64,
    /// How late an event may come and still be acted on, in milliseconds. Later only corrects the record.
    pub late_ms: i64,
    /// How late an event may come at all, in milliseconds. Later is a dead letter.
    pub ancient_ms: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 0, future_ms: 5 * 60_000, late_ms: 60_000, ancient_ms: 48 * 3_600_000 }
    }
}

/// Who sent a message, as the door has authenticated it.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The client's name, for dead letters.
    pub client: String,
    /// What it may say.
    pub role: Role,
}

/// What a client may say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Role {
    /// This node's events and births.
    Node(NodeName),
    /// Outcomes and consent: a hub of bands, an app's backend, a kiosk.
    Channel,
    /// Signals, and whatever a declared source maps.
    Source,
    /// Anything: an operator, or a broker that has done the checking. Frames still need their node's key.
    Trusted,
}

/// What became of a message. Every one of them is final: acknowledge after the commit, whichever it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Admission {
    /// Taken; its effects are in the current batch.
    Admitted,
    /// Taken before; nothing changed but a counter.
    Duplicate,
    /// Not taken; kept with its reason, within a bound.
    Dead(Reason),
}

/// Why a pipeline cannot go on from a state.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A part of the state is not what this version wrote.
    #[error("saved state of `{0}` cannot be read")]
    State(String),
}

/// Everything between the doors and the store, for one venue.
pub struct Pipeline {
    venue: Venue,
    engine: Engine,
    batch: Batch,
    state: State,
    live: Live,
}

impl Pipeline {
    /// A pipeline without history. `library` must be compiled against [`Venue::schema`].
    #[must_use]
    pub fn new(venue: Venue, library: Library, keys: Keys, options: Options) -> Self {
        let _ = keys;
        let engine = Engine::new(library, venue.offsets(), options.seed);
        Self { venue, engine, batch: Batch::default(), state: State::default(), live: Live::default() }
    }

    /// A pipeline that goes on from a state: a snapshot with the later batches folded in.
    ///
    /// # Errors
    /// [`Error::State`] when a part of it is not what this version wrote.
    pub fn restore(
        venue: Venue,
        library: Library,
        keys: Keys,
        options: Options,
        state: State,
    ) -> Result<Self, Error> {
        Ok(Self { state, ..Self::new(venue, library, keys, options) })
    }

    /// The venue it runs.
    #[must_use]
    pub fn venue(&self) -> &Venue {
        &self.venue
    }

    /// The journeys it runs.
    #[must_use]
    pub fn library(&self) -> &Library {
        self.engine.library()
    }

    /// Takes a message through the corridor; what it changes is in the current batch.
    pub fn message(&mut self, now: Timestamp, from: &Origin, topic: &str, payload: &[u8]) -> Admission {
        let _ = (now, from, topic, payload);
        Admission::Dead(Reason::Topic)
    }

    /// Takes an event that needs no decoding (HTTP, replay of a log) through the rest of the corridor.
    pub fn event(&mut self, now: Timestamp, event: ContextEvent) -> Admission {
        let _ = (now, event);
        Admission::Dead(Reason::Topic)
    }

    /// Lets time pass: fires what is due at or before `now`.
    pub fn advance(&mut self, now: Timestamp) {
        let _ = now;
    }

    /// When [`Pipeline::advance`] will have something to do; `None` when nothing waits.
    pub fn next_due(&mut self) -> Option<Timestamp> {
        self.engine.next_due().map(|due| due.at)
    }

    /// Dispatch is done with an offer: a channel took it, or its time ran out on the way.
    pub fn settle(&mut self, now: Timestamp, id: OfferId, how: Settlement) {
        let _ = (now, id, how);
    }

    /// Offers that still need delivery, ascending by id: what dispatch begins with after a restart.
    pub fn outbox(&self) -> impl Iterator<Item = &Outgoing> {
        self.state.outbox.values()
    }

    /// A subject's offers that still need delivery, for a channel that has just subscribed.
    pub fn outbox_of(&self, subject: &SubjectName) -> impl Iterator<Item = &Outgoing> {
        self.state.outbox.values().filter(move |offer| offer.subject == *subject)
    }

    /// What changed since the last batch was taken.
    pub fn take_batch(&mut self) -> Batch {
        std::mem::take(&mut self.batch)
    }

    /// The whole state, for a snapshot. Equal to all batches taken so far, folded.
    #[must_use]
    pub fn state(&self) -> State {
        self.state.clone()
    }

    /// What is true in the venue right now.
    #[must_use]
    pub fn live(&self) -> Live {
        self.live.clone()
    }
}
