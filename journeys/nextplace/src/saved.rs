//! Model and trail as bytes: one version byte, then postcard, sorted, so that equal models are equal bytes.
//!
//! What is read is checked wholly before it is believed: a model from elsewhere is refused, never half taken.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::bounds::{
    CONTEXTS_MAX, MODEL_BYTES_MAX, MOVES_MAX, NEXT_MAX, PLACES_MAX, RECENT_MAX, TRAIL_BYTES_MAX,
};
use crate::counts::{Context, Counts, Row};
use crate::model::Model;
use crate::trail::{DWELLS, Place, Trail};
use crate::trust::Trust;

/// The layout below. A change of it is a new number.
const VERSION: u8 = 1;

/// Why bytes were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no saved model or trail: {0}")]
pub struct Error(&'static str);

#[derive(Serialize, Deserialize)]
struct Saved {
    /// In the order of their numbers.
    places: Vec<Place>,
    epoch: u32,
    rows: Vec<(Context, Row)>,
    trust: Trust,
}

impl Model {
    /// The model, for `from_bytes`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut places: Vec<(u16, Place)> =
            self.numbers.iter().map(|(place, number)| (*number, *place)).collect();
        places.sort_unstable();
        let saved = Saved {
            places: places.into_iter().map(|(_, place)| place).collect(),
            epoch: self.counts.epoch,
            rows: self.counts.rows.iter().map(|(context, row)| (*context, row.clone())).collect(),
            trust: self.trust.clone(),
        };
        write(&saved)
    }

    /// Reads what `to_bytes` wrote.
    ///
    /// # Errors
    /// The bytes are too long, of another version, cut off, or say what no model says.
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, Error> {
        let saved: Saved = read(bytes, MODEL_BYTES_MAX)?;
        let numbers: BTreeMap<Place, u16> =
            saved.places.iter().zip(0..).map(|(place, number)| (*place, number)).collect();
        if numbers.len() != saved.places.len() || numbers.len() > PLACES_MAX {
            return Err(Error("its places are too many, or one is there twice"));
        }
        let sorted = saved.rows.is_sorted_by(|(a, _), (b, _)| a < b);
        let known = numbers.len() as u16;
        if !sorted || !saved.rows.iter().all(|(context, row)| is_sound(*context, row, known)) {
            return Err(Error("a count cannot be"));
        }
        let rows: BTreeMap<Context, Row> = saved.rows.into_iter().collect();
        let deep = rows.keys().filter(|context| context.deep()).count();
        if deep > CONTEXTS_MAX {
            return Err(Error("its contexts are too many"));
        }
        if !saved.trust.is_sound() {
            return Err(Error("a weight cannot be"));
        }
        let counts = Counts { rows, deep, epoch: saved.epoch };
        Ok(Model { numbers, counts, trust: saved.trust })
    }
}

impl Trail {
    /// The trail, for `from_bytes`.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        write(self)
    }

    /// Reads what `to_bytes` wrote. Whether it belongs to a model cannot be told: places that model does not
    /// know are taken as unknown.
    ///
    /// # Errors
    /// The bytes are too long, of another version, cut off, or say what no trail says.
    pub fn from_bytes(bytes: &[u8]) -> Result<Trail, Error> {
        let trail: Trail = read(bytes, TRAIL_BYTES_MAX)?;
        let moves = trail.recent.iter();
        let sound = moves.clone().all(|moved| moved.hour < 24 && moved.dwell <= DWELLS);
        let timed = trail.here.is_none_or(|here| here.since_ms <= here.seen_ms);
        if trail.recent.len() > RECENT_MAX || !sound || !timed {
            return Err(Error("a move cannot be"));
        }
        Ok(trail)
    }
}

fn is_sound(context: Context, row: &Row, known: u16) -> bool {
    let place = |place: u16| place < known;
    let fits = match context {
        Context::Any => true,
        Context::Hour(hour) => hour < 24,
        Context::From(from) => place(from),
        Context::Dwelt(from, dwell) => place(from) && (1..=DWELLS).contains(&dwell),
        Context::FromAt(from, hour) => place(from) && hour < 24,
        Context::Two(before, from) => place(before) && place(from),
    };
    let next = &row.next;
    let sum: u64 = next.iter().map(|(_, count)| u64::from(*count)).sum();
    let total = sum + u64::from(row.others);
    fits && next.is_sorted_by(|(a, _), (b, _)| a < b)
        && next.iter().all(|(to, count)| place(*to) && *count > 0)
        && (!context.deep() || next.len() <= NEXT_MAX)
        && sum == u64::from(row.kept)
        && (1..=u64::from(MOVES_MAX)).contains(&total)
}

fn write<T: Serialize>(saved: &T) -> Vec<u8> {
    // Writing to memory only fails for types whose length is not known, and there is none.
    postcard::to_extend(saved, alloc::vec![VERSION]).unwrap_or_default()
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8], max: usize) -> Result<T, Error> {
    if bytes.len() > max {
        return Err(Error("it is too long"));
    }
    let body = match bytes.split_first() {
        Some((&VERSION, body)) => body,
        Some(_) => return Err(Error("its version is not known")),
        None => return Err(Error("it is empty")),
    };
    let (saved, rest) = postcard::take_from_bytes(body).map_err(|_| Error("it is cut off or garbled"))?;
    if rest.is_empty() { Ok(saved) } else { Err(Error("something follows it")) }
}
