//! The parts around a node: a serial line, an I2C bus with two sensors, pulse counters. What data sheets say, no more.
//!
//! Each part is shared between the world, which drives it, and the driver of the firmware, which reads it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::rc::Rc;

use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};
use embedded_io::{Read, ReadReady};
use turnpage_firmware_node::PulseCounter;
use turnpage_firmware_node::drivers::{light, thermo_hygro};

use crate::sky::Air;

/// Bytes that a serial port's receive buffer holds before it overruns.
const SERIAL_BYTES_MAX: usize = 1 << 20;

/// The receiving side of a serial port.
#[derive(Debug, Clone, Default)]
pub(super) struct Serial(Rc<RefCell<VecDeque<u8>>>);

impl Serial {
    /// Writes the scanner's line for one advertisement. A line that does not fit any more is cut, as on a
    /// port that overruns.
    pub(super) fn report(&self, address: [u8; 6], service: &[u8; 16], role: &str, rssi_dbm: i8) {
        let [a, b, c, d, e, f] = address;
        let mut line =
            format!("+BLESCAN:\"{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}\",{rssi_dbm},020106");
        let length = 1 + service.len() + role.len();
        // Writing to a string cannot fail.
        let _ = write!(line, "{length:02x}21");
        for byte in service.iter().copied().chain(role.bytes()) {
            let _ = write!(line, "{byte:02x}");
        }
        line.push_str(",,0\r\n");
        let mut buffer = self.0.borrow_mut();
        let room = SERIAL_BYTES_MAX.saturating_sub(buffer.len());
        buffer.extend(line.bytes().take(room));
    }
}

impl embedded_io::ErrorType for Serial {
    type Error = Infallible;
}

impl Read for Serial {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        let mut buffer = self.0.borrow_mut();
        let length = into.len().min(buffer.len());
        for (slot, byte) in into.iter_mut().zip(buffer.drain(..length)) {
            *slot = byte;
        }
        Ok(length)
    }
}

impl ReadReady for Serial {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(!self.0.borrow().is_empty())
    }
}

/// A counter input. Parts of a pulse are kept for the next one.
#[derive(Debug, Clone, Default)]
pub(super) struct Counter(Rc<Cell<f64>>);

impl Counter {
    /// Lets `pulses` more arrive.
    pub(super) fn run(&self, pulses: f64) {
        self.0.set(self.0.get() + pulses);
    }
}

impl PulseCounter for Counter {
    fn count(&mut self) -> u32 {
        (self.0.get() as u64 & u64::from(u32::MAX)) as u32
    }
}

/// An I2C bus with an SHT3x and a BH1750 on it.
#[derive(Debug, Clone, Default)]
pub(super) struct Bus(Rc<Cell<Registers>>);

/// What the sensors would answer now.
#[derive(Debug, Clone, Copy, Default)]
struct Registers {
    air: [u8; 6],
    light: [u8; 2],
    light_on: bool,
}

impl Bus {
    /// The sensors feel this air from now on.
    pub(super) fn feel(&self, air: &Air) {
        let mut registers = self.0.get();
        // SHT3x data sheet, section 4.13; BH1750 data sheet, 1.2 counts a lux.
        let [t, h] = [(air.temperature + 45.0) / 175.0 * 65_535.0, air.humidity / 100.0 * 65_535.0]
            .map(|value| (value.clamp(0.0, 65_535.0) as u16).to_be_bytes());
        registers.air = [t[0], t[1], thermo_hygro::crc8(t), h[0], h[1], thermo_hygro::crc8(h)];
        registers.light = ((air.light * 1.2).clamp(0.0, 65_535.0) as u16).to_be_bytes();
        self.0.set(registers);
    }
}

impl ErrorType for Bus {
    type Error = ErrorKind;
}

impl I2c for Bus {
    fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        let mut registers = self.0.get();
        let done = match (address, operations) {
            (thermo_hygro::ADDRESS, [Operation::Write([0x2c, 0x06]), Operation::Read(into)]) => {
                fill(into, &registers.air)
            }
            (light::ADDRESS, [Operation::Write([0x10])]) => {
                registers.light_on = true;
                true
            }
            (light::ADDRESS, [Operation::Read(into)]) if registers.light_on => fill(into, &registers.light),
            _ => false,
        };
        self.0.set(registers);
        if done { Ok(()) } else { Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Unknown)) }
    }
}

fn fill(into: &mut [u8], from: &[u8]) -> bool {
    for (slot, byte) in into.iter_mut().zip(from) {
        *slot = *byte;
    }
    into.len() == from.len()
}
