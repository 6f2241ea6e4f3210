//! Ways of looking at a trail, each a distribution over next places that backs off to a coarser one.
//!
//! Interpolated absolute discounting: every count gives up [`DISCOUNT`], and what is given up, with [`STRENGTH`]
//! moves of belief, is spread as the coarser way would. Additions, products and quotients only, so the bytes
//! agree on every machine. Which way to believe is not decided here.
//!
//! Comes after `counts.rs`; next: `trust.rs`.

use alloc::vec;
use alloc::vec::Vec;

use crate::counts::{Context, Counts, Row};

/// What each next place that was seen gives up to those that were not.
pub const DISCOUNT: f64 = 0.5;
/// The coarser way weighs as many moves as this.
pub const STRENGTH: f64 = 0.5;

/// How many ways there are.
pub(crate) const WAYS: usize = 7;

/// The way each backs off to. The first knows nothing: where people do not repeat themselves it is the best.
const COARSER: [usize; WAYS] = [usize::MAX, 0, 1, 1, 3, 3, 3];

/// What is known at the moment of a prediction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) before: Option<u16>,
    pub(crate) here: Option<u16>,
    pub(crate) dwell: u8,
    pub(crate) hour: u8,
}

/// The ways for one moment, ready to be asked for any place.
pub(crate) struct Ways<'a> {
    rows: [Weighed<'a>; WAYS],
    here: Option<u16>,
    /// Each place's share when nothing is known: all places but this one, and elsewhere.
    uniform: f64,
    places: usize,
}

#[derive(Clone, Copy)]
struct Weighed<'a> {
    row: Option<&'a Row>,
    /// Moves counted, those to here left out.
    total: f64,
    /// The share that goes to the coarser way.
    escape: f64,
}

impl<'a> Weighed<'a> {
    fn new(row: Option<&'a Row>, here: Option<u16>) -> Self {
        let Some(row) = row else { return Weighed { row: None, total: 0.0, escape: 1.0 } };
        let back = here.map_or(0, |here| row.count(here));
        let kept = row.kept.saturating_sub(back);
        let kinds = row.next.len() - usize::from(back > 0);
        let total = f64::from(kept) + f64::from(row.others);
        let given_up = DISCOUNT * kinds as f64 + f64::from(row.others) + STRENGTH;
        Weighed { row: Some(row), total, escape: given_up / (total + STRENGTH) }
    }

    fn share(&self, place: u16, coarser: f64) -> f64 {
        let count = self.row.map_or(0, |row| row.count(place));
        let own = if count == 0 { 0.0 } else { (f64::from(count) - DISCOUNT) / (self.total + STRENGTH) };
        own + self.escape * coarser
    }
}

impl<'a> Ways<'a> {
    /// `places` is how many places the model has a number for.
    pub(crate) fn new(counts: &'a Counts, known: Known, places: usize) -> Self {
        let Known { before, here, dwell, hour } = known;
        let from = |context: &dyn Fn(u16) -> Option<Context>| here.and_then(context);
        let contexts = [
            None,
            Some(Context::Any),
            Some(Context::Hour(hour)),
            from(&|here| Some(Context::From(here))),
            from(&|here| (dwell > 0).then_some(Context::Dwelt(here, dwell))),
            from(&|here| Some(Context::FromAt(here, hour))),
            from(&|here| before.map(|before| Context::Two(before, here))),
        ];
        let rows =
            contexts.map(|context| Weighed::new(context.and_then(|context| counts.row(context)), here));
        let others = places - usize::from(here.is_some()) + 1;
        Ways { rows, here, uniform: 1.0 / others as f64, places }
    }

    /// What each way gives a place other than this one.
    pub(crate) fn shares(&self, place: u16) -> [f64; WAYS] {
        let mut shares = [0.0; WAYS];
        for (way, (row, coarser)) in self.rows.iter().zip(COARSER).enumerate() {
            let under = shares.get(coarser).copied().unwrap_or(self.uniform);
            if let Some(share) = shares.get_mut(way) {
                *share = row.share(place, under);
            }
        }
        shares
    }

    /// The weighted mixture of all ways over every place, by number, and elsewhere at the end. The weights travel
    /// down to the coarser ways first, so that each count is looked at once.
    pub(crate) fn mixture(&self, weights: &[f64; WAYS]) -> Vec<f64> {
        let mut reach = *weights;
        let mut uniform = 0.0;
        for way in (0..WAYS).rev() {
            let (Some(row), Some(coarser)) = (self.rows.get(way), COARSER.get(way)) else { continue };
            let on = reach.get(way).map_or(0.0, |weight| weight * row.escape);
            *reach.get_mut(*coarser).unwrap_or(&mut uniform) += on;
        }
        let mut shares = vec![uniform * self.uniform; self.places + 1];
        for (row, weight) in self.rows.iter().zip(reach) {
            for (place, count) in row.row.map_or(&[][..], |row| &row.next) {
                if let Some(share) = shares.get_mut(usize::from(*place)) {
                    *share += weight * (f64::from(*count) - DISCOUNT) / (row.total + STRENGTH);
                }
            }
        }
        if let Some(here) = self.here.and_then(|here| shares.get_mut(usize::from(here))) {
            *here = 0.0;
        }
        shares
    }

    /// How many moves the place, and the two places, were seen to make.
    pub(crate) fn evidence(&self) -> [f64; 2] {
        let [_, _, _, from, _, _, two] = &self.rows;
        [from.total, two.total]
    }
}
