//! Messages over HTTP: answered after the commit, each with its fate, and the same when they are sent again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use turnpage_gateway_server::{Gateway, Opener, Storage};
use turnpage_gateway_store::{Memory, Store};

use crate::client::{Channel, event_topic, frame, pseudonym};
use crate::fault::Faulty;
use crate::http::get;
use crate::restart::started_again;
use crate::site::{INSIDE, NODE, PASSWORD, Site, until};

/// An answer: status, headers in lower case, body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }

    /// Each message's fate, in a word.
    fn became(&self) -> Vec<String> {
        let told = |event: &Value| {
            let reason = event["reason"].as_str().map(|reason| format!(" {reason}")).unwrap_or_default();
            event["became"].as_str().unwrap().to_owned() + &reason
        };
        self.json()["events"].as_array().unwrap().iter().map(told).collect()
    }
}

/// The head of a request of an account.
fn head(user: &str, further: &str, length: usize) -> String {
    let credentials = STANDARD.encode(format!("{user}:{PASSWORD}"));
    format!(
        "POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Basic {credentials}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n{further}\r\n"
    )
}

async fn send(gateway: &Gateway, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(gateway.http_addr().expect("a console")).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn answer(mut from: TcpStream) -> Answer {
    let mut text = String::new();
    from.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    Answer { status, head: head.to_lowercase(), body: body.to_owned() }
}

pub(crate) async fn post(gateway: &Gateway, user: &str, further: &str, body: &Value) -> Answer {
    let body = body.to_string();
    answer(send(gateway, &(head(user, further, body.len()) + &body)).await).await
}

fn key(key: &str) -> String {
    format!("Idempotency-Key: \"{key}\"\r\n")
}

pub(crate) fn located(site: &Site, who: &str) -> Value {
    let (lat, lon) = INSIDE;
    let payload = json!({ "_type": "location", "lat": lat, "lon": lon, "tst": site.now().0 / 1000 });
    json!({ "topic": format!("owntracks/{who}/phone"), "payload": payload })
}

#[tokio::test]
async fn what_comes_over_http_is_what_comes_over_mqtt() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let mut bands = Channel::connect(&gateway, &site).await;
    // A node's sealed frame, once and again.
    let seen = json!({ "topic": event_topic(), "base64": STANDARD.encode(frame(1, 7, site.now())) });
    let first = post(&gateway, NODE.1, "", &seen).await;
    assert_eq!((first.status, first.became()), (200, vec!["admitted".to_owned()]));
    let offer = bands.offer().await;
    assert_eq!(offer["subject"], pseudonym(7));
    assert_eq!(post(&gateway, NODE.1, "", &seen).await.became(), ["duplicate"]);
    // A source's message, as its phone would publish it.
    let phone = post(&gateway, "phones", "", &located(&site, "7f3a")).await;
    assert_eq!((phone.status, phone.became()), (200, vec!["admitted".to_owned()]));
    assert_eq!(bands.offer().await["subject"], "7f3a");
    // An outcome.
    let topic = format!("turnpage/v1/park/outcome/{}", offer["subject"].as_str().unwrap());
    let payload = json!({ "id": offer["id"], "outcome": "accepted", "value": 4.5, "at": site.now().0 });
    let outcome = post(&gateway, "bands", "", &json!({ "topic": topic, "payload": payload })).await;
    assert_eq!(outcome.status, 200, "{}", outcome.body);
    let live = until(&gateway, |live| live.journeys[0].funnel.accepted == 1).await;
    assert_eq!((live.counters.received, live.counters.admitted, live.counters.duplicates), (4, 3, 1));
    let report: Value = serde_json::from_str(&get(&gateway, "/api/v1/report?by=role").await.body).unwrap();
    let [row] = report["rows"].as_array().unwrap().as_slice() else { panic!("{report}") };
    assert_eq!((&row["made"], &row["accepted"], &row["worth"]["total"]), (&json!(2), &json!(1), &json!(4.5)));
    assert!(get(&gateway, "/api/v1/report?by=weekday").await.head.starts_with("http/1.1 400"));
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn each_message_has_its_own_fate_and_all_are_counted() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let batch = json!([
        located(&site, "a"),
        { "topic": "owntracks/b/phone", "text": "45;-73" },
        { "topic": event_topic(), "text": "not a source's" },
        { "topic": "owntracks/+/phone", "text": "no topic" },
        located(&site, "b"),
    ]);
    let mixed = post(&gateway, "phones", "", &batch).await;
    assert_eq!(mixed.status, 207);
    let fates = ["admitted", "refused malformed", "refused impostor", "refused topic", "admitted"];
    assert_eq!(mixed.became(), fates);
    assert_eq!((&mixed.json()["taken"], &mixed.json()["refused"]), (&json!(2), &json!(3)));
    let none = post(&gateway, "phones", "", &json!({ "topic": "owntracks/b/phone", "text": "" })).await;
    assert_eq!((none.status, none.became()), (400, vec!["refused malformed".to_owned()]));
    let live = until(&gateway, |live| live.counters.received == 6).await;
    assert_eq!((live.counters.admitted, live.counters.dead.values().sum::<u64>()), (2, 4));
    let letters = get(&gateway, "/api/v1/dead-letters").await.body;
    assert_eq!(letters.matches("\"client\":\"phones\"").count(), 4, "{letters}");
    let metrics = get(&gateway, "/metrics").await.body;
    for line in [r#"status="207"} 1"#, r#"status="400"} 1"#] {
        assert!(metrics.contains(&format!("turnpage_intake_requests_total{{{line}")), "{metrics}");
    }
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn whoever_may_not_or_cannot_is_told_so_and_nothing_is_taken() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let body = located(&site, "a").to_string();
    let fine = head("phones", "", body.len());
    for (request, status) in [
        (fine.replace("Authorization", "X-Nothing"), 401),
        (head("nobody", "", body.len()), 401),
        (fine.replace("application/json", "text/plain"), 415),
        (head("phones", "Idempotency-Key: \"open\r\n", body.len()), 400),
    ] {
        let told = answer(send(&gateway, &(request + &body)).await).await;
        assert_eq!(told.status, status, "{}", told.body);
        assert!(told.head.contains("application/problem+json") && told.json()["status"] == status);
        assert_eq!(told.head.contains("www-authenticate: basic"), status == 401);
    }
    let malformed = answer(send(&gateway, &(head("phones", "", 9) + "{\"topic\":")).await).await;
    assert!(malformed.status == 400 && malformed.body.contains("line 1 column 9"), "{}", malformed.body);
    let long = answer(send(&gateway, &head("phones", "", 2 * 1024 * 1024)).await).await;
    assert_eq!(long.status, 413);
    assert_eq!(until(&gateway, |_| true).await.counters.received, 0);
    gateway.stop().await.unwrap();
}

/// The same request twice, with a restart between: one admission, one answer.
async fn sent_again_after_the_end(site: Site, goodbye: bool) {
    let gateway = site.start().await;
    let batch = json!([located(&site, "a"), { "topic": "owntracks/a/phone", "text": "" }]);
    let first = post(&gateway, "phones", &key("k-1"), &batch).await;
    assert_eq!(first.status, 207);
    let again = post(&gateway, "phones", &key("k-1"), &batch).await;
    assert_eq!((again.status, &again.body), (207, &first.body));
    if goodbye {
        gateway.stop().await.unwrap();
    } else {
        drop(gateway);
    }

    let gateway = started_again(|| site.setup()).await;
    let again = post(&gateway, "phones", &key("k-1"), &batch).await;
    assert_eq!((again.status, again.body), (207, first.body));
    let other = post(&gateway, "phones", &key("k-1"), &json!([located(&site, "b")])).await;
    assert_eq!(other.status, 422, "{}", other.body);
    let live = until(&gateway, |_| true).await;
    assert_eq!((live.counters.received, live.counters.admitted), (2, 1), "processed once");
    // Another key, or another account's same key, is another request.
    assert_eq!(post(&gateway, "phones", &key("k-2"), &batch).await.status, 207);
    assert_eq!(post(&gateway, "bands", &key("k-1"), &batch).await.status, 400);
    until(&gateway, |live| live.counters.received == 6).await;
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn a_key_is_answered_alike_after_a_restart() {
    for site in Site::each_store() {
        sent_again_after_the_end(site, true).await;
    }
}

#[tokio::test]
async fn a_key_is_answered_alike_after_a_crash() {
    sent_again_after_the_end(Site::on_disk(), false).await;
}

#[tokio::test]
async fn a_key_is_in_use_until_its_request_is_answered() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let body = located(&site, "a").to_string();
    let head = head("phones", &(key("slow") + "Expect: 100-continue\r\n"), body.len());
    let mut slow = send(&gateway, &head).await;
    // Asked for the body, it has its place.
    let mut go_on = [0; 25];
    slow.read_exact(&mut go_on).await.unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100"));
    let meanwhile = post(&gateway, "phones", &key("slow"), &located(&site, "a")).await;
    assert_eq!(meanwhile.status, 409, "{}", meanwhile.body);
    assert!(meanwhile.head.contains("retry-after: 1"));
    slow.write_all(body.as_bytes()).await.unwrap();
    assert_eq!(answer(slow).await.status, 200);
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn an_account_is_served_so_often_at_once_and_the_others_too() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let body = located(&site, "a").to_string();
    let mut waiting = Vec::new();
    for _ in 0..8 {
        let mut slow = send(&gateway, &head("phones", "Expect: 100-continue\r\n", body.len())).await;
        slow.read_exact(&mut [0; 25]).await.unwrap();
        waiting.push(slow);
    }
    let more = post(&gateway, "phones", "", &located(&site, "a")).await;
    assert_eq!(more.status, 429, "{}", more.body);
    assert!(more.head.contains("retry-after: 1"));
    assert_ne!(post(&gateway, "bands", "", &located(&site, "a")).await.status, 429);
    for mut slow in waiting {
        slow.write_all(body.as_bytes()).await.unwrap();
        assert_eq!(answer(slow).await.status, 200);
    }
    assert_eq!(post(&gateway, "phones", "", &located(&site, "a")).await.status, 200);
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn what_is_not_committed_is_not_taken_and_the_key_is_free_again() {
    let (memory, full) = (Memory::new(), Arc::new(AtomicBool::new(false)));
    let opened = (memory.clone(), Arc::clone(&full));
    let open = move || -> Result<Box<dyn Store>, turnpage_gateway_store::Error> {
        Ok(Box::new(Faulty { memory: opened.0.clone(), full: Arc::clone(&opened.1) }))
    };
    let site = Site::with(Storage::Custom(Opener(Arc::new(open))));
    let gateway = site.start().await;
    let body = located(&site, "a");
    full.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        let lost = post(&gateway, "phones", &key("k"), &body).await;
        assert_eq!(lost.status, 503, "{}", lost.body);
        assert!(lost.head.contains("retry-after: 5"));
        while gateway.trouble().is_none() {
            tokio::task::yield_now().await;
        }
    }
    full.store(false, Ordering::SeqCst);
    while gateway.trouble().is_some() {
        tokio::task::yield_now().await;
    }
    assert_eq!(post(&gateway, "phones", &key("k"), &body).await.became(), ["admitted"]);
    let live = until(&gateway, |live| live.counters.admitted == 1).await;
    assert_eq!(live.counters.received, 1);
    gateway.stop().await.unwrap();
}
