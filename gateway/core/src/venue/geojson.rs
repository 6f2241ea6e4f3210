//! The venue's map: GeoJSON features to zones with sound polygons.
//!
//! Reads RFC 7946 through the same tree as everything an author writes, so a bad position has a line and a caret.
//! Foreign members and other tools' properties are let be, unless they look like one of ours misspelt.
//! Before: read.rs. Next: polygon.rs, which looks at each ring.

use geo::{LineString, MultiPolygon, Polygon};
use turnpage_journeys_document::{Fields, Node};
use turnpage_journeys_expr::Diagnostic;

use super::parts::Parts;
use super::polygon::{self, Corner};

type Problems = Vec<Diagnostic>;

/// Adds every feature of a map to the venue's zones.
pub(super) fn read(root: &Node, parts: &mut Parts<'_>, problems: &mut Problems) {
    let Some(mut keys) = root.fields(problems) else { return };
    expect_type(&mut keys, "FeatureCollection", problems);
    let features = keys.required("features", problems).and_then(|node| node.list(problems));
    finish(keys, problems);
    for feature in features.unwrap_or_default() {
        read_feature(feature, parts, problems);
    }
}

fn read_feature(feature: &Node, parts: &mut Parts<'_>, problems: &mut Problems) {
    let Some(mut keys) = feature.fields(problems) else { return };
    expect_type(&mut keys, "Feature", problems);
    let shape = keys.optional("geometry", problems).and_then(|node| geometry(node, problems));
    let properties = keys.required("properties", problems);
    finish(keys, problems);
    let Some(mut keys) = properties.and_then(|node| node.fields(problems)) else { return };
    let zone = parts.zone_keys(&mut keys, problems);
    finish(keys, problems);
    parts.add_zone(zone, shape, problems);
}

fn expect_type(keys: &mut Fields<'_>, wanted: &'static str, problems: &mut Problems) {
    if let Some(node) = keys.required("type", problems) {
        node.word(&[(wanted, ())], problems);
    }
}

/// GeoJSON allows anything more, so only a key that is nearly one of ours is a problem.
fn finish(keys: Fields<'_>, problems: &mut Problems) {
    let mut unknown = Problems::new();
    keys.finish(&mut unknown);
    let near =
        |problem: &Diagnostic| problem.help.as_ref().is_some_and(|help| help.starts_with("did you mean"));
    problems.extend(unknown.into_iter().filter(near));
}

fn geometry(node: &Node, problems: &mut Problems) -> Option<MultiPolygon<f64>> {
    let mut keys = node.fields(problems)?;
    let kinds = [("Polygon", false), ("MultiPolygon", true)];
    let many = keys.required("type", problems).and_then(|node| node.word(&kinds, problems));
    let coordinates = keys.required("coordinates", problems);
    finish(keys, problems);
    let (many, coordinates) = (many?, coordinates?);
    let polygons: Vec<_> = if many {
        coordinates.list(problems)?.iter().filter_map(|node| polygon(node, problems)).collect()
    } else {
        polygon(coordinates, problems).into_iter().collect()
    };
    Some(MultiPolygon(polygons))
}

fn polygon(node: &Node, problems: &mut Problems) -> Option<Polygon<f64>> {
    let rings = node.list(problems)?;
    if rings.is_empty() {
        problems.push(Diagnostic::error("bad-polygon", node.span, "a polygon has at least one ring"));
        return None;
    }
    let mut read = rings.iter().filter_map(|node| ring(node, problems));
    let outer = read.next();
    let holes = read.collect();
    Some(Polygon::new(outer?, holes))
}

fn ring(node: &Node, problems: &mut Problems) -> Option<LineString<f64>> {
    let corners: Vec<_> = node.list(problems)?.iter().map(|node| corner(node, problems)).collect();
    // A position that cannot be read has been reported; what the rest of the ring looks like says nothing.
    let corners: Vec<Corner> = corners.into_iter().collect::<Option<_>>()?;
    polygon::check(&corners, node.span, problems);
    Some(LineString(corners.into_iter().map(|corner| corner.at).collect()))
}

fn corner(node: &Node, problems: &mut Problems) -> Option<Corner> {
    let [lon, lat, ..] = node.list(problems)? else {
        let problem =
            Diagnostic::error("bad-position", node.span, "a position has a longitude and a latitude");
        problems.push(problem);
        return None;
    };
    let (x, y) = (lon.double(problems), lat.double(problems));
    let (x, y) = (x?, y?);
    if x.abs() > 180.0 || y.abs() > 90.0 {
        let message = format!("`{x}, {y}` is no place on earth");
        let problem = Diagnostic::error("out-of-range", node.span, message);
        problems.push(if x.abs() <= 90.0 && y.abs() <= 180.0 {
            problem.with_help("longitude comes first, then latitude")
        } else {
            problem.with_help("longitude is -180 to 180 degrees, latitude -90 to 90")
        });
        return None;
    }
    Some(Corner { at: geo::Coord { x, y }, span: node.span })
}
