//! Boards that publish what was sealed before: as fast as a window allows, or each message at its own time.
//!
//! MQTT 3.1.1 by hand, so that what is measured is the other side: a packet is copied, not encoded, and an answer is
//! four bytes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{Barrier, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

use crate::park::{self, Day, Event};

/// CONNACK and PUBACK of MQTT 3.1.1.
const ANSWER: usize = 4;

/// How fast messages are sent.
#[derive(Clone, Copy)]
pub(crate) enum Pace {
    /// So many in flight a board, the next when one is answered.
    Window(usize),
    /// So many a second, all boards together, whatever is answered.
    Rate(f64),
}

/// Boards that are connected and wait for the word.
pub(crate) struct Boards {
    go: Arc<Barrier>,
    boards: Vec<JoinHandle<()>>,
}

impl Boards {
    /// Connects a board for each node of `day`.
    pub(crate) async fn connect(addr: SocketAddr, day: Day, pace: Pace) -> Self {
        // One more: whoever says the word.
        let go = Arc::new(Barrier::new(day.by_node.len() + 1));
        let mut boards = Vec::new();
        for (n, events) in (0..).zip(day.by_node) {
            let stream = sign_in(addr, n).await;
            boards.push(tokio::spawn(publish(stream, park::topic(n), events, pace, Arc::clone(&go))));
        }
        Self { go, boards }
    }

    /// Lets them begin, and says when that was.
    pub(crate) async fn go(&self) -> Instant {
        self.go.wait().await;
        Instant::now()
    }

    /// Waits until everything is acknowledged.
    pub(crate) async fn done(self) {
        for board in self.boards {
            board.await.expect("a board");
        }
    }
}

async fn sign_in(addr: SocketAddr, n: u32) -> TcpStream {
    let mut stream = TcpStream::connect(addr).await.expect("somebody listens");
    stream.set_nodelay(true).expect("an option");
    let mut body = b"\x00\x04MQTT\x04\xC2\x00\x00".to_vec();
    for text in [&park::name(n), &park::name(n), park::PASSWORD] {
        push_text(&mut body, text);
    }
    let mut connect = vec![0x10, u8::try_from(body.len()).expect("short")];
    connect.extend(body);
    stream.write_all(&connect).await.expect("written");
    let mut answer = [0; ANSWER];
    stream.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(answer, [0x20, 2, 0, 0], "let in");
    stream
}

async fn publish(stream: TcpStream, topic: String, events: Vec<Event>, pace: Pace, go: Arc<Barrier>) {
    let packets: Vec<Vec<u8>> =
        (0_u16..).zip(&events).map(|(n, event)| packet(&topic, n % u16::MAX + 1, event)).collect();
    // Whoever writes no more has left: the half for writing is kept until everything is answered.
    let (read, mut write) = stream.into_split();
    go.wait().await;
    let room = Arc::new(Semaphore::new(match pace {
        Pace::Window(window) => window,
        Pace::Rate(_) => packets.len(),
    }));
    let answers = tokio::spawn(count(read, packets.len(), Arc::clone(&room)));
    match pace {
        Pace::Window(_) => within(&mut write, &packets, &room).await,
        Pace::Rate(rate) => on_time(&mut write, &packets, &events, rate).await,
    }
    answers.await.expect("answers");
}

/// Sends as much as there is room for at once.
async fn within(write: &mut OwnedWriteHalf, packets: &[Vec<u8>], room: &Semaphore) {
    let mut left = packets.iter();
    let mut out = Vec::new();
    while !left.as_slice().is_empty() {
        room.acquire().await.expect("open").forget();
        let more = room.forget_permits(left.len() - 1);
        out.clear();
        left.by_ref().take(1 + more).for_each(|packet| out.extend_from_slice(packet));
        write.write_all(&out).await.expect("written");
    }
}

/// Sends each when its time has come, late ones at once.
async fn on_time(write: &mut OwnedWriteHalf, packets: &[Vec<u8>], events: &[Event], rate: f64) {
    let began = Instant::now();
    for (packet, event) in packets.iter().zip(events) {
        sleep_until(began + due(event.place, rate)).await;
        write.write_all(packet).await.expect("written");
    }
}

/// When the message at `place` is due, after the beginning.
pub(crate) fn due(place: usize, rate: f64) -> Duration {
    Duration::from_secs_f64(place as f64 / rate)
}

async fn count(mut read: OwnedReadHalf, packets: usize, room: Arc<Semaphore>) {
    let (mut left, mut half) = (packets * ANSWER, 0);
    let mut bytes = [0; 4096];
    while left > 0 {
        let got = read.read(&mut bytes).await.expect("bytes");
        assert!(got > 0, "the other side has closed");
        left = left.checked_sub(got).expect("one answer a message");
        half += got;
        room.add_permits(half / ANSWER);
        half %= ANSWER;
    }
}

/// A PUBLISH at QoS 1.
fn packet(topic: &str, id: u16, event: &Event) -> Vec<u8> {
    let mut body = Vec::new();
    push_text(&mut body, topic);
    body.extend(id.to_be_bytes());
    body.extend(&event.payload);
    let mut packet = vec![0x32];
    let mut left = body.len();
    while left >= 128 {
        packet.push((left % 128) as u8 | 128);
        left /= 128;
    }
    packet.push(left as u8);
    packet.extend(body);
    packet
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(u16::try_from(text.len()).expect("short").to_be_bytes());
    bytes.extend(text.as_bytes());
}
