//! The same corridor through mosquitto as it comes from Debian, with user names and passwords, in the clear and under TLS.
//!
//! Skipped with a message where mosquitto is not installed.

mod away;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rumqttc::v5::mqttbytes::v5::Publish;
use tempfile::TempDir;
use turnpage_gateway_server::trust::{Authority, Identity};
use turnpage_gateway_server::{BrokerSetup, Gateway, Setup};
use turnpage_tests::mosquitto::{self, Mosquitto};

use crate::between::Between;
use crate::client::{Client, event_topic, frame, pseudonym};
use crate::site::{PASSWORD, Site, until};

/// A mosquitto with the park's users and certificates; its second listener speaks TLS, and only to those whose certificates it
/// knows.
struct Broker {
    mosquitto: Mosquitto,
    dir: TempDir,
}

impl Broker {
    /// `None` where it is not installed.
    fn start() -> Option<Self> {
        if !mosquitto::is_installed() {
            return None;
        }
        let dir = TempDir::new().unwrap();
        let users =
            ["turnpage", "gate-1", "bands", "phones"].map(|user| format!("{user}:{PASSWORD}\n")).concat();
        let passwords = dir.path().join("passwords");
        fs::write(&passwords, users).unwrap();
        assert!(Command::new("mosquitto_passwd").arg("-U").arg(&passwords).status().unwrap().success());
        certify(dir.path());
        let path = dir.path().display();
        let config = format!(
            "allow_anonymous false\npassword_file {path}/passwords\npersistence true\npersistence_location {path}/"
        );
        let tls = format!(
            "cafile {path}/root.pem\ncertfile {path}/broker.pem\nkeyfile {path}/broker.key\nrequire_certificate true"
        );
        let mosquitto = Mosquitto::start_with(dir.path(), &config, Some(&tls))?;
        Some(Self { mosquitto, dir })
    }

    /// The gateway's way to it under TLS, each with a certificate that the other knows.
    fn under_tls(&self) -> BrokerSetup {
        let path = |name: &str| self.dir.path().join(name);
        let identity = Identity::read(&path("gateway.pem"), &path("gateway.key")).unwrap();
        let tls = Authority::read(&path("root.pem")).unwrap().client(Some(identity)).unwrap();
        BrokerSetup { port: self.mosquitto.second_port(), tls: Some(Arc::new(tls)), ..in_the_clear(self) }
    }

    async fn client(&self, user: &str) -> Client {
        Client::connect("127.0.0.1", self.mosquitto.port(), user).await
    }
}

/// An authority that signs the broker's certificate and the gateway's.
fn certify(dir: &Path) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "the park's authority");
    let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    fs::write(dir.join("root.pem"), root.pem()).unwrap();
    for name in ["broker", "gateway"] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        let certificate = params.signed_by(&key, &root).unwrap();
        fs::write(dir.join(format!("{name}.pem")), certificate.pem()).unwrap();
        fs::write(dir.join(format!("{name}.key")), key.serialize_pem()).unwrap();
    }
}

fn in_the_clear(broker: &Broker) -> BrokerSetup {
    let login = Some(("turnpage".to_owned(), PASSWORD.to_owned()));
    BrokerSetup {
        host: "localhost".into(),
        port: broker.mosquitto.port(),
        client: "turnpage".into(),
        login,
        tls: None,
        logins: Vec::new(),
        certificate_until_s: None,
    }
}

fn setup(site: &Site, broker: BrokerSetup) -> Setup {
    Setup { door: None, broker: Some(broker), ..site.setup() }
}

/// Starts a gateway and waits until it hears the broker.
async fn start(site: &Site, broker: &Broker) -> Gateway {
    start_with(site, in_the_clear(broker)).await
}

async fn start_with(site: &Site, broker: BrokerSetup) -> Gateway {
    let gateway = Gateway::start(setup(site, broker)).await.unwrap();
    while crate::http::get(&gateway, "/readyz").await.body != "ready\n" {}
    gateway
}

/// Lets a node see somebody, and says what the bands hear of it.
async fn first_offer(site: &Site, broker: &Broker) -> Publish {
    let mut bands = broker.client("bands").await;
    bands.subscribe("turnpage/v1/park/offer/+").await;
    let mut node = broker.client("gate-1").await;
    node.publish(&event_topic(), frame(1, 1, site.now())).await;
    let offer = bands.message().await;
    assert_eq!(offer.topic, format!("turnpage/v1/park/offer/{}", pseudonym(1)).as_bytes());
    offer
}

#[tokio::test]
async fn the_corridor_goes_through_mosquitto_under_tls() {
    let Some(broker) = Broker::start() else { return };
    let site = Site::in_memory();
    let gateway = start_with(&site, broker.under_tls()).await;
    first_offer(&site, &broker).await;
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn the_corridor_goes_through_mosquitto() {
    let Some(broker) = Broker::start() else { return };
    let site = Site::on_disk();
    let gateway = start(&site, &broker).await;
    let offer = first_offer(&site, &broker).await;
    assert!(offer.properties.is_some_and(|properties| properties.message_expiry_interval.is_some()));
    until(&gateway, |live| live.outbox == 0 && live.journeys[0].funnel.delivered == 1).await;
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn what_the_broker_took_while_the_gateway_was_away_is_not_lost() {
    let Some(broker) = Broker::start() else { return };
    let site = Site::on_disk();
    start(&site, &broker).await.stop().await.unwrap();
    let mut node = broker.client("gate-1").await;
    for badge in 1..=5 {
        node.publish(&event_topic(), frame(u32::from(badge), badge, site.now())).await;
    }
    let gateway = start(&site, &broker).await;
    let live = until(&gateway, |live| live.counters.offers == 5).await;
    assert_eq!((live.counters.admitted, live.counters.duplicates), (5, 0));
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn an_owntracks_phone_at_the_broker_is_a_sensor() {
    let Some(broker) = Broker::start() else { return };
    let site = Site::in_memory();
    let gateway = start(&site, &broker).await;
    let mut phone = broker.client("phones").await;
    let (lat, lon) = crate::site::INSIDE;
    let location =
        serde_json::json!({ "_type": "location", "lat": lat, "lon": lon, "tst": site.now().0 / 1000 });
    phone.publish("owntracks/7f3a/phone", location.to_string().into_bytes()).await;
    let live = until(&gateway, |live| live.counters.offers == 1).await;
    assert_eq!(live.offers[0].subject.as_str(), "7f3a");
    gateway.stop().await.unwrap();
}

/// What a gateway with the wrong idea of its broker says, and that it takes everything once it has the right one.
#[tokio::test]
async fn a_broker_of_another_authority_is_told_and_loses_nothing() {
    let (Some(broker), strangers) = (Broker::start(), TempDir::new().unwrap()) else { return };
    let site = Site::on_disk();
    start(&site, &broker).await.stop().await.unwrap();
    let mut node = broker.client("gate-1").await;
    node.publish(&event_topic(), frame(1, 1, site.now())).await;
    certify(strangers.path());
    let tls = Authority::read(&strangers.path().join("root.pem")).unwrap().client(None).unwrap();
    let wrong = BrokerSetup { tls: Some(Arc::new(tls)), ..broker.under_tls() };
    let gateway = Gateway::start(setup(&site, wrong)).await.unwrap();
    // The store works and the doors are open: it is the broker that is not there, for either connection.
    while crate::http::get(&gateway, "/readyz").await.body != "no connection to the broker for messages\n" {}
    assert!(crate::http::get(&gateway, "/readyz").await.head.starts_with("http/1.1 503"));
    gateway.stop().await.unwrap();
    let gateway = start_with(&site, broker.under_tls()).await;
    let live = until(&gateway, |live| live.counters.offers == 1).await;
    assert_eq!((live.counters.admitted, live.counters.duplicates), (1, 0));
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn a_gateway_without_its_connection_for_offers_says_so_and_goes_on_taking() {
    let Some(broker) = Broker::start() else { return };
    let between = Between::start(broker.mosquitto.port()).await;
    let site = Site::in_memory();
    let gateway = start_with(&site, BrokerSetup { port: between.port, ..in_the_clear(&broker) }).await;
    let mut bands = broker.client("bands").await;
    bands.subscribe("turnpage/v1/park/offer/+").await;
    between.shut();
    while crate::http::get(&gateway, "/readyz").await.body != "no connection to the broker for offers\n" {}
    let mut node = broker.client("gate-1").await;
    node.publish(&event_topic(), frame(1, 1, site.now())).await;
    let live = until(&gateway, |live| live.counters.offers == 1).await;
    assert_eq!((live.counters.admitted, live.outbox), (1, 1));
    between.open();
    let offer = bands.message().await;
    assert_eq!(offer.topic, format!("turnpage/v1/park/offer/{}", pseudonym(1)).as_bytes());
    until(&gateway, |live| live.outbox == 0).await;
    assert_eq!(crate::http::get(&gateway, "/readyz").await.body, "ready\n");
    gateway.stop().await.unwrap();
}
