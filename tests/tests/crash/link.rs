//! One MQTT 5 connection of a client that knows which of its packets were acknowledged.
//!
//! rumqttc's packets over a plain socket, because its client keeps to itself which acknowledgement was for which message. Deliberately
//! blocking: each client has a thread of its own. Before: node.rs and band.rs.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;

use bytes::BytesMut;
use rumqttc::v5::mqttbytes::v5::{
    Connect, ConnectProperties, ConnectReturnCode, Filter, Login, Packet, PubAck, PubAckReason, Publish,
    Subscribe,
};
use rumqttc::v5::mqttbytes::{Error, QoS};

/// How long a session outlives its connection, in seconds: longer than any run.
const SESSION_EXPIRY_S: u32 = 24 * 3_600;
/// Bytes read at once.
const READ_BYTES: usize = 16 * 1024;

/// A connection.
pub(crate) struct Link {
    stream: TcpStream,
    came: BytesMut,
    to_send: BytesMut,
}

impl Link {
    /// Connects, and comes back to the session that the broker still has.
    pub(crate) fn connect(port: u16, user: &str, password: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        let mut link = Self { stream, came: BytesMut::new(), to_send: BytesMut::new() };
        let connect = Connect {
            keep_alive: 0,
            client_id: format!("{user}-client"),
            clean_start: false,
            properties: Some(ConnectProperties {
                session_expiry_interval: Some(SESSION_EXPIRY_S),
                ..ConnectProperties::new()
            }),
        };
        let login = Login { username: user.to_owned(), password: password.to_owned() };
        link.put(&Packet::Connect(connect, None, Some(login)));
        link.flush()?;
        match link.next()? {
            Packet::ConnAck(answer) => {
                assert_eq!(answer.code, ConnectReturnCode::Success, "{user} is not let in");
                Ok(link)
            }
            // A broker that is about to end.
            _ => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }

    /// Subscribes at QoS 1. What it is answered comes among the other packets.
    pub(crate) fn subscribe(&mut self, filter: &str) {
        let mut subscribe = Subscribe::new(Filter::new(filter, QoS::AtLeastOnce), None);
        subscribe.pkid = u16::MAX;
        self.put(&Packet::Subscribe(subscribe));
    }

    /// A message at QoS 1.
    pub(crate) fn publish(&mut self, id: u16, again: bool, topic: &str, payload: Vec<u8>) {
        let mut publish = Publish::new(topic, QoS::AtLeastOnce, payload, None);
        (publish.pkid, publish.dup) = (id, again);
        self.put(&Packet::Publish(publish));
    }

    /// Puts a packet with those to be sent.
    pub(crate) fn put(&mut self, packet: &Packet) {
        packet.write(&mut self.to_send, None).expect("a packet within bounds");
    }

    /// Sends what was put.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.to_send)?;
        self.to_send.clear();
        Ok(())
    }

    /// Waits for a packet.
    pub(crate) fn next(&mut self) -> io::Result<Packet> {
        loop {
            match Packet::read(&mut self.came, None) {
                Ok(packet) => return Ok(packet),
                Err(Error::InsufficientBytes(_)) => {}
                Err(error) => panic!("what came is no MQTT: {error}"),
            }
            let mut bytes = [0; READ_BYTES];
            let read = self.stream.read(&mut bytes)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.came.extend_from_slice(&bytes[..read]);
        }
    }

    /// Whether a packet lies here already, so that waiting for one would not block.
    pub(crate) fn has_more(&self) -> bool {
        self.came.len() >= 4
    }
}

/// Whether a message is now with whom it was sent to. A broker that was killed may have forgotten who subscribed, and says so
/// until they come back: what it takes meanwhile is among what it loses.
pub(crate) fn is_taken(answer: &PubAck) -> bool {
    matches!(answer.reason, PubAckReason::Success | PubAckReason::NoMatchingSubscribers)
}
