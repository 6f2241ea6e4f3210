//! `turnpage run` while its files change: an edit reaches who is inside, a broken one changes nothing, and the log tells both.
//!
//! What kills do around a reload is in the crash tests.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{Client, Connection, Event, MqttOptions};
use turnpage_gateway_core::Cause;
use turnpage_gateway_store::{Disk, Sequence, Store as _, disk::Options};

use crate::run::{gateway, location, port_of, site};

const ACCOUNTS: &str = "door: { listen: 127.0.0.1:0 }\naccounts:\n  phones: { password: secret, role: source }\n  app: { password: secret, role: channel }\n";

/// Whoever comes is greeted and stays on a page from which nothing leads on.
const FIRST: &str = r#"journey: welcome
version: 1
kind: guided
subject: visitor
offers:
  hello: { text: { en: "Welcome." }, channels: [app], valid: 1h }
pages:
  arriving:
    choices:
      - { on: enter, when: place.kind == "quay", offer: hello, turn_to: inside }
  inside:
    choices:
      - { on: exit, turn_to: arriving }
"#;

/// Whoever is inside has a page of another name, and something to wait for since they came there.
const SECOND: &str = r#"journey: welcome
version: 2
kind: guided
subject: visitor
upgrade: { map: { inside: lounge } }
offers:
  cocoa: { text: { en: "Cocoa?" }, channels: [app], valid: 1h }
pages:
  arriving:
    choices:
      - { on: enter, when: place.kind == "quay", turn_to: lounge }
  lounge:
    choices:
      - { after: 1s, offer: cocoa, turn_to: served }
  served:
    choices:
      - { on: exit, turn_to: arriving }
"#;

/// Somebody who hears every offer.
struct App {
    _client: Client,
    connection: Connection,
}

fn connect(port: u16, user: &str) -> (Client, Connection) {
    let mut options = MqttOptions::new(user, "127.0.0.1", port);
    options.set_credentials(user, "secret").set_keep_alive(Duration::from_secs(3_600));
    Client::new(options, 10)
}

impl App {
    fn listen(port: u16) -> Self {
        let (client, mut connection) = connect(port, "app");
        client.subscribe("turnpage/v1/harbour/offer/+", QoS::AtLeastOnce).expect("it takes a subscription");
        wait_for(&mut connection, |packet| matches!(packet, Packet::SubAck(_)).then_some(()));
        Self { _client: client, connection }
    }

    /// The text of the next offer.
    fn hears(&mut self) -> String {
        let payload = wait_for(&mut self.connection, |packet| match packet {
            Packet::Publish(publish) => Some(publish.payload),
            _ => None,
        });
        let offer: serde_json::Value = serde_json::from_slice(&payload).expect("offers are JSON");
        offer["text"].as_str().expect("an offer has a text").to_owned()
    }
}

fn wait_for<T>(connection: &mut Connection, mut wanted: impl FnMut(Packet) -> Option<T>) -> T {
    let found = connection.iter().find_map(|event| match event.expect("the connection stands") {
        Event::Incoming(packet) => wanted(packet),
        Event::Outgoing(_) => None,
    });
    found.expect("the connection goes on until then")
}

/// A phone is seen on the quay; over once that is committed.
pub(crate) fn come(port: u16) {
    let (client, mut connection) = connect(port, "phones");
    client.publish("owntracks/7f3a/phone", QoS::AtLeastOnce, false, location()).expect("it takes a message");
    wait_for(&mut connection, |packet| matches!(packet, Packet::PubAck(_)).then_some(()));
}

fn write(site: &Path, journey: &str) {
    let journeys = site.join("journeys");
    fs::write(journeys.join("welcome.new"), journey).expect("the directory takes files");
    fs::rename(journeys.join("welcome.new"), journeys.join("welcome.yaml")).expect("a file is renamed");
}

fn metrics(port: u16) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the console listens");
    let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).expect("it takes a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers in text");
    answer
}

/// How many editions the log of a gateway that has ended tells of.
fn editions(site: &Path) -> usize {
    let store = Disk::open(&site.join("data"), Options::keep_all()).expect("the store is sound");
    let mut editions = 0;
    let mut visit = |_, batch: turnpage_gateway_core::Batch| {
        editions += batch.entries.iter().filter(|entry| matches!(entry.cause, Cause::Edition(_))).count();
        true
    };
    store.log(Sequence(1), &mut visit).expect("the log is sound");
    editions
}

#[test]
fn an_edit_reaches_who_is_inside_and_a_broken_one_changes_nothing() {
    let site = site(ACCOUNTS);
    write(site.path(), FIRST);
    let mut gateway = gateway(site.path());
    let port = port_of(&gateway.line_with("mqtt"));
    let console = port_of(gateway.line_with("console").trim_end_matches('/'));
    let mut app = App::listen(port);
    come(port);
    assert_eq!(app.hears(), "Welcome.");

    // A guard over a fact that there is not: told with file, line and column, and nothing else happens.
    write(site.path(), &SECOND.replace("place.kind", "place.kint"));
    gateway.signal("HUP");
    gateway.next_line_with("not reloaded, everything goes on as before");
    let said = gateway.seen();
    assert!(said.contains("welcome.yaml:10:"), "{said}");
    assert!(said.contains("place.kint"), "{said}");

    write(site.path(), SECOND);
    gateway.signal("HUP");
    gateway.next_line_with("1 move from inside to lounge");
    gateway.next_line_with("reloaded: edition ");
    assert_eq!(app.hears(), "Cocoa?", "they wait since they came, and not since the reload");

    let config = fs::read_to_string(site.path().join("turnpage.yaml")).expect("text");
    fs::write(site.path().join("turnpage.yaml"), format!("{config}seed: 9\n")).expect("written");
    gateway.signal("HUP");
    gateway.next_line_with("seed changed: that takes a restart");
    gateway.next_line_with("reloaded: venue and journeys are as before");

    let metrics = metrics(console);
    for line in ["applied\"} 1", "refused\"} 1", "unchanged\"} 1", "failed\"} 0"] {
        assert!(metrics.contains(&format!("turnpage_reloads_total{{result=\"{line}")), "{line}: {metrics}");
    }
    let (status, lines) = gateway.interrupt();
    assert!(status.success(), "{}", lines.join("\n"));
    assert_eq!(editions(site.path()), 2, "that of the start and that of the edit");
}

#[test]
fn an_edit_is_noticed_by_itself_where_files_are_watched() {
    let site = site(&format!("{ACCOUNTS}reload: watch\n"));
    write(site.path(), FIRST);
    let mut gateway = gateway(site.path());
    let port = port_of(&gateway.line_with("mqtt"));
    let mut app = App::listen(port);
    come(port);
    assert_eq!(app.hears(), "Welcome.");
    write(site.path(), SECOND);
    gateway.next_line_with("reloaded: edition ");
    assert_eq!(app.hears(), "Cocoa?");
    let (status, lines) = gateway.interrupt();
    assert!(status.success(), "{}", lines.join("\n"));
}

#[test]
fn a_restart_under_other_journeys_is_the_same_as_a_reload() {
    let site = site(ACCOUNTS);
    write(site.path(), FIRST);
    let mut first = gateway(site.path());
    let port = port_of(&first.line_with("mqtt"));
    let mut app = App::listen(port);
    come(port);
    assert_eq!(app.hears(), "Welcome.");
    first.kill();
    write(site.path(), SECOND);
    let mut second = gateway(site.path());
    second.line_with("1 move from inside to lounge");
    let mut app = App::listen(port_of(&second.line_with("mqtt")));
    assert!((0..2).any(|_| app.hears() == "Cocoa?"), "and before it what was not acknowledged in time");
    let (status, lines) = second.interrupt();
    assert!(status.success(), "{}", lines.join("\n"));
    assert_eq!(editions(site.path()), 2);
}
