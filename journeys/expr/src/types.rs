//! Types of facts and expressions. Units are part of them, so metres never meet minutes. Their order is part of
//! what is stored.

use serde::{Deserialize, Serialize};

use crate::schema::DomainId;

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Unit {
    /// Air temperature, degrees Celsius.
    Celsius,
    /// Rain, millimetres an hour.
    MmPerHour,
    /// Wind, metres a second.
    MetrePerSecond,
    /// Per cent, 0 to 100.
    Percent,
    /// Light, lux.
    Lux,
    /// Distance, metres.
    Metre,
    /// Waiting time as a queue board shows it, minutes.
    Minute,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 7] = [
        Self::Celsius,
        Self::MmPerHour,
        Self::MetrePerSecond,
        Self::Percent,
        Self::Lux,
        Self::Metre,
        Self::Minute,
    ];

    /// The word authors write for the unit (`celsius`, `mm/h`, ..).
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Celsius => "celsius",
            Self::MmPerHour => "mm/h",
            Self::MetrePerSecond => "m/s",
            Self::Percent => "percent",
            Self::Lux => "lux",
            Self::Metre => "metres",
            Self::Minute => "minutes",
        }
    }

    /// The unit of a word, if it is one.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.word() == word)
    }
}

/// The type of a fact, a variable or an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Type {
    /// True or false.
    Bool,
    /// A 64-bit integer without a unit.
    Int,
    /// A double without a unit.
    Double,
    /// A double with a unit; its value is a `Value::Double`.
    Quantity(Unit),
    /// A length of time; its value is a `Value::Duration` in milliseconds.
    Duration,
    /// A time on the venue's clock; its value is a `Value::Duration` since midnight. Compared with text: `"11:30"`.
    TimeOfDay,
    /// A date of the venue's calendar; its value is a `Value::Int`, days since 1970-01-01. Compared with text:
    /// `"2026-12-24"`.
    Date,
    /// A member of a domain.
    Symbol(DomainId),
    /// Some members of a domain of at most [`SET_MAX`](crate::SET_MAX); its value is a `Value::Set`.
    Set(DomainId),
    /// Text: a string literal no domain has taken, or a `.name`. Lives in templates; no fact has it.
    Text,
}

impl Type {
    /// The domain whose members its values are made of, if there is one.
    #[must_use]
    pub fn domain(self) -> Option<DomainId> {
        match self {
            Self::Symbol(domain) | Self::Set(domain) => Some(domain),
            _ => None,
        }
    }
}
