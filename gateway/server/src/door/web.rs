//! MQTT over WebSocket (MQTT 5, section 6): an HTTP upgrade, then MQTT's bytes in binary messages.
//!
//! Where one message ends and the next begins means nothing (MQTT-6.0.0-2). Any path will do; the subprotocol has to be
//! `mqtt`. Not here: any other HTTP. Before: greet.rs. Next: socket.rs, which reads and writes.

use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::tungstenite::handshake::server::{Callback, ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, header};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};
use turnpage_gateway_mqtt::limits::PACKET_BYTES_MAX;

/// Largest message, and so the largest frame, that a client may send: it may gather packets, but not more than two of
/// the largest.
const MESSAGE_BYTES_MAX: usize = 2 * PACKET_BYTES_MAX as usize;
/// Room for what is read at once. It is held as long as the connection lives, so it is small.
const READ_BYTES: usize = 4 * 1024;
/// The subprotocol of both versions (MQTT-6.0.0-3, MQTT-6.0.0-4).
const SUBPROTOCOL: &str = "mqtt";

/// What lies under a WebSocket: TCP, or TLS over it.
pub(super) trait Below: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Below for T {}

/// A WebSocket that speaks MQTT.
pub(super) struct Web {
    socket: WebSocketStream<Box<dyn Below>>,
    /// The page that opened it comes from elsewhere, if a page did.
    pub(super) foreign: bool,
}

impl Web {
    /// Answers the client's request to upgrade.
    pub(super) async fn accept(below: Box<dyn Below>) -> Result<Self, Box<Error>> {
        // Nothing is gathered before it is written, but what a message needs may pile up while the client is slow.
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        let mut foreign = false;
        let judge = Judge { foreign: &mut foreign };
        let socket = accept_hdr_async_with_config(below, judge, Some(config)).await.map_err(Box::new)?;
        Ok(Self { socket, foreign })
    }

    /// Reads the next binary message into `into`. False at the end, and after anything but binary (MQTT-6.0.0-1).
    /// Nothing is lost if it is cancelled.
    pub(super) async fn read(&mut self, into: &mut BytesMut) -> bool {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Binary(bytes))) if bytes.is_empty() => {}
                Some(Ok(Message::Binary(bytes))) => {
                    into.extend_from_slice(&bytes);
                    return true;
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Text(_))) => {
                    let _ = self.close(CloseCode::Unsupported).await;
                    return false;
                }
                Some(Err(Error::Capacity(_))) => {
                    let _ = self.close(CloseCode::Size).await;
                    return false;
                }
                Some(Ok(Message::Close(_) | Message::Frame(_)) | Err(_)) | None => return false,
            }
        }
    }

    /// Writes one binary message.
    pub(super) async fn write(&mut self, bytes: Bytes) -> Result<(), Box<Error>> {
        self.socket.send(Message::Binary(bytes)).await.map_err(Box::new)
    }

    /// Says that no more will come.
    pub(super) async fn shutdown(&mut self) -> Result<(), Box<Error>> {
        self.close(CloseCode::Normal).await
    }

    async fn close(&mut self, code: CloseCode) -> Result<(), Box<Error>> {
        let frame = CloseFrame { code, reason: "".into() };
        self.socket.close(Some(frame)).await.map_err(Box::new)
    }
}

/// Looks at a request to upgrade.
struct Judge<'a> {
    foreign: &'a mut bool,
}

impl Callback for Judge<'_> {
    /// MQTT-6.0.0-3 and MQTT-6.0.0-4: who does not offer the subprotocol is refused, who does is told that it was chosen.
    fn on_request(self, request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
        *self.foreign = is_foreign(request);
        let offered = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
        let mut offered = offered.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        if !offered.any(|name| name.trim() == SUBPROTOCOL) {
            let mut refused = ErrorResponse::new(Some("the subprotocol has to be `mqtt`\n".to_owned()));
            *refused.status_mut() = StatusCode::BAD_REQUEST;
            return Err(refused);
        }
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
        Ok(response)
    }
}

/// Whether a page of another site opened this socket. Browsers show a client's certificate for any page that asks, so
/// what such a page opens is not let in by the certificate.
fn is_foreign(request: &Request) -> bool {
    let headers = request.headers();
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    let site = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, site)| site);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    site.is_none() || site != host
}
