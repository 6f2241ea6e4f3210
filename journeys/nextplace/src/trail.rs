//! One subject's trail: where it is, since when, where it was, and its latest moves. Learns nothing by itself.
//!
//! Comes after the caller's sightings; next: `counts.rs`, where moves are counted.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::bounds::{GAP_MS_MAX, RECENT_MAX};

/// A place, by a number of the caller's choice that stays the same as long as the model lives (a hash of a
/// zone's name does; its position in a list that people edit does not).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place(pub u32);

impl Place {
    /// Out of the venue: what [`Model::left`](crate::Model::left) counts.
    pub const AWAY: Place = Place(u32::MAX);
}

/// An instant, as the model needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Milliseconds since some origin that never moves: dwell is a difference of two.
    pub ms: i64,
    /// The hour on the venue's clock, 0 to 23; more is taken as 23.
    pub hour: u8,
}

impl At {
    pub(crate) fn hour(self) -> u8 {
        self.hour.min(23)
    }
}

/// What is remembered of one subject. It belongs to one model: places are kept under that model's numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// The place before this one.
    pub(crate) before: Option<u16>,
    pub(crate) here: Option<Here>,
    /// The generation of the model that the moves below were counted in.
    pub(crate) epoch: u32,
    /// Moves that can still be taken back, the oldest first.
    pub(crate) recent: Vec<Move>,
    /// Moves that no longer can.
    pub(crate) blended: u32,
}

/// Where a subject is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Here {
    /// Not known when the model has no number for it.
    pub(crate) place: Option<u16>,
    pub(crate) since_ms: i64,
    pub(crate) seen_ms: i64,
}

/// One move, as it was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Move {
    pub(crate) before: Option<u16>,
    pub(crate) from: u16,
    pub(crate) to: u16,
    pub(crate) hour: u8,
    pub(crate) dwell: u8,
}

/// Dwell is told apart at these: passing by, looking, sitting down, staying.
const DWELLS_MS: [i64; 4] = [60_000, 5 * 60_000, 20 * 60_000, 60 * 60_000];

/// How many classes of dwell there are beside "any".
pub(crate) const DWELLS: u8 = DWELLS_MS.len() as u8;

/// The longest class of dwell that is over: 0 for none.
pub(crate) fn dwell_class(ms: i64) -> u8 {
    DWELLS_MS.iter().take_while(|least| ms >= **least).count() as u8
}

impl Trail {
    /// Of a subject that was never seen.
    #[must_use]
    pub fn new() -> Self {
        Trail::default()
    }

    /// Goes on to a place of the model and says the move this was, if it was one. A sighting older than the
    /// latest one is late: it changes nothing.
    pub(crate) fn go(&mut self, place: Option<u16>, at: At) -> Option<Move> {
        let Some(here) = &mut self.here else {
            self.here = Some(Here { place, since_ms: at.ms, seen_ms: at.ms });
            return None;
        };
        if at.ms < here.seen_ms {
            return None;
        }
        let away = at.ms.saturating_sub(here.seen_ms) > GAP_MS_MAX;
        if here.place == place && !away {
            here.seen_ms = at.ms;
            return None;
        }
        let was = core::mem::replace(here, Here { place, since_ms: at.ms, seen_ms: at.ms });
        let before = core::mem::replace(&mut self.before, if away { None } else { was.place });
        if away {
            return None;
        }
        let dwell = dwell_class(at.ms.saturating_sub(was.since_ms));
        Some(Move { before, from: was.place?, to: place?, hour: at.hour(), dwell })
    }

    /// Keeps a move that was counted in this generation of the model.
    pub(crate) fn keep(&mut self, epoch: u32, moved: Move) {
        if self.epoch != epoch {
            self.blend(self.recent.len());
            self.epoch = epoch;
        }
        if self.recent.len() >= RECENT_MAX {
            self.blend(1);
        }
        self.recent.push(moved);
    }

    /// Gives up the oldest moves: they stay in the model for good.
    pub(crate) fn blend(&mut self, moves: usize) {
        let given_up = self.recent.drain(..moves.min(self.recent.len())).count();
        self.blended = self.blended.saturating_add(given_up as u32);
    }
}
