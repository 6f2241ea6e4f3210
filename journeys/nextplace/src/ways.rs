//! Ways of looking at a trail, each a distribution over next places that backs off to a coarser one.
//!
//! Interpolated absolute discounting: every count gives up [`DISCOUNT`], and what is given up, with [`STRENGTH`]
//! moves of belief, is spread as the coarser way would. Additions, products and quotients only, so the bytes
//! agree on every machine. Which way to believe is not decided here.
//!
//! Comes after `counts.rs`; next: `trust.rs`.

use crate::counts::{Context, Counts, Row};

/// What each next place that was seen gives up to those that were not.
pub const DISCOUNT: f64 = 0.5;
/// The coarser way weighs as many moves as this.
pub const STRENGTH: f64 = 0.5;

/// How many ways there are.
pub(crate) const WAYS: usize = 6;

/// The way each backs off to; the first to the uniform distribution.
const COARSER: [usize; WAYS] = [usize::MAX, 0, 0, 2, 2, 2];

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

    fn share(&self, place: Option<u16>, coarser: f64) -> f64 {
        let count = self.row.zip(place).map_or(0, |(row, place)| row.count(place));
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
        Ways { rows, here, uniform: 1.0 / others as f64 }
    }

    /// What each way gives a place, or, for none, a place that is not known.
    pub(crate) fn shares(&self, place: Option<u16>) -> [f64; WAYS] {
        let mut shares = [0.0; WAYS];
        if place.is_some() && place == self.here {
            return shares;
        }
        for (way, (row, coarser)) in self.rows.iter().zip(COARSER).enumerate() {
            let under = shares.get(coarser).copied().unwrap_or(self.uniform);
            if let Some(share) = shares.get_mut(way) {
                *share = row.share(place, under);
            }
        }
        shares
    }

    /// How many moves the place, and the two places, were seen to make.
    pub(crate) fn evidence(&self) -> [f64; 2] {
        let [_, _, from, _, _, two] = &self.rows;
        [from.total, two.total]
    }
}
