//! A weather station: whichever of the parts are fitted, on one I2C bus and two counters, as one sensor.

use embedded_hal::i2c::I2c;
use turnpage_firmware_wire::Weather;

use super::gauge::{Anemometer, RainGauge};
use super::light::LightSensor;
use super::thermo_hygro;
use crate::{Absent, Fault, PulseCounter, Sample, WeatherSensor};

/// The station. Fit parts with the `with_` functions; what is not fitted is not reported.
#[derive(Debug)]
pub struct Station<B, C = Absent> {
    bus: B,
    air: Option<u8>,
    light: Option<LightSensor>,
    rain: Option<RainGauge<C>>,
    wind: Option<Anemometer<C>>,
}

impl<B: I2c, C: PulseCounter> Station<B, C> {
    /// A station with nothing fitted on its bus yet.
    pub const fn new(bus: B) -> Self {
        Self { bus, air: None, light: None, rain: None, wind: None }
    }

    /// Fits an SHT3x; see [`thermo_hygro::ADDRESS`].
    #[must_use]
    pub fn with_air(self, address: u8) -> Self {
        Self { air: Some(address), ..self }
    }

    /// Fits a BH1750; see [`light::ADDRESS`](super::light::ADDRESS).
    #[must_use]
    pub fn with_light(self, address: u8) -> Self {
        Self { light: Some(LightSensor::new(address)), ..self }
    }

    /// Fits a rain gauge.
    #[must_use]
    pub fn with_rain(self, gauge: RainGauge<C>) -> Self {
        Self { rain: Some(gauge), ..self }
    }

    /// Fits an anemometer.
    #[must_use]
    pub fn with_wind(self, anemometer: Anemometer<C>) -> Self {
        Self { wind: Some(anemometer), ..self }
    }

    /// The bus, for a board that shares it.
    pub const fn bus_mut(&mut self) -> &mut B {
        &mut self.bus
    }
}

impl<B: I2c, C: PulseCounter> WeatherSensor for Station<B, C> {
    fn sample(&mut self, uptime_ms: u64) -> Sample {
        let mut faults = 0;
        let mut counted = |_fault: Fault| faults += 1;
        let air = self
            .air
            .and_then(|address| thermo_hygro::measure(&mut self.bus, address).map_err(&mut counted).ok());
        let light_lx = self
            .light
            .as_mut()
            .and_then(|light| light.measure(&mut self.bus).map_err(&mut counted).ok().flatten());
        let weather = Weather {
            temperature_centi_c: air.map(|air| air.temperature_centi_c),
            rain_centi_mm_h: self.rain.as_mut().and_then(|gauge| gauge.measure(uptime_ms)),
            wind_cm_s: self.wind.as_mut().and_then(|anemometer| anemometer.measure(uptime_ms)),
            humidity_centi_pct: air.map(|air| air.humidity_centi_pct),
            light_lx,
        };
        Sample { weather, faults }
    }
}

#[cfg(test)]
mod tests;
