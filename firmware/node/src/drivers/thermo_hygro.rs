//! Air temperature and humidity: Sensirion SHT3x (SHT30, SHT31, SHT35) on I2C.
//!
//! After the data sheet "SHT3x-DIS", version 7: single shot, high repeatability, with clock stretching (command
//! 0x2c06), so that one transaction measures and reads; at most 15.5 ms. Two 16-bit values follow, each
//! with its own CRC-8.

use embedded_hal::i2c::I2c;

use crate::Fault;

/// Address with pin ADDR low.
pub const ADDRESS: u8 = 0x44;

/// Single shot, clock stretching, high repeatability (table 9).
const MEASURE: [u8; 2] = [0x2c, 0x06];

/// One measurement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Air {
    /// Hundredths of a degree Celsius.
    pub temperature_centi_c: i16,
    /// Hundredths of a percent.
    pub humidity_centi_pct: u16,
}

/// Measures once.
pub fn measure<B: I2c>(bus: &mut B, address: u8) -> Result<Air, Fault> {
    let mut words = [0; 6];
    bus.write_read(address, &MEASURE, &mut words).map_err(|_| Fault::Bus)?;
    let [t_high, t_low, t_crc, h_high, h_low, h_crc] = words;
    if crc8([t_high, t_low]) != t_crc || crc8([h_high, h_low]) != h_crc {
        return Err(Fault::Checksum);
    }
    let temperature = i32::from(u16::from_be_bytes([t_high, t_low]));
    let humidity = u32::from(u16::from_be_bytes([h_high, h_low]));
    // Section 4.13: T = -45 + 175 S/65535 and RH = 100 S/65535, here in hundredths and rounded.
    let temperature_centi_c = -4_500 + (17_500 * temperature + 32_767) / 65_535;
    let humidity_centi_pct = (10_000 * humidity + 32_767) / 65_535;
    Ok(Air {
        temperature_centi_c: i16::try_from(temperature_centi_c).map_err(|_| Fault::Format)?,
        humidity_centi_pct: u16::try_from(humidity_centi_pct).map_err(|_| Fault::Format)?,
    })
}

/// The part's checksum over one word (section 4.12): polynomial 0x31, start 0xff, neither reflected nor inverted.
pub fn crc8(word: [u8; 2]) -> u8 {
    word.iter().fold(0xff, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| if crc & 0x80 == 0 { crc << 1 } else { crc << 1 ^ 0x31 })
    })
}
