//! From a stranger's TCP connection to a socket that speaks MQTT: the TLS handshake, and the WebSocket upgrade.
//!
//! One port takes MQTT and WebSockets alike. A client speaks first in both, an MQTT client with the packet type CONNECT
//! and a WebSocket client with the `G` of its GET, so one byte tells them apart. Each step has its time.
//! Before: accept.rs. Next: serve.rs.

use std::io;
use std::sync::Arc;

use tokio::io::AsyncBufReadExt;
use tokio::net::TcpStream;
use tokio::time::{Duration, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use turnpage_gateway_mqtt::limits::CONNECT_MS_MAX;

use super::socket::Socket;
use super::tls;
use super::web::{Below, Web};

/// How long a TLS handshake may take. A small processor needs a second or two for its part of the arithmetic.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// How long a client may be silent before its first byte, and a WebSocket client on its way to the upgrade.
const FIRST_MAX: Duration = Duration::from_millis(CONNECT_MS_MAX);
/// What a WebSocket client begins with: no MQTT packet that may come first does.
const GET: u8 = b'G';

/// Somebody whose next bytes are MQTT.
pub(super) struct Guest {
    pub(super) socket: Socket,
    /// The names in its certificate, if it showed one that counts.
    pub(super) certified: Vec<String>,
}

/// Shakes hands as far as the stranger wishes.
pub(super) async fn greet(stream: TcpStream, tls: Option<Arc<ServerConfig>>) -> io::Result<Guest> {
    let Some(config) = tls else {
        let mut first = [0; 1];
        within(FIRST_MAX, stream.peek(&mut first)).await?;
        let socket = if first == [GET] {
            Socket::Web(Box::new(upgrade(Box::new(stream)).await?))
        } else {
            Socket::Plain(stream)
        };
        return Ok(Guest { socket, certified: Vec::new() });
    };
    let mut stream = Box::new(within(HANDSHAKE_MAX, TlsAcceptor::from(config).accept(stream)).await?);
    let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let certified = certificate.map(|certificate| tls::names(certificate)).unwrap_or_default();
    if within(FIRST_MAX, stream.fill_buf()).await?.first() != Some(&GET) {
        return Ok(Guest { socket: Socket::Tls(stream), certified });
    }
    let web = upgrade(stream).await?;
    let certified = if web.foreign { Vec::new() } else { certified };
    Ok(Guest { socket: Socket::Web(Box::new(web)), certified })
}

async fn upgrade(below: Box<dyn Below>) -> io::Result<Web> {
    within(FIRST_MAX, async { Web::accept(below).await.map_err(io::Error::other) }).await
}

async fn within<T>(patience: Duration, step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(patience, step).await?
}
