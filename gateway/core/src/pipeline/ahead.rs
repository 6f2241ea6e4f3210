//! Where people go next, learned from where they went: the facts `next.<kind>`.
//!
//! Learned online, only when a journey reads it, and only from those who have not said no. It is part of the saved
//! state: rebuilding it by replaying would need the log from its first day on, and the log is trimmed. The model is large and
//! a move is small, so a batch holds its moves, each with the trail it was made on, and every [`MOVES_MAX`] moves the
//! whole model; a restart takes the model and makes the moves after it again. Keys are used in a ring, so that what is
//! kept is bounded. Before: people.rs, which moves subjects. Next: enrich/facts.rs.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use turnpage_journeys_expr::LocalTime;
use turnpage_journeys_nextplace::{At, Model, Place, Trail};

use crate::Timestamp;
use crate::id::{self, ZoneIx};
use crate::venue::Venue;

/// Moves after which the whole model is written, and records of moves in the ring.
const MOVES_MAX: usize = 1_024;
/// The key of the whole model in the saved house; records of moves follow it.
pub(crate) const KEY: &str = "next";

/// The model and what of it is saved.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ahead {
    model: Model,
    /// The model as it was written last, and how many records of moves came before it.
    whole: (u64, Vec<u8>),
    /// Records of moves since, by their numbers.
    records: BTreeMap<u64, Vec<u8>>,
    /// The next record's number.
    next: u64,
    /// Moves of the current batch.
    moves: Vec<Move>,
    /// Moves since the whole model was written.
    since: usize,
}

/// Something that changed the model.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Move {
    /// A subject on this trail was seen at a place.
    Seen(Vec<u8>, u32, i64, u8),
    /// A subject on this trail left.
    Left(Vec<u8>, i64, u8),
    /// What this trail taught is forgotten.
    Forgotten(Vec<u8>),
}

impl Ahead {
    /// The model of a venue's zones that nobody has walked yet.
    pub(crate) fn new(venue: &Venue) -> Self {
        let mut ahead = Self::default();
        for zone in &venue.zones {
            ahead.model.know(place(zone.id.as_str()));
        }
        ahead
    }

    /// A subject was seen in a zone, or in none.
    pub(crate) fn seen(&mut self, venue: &Venue, trail: &mut Trail, zone: Option<ZoneIx>, at: At) {
        let before = trail.to_bytes();
        let change = match zone.and_then(|zone| venue.zone(zone)) {
            Some(zone) => Move::Seen(before, place(zone.id.as_str()).0, at.ms, at.hour),
            None => Move::Left(before, at.ms, at.hour),
        };
        self.make(&change, trail);
        self.moves.push(change);
    }

    /// As `seen`, without keeping the move for a batch: a replay saves nothing.
    pub(crate) fn learn(&mut self, venue: &Venue, trail: &mut Trail, zone: Option<ZoneIx>, at: At) {
        match zone.and_then(|zone| venue.zone(zone)) {
            Some(zone) => self.model.seen(trail, place(zone.id.as_str()), at),
            None => self.model.left(trail, at),
        }
    }

    /// What a subject taught is taken back.
    pub(crate) fn forget(&mut self, trail: &mut Trail) {
        let change = Move::Forgotten(trail.to_bytes());
        self.make(&change, trail);
        self.moves.push(change);
    }

    /// How probable it is that the next zone is of a kind.
    pub(crate) fn probability(&self, venue: &Venue, trail: &Trail, kind: usize, at: At) -> f64 {
        let of_kind = venue.zones.iter().filter(|zone| zone.kind == kind);
        let places: BTreeSet<_> = of_kind.map(|zone| place(zone.id.as_str())).collect();
        self.model.probability_of(trail, at, |place| places.contains(&place))
    }

    fn make(&mut self, change: &Move, trail: &mut Trail) {
        match *change {
            Move::Seen(_, place, ms, hour) => self.model.seen(trail, Place(place), At { ms, hour }),
            Move::Left(_, ms, hour) => self.model.left(trail, At { ms, hour }),
            Move::Forgotten(_) => drop(self.model.forget(trail)),
        }
    }

    /// Writes down the moves since this was asked last: the key that changed, and what it holds now.
    pub(crate) fn take_dirty(&mut self) -> Option<(String, Vec<u8>)> {
        if self.moves.is_empty() {
            return None;
        }
        let moves = std::mem::take(&mut self.moves);
        self.since += moves.len();
        let number = self.next;
        let full = self.since >= MOVES_MAX || number - self.whole.0 >= MOVES_MAX as u64 - 1;
        if full || self.whole.1.is_empty() {
            self.whole = (number, self.model.to_bytes());
            self.since = 0;
            return Some(self.save_whole());
        }
        self.next += 1;
        // Postcard does not fail on plain data; a record that cannot be read ends a restart, loudly.
        let record = postcard::to_stdvec(&(number, moves)).unwrap_or_default();
        self.records.insert(number, record.clone());
        let gone = number.saturating_sub(MOVES_MAX as u64 - 1);
        self.records.retain(|kept, _| *kept >= gone);
        Some((key(number), record))
    }

    fn save_whole(&self) -> (String, Vec<u8>) {
        (KEY.to_owned(), postcard::to_stdvec(&self.whole).unwrap_or_default())
    }

    /// Everything, by key.
    pub(crate) fn save(&self) -> BTreeMap<String, Vec<u8>> {
        let mut saved: BTreeMap<_, _> =
            self.records.iter().map(|(number, bytes)| (key(*number), bytes.clone())).collect();
        if !self.whole.1.is_empty() {
            saved.extend([self.save_whole()]);
        }
        saved
    }

    /// Takes everything back; `None` when some of it is not ours.
    pub(crate) fn restore<'a>(&mut self, saved: impl Iterator<Item = (&'a str, &'a [u8])>) -> Option<()> {
        let mut records = BTreeMap::new();
        for (key, bytes) in saved {
            if key == KEY {
                self.whole = postcard::from_bytes(bytes).ok()?;
                self.model = Model::from_bytes(&self.whole.1).ok()?;
            } else {
                let (number, moves): (u64, Vec<Move>) = postcard::from_bytes(bytes).ok()?;
                records.insert(number, (moves, bytes.to_vec()));
            }
        }
        self.next = self.whole.0;
        for (number, (moves, bytes)) in records {
            if number >= self.whole.0 {
                for change in &moves {
                    let (Move::Seen(before, ..) | Move::Left(before, ..) | Move::Forgotten(before)) = change;
                    self.make(change, &mut Trail::from_bytes(before).ok()?);
                }
                self.since += moves.len();
                self.next = number + 1;
            }
            self.records.insert(number, bytes);
        }
        Some(())
    }
}

/// An instant as the model needs it.
pub(crate) fn at(now: Timestamp, local: LocalTime) -> At {
    At { ms: now.0, hour: u8::try_from(local.hour()).unwrap_or(0) }
}

fn place(zone: &str) -> Place {
    // The last number is no place of a venue's.
    Place((id::hash(zone) >> 32) as u32 & (u32::MAX >> 1))
}

fn key(number: u64) -> String {
    format!("{KEY}/{}", number % MOVES_MAX as u64)
}
