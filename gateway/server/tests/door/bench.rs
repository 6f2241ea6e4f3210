//! An open door with three accounts, and clients to knock at it.

use std::net::SocketAddr;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use turnpage_gateway_server::door::{
    Account, Accounts, Door, DoorHandle, Filter, Limits, Message, Notice, Permit, Publication, Ticket, Topic,
};

/// An open door, and the ends of its channels.
pub(crate) struct Bench {
    pub(crate) door: Door,
    pub(crate) handle: DoorHandle,
    pub(crate) addr: SocketAddr,
    pub(crate) publications: mpsc::Receiver<Publication>,
    pub(crate) notices: mpsc::Receiver<Notice>,
}

fn filters(texts: &[&str]) -> Vec<Filter> {
    texts.iter().map(|text| Filter::new(text).unwrap()).collect()
}

fn topic(text: &str) -> Topic {
    Topic::new(text).unwrap()
}

impl Bench {
    /// A door with room for 100.
    pub(crate) async fn open() -> Self {
        Self::with_limits(Limits { connections_max: 100 }).await
    }

    pub(crate) async fn with_limits(limits: Limits) -> Self {
        let mut accounts = Accounts::new();
        let node = Permit::new(filters(&["v1/node/gate/+"]), filters(&["v1/node/gate/config"]));
        accounts.insert(Account::new("gate"), b"open sesame", node);
        let hub = Permit::new(filters(&["v1/outcome/+"]), filters(&["v1/offer/#", "v1/node/+/+"]));
        accounts.insert(Account::new("hub"), b"hub secret", hub);
        let (publications_in, publications) = mpsc::channel(8);
        let (notices_in, notices) = mpsc::channel(64);
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        let door = Door::bind(loopback, accounts, limits, publications_in, notices_in).await.unwrap();
        let (handle, addr) = (door.handle(), door.local_addr());
        Self { door, handle, addr, publications, notices }
    }

    /// Waits until somebody has subscribed.
    pub(crate) async fn subscribed(&mut self) {
        loop {
            if let Notice::Subscribed { .. } = self.notices.recv().await.unwrap() {
                return;
            }
        }
    }

    /// Waits until the message under `ticket` is delivered.
    pub(crate) async fn delivered(&mut self, ticket: u64) {
        loop {
            match self.notices.recv().await.unwrap() {
                Notice::Delivered { ticket: Ticket(delivered), .. } if delivered == ticket => return,
                Notice::Lost { ticket: Ticket(lost), reason, .. } if lost == ticket => {
                    panic!("lost: {reason:?}")
                }
                _ => {}
            }
        }
    }

    /// Publishes an offer, and says how many sessions took it.
    pub(crate) fn offer(&self, name: &str, text: &'static str, ticket: u64) -> usize {
        let mut message = Message::new(topic(name), Bytes::from_static(text.as_bytes()));
        message.ticket = Some(Ticket(ticket));
        self.handle.publish(message, Some(60_000))
    }

    /// The next publication, committed.
    pub(crate) async fn commit_next(&mut self) -> (String, Bytes) {
        let publication = self.publications.recv().await.unwrap();
        let seen = (publication.topic.to_string(), publication.payload.clone());
        publication.ack.commit();
        seen
    }
}

/// A client of plain bytes.
pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) async fn dial(addr: SocketAddr) -> Self {
        Self(TcpStream::connect(addr).await.unwrap())
    }

    /// Signs in over MQTT 3.1.1 with a clean session and, if asked to, a will at QoS 1 on its own event topic.
    pub(crate) async fn sign_in(addr: SocketAddr, client: &str, will: Option<&str>) -> Self {
        let mut raw = Self::dial(addr).await;
        let mut body = b"\x00\x04MQTT\x04".to_vec();
        body.push(if will.is_some() { 0b1100_1110 } else { 0b1100_0010 });
        body.extend([0, 60]);
        push_text(&mut body, client);
        if let Some(will) = will {
            push_text(&mut body, "v1/node/gate/birth");
            push_text(&mut body, will);
        }
        push_text(&mut body, "gate");
        push_text(&mut body, "open sesame");
        raw.send(0x10, &body).await;
        assert_eq!(raw.receive().await, Some((0x20, vec![0, 0])));
        raw
    }

    /// Sends one packet.
    pub(crate) async fn send(&mut self, head: u8, body: &[u8]) {
        let mut packet = vec![head, u8::try_from(body.len()).expect("short packets only")];
        assert!(body.len() < 128, "short packets only");
        packet.extend(body);
        self.0.write_all(&packet).await.unwrap();
    }

    /// Publishes at QoS 1 to its own event topic.
    pub(crate) async fn publish(&mut self, packet_id: u16, payload: &str) {
        let mut body = Vec::new();
        push_text(&mut body, "v1/node/gate/event");
        body.extend(packet_id.to_be_bytes());
        body.extend(payload.as_bytes());
        self.send(0x32, &body).await;
    }

    /// The next packet's first byte and body; none at the end.
    pub(crate) async fn receive(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).await.ok()?;
        assert!(head[1] < 128, "short packets only");
        let mut body = vec![0; usize::from(head[1])];
        self.0.read_exact(&mut body).await.ok()?;
        Some((head[0], body))
    }
}

pub(crate) fn push_text(body: &mut Vec<u8>, text: &str) {
    body.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
    body.extend(text.as_bytes());
}

/// A rumqttc client for MQTT 3.1.1.
pub(crate) mod v4 {
    use std::net::SocketAddr;
    use std::time::Duration;

    use rumqttc::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, Packet};

    pub(crate) fn options(addr: SocketAddr, client: &str, account: &str, password: &str) -> MqttOptions {
        let mut options = MqttOptions::new(client, "127.0.0.1", addr.port());
        options.set_credentials(account, password).set_keep_alive(Duration::from_secs(60));
        options
    }

    pub(crate) fn client(options: MqttOptions) -> (AsyncClient, EventLoop) {
        AsyncClient::new(options, 16)
    }

    /// Polls until a packet comes that `want` takes.
    pub(crate) async fn until<T>(
        events: &mut EventLoop,
        mut want: impl FnMut(Packet) -> Option<T>,
    ) -> Result<T, ConnectionError> {
        loop {
            if let Event::Incoming(packet) = events.poll().await?
                && let Some(found) = want(packet)
            {
                return Ok(found);
            }
        }
    }
}

/// A rumqttc client for MQTT 5.
pub(crate) mod v5 {
    use std::net::SocketAddr;
    use std::time::Duration;

    use rumqttc::v5::mqttbytes::v5::{DisconnectReasonCode, Packet};
    use rumqttc::v5::{AsyncClient, ConnectionError, Event, EventLoop, MqttOptions, StateError};

    pub(crate) fn options(addr: SocketAddr, client: &str, account: &str, password: &str) -> MqttOptions {
        let mut options = MqttOptions::new(client, "127.0.0.1", addr.port());
        options.set_credentials(account, password).set_keep_alive(Duration::from_secs(60));
        options
    }

    pub(crate) fn client(options: MqttOptions) -> (AsyncClient, EventLoop) {
        AsyncClient::new(options, 16)
    }

    /// Polls until a packet comes that `want` takes.
    pub(crate) async fn until<T>(
        events: &mut EventLoop,
        mut want: impl FnMut(Packet) -> Option<T>,
    ) -> Result<T, ConnectionError> {
        loop {
            if let Event::Incoming(packet) = events.poll().await?
                && let Some(found) = want(packet)
            {
                return Ok(found);
            }
        }
    }

    /// Polls until the server says goodbye, and says with what reason.
    pub(crate) async fn farewell(events: &mut EventLoop) -> DisconnectReasonCode {
        match until(events, |_| None::<()>).await {
            Err(ConnectionError::MqttState(StateError::ServerDisconnect { reason_code, .. })) => reason_code,
            other => panic!("{other:?}"),
        }
    }
}
