//! What stands between the gateway and its broker, and shuts out the connection for offers alone when it is told to.
//!
//! Which connection it is, its CONNECT says; whatever else passes is not looked at. Before: broker.rs. Next: mosquitto.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the client identifier of that connection ends with.
const OFFERS: &[u8] = b"-offers";

pub(crate) struct Between {
    pub(crate) port: u16,
    shut: watch::Sender<bool>,
}

impl Between {
    pub(crate) async fn start(broker: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (shut, is_shut) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((gateway, _)) = listener.accept().await {
                // It only ends with the connection.
                tokio::spawn(pass(gateway, broker, is_shut.clone()));
            }
        });
        Self { port, shut }
    }

    /// Cuts the connection for offers, and every other one until it is opened again.
    pub(crate) fn shut(&self) {
        self.shut.send_replace(true);
    }

    pub(crate) fn open(&self) {
        self.shut.send_replace(false);
    }
}

async fn pass(mut gateway: TcpStream, broker: u16, mut shut: watch::Receiver<bool>) -> io::Result<()> {
    let connect = connect(&mut gateway).await?;
    let is_for_offers = connect.windows(OFFERS.len()).any(|part| part == OFFERS);
    let mut broker = TcpStream::connect(("127.0.0.1", broker)).await?;
    broker.write_all(&connect).await?;
    tokio::select! {
        biased;
        _ = shut.wait_for(|shut| *shut), if is_for_offers => Ok(()),
        passed = copy_bidirectional(&mut gateway, &mut broker) => passed.map(drop),
    }
}

/// The first packet, whole.
async fn connect(from: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut packet = vec![from.read_u8().await?];
    let (mut length, mut shift) = (0, 0);
    loop {
        let byte = from.read_u8().await?;
        packet.push(byte);
        length |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            break;
        }
    }
    let head = packet.len();
    packet.resize(head + length, 0);
    from.read_exact(&mut packet[head..]).await?;
    Ok(packet)
}
