//! What a node is told before it starts: who it is, its keys, and how often it does what.
//!
//! Plain values. Where they are kept and how they change while the node runs is not decided here.

use turnpage_firmware_wire::{Key, Name, NodeId, Text};

use crate::{DailyKey, presence};

/// Everything one node differs in from another.
#[derive(Debug, Clone)]
pub struct Config {
    /// Its number in the venue file.
    pub id: NodeId,
    /// Its name, a level of its topics and its MQTT user name.
    pub name: Name,
    /// The venue, a level of its topics.
    pub venue: Name,
    /// Authenticates its frames.
    pub key: Key,
    /// Turns badge numbers into today's pseudonyms.
    pub daily_key: DailyKey,
    /// Version of the firmware, told at birth.
    pub firmware: Option<Text<16>>,
    /// How often.
    pub intervals: Intervals,
    /// When a badge is here, and when it is gone.
    pub presence: presence::Rules,
}

impl Config {
    /// A node with the default intervals and presence rules.
    pub fn new(id: NodeId, name: Name, venue: Name, key: Key, daily_key: DailyKey) -> Self {
        Self {
            id,
            name,
            venue,
            key,
            daily_key,
            firmware: Text::new(env!("CARGO_PKG_VERSION")),
            intervals: Intervals::default(),
            presence: presence::Rules::default(),
        }
    }
}

/// How often a node does what it does again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intervals {
    /// Between two looks at the badge reader, in milliseconds; at least 1.
    pub scan_ms: u32,
    /// Between two weather measurements, in milliseconds; at least 1.
    pub weather_ms: u32,
    /// Between two health reports, in seconds; at least 1.
    pub heartbeat_s: u32,
    /// Longest wait for a connection and the server's greeting, in milliseconds.
    pub connect_ms: u32,
    /// Pause before the next try after a failed connection or a publication refused for now, in milliseconds.
    pub pause_ms: u32,
}

impl Default for Intervals {
    fn default() -> Self {
        Self { scan_ms: 500, weather_ms: 60_000, heartbeat_s: 60, connect_ms: 10_000, pause_ms: 1_000 }
    }
}
