//! Where it happens: a venue with its map, and the configuration of its gateway.

use turnpage_gateway_core::venue::{Map, SourceFile, Spot};
use turnpage_gateway_core::{Timestamp, Venue};
use turnpage_gateway_server::Config;

use crate::stage::{NOON, placed, texts};

/// The names under which the texts of one input lie: the file, and the maps it may name.
const FILES: [&str; 4] = ["venue.yaml", "zones.geojson", "level.geojson", "unit.geojson"];

/// A venue's file and its maps: problems with places, or a venue in which everything can be found.
pub(crate) fn venue(bytes: &[u8]) {
    let texts = texts(bytes);
    let files = FILES.iter().zip(&texts).map(|(name, text)| SourceFile { name, text });
    let files: Vec<SourceFile<'_>> = files.collect();
    match Venue::read(&files) {
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            for problem in problems {
                let text = files.iter().find(|file| file.name == problem.file).map_or("", |file| file.text);
                placed(text, &problem.diagnostics);
            }
        }
        Ok(venue) => found(&venue),
    }
}

fn found(venue: &Venue) {
    let (map, schema) = (Map::new(venue), venue.schema());
    assert!(!schema.is_empty());
    for zone in &venue.zones {
        assert!(map.zone(zone.id.as_str()).is_some(), "{} is in no map", zone.id.as_str());
        let Some([lon, lat]) = zone.label_point() else { continue };
        assert!(lon.is_finite() && lat.is_finite(), "{} lies nowhere", zone.id.as_str());
        let _ = map.locate(&Spot { lon, lat, level: Some(zone.level) });
    }
    for at in [NOON, Timestamp(0), Timestamp(i64::MAX), Timestamp(i64::MIN)] {
        let _ = (venue.local(at), venue.offsets().local(at));
    }
    let written = venue.written(NOON);
    assert_eq!(venue.instant(&written), Ok(NOON), "{written}");
}

/// A configuration: problems with places, or it is read.
pub(crate) fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(problems) = Config::read(text) {
        assert!(!problems.is_empty(), "refused without a reason");
        placed(text, &problems);
    }
}
