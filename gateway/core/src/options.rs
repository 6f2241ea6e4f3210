//! What an operator decides and a door knows: keys, bounds on time, who is speaking.
//!
//! Plain data; gateway/server reads it from its config. Next: pipeline.rs.

use std::collections::BTreeMap;
use std::fmt;

use crate::id::{NodeId, NodeName};

/// Each node's key, as provisioned. Secrets: never in the venue, never in a log.
#[derive(Clone, Default)]
pub struct Keys(pub BTreeMap<NodeId, [u8; 32]>);

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys(of {} nodes)", self.0.len())
    }
}

/// What an operator may tune; the defaults suit a venue in real time.
#[derive(Clone, Debug)]
pub struct Options {
    /// Keys the names of offers: keep it for the life of a venue, give two venues different ones.
    pub seed: u64,
    /// How far ahead of the gateway an observer's clock may be, in milliseconds. Further is a dead letter.
    pub future_ms: i64,
    /// How late an event may come and still be acted on, in milliseconds of the gateway's clock: on a clock that runs
    /// faster than real time, make it longer. Later only corrects the record.
    pub late_ms: i64,
    /// How late an event may come at all, in milliseconds. Later is a dead letter.
    pub ancient_ms: i64,
    /// A subject that was not seen for this long is forgotten, in milliseconds; who has withdrawn consent is not.
    pub forget_ms: i64,
    /// Subjects known at once; beyond, sightings of strangers are dead letters.
    pub subjects_max: usize,
    /// Whether dead letters are kept with what could name a person in them: for whoever looks for a mistake in a source.
    pub whole_letters: bool,
}

impl Default for Options {
    fn default() -> Self {
        let hour = 3_600_000;
        Self {
            seed: 0,
            future_ms: 5 * 60_000,
            late_ms: 60_000,
            ancient_ms: 48 * hour,
            forget_ms: 7 * 24 * hour,
            subjects_max: 2_000_000,
            whole_letters: false,
        }
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
    /// Outcomes, consent, feedback, picks, and what it knows of its subjects: a hub of bands, an app's backend, a kiosk.
    Channel,
    /// Signals, profiles (a ticket system, a till), and whatever a declared source maps.
    Source,
    /// Anything: an operator, or a broker that has done the checking. Frames still need their node's key.
    Trusted,
}
