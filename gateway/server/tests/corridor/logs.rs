//! What the log says at `info` and above names nobody, whatever comes in.
//!
//! There is one log in a process, so this hears all tests of this binary; it looks for ids that no other test has.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;
use turnpage_gateway_server::Gateway;

use crate::client::{Channel, Client, Node, Source, event_topic, pseudonym};
use crate::http::get;
use crate::intake;
use crate::receiver::{Answer, Receiver};
use crate::site::{INSIDE, PASSWORD, Site, until};

const BADGE: u8 = 0xc7;
const PERSON: &str = "grace-hopper";

/// The log so far.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Everything that a source, an app or a stranger could say about somebody, well and badly.
async fn everything_about_a_person(site: &Site, gateway: &Gateway) {
    let mut bands = Channel::connect(gateway, site).await;
    let mut phones = Source::connect(gateway, site).await;
    let mut node = Node::connect(gateway, site).await;
    node.sees(BADGE, site.now()).await;
    let offer = bands.offer().await;
    bands.answers(site, &offer, "accepted").await;
    bands.consents(site, &pseudonym(BADGE), false).await;
    phones.located(PERSON, INSIDE, site.now()).await;
    let mut forged = node.frame(BADGE, site.now());
    *forged.last_mut().unwrap() ^= 1;
    node.publish(forged).await;
    node.publish(format!("{PERSON} is no frame").into_bytes()).await;
    let addr = gateway.mqtt_addr().unwrap();
    let mut app = Client::connect(&addr.ip().to_string(), addr.port(), "phones").await;
    for payload in
        ["{", "null", &"x".repeat(9_000), &format!("{{\"_type\":\"location\",\"who\":\"{PERSON}\"}}")]
    {
        app.publish(&format!("owntracks/{PERSON}/phone"), payload.as_bytes().to_vec()).await;
    }
    for (nth, (user, topic)) in [
        ("phones", format!("owntracks/{PERSON}/phone")),
        ("phones", format!("{PERSON}/+")),
        ("bands", format!("turnpage/v1/park/outcome/{PERSON}")),
        ("bands", format!("turnpage/v1/park/subject/{}", pseudonym(BADGE))),
        ("bands", event_topic()),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("Idempotency-Key: \"{PERSON}-{nth}\"\r\n");
        let body = json!({ "topic": topic, "payload": { "name": PERSON, "badge": pseudonym(BADGE) } });
        intake::post(gateway, user, &key, &body).await;
    }
    intake::post(gateway, PERSON, "", &json!({ "topic": PERSON, "text": PERSON })).await;
}

#[tokio::test]
async fn no_line_at_info_or_above_names_anybody() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).with_writer(log.clone());
    tracing::subscriber::set_global_default(subscriber.with_ansi(false).finish()).expect("the only log");
    let site = Site::on_disk();
    let mut setup = site.setup();
    let refuses = Receiver::start(|_| Answer::Status("410 Gone")).await;
    setup.webhooks = vec![refuses.setup("till")];
    let gateway = Gateway::start(setup).await.unwrap();
    everything_about_a_person(&site, &gateway).await;
    until(&gateway, |live| live.counters.dead.len() >= 4).await;
    while !get(&gateway, "/metrics").await.body.contains(r#"turnpage_webhook_disabled{webhook="till"} 1"#) {}
    let letters = get(&gateway, "/api/v1/dead-letters").await.body;
    gateway.stop().await.unwrap();
    // What a stop and a start say, too.
    crate::restart::started_again(|| site.setup()).await.stop().await.unwrap();

    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("the store is open") && text.contains("the receiver is gone"), "{text}");
    for person in [PERSON, &pseudonym(BADGE), PASSWORD, "owntracks/"] {
        assert!(!text.contains(person), "`{person}` is in\n{text}");
    }
    // Neither do dead letters keep what a source said.
    let hex: String = PERSON.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!letters.contains("owntracks") && letters.contains("…"), "{letters}");
    assert_eq!(letters.matches(&hex).count(), 1, "only of the frame, which was none: {letters}");
}
