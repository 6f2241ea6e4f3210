//! The model of a venue: learns from moves, foretells the next.
//!
//! Online: a move or a prediction costs time in the number of places, and the move itself is not kept.
//! Comes after `trust.rs`; next: `saved.rs`.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::bounds::PLACES_MAX;
use crate::counts::Counts;
use crate::prediction::Prediction;
use crate::trail::{At, Move, Place, Trail, dwell_class};
use crate::trust::Trust;
use crate::ways::{Known, Ways};

/// What a venue's subjects taught.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// Each place's number here, in the order they became known.
    pub(crate) numbers: BTreeMap<Place, u16>,
    pub(crate) counts: Counts,
    pub(crate) trust: Trust,
}

/// What became of a subject's moves when it was forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// Moves taken out of the counts again.
    pub taken_back: u32,
    /// Moves that stay, because they are older than a trail remembers or were aged with all others: they are
    /// part of sums that no longer say whose they are.
    pub blended: u32,
}

impl Model {
    /// A model that knows nothing.
    #[must_use]
    pub fn new() -> Self {
        Model::default()
    }

    /// Tells it that there is such a place, so that it has a probability before anyone went there. False when
    /// there is no room; such a place is `elsewhere`.
    pub fn know(&mut self, place: Place) -> bool {
        self.number(place).is_some()
    }

    /// A subject is seen: its trail goes on, and if it moved, the model learns where to. A sighting older than
    /// the trail's latest changes nothing.
    pub fn seen(&mut self, trail: &mut Trail, place: Place, at: At) {
        let number = self.number(place);
        // What was known as it left: the trail before it goes on.
        let known = self.known(trail, at);
        let Some(moved) = trail.go(number, at).filter(|moved| self.is_ours(moved)) else { return };
        let ways = Ways::new(&self.counts, known, self.numbers.len());
        self.trust.learn(&ways, moved.to);
        let separable = self.counts.add(&moved);
        trail.keep(self.counts.epoch, moved);
        if !separable {
            trail.blend(trail.recent.len());
        }
    }

    /// The subject left the venue, which is a place to go to like any other.
    pub fn left(&mut self, trail: &mut Trail, at: At) {
        self.seen(trail, Place::AWAY, at);
        (trail.here, trail.before) = (None, None);
    }

    /// As `seen` for a subject that the model must not learn from: only its trail goes on.
    pub fn follow(&self, trail: &mut Trail, place: Place, at: At) {
        trail.go(self.numbers.get(&place).copied(), at);
    }

    /// Where the subject goes next, if it is still where its trail says at this instant.
    #[must_use]
    pub fn predict(&self, trail: &Trail, at: At) -> Prediction {
        let (known, shares) = self.foretell(trail, at);
        let others = self.numbers.iter().filter(|(_, number)| known.here != Some(**number));
        let share = |number: usize| shares.get(number).copied().unwrap_or_default();
        let places: Vec<(Place, f64)> =
            others.map(|(place, number)| (*place, share(usize::from(*number)))).collect();
        Prediction { places, elsewhere: share(self.numbers.len()) }
    }

    /// The probability that the next place is one of these: `predict(..).of(..)` in one.
    #[must_use]
    pub fn probability_of(&self, trail: &Trail, at: At, is: impl Fn(Place) -> bool) -> f64 {
        let (_, shares) = self.foretell(trail, at);
        let wanted = self.numbers.iter().filter(|(place, _)| is(**place));
        wanted.filter_map(|(_, number)| shares.get(usize::from(*number))).sum()
    }

    /// Forgets a subject: the moves its trail still tells apart leave the counts, and the trail is blank. How
    /// far each way is trusted keeps its trace of them: it holds no place.
    pub fn forget(&mut self, trail: &mut Trail) -> Forgotten {
        let mut gone = core::mem::take(trail);
        if gone.epoch != self.counts.epoch {
            gone.blend(gone.recent.len());
        }
        for moved in &gone.recent {
            self.counts.take(moved);
        }
        Forgotten { taken_back: gone.recent.len() as u32, blended: gone.blended }
    }

    /// How many moves are counted, after ageing.
    #[must_use]
    pub fn moves(&self) -> u32 {
        self.counts.row(crate::counts::Context::Any).map_or(0, |row| row.kept)
    }

    /// Whether both count the same moves. Trust is left out: it follows the order in which moves came.
    #[must_use]
    pub fn counts_as(&self, other: &Model) -> bool {
        self.numbers == other.numbers && self.counts.rows == other.counts.rows
    }

    fn number(&mut self, place: Place) -> Option<u16> {
        if let Some(number) = self.numbers.get(&place) {
            return Some(*number);
        }
        let next = self.numbers.len();
        (next < PLACES_MAX).then(|| *self.numbers.entry(place).or_insert(next as u16))
    }

    /// A trail of another model, or one that was garbled, may name numbers that are not given out.
    fn is_ours(&self, moved: &Move) -> bool {
        let places = [moved.before.unwrap_or(moved.from), moved.from, moved.to];
        places.iter().all(|place| usize::from(*place) < self.numbers.len())
    }

    fn foretell(&self, trail: &Trail, at: At) -> (Known, Vec<f64>) {
        let known = self.known(trail, at);
        let ways = Ways::new(&self.counts, known, self.numbers.len());
        (known, self.trust.foretell(&ways))
    }

    fn known(&self, trail: &Trail, at: At) -> Known {
        let ours = |place: Option<u16>| place.filter(|place| usize::from(*place) < self.numbers.len());
        let dwelt = trail.here.map_or(0, |here| at.ms.saturating_sub(here.since_ms));
        Known {
            before: ours(trail.before),
            here: ours(trail.here.and_then(|here| here.place)),
            dwell: dwell_class(dwelt),
            hour: at.hour(),
        }
    }
}
