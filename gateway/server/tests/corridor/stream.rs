//! Live streams as a browser's `EventSource` uses them: ids, going on after a cut and after a restart, gaps, places.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use turnpage_gateway_server::Gateway;

use crate::client::{Channel, Node, pseudonym};
use crate::http::get;
use crate::restart::started_again;
use crate::site::{Site, until};

/// A client of a stream.
struct Client {
    lines: Lines<BufReader<TcpStream>>,
}

/// What a client dispatches to its page.
#[derive(Debug)]
struct Event {
    name: String,
    id: String,
    data: Value,
}

impl Client {
    async fn connect(gateway: &Gateway, path: &str, last: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(gateway.http_addr().expect("a console")).await.unwrap();
        let last = last.map(|last| format!("Last-Event-ID: {last}\r\n")).unwrap_or_default();
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{last}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut client = Self { lines: BufReader::new(stream).lines() };
        assert_eq!(client.line().await, "HTTP/1.1 200 OK");
        while !client.line().await.is_empty() {}
        client
    }

    async fn line(&mut self) -> String {
        self.lines.next_line().await.unwrap().expect("the stream goes on")
    }

    async fn event(&mut self) -> Event {
        let mut event = Event { name: String::new(), id: String::new(), data: Value::Null };
        loop {
            let line = self.line().await;
            match line.split_once(": ") {
                Some(("event", name)) => event.name = name.to_owned(),
                Some(("id", id)) => event.id = id.to_owned(),
                Some(("data", data)) => event.data = serde_json::from_str(data).unwrap(),
                // The end of the event; chunks of the transfer have lines of their own.
                _ if line.is_empty() && !event.name.is_empty() => return event,
                _ => {}
            }
        }
    }

    /// The next offer's id in the stream, and its subject.
    async fn offer(&mut self) -> (String, String) {
        let event = self.event().await;
        assert_eq!(event.name, "offer", "{event:?}");
        (event.id, event.data["subject"].as_str().unwrap().to_owned())
    }
}

const OFFERS: &str = "/api/v1/offers/live";

#[tokio::test]
async fn whoever_was_cut_off_goes_on_where_it_was() {
    let site = Site::on_disk();
    let gateway = site.start().await;
    let mut client = Client::connect(&gateway, OFFERS, None).await;
    let mut node = Node::connect(&gateway, &site).await;
    node.sees(1, site.now()).await;
    let (first, subject) = client.offer().await;
    assert_eq!(subject, pseudonym(1));
    drop(client);
    for badge in 2..=4 {
        node.sees(badge, site.now()).await;
    }
    until(&gateway, |live| live.counters.offers == 4).await;
    let mut client = Client::connect(&gateway, OFFERS, Some(&first)).await;
    let (second, subject) = client.offer().await;
    assert_eq!(subject, pseudonym(2));
    drop(client);
    drop(gateway);

    let gateway = started_again(|| site.setup()).await;
    let mut client = Client::connect(&gateway, OFFERS, Some(&second)).await;
    assert_eq!(client.offer().await.1, pseudonym(3));
    let (last, subject) = client.offer().await;
    assert_eq!(subject, pseudonym(4));
    // Who has everything hears what is new, and nothing twice.
    let mut client = Client::connect(&gateway, OFFERS, Some(&last)).await;
    let mut node = Node::connect_behind(&gateway, 4).await;
    node.sees(5, site.now()).await;
    assert_eq!(client.offer().await.1, pseudonym(5));
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn what_nobody_can_give_back_is_a_gap() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let mut node = Node::connect(&gateway, &site).await;
    node.sees(1, site.now()).await;
    until(&gateway, |live| live.counters.offers == 1).await;
    for foreign in ["7", "not-ours", "999999-0"] {
        let mut client = Client::connect(&gateway, OFFERS, Some(foreign)).await;
        let gap = client.event().await;
        assert_eq!((gap.name.as_str(), gap.data["whole_behind"].as_str()), ("gap", Some(gap.id.as_str())));
    }
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn what_was_withdrawn_meanwhile_is_not_told() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let mut client = Client::connect(&gateway, OFFERS, None).await;
    let mut node = Node::connect(&gateway, &site).await;
    node.sees(1, site.now()).await;
    let (first, _) = client.offer().await;
    node.sees(2, site.now()).await;
    let mut bands = Channel::hub(&gateway).await;
    bands.consents(&site, &pseudonym(2), false).await;
    node.sees(3, site.now()).await;
    // Heard here, what came before it is known to all streams.
    while client.offer().await.1 != pseudonym(3) {}
    let mut client = Client::connect(&gateway, OFFERS, Some(&first)).await;
    assert_eq!(client.offer().await.1, pseudonym(3));
    gateway.stop().await.unwrap();
}

#[tokio::test]
async fn there_are_so_many_streams_and_a_place_is_given_back() {
    let site = Site::in_memory();
    let gateway = site.start().await;
    let mut clients = Vec::new();
    for _ in 0..64 {
        clients.push(Client::connect(&gateway, OFFERS, None).await);
    }
    let refused = get(&gateway, OFFERS).await;
    assert!(refused.head.starts_with("http/1.1 503") && refused.head.contains("retry-after: 15"));
    assert!(get(&gateway, "/metrics").await.body.contains("turnpage_streams 64\n"));
    clients.clear();
    while !get(&gateway, "/metrics").await.body.contains("turnpage_streams 0\n") {}
    Client::connect(&gateway, OFFERS, None).await;
    gateway.stop().await.unwrap();
}
