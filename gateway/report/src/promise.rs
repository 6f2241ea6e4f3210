//! What a journey promises, and the measure it wants to be held to.
//!
//! The words are the author's (`serves` in a journey); of its measure those about offers are counted here, `conversion(cocoa)`,
//! `click_through(cocoa)` and `value(cocoa)`, with or without an offer's name. Next: report.rs.

use serde::{Deserialize, Serialize};
use turnpage_gateway_measure::{Lift, Rate};

use crate::Period;
use crate::tally::{Cell, Count, Tally, Thing};

/// What a journey is for, in its author's words.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Promise {
    /// Which journey.
    pub journey: String,
    /// What the venue gains.
    pub outcome: Option<String>,
    /// What the subject should feel.
    pub experience: Option<String>,
    /// How it is measured.
    pub measure: Option<String>,
}

/// A measure that can be counted from offers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Measure {
    /// Accepted, of those made.
    Conversion(Option<String>),
    /// Clicked, of those delivered.
    ClickThrough(Option<String>),
    /// What an offer brings.
    Value(Option<String>),
}

impl Measure {
    /// Reads a measure; `None` for one that is no count of offers.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (word, offer) = match text.trim().split_once('(') {
            Some((word, rest)) => (word.trim(), rest.strip_suffix(')')?.trim()),
            None => (text.trim(), ""),
        };
        let offer = (!offer.is_empty()).then(|| offer.to_owned());
        match word {
            "conversion" => Some(Self::Conversion(offer)),
            "click_through" => Some(Self::ClickThrough(offer)),
            "value" => Some(Self::Value(offer)),
            _ => None,
        }
    }

    /// The offer it is about; `None` for all of the journey.
    #[must_use]
    pub fn offer(&self) -> Option<&str> {
        match self {
            Self::Conversion(offer) | Self::ClickThrough(offer) | Self::Value(offer) => offer.as_deref(),
        }
    }
}

/// A promise held against what was counted.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Kept {
    /// What was promised.
    #[serde(flatten)]
    pub promise: Promise,
    /// The measure over the period; `None` for a measure that is no count of offers, or before the first offer.
    pub now: Option<f64>,
    /// Of how many offers.
    pub of: u64,
    /// The same over the period before.
    pub before: Option<f64>,
    /// Of how many.
    pub before_of: u64,
    /// How much of the change is more than chance: no less, and no more, at every look at once.
    pub change: Option<(f64, f64)>,
}

impl Measure {
    /// As a share; `None` for what is none.
    fn rate(&self, count: &Count) -> Option<Rate> {
        match self {
            Self::Conversion(_) => Some(count.conversions()),
            Self::ClickThrough(_) => Some(count.clicks()),
            Self::Value(_) => None,
        }
    }

    /// As a number; `None` before the first offer.
    fn value(&self, count: &Count) -> Option<f64> {
        match self.rate(count) {
            Some(rate) => rate.share(),
            None => (count.made > 0).then(|| count.mean().mean),
        }
    }

    /// What was counted for it over some days.
    fn count(&self, tally: &Tally, journey: &str, period: Option<Period>) -> Count {
        let mut all = Count::default();
        let is_it = |cell: &Cell| {
            cell.thing == Thing::Whole
                && !cell.held_out
                && period.is_some_and(|period| period.has(cell.day))
                && tally.names.word(cell.journey) == journey
                && self.offer().is_none_or(|offer| tally.names.word(cell.offer) == offer)
        };
        tally.cells.iter().filter(|(cell, _)| is_it(cell)).for_each(|(_, count)| all.absorb(count));
        all
    }
}

impl Kept {
    pub(crate) fn of(
        tally: &Tally,
        promise: &Promise,
        period: Option<Period>,
        baseline: Option<Period>,
    ) -> Self {
        let promise = promise.clone();
        let Some(measure) = promise.measure.as_deref().and_then(Measure::read) else {
            return Self { promise, now: None, of: 0, before: None, before_of: 0, change: None };
        };
        let now = measure.count(tally, &promise.journey, period);
        let before = measure.count(tally, &promise.journey, baseline);
        let lift = measure.rate(&now).zip(measure.rate(&before));
        let lift = lift.map(|(treated, held_out)| Lift { treated, held_out });
        let change = lift.filter(|lift| lift.difference().is_some()).map(Lift::always);
        Self {
            promise,
            now: measure.value(&now),
            of: now.made,
            before: measure.value(&before),
            before_of: before.made,
            change: change.map(|change| (change.low, change.high)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_of_offers_are_read_and_others_are_left_to_their_words() {
        assert_eq!(Measure::read("conversion(cocoa)"), Some(Measure::Conversion(Some("cocoa".into()))));
        assert_eq!(Measure::read(" value ( cocoa ) "), Some(Measure::Value(Some("cocoa".into()))));
        assert_eq!(Measure::read("click_through()"), Some(Measure::ClickThrough(None)));
        assert_eq!(Measure::read("conversion"), Some(Measure::Conversion(None)));
        for other in ["visits(crowded)", "conversion(cocoa", "smiles", ""] {
            assert_eq!(Measure::read(other), None, "{other}");
        }
    }
}
