//! MQTT over WebSocket: section 6 of MQTT 5, and bytes that mean harm.

use std::net::SocketAddr;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, header};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::bench::{Bench, Line, Raw, push_text};
use crate::certificates::Authority;
use crate::tls;

type Web = WebSocketStream<Box<dyn Line>>;

/// Asks to upgrade `line`, with these subprotocols and from a page of this origin.
async fn upgrade(
    line: Box<dyn Line>,
    offered: Option<&'static str>,
    origin: Option<&'static str>,
) -> Result<Web, Error> {
    let mut request = "ws://localhost/mqtt".into_client_request().unwrap();
    let headers = request.headers_mut();
    if let Some(offered) = offered {
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(offered));
    }
    if let Some(origin) = origin {
        headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
    }
    let (web, response) = client_async(request, line).await?;
    assert_eq!(response.headers()[header::SEC_WEBSOCKET_PROTOCOL], "mqtt");
    Ok(web)
}

async fn open(addr: SocketAddr) -> Web {
    upgrade(Raw::dial(addr).await.0, Some("mqtt"), None).await.unwrap()
}

/// A CONNECT of `gate`.
fn connect() -> Vec<u8> {
    let mut body = b"\x00\x04MQTT\x04\xC2\x00\x3C".to_vec();
    ["page", "gate", "open sesame"].iter().for_each(|text| push_text(&mut body, text));
    [&[0x10, u8::try_from(body.len()).unwrap()], &body[..]].concat()
}

const CONNACK: &[u8] = &[0x20, 2, 0, 0];

/// The next binary message; none at the end.
async fn read(web: &mut Web) -> Option<Bytes> {
    loop {
        match web.next().await? {
            Ok(Message::Binary(bytes)) => return Some(bytes),
            Ok(Message::Ping(_) | Message::Pong(_)) => {}
            Ok(Message::Close(_)) | Err(_) => return None,
            Ok(other) => panic!("{other:?}"),
        }
    }
}

async fn send(web: &mut Web, bytes: &[u8]) {
    web.send(Message::binary(bytes.to_vec())).await.unwrap();
}

#[tokio::test]
async fn mqtt_6_0_0_2_where_a_message_ends_means_nothing() {
    let mut bench = Bench::open().await;
    let mut web = open(bench.addr).await;
    let connect = connect();
    let (first, second) = connect.split_at(5);
    send(&mut web, first).await;
    send(&mut web, &[]).await;
    web.send(Message::Ping(Bytes::from_static(b"there?"))).await.unwrap();
    // The rest of CONNECT, a whole PUBLISH, and the start of another.
    let publish = b"\x32\x17\x00\x12v1/node/gate/event\x00\x01x";
    send(&mut web, &[second, publish, &publish[..9]].concat()).await;
    assert_eq!(read(&mut web).await.as_deref(), Some(CONNACK));
    assert_eq!(bench.commit_next().await.1, "x");
    assert_eq!(read(&mut web).await.as_deref(), Some(&[0x40, 2, 0, 1][..]));
    send(&mut web, &publish[9..]).await;
    assert_eq!(bench.commit_next().await.1, "x");
    assert_eq!(read(&mut web).await.as_deref(), Some(&[0x40, 2, 0, 1][..]));
    send(&mut web, &[0xE0, 0]).await;
    assert_eq!(read(&mut web).await, None);
}

#[tokio::test]
async fn mqtt_6_0_0_1_a_text_frame_ends_the_connection() {
    let bench = Bench::open().await;
    let mut web = open(bench.addr).await;
    send(&mut web, &connect()).await;
    assert_eq!(read(&mut web).await.as_deref(), Some(CONNACK));
    web.send(Message::text("\u{0010}")).await.unwrap();
    let last = web.next().await.unwrap().unwrap();
    assert!(matches!(&last, Message::Close(Some(close)) if u16::from(close.code) == 1003), "{last:?}");
    assert_eq!(read(&mut web).await, None);
}

#[tokio::test]
async fn mqtt_6_0_0_3_the_subprotocol_has_to_be_mqtt_and_mqtt_6_0_0_4_is_answered() {
    let bench = Bench::open().await;
    for offered in [None, Some("soap"), Some("mqttv3.1")] {
        let refused = upgrade(Raw::dial(bench.addr).await.0, offered, None).await.err().unwrap();
        assert!(matches!(&refused, Error::Http(answer) if answer.status() == 400), "{refused}");
    }
    assert!(upgrade(Raw::dial(bench.addr).await.0, Some("soap, mqtt"), None).await.is_ok());
    assert_eq!(bench.handle.counters().unheard, 3);
}

#[tokio::test]
async fn a_frame_larger_than_any_packet_is_refused_before_it_is_read() {
    let bench = Bench::open().await;
    let mut web = open(bench.addr).await;
    send(&mut web, &connect()).await;
    assert_eq!(read(&mut web).await.as_deref(), Some(CONNACK));
    // A head that promises 2^40 bytes.
    let head = [0x82, 0xFF, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4];
    web.get_mut().write_all(&head).await.unwrap();
    assert_eq!(read(&mut web).await, None);
}

#[tokio::test]
async fn a_certificate_counts_over_websocket_but_not_for_a_page_of_another_site() {
    let authority = Authority::new();
    let mut bench = Bench::with_tls(authority.door()).await;
    let addr = bench.door.tls_addr().unwrap();
    let lift = authority.sign("lift", &[]);
    let connect = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3C\x00\x01w";
    for (origin, code) in
        [(None, 0), (Some("https://localhost"), 0), (Some("https://evil.example"), 4), (Some("null"), 4)]
    {
        let line = tls::dial(addr, authority.client(Some(&lift))).await.unwrap().0;
        let mut web = upgrade(line, Some("mqtt"), origin).await.unwrap();
        send(&mut web, connect).await;
        assert_eq!(read(&mut web).await.as_deref(), Some(&[0x20, 2, 0, code][..]), "{origin:?}");
        if code == 0 {
            send(&mut web, b"\x30\x15\x00\x12v1/node/lift/eventx").await;
            assert_eq!(bench.commit_next().await.1, "x");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stranger_who_never_finishes_the_upgrade_is_sent_away() {
    let bench = Bench::open().await;
    let mut slow = TcpStream::connect(bench.addr).await.unwrap();
    slow.write_all(b"GET /mqtt HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    let mut answer = Vec::new();
    assert!(matches!(slow.read_to_end(&mut answer).await, Ok(0) | Err(_)));
    assert_eq!(bench.handle.counters().unheard, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 32 } else { 2_000 }))]

    #[test]
    fn noise_in_frames_hurts_nobody_else(
        pieces in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..300), any::<bool>()), 1..8),
        upgraded: bool,
        signed_in: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut bench = Bench::open().await;
            if upgraded {
                let mut web = open(bench.addr).await;
                if signed_in {
                    send(&mut web, &connect()).await;
                }
                for (piece, framed) in &pieces {
                    // Once the door has closed, writing fails, and that is all.
                    let _ = if *framed {
                        web.send(Message::binary(piece.clone())).await.map_err(|_| ())
                    } else {
                        web.get_mut().write_all(piece).await.map_err(|_| ())
                    };
                }
            } else {
                let mut stream = TcpStream::connect(bench.addr).await.unwrap();
                let _ = stream.write_all(b"GET /mqtt HTTP/1.1\r\n").await;
                for (piece, _) in &pieces {
                    let _ = stream.write_all(piece).await;
                }
            }
            let mut honest = Raw::sign_in(bench.addr, "honest", None).await;
            honest.publish(1, "still here").await;
            assert_eq!(bench.commit_next().await.1, "still here");
        });
    }
}
