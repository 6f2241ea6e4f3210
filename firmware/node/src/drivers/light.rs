//! Illuminance: ROHM BH1750FVI on I2C.
//!
//! After the data sheet, revision D: continuous high-resolution mode, one big-endian word, 1.2 counts a lux. The first
//! value is there 180 ms after the mode is set, so the first sample only sets it.

use embedded_hal::i2c::I2c;

use crate::Fault;

/// Address with pin ADDR low.
pub const ADDRESS: u8 = 0x23;

/// Continuously measure at high resolution.
const CONTINUOUS: [u8; 1] = [0x10];

/// The part's driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LightSensor {
    address: u8,
    running: bool,
}

impl LightSensor {
    /// A part that has just been powered.
    pub const fn new(address: u8) -> Self {
        Self { address, running: false }
    }

    /// The last value in lux; `None` until there is a first one.
    pub fn measure<B: I2c>(&mut self, bus: &mut B) -> Result<Option<u32>, Fault> {
        if !self.running {
            bus.write(self.address, &CONTINUOUS).map_err(|_| Fault::Bus)?;
            self.running = true;
            return Ok(None);
        }
        let mut word = [0; 2];
        if bus.read(self.address, &mut word).is_err() {
            // It may have lost its power and with it its mode.
            self.running = false;
            return Err(Fault::Bus);
        }
        // 1.2 counts a lux, rounded.
        Ok(Some((u32::from(u16::from_be_bytes(word)) * 10 + 6) / 12))
    }
}
