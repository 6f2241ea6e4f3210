//! What belongs to no subject: weather stations, signals, nodes. Each fact with the time it was measured.
//!
//! It answers what the weather is in a zone and whether a fact is still fresh. It steps nobody. Before: admit.rs.
//! Next: enrich/facts.rs.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::event::Weather;
use crate::id::{NodeId, ZoneIx};
use crate::venue::{Map, Mount, Place as Origin, Venue};

/// The measurements of a weather reading, in the order of its fields.
pub(crate) const AIR: usize = 5;

/// No air is colder, in degrees Celsius.
const ABSOLUTE_ZERO: f64 = -273.15;

/// Whose reading it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Station {
    Node(NodeId),
    /// A feed about a zone.
    Zone(ZoneIx),
    /// A feed about the whole venue.
    Venue,
}

/// A value and when it was measured.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) value: f64,
    pub(crate) at: Timestamp,
}

/// What a node said last about being there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Life {
    pub(crate) online: bool,
    boot: u32,
    sequence: u32,
}

type Air = [Option<Measured>; AIR];

/// Something that is saved by itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Part {
    Station(Station),
    /// By its place in [`Venue::signals`].
    Signal(usize),
    Life(NodeId),
}

/// Everything that no subject owns.
#[derive(Clone, Debug, Default)]
pub(crate) struct House {
    stations: BTreeMap<Station, Air>,
    /// For each zone, the stations from the nearest to the farthest.
    ranks: Vec<Vec<Station>>,
    /// By place in [`Venue::signals`].
    signals: Vec<Option<Measured>>,
    lives: BTreeMap<NodeId, Life>,
    /// What changed since the last batch.
    dirty: BTreeSet<Part>,
}

impl House {
    pub(crate) fn new(venue: &Venue) -> Self {
        Self {
            ranks: vec![Vec::new(); venue.zones.len()],
            signals: vec![None; venue.signals.len()],
            ..Self::default()
        }
    }

    /// Takes a reading. What a station measured later than this stays.
    pub(crate) fn read(&mut self, map: &Map, station: Station, at: Timestamp, reading: &Weather) {
        let known = self.stations.len();
        let air = self.stations.entry(station).or_default();
        for (old, new) in air.iter_mut().zip(fields(reading)) {
            if let Some(value) = new.filter(|_| old.is_none_or(|old| old.at <= at)) {
                *old = Some(Measured { value, at });
            }
        }
        self.dirty.insert(Part::Station(station));
        if self.stations.len() > known {
            self.rank(map);
        }
    }

    /// A measurement of the air in a zone: that of the nearest station with a fresh one.
    pub(crate) fn air(&self, zone: ZoneIx, field: usize, at: Timestamp, fresh_ms: i64) -> Option<Measured> {
        let stations = self.ranks.get(usize::from(zone.0))?;
        let measured = stations.iter().filter_map(|station| *self.stations.get(station)?.get(field)?);
        measured.into_iter().find(|measured| at.0 - measured.at.0 <= fresh_ms)
    }

    /// The latest fresh measurement of the air anywhere in the venue; of several at one time, a node's before a feed's.
    pub(crate) fn air_anywhere(&self, field: usize, at: Timestamp, fresh_ms: i64) -> Option<Measured> {
        let measured = self.stations.values().filter_map(|air| *air.get(field)?);
        let fresh = measured.filter(|measured| at.0 - measured.at.0 <= fresh_ms);
        fresh.reduce(|latest, other| if other.at > latest.at { other } else { latest })
    }

    /// All measurements of the air in a zone.
    pub(crate) fn weather(&self, zone: ZoneIx, at: Timestamp, fresh_ms: i64) -> Weather {
        let value = |field| self.air(zone, field, at, fresh_ms).map(|measured| measured.value);
        Weather { temperature: value(0), rain: value(1), wind: value(2), humidity: value(3), light: value(4) }
    }

    /// Takes a signal's value, unless a later one is known.
    pub(crate) fn signal(&mut self, signal: usize, at: Timestamp, value: f64) -> bool {
        let Some(slot) = self.signals.get_mut(signal) else { return false };
        if slot.is_some_and(|old| old.at > at) {
            return false;
        }
        *slot = Some(Measured { value, at });
        self.dirty.insert(Part::Signal(signal));
        true
    }

    /// A signal's last value, fresh or not.
    pub(crate) fn signal_value(&self, signal: usize) -> Option<Measured> {
        *self.signals.get(signal)?
    }

    /// Takes a birth or a will. Whether it was news: births count up, a will ends the life that began before it.
    pub(crate) fn life(&mut self, node: NodeId, online: bool, boot: u32, sequence: u32) -> bool {
        let old = self.lives.get(&node).copied();
        let life = match old {
            _ if online => Life { online, boot, sequence },
            Some(old) => Life { online, boot: boot.max(old.boot), sequence: old.sequence },
            None => Life { online, boot, sequence: 0 },
        };
        let news = old.is_none_or(|old| match online {
            true => (boot, sequence) > (old.boot, old.sequence),
            false => boot >= old.boot && old.online,
        });
        if news {
            self.lives.insert(node, life);
            self.dirty.insert(Part::Life(node));
        }
        news
    }

    /// Whether a node is there, if it ever said.
    pub(crate) fn online(&self, node: NodeId) -> Option<bool> {
        self.lives.get(&node).map(|life| life.online)
    }

    /// What changed since this was asked last.
    pub(crate) fn take_dirty(&mut self) -> BTreeSet<Part> {
        std::mem::take(&mut self.dirty)
    }

    /// Everything there is.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Part> {
        let stations = self.stations.keys().map(|station| Part::Station(*station));
        let signals = (0..self.signals.len()).map(Part::Signal);
        stations.chain(signals).chain(self.lives.keys().map(|node| Part::Life(*node)))
    }

    /// A part as it is stored; `None` for a signal that was never heard.
    pub(crate) fn save(&self, venue: &Venue, part: Part) -> Option<(String, Vec<u8>)> {
        let (key, bytes) = match part {
            Part::Station(station) => {
                (station_key(venue, station), postcard::to_stdvec(self.stations.get(&station)?))
            }
            Part::Signal(signal) => {
                let value = (*self.signals.get(signal)?)?;
                (format!("signal/{}", venue.signals.get(signal)?.name), postcard::to_stdvec(&value))
            }
            Part::Life(node) => (format!("node/{node}"), postcard::to_stdvec(self.lives.get(&node)?)),
        };
        // Writing plain data to memory does not fail.
        Some((key, bytes.unwrap_or_default()))
    }

    /// Takes back one key. What the venue no longer has is let go; `None` when the bytes are not ours.
    pub(crate) fn restore(&mut self, venue: &Venue, map: &Map, key: &str, bytes: &[u8]) -> Option<()> {
        match key.split_once('/')? {
            ("station", name) => {
                if let Some(station) = station(map, name) {
                    self.stations.insert(station, postcard::from_bytes(bytes).ok()?);
                    self.rank(map);
                }
            }
            ("signal", name) => {
                let value = postcard::from_bytes(bytes).ok()?;
                let place = venue.signals.iter().position(|signal| signal.name == name);
                if let Some(slot) = place.and_then(|place| self.signals.get_mut(place)) {
                    *slot = Some(value);
                }
            }
            ("node", number) => {
                self.lives.insert(NodeId(number.parse().ok()?), postcard::from_bytes(bytes).ok()?);
            }
            _ => return None,
        }
        Some(())
    }

    /// Orders the stations for every zone: by distance, those without a place last, then by name.
    fn rank(&mut self, map: &Map) {
        for (zone, ranks) in (0..).map(ZoneIx).zip(&mut self.ranks) {
            let distance = |station: Station| {
                let from = match station {
                    Station::Venue => return f64::INFINITY,
                    Station::Zone(at) => Origin::Zone(at),
                    Station::Node(node) => match map.mount(node) {
                        Some(Mount::Zone(at)) => Origin::Zone(at),
                        Some(Mount::Point { lon, lat, level, .. }) => {
                            Origin::Spot(crate::venue::Spot { lon, lat, level: Some(level) })
                        }
                        None => return f64::INFINITY,
                    },
                };
                let same = matches!(from, Origin::Zone(at) if at == zone);
                if same { 0.0 } else { map.between(zone, &from).unwrap_or(f64::INFINITY) }
            };
            let mut measured: Vec<_> =
                self.stations.keys().map(|station| (distance(*station), *station)).collect();
            measured.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            *ranks = measured.into_iter().map(|(_, station)| station).collect();
        }
    }
}

/// What was measured. What cannot be (rain below nothing, more than all the humidity) was not.
fn fields(reading: &Weather) -> [Option<f64>; AIR] {
    let within = |value: Option<f64>, low: f64, high: f64| {
        value.filter(|value| value.is_finite() && (low..=high).contains(value))
    };
    [
        within(reading.temperature, ABSOLUTE_ZERO, f64::MAX),
        within(reading.rain, 0.0, f64::MAX),
        within(reading.wind, 0.0, f64::MAX),
        within(reading.humidity, 0.0, 100.0),
        within(reading.light, 0.0, f64::MAX),
    ]
}

fn station_key(venue: &Venue, station: Station) -> String {
    match station {
        Station::Node(node) => format!("station/node/{node}"),
        Station::Zone(zone) => {
            format!("station/zone/{}", venue.zone(zone).map_or("", |zone| zone.id.as_str()))
        }
        Station::Venue => "station/venue".to_owned(),
    }
}

fn station(map: &Map, name: &str) -> Option<Station> {
    match name.split_once('/') {
        Some(("node", number)) => Some(Station::Node(NodeId(number.parse().ok()?))),
        Some(("zone", name)) => map.zone(name).map(Station::Zone),
        _ => (name == "venue").then_some(Station::Venue),
    }
}
