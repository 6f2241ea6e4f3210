//! What is expected next: a probability for each place, and for a place that nobody knows. Plain data.

use alloc::vec::Vec;

use crate::trail::Place;

/// The probabilities of every next place. With `elsewhere` they sum to one, but for rounding.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// By place.
    pub(crate) places: Vec<(Place, f64)>,
    pub(crate) elsewhere: f64,
}

impl Prediction {
    /// Every place the model knows but the one the subject is at, by number.
    pub fn iter(&self) -> impl Iterator<Item = (Place, f64)> + '_ {
        self.places.iter().copied()
    }

    /// The probability that the next place is one of these: of a kind, say.
    pub fn of(&self, is: impl Fn(Place) -> bool) -> f64 {
        self.iter().filter(|(place, _)| is(*place)).map(|(_, share)| share).sum()
    }

    /// The probability of a place the model does not know.
    pub fn elsewhere(&self) -> f64 {
        self.elsewhere
    }

    /// The most probable place; of equals the one with the smaller number.
    pub fn likeliest(&self) -> Option<(Place, f64)> {
        let better = |best: (Place, f64), one: (Place, f64)| if one.1 > best.1 { one } else { best };
        self.iter().reduce(better)
    }
}
