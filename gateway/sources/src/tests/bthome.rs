//! BTHome against the vectors of its reference parser, and over a receiver's JSON.

use std::io::Read as _;

use expect_test::expect;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{declare, mapped};
use crate::Bindkeys;
use crate::bthome::read;

/// The vectors are not part of this repository. In a worktree they lie one folder further up.
const VECTORS: [&str; 2] = ["../../../shared/data", "../../../../shared/data"];
const FILE: &str = "10-mqtt-payloads/bthome_vectors.ndjson.gz";

#[derive(Deserialize)]
struct Vector {
    file: String,
    test: String,
    data: Vec<String>,
    values: Vec<(String, String, Json)>,
    bindkey: Option<String>,
    address: String,
}

fn key(hex: &str) -> [u8; 16] {
    let bytes = (0..16).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap());
    bytes.collect::<Vec<_>>().try_into().unwrap()
}

fn vectors() -> Option<Vec<Vector>> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = VECTORS.map(|data| root.join(data).join(FILE)).into_iter().find(|path| path.is_file())?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).ok()?).read_to_string(&mut text).ok()?;
    Some(text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect())
}

/// The measurement under the reference's name for it.
fn ours(decoded: &Json, name: &str) -> Option<f64> {
    let special = match name {
        "Carbon Dioxide" => "co2",
        "Dew Point" => "dewpoint",
        "Volatile Organic Compounds" => "tvoc",
        "PM10" => "pm10",
        "PM2.5" | "PM25" => "pm2_5",
        "Distance" if decoded.get("distance_mm").is_some() => "distance_mm",
        "Volume" if decoded.get("volume_ml").is_some() => "volume_ml",
        "Mass" if decoded.get("mass_lb").is_some() => "mass_lb",
        "Power" if decoded.get("power_on").is_some() => "power_on",
        "UV Index" => "uv_index",
        _ => "",
    };
    let plain = name.to_lowercase().replace(' ', "_");
    let plain = plain.strip_suffix("_1").unwrap_or(&plain);
    let value = decoded.get(if special.is_empty() { plain } else { special })?;
    value.as_f64().or_else(|| value.as_bool().map(|truth| f64::from(u8::from(truth))))
}

#[test]
fn the_reference_parser_and_this_one_agree() {
    let Some(vectors) = vectors() else {
        println!("skipped: the vectors are not there");
        return;
    };
    let (mut compared, mut differ) = (0, Vec::new());
    for vector in vectors.iter().filter(|vector| vector.file.contains("v2")) {
        // Of two advertisements the values are those of the first: the second is a test of de-duplication.
        let Some(data) = vector.data.first() else { continue };
        let mut keys = Bindkeys::default();
        if let Some(bindkey) = &vector.bindkey {
            assert!(keys.insert(&vector.address, key(bindkey)));
        }
        let Ok(decoded) = read(data, &vector.address, &keys) else {
            let measured = vector.values.iter().filter(|value| value.1 != "Signal Strength").count();
            if measured > 0 {
                differ.push(format!("{}: not read", vector.test));
            }
            continue;
        };
        for (kind, name, value) in &vector.values {
            let number = value.as_f64().or_else(|| value.as_bool().map(|truth| f64::from(u8::from(truth))));
            let (Some(number), "SensorValue" | "BinarySensorValue") = (number, kind.as_str()) else {
                continue;
            };
            if name == "Signal Strength" {
                continue;
            }
            compared += 1;
            // The reference rounds.
            if ours(&decoded, name).is_none_or(|ours| (ours - number).abs() > 0.006) {
                differ.push(format!(
                    "{}: {name} is {number}, not {:?} of {decoded}",
                    vector.test,
                    ours(&decoded, name)
                ));
            }
        }
    }
    assert!(compared > 50, "only {compared} values were compared");
    assert!(differ.is_empty(), "{} of {compared} differ: {differ:#?}", differ.len());
}

/// The examples of <https://bthome.io/format> and <https://bthome.io/encryption>.
#[test]
fn the_documented_examples_are_read() {
    let mut keys = Bindkeys::default();
    let open = Bindkeys::default();
    assert!(keys.insert("54:48:E6:8F:80:A5", key("231d39c1d7cc1ab1aee224cd096db932")));
    let address = "5448e68f80a5";
    let told = |data: &str, keys: &Bindkeys| match read(data, address, keys) {
        Ok(decoded) => decoded.to_string(),
        Err(error) => error.to_string(),
    };
    let sealed = "41a47266c95f730011223378237214";
    let lines = [
        told("4002ca0903bf13", &open),
        told("4002ca0902cf09", &open),
        told("40003a013a00", &open),
        told("403a0a3a02", &open),
        told("403c0203", &open),
        told("405305e282ac2121", &open),
        told("40feca09", &open),
        told("4002ca", &open),
        told("2002ca09", &open),
        told("", &open),
        told("4", &open),
        told("4\u{e9}", &open),
        told(sealed, &keys),
        told(sealed, &open),
        told("41a47266c95f730011223378237215", &keys),
        told("4102", &keys),
        told("4002ca0903bf13", &keys),
    ];
    expect![[r#"
        {"humidity":50.55,"temperature":25.06}
        {"temperature":25.06,"temperature_2":25.11}
        it ends in the middle of a measurement
        {"button":"double_press"}
        {"dimmer":3}
        {"text":"€!!"}
        {}
        it ends in the middle of a measurement
        it is no advertisement of BTHome version 2
        it is no advertisement of BTHome version 2
        this is not hexadecimal, or longer than 255 bytes
        this is not hexadecimal, or longer than 255 bytes
        {"humidity":50.55,"temperature":25.06}
        it is encrypted, and its sensor has no key here
        it does not open with its sensor's key
        it does not open with its sensor's key
        it is not encrypted, and its sensor has a key"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn sensors_are_heard_through_a_receiver() {
    let mut keys = Bindkeys::default();
    keys.insert("54:48:E6:8F:80:A5", key("231d39c1d7cc1ab1aee224cd096db932"));
    let text = "{ use: bthome, tables: { zones: { '54:48:e6:8f:80:a5': grill, 'a4:c1:38:8d:18:b2': gate },
        signals: { 'a4:c1:38:8d:18:b2/motion': door } } }";
    let source = declare(text, keys).unwrap();
    let map = |payload| mapped(&source, "home/kitchen/BTtoMQTT/x", payload);
    let lines = [
        map(
            r#"{"id":"54:48:E6:8F:80:A5","rssi":-60,"servicedata":"41a47266c95f730011223378237214","servicedatauuid":"0xfcd2"}"#,
        ),
        map(r#"{"id":"54:48:E6:8F:80:A5","rssi":-60,"servicedata":"4002ca0903bf13"}"#),
        map(r#"{"id":"A4:C1:38:8D:18:B2","rssi":-60,"servicedata":"4002ca092101"}"#),
        map(r#"{"id":"A4:C1:38:8D:18:B2","rssi":-60}"#),
        map(r#"{"id":"11:22:33:44:55:66","servicedata":"zz"}"#),
        map(r#"{"id":7,"servicedata":"4002ca0903bf13"}"#),
    ];
    expect![[r#"
        weather at grill: temperature 25.06 humidity 50.55
        malformed (wrong): rule 1, weather.temperature: it is not encrypted, and its sensor has a key
        weather at gate: temperature 25.06; door = 1
        ignored
        ignored
        malformed (wrong): rule 2, each: expected text, found the number `7`"#]]
    .assert_eq(&lines.join("\n"));
}
