//! Drivers for real parts, over embedded-hal and embedded-io. Each follows its part's data sheet and names it.
//!
//! Blocking on purpose: the longest bus transaction here is 16 ms, once a minute. Pins, clocks and
//! bus set-up are the board's.
//!
//! Next: `boards/` chooses among these.

pub mod ble_scan;
pub mod gauge;
pub mod light;
pub mod station;
pub mod thermo_hygro;
