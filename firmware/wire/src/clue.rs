//! The context clues: who (with presence), where, what weather; and what a node says about itself.
//!
//! Plain values in the units of the wire: fixed point, never floating. What is `None` was not
//! observed; nothing here has a default that could be mistaken for a reading. The fourth clue, when,
//! is in the [`Header`](crate::Header) of every frame.
//!
//! Next: `frame` puts them together.

use crate::{Error, Pseudonym, Role, Text};

/// How far the time of an observation can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Quality {
    /// The clock was set from the venue's time within its holdover.
    Synced = 0,
    /// The clock was set once and has drifted since, or comes from a battery-backed part.
    Estimated = 1,
    /// The clock was never set: `at_ms` counts milliseconds since this boot, not since 1970.
    Unknown = 2,
}

/// What a sighting says about a subject at this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Presence {
    /// Was not here and now is.
    Enter = 0,
    /// Is still here; repeated at the node's own interval.
    Stay = 1,
    /// Was here and has been silent, or has faded, for long enough.
    Leave = 2,
}

/// The role clue: a subject, seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sighting {
    /// Who, by today's pseudonym.
    pub subject: Pseudonym,
    /// What the badge says its bearer is; `None` if it says nothing.
    pub role: Option<Role>,
    /// Entering, staying or leaving.
    pub presence: Presence,
    /// Signal strength of the last reception in dBm; `None` where the reader measures none.
    pub rssi_dbm: Option<i8>,
}

/// The place clue, for a node that moves. A frame without one was observed at the node's own place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// WGS 84 longitude in units of 10^-7 degrees, -1_800_000_000 to 1_800_000_000.
    pub lon_e7: i32,
    /// WGS 84 latitude in units of 10^-7 degrees, -900_000_000 to 900_000_000.
    pub lat_e7: i32,
    /// Level of the venue, 0 being the ground.
    pub level: Option<i8>,
    /// Radius in decimetres within which the true position lies with 68 % probability.
    pub accuracy_dm: Option<u16>,
}

impl Place {
    /// The ranges that the types alone do not hold. The encoder checks what the decoder checks.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let inside = self.lon_e7.unsigned_abs() <= 1_800_000_000 && self.lat_e7.unsigned_abs() <= 900_000_000;
        if inside { Ok(()) } else { Err(Error::Field("place")) }
    }
}

/// The weather clue: what the node's sensors measured, each on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Weather {
    /// Air temperature in hundredths of a degree Celsius.
    pub temperature_centi_c: Option<i16>,
    /// Rain intensity in hundredths of a millimetre per hour.
    pub rain_centi_mm_h: Option<u16>,
    /// Wind speed in centimetres per second.
    pub wind_cm_s: Option<u16>,
    /// Relative humidity in hundredths of a percent, 0 to 10_000.
    pub humidity_centi_pct: Option<u16>,
    /// Illuminance in lux.
    pub light_lx: Option<u32>,
}

impl Weather {
    /// As [`Place::check`].
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.humidity_centi_pct.is_some_and(|humidity| humidity > 10_000) {
            return Err(Error::Field("humidity"));
        }
        Ok(())
    }
}

/// How the node itself is doing: small counters, so that no loss on a board stays silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Health {
    /// Seconds since this boot.
    pub uptime_s: u32,
    /// Frames kept on the node and not yet acknowledged.
    pub backlog: u16,
    /// Frames this boot gave up: the backlog was full, or the gateway refused them for good.
    pub dropped: u32,
    /// Readings this boot could not take: bus errors, bad checksums, lines that made no sense.
    pub faults: u32,
    /// Supply voltage in millivolts, where it is measured.
    pub supply_mv: Option<u16>,
}

/// What a node can sense, as a set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Senses(pub u8);

impl Senses {
    /// Reads badges.
    pub const BADGE: Self = Self(1);
    /// Measures weather.
    pub const WEATHER: Self = Self(2);

    /// Both sets together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every sense of `other` is in this set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Retained on the node's `birth` topic: published when it comes up, and left with the broker as its
/// will, to say that it is gone. A gone node is silent, and silence means unknown, not empty.
///
/// A will is sealed once a boot, when the session is set up, and may be published after every lost
/// connection: its sequence number is always [`WILL_SEQUENCE`](crate::WILL_SEQUENCE) and its time is that of the
/// boot, so a receiver goes by arrival and does not treat it as a duplicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Birth {
    /// `true` in the birth, `false` in the will.
    pub online: bool,
    /// Version of the node's firmware.
    pub firmware: Text<16>,
    /// What it senses.
    pub senses: Senses,
    /// Seconds between two frames with [`Health`]; three times that without a frame is silence.
    pub heartbeat_s: u32,
}
