//! Against mosquitto, as Debian ships it. Skipped with a message where it is not installed.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use embedded_io_adapters::tokio_1::FromTokio;
use tokio::net::TcpStream;
use turnpage_firmware_node::session::{Admission, Event, Link, Options, Session, TX_LEN_NODE};
use turnpage_firmware_node::shell::Clock;
use turnpage_firmware_node::{Refusal, Ticket, shell};
use turnpage_firmware_wire::{Frame, Presence, WILL_SEQUENCE};

use crate::park::{BIRTH, EVENT, Hasty, Still, gate, open};

type Wire = FromTokio<TcpStream>;

/// A broker of this test's own, gone with it.
struct Broker {
    program: &'static str,
    child: Child,
    address: SocketAddr,
    folder: tempfile::TempDir,
}

impl Broker {
    /// `None`, with a message, where mosquitto is not installed. `acl` in mosquitto's format.
    fn start(acl: &str) -> Option<Self> {
        let Some(program) =
            ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/opt/homebrew/sbin/mosquitto"]
                .into_iter()
                .find(|path| Path::new(path).exists())
        else {
            println!("skipped: mosquitto is not installed");
            return None;
        };
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let folder = tempfile::tempdir().expect("a folder");
        let (config, rights) = (folder.path().join("broker.conf"), folder.path().join("rights"));
        std::fs::write(&rights, acl).expect("the rights are written");
        let text = format!(
            "listener {} 127.0.0.1\nallow_anonymous true\nacl_file {}\nlog_dest stderr\nlog_type notice\nlog_type information\n",
            address.port(),
            rights.display(),
        );
        std::fs::write(&config, text).expect("the configuration is written");
        let child = run(program, &config);
        Some(Self { program, child, address, folder })
    }

    /// Kills the broker and starts a new one that remembers nothing.
    fn replace(&mut self) {
        self.child.kill().and_then(|()| self.child.wait()).expect("the broker ends");
        self.child = run(self.program, &self.folder.path().join("broker.conf"));
    }

    async fn stream(&self) -> Wire {
        let stream = TcpStream::connect(self.address).await.expect("the broker listens");
        stream.set_nodelay(true).expect("an option every TCP has");
        FromTokio::new(stream)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // It may be dead already, which is all that is wanted.
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// Starts a broker and waits until it says that it runs.
fn run(program: &str, config: &Path) -> Child {
    let mut child =
        Command::new(program).arg("-c").arg(config).stderr(Stdio::piped()).spawn().expect("mosquitto starts");
    let log = child.stderr.take().expect("its log");
    let mut lines = BufReader::new(log).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("running")), "mosquitto runs");
    // Whatever else it has to say must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    child
}

const ANYTHING: &str = "topic readwrite #\n";

/// Buffers and a session in one.
macro_rules! session {
    ($name:ident, $options:expr) => {
        let (mut rx, mut tx) = ([0; 1024], [0; TX_LEN_NODE]);
        let mut $name = Session::new($options, &mut rx, &mut tx).expect("options within bounds");
    };
}

fn named(client_id: &str) -> Options<'_> {
    Options { client_id, ..Options::default() }
}

/// Steps until the ticket is acknowledged.
async fn acknowledged(link: &mut Link<'_, '_, Wire>, ticket: Ticket) {
    while link.step().await.expect("a live link") != Some(Event::Acknowledged(ticket)) {}
}

/// The next message on any subscription: topic, payload, retained.
async fn message(link: &mut Link<'_, '_, Wire>) -> (String, Vec<u8>, bool) {
    loop {
        if let Some(Event::Message(message)) = link.step().await.expect("a live link") {
            return (message.topic.to_owned(), message.payload.to_vec(), message.retained);
        }
    }
}

#[tokio::test]
async fn a_node_is_born_seen_and_mourned() {
    let Some(broker) = Broker::start(ANYTHING) else { return };
    session!(listener, named("listener"));
    let mut listening = listener.connect(broker.stream().await).await.expect("a greeting");
    assert_eq!(
        listening.subscribe(Ticket(0), "turnpage/v1/park/#").await.expect("a live link"),
        Admission::Taken
    );
    acknowledged(&mut listening, Ticket(0)).await;

    let mut node = gate(20);
    let clock = Still(1_000);
    let will = node.will(clock.now());
    session!(session, Options { will: Some(will.parts()), ..named("gate-1") });
    let mut link = session.connect(broker.stream().await).await.expect("a greeting");
    assert!(!link.resumed());

    let mut seen = Vec::new();
    let listen = async {
        // The birth, the first heartbeat, twenty sightings.
        while seen.len() < 22 {
            seen.push(message(&mut listening).await);
        }
    };
    tokio::select! {
        error = shell::serve(&mut node, &mut link, &clock) => panic!("{error}"),
        () = listen => {}
    }
    let frames: Vec<Frame> = seen.iter().map(|(_, payload, _)| open(payload)).collect();
    assert_eq!(seen[0].0, BIRTH);
    assert!(frames[0].birth.is_some_and(|birth| birth.online));
    assert!(seen[1..].iter().all(|(topic, ..)| topic == EVENT));
    let sequences: Vec<u32> = frames[1..].iter().map(|frame| frame.header.sequence).collect();
    assert_eq!(sequences, (1..22).collect::<Vec<_>>(), "in the order they were made, none twice");
    let entered =
        frames.iter().filter_map(|frame| frame.sighting).filter(|seen| seen.presence == Presence::Enter);
    assert_eq!(entered.count(), 20);

    drop(link);
    let (topic, payload, _) = message(&mut listening).await;
    assert_eq!(topic, BIRTH);
    let will = open(&payload);
    assert_eq!(will.header.sequence, WILL_SEQUENCE);
    assert!(will.birth.is_some_and(|birth| !birth.online));

    session!(late, named("late"));
    let mut late = late.connect(broker.stream().await).await.expect("a greeting");
    assert_eq!(late.subscribe(Ticket(0), BIRTH).await.expect("a live link"), Admission::Taken);
    let (_, payload, retained) = message(&mut late).await;
    assert!(retained, "the will stays for whoever comes later");
    assert_eq!(open(&payload), will);
}

#[tokio::test]
async fn a_window_of_publications_is_acknowledged_each_once() {
    const COUNT: u32 = 5_000;
    let Some(broker) = Broker::start(ANYTHING) else { return };
    session!(session, named("hub-1"));
    let mut link = session.connect(broker.stream().await).await.expect("a greeting");
    let started = std::time::Instant::now();
    let (mut sent, mut acknowledged, mut widest) = (0, Vec::new(), 0);
    while acknowledged.len() < COUNT as usize {
        while sent < COUNT && link.ready() {
            let admission =
                link.publish(Ticket(sent), "turnpage/v1/park/outcome/v17", &[b'x'; 100], false).await;
            assert_eq!(admission.expect("a live link"), Admission::Taken);
            sent += 1;
        }
        widest = widest.max(sent as usize - acknowledged.len());
        match link.step().await.expect("a live link") {
            Some(Event::Acknowledged(ticket)) => acknowledged.push(ticket.0),
            other => assert_eq!(other, None),
        }
    }
    println!("{COUNT} publications in {:?}, {widest} in flight", started.elapsed());
    assert_eq!(acknowledged, (0..COUNT).collect::<Vec<_>>());
    assert!(widest > 1);
    link.close().await.expect("a goodbye");
}

#[tokio::test]
async fn what_is_in_flight_when_the_connection_breaks_is_settled_on_the_next() {
    let Some(broker) = Broker::start(ANYTHING) else { return };
    session!(session, named("gate-1"));
    let mut link = session.connect(broker.stream().await).await.expect("a greeting");
    for ticket in 0..5 {
        assert_eq!(
            link.publish(Ticket(ticket), EVENT, b"x", false).await.expect("a live link"),
            Admission::Taken
        );
    }
    drop(link);
    let mut link = session.connect(broker.stream().await).await.expect("a greeting");
    assert!(link.resumed());
    assert!((0..5).all(|ticket| link.knows(Ticket(ticket))));
    for ticket in 0..5 {
        acknowledged(&mut link, Ticket(ticket)).await;
    }
    assert!(link.ready());
}

#[tokio::test]
async fn a_broker_that_forgets_costs_no_frame() {
    let Some(mut broker) = Broker::start(ANYTHING) else { return };
    let mut node = gate(30);
    let clock = Hasty::default();
    session!(session, named("gate-1"));
    let mut link = session.connect(broker.stream().await).await.expect("a greeting");
    node.connected(clock.now(), |ticket| link.knows(ticket));
    while link.ready() {
        let publish = node.poll(clock.now()).expect("more than a window to say");
        assert_eq!(link.send(&publish).await.expect("a live link"), Admission::Taken);
    }
    drop(link);
    // Nothing of this was acknowledged to the node, and the new broker knows nothing of it.
    broker.replace();

    session!(listener, named("listener"));
    let mut listening = listener.connect(broker.stream().await).await.expect("a greeting");
    assert_eq!(listening.subscribe(Ticket(0), EVENT).await.expect("a live link"), Admission::Taken);
    acknowledged(&mut listening, Ticket(0)).await;
    let mut link = session.connect(broker.stream().await).await.expect("a greeting");
    assert!(!link.resumed());
    let mut entered = Vec::new();
    let listen = async {
        while entered.len() < 30 {
            let frame = open(&message(&mut listening).await.1);
            entered.extend(
                frame.sighting.filter(|seen| seen.presence == Presence::Enter).map(|seen| seen.subject),
            );
        }
    };
    tokio::select! {
        error = shell::serve(&mut node, &mut link, &clock) => panic!("{error}"),
        () = listen => {}
    }
    entered.sort();
    entered.dedup();
    assert_eq!(entered.len(), 30, "every badge is seen once");
}

#[tokio::test]
async fn a_refusal_names_its_publication() {
    let Some(broker) = Broker::start("topic read #\ntopic write turnpage/v1/park/node/gate-1/#\n") else {
        return;
    };
    session!(session, named("gate-1"));
    let mut link = session.connect(broker.stream().await).await.expect("a greeting");
    for (ticket, topic) in (0..).zip([EVENT, "turnpage/v1/park/node/gate-2/event", EVENT]) {
        assert_eq!(
            link.publish(Ticket(ticket), topic, b"x", false).await.expect("a live link"),
            Admission::Taken
        );
    }
    let mut events = Vec::new();
    while events.len() < 3 {
        match link.step().await.expect("a live link") {
            Some(Event::Acknowledged(ticket)) => events.push((ticket, None)),
            Some(Event::Refused(ticket, refusal)) => events.push((ticket, Some(refusal))),
            other => assert_eq!(other, None),
        }
    }
    assert_eq!(events, [(Ticket(0), None), (Ticket(1), Some(Refusal::ForNow)), (Ticket(2), None)]);
}
