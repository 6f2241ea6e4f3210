//! The gateway's decisions: admit, enrich, plan. Sync, clockless, socketless.
//!
//! Bytes go in with the time at which they came, one [`Batch`] of plain data comes out; the corridor is one readable
//! file, pipeline.rs. No clock, no socket, no file and no thread is opened here, and the same inputs make the same
//! batches on every machine. Before: gateway/mqtt and the doors of gateway/server. Next: pipeline.rs.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod admit;
mod batch;
mod company;
mod edition;
mod enrich;
mod event;
mod house;
mod id;
mod ledger;
mod live;
mod options;
mod pipeline;
mod plan;
mod record;
pub mod replay;
mod subject;
pub mod upgrade;
pub mod venue;
mod why;

pub use admit::{Gate, Unsealed};
pub use batch::{
    Batch, Cause, Choices, DeadLetter, DecisionRecord, Entry, FactRecord, Ground, HouseState, Mark, Note,
    NoteRecord, Outgoing, Pickable, PoolLevel, Reason, Settled, Settlement, State, SubjectState, Verdict,
    Withheld,
};
pub use edition::{Edition, EditionDigest, EditionFile, EditionPart};
pub use event::{
    ContextEvent, FactValue, Heard, Place, Presence, Profile, Purpose, Reception, Said, Sighting,
    TimeQuality, Weather, What,
};
pub use id::{
    NodeId, NodeName, OfferId, PurposeName, ReceiverName, SubjectName, VenueName, ZoneIx, ZoneName,
};
pub use ledger::{LedgerLine, Setting, Sky, Warmth};
pub use live::{
    Counters, Funnel, Live, LiveJourney, LiveNode, LiveSignal, LiveTurn, LiveZone, NOTES_RECENT_MAX,
    OFFERS_RECENT_MAX,
};
pub use options::{Keys, Options, Origin, Role};
pub use pipeline::{Admission, Digest, Error, Pipeline, Repeat};
pub use turnpage_firmware_wire::topic;
pub use turnpage_journeys_engine::{Outcome, SubjectKind};
pub use turnpage_journeys_expr::Timestamp;
pub use venue::Venue;
pub use why::{Why, WhyChoice, WhyJourney, WhyPart};
