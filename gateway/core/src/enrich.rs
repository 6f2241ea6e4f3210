//! Events to context: which zone a place is, and what is known about a subject there.
//!
//! Changes no state: radio.rs weighs what receivers hear, presence.rs says what a sighting changes, facts.rs what guards may read. Before: admit.rs.
//! Next: the engine's step, then plan.rs.

pub(crate) mod facts;
pub(crate) mod presence;
pub(crate) mod radio;

use crate::batch::Reason;
use crate::event::Place;
use crate::house::Station;
use crate::id::ZoneIx;
use crate::venue::{Map, Spot, Venue};

/// Where something was observed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Located {
    pub(crate) zone: Option<ZoneIx>,
    /// Coordinates, where the observer gave some.
    pub(crate) spot: Option<Spot>,
}

/// The zone of a place. `current` is the zone the subject is in: coordinates within the margin around it do not
/// leave it.
pub(crate) fn locate(
    venue: &Venue,
    map: &Map,
    place: &Place,
    current: Option<ZoneIx>,
) -> Result<Located, Reason> {
    match place {
        Place::Venue => Ok(Located { zone: None, spot: None }),
        Place::Node(node) => {
            let mount = map.mount(*node).ok_or(Reason::UnknownNode)?;
            Ok(Located { zone: mount.zone(), spot: None })
        }
        Place::Zone(name) => {
            let zone = map.zone(name.as_str()).ok_or(Reason::Unknown)?;
            Ok(Located { zone: Some(zone), spot: None })
        }
        Place::Point { lon, lat, level } => {
            if !(lon.abs() <= 180.0 && lat.abs() <= 90.0) {
                return Err(Reason::Malformed);
            }
            let spot = Spot { lon: *lon, lat: *lat, level: *level };
            let found = map.locate(&spot);
            let near = |zone: &ZoneIx| {
                map.outside_by(*zone, &spot).is_some_and(|metres| metres <= venue.presence.margin)
            };
            let zone = current.filter(|zone| found != Some(*zone) && near(zone)).or(found);
            Ok(Located { zone, spot: Some(spot) })
        }
    }
}

/// Whose weather reading it is.
pub(crate) fn station(venue: &Venue, map: &Map, place: &Place) -> Result<Station, Reason> {
    if let Place::Node(node) = place {
        return map.mount(*node).map(|_| Station::Node(*node)).ok_or(Reason::UnknownNode);
    }
    Ok(locate(venue, map, place, None)?.zone.map_or(Station::Venue, Station::Zone))
}
