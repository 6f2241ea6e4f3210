//! Journeys at run time: graph, instances, timers, step and effects, as a pure function.
//!
//! ```text
//! Definition -compile-> Library ─┐
//!                    Input, Due -step-> Step { effects }
//! ```
//!
//! The engine has no clock, no I/O, no randomness but a seed, and no map whose order leaks: the same inputs
//! give the same bytes on every machine. `SEMANTICS.md` beside this crate numbers its rules; every rule is
//! named by a test.
//!
//! `no_std`, with an allocator. The feature `compile` (default) makes a [`Library`] of definitions, and brings the parser of
//! guards, which needs std; without it the crate is the whole run time.
//!
//! Deliberately not here: reading files (`journeys/authoring`), knowing facts (`gateway/core` enriches), and
//! deciding what may leave the house (`gateway/core` plans).
//!
//! Next: `graph.rs`, what an author wrote.
#![cfg_attr(not(test), no_std)]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

extern crate alloc;

pub mod bounds;
mod call;
#[cfg(feature = "compile")]
mod compile;
mod effect;
mod engine;
mod foretell;
mod graph;
mod id;
mod input;
mod instances;
mod learn;
mod library;
mod limits;
mod namer;
mod offsets;
mod state;
mod subjects;
mod timers;
mod turn;
mod upgrade;

#[cfg(feature = "compile")]
pub use compile::{Compiled, Problem, compile};
pub use effect::{ChosenBy, Effect, OfferId, Step, Weighed, Weighing};
pub use engine::{ChoiceState, Due, Engine, Error, Pooled, Waits};
#[cfg(feature = "compile")]
pub use graph::{
    AlternativeDef, CallDef, ChoiceDef, Definition, DispatchDef, EntryDef, IntentDef, LearnDef, OfferDef, On,
    OutcomeOf, PageDef, Spanned, TypeDef, Upgrade, VariableDef, WordingDef,
};
pub use graph::{Kind, Limit, Outcome, Serves, SubjectKind};
pub use id::{ChoiceIx, JourneyIx, OfferIx, PageIx, SubjectIx, VariableIx};
pub use input::{Event, Input, OutcomeIn, PickIn, Triggers};
pub use learn::Tally;
pub use library::{Asks, ChoiceInfo, Deed, Dispatch, Journey, Library, Offer, Page, Past, Variable, Wording};
pub use namer::evidence;
pub use offsets::{Offsets, Transition};

pub use upgrade::{Lapsed, Moves, dry_run};

// What this crate's interface speaks in.
#[cfg(feature = "compile")]
pub use turnpage_journeys_expr::{Diagnostic, Severity, Span};
pub use turnpage_journeys_expr::{Timestamp, Value};
