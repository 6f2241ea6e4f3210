//! What the air is like to people: how warm it feels, how hard it rains.
//!
//! Published formulas within the ranges they were published for, and pure arithmetic, so that every machine gets the
//! same number. Whoever fills facts asks here: the gateway from measurements, a play from what it gives.

/// What `weather.condition` can be, from the driest.
pub const CONDITIONS: [&str; 4] = ["dry", "light-rain", "rain", "heavy-rain"];

/// Upper bounds of rain in mm/h, exclusive for dry and inclusive after it, in the order of [`CONDITIONS`]: rain is light
/// up to 2.5, moderate up to 7.6, heavy above (American Meteorological Society, Glossary of Meteorology, "rain"). Less
/// than 0.1 is a trace, which no gauge tells from dew (WMO No. 8, Guide to Instruments, part I, chapter 6).
const TRACE: f64 = 0.1;
const LIGHT: f64 = 2.5;
const MODERATE: f64 = 7.6;

/// From how many millimetres an hour on each but the first of [`CONDITIONS`] begins, as near as guards look.
pub const CONDITIONS_FROM: [f64; 3] = [TRACE, LIGHT, MODERATE];

/// The place in [`CONDITIONS`] of so many millimetres an hour.
#[must_use]
pub fn condition(rain: f64) -> usize {
    match rain {
        rain if rain < TRACE => 0,
        rain if rain <= LIGHT => 1,
        rain if rain <= MODERATE => 2,
        _ => 3,
    }
}

/// What else must be known to say how warm it feels where it is cold or hot. Between, it feels as warm as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Beside {
    /// Cold: the wind, in metres a second.
    Wind,
    /// Hot: the humidity, in percent.
    Humidity,
}

/// At or below this many degrees Celsius the wind chills.
const CHILL_MAX: f64 = 10.0;
/// Above this many kilometres an hour.
const CHILL_WIND_MIN: f64 = 4.8;
/// At or above this many degrees Fahrenheit humidity weighs.
const HEAT_MIN: f64 = 80.0;
/// At or above this many percent.
const HEAT_HUMIDITY_MIN: f64 = 40.0;

/// How warm `temperature` (Celsius) feels, in Celsius; nothing where what it takes beside it is not known.
pub fn feels_like(temperature: f64, beside: impl FnOnce(Beside) -> Option<f64>) -> Option<f64> {
    if temperature <= CHILL_MAX {
        Some(chilled(temperature, beside(Beside::Wind)?))
    } else if fahrenheit(temperature) >= HEAT_MIN {
        Some(heated(temperature, beside(Beside::Humidity)?))
    } else {
        Some(temperature)
    }
}

/// The wind chill of the US National Weather Service and Environment Canada (2001), in Celsius: `wind` in metres a second,
/// ten metres above the ground. The air temperature where there is too little wind.
fn chilled(temperature: f64, wind: f64) -> f64 {
    let wind = wind * 3.6;
    if wind <= CHILL_WIND_MIN {
        return temperature;
    }
    let power = libm::pow(wind, 0.16);
    13.12 + 0.6215 * temperature - 11.37 * power + 0.3965 * temperature * power
}

/// The heat index of the US National Weather Service (Rothfusz 1990, SR 90-23), in Celsius: `humidity` in percent. The air
/// temperature where it is too dry.
fn heated(temperature: f64, humidity: f64) -> f64 {
    if humidity < HEAT_HUMIDITY_MIN {
        return temperature;
    }
    let (t, r) = (fahrenheit(temperature), humidity.min(100.0));
    let regression = -42.379 + 2.049_015_23 * t + 10.143_331_27 * r
        - 0.224_755_41 * t * r
        - 0.006_837_83 * t * t
        - 0.054_817_17 * r * r
        + 0.001_228_74 * t * t * r
        + 0.000_852_82 * t * r * r
        - 0.000_001_99 * t * t * r * r;
    let damp = if r > 85.0 && t <= 87.0 { (r - 85.0) / 10.0 * ((87.0 - t) / 5.0) } else { 0.0 };
    (regression + damp - 32.0) / 1.8
}

fn fahrenheit(celsius: f64) -> f64 {
    celsius * 1.8 + 32.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rain_has_the_words_of_the_glossary() {
        let word = |rain| CONDITIONS[condition(rain)];
        assert_eq!([0.0, 0.09].map(word), ["dry"; 2]);
        assert_eq!([0.1, 2.5].map(word), ["light-rain"; 2]);
        assert_eq!([2.6, 7.6].map(word), ["rain"; 2]);
        assert_eq!([7.7, 80.0].map(word), ["heavy-rain"; 2]);
    }

    /// The published tables, in their own units and roundings.
    #[test]
    fn how_warm_it_feels_is_what_the_tables_say() {
        // Environment Canada: at -10 Celsius and 30 km/h it feels like -20; at 0 and 10, like -3.
        assert_eq!(chilled(-10.0, 30.0 / 3.6).round(), -20.0);
        assert_eq!(chilled(0.0, 10.0 / 3.6).round(), -3.0);
        assert_eq!(chilled(5.0, 1.0), 5.0, "below 4.8 km/h nothing chills");
        // NWS: at 90 F and 70 % it feels like 105 F (the table rounds); at 80 F and 40 %, like 80 F.
        let index = |t: f64, r| fahrenheit(heated((t - 32.0) / 1.8, r)).round();
        assert_eq!((index(90.0, 70.0), index(80.0, 40.0), index(100.0, 55.0)), (106.0, 80.0, 124.0));
        assert_eq!(heated(40.0, 20.0), 40.0, "the regression says nothing about dry heat");
    }

    #[test]
    fn only_what_is_needed_is_asked_for() {
        assert_eq!(feels_like(18.0, |_| None), Some(18.0), "between, nothing else matters");
        assert_eq!(feels_like(10.0, |_| None), None);
        assert_eq!(feels_like(10.0, |beside| (beside == Beside::Wind).then_some(0.0)), Some(10.0));
        assert_eq!(feels_like(27.0, |beside| (beside == Beside::Humidity).then_some(20.0)), Some(27.0));
    }
}
