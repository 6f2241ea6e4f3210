//! Where each offer was decided about, and what became of it: the lines that a report counts.
//!
//! A decision record says why; a line says in what setting, in words that outlive the venue's numbers, and of everything that
//! came of the offer, whoever said so: a channel, the subject, the till, the journey that saw her arrive, or time. Lines decide
//! nothing. Before: pipeline/offers.rs, which writes them. Next: batch.rs; gateway/report, which reads them.

use serde::{Deserialize, Serialize};
use turnpage_journeys_engine::Outcome;

use crate::Timestamp;
use crate::event::Weather;
use crate::id::{OfferId, ZoneName};

/// Rain from which it counts as wet, in millimetres an hour: what is less is not worth an umbrella.
const WET_FROM: f64 = 0.1;

/// One line. The log holds these by number: new ones come after the last.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub enum LedgerLine {
    /// An offer was made or withheld: the decision record of this id in the same batch says which.
    Decided {
        /// Which offer.
        id: OfferId,
        /// Not to be answered at or after this; later answers count as answers, not as its own.
        valid_until: Timestamp,
        /// Where, when, to whom and in what weather.
        setting: Setting,
    },
    /// Something became of it, for the first time.
    Became {
        /// Which offer.
        id: OfferId,
        /// When.
        at: Timestamp,
        /// What.
        outcome: Outcome,
    },
    /// It was accepted, and this is what it brought.
    Brought {
        /// Which offer.
        id: OfferId,
        /// When.
        at: Timestamp,
        /// How much, in the venue's money.
        value: f64,
    },
    /// It was taken back.
    Withdrawn {
        /// Which offer.
        id: OfferId,
        /// When.
        at: Timestamp,
    },
}

/// In what setting an offer was decided about.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Setting {
    /// The venue's day, in days since 1970-01-01.
    pub day: i32,
    /// The venue's hour, 0 to 23.
    pub hour: u8,
    /// The zone the subject was in.
    pub zone: Option<ZoneName>,
    /// What the subject is here; empty for what has no role.
    pub role: String,
    /// The weather where the subject was.
    pub sky: Sky,
}

/// Weather as reports tell it apart. What no station knew is `None`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Sky {
    /// Whether it rained.
    pub wet: Option<bool>,
    /// How warm it was.
    pub warmth: Option<Warmth>,
}

/// How warm the air is, in steps of ten degrees.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Warmth {
    /// Below 0 °C.
    Freezing,
    /// Below 10 °C.
    Cold,
    /// Below 20 °C.
    Mild,
    /// Below 30 °C.
    Warm,
    /// 30 °C and more.
    Hot,
}

impl Sky {
    /// The weather as measured.
    #[must_use]
    pub fn of(weather: &Weather) -> Self {
        let warmth = |celsius: f64| match celsius {
            ..0.0 => Warmth::Freezing,
            ..10.0 => Warmth::Cold,
            ..20.0 => Warmth::Mild,
            ..30.0 => Warmth::Warm,
            _ => Warmth::Hot,
        };
        Self { wet: weather.rain.map(|rain| rain >= WET_FROM), warmth: weather.temperature.map(warmth) }
    }

    /// In words, such as `wet, mild`.
    #[must_use]
    pub fn words(self) -> String {
        let wet = self.wet.map(|wet| if wet { "wet" } else { "dry" });
        let warmth = self.warmth.map(Warmth::as_str);
        let known: Vec<_> = wet.into_iter().chain(warmth).collect();
        if known.is_empty() { "unknown".to_owned() } else { known.join(", ") }
    }
}

impl Warmth {
    /// In one word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Freezing => "freezing",
            Self::Cold => "cold",
            Self::Mild => "mild",
            Self::Warm => "warm",
            Self::Hot => "hot",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weather_is_told_in_words_and_what_nobody_measured_is_not() {
        let sky = |rain, temperature| Sky::of(&Weather { rain, temperature, ..Weather::default() }).words();
        assert_eq!(sky(Some(0.1), Some(19.9)), "wet, mild");
        assert_eq!(sky(Some(0.0), Some(30.0)), "dry, hot");
        assert_eq!(sky(None, Some(-0.1)), "freezing");
        assert_eq!(sky(Some(0.05), None), "dry");
        assert_eq!(sky(None, None), "unknown");
    }
}
