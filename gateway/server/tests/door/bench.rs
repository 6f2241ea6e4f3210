//! An open door with three accounts, and a client of plain bytes to knock at it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use turnpage_gateway_server::door::{
    Account, Accounts, Door, DoorHandle, Filter, Limits, Message, Notice, Permit, Places, Publication,
    Ticket, Tls, Topic,
};

/// Any port of this machine.
pub(crate) const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// An open door, and the ends of its channels.
pub(crate) struct Bench {
    pub(crate) door: Door,
    pub(crate) handle: DoorHandle,
    /// Where it listens without encryption.
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
        Self::with_limits(Limits { connections_max: 100, ..Limits::default() }).await
    }

    pub(crate) async fn with_limits(limits: Limits) -> Self {
        Self::with(limits, None).await
    }

    /// A door that listens under TLS as well. `gate` has a certificate under another name, `lift` nothing else.
    pub(crate) async fn with_tls(tls: Tls) -> Self {
        Self::with(Limits::default(), Some((LOOPBACK, tls))).await
    }

    async fn with(limits: Limits, tls: Option<(SocketAddr, Tls)>) -> Self {
        let mut accounts = Accounts::new();
        let gate = Permit::new(filters(&["v1/node/gate/+"]), filters(&["v1/node/gate/config"]));
        accounts.insert(Account::new("gate"), Some(b"open sesame"), gate);
        accounts.certify("gate.park.example", Account::new("gate"));
        let lift = Permit::new(filters(&["v1/node/lift/+"]), Vec::new());
        accounts.insert(Account::new("lift"), None, lift);
        accounts.certify("lift", Account::new("lift"));
        let hub = Permit::new(filters(&["v1/outcome/+"]), filters(&["v1/offer/#", "v1/node/+/+"]));
        accounts.insert(Account::new("hub"), Some(b"hub secret"), hub);
        let (publications_in, publications) = mpsc::channel(8);
        let (notices_in, notices) = mpsc::channel(64);
        let places = Places { plain: Some(LOOPBACK), tls };
        let door = Door::bind(places, accounts, limits, publications_in, notices_in).await.unwrap();
        let (handle, addr) = (door.handle(), door.plain_addr().unwrap());
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

/// Whatever bytes travel in.
pub(crate) trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

/// A client of plain bytes.
pub(crate) struct Raw(pub(crate) Box<dyn Line>);

impl Raw {
    pub(crate) async fn dial(addr: SocketAddr) -> Self {
        Self(Box::new(TcpStream::connect(addr).await.unwrap()))
    }

    /// Signs in as `gate` over MQTT 3.1.1 with a clean session and, if asked to, a will at QoS 1 on its own birth topic.
    pub(crate) async fn sign_in(addr: SocketAddr, client: &str, will: Option<&str>) -> Self {
        let mut raw = Self::dial(addr).await;
        assert_eq!(raw.connect(client, Some(("gate", "open sesame")), will).await, Some((0x20, vec![0, 0])));
        raw
    }

    /// Sends CONNECT, and says what it is answered.
    pub(crate) async fn connect(
        &mut self,
        client: &str,
        login: Option<(&str, &str)>,
        will: Option<&str>,
    ) -> Option<(u8, Vec<u8>)> {
        let mut body = b"\x00\x04MQTT\x04".to_vec();
        let flags = if login.is_some() { 0b1100_0000 } else { 0 } | if will.is_some() { 0b1100 } else { 0 };
        body.push(flags | 0b10);
        body.extend([0, 60]);
        push_text(&mut body, client);
        if let Some(will) = will {
            push_text(&mut body, "v1/node/gate/birth");
            push_text(&mut body, will);
        }
        if let Some((user, password)) = login {
            push_text(&mut body, user);
            push_text(&mut body, password);
        }
        self.send(0x10, &body).await;
        self.receive().await
    }

    /// Sends one packet.
    pub(crate) async fn send(&mut self, head: u8, body: &[u8]) {
        self.0.write_all(&packet(head, body)).await.unwrap();
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

/// The bytes of one packet.
pub(crate) fn packet(head: u8, body: &[u8]) -> Vec<u8> {
    assert!(body.len() < 128, "short packets only");
    [&[head, u8::try_from(body.len()).expect("short packets only")], body].concat()
}

pub(crate) fn push_text(body: &mut Vec<u8>, text: &str) {
    body.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
    body.extend(text.as_bytes());
}
