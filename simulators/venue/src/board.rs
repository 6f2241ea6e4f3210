//! A node of the venue: the real firmware over simulated parts.
//!
//! Badges arrive as lines of a Bluetooth scanner on a serial port, weather as registers on an I2C bus and pulses of a
//! rain gauge and an anemometer; the drivers that read them are those a board runs. Nothing here decides what is
//! said or when: that is `firmware/node`. Before: `world` and `sky` feed it. Next: `live` carries its publications.

mod parts;

use turnpage_firmware_node::drivers::{ble_scan, gauge, light, station, thermo_hygro};
use turnpage_firmware_node::{
    Absent, Config, DailyKey, Intervals, Node, Now, Publish, Refusal, Rules, Ticket, Will,
};
use turnpage_firmware_wire::{Key, Name, NodeId};
use turnpage_gateway_core::venue::{Node as Mounted, Venue};

use crate::provision::Provision;
use crate::sky::Air;
use parts::{Bus, Counter, Serial};

/// Badges a node can hold present: a plaza at noon.
const BADGES: usize = 512;

/// Frames a node can hold unacknowledged.
pub const FRAMES: usize = 256;

/// What one tip of the rain gauge stands for, in micrometres of rain.
const TIP_UM: u32 = 200;

/// What one pulse of the anemometer stands for, in micrometres of wind.
const RUN_UM: u32 = 667_000;

type Scanner = ble_scan::BleScanner<Serial>;
type Station = station::Station<Bus, Counter>;

/// A board with its node.
pub struct Board {
    name: String,
    node: Kind,
}

// A node is tens of kilobytes, on a board static: boxed, so that boards can be moved.
enum Kind {
    Reader { node: Box<Node<Scanner, Absent, BADGES, FRAMES>>, serial: Serial },
    Mast { node: Box<Node<Absent, Station, 1, FRAMES>>, around: Around },
    Both { node: Box<Node<Scanner, Station, BADGES, FRAMES>>, serial: Serial, around: Around },
}

/// What a weather station measures.
#[derive(Default)]
struct Around {
    bus: Bus,
    rain: Counter,
    wind: Counter,
}

/// Calls a method of whichever node it is.
macro_rules! node {
    ($board:expr, $node:ident => $call:expr) => {
        match $board {
            Kind::Reader { node: $node, .. } => $call,
            Kind::Mast { node: $node, .. } => $call,
            Kind::Both { node: $node, .. } => $call,
        }
    };
}

impl Board {
    /// The board at `index` in the venue's order, started for the `boot`th time. `scan_ms` is how often its
    /// node looks at its reader. `None` when the venue or the provision has no such node.
    #[must_use]
    pub fn new(venue: &Venue, provision: &Provision, index: usize, boot: u32, scan_ms: u32) -> Option<Self> {
        let mounted = venue.nodes.get(index)?;
        let config = config(venue, mounted, provision, index, scan_ms)?;
        let (serial, around) = (Serial::default(), Around::default());
        let scanner = ble_scan::BleScanner::new(serial.clone());
        let station = around.station();
        let node = match (mounted.badge, mounted.weather) {
            (true, true) => {
                Kind::Both { node: Box::new(Node::new(config, boot, scanner, station)), serial, around }
            }
            (true, false) => {
                Kind::Reader { node: Box::new(Node::new(config, boot, scanner, Absent)), serial }
            }
            (false, _) => Kind::Mast { node: Box::new(Node::new(config, boot, Absent, station)), around },
        };
        Some(Self { name: mounted.name.as_str().to_owned(), node })
    }

    /// The node's name: its MQTT user name and client identifier too.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A badge was received: the scanner writes its line. A mast has no scanner.
    pub fn hear(&mut self, badge: [u8; 6], role: &str, rssi_dbm: i8) {
        if let Kind::Reader { serial, .. } | Kind::Both { serial, .. } = &self.node {
            serial.report(badge, &ble_scan::SERVICE, role, rssi_dbm);
        }
    }

    /// The air around the board for the next `for_ms`. A reader feels nothing.
    pub fn feel(&mut self, air: &Air, for_ms: i64) {
        if let Kind::Mast { around, .. } | Kind::Both { around, .. } = &self.node {
            around.bus.feel(air);
            let hours = for_ms as f64 / 3_600_000.0;
            around.rain.run(air.rain * hours * 1_000.0 / f64::from(TIP_UM));
            around.wind.run(air.wind * for_ms as f64 * 1_000.0 / f64::from(RUN_UM));
        }
    }

    /// As [`Node::sense`].
    pub fn sense(&mut self, now: Now) {
        node!(&mut self.node, node => node.sense(now));
    }

    /// As [`Node::poll`].
    pub fn poll(&mut self, now: Now) -> Option<Publish<'_>> {
        node!(&mut self.node, node => node.poll(now))
    }

    /// As [`Node::will`].
    #[must_use]
    pub fn will(&self, now: Now) -> Will {
        node!(&self.node, node => node.will(now))
    }

    /// As [`Node::connected`].
    pub fn connected(&mut self, now: Now, under_way: impl FnMut(Ticket) -> bool) {
        node!(&mut self.node, node => node.connected(now, under_way));
    }

    /// As [`Node::acknowledged`].
    pub fn acknowledged(&mut self, ticket: Ticket) {
        node!(&mut self.node, node => node.acknowledged(ticket));
    }

    /// As [`Node::lost`].
    pub fn lost(&mut self, ticket: Ticket) {
        node!(&mut self.node, node => node.lost(ticket));
    }

    /// As [`Node::refused`].
    pub fn refused(&mut self, ticket: Ticket, refusal: Refusal, now: Now) {
        node!(&mut self.node, node => node.refused(ticket, refusal, now));
    }

    /// Frames that wait for an acknowledgement, and frames given up because there was no more room.
    #[must_use]
    pub fn backlog(&self, now: Now) -> (usize, u32) {
        let health = node!(&self.node, node => node.health(now));
        (usize::from(health.backlog), health.dropped)
    }
}

impl Around {
    /// The sensors, as the board's firmware is wired to them.
    fn station(&self) -> Station {
        station::Station::new(self.bus.clone())
            .with_air(thermo_hygro::ADDRESS)
            .with_light(light::ADDRESS)
            .with_rain(gauge::RainGauge::new(self.rain.clone(), TIP_UM))
            .with_wind(gauge::Anemometer::new(self.wind.clone(), RUN_UM))
    }
}

fn config(
    venue: &Venue,
    node: &Mounted,
    provision: &Provision,
    index: usize,
    scan_ms: u32,
) -> Option<Config> {
    let (key, _) = provision.node(index)?;
    let mut config = Config::new(
        NodeId(node.id.0),
        Name::new(node.name.as_str())?,
        Name::new(venue.id.as_str())?,
        Key::new(key),
        DailyKey::new(*provision.badge_key()),
    );
    // Bands speak once a minute to save their battery, so silence is longer than for a badge on a string.
    config.intervals = Intervals { scan_ms, weather_ms: 300_000, heartbeat_s: 900, ..Intervals::default() };
    config.presence = Rules { stay_ms: 300_000, silence_ms: 200_000, ..Rules::default() };
    Some(config)
}

#[cfg(test)]
mod tests;
