//! A small park with every kind of zone, declared by hand: these tests stand before the gateway's venue files.

use turnpage_journeys_authoring::play::{Stage, StageZone};
use turnpage_journeys_engine::{Offsets, Timestamp, Transition};
use turnpage_journeys_expr::{Schema, Type, Unit, Value};

const HOUR_MS: i64 = 3_600_000;

const KINDS: [&str; 7] = ["gate", "plaza", "ride", "food", "shop", "restroom", "indoor"];

/// Zone, title, kind, outdoor, level, nearest food, metres to it.
const ZONES: [(&str, &str, &str, bool, i64, &str, f64); 9] = [
    ("gate", "Main Gate", "gate", true, 0, "grill", 310.0),
    ("square", "Heron Square", "plaza", true, 0, "cafe", 40.0),
    ("hall", "Winter Hall", "plaza", false, 0, "cafe", 25.0),
    ("comet", "The Comet", "ride", true, 0, "grill", 120.0),
    ("mine", "The Mine", "ride", false, -1, "grill", 180.0),
    ("grill", "Lakeside Grill", "food", true, 0, "grill", 0.0),
    ("cafe", "Café Heron", "food", false, 1, "cafe", 0.0),
    ("shop", "Toys", "shop", false, 0, "cafe", 60.0),
    ("arcade", "Arcade", "indoor", false, 0, "cafe", 75.0),
];

/// The park's facts, by the paths every venue declares.
pub(crate) fn schema() -> Schema {
    let mut schema = Schema::new();
    let role = schema.domain("role", ["guest", "vip", "staff", "cleaner"]);
    let kind = schema.domain("kind", KINDS);
    let zone = schema.domain("zone", ZONES.map(|zone| zone.0));
    for (name, title, ..) in ZONES {
        let symbol = schema.intern(zone, name);
        schema.set_title(zone, symbol, title);
    }
    for (path, ty) in [
        ("role", Type::Symbol(role)),
        ("place.zone", Type::Symbol(zone)),
        ("place.kind", Type::Symbol(kind)),
        ("place.level", Type::Int),
        ("place.outdoor", Type::Bool),
        ("place.dwell", Type::Duration),
        ("place.queue", Type::Quantity(Unit::Minute)),
        ("place.count", Type::Int),
        ("feedback.score", Type::Int),
        ("party.size", Type::Int),
        ("weather.temperature", Type::Quantity(Unit::Celsius)),
        ("weather.rain", Type::Quantity(Unit::MmPerHour)),
        ("weather.wind", Type::Quantity(Unit::MetrePerSecond)),
        ("weather.humidity", Type::Quantity(Unit::Percent)),
        ("weather.light", Type::Quantity(Unit::Lux)),
        ("signal.parking", Type::Quantity(Unit::Percent)),
        ("signal.comet-queue", Type::Quantity(Unit::Minute)),
    ] {
        schema.fact(path, ty).expect("a few facts fit");
    }
    let tier = schema.domain("subject.tier", ["none", "silver", "gold"]);
    schema.fact("subject.tier", Type::Symbol(tier)).expect("a few facts fit");
    let channel = schema.domain("channel", ["band", "app", "kiosk"]);
    schema.fact("channel", Type::Symbol(channel)).expect("a few facts fit");
    for kind in KINDS {
        schema.fact(&format!("nearest.{kind}"), Type::Symbol(zone)).expect("a few facts fit");
        schema.fact(&format!("distance.{kind}"), Type::Quantity(Unit::Metre)).expect("a few facts fit");
        schema.fact(&format!("next.{kind}"), Type::Double).expect("a few facts fit");
    }
    schema
}

/// The park, open in 2026 on New York's clock.
pub(crate) fn stage() -> Stage {
    let schema = schema();
    let symbol = |domain: &str, name: &str| {
        let domain = schema.domain_id(domain).expect("declared above");
        Value::Symbol(schema.symbol(domain, name).expect("declared above"))
    };
    let zones = ZONES
        .iter()
        .map(|&(name, _, kind, outdoor, level, food, metres)| StageZone {
            name: name.to_owned(),
            queue: (name == "comet").then(|| "signal.comet-queue".to_owned()),
            facts: vec![
                ("place.kind".to_owned(), symbol("kind", kind)),
                ("place.outdoor".to_owned(), Value::Bool(outdoor)),
                ("place.level".to_owned(), Value::Int(level)),
                ("nearest.food".to_owned(), symbol("zone", food)),
                ("distance.food".to_owned(), Value::Double(metres)),
            ],
        })
        .collect();
    let transitions = vec![
        Transition { at: Timestamp(1_772_953_200_000), offset_ms: -4 * HOUR_MS },
        Transition { at: Timestamp(1_793_512_800_000), offset_ms: -5 * HOUR_MS },
    ];
    Stage { schema, offsets: Offsets::new(-5 * HOUR_MS, transitions), zones, segments: Vec::new() }
}
