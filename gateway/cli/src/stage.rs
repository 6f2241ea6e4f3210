//! A real venue as the stage of a play: its facts, its clock, and what is always true in each of its zones.
//!
//! The only place where a venue becomes a stage. Journeys know no polygons: what is near is worked out here, from the
//! middle of each zone. Before: load.rs. Next: test.rs and play.rs.

use turnpage_gateway_core::venue::Map;
use turnpage_gateway_core::{Venue, ZoneIx};
use turnpage_journeys_authoring::play::{Schema, Stage, StageZone, Value};

/// The stage of a venue.
pub(crate) fn of(venue: &Venue) -> Stage {
    let schema = venue.schema();
    let map = Map::new(venue);
    let zones = (0..).map(ZoneIx).zip(&venue.zones).map(|(ix, zone)| {
        let mut facts = vec![
            ("place.outdoor".to_owned(), Value::Bool(zone.outdoor)),
            ("place.level".to_owned(), Value::Int(i64::from(zone.level))),
        ];
        let kind = venue.kinds.get(zone.kind).and_then(|kind| symbol(&schema, "kind", kind));
        facts.extend(kind.map(|kind| ("place.kind".to_owned(), kind)));
        for (number, kind) in venue.kinds.iter().enumerate() {
            let Some(near) = map.nearest(None, Some(ix), number) else { continue };
            let nearest = venue.zone(near.zone).and_then(|zone| symbol(&schema, "zone", zone.id.as_str()));
            facts.extend(nearest.map(|zone| (format!("nearest.{kind}"), zone)));
            facts.extend(near.metres.map(|metres| (format!("distance.{kind}"), Value::Double(metres))));
        }
        let queue = venue.signals.iter().find(|signal| signal.queue_of == Some(ix));
        StageZone {
            name: zone.id.as_str().to_owned(),
            facts,
            queue: queue.map(|signal| format!("signal.{}", signal.name)),
        }
    });
    let zones = zones.collect();
    let segments = venue.segments.iter().map(|segment| segment.guard.clone()).collect();
    Stage { schema, offsets: venue.offsets(), zones, segments }
}

fn symbol(schema: &Schema, domain: &str, name: &str) -> Option<Value> {
    schema.symbol(schema.domain_id(domain)?, name).map(Value::Symbol)
}

#[cfg(test)]
mod tests {
    use super::of;

    /// Everywhere in the sample park there is something to eat, and it is somewhere else or here.
    #[test]
    fn every_zone_of_the_park_knows_what_is_near() {
        let venue = crate::demo::park::venue().unwrap_or_else(|_| panic!("what ships is sound"));
        let stage = of(&venue);
        assert_eq!(stage.zones.len(), venue.zones.len());
        for zone in &stage.zones {
            let fact =
                |path: &str| zone.facts.iter().find(|(known, _)| known == path).map(|(_, value)| *value);
            assert!(fact("place.kind").is_some_and(|kind| kind.is_known()), "{}", zone.name);
            assert!(fact("nearest.food").is_some_and(|near| near.is_known()), "{}", zone.name);
            for (path, _) in &zone.facts {
                assert!(stage.schema.slot(path).is_some(), "{path} is no fact");
            }
        }
        let comet = stage.zones.iter().find(|zone| zone.name == "ride-comet").expect("it is there");
        assert_eq!(comet.queue.as_deref(), Some("signal.wait-comet"));
    }
}
