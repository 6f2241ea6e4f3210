//! `turnpage run`: a venue's gateway from its configuration, spoken to by mosquitto's own client, at its own front door and
//! through a mosquitto as Debian ships it.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{Client, Event, MqttOptions};
use turnpage_tests::mosquitto::{self, Mosquitto};
use turnpage_tests::process::Process;
use turnpage_tests::workspace::turnpage;

/// Whoever is seen in the harbour is greeted, so that a sighting can be seen from outside.
const JOURNEY: &str = r#"journey: welcome
version: 1
kind: guided
subject: visitor
offers:
  hello: { text: { en: "Welcome to {place.zone.name}." }, channels: [app], valid: 1h, limit: 1 per day }
pages:
  arriving:
    choices:
      - { on: enter, when: place.kind == "quay", offer: hello }
"#;

const VENUE: &str = r"venue: harbour
title: Harbour
time_zone: America/Toronto
map: zones.geojson
kinds: [quay]
roles: [guest]
";

const MAP: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature",
"properties":{"id":"old-quay","title":"Old Quay","kind":"quay","outdoor":true,"level":0},
"geometry":{"type":"Polygon","coordinates":[[[-73.556,45.507],[-73.552,45.507],[-73.552,45.510],[-73.556,45.510],[-73.556,45.507]]]}}]}"#;

/// A directory with a venue, a journey and a configuration that ends in `config`.
pub(crate) fn site(config: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let head = "venue: .\njourneys: journeys\ndata: data\nhttp: 127.0.0.1:0\n";
    let sources = "sources:\n  - { name: phones, use: owntracks, role: guest, identity: given }\n";
    fs::create_dir(directory.path().join("journeys")).expect("the directory takes directories");
    for (name, text) in [
        ("venue.yaml", VENUE.to_owned()),
        ("zones.geojson", MAP.to_owned()),
        ("journeys/welcome.yaml", JOURNEY.to_owned()),
        ("turnpage.yaml", format!("{head}{config}{sources}")),
    ] {
        fs::write(directory.path().join(name), text).expect("the directory takes files");
    }
    directory
}

pub(crate) fn gateway(site: &Path) -> Process {
    let mut gateway =
        Process::start(Command::new(turnpage()).args(["run", "--config"]).arg(site.join("turnpage.yaml")));
    gateway.line_with("ready");
    gateway
}

/// What a phone with OwnTracks says from the quay.
pub(crate) fn location() -> String {
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    format!(
        r#"{{"_type":"location","acc":9,"lat":45.5085,"lon":-73.5540,"tst":{now},"tid":"j1","conn":"w"}}"#
    )
}

/// Publishes with `mosquitto_pub`, which ends well only when its QoS 1 message was acknowledged.
fn mosquitto_pub(port: u16, login: (&str, &str), topic: &str, message: &str) {
    let status = Command::new("mosquitto_pub")
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-u", login.0, "-P", login.1, "-q", "1"])
        .args(["-t", topic, "-m", message])
        .status()
        .expect("mosquitto_pub starts");
    assert!(status.success(), "{topic} was not acknowledged");
}

/// Subscribes to every offer, runs `then` once the subscription stands, and returns the first offer.
fn first_offer(port: u16, login: (&str, &str), then: impl FnOnce()) -> serde_json::Value {
    let mut options = MqttOptions::new("app", "127.0.0.1", port);
    options.set_credentials(login.0, login.1).set_keep_alive(Duration::from_secs(60));
    let (client, mut connection) = Client::new(options, 10);
    client
        .subscribe("turnpage/v1/harbour/offer/+", QoS::AtLeastOnce)
        .expect("the client takes a subscription");
    let mut then = Some(then);
    for event in connection.iter() {
        match event.expect("the connection stands") {
            Event::Incoming(Packet::SubAck(_)) => {
                if let Some(then) = then.take() {
                    then();
                }
            }
            Event::Incoming(Packet::Publish(publish)) => {
                return serde_json::from_slice(&publish.payload).expect("offers are JSON");
            }
            _ => {}
        }
    }
    panic!("the connection ended without an offer");
}

pub(crate) fn port_of(line: &str) -> u16 {
    line.rsplit(':')
        .next()
        .and_then(|port| port.trim().parse().ok())
        .unwrap_or_else(|| panic!("no port in `{line}`"))
}

#[test]
fn a_phone_at_the_front_door_is_a_sighting_and_gets_an_offer() {
    if !mosquitto::is_installed() {
        return;
    }
    let accounts = "door: { listen: 127.0.0.1:0 }\naccounts:\n  phones: { password: { file: phones.secret }, role: source }\n  app: { password: swordfish, role: channel }\n";
    let site = site(accounts);
    fs::write(site.path().join("phones.secret"), "open sesame\n").expect("the directory takes files");
    let mut gateway = gateway(site.path());
    let port = port_of(&gateway.line_with("mqtt"));
    let offer = first_offer(port, ("app", "swordfish"), || {
        mosquitto_pub(port, ("phones", "open sesame"), "owntracks/7f3a/phone", &location());
    });
    assert_eq!(offer["subject"], "7f3a");
    assert_eq!(offer["text"], "Welcome to Old Quay.");
    let (status, lines) = gateway.interrupt();
    assert!(status.success(), "{}", lines.join("\n"));
    let path = |name: &str| site.path().join(name);
    let why = Command::new(turnpage())
        .args(["why", "7f3a", "2099-01-01 00:00", "--venue"])
        .arg(site.path())
        .arg("--journeys")
        .arg(path("journeys"))
        .arg("--data")
        .arg(path("data"))
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&why.stdout);
    for part in ["seen at -73.554, 45.5085", "offer hello on app (welcome, page arriving)"] {
        assert!(said.contains(part), "no `{part}` in\n{said}");
    }
}

/// Runs `turnpage store`; returns what it printed, and its exit code.
fn store(args: &[&str]) -> (String, i32) {
    let output = Command::new(turnpage()).arg("store").args(args).output().expect("it starts");
    let said = String::from_utf8(output.stdout).expect("text");
    (said, output.status.code().expect("an exit code"))
}

/// The line with the digest of the state.
fn state(said: &str) -> &str {
    said.lines().find(|line| line.starts_with("state ")).unwrap_or_else(|| panic!("no state in `{said}`"))
}

#[test]
fn a_running_gateway_is_backed_up_and_restored() {
    let site = site("door: { listen: 127.0.0.1:0 }\n");
    let path = |name: &str| site.path().join(name).to_str().expect("text").to_owned();
    let (data, backup, new) = (path("data"), path("harbour.backup"), path("new"));
    let gateway = gateway(site.path());
    assert_eq!(store(&["verify", &data]).1, 0, "while it runs");
    assert_eq!(store(&["compact", &data]).1, 0);
    let (said, code) = store(&["backup", &data, "--out", &backup]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(store(&["backup", &data, "--out", &backup]).1, 1, "no backup is written over another");
    let (status, lines) = gateway.interrupt();
    assert!(status.success(), "{}", lines.join("\n"));

    assert_eq!(store(&["verify", &backup]), (said.clone(), 0));
    assert_eq!(store(&["restore", &backup, &new]), (said.clone(), 0));
    assert_eq!(store(&["restore", &backup, &new]).1, 1, "nothing is restored over anything");
    let (restored, code) = store(&["verify", &new]);
    assert_eq!((state(&restored), code), (state(&said), 0));

    fs::write(site.path().join("new/snapshot/manifest"), "damaged").expect("written");
    let (damaged, code) = store(&["verify", &new]);
    assert_eq!(code, 1);
    assert!(damaged.contains("damaged: the manifest: it is cut short"), "{damaged}");
    fs::write(&backup, "no backup at all").expect("written");
    assert_eq!(store(&["restore", &backup, &path("other")]).1, 1);
    assert!(!site.path().join("other").exists());
}

#[test]
fn through_a_broker_with_a_password_it_is_the_same() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let passwords = directory.path().join("passwords");
    let config = format!("allow_anonymous false\nlog_type all\npassword_file {}", passwords.display());
    if !mosquitto::is_installed() {
        return;
    }
    let made = Command::new("mosquitto_passwd")
        .args(["-b", "-c"])
        .arg(&passwords)
        .args(["turnpage", "swordfish"])
        .status();
    assert!(made.expect("mosquitto_passwd starts").success());
    let mut broker = Mosquitto::start(directory.path(), &config).expect("it is installed");
    let port = broker.port();
    let config = format!(
        "broker: {{ host: 127.0.0.1, port: {port}, client: harbour, user: turnpage, password: swordfish }}\n"
    );
    let site = site(&config);
    let gateway = gateway(site.path());
    // The broker keeps nothing for a gateway that has never subscribed.
    broker.process().line_with("Sending SUBACK to harbour");
    let offer = first_offer(port, ("turnpage", "swordfish"), || {
        mosquitto_pub(port, ("turnpage", "swordfish"), "owntracks/7f3a/phone", &location());
    });
    assert_eq!(offer["subject"], "7f3a");
    let (status, lines) = gateway.interrupt();
    assert!(status.success(), "{}", lines.join("\n"));
}
