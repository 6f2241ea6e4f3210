//! A gateway that is told to stop: not ready first, then what is under way comes to its end, and then it is gone.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use turnpage_gateway_server::{Gateway, Storage};
use turnpage_gateway_store::{Memory, Store as _};

use crate::client::Node;
use crate::http::get_at;
use crate::receiver::{Answer, Receiver};
use crate::site::Site;

/// Longer than any machine is busy.
const LONG: Duration = Duration::from_secs(3_600);

async fn start(site: &Site, till: &Receiver, drain: Duration) -> Gateway {
    let mut setup = site.setup();
    setup.webhooks = vec![till.setup("till")];
    setup.drain = drain;
    Gateway::start(setup).await.unwrap()
}

/// Offers that are not settled, as a restart finds them.
fn outbox(memory: &Memory) -> usize {
    memory.clone().recover().unwrap().state.outbox.len()
}

#[tokio::test]
async fn a_request_under_way_comes_to_its_end_and_probes_are_told_meanwhile() {
    let memory = Memory::new();
    let site = Site::with(Storage::Memory(memory.clone()));
    let mut till = Receiver::start(|_| Answer::Held).await;
    let gateway = start(&site, &till, LONG).await;
    let addr = gateway.http_addr().unwrap();
    let mut live = TcpStream::connect(addr).await.unwrap();
    live.write_all(b"GET /api/v1/events/live HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut told = Vec::new();
    // From its first event on it misses nothing.
    while !String::from_utf8_lossy(&told).contains("event: live") {
        assert!(live.read_buf(&mut told).await.unwrap() > 0);
    }
    Node::connect(&gateway, &site).await.sees(1, site.now()).await;
    till.request().await;
    let stopping = tokio::spawn(gateway.stop());
    loop {
        let told = get_at(addr, "/readyz").await;
        if told.head.starts_with("http/1.1 503") {
            assert_eq!(told.body, "the gateway is stopping\n");
            break;
        }
    }
    assert_eq!(outbox(&memory), 1, "nobody has it yet");
    till.release.notify_one();
    stopping.await.unwrap().unwrap();
    assert_eq!(outbox(&memory), 0, "delivered, and known to be after the next start");
    live.read_to_end(&mut told).await.unwrap();
    let told = String::from_utf8(told).unwrap();
    assert!(told.contains("event: offer"), "{told}");
    assert!(told.ends_with("\r\n0\r\n\r\n"), "the stream comes to its end: {told}");
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_cut_off_and_comes_again() {
    let memory = Memory::new();
    let site = Site::with(Storage::Memory(memory.clone()));
    let mut till = Receiver::start(|nth| if nth == 0 { Answer::Hang } else { Answer::Held }).await;
    let gateway = start(&site, &till, Duration::from_millis(10)).await;
    Node::connect(&gateway, &site).await.sees(1, site.now()).await;
    let first = till.request().await;
    gateway.stop().await.unwrap();
    assert_eq!(outbox(&memory), 1);
    let gateway = start(&site, &till, LONG).await;
    let again = till.request().await;
    assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
    till.release.notify_one();
    gateway.stop().await.unwrap();
    assert_eq!(outbox(&memory), 0);
}
