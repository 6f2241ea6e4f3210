//! The venue as a walker knows it: entrances, what is there, how far it is.
//!
//! A zone is where its badge reader is mounted: people meet at doors. Zones without a reader cannot be
//! seen by the gateway, so nobody goes there.

use turnpage_gateway_core::Venue;
use turnpage_gateway_core::venue::Mount;

use super::taste::{self, Mood};

/// Metres in a degree of latitude.
const METRES_A_DEGREE: f64 = 111_195.0;

/// What a storey adds to a way, in metres.
const STOREY_M: f64 = 30.0;

/// Metres after which a place pulls half as much.
const NEAR_M: f64 = 220.0;

pub(super) struct Places {
    zones: Vec<Place>,
    gates: Vec<usize>,
}

struct Place {
    title: String,
    kind: String,
    outdoor: bool,
    level: i16,
    /// The node at the entrance, by its index in the venue, and where that is in metres.
    entrance: Option<(usize, f64, f64)>,
}

impl Places {
    pub(super) fn new(venue: &Venue) -> Self {
        let mut zones: Vec<Place> = venue
            .zones
            .iter()
            .map(|zone| Place {
                title: zone.title.clone(),
                kind: venue.kinds.get(zone.kind).cloned().unwrap_or_default(),
                outdoor: zone.outdoor,
                level: zone.level,
                entrance: None,
            })
            .collect();
        for (index, node) in venue.nodes.iter().enumerate().filter(|(_, node)| node.badge) {
            let zone = node.mount.zone().and_then(|zone| zones.get_mut(usize::from(zone.0)));
            let (x, y) = match node.mount {
                Mount::Point { lon, lat, .. } => {
                    (lon * METRES_A_DEGREE * lat.to_radians().cos(), lat * METRES_A_DEGREE)
                }
                Mount::Zone(_) => (0.0, 0.0),
            };
            if let Some(zone) = zone {
                zone.entrance.get_or_insert((index, x, y));
            }
        }
        let gates = (0..zones.len())
            .filter(|&zone| zones.get(zone).is_some_and(|z| z.kind == "gate" && z.entrance.is_some()))
            .collect();
        Self { zones, gates }
    }

    pub(super) fn gates(&self) -> &[usize] {
        &self.gates
    }

    pub(super) fn kind(&self, zone: usize) -> &str {
        self.zones.get(zone).map_or("", |zone| &zone.kind)
    }

    pub(super) fn is_gate(&self, zone: usize) -> bool {
        self.kind(zone) == "gate"
    }

    pub(super) fn is_food(&self, zone: usize) -> bool {
        self.kind(zone) == "food"
    }

    pub(super) fn is_ride(&self, zone: usize) -> bool {
        self.kind(zone) == "ride"
    }

    /// Under a roof.
    pub(super) fn is_refuge(&self, zone: usize) -> bool {
        self.zones.get(zone).is_some_and(|zone| !zone.outdoor)
    }

    /// The node that hears who is in a zone.
    pub(super) fn node(&self, zone: usize) -> Option<usize> {
        Some(self.zones.get(zone)?.entrance?.0)
    }

    /// The node nearest to a zone's own, within `metres`.
    pub(super) fn neighbour(&self, zone: usize, metres: f64) -> Option<usize> {
        let near = (0..self.zones.len()).filter(|&other| other != zone && self.node(other).is_some());
        let nearest = near.min_by(|&a, &b| self.metres(zone, a).total_cmp(&self.metres(zone, b)))?;
        if self.metres(zone, nearest) <= metres { self.node(nearest) } else { None }
    }

    pub(super) fn nearest_gate(&self, from: usize) -> Option<usize> {
        self.gates.iter().copied().min_by(|&a, &b| self.metres(from, a).total_cmp(&self.metres(from, b)))
    }

    /// From door to door, as the crow flies, storeys added.
    pub(super) fn metres(&self, from: usize, to: usize) -> f64 {
        let at = |zone: usize| self.zones.get(zone).and_then(|z| z.entrance.map(|(_, x, y)| (x, y, z.level)));
        let (Some((x, y, level)), Some((u, v, other))) = (at(from), at(to)) else { return f64::INFINITY };
        (x - u).hypot(y - v) + STOREY_M * f64::from((level - other).abs())
    }

    /// How much `to` pulls somebody in `from`.
    pub(super) fn appeal(&self, from: usize, to: usize, wait: Option<u32>, mood: &Mood) -> f64 {
        let Some(place) = self.zones.get(to).filter(|place| place.entrance.is_some()) else { return 0.0 };
        let near = 0.5_f64.powf(self.metres(from, to) / NEAR_M);
        taste::pull(&place.kind, place.outdoor, wait, mood) * near
    }

    /// The zone that a text speaks of: the one with the longest title in it.
    pub(super) fn named_in(&self, text: &str) -> Option<usize> {
        let named = self.zones.iter().enumerate().filter(|(_, zone)| text.contains(&zone.title));
        named.max_by_key(|(_, zone)| zone.title.len()).map(|(index, _)| index)
    }
}
