//! Rates from pulses, against what a gauge in known rain and wind would count.

extern crate std;

use std::cell::Cell;
use std::vec::Vec;

use super::{Anemometer, RainGauge};
use crate::PulseCounter;

impl PulseCounter for &Cell<u32> {
    fn count(&mut self) -> u32 {
        self.get()
    }
}

const MINUTE: u64 = 60_000;

/// Looks once a minute at a 0.2 mm gauge that tips at `tips` (minutes).
fn rain(tips: &[u64], minutes: u64) -> Vec<Option<u16>> {
    let count = Cell::new(u32::MAX - 1);
    let mut gauge = RainGauge::new(&count, 200);
    let looks = (0..minutes).map(|minute| {
        let now = tips.iter().filter(|&&tip| tip == minute).count();
        count.set(count.get().wrapping_add(u32::try_from(now).unwrap_or(0)));
        gauge.measure(minute * MINUTE)
    });
    looks.collect()
}

#[test]
fn drizzle_is_steady_and_not_a_row_of_spikes() {
    // A tip every 24 minutes is 0.5 mm/h.
    let tips: Vec<u64> = (1..10).map(|tip| tip * 24).collect();
    let rates = rain(&tips, 240);
    assert_eq!(rates[0], None);
    assert_eq!(rates[23], Some(0), "nothing is known before the first tip");
    assert!(rates[24..217].iter().all(|rate| *rate == Some(50)), "{rates:?}");
}

#[test]
fn rain_that_stops_fades_and_ends_within_the_hour() {
    let rates = rain(&[10, 12, 14], 80);
    assert_eq!(rates[14], Some(600));
    assert_eq!(rates[16], Some(600), "the next tip is not late yet");
    assert_eq!(rates[26], Some(100), "at most a tip in twelve minutes");
    assert!(rates[16..].is_sorted_by(|a, b| a >= b));
    assert_eq!((rates[73], rates[74]), (Some(20), Some(0)));
}

#[test]
fn a_cloudburst_counts_several_tips_a_look() {
    // Three tips a minute are 36 mm/h, and the counter wraps on the way.
    let tips: Vec<u64> = (1..6).flat_map(|minute| [minute; 3]).collect();
    assert_eq!(rain(&tips, 6)[1..], [Some(3_600); 5]);
}

#[test]
fn wind_is_the_run_over_the_time() {
    let count = Cell::new(u32::MAX - 10);
    let mut anemometer = Anemometer::new(&count, 666_667);
    assert_eq!(anemometer.measure(1_000), None);
    count.set(count.get().wrapping_add(300));
    // Five pulses a second are 12 km/h.
    assert_eq!(anemometer.measure(61_000), Some(333));
    assert_eq!(anemometer.measure(61_000), None, "no time, no speed");
    assert_eq!(anemometer.measure(121_000), Some(0));
}
