//! A broker of a few packets of MQTT 5, by hand, which acknowledges what is published to it when the test says so.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};

/// Publications on their way to a test; none of them has as many.
const PUBLICATIONS_MAX: usize = 64;

pub(crate) struct Fake {
    pub(crate) port: u16,
    publications: mpsc::Receiver<()>,
    acknowledge: Arc<Notify>,
    take_over: Arc<Notify>,
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (to, publications) = mpsc::channel(PUBLICATIONS_MAX);
        let acknowledge = Arc::<Notify>::default();
        let take_over = Arc::<Notify>::default();
        let (told, over) = (Arc::clone(&acknowledge), Arc::clone(&take_over));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (to, told, over) = (to.clone(), Arc::clone(&told), Arc::clone(&over));
                tokio::spawn(async move {
                    tokio::select! {
                        () = serve(&mut stream, to, told) => return,
                        () = over.notified() => {}
                    }
                    // DISCONNECT, session taken over.
                    let _ = stream.write_all(&[0xE0, 2, 0x8E, 0]).await;
                });
            }
        });
        Self { port, publications, acknowledge, take_over }
    }

    /// Waits until something was published.
    pub(crate) async fn publication(&mut self) {
        self.publications.recv().await.expect("a broker");
    }

    /// Tells one client that another has come under its name.
    pub(crate) fn take_over(&self) {
        self.take_over.notify_one();
    }

    /// Acknowledges one publication, or the next.
    pub(crate) fn acknowledge(&self) {
        self.acknowledge.notify_one();
    }
}

async fn serve(stream: &mut TcpStream, to: mpsc::Sender<()>, acknowledge: Arc<Notify>) {
    while let Some((head, body)) = packet(stream).await {
        let answer = match head >> 4 {
            1 => vec![0x20, 3, 0, 0, 0],
            8 => granted(&body),
            12 => vec![0xD0, 0],
            3 => {
                let _ = to.send(()).await;
                acknowledge.notified().await;
                let id = 2 + usize::from(u16::from_be_bytes([body[0], body[1]]));
                vec![0x40, 2, body[id], body[id + 1]]
            }
            // A goodbye.
            _ => return,
        };
        if stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

/// QoS 1 for every filter of a SUBSCRIBE without properties.
fn granted(body: &[u8]) -> Vec<u8> {
    let (mut at, mut filters) = (3, 0_u8);
    while at < body.len() {
        at += 3 + usize::from(u16::from_be_bytes([body[at], body[at + 1]]));
        filters += 1;
    }
    let mut answer = vec![0x90, 3 + filters, body[0], body[1], 0];
    answer.extend((0..filters).map(|_| 1));
    answer
}

async fn packet(from: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let head = from.read_u8().await.ok()?;
    let (mut length, mut shift) = (0, 0);
    loop {
        let byte = from.read_u8().await.ok()?;
        length |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            break;
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).await.ok()?;
    Some((head, body))
}
