//! Venue files, sound and broken; the map; the clock.

mod plan;

use std::fmt::Write as _;
use std::io::Read as _;

use expect_test::{Expect, expect};
use turnpage_journeys_expr::Timestamp;
use turnpage_journeys_expr::diagnostic::position;

use super::*;

const PARK: &str = include_str!("tests/park.yaml");
const ZONES: &str = include_str!("tests/zones.geojson");

fn park() -> Venue {
    let files =
        [SourceFile { name: VENUE_FILE, text: PARK }, SourceFile { name: "zones.geojson", text: ZONES }];
    Venue::read(&files).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// Reads a broken venue and shows its problems as `file:line:column code: message (help)`.
fn broken(yaml: &str, map: Option<&str>, expected: Expect) {
    let mut files = vec![SourceFile { name: VENUE_FILE, text: yaml }];
    files.extend(map.map(|text| SourceFile { name: "zones.geojson", text }));
    let mut shown = String::new();
    for FileProblems { file, diagnostics } in Venue::read(&files).expect_err("this venue is broken") {
        let text = files.iter().find(|it| it.name == file).map_or("", |it| it.text);
        for problem in diagnostics {
            let at = position(text, problem.span.start);
            write!(shown, "{file}:{}:{} {}: {}", at.line, at.column, problem.code, problem.message).unwrap();
            if let Some(help) = problem.help {
                write!(shown, " ({help})").unwrap();
            }
            shown.push('\n');
        }
    }
    expected.assert_eq(&shown);
}

fn zone_at(venue: &Venue, lon: f64, lat: f64, level: Option<i16>) -> Option<&str> {
    let zone = Map::new(venue).locate(&Spot { lon, lat, level })?;
    Some(venue.zones[usize::from(zone.0)].id.as_str())
}

#[test]
fn a_venue_is_read_whole() {
    let venue = park();
    assert_eq!(venue.title, "Harbour Park");
    assert_eq!(venue.time_zone, chrono_tz::America::New_York);
    let zones: Vec<_> = venue.zones.iter().map(|zone| (zone.id.as_str(), zone.kind, zone.level)).collect();
    assert_eq!(
        zones,
        [("parking", 0, 0), ("plaza", 1, 0), ("grill", 3, 0), ("terrace", 3, 1), ("coaster", 2, 0)]
    );
    assert_eq!(
        venue.nodes[1].mount.zone(),
        Some(ZoneIx(1)),
        "a node at coordinates is in the zone around them"
    );
    assert_eq!(venue.signals[1].queue_of, Some(ZoneIx(4)));
    assert_eq!(venue.presence, Presence { settle_ms: 10_000, margin: 5.0, away_after_ms: Some(1_800_000) });
    assert_eq!(venue.policy.quiet_hours, Some((22 * 3_600_000, 8 * 3_600_000)));
}

#[test]
fn everything_wrong_is_told_at_once() {
    broken(
        "venue: my park\ntime_zone: America/New_Yrok\nkinds: [gate, ride]\nroles: [guest, guest]\n\
         zones:\n  - { id: a, kind: rid, outdoors: true }\n  - { id: a, kind: gate, level: 3 }\n\
         nodes:\n  - { id: 1, name: n1, zone: b, senses: [badge, rain] }\n  - { id: 1, name: n2, lon: 200, lat: 3, senses: [] }\n\
         signals:\n  - { name: q, unit: percent, queue_of: a }\npolicy: { quiet_hours: { from: \"25:00\", to: 8 } }\n\
         presense: { settle: 5 }\n",
        None,
        expect![[r#"
            venue.yaml:1:8 bad-name: `my park` cannot be a venue's id (1 to 32 letters, digits, `_`, `.` or `-`: it is a level of topics)
            venue.yaml:2:12 unknown-time-zone: unknown time zone `America/New_Yrok` (did you mean `America/New_York`?)
            venue.yaml:4:16 duplicate: role `guest` is there twice
            venue.yaml:6:20 unknown-name: unknown kind `rid` (did you mean `ride`?)
            venue.yaml:6:25 unknown-key: unknown key `outdoors` (did you mean `outdoor`?)
            venue.yaml:7:11 duplicate: zone `a` is there twice (a zone is either on the map or in `zones`)
            venue.yaml:7:33 unknown-name: unknown level 3 (declare it under `levels`)
            venue.yaml:9:30 unknown-name: unknown zone `b`
            venue.yaml:9:49 unknown-word: unknown word `rain` (write one of: badge, weather)
            venue.yaml:10:11 duplicate: node `1` is there twice
            venue.yaml:10:29 out-of-range: `200` is not between -180 and 180 degrees
            venue.yaml:12:22 bad-unit: a queue is measured in minutes (write `unit: minutes`, or leave it out)
            venue.yaml:13:32 bad-time: `25:00` is not a time of day (write hours and minutes: `"08:30"`)
            venue.yaml:13:45 bad-time: `8` is not a time of day (write hours and minutes: `"08:30"`)
            venue.yaml:14:1 unknown-key: unknown key `presense` (did you mean `presence`?)
        "#]],
    );
}

#[test]
fn a_map_has_sound_polygons() {
    let head = "venue: p\ntime_zone: Europe/Berlin\nkinds: [gate]\nroles: [guest]\nmap: zones.geojson\n";
    let feature = |id: &str, ring: &str| {
        format!(
            "{{\"type\":\"Feature\",\"properties\":{{\"id\":\"{id}\",\"kind\":\"gate\",\"stroke\":\"red\",\"outdor\":true}},\n\
             \"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[\n{ring}]}}}}"
        )
    };
    let features = [
        feature("open", "[[0,0],[1,0],[1,1],[0,1]]"),
        feature("bow-tie", "[[0,0],[1,1],[1,0],[0,1],[0,0]]"),
        feature("swapped", "[[50,120],[1,0],[1,1],[50,120]]"),
        feature("thin", "[[0,0],[1,1],[0,0]]"),
        feature("flat", "[[0,0],[1,1],[2,2],[0,0]]"),
        feature("open", "[[0,0],[1,0],[1,1],[0,0]]"),
    ];
    let map = format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}]}}", features.join(",\n"));
    broken(
        head,
        Some(&map),
        expect![[r#"
        zones.geojson:2:74 unknown-key: unknown key `outdor` (did you mean `outdoor`?)
        zones.geojson:4:20 open-ring: the ring does not end where it began (repeat `[0, 0]` at its end)
        zones.geojson:5:77 unknown-key: unknown key `outdor` (did you mean `outdoor`?)
        zones.geojson:7:2 crossing-ring: the ring crosses itself on the way from here (an outline may touch itself, not cross itself)
        zones.geojson:8:77 unknown-key: unknown key `outdor` (did you mean `outdoor`?)
        zones.geojson:10:2 out-of-range: `50, 120` is no place on earth (longitude comes first, then latitude)
        zones.geojson:10:23 out-of-range: `50, 120` is no place on earth (longitude comes first, then latitude)
        zones.geojson:11:74 unknown-key: unknown key `outdor` (did you mean `outdoor`?)
        zones.geojson:13:1 bad-ring: a ring has at least four positions, this one has 3
        zones.geojson:14:74 unknown-key: unknown key `outdor` (did you mean `outdoor`?)
        zones.geojson:16:2 bad-ring: the ring has no inside
        zones.geojson:17:38 duplicate: zone `open` is there twice (a zone is either on the map or in `zones`)
        zones.geojson:17:74 unknown-key: unknown key `outdor` (did you mean `outdoor`?)
    "#]],
    );
    broken(
        head,
        None,
        expect![[r#"
        venue.yaml:5:6 missing-file: there is no file `zones.geojson` here
    "#]],
    );
    broken(
        head,
        Some("{\"type\":\"Feature\",\"features\":[]}"),
        expect![[r#"
        zones.geojson:1:9 unknown-word: unknown word `Feature` (write one of: FeatureCollection)
    "#]],
    );
}

#[test]
fn a_ring_may_touch_itself() {
    let head = "venue: p\ntime_zone: UTC\nkinds: [gate]\nroles: [guest]\nmap: zones.geojson\n";
    // Two triangles that meet in [1, 0], drawn as one ring.
    let map = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"z","kind":"gate"},
        "geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[2,1],[2,-1],[1,0],[0,1],[0,0]]]}}]}"#;
    let files =
        [SourceFile { name: VENUE_FILE, text: head }, SourceFile { name: "zones.geojson", text: map }];
    let venue = Venue::read(&files).unwrap();
    assert_eq!(zone_at(&venue, 0.2, 0.2, None), Some("z"));
    assert_eq!(zone_at(&venue, 1.9, 0.0, None), Some("z"));
    assert_eq!(zone_at(&venue, 1.0, 0.5, None), None);
}

#[test]
fn places_are_found_by_level_and_size() {
    let venue = park();
    assert_eq!(zone_at(&venue, -73.5650, 45.5050, None), Some("plaza"));
    assert_eq!(
        zone_at(&venue, -73.5645, 45.5055, None),
        Some("grill"),
        "the smaller of two zones that overlap"
    );
    assert_eq!(zone_at(&venue, -73.5645, 45.5055, Some(1)), Some("terrace"), "the one on the level");
    assert_eq!(zone_at(&venue, -73.5645, 45.5055, Some(0)), Some("grill"));
    assert_eq!(zone_at(&venue, -73.5700, 45.5050, None), None);
    assert_eq!(zone_at(&venue, f64::NAN, 45.5050, None), None);
}

#[test]
fn distances_are_metres() {
    let venue = park();
    let map = Map::new(&venue);
    let spot = Spot { lon: -73.5670, lat: 45.5050, level: None };
    // The plaza's western edge is 0.001 degrees east of the spot: 77.9 m at this latitude.
    let metres = map.outside_by(ZoneIx(1), &spot).unwrap();
    assert!((metres - 77.93).abs() < 0.1, "{metres}");
    let near = map.nearest(Some(&spot), None, 3).unwrap();
    assert_eq!(near.zone, ZoneIx(2), "a storey up is further than the ground");
    assert_eq!(map.nearest(None, Some(ZoneIx(3)), 3), Some(Near { zone: ZoneIx(3), metres: Some(0.0) }));
    assert_eq!(
        map.nearest(None, Some(ZoneIx(0)), 2),
        Some(Near { zone: ZoneIx(4), metres: None }),
        "the only ride"
    );
    assert_eq!(map.nearest(None, Some(ZoneIx(0)), 3), None, "parking is not on the map, and there are two");
}

#[test]
fn the_clock_agrees_with_every_transition_on_record() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/11-conformance/tz_transitions.csv.gz");
    let Ok(file) = std::fs::File::open(path) else {
        eprintln!("skipped: no {path}");
        return;
    };
    let mut csv = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut csv).unwrap();
    let mut clocks = std::collections::BTreeMap::new();
    let mut rows = 0;
    for row in csv.lines().skip(1) {
        let fields: Vec<_> = row.split(',').collect();
        let clock = clocks.entry(fields[0]).or_insert_with(|| clock::offsets(fields[0].parse().unwrap()));
        let at = chrono::DateTime::parse_from_rfc3339(fields[1]).unwrap().timestamp_millis();
        let local = chrono::NaiveDateTime::parse_from_str(fields[3], "%Y-%m-%dT%H:%M:%S").unwrap().and_utc();
        assert_eq!(clock.offset_ms(Timestamp(at)), fields[4].parse::<i64>().unwrap() * 1_000, "{row}");
        let shown = clock.local(Timestamp(at));
        assert_eq!(
            i64::from(shown.day) * 86_400_000 + i64::from(shown.ms),
            local.timestamp_millis(),
            "{row}"
        );
        rows += 1;
    }
    assert!(rows > 600, "{rows} rows");
}
