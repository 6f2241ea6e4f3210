//! Units that sensors write, and how they become the venue's.
//!
//! A unit is always stated in a declaration, never guessed from a value. Next: declare.rs, where it is a key.

use turnpage_journeys_expr::Unit;

/// A stated unit: `value * scale + offset` is the same in the venue's unit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Measure {
    /// What authors write.
    pub(crate) word: &'static str,
    pub(crate) counts: Counts,
    scale: f64,
    offset: f64,
}

/// What a stated unit counts, as far as the venue is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Counts {
    /// This, in the venue's unit once converted.
    Unit(Unit),
    /// Nothing in particular: a bare number.
    Bare,
    /// Whatever the venue declares the signal to be, because another system was set up to say just that.
    Declared,
}

impl Counts {
    /// Whether it fits a signal that the venue declares with this unit.
    pub(crate) fn fits(self, declared: Option<Unit>) -> bool {
        match self {
            Self::Unit(unit) => declared == Some(unit),
            Self::Bare => declared.is_none(),
            Self::Declared => true,
        }
    }
}

impl Measure {
    /// A value in the venue's unit; `None` when it is no finite number.
    pub(crate) fn convert(self, value: f64) -> Option<f64> {
        let converted = value * self.scale + self.offset;
        converted.is_finite().then_some(converted)
    }
}

const fn of(word: &'static str, unit: Unit, scale: f64, offset: f64) -> Measure {
    Measure { word, counts: Counts::Unit(unit), scale, offset }
}

const fn plain(word: &'static str, counts: Counts) -> Measure {
    Measure { word, counts, scale: 1.0, offset: 0.0 }
}

/// Every unit that can be stated. Truths count as 1 and 0.
pub(crate) const MEASURES: [Measure; 23] = [
    of("celsius", Unit::Celsius, 1.0, 0.0),
    of("fahrenheit", Unit::Celsius, 1.0 / 1.8, -32.0 / 1.8),
    of("kelvin", Unit::Celsius, 1.0, -273.15),
    of("mm/h", Unit::MmPerHour, 1.0, 0.0),
    of("in/h", Unit::MmPerHour, 25.4, 0.0),
    of("m/s", Unit::MetrePerSecond, 1.0, 0.0),
    of("km/h", Unit::MetrePerSecond, 1.0 / 3.6, 0.0),
    of("mph", Unit::MetrePerSecond, 0.447_04, 0.0),
    of("knots", Unit::MetrePerSecond, 1852.0 / 3600.0, 0.0),
    of("percent", Unit::Percent, 1.0, 0.0),
    of("fraction", Unit::Percent, 100.0, 0.0),
    of("lux", Unit::Lux, 1.0, 0.0),
    of("metres", Unit::Metre, 1.0, 0.0),
    of("centimetres", Unit::Metre, 0.01, 0.0),
    of("millimetres", Unit::Metre, 0.001, 0.0),
    of("kilometres", Unit::Metre, 1000.0, 0.0),
    of("feet", Unit::Metre, 0.3048, 0.0),
    of("minutes", Unit::Minute, 1.0, 0.0),
    of("seconds", Unit::Minute, 1.0 / 60.0, 0.0),
    of("hours", Unit::Minute, 60.0, 0.0),
    plain("number", Counts::Bare),
    plain("truth", Counts::Bare),
    plain("declared", Counts::Declared),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_what_the_tables_say() {
        let convert = |word: &str, value: f64| {
            let measure = MEASURES.iter().find(|measure| measure.word == word).unwrap();
            (measure.convert(value).unwrap() * 1e4).round() / 1e4
        };
        assert_eq!([convert("fahrenheit", 212.0), convert("fahrenheit", -40.0)], [100.0, -40.0]);
        assert_eq!(
            [convert("kelvin", 273.15), convert("mph", 10.0), convert("knots", 1.0)],
            [0.0, 4.4704, 0.5144]
        );
        assert_eq!(
            [convert("km/h", 36.0), convert("fraction", 0.5), convert("hours", 1.5)],
            [10.0, 50.0, 90.0]
        );
        assert_eq!(MEASURES.iter().find_map(|measure| measure.convert(f64::NAN)), None);
    }
}
