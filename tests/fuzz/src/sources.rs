//! Messages of sensors that are already there, through every ready-made source; and declarations of new ones.

use std::sync::{Arc, LazyLock};

use turnpage_gateway_core::{Place, What};
use turnpage_gateway_sources::{Bindkeys, Declared, EVENTS_MAX, Mapped, READY, Secret, Source};

use crate::stage::{NOON, placed, stage, texts};

/// Longest word on a payload's trouble: a stranger's text is not repeated in the log.
const TROUBLE_BYTES_MAX: usize = 300;
const MAC: &str = "a4:c1:38:8d:18:b2";

/// Every ready-made source with something in each of its tables, and a topic of it.
fn ready() -> &'static [(Source, String)] {
    static READY_MADE: LazyLock<Vec<(Source, String)>> = LazyLock::new(|| {
        let tables = |name: &str| match name {
            "espresense" => "devices: { a: guest }".to_owned(),
            "openmqttgateway" => {
                "tags: { a: guest }, beacons: { a: guest }, zones: { a: arch, b: arch }".to_owned()
            }
            "bthome" => format!("zones: {{ '{MAC}': arch }}, signals: {{ '{MAC}/motion': parking }}"),
            "zigbee2mqtt" => "zones: { a: arch }, signals: { a/contact: parking }".to_owned(),
            "tasmota" => "zones: { a: arch }, signals: { a/Power: parking }".to_owned(),
            "homeassistant" => {
                "temperature: { a.a: arch }, signals: { a.a: parking }, persons: { a.a: guest }".to_owned()
            }
            _ => String::new(),
        };
        let made = |name: &str| {
            let text = format!("{{ use: {name}, tables: {{ {} }} }}", tables(name));
            let source = declared(&text).unwrap_or_else(|| panic!("{name} is not declared"));
            let topic = source.topics.as_str().replace(['+', '#'], "a");
            (source, topic)
        };
        READY.iter().map(|ready| made(ready.name)).collect()
    });
    &READY_MADE
}

fn declared(text: &str) -> Option<Source> {
    let mut keys = Bindkeys::default();
    keys.insert(&MAC.replace(':', ""), [1; 16]);
    let venue = Arc::new(stage().venue.clone());
    let source = Declared::of(text).and_then(|it| it.resolve(&venue, Some(&Secret::new([7; 32])), keys));
    source.map_err(|problems| placed(text, &problems)).ok()
}

/// Mapped, ignored or malformed, and the same each time.
fn mapped(source: &Source, topic: &str, payload: &[u8]) {
    let mapped = source.map(NOON, topic, payload);
    assert_eq!(source.map(NOON, topic, payload), mapped, "{} is not of one mind", source.name);
    assert_eq!(source.explain(NOON, topic, payload).mapped, mapped);
    match mapped {
        Mapped::Malformed(trouble) => assert!(trouble.message.len() < TROUBLE_BYTES_MAX, "{trouble:?}"),
        Mapped::Events(events) => {
            assert!((1..=EVENTS_MAX).contains(&events.len()));
            events.iter().for_each(|event| finite(&event.what));
        }
        Mapped::Ignored => {}
    }
}

fn finite(what: &What) {
    let finite = match what {
        What::Signal { value, .. } => value.is_finite(),
        What::Sighting(seen) => match &seen.place {
            Place::Point { lon, lat, .. } => lon.abs() <= 180.0 && lat.abs() <= 90.0,
            _ => true,
        },
        What::Weather { reading, .. } => {
            let fields = [reading.temperature, reading.rain, reading.wind, reading.humidity, reading.light];
            fields.into_iter().flatten().all(f64::is_finite)
        }
        _ => true,
    };
    assert!(finite, "no sensor measures that: {what:?}");
}

/// A payload for all of them, as it came.
pub(crate) fn payload(bytes: &[u8]) {
    ready().iter().for_each(|(source, topic)| mapped(source, topic, bytes));
}

/// What a radio heard, as a receiver hands it on.
pub(crate) fn advertisement(bytes: &[u8]) {
    let data: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let payload =
        format!(r#"{{"id":"{MAC}","uuid":"0xfcd2","servicedatauuid":"0xfcd2","servicedata":"{data}"}}"#);
    payload_of_bthome(payload.as_bytes());
}

fn payload_of_bthome(bytes: &[u8]) {
    let found = ready().iter().filter(|(source, _)| source.name == "bthome");
    found.for_each(|(source, topic)| mapped(source, topic, bytes));
}

/// A declaration, and a payload for it: problems have a place, and whatever its expressions are they end.
pub(crate) fn mapping(bytes: &[u8]) {
    let texts = texts(bytes);
    let Some(source) = texts.first().and_then(|text| declared(text)) else { return };
    let topic = source.topics.as_str().replace(['+', '#'], "a");
    for payload in texts.get(1..).unwrap_or_default() {
        mapped(&source, &topic, payload.as_bytes());
    }
}
