//! `turnpage demo`: the main job, and the main job after a power cut.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Packet;
use rumqttc::v5::{Client, Event, MqttOptions};
use turnpage_tests::process::Process;
use turnpage_tests::workspace::turnpage;

/// A small crowd at a high speed: the whole day in a minute, also on a machine with other things to do.
const CROWD: [&str; 6] = ["--headless", "--visitors", "120", "--speed", "900", "--seed=11"];

fn demo(data: &Path, more: &[&str]) -> Process {
    Process::start(Command::new(turnpage()).arg("demo").args(CROWD).arg("--data").arg(data).args(more))
}

#[test]
fn a_day_makes_offers_hears_back_and_loses_nothing() {
    let data = tempfile::tempdir().expect("a temporary directory");
    let (status, lines) = demo(data.path(), &["--strict"]).wait();
    assert!(status.success(), "{}", lines.join("\n"));
    let counted = |what: &str| count(&lines, what);
    assert_eq!(counted("events lost"), 0);
    assert!(counted("duplicates absorbed") > 0, "some frames are sent twice on purpose");
    for journey in ["loyalty", "lunch", "rainy-day"] {
        assert!(counted(journey) > 0, "{journey} made no offer:\n{}", lines.join("\n"));
    }
}

#[test]
fn ctrl_c_ends_it_with_a_summary() {
    let data = tempfile::tempdir().expect("a temporary directory");
    let mut demo = demo(data.path(), &[]);
    demo.line_with("visitors inside");
    let (status, lines) = demo.interrupt();
    assert!(status.success(), "{}", lines.join("\n"));
    assert_eq!(count(&lines, "events lost"), 0);
}

#[test]
fn after_a_power_cut_the_day_goes_on_and_no_offer_is_made_again() {
    let data = tempfile::tempdir().expect("a temporary directory");
    let mut first = demo(data.path(), &[]);
    let mut heard = Offers::default();
    // Rain and lunch: the busiest time, with offers and outcomes under way.
    heard.listen(&mut first, 60);
    first.kill();

    let mut second = demo(data.path(), &["--strict"]);
    second.line_with("resumed");
    heard.listen(&mut second, 20);
    let (status, lines) = second.wait();
    assert!(status.success(), "{}", lines.join("\n"));
    assert_eq!(count(&lines, "events lost"), 0);
    for (id, bodies) in &heard.by_id {
        assert!(bodies.iter().all(|body| body == &bodies[0]), "one id, two offers: {id} {bodies:?}");
    }
    let once_a_day = heard.per_subject("lunch");
    assert!(once_a_day.values().all(|offers| *offers == 1), "lunch is offered once a day: {once_a_day:?}");
}

/// What a third-party client heard, by offer id.
#[derive(Default)]
struct Offers {
    by_id: BTreeMap<String, Vec<serde_json::Value>>,
}

impl Offers {
    /// Listens until `more` offers have come that were not heard before.
    fn listen(&mut self, demo: &mut Process, more: usize) {
        let wanted = self.by_id.len() + more;
        let line = demo.line_with("listen in");
        let word_after = |flag: &str| {
            let mut words = line.split_whitespace().skip_while(|word| *word != flag);
            words.nth(1).unwrap_or_else(|| panic!("no {flag} in `{line}`")).trim_matches('\'').to_owned()
        };
        let port = word_after("-p").parse().expect("a port");
        let mut options = MqttOptions::new("listener", word_after("-h"), port);
        options.set_credentials(word_after("-u"), word_after("-P")).set_keep_alive(Duration::from_secs(60));
        let (client, mut connection) = Client::new(options, 100);
        client.subscribe(word_after("-t"), QoS::AtLeastOnce).expect("the client takes a subscription");
        for event in connection.iter() {
            if let Event::Incoming(Packet::Publish(publish)) = event.expect("the front door stands open") {
                let body: serde_json::Value =
                    serde_json::from_slice(&publish.payload).expect("offers are JSON");
                let id = body["id"].as_str().expect("offers have an id").to_owned();
                self.by_id.entry(id).or_default().push(body);
                if self.by_id.len() >= wanted {
                    return;
                }
            }
        }
    }

    fn per_subject(&self, offer: &str) -> BTreeMap<String, usize> {
        let mut count = BTreeMap::new();
        for body in
            self.by_id.values().filter_map(|bodies| bodies.first()).filter(|body| body["offer"] == offer)
        {
            *count.entry(body["subject"].to_string()).or_insert(0) += 1;
        }
        count
    }
}

/// The number in the summary's line about `what`.
fn count(lines: &[String], what: &str) -> u64 {
    let line = lines.iter().find_map(|line| line.trim().strip_prefix(what));
    let line = line.unwrap_or_else(|| panic!("no line about `{what}` in:\n{}", lines.join("\n")));
    line.split_whitespace()
        .next()
        .and_then(|word| word.parse().ok())
        .unwrap_or_else(|| panic!("`{line}` counts nothing"))
}
