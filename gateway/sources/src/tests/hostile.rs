//! Hostile topics, payloads and declarations: a value comes back, always, and the same one each time.
//!
//! `corpus/` holds small inputs that once were interesting, one a file, each tried as a payload of every ready-made source.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::{NOW, declare, source};
use crate::bthome::read;
use crate::{Bindkeys, Mapped, PAYLOAD_MAX, READY, Source};

/// Every ready-made source, with something in each table so that its rules are reached.
fn all() -> &'static [(Source, String)] {
    static ALL: LazyLock<Vec<(Source, String)>> = LazyLock::new(made);
    &ALL
}

fn made() -> Vec<(Source, String)> {
    let tables = [
        ("espresense", "devices: { a: guest }"),
        ("openmqttgateway", "tags: { a: guest }, beacons: { a: guest }, zones: { a: gate, b: gate }"),
        ("bthome", "zones: { 'a4:c1:38:8d:18:b2': gate }, signals: { 'a4:c1:38:8d:18:b2/motion': door }"),
        ("zigbee2mqtt", "zones: { a: gate }, signals: { a/contact: door }"),
        ("tasmota", "zones: { a: gate }, signals: { a/Power: door }"),
        ("homeassistant", "temperature: { a.a: gate }, signals: { a.a: door }, persons: { a.a: guest }"),
    ];
    let filled =
        |name: &str| tables.iter().find(|(known, _)| *known == name).map_or("", |(_, tables)| tables);
    let topic = |source: &Source| source.topics.as_str().replace(['+', '#'], "a");
    READY
        .iter()
        .map(|ready| source(&format!("{{ use: {}, tables: {{ {} }} }}", ready.name, filled(ready.name))))
        .map(|source| {
            let topic = topic(&source);
            (source, topic)
        })
        .collect()
}

fn tried(sources: &[(Source, String)], payload: &[u8]) {
    for (source, topic) in sources {
        let mapped = source.map(NOW, topic, payload);
        assert_eq!(source.map(NOW, topic, payload), mapped, "{} is not of one mind", source.name);
        assert_eq!(source.explain(NOW, topic, payload).mapped, mapped);
        if let Mapped::Malformed(trouble) = mapped {
            assert!(trouble.message.len() < 300, "a stranger's text is repeated: {}", trouble.message);
        }
    }
}

#[test]
fn the_corpus_is_read() {
    let sources = all();
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut count = 0;
    for file in std::fs::read_dir(corpus).unwrap() {
        tried(sources, &std::fs::read(file.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count >= 20, "only {count} files");
}

/// JSON with the keys that ready-made sources read, and anything under them.
fn payload() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|truth| truth.to_string()),
        any::<f64>().prop_map(|number| serde_json::json!(number).to_string()),
        any::<i64>().prop_map(|number| number.to_string()),
        "[a-z0-9:]{0,20}".prop_map(|text| format!("\"{text}\"")),
        prop::sample::select(vec![
            "\"location\"",
            "\"a\"",
            "\"a4:c1:38:8d:18:b2\"",
            "\"4002ca0903bf13\"",
            "\"F\""
        ])
        .prop_map(str::to_owned),
    ];
    let value = leaf.prop_recursive(4, 32, 6, |inner| {
        let keys = prop::sample::select(vec![
            "_type",
            "lat",
            "lon",
            "tst",
            "id",
            "rssi",
            "rssi@1m",
            "distance",
            "servicedata",
            "temperature",
            "humidity",
            "tempc",
            "contact",
            "Temperature",
            "TempUnit",
            "subject",
            "zone",
            "signal",
            "value",
            "at",
            "level",
            "uuid",
            "major",
            "minor",
            "illuminance",
        ]);
        let entry = (keys, inner.clone()).prop_map(|(key, value)| format!("\"{key}\":{value}"));
        prop_oneof![
            4 => prop::collection::vec(entry, 0..8).prop_map(|fields| format!("{{{}}}", fields.join(","))),
            1 => prop::collection::vec(inner, 0..6).prop_map(|items| format!("[{}]", items.join(","))),
        ]
    });
    value.boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn bytes_are_mapped_ignored_or_malformed(payload in prop::collection::vec(any::<u8>(), 0..300)) {
        tried(all(), &payload);
    }

    #[test]
    fn json_is_mapped_ignored_or_malformed(payload in payload()) {
        tried(all(), payload.as_bytes());
    }

    #[test]
    fn topics_of_any_shape_are_taken(topic in "[a-z/+#\u{e9}]{0,40}", payload in payload()) {
        for (source, _) in all() {
            let _ = source.map(NOW, &topic, payload.as_bytes());
        }
    }

    #[test]
    fn advertisements_never_panic(data in prop_oneof!["[0-9a-f]{0,80}", "40[0-9a-f]{0,80}", "41[0-9a-f]{0,80}", ".{0,40}"]) {
        let mut keys = Bindkeys::default();
        keys.insert("a4c1388d18b2", [1; 16]);
        let _ = read(&data, "a4c1388d18b2", &keys);
        let _ = read(&data, "a4c1388d18b3", &keys);
        let _ = read("40", &data, &keys);
    }

    /// A payload's depth and length cannot take longer than its budget, whatever the expression: this returns at all.
    #[test]
    fn expressions_of_any_shape_end(expression in "(payload|[a-z]|[0-9]|\\.|\\(|\\)|\\[|\\]|\\+|&&|==|\"|,|all|filter|size| ){0,40}") {
        let quoted = expression.replace('\'', "''");
        let text = format!("{{ name: x, topics: a, map: [{{ when: '{quoted}', signal: {{ name: '\"door\"', value: {{ number: 1 }} }} }}] }}");
        if let Ok(source) = declare(&text, Bindkeys::default()) {
            let _ = source.map(NOW, "a", &vec![b'1'; PAYLOAD_MAX]);
        }
    }
}
