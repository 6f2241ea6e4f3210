//! Ready-made sources over payloads of the shapes that their systems document.

use expect_test::{Expect, expect};

use super::{mapped, source};

fn check(declaration: &str, messages: &[(&str, &str)], expected: &Expect) {
    let source = source(declaration);
    let told: String =
        messages.iter().map(|(topic, payload)| format!("{}\n", mapped(&source, topic, payload))).collect();
    expected.assert_eq(&told);
}

#[test]
fn owntracks() {
    // As the iOS app publishes it.
    let location = r#"{"_type":"location","acc":12,"alt":31,"batt":81,"bs":1,"conn":"w","lat":45.5081,
        "lon":-73.5540,"m":1,"t":"u","tid":"j1","tst":1784360000,"vac":4,"vel":0}"#;
    let crossing = r#"{"_type":"transition","acc":20,"desc":"gate","event":"enter","lat":45.5,"lon":-73.5,
        "tid":"j1","tst":1784360001,"wtst":1784350000}"#;
    let topic = "owntracks/7f3a/phone";
    check(
        "{ use: owntracks, role: guest }",
        &[
            (topic, location),
            (topic, crossing),
            (topic, r#"{"_type":"lwt","tst":1784360000}"#),
            (topic, r#"{"_type":"location","lat":91,"lon":0,"tst":1}"#),
            (topic, r#"{"_type":"location","lat":0,"lon":1e999,"tst":1}"#),
            (topic, r#"{"_type":"location","lat":0,"lon":0}"#),
            (topic, r#"{"_type":"location","lat":0,"lon":0,"tst":9223372036854775807}"#),
            (topic, r#"{"_type":"location","lat":"0","lon":0,"tst":1}"#),
            (topic, r#"{"_type":"location","lon":0,"tst":1}"#),
            (topic, "45.5"),
            (topic, ""),
        ],
        &expect![[r#"
            0f63b8f2ee59fb0a Seen at -73.554 45.5081 None as Some("guest") @1784360000000
            0f63b8f2ee59fb0a Seen at -73.5 45.5 None as Some("guest") @1784360001000
            ignored
            malformed (wrong): rule 1, point.lat: `91` is not between -90 and 90 degrees
            malformed (unreadable): the payload is not JSON: number out of range at line 1 column 39
            0f63b8f2ee59fb0a Seen at 0 0 None as Some("guest")
            malformed (wrong): rule 1, at: expected a time, found the number `9223372036854775807`
            malformed (wrong): rule 1, point.lat: expected a number, found the text `0`
            malformed (missing): rule 1, point.lat: `lat` is missing
            ignored
            malformed (unreadable): the payload is not JSON: EOF while parsing a value at line 1 column 0
        "#]],
    );
    check(
        "{ use: owntracks, identity: given }",
        &[(topic, location), ("owntracks/j\u{e9}r\u{f4}me/phone", location)],
        &expect![[r#"
            7f3a Seen at -73.554 45.5081 None as None @1784360000000
            malformed (wrong): rule 1, sighting.subject: this id is no pseudonym: 1 to 32 letters, digits, `_`, `.` or `-`
        "#]],
    );
    check(
        "{ use: owntracks, identity: lasting }",
        &[(topic, location)],
        &expect![[r#"
        664f2b9aeb26056d Seen at -73.554 45.5081 None as None @1784360000000
    "#]],
    );
}

/// An operator may name what is a wildcard in the ready-made filter: whoever speaks is found from the topic's end.
#[test]
fn topics_of_ones_own_may_have_fewer_wildcards() {
    let near = r#"{"id":"A4:C1:38:8D:18:B2","rssi":-60,"distance":2}"#;
    check(
        "{ use: openmqttgateway, topics: park/hall/kitchen/BTtoMQTT/+, tables: { tags: { 'A4:C1:38:8D:18:B2': guest } } }",
        &[("park/hall/kitchen/BTtoMQTT/A4C1388D18B2", near)],
        &expect![[r#"
            d7518a088db0d097 heard by kitchen at -60 dBm (None at 1 m) as Some("guest")
        "#]],
    );
    check(
        "{ use: espresense, topics: espresense/devices/+/kitchen, identity: given }",
        &[("espresense/devices/tag-7/kitchen", near)],
        &expect![[r#"
            tag-7 heard by kitchen at -60 dBm (None at 1 m) as None
        "#]],
    );
    check(
        "{ use: owntracks, topics: owntracks/ann/#, identity: given }",
        &[("owntracks/ann/phone", r#"{"_type":"location","lat":0,"lon":0}"#)],
        &expect![[r#"
            ann Seen at 0 0 None as None
        "#]],
    );
    check(
        "{ use: homeassistant, topics: homeassistant/sensor/+/state, tables: { temperature: { sensor.hall: gate } } }",
        &[("homeassistant/sensor/hall/state", "18.5")],
        &expect![[r#"
            weather at gate: temperature 18.50
        "#]],
    );
}

#[test]
fn espresense() {
    let near = r#"{"mac":"a4c1388d18b2","id":"iBeacon:e5b9","name":"tag","disc":"","idType":13,"rssi@1m":-65,
        "rssi":-71,"raw":1.9,"distance":1.74,"var":0.2,"int":1023}"#;
    let topic = "espresense/devices/iBeacon:e5b9/kitchen";
    check(
        "{ use: espresense, role: guest }",
        &[
            (topic, near),
            (topic, r#"{"id":"iBeacon:e5b9","distance":1.74}"#),
            (topic, r#"{"id":"iBeacon:e5b9"}"#),
            ("espresense/devices/iBeacon:e5b9/kit chen", near),
        ],
        &expect![[r#"
            4c7f5802e7201e2f heard by kitchen at -71 dBm (Some(-65.0) at 1 m) as Some("guest")
            4c7f5802e7201e2f heard by kitchen at 1.74 m as Some("guest")
            malformed (missing): rule 1, heard.metres: `distance` is missing
            malformed (wrong): rule 1, sighting.receiver: `kit chen` is not a receiver's name
        "#]],
    );
    check(
        "{ use: espresense, tables: { devices: { 'iBeacon:e5b9': cleaner } } }",
        &[(topic, near), ("espresense/devices/other/kitchen", near)],
        &expect![[r#"
            4c7f5802e7201e2f heard by kitchen at -71 dBm (Some(-65.0) at 1 m) as Some("cleaner")
            ignored
        "#]],
    );
}

#[test]
fn openmqttgateway() {
    let tables = "{ use: openmqttgateway, tables: { tags: { 'A4:C1:38:8D:18:B2': cleaner },
        beacons: { fda50693a4e24fb1afcfc6eb07647825: guest }, zones: { '4C:65:A8:D0:6E:CE': grill } } }";
    let tag = r#"{"id":"A4:C1:38:8D:18:B2","name":"tag","rssi":-63,"distance":1.6}"#;
    let beacon = r#"{"id":"11:22:33:44:55:66","rssi":-80,"brand":"GENERIC","model":"iBeacon",
        "uuid":"fda50693a4e24fb1afcfc6eb07647825","major":10001,"minor":19641,"txpower":-59}"#;
    let weather = r#"{"id":"4C:65:A8:D0:6E:CE","name":"MJ_HT_V1","rssi":-71,"brand":"Xiaomi","model":"Mi Jia round",
        "model_id":"MJ_HT_V1","tempc":21.5,"tempf":70.7,"hum":48.2,"batt":93}"#;
    let topic = "home/kitchen/BTtoMQTT/A4C1388D18B2";
    check(
        tables,
        &[
            (topic, tag),
            (topic, beacon),
            (topic, weather),
            (topic, r#"{"id":"45:F6:8A:76:86:C5","rssi":-55,"txpower":12,"distance":0.495572}"#),
            (topic, r#"{"id":"A4:C1:38:8D:18:B2","rssi":"loud"}"#),
        ],
        &expect![[r#"
            d7518a088db0d097 heard by kitchen at -63 dBm (None at 1 m) as Some("cleaner")
            38b1a2382994c59e heard by kitchen at -80 dBm (Some(-59.0) at 1 m) as Some("guest")
            weather at grill: temperature 21.50 humidity 48.20
            ignored
            malformed (wrong): rule 1, heard.dbm: expected a number, found the text `loud`
        "#]],
    );
}

#[test]
fn zigbee2mqtt() {
    check(
        "{ use: zigbee2mqtt, tables: { zones: { hall: gate }, signals: { door-1/contact: door, lot/used: parking } } }",
        &[
            ("zigbee2mqtt/hall", r#"{"temperature":27.34,"humidity":44.72,"linkquality":97,"battery":86}"#),
            ("zigbee2mqtt/hall", r#"{"occupancy":true,"illuminance":16994,"illuminance_lux":49}"#),
            ("zigbee2mqtt/hall", r#"{"linkquality":97}"#),
            ("zigbee2mqtt/hall", r#"{"temperature":null,"linkquality":97}"#),
            ("zigbee2mqtt/door-1", r#"{"contact":true,"linkquality":128}"#),
            ("zigbee2mqtt/lot", r#"{"used":41.5}"#),
            ("zigbee2mqtt/elsewhere", r#"{"temperature":20}"#),
            ("zigbee2mqtt/hall", r#"{"temperature":"warm"}"#),
        ],
        &expect![[r#"
            weather at gate: temperature 27.34 humidity 44.72
            weather at gate: light 49.00
            ignored
            ignored
            door = 1
            parking = 41.5
            ignored
            malformed (wrong): rule 1, weather.temperature: expected a number, found the text `warm`
        "#]],
    );
}

#[test]
fn tasmota() {
    check(
        "{ use: tasmota, tables: { zones: { th16: grill, us: gate }, signals: { lot/Power: parking } } }",
        &[
            (
                "tele/th16/SENSOR",
                r#"{"Time":"2018-03-02T18:25:03","AM2301":{"Temperature":22.6,"Humidity":32.4},"TempUnit":"C"}"#,
            ),
            (
                "tele/us/SENSOR",
                r#"{"Time":"x","BME280":{"Temperature":70.7,"Pressure":1013},"TempUnit":"F"}"#,
            ),
            ("tele/us/SENSOR", r#"{"Time":"x","BH1750":{"Illuminance":512}}"#),
            ("tele/lot/SENSOR", r#"{"Time":"x","ENERGY":{"TotalStartTime":"x","Total":3.2,"Power":17}}"#),
            ("tele/th16/SENSOR", r#"{"Time":"x","Switch1":"OFF"}"#),
        ],
        &expect![[r#"
            weather at grill: temperature 22.60 humidity 32.40
            weather at gate: temperature 21.50
            weather at gate: light 512.00
            parking = 17
            ignored
        "#]],
    );
}

#[test]
fn homeassistant() {
    let tables =
        "{ use: homeassistant, tables: { temperature: { sensor.hall: gate }, wind: { sensor.mast: gate },
        signals: { binary_sensor.door: door, sensor.lot: parking }, persons: { person.kim: cleaner },
        zones: { Grill: grill } } }";
    check(
        tables,
        &[
            ("homeassistant/sensor/hall/state", "21.5"),
            ("homeassistant/sensor/hall/state", "unavailable"),
            ("homeassistant/sensor/hall/state", "warm"),
            ("homeassistant/sensor/mast/state", "3.5"),
            ("homeassistant/binary_sensor/door/state", "on"),
            ("homeassistant/binary_sensor/door/state", "off"),
            ("homeassistant/sensor/lot/state", "41"),
            ("homeassistant/person/kim/state", "Grill"),
            ("homeassistant/person/kim/state", "not_home"),
            ("homeassistant/light/hall/state", "on"),
        ],
        &expect![[r#"
            weather at gate: temperature 21.50
            ignored
            malformed (wrong): rule 1, weather.temperature: expected a number, found the text `warm`
            weather at gate: wind 3.50
            door = 1
            door = 0
            parking = 41
            df5e1d72af22c3ce Seen at grill as Some("cleaner")
            ignored
            ignored
        "#]],
    );
}

#[test]
fn json() {
    check(
        "{ use: json, topics: 'sensors/+' }",
        &[
            ("sensors/a", r#"{"subject":"tag-7","zone":"grill","role":"cleaner","at":1784361600000}"#),
            ("sensors/a", r#"{"subject":7,"lon":13.4,"lat":52.5,"level":1}"#),
            ("sensors/a", r#"{"subject":"tag-7","lon":13.4,"lat":52.5,"level":1e9}"#),
            ("sensors/a", r#"{"subject":"tag-7","zone":"no such zone"}"#),
            ("sensors/a", r#"{"signal":"parking","value":40}"#),
            ("sensors/a", r#"{"signal":"parking"}"#),
            ("sensors/a", "{}"),
        ],
        &expect![[r#"
            e04669db5042d69e Seen at grill as Some("cleaner") @1784361600000
            1e10ec973fe87f58 Seen at 13.4 52.5 Some(1) as None
            malformed (wrong): rule 2, point.level: no building is so high
            malformed (wrong): rule 1, zone: `no such zone` is not a zone
            parking = 40
            malformed (missing): rule 3, signal.value: `value` is missing
            ignored
        "#]],
    );
}
