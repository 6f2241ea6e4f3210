//! How many messages a second the front door takes, when a commit costs nothing.
//!
//! 64 publishers over MQTT 3.1.1 at QoS 1, each with 16 messages in flight, against a shard that acknowledges whole
//! groups at once. What it prints is the ceiling of a durable gateway on the same machine, clients included.
//! `cargo bench -p turnpage-gateway-server --bench door -- [publishers] [window] [seconds] [plain] [tls] [web]`; without
//! a way named, each of the three in turn.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use turnpage_gateway_server::door::{Account, Accounts, Door, Filter, Limits, Permit, Places, Tls, TlsFiles};

/// Bytes of an event's payload: a frame with all four clues.
const PAYLOAD: usize = 128;
/// Room in the shard's channel, and the most it answers in one group.
const GROUP: usize = 4_096;

/// What the bytes travel in.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Way {
    Plain,
    Tls,
    Web,
}

#[tokio::main]
async fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|arg| arg.parse::<u16>().ok());
    let (publishers, window) = (numbers.next().unwrap_or(64), numbers.next().unwrap_or(16));
    let seconds = u64::from(numbers.next().unwrap_or(5));
    let ways = [("plain", Way::Plain), ("tls", Way::Tls), ("web", Way::Web)];
    let named: Vec<_> = ways.iter().filter(|(name, _)| std::env::args().any(|arg| arg == *name)).collect();
    let certificates = Certificates::new();
    for (name, way) in if named.is_empty() { ways.iter().collect() } else { named } {
        let rate = measure(*way, &certificates, publishers, window, seconds).await;
        println!("{name}: {publishers} publishers, window {window}: {rate:.0} messages/s acknowledged");
    }
}

/// A certificate of the door's own, and a client that trusts it.
struct Certificates {
    _dir: tempfile::TempDir,
    tls: Tls,
    client: Arc<ClientConfig>,
}

impl Certificates {
    fn new() -> Self {
        let dir = tempfile::TempDir::new().expect("a directory");
        let key = rcgen::KeyPair::generate().expect("a key");
        let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        let files = TlsFiles {
            certificate: dir.path().join("door.pem"),
            key: dir.path().join("door.key"),
            clients: None,
        };
        std::fs::write(&files.certificate, params.self_signed(&key).expect("signed").pem()).expect("written");
        std::fs::write(&files.key, key.serialize_pem()).expect("written");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&files.certificate).expect("read")).expect("a root");
        let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { _dir: dir, tls: Tls::read(files).expect("files"), client: Arc::new(client) }
    }
}

/// Messages a second that a door acknowledges.
async fn measure(way: Way, certificates: &Certificates, publishers: u16, window: u16, seconds: u64) -> f64 {
    let mut accounts = Accounts::new();
    let everything = Filter::new("#").into_iter().collect();
    accounts.insert(Account::new("node"), Some(b"password"), Permit::new(everything, Vec::new()));
    let (publications_in, mut publications) = mpsc::channel(GROUP);
    let (notices_in, _notices) = mpsc::channel(1);
    let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
    let places = Places { plain: Some(loopback), tls: Some((loopback, certificates.tls.clone())) };
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
    let addr = if way == Way::Tls { door.tls_addr() } else { door.plain_addr() }.expect("a place");
    let clients: Vec<_> = (0..publishers)
        .map(|n| {
            let line = dial(way, addr, Arc::clone(&certificates.client));
            let (acknowledged, stop) = (Arc::clone(&acknowledged), Arc::clone(&stop));
            tokio::spawn(async move { publish(line.await, n, window, acknowledged, stop).await })
        })
        .collect();
    // Hands are shaken before the clock starts.
    while acknowledged.load(Ordering::Relaxed) < u64::from(publishers) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let (began, before) = (Instant::now(), acknowledged.load(Ordering::Relaxed));
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let (took, total) = (began.elapsed(), acknowledged.load(Ordering::Relaxed) - before);
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.await.expect("a client");
    }
    door.stop(Duration::from_secs(5)).await;
    shard.join().expect("the shard");
    total as f64 / took.as_secs_f64()
}

trait Bytes: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Bytes for T {}

/// A client's end. A WebSocket's frames are written by hand, so that what is measured is the door's part of them.
struct Line {
    bytes: Box<dyn Bytes>,
    framed: bool,
    read: Vec<u8>,
}

async fn dial(way: Way, addr: SocketAddr, tls: Arc<ClientConfig>) -> Line {
    let stream = TcpStream::connect(addr).await.expect("the door");
    stream.set_nodelay(true).expect("an option");
    let mut bytes: Box<dyn Bytes> = Box::new(stream);
    if way == Way::Tls {
        let name = ServerName::try_from("localhost").expect("a name");
        bytes = Box::new(TlsConnector::from(tls).connect(name, bytes).await.expect("a handshake"));
    }
    if way == Way::Web {
        bytes.write_all(UPGRADE).await.expect("written");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(bytes.read_u8().await.expect("an answer"));
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"));
    }
    Line { bytes, framed: way == Way::Web, read: Vec::new() }
}

const UPGRADE: &[u8] = b"GET /mqtt HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";

impl Line {
    async fn write(&mut self, bytes: &[u8]) {
        if self.framed {
            // Binary, final, masked by nothing but zeroes.
            let length = u32::try_from(bytes.len()).expect("short").to_be_bytes();
            let head = [0x82, 0xFF, 0, 0, 0, 0, length[0], length[1], length[2], length[3], 0, 0, 0, 0];
            let small = [0x82, 0xFE, length[2], length[3], 0, 0, 0, 0];
            let tiny = [0x82, 0x80 | length[3], 0, 0, 0, 0];
            let head = match bytes.len() {
                0..126 => &tiny[..],
                126..65_536 => &small,
                _ => &head,
            };
            self.bytes.write_all(&[head, bytes].concat()).await.expect("written");
        } else {
            self.bytes.write_all(bytes).await.expect("written");
        }
        self.bytes.flush().await.expect("written");
    }

    /// Takes what has come, without frames, and gives back how many whole packets of `size` bytes there were.
    async fn read(&mut self, size: usize) -> usize {
        let mut count = 0;
        while count == 0 {
            let read = self.bytes.read_buf(&mut self.read).await.expect("bytes");
            assert!(read > 0, "the door has closed");
            let mut used = 0;
            if self.framed {
                while let [_, length, rest @ ..] = &self.read[used..] {
                    let (head, length) = match (*length, rest) {
                        (126, [high, low, ..]) => (4, usize::from(u16::from_be_bytes([*high, *low]))),
                        (126, _) => break,
                        (length, _) => (2, usize::from(length)),
                    };
                    if self.read.len() < used + head + length {
                        break;
                    }
                    assert!(length % size == 0, "the door writes whole packets");
                    count += length / size;
                    used += head + length;
                }
            } else {
                count = self.read.len() / size;
                used = count * size;
            }
            self.read.drain(..used);
        }
        count
    }
}

/// One client: keeps `window` messages in flight until it is told to stop.
async fn publish(mut line: Line, n: u16, window: u16, acknowledged: Arc<AtomicU64>, stop: Arc<AtomicBool>) {
    let mut connect = b"\x10\x00\x00\x04MQTT\x04\xC2\x00\x00".to_vec();
    for text in [&format!("bench-{n}"), "node", "password"] {
        text_into(&mut connect, text);
    }
    connect[1] = u8::try_from(connect.len() - 2).expect("short");
    line.write(&connect).await;
    assert_eq!(line.read(4).await, 1, "CONNACK has four bytes");

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
    let mut out = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        out.clear();
        for _ in 0..room {
            next_id = next_id.checked_add(1).unwrap_or(1);
            packet[id_at..id_at + 2].copy_from_slice(&next_id.to_be_bytes());
            out.extend_from_slice(&packet);
        }
        line.write(&out).await;
        room = u16::try_from(line.read(4).await).expect("short");
        acknowledged.fetch_add(u64::from(room), Ordering::Relaxed);
    }
}

fn text_into(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend(u16::try_from(text.len()).expect("short").to_be_bytes());
    bytes.extend(text.as_bytes());
}
