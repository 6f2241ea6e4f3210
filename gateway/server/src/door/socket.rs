//! A client's bytes, whatever they travel in: TCP, TLS, or a WebSocket over either.
//!
//! Reading waits without holding a buffer and loses nothing when it is cancelled. No MQTT is known here.
//! Before: greet.rs, which finds out what it is. Next: serve.rs.

use std::io;
use std::io::ErrorKind;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::web::Web;

/// Room made for one read once there is something to read: some hundred events, so that a busy client costs few system
/// calls. An idle connection holds none of it.
const READ_BYTES: usize = 32 * 1024;

/// A client's socket.
pub(super) enum Socket {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    Web(Box<Web>),
}

impl Socket {
    /// Reads what there is into `into`. False at the end.
    pub(super) async fn read(&mut self, into: &mut BytesMut) -> bool {
        match self {
            Self::Plain(stream) => read_plain(stream, into).await,
            Self::Tls(stream) => {
                let Ok(bytes) = stream.fill_buf().await else { return false };
                let count = bytes.len();
                into.extend_from_slice(bytes);
                stream.consume(count);
                count > 0
            }
            Self::Web(web) => web.read(into).await,
        }
    }

    /// Reads to the end, and nothing of it counts.
    pub(super) async fn read_off(&mut self) {
        let mut bytes = BytesMut::new();
        while self.read(&mut bytes).await {
            bytes.clear();
        }
    }

    /// Writes all of `bytes`.
    pub(super) async fn write(&mut self, mut bytes: Bytes) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all_buf(&mut bytes).await,
            Self::Tls(stream) => {
                stream.write_all_buf(&mut bytes).await?;
                stream.flush().await
            }
            Self::Web(web) => web.write(bytes).await.map_err(io::Error::other),
        }
    }

    /// Says that no more will come.
    pub(super) async fn shutdown(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.shutdown().await,
            Self::Tls(stream) => stream.shutdown().await,
            Self::Web(web) => web.shutdown().await.map_err(io::Error::other),
        }
    }
}

async fn read_plain(stream: &TcpStream, into: &mut BytesMut) -> bool {
    loop {
        if stream.readable().await.is_err() {
            return false;
        }
        into.reserve(READ_BYTES);
        match stream.try_read_buf(into) {
            Ok(read) => return read > 0,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => return false,
        }
    }
}
