//! What a new version of the journeys would do to those who are inside the old one, counted and not done.
//!
//! Takes saved subjects out of a state, or runs a file of events to its end; where each of them goes on is decided by
//! the engine. Before: gateway/store and replay.rs. Next: gateway/cli, which prints it.

use turnpage_journeys_engine::{Library, dry_run as count};

pub use turnpage_journeys_engine::Moves;

use crate::batch::State;
use crate::pipeline::Error;
use crate::subject;

/// Counts where every subject of a state that was made under `old` goes on under `new`.
///
/// # Errors
/// [`Error::State`] when a subject's record is not what this version wrote: a count without it would not be true.
pub fn dry_run(old: &Library, new: &Library, state: &State) -> Result<Vec<Moves>, Error> {
    let mut saved = Vec::with_capacity(state.subjects.len());
    for (name, bytes) in &state.subjects {
        saved.push(subject::instances(bytes).ok_or_else(|| Error::State(name.to_string()))?);
    }
    moves(old, new, &saved)
}

/// Counts where everyone goes on whose instances were saved under `old`.
///
/// # Errors
/// As [`dry_run`].
pub fn moves(old: &Library, new: &Library, saved: &[impl AsRef<[u8]>]) -> Result<Vec<Moves>, Error> {
    count(old, new, saved.iter().map(AsRef::as_ref)).map_err(|error| Error::State(error.to_string()))
}
