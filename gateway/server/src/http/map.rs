//! The venue as the API tells it: what changes only with an edition, so that a map can be drawn once.
//!
//! Before: http.rs. Next: console/map.js, which draws it.

use serde::Serialize;
use turnpage_gateway_core::venue::Mount;
use turnpage_gateway_core::{Edition, Venue};
use turnpage_journeys_engine::Library;

/// A venue to be drawn.
#[derive(Clone, Default, Debug, Serialize)]
pub(crate) struct Map {
    id: String,
    title: String,
    time_zone: String,
    levels: Vec<Level>,
    zones: Vec<Zone>,
    nodes: Vec<Node>,
    journeys: Vec<String>,
    /// The edition of venue and journeys that runs, where there is one.
    edition: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Level {
    level: i16,
    title: String,
}

#[derive(Clone, Debug, Serialize)]
struct Zone {
    id: String,
    title: String,
    kind: String,
    outdoor: bool,
    level: i16,
    /// Rings of (longitude, latitude) in degrees, outer and inner alike: fill by the even-odd rule. Empty without a map.
    rings: Vec<Vec<[f64; 2]>>,
    /// A point inside, where its label belongs: (longitude, latitude) in degrees.
    label: Option<[f64; 2]>,
}

#[derive(Clone, Debug, Serialize)]
struct Node {
    name: String,
    zone: Option<String>,
    /// Longitude and latitude in degrees, when it is mounted at a point.
    point: Option<[f64; 2]>,
    level: i16,
    badge: bool,
    weather: bool,
}

impl Map {
    pub(crate) fn of(venue: &Venue, library: &Library, edition: Option<&Edition>) -> Self {
        let zone_id = |at: Option<turnpage_gateway_core::ZoneIx>| {
            at.and_then(|at| venue.zones.get(usize::from(at.0))).map(|zone| zone.id.to_string())
        };
        Self {
            id: venue.id.to_string(),
            title: venue.title.clone(),
            time_zone: venue.time_zone.name().to_owned(),
            levels: venue
                .levels
                .iter()
                .map(|it| Level { level: it.level, title: it.title.clone() })
                .collect(),
            zones: venue.zones.iter().map(|it| zone(venue, it)).collect(),
            nodes: venue
                .nodes
                .iter()
                .map(|node| {
                    let (point, level) = match node.mount {
                        Mount::Point { lon, lat, level, .. } => (Some([lon, lat]), level),
                        Mount::Zone(at) => {
                            (None, venue.zones.get(usize::from(at.0)).map_or(0, |zone| zone.level))
                        }
                    };
                    Node {
                        name: node.name.to_string(),
                        zone: zone_id(node.mount.zone()),
                        point,
                        level,
                        badge: node.badge,
                        weather: node.weather,
                    }
                })
                .collect(),
            journeys: library.journeys().iter().map(|journey| journey.name.clone()).collect(),
            edition: edition.map(|edition| edition.digest().to_string()),
        }
    }
}

fn zone(venue: &Venue, zone: &turnpage_gateway_core::venue::Zone) -> Zone {
    let polygons = zone.shape.iter().flat_map(|shape| shape.iter());
    let rings = polygons.flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()));
    Zone {
        id: zone.id.to_string(),
        title: zone.title.clone(),
        kind: venue.kinds.get(zone.kind).cloned().unwrap_or_default(),
        outdoor: zone.outdoor,
        level: zone.level,
        label: zone.label_point(),
        rings: rings.map(|ring| ring.coords().map(|at| [at.x, at.y]).collect()).collect(),
    }
}
