//! Against a server that does exactly what the test says, byte by byte: refusals, lapses of memory, nonsense.

use std::cell::RefCell;
use std::collections::BTreeSet;

use embedded_io_adapters::tokio_1::FromTokio;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use turnpage_firmware_node::session::{Admission, Error, Event, Options, Session, TX_LEN_NODE, WINDOW};
use turnpage_firmware_node::shell::{self, Clock, Network};
use turnpage_firmware_node::{Refusal, Ticket};

use crate::park::{EVENT, Hasty, gate, open};

/// Types of MQTT packets: the first byte without its flags.
const CONNECT: u8 = 0x10;
const PUBLISH: u8 = 0x30;
const PUBACK: u8 = 0x40;

/// The far end of a stream.
struct Server(DuplexStream);

impl Server {
    /// The next packet: its first byte and its body. Packets of these tests are shorter than 16 kB.
    async fn read(&mut self) -> (u8, Vec<u8>) {
        let first = self.0.read_u8().await.expect("a packet");
        let mut len = usize::from(self.0.read_u8().await.expect("its length"));
        if len & 0x80 != 0 {
            len = len & 0x7f | usize::from(self.0.read_u8().await.expect("its length")) << 7;
        }
        let mut body = vec![0; len];
        self.0.read_exact(&mut body).await.expect("its body");
        (first, body)
    }

    async fn write(&mut self, packet: &[u8]) {
        self.0.write_all(packet).await.expect("somebody listens");
    }

    /// Takes the CONNECT and greets, remembering the session or not.
    async fn greet(&mut self, session_present: bool) {
        assert_eq!(self.read().await.0, CONNECT);
        self.write(&[0x20, 3, u8::from(session_present), 0, 0]).await;
    }

    /// Takes a PUBLISH: its packet identifier, and whether it is marked as sent before.
    async fn publish(&mut self) -> ([u8; 2], bool) {
        let (first, body) = self.read().await;
        assert_eq!(first & 0xf0, PUBLISH);
        let topic_len = usize::from(u16::from_be_bytes([body[0], body[1]]));
        ([body[2 + topic_len], body[3 + topic_len]], first & 0x08 != 0)
    }

    async fn puback(&mut self, [high, low]: [u8; 2], reason: u8) {
        self.write(&[PUBACK, 3, high, low, reason]).await;
    }
}

fn pair() -> (FromTokio<DuplexStream>, Server) {
    let (client, server) = duplex(64 * 1024);
    (FromTokio::new(client), Server(server))
}

macro_rules! session {
    ($name:ident) => {
        let (mut rx, mut tx) = ([0; 512], [0; TX_LEN_NODE]);
        let options = Options { client_id: "gate-1", ..Options::default() };
        let mut $name = Session::new(options, &mut rx, &mut tx).expect("options within bounds");
    };
}

/// Connects with a server that greets as told.
macro_rules! connect {
    ($session:ident, $session_present:expr) => {{
        let (stream, mut server) = pair();
        let (link, ()) = tokio::join!($session.connect(stream), server.greet($session_present));
        (link.expect("a greeting"), server)
    }};
}

/// Publishes tickets `0..count` and returns their packet identifiers.
macro_rules! publish {
    ($link:ident, $server:ident, $count:expr) => {{
        let mut identifiers = Vec::new();
        for ticket in 0..$count {
            let admission = $link.publish(Ticket(ticket), EVENT, b"x", false).await.expect("a live link");
            assert_eq!(admission, Admission::Taken);
            identifiers.push($server.publish().await.0);
        }
        identifiers
    }};
}

/// The next event that is one.
macro_rules! event {
    ($link:ident) => {
        loop {
            if let Some(event) = $link.step().await.expect("a live link") {
                break event;
            }
        }
    };
}

#[tokio::test]
async fn a_refusal_is_told_of_the_publication_it_is_about() {
    session!(session);
    let (mut link, mut server) = connect!(session, false);
    let identifiers = publish!(link, server, 4);
    server.puback(identifiers[0], 0x00).await;
    server.puback(identifiers[2], 0x99).await;
    server.puback(identifiers[1], 0x97).await;
    server.puback(identifiers[3], 0x10).await;
    assert_eq!(event!(link), Event::Acknowledged(Ticket(0)));
    assert_eq!(event!(link), Event::Refused(Ticket(2), Refusal::ForGood));
    assert_eq!(event!(link), Event::Refused(Ticket(1), Refusal::ForNow));
    assert_eq!(event!(link), Event::Acknowledged(Ticket(3)), "nobody subscribed, which is no refusal");
}

#[tokio::test]
async fn a_refusal_outlives_the_connection_it_came_on() {
    session!(session);
    let (mut link, mut server) = connect!(session, false);
    let identifiers = publish!(link, server, 1);
    server.puback(identifiers[0], 0x99).await;
    assert_eq!(link.step().await.expect("a live link"), None);
    drop(link);
    let (mut link, _server) = connect!(session, true);
    assert_eq!(event!(link), Event::Refused(Ticket(0), Refusal::ForGood));
}

#[tokio::test]
async fn a_server_that_remembers_gets_everything_again_marked_as_sent_before() {
    session!(session);
    let (mut link, mut server) = connect!(session, false);
    let identifiers = publish!(link, server, 3);
    server.puback(identifiers[0], 0x00).await;
    assert_eq!(event!(link), Event::Acknowledged(Ticket(0)));
    drop((link, server));

    let (mut link, mut server) = connect!(session, true);
    assert!(link.resumed());
    let serving = async {
        for identifier in &identifiers[1..] {
            assert_eq!(server.publish().await, (*identifier, true));
            server.puback(*identifier, 0x00).await;
        }
    };
    let stepping = async {
        assert_eq!(event!(link), Event::Acknowledged(Ticket(1)));
        assert_eq!(event!(link), Event::Acknowledged(Ticket(2)));
    };
    tokio::join!(stepping, serving);
}

#[tokio::test]
async fn a_server_that_forgets_loses_every_ticket_in_order() {
    session!(session);
    let (mut link, mut server) = connect!(session, false);
    publish!(link, server, 3);
    drop((link, server));
    let (mut link, mut server) = connect!(session, false);
    assert!(!link.resumed());
    for ticket in 0..3 {
        assert!(link.knows(Ticket(ticket)), "its fate is not told yet");
        assert_eq!(event!(link), Event::Lost(Ticket(ticket)));
    }
    let identifiers = publish!(link, server, 1);
    server.puback(identifiers[0], 0x00).await;
    assert_eq!(event!(link), Event::Acknowledged(Ticket(0)));
}

#[tokio::test]
async fn a_full_window_admits_later() {
    session!(session);
    let (mut link, mut server) = connect!(session, false);
    let identifiers = publish!(link, server, 8);
    assert_eq!(identifiers.len(), WINDOW);
    assert!(!link.ready());
    let more = link.publish(Ticket(8), EVENT, b"x", false).await.expect("a live link");
    assert_eq!(more, Admission::Later);
    server.puback(identifiers[0], 0x00).await;
    assert_eq!(event!(link), Event::Acknowledged(Ticket(0)));
    assert!(link.ready());
}

#[tokio::test]
async fn what_fits_no_buffer_is_said_to_be_too_large_and_harms_nobody() {
    session!(session);
    let (mut link, mut server) = connect!(session, false);
    let huge = [0; TX_LEN_NODE];
    let verdict = link.publish(Ticket(0), EVENT, &huge, false).await;
    assert!(matches!(verdict, Err(Error::TooLarge)), "{verdict:?}");
    publish!(link, server, 1);
    let verdict = link.publish(Ticket(1), EVENT, &huge, false).await.expect("a live link");
    assert_eq!(verdict, Admission::Later, "while something else takes up the buffer, nobody can tell");
}

#[tokio::test]
async fn a_message_is_handed_over_before_it_is_acknowledged() {
    session!(session);
    let (mut link, mut server) = connect!(session, false);
    server.write(&[0x32, 7, 0, 1, b't', 0, 9, 0, b'm']).await;
    match event!(link) {
        Event::Message(message) => assert_eq!((message.topic, message.payload), ("t", b"m".as_slice())),
        other => panic!("{other:?}"),
    }
    assert_eq!(link.step().await.expect("a live link"), None);
    let (first, body) = server.read().await;
    assert_eq!((first, &body[..2]), (PUBACK, &[0, 9][..]));
}

#[tokio::test]
async fn failures_have_their_names() {
    session!(session);
    let (stream, mut server) = pair();
    let refuse = async {
        server.read().await;
        server.write(&[0x20, 3, 0, 0x86, 0]).await;
    };
    let (refused, ()) = tokio::join!(session.connect(stream), refuse);
    assert!(matches!(refused.err(), Some(Error::Refused(0x86))));

    let (mut link, server) = connect!(session, false);
    drop(server);
    let closed = link.step().await;
    assert!(matches!(closed, Err(Error::Closed)), "{closed:?}");
    drop(link);

    let (mut link, mut server) = connect!(session, false);
    server.write(&[0x20, 3, 0, 0, 0]).await;
    let nonsense = link.step().await;
    assert!(matches!(nonsense, Err(Error::Protocol)), "{nonsense:?}");
}

/// Fails twice, then leads to servers that acknowledge everything and hang up after three publications.
struct Flaky {
    failures: u32,
    connections: u32,
}

impl Network for Flaky {
    type Stream = FromTokio<DuplexStream>;

    async fn open(&mut self) -> Option<Self::Stream> {
        if self.failures > 0 {
            self.failures -= 1;
            return None;
        }
        let (stream, server) = pair();
        self.connections += 1;
        tokio::task::spawn_local(hang_up_after_three(server));
        Some(stream)
    }
}

thread_local! {
    /// Sequence numbers that the servers of [`Flaky`] have acknowledged.
    static ACKNOWLEDGED: RefCell<BTreeSet<u32>> = const { RefCell::new(BTreeSet::new()) };
}

async fn hang_up_after_three(mut server: Server) {
    server.greet(false).await;
    for _ in 0..3 {
        let (first, body) = server.read().await;
        assert_eq!(first & 0xf0, PUBLISH);
        let topic_len = usize::from(u16::from_be_bytes([body[0], body[1]]));
        // Topic, packet identifier, no properties.
        let payload = &body[2 + topic_len + 3..];
        ACKNOWLEDGED.with_borrow_mut(|acknowledged| acknowledged.insert(open(payload).header.sequence));
        server.puback([body[2 + topic_len], body[3 + topic_len]], 0x00).await;
    }
}

#[tokio::test]
async fn a_node_outlives_its_network_and_delivers_everything() {
    let mut network = Flaky { failures: 2, connections: 0 };
    let clock = Hasty::default();
    let mut node = gate(20);
    session!(session);
    let delivered = async {
        // Sightings of twenty badges and the heartbeat; a birth on every connection comes on top.
        while ACKNOWLEDGED.with_borrow(|acknowledged| acknowledged.iter().filter(|&&n| n <= 20).count()) < 21
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::task::LocalSet::new()
        .run_until(async {
            tokio::select! {
                never = shell::run(&mut node, &mut session, &mut network, &clock) => never,
                () = delivered => {}
            }
        })
        .await;
    assert!(network.connections > 7, "three publications a connection");
    assert!(clock.now().uptime_ms >= 2_000, "it paused after each failure");
}
