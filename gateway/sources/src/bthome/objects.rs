//! What a BTHome v2 object is: its number, its name here, how its bytes are read, and its unit.
//!
//! The table of <https://bthome.io/format>; names are this crate's. Temperature is in degrees Celsius, humidity, battery and
//! moisture in percent, illuminance in lux, pressure in hPa, distance in metres (`distance_mm` in millimetres), speed in
//! m/s, precipitation in millimetres since the sensor began, direction and rotation in degrees, voltage in V, current in
//! A, power in W, energy in kWh, mass in kg (`mass_lb` in pounds), volume in litres (`volume_ml` in millilitres), gas in
//! m3, co2 in ppm, duration in seconds. Before: bthome.rs.

use serde_json::Value as Json;

/// An object of the format.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object {
    pub(super) id: u8,
    pub(super) name: &'static str,
    pub(super) body: Body,
}

/// How an object's bytes are read, the lowest byte first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Body {
    /// So many bytes of a whole number, and how many of it make a unit.
    Scaled { len: usize, signed: bool, per_unit: f64 },
    /// A byte: 1 or 0.
    Truth,
    /// A byte: which press of a button.
    Button,
    /// Which way a dimmer was turned, and how many steps.
    Dimmer,
    /// A length and a text.
    Text,
    /// A length and bytes.
    Raw,
}

const fn scaled(len: usize, signed: bool, per_unit: f64) -> Body {
    Body::Scaled { len, signed, per_unit }
}

const fn object(id: u8, name: &'static str, body: Body) -> Object {
    Object { id, name, body }
}

/// Presses of a button by number; none is what a button says that was not pressed.
const PRESSES: [(u8, &str); 7] = [
    (1, "press"),
    (2, "double_press"),
    (3, "triple_press"),
    (4, "long_press"),
    (5, "long_double_press"),
    (6, "long_triple_press"),
    (0x80, "hold_press"),
];

/// Every object that is read.
pub(super) const OBJECTS: [Object; COUNT] = [
    object(0x00, "packet_id", scaled(1, false, 1.0)),
    object(0x01, "battery", scaled(1, false, 1.0)),
    object(0x02, "temperature", scaled(2, true, 100.0)),
    object(0x03, "humidity", scaled(2, false, 100.0)),
    object(0x04, "pressure", scaled(3, false, 100.0)),
    object(0x05, "illuminance", scaled(3, false, 100.0)),
    object(0x06, "mass", scaled(2, false, 100.0)),
    object(0x07, "mass_lb", scaled(2, false, 100.0)),
    object(0x08, "dewpoint", scaled(2, true, 100.0)),
    object(0x09, "count", scaled(1, false, 1.0)),
    object(0x0a, "energy", scaled(3, false, 1000.0)),
    object(0x0b, "power", scaled(3, false, 100.0)),
    object(0x0c, "voltage", scaled(2, false, 1000.0)),
    object(0x0d, "pm2_5", scaled(2, false, 1.0)),
    object(0x0e, "pm10", scaled(2, false, 1.0)),
    object(0x0f, "generic", Body::Truth),
    object(0x10, "power_on", Body::Truth),
    object(0x11, "opening", Body::Truth),
    object(0x12, "co2", scaled(2, false, 1.0)),
    object(0x13, "tvoc", scaled(2, false, 1.0)),
    object(0x14, "moisture", scaled(2, false, 100.0)),
    object(0x15, "battery_low", Body::Truth),
    object(0x16, "battery_charging", Body::Truth),
    object(0x17, "carbon_monoxide", Body::Truth),
    object(0x18, "cold", Body::Truth),
    object(0x19, "connectivity", Body::Truth),
    object(0x1a, "door", Body::Truth),
    object(0x1b, "garage_door", Body::Truth),
    object(0x1c, "gas_detected", Body::Truth),
    object(0x1d, "heat", Body::Truth),
    object(0x1e, "light", Body::Truth),
    object(0x1f, "lock", Body::Truth),
    object(0x20, "moisture_detected", Body::Truth),
    object(0x21, "motion", Body::Truth),
    object(0x22, "moving", Body::Truth),
    object(0x23, "occupancy", Body::Truth),
    object(0x24, "plug", Body::Truth),
    object(0x25, "presence", Body::Truth),
    object(0x26, "problem", Body::Truth),
    object(0x27, "running", Body::Truth),
    object(0x28, "safety", Body::Truth),
    object(0x29, "smoke", Body::Truth),
    object(0x2a, "sound", Body::Truth),
    object(0x2b, "tamper", Body::Truth),
    object(0x2c, "vibration", Body::Truth),
    object(0x2d, "window", Body::Truth),
    object(0x2e, "humidity", scaled(1, false, 1.0)),
    object(0x2f, "moisture", scaled(1, false, 1.0)),
    object(0x3a, "button", Body::Button),
    object(0x3c, "dimmer", Body::Dimmer),
    object(0x3d, "count", scaled(2, false, 1.0)),
    object(0x3e, "count", scaled(4, false, 1.0)),
    object(0x3f, "rotation", scaled(2, true, 10.0)),
    object(0x40, "distance_mm", scaled(2, false, 1.0)),
    object(0x41, "distance", scaled(2, false, 10.0)),
    object(0x42, "duration", scaled(3, false, 1000.0)),
    object(0x43, "current", scaled(2, false, 1000.0)),
    object(0x44, "speed", scaled(2, false, 100.0)),
    object(0x45, "temperature", scaled(2, true, 10.0)),
    object(0x46, "uv_index", scaled(1, false, 10.0)),
    object(0x47, "volume", scaled(2, false, 10.0)),
    object(0x48, "volume_ml", scaled(2, false, 1.0)),
    object(0x49, "volume_flow_rate", scaled(2, false, 1000.0)),
    object(0x4a, "voltage", scaled(2, false, 10.0)),
    object(0x4b, "gas", scaled(3, false, 1000.0)),
    object(0x4c, "gas", scaled(4, false, 1000.0)),
    object(0x4d, "energy", scaled(4, false, 1000.0)),
    object(0x4e, "volume", scaled(4, false, 1000.0)),
    object(0x4f, "water", scaled(4, false, 1000.0)),
    object(0x50, "timestamp", scaled(4, false, 1.0)),
    object(0x51, "acceleration", scaled(2, false, 1000.0)),
    object(0x52, "gyroscope", scaled(2, false, 1000.0)),
    object(0x53, "text", Body::Text),
    object(0x54, "raw", Body::Raw),
    object(0x55, "volume_storage", scaled(4, false, 1000.0)),
    object(0x56, "conductivity", scaled(2, false, 1.0)),
    object(0x57, "temperature", scaled(1, true, 1.0)),
    object(0x58, "temperature", scaled(1, true, 100.0 / 35.0)),
    object(0x59, "count", scaled(1, true, 1.0)),
    object(0x5a, "count", scaled(2, true, 1.0)),
    object(0x5b, "count", scaled(4, true, 1.0)),
    object(0x5c, "power", scaled(4, true, 100.0)),
    object(0x5d, "current", scaled(2, true, 1000.0)),
    object(0x5e, "direction", scaled(2, false, 100.0)),
    object(0x5f, "precipitation", scaled(2, false, 10.0)),
    object(0x60, "channel", scaled(1, false, 1.0)),
    object(0x61, "rotational_speed", scaled(2, false, 1.0)),
    object(0xf0, "device_type", scaled(2, false, 1.0)),
    object(0xf1, "firmware_version", scaled(4, false, 1.0)),
    object(0xf2, "firmware_version", scaled(3, false, 1.0)),
];

const COUNT: usize = 90;

impl Body {
    /// Bytes of an object that does not say its own length.
    pub(super) fn len(self) -> usize {
        match self {
            Self::Scaled { len, .. } => len,
            Self::Dimmer => 2,
            _ => 1,
        }
    }
}

impl Object {
    /// The value of an object's bytes; `None` when they say that nothing happened, or nothing that the format knows.
    pub(super) fn read(&self, bytes: &[u8]) -> Option<Json> {
        let first = bytes.first().copied();
        match self.body {
            Body::Scaled { signed, per_unit, .. } => Some(Json::from(whole(bytes, signed) as f64 / per_unit)),
            Body::Truth => Some(Json::from(first? != 0)),
            Body::Button => press(first?).map(Json::from),
            Body::Dimmer => match bytes {
                [1, steps] => Some(Json::from(-i64::from(*steps))),
                [2, steps] => Some(Json::from(i64::from(*steps))),
                _ => None,
            },
            Body::Text => std::str::from_utf8(bytes).ok().map(Json::from),
            Body::Raw => Some(Json::from(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())),
        }
    }
}

fn press(number: u8) -> Option<&'static str> {
    PRESSES.iter().find(|(known, _)| *known == number).map(|(_, name)| *name)
}

/// A whole number of at most four bytes.
fn whole(bytes: &[u8], signed: bool) -> i64 {
    let value = bytes.iter().rev().fold(0_i64, |value, byte| value << 8 | i64::from(*byte));
    let negative = signed && bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    if negative { value - (1 << (8 * bytes.len())) } else { value }
}
