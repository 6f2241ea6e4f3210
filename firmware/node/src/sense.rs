//! What a node senses with, as traits a board (or a simulator) fills.
//!
//! Nothing here blocks: a reader hands over what has already arrived, a sensor takes one measurement on
//! its bus. Faults are values that the node counts and reports; no driver retries on its own.
//!
//! Next: `drivers` implements these for real parts, `node` asks them.

use turnpage_firmware_wire::{Role, Weather};

/// A badge, as its reader received it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Badge {
    /// The badge's own number. It leaves the node only as a pseudonym.
    pub uid: Uid,
    /// The role the badge carries, if any.
    pub role: Option<Role>,
    /// Signal strength in dBm, where the reader measures it.
    pub rssi_dbm: Option<i8>,
}

/// A badge's number: 1 to 10 bytes (four, seven or ten for NFC, six for Bluetooth).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Uid {
    // Unused bytes are zero, so that the derived comparison holds.
    bytes: [u8; Self::LEN_MAX],
    len: u8,
}

impl Uid {
    /// Longest number of any reader supported, ISO 14443's triple size.
    pub const LEN_MAX: usize = 10;

    /// `None` if `uid` is empty or too long.
    pub fn new(uid: &[u8]) -> Option<Self> {
        if uid.is_empty() {
            return None;
        }
        let mut bytes = [0; Self::LEN_MAX];
        bytes.get_mut(..uid.len())?.copy_from_slice(uid);
        Some(Self { bytes, len: u8::try_from(uid.len()).ok()? })
    }

    /// The number's bytes, most significant first.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or(&[])
    }
}

impl core::fmt::Debug for Uid {
    /// A badge's number belongs in no log.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Uid(..)")
    }
}

/// Why a reading could not be taken. Counted, never silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Fault {
    /// The bus or the line gave an error, or nobody answered.
    #[error("bus error")]
    Bus,
    /// A checksum of the part did not match.
    #[error("checksum does not match")]
    Checksum,
    /// The part said something its documentation does not know.
    #[error("reading makes no sense")]
    Format,
}

/// A source of badges.
pub trait BadgeReader {
    /// Whether there is one at all; decides whether the node scans and says it reads badges.
    const FITTED: bool = true;

    /// The next badge received since the last call, without waiting; `None` when there is no more for now.
    fn read(&mut self) -> Result<Option<Badge>, Fault>;
}

/// A source of weather.
pub trait WeatherSensor {
    /// As [`BadgeReader::FITTED`].
    const FITTED: bool = true;

    /// Measures. `uptime_ms` is the node's monotonic clock, which rates (rain, wind) are taken over.
    fn sample(&mut self, uptime_ms: u64) -> Sample;
}

/// One measurement: what could be measured, and how much could not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sample {
    /// The values; a sensor that failed leaves its own out.
    pub weather: Weather,
    /// How many sensors failed.
    pub faults: u32,
}

/// A free-running hardware counter of pulses, as a timer peripheral keeps it.
pub trait PulseCounter {
    /// Pulses so far; wraps.
    fn count(&mut self) -> u32;
}

/// The sense a node was built without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Absent;

impl BadgeReader for Absent {
    const FITTED: bool = false;

    fn read(&mut self) -> Result<Option<Badge>, Fault> {
        Ok(None)
    }
}

impl WeatherSensor for Absent {
    const FITTED: bool = false;

    fn sample(&mut self, _uptime_ms: u64) -> Sample {
        Sample::default()
    }
}

impl PulseCounter for Absent {
    fn count(&mut self) -> u32 {
        0
    }
}
