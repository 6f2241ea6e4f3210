//! The station against its parts' documented bytes.

extern crate std;

use embedded_hal::i2c::ErrorKind;
use embedded_hal_mock::eh1::i2c::{Mock, Transaction};
use std::cell::Cell;
use turnpage_firmware_wire::Weather;

use super::Station;
use crate::drivers::gauge::{Anemometer, RainGauge};
use crate::drivers::{light, thermo_hygro};
use crate::{Absent, Sample, WeatherSensor};

/// What an SHT3x answers to a measurement: both raw values, each with its checksum.
fn air(temperature: u16, humidity: u16) -> Transaction {
    let word = |raw: u16| [raw.to_be_bytes()[0], raw.to_be_bytes()[1], thermo_hygro::crc8(raw.to_be_bytes())];
    let answer = [word(temperature), word(humidity)].concat();
    Transaction::write_read(thermo_hygro::ADDRESS, [0x2c, 0x06].to_vec(), answer)
}

fn station(expected: &[Transaction]) -> (Station<Mock>, Mock) {
    let bus = Mock::new(expected);
    (Station::<_, Absent>::new(bus.clone()), bus)
}

#[test]
fn the_checksum_is_the_data_sheets() {
    assert_eq!(thermo_hygro::crc8([0xbe, 0xef]), 0x92);
}

#[test]
fn the_ends_of_the_scale_are_the_data_sheets() {
    for (raw, temperature, humidity) in [(0, -4_500, 0), (0xffff, 13_000, 10_000), (0x6666, 2_500, 4_000)] {
        let (station, mut bus) = station(&[air(raw, raw)]);
        let sample = station.with_air(thermo_hygro::ADDRESS).sample(0);
        assert_eq!(sample.weather.temperature_centi_c, Some(temperature));
        assert_eq!(sample.weather.humidity_centi_pct, Some(humidity));
        bus.done();
    }
}

#[test]
fn a_wrong_checksum_is_a_fault_and_no_value() {
    let answer = [0x66, 0x66, 0x00, 0x66, 0x66, thermo_hygro::crc8([0x66, 0x66])].to_vec();
    let (station, mut bus) =
        station(&[Transaction::write_read(thermo_hygro::ADDRESS, [0x2c, 0x06].to_vec(), answer)]);
    let sample = station.with_air(thermo_hygro::ADDRESS).sample(0);
    assert_eq!(sample, Sample { weather: Weather::default(), faults: 1 });
    bus.done();
}

#[test]
fn light_comes_with_the_second_sample_and_again_after_a_power_cut() {
    let start = Transaction::write(light::ADDRESS, [0x10].to_vec());
    let (station, mut bus) = station(&[
        start.clone(),
        // The data sheet's own example: 0x8390 is 28067 lx.
        Transaction::read(light::ADDRESS, [0x83, 0x90].to_vec()),
        Transaction::read(light::ADDRESS, [0, 0].to_vec()).with_error(ErrorKind::Other),
        start,
        Transaction::read(light::ADDRESS, [0, 12].to_vec()),
    ]);
    let mut station = station.with_light(light::ADDRESS);
    let samples = [0, 1, 2, 3, 4].map(|minute| {
        let sample = station.sample(minute * 60_000);
        (sample.weather.light_lx, sample.faults)
    });
    assert_eq!(samples, [(None, 0), (Some(28_067), 0), (None, 1), (None, 0), (Some(10), 0)]);
    bus.done();
}

#[test]
fn one_broken_part_does_not_silence_the_others() {
    let failing = air(0, 0).with_error(ErrorKind::Other);
    let bus = Mock::new(&[failing, air(0x6666, 0x6666)]);
    let (tips, pulses) = (Cell::new(0), Cell::new(0));
    let mut station = Station::new(bus.clone())
        .with_air(thermo_hygro::ADDRESS)
        .with_rain(RainGauge::new(&tips, 200))
        .with_wind(Anemometer::new(&pulses, 666_667));
    assert_eq!(station.sample(0), Sample { weather: Weather::default(), faults: 1 });
    tips.set(2);
    pulses.set(60);
    let expected = Weather {
        temperature_centi_c: Some(2_500),
        rain_centi_mm_h: Some(2_400),
        wind_cm_s: Some(66),
        humidity_centi_pct: Some(4_000),
        light_lx: None,
    };
    assert_eq!(station.sample(60_000), Sample { weather: expected, faults: 0 });
    let mut bus = bus;
    bus.done();
}
