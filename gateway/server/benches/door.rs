//! How many messages a second the front door takes, when a commit costs nothing.
//!
//! 64 publishers over MQTT 3.1.1 at QoS 1, each with 16 messages in flight, against a shard that acknowledges whole
//! groups at once. What it prints is the ceiling of a durable gateway on the same machine, clients included.
//! `cargo bench -p turnpage-gateway-server --bench door -- [publishers] [window] [seconds]`

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use turnpage_gateway_server::door::{Account, Accounts, Door, Filter, Limits, Permit, Places};

/// Bytes of an event's payload: a frame with all four clues.
const PAYLOAD: usize = 128;
/// Room in the shard's channel, and the most it answers in one group.
const GROUP: usize = 4_096;

#[tokio::main]
async fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|arg| arg.parse::<u16>().ok());
    let (publishers, window) = (numbers.next().unwrap_or(64), numbers.next().unwrap_or(16));
    let seconds = u64::from(numbers.next().unwrap_or(5));

    let mut accounts = Accounts::new();
    let everything = Filter::new("#").into_iter().collect();
    accounts.insert(Account::new("node"), Some(b"password"), Permit::new(everything, Vec::new()));
    let (publications_in, mut publications) = mpsc::channel(GROUP);
    let (notices_in, _notices) = mpsc::channel(1);
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    let places = Places { plain: Some(loopback), tls: None };
    let door =
        Door::bind(places, accounts, Limits::default(), publications_in, notices_in).await.expect("a port");
    let shard = std::thread::spawn(move || {
        let mut group = Vec::with_capacity(GROUP);
        while publications.blocking_recv_many(&mut group, GROUP) > 0 {
            group.drain(..).for_each(|publication| publication.ack.commit());
        }
    });

    let acknowledged = Arc::new(AtomicU64::new(0));
    let stop = Arc::new(AtomicBool::new(false));
    let began = Instant::now();
    let clients: Vec<_> = (0..publishers)
        .map(|n| {
            tokio::spawn(publish(
                door.plain_addr().expect("a place"),
                n,
                window,
                Arc::clone(&acknowledged),
                Arc::clone(&stop),
            ))
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    stop.store(true, Ordering::Relaxed);
    let took = began.elapsed();
    let total = acknowledged.load(Ordering::Relaxed);
    println!(
        "{publishers} publishers, window {window}: {:.0} messages/s acknowledged",
        total as f64 / took.as_secs_f64()
    );
    for client in clients {
        client.await.expect("a client");
    }
    door.stop().await;
    shard.join().expect("the shard");
}

/// One client: keeps `window` messages in flight until it is told to stop.
async fn publish(addr: SocketAddr, n: u16, window: u16, acknowledged: Arc<AtomicU64>, stop: Arc<AtomicBool>) {
    let mut stream = TcpStream::connect(addr).await.expect("the door");
    stream.set_nodelay(true).expect("an option");
    let mut connect = b"\x10\x00\x00\x04MQTT\x04\xC2\x00\x00".to_vec();
    for text in [&format!("bench-{n}"), "node", "password"] {
        text_into(&mut connect, text);
    }
    connect[1] = u8::try_from(connect.len() - 2).expect("short");
    stream.write_all(&connect).await.expect("written");
    let mut connack = [0; 4];
    stream.read_exact(&mut connack).await.expect("an answer");
    assert_eq!(connack, [0x20, 2, 0, 0]);

    let topic = format!("turnpage/v1/bench/node/{n}/event");
    let mut body = Vec::new();
    text_into(&mut body, &topic);
    let id_at = body.len();
    body.extend([0; 2 + PAYLOAD]);
    // 128 to 16,383 bytes: two bytes of length.
    let mut packet = vec![0x32, (body.len() % 128) as u8 | 0x80, (body.len() / 128) as u8];
    let id_at = id_at + packet.len();
    packet.extend(body);

    let mut next_id: u16 = 0;
    let mut room = window;
    let (mut out, mut acks, mut held) = (Vec::new(), [0; 4_096], 0);
    while !stop.load(Ordering::Relaxed) {
        out.clear();
        for _ in 0..room {
            next_id = next_id.checked_add(1).unwrap_or(1);
            packet[id_at..id_at + 2].copy_from_slice(&next_id.to_be_bytes());
            out.extend_from_slice(&packet);
        }
        stream.write_all(&out).await.expect("written");
        let read = stream.read(&mut acks[held..]).await.expect("acks");
        assert!(read > 0, "the door has closed");
        // A PUBACK has four bytes; part of one may be left for the next read.
        room = u16::try_from((held + read) / 4).expect("short");
        let rest = (held + read) % 4;
        acks.copy_within(held + read - rest..held + read, 0);
        held = rest;
        acknowledged.fetch_add(u64::from(room), Ordering::Relaxed);
    }
}

fn text_into(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(u16::try_from(text.len()).expect("short").to_be_bytes());
    bytes.extend(text.as_bytes());
}
