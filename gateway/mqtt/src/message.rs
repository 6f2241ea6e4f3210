//! A message on its way through the door, in neither direction bound to a packet.
//!
//! Before: connection.rs, which takes it from a PUBLISH, or the shell, which makes an offer of it. Next: broker.rs.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use mqtt_protocol_core::mqtt::packet::{Property, UserProperty};

use crate::topic::Topic;

/// Monotonic time in milliseconds since an origin that the caller chose: no jump of the machine's clock reaches it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Moment(pub u64);

impl Moment {
    /// This moment and `ms` milliseconds.
    #[must_use]
    pub const fn after(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// How sure a delivery is. The door speaks no QoS 2: an event's id makes it once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Qos {
    /// QoS 0: sent, not answered.
    AtMostOnce,
    /// QoS 1: repeated until it is acknowledged.
    #[default]
    AtLeastOnce,
}

/// The name of a client's session, unique at the door. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(Arc<str>);

impl ClientId {
    /// The client identifier in `text`, as its CONNECT gave it or the door assigned it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

/// What the caller of a publication calls it, so that a notice of its delivery can name it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Ticket(pub u64);

/// A message. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Message {
    /// What it is about.
    pub topic: Topic,
    /// What it says.
    pub payload: Bytes,
    /// The surest way in which it is to be delivered.
    pub qos: Qos,
    /// Whether it is kept for later subscribers; with an empty payload, whether what is kept is let go.
    pub retain: bool,
    /// When it is worth nothing any more.
    pub expires: Option<Moment>,
    /// What deliveries of it are reported under. Messages of clients have none.
    pub ticket: Option<Ticket>,
    /// The session that published it, so that it does not hear itself if it wished so. None for the gateway's own.
    pub(crate) publisher: Option<ClientId>,
    /// MQTT 5 properties that travel with it unaltered (MQTT-3.3.2-4, -15, -16, -17, -20).
    pub(crate) properties: Option<Arc<[Property]>>,
}

impl Message {
    /// A message at QoS 1, not retained, without an end.
    #[must_use]
    pub fn new(topic: Topic, payload: Bytes) -> Self {
        Self {
            topic,
            payload,
            qos: Qos::AtLeastOnce,
            retain: false,
            expires: None,
            ticket: None,
            publisher: None,
            properties: None,
        }
    }

    /// The same with a user property, which clients of MQTT 5 get; unaltered when it is longer than a property can be.
    #[must_use]
    pub fn with_user_property(mut self, name: &str, value: &str) -> Self {
        if let Ok(property) = UserProperty::new(name, value) {
            let before = self.properties.iter().flat_map(|all| all.iter().cloned());
            self.properties = Some(before.chain([Property::UserProperty(property)]).collect());
        }
        self
    }

    /// Its user properties, in their order.
    pub fn user_properties(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.properties.iter().flat_map(|all| all.iter());
        all.filter_map(|property| match property {
            Property::UserProperty(pair) => Some((pair.key(), pair.val())),
            _ => None,
        })
    }

    /// Whether it is worth nothing any more.
    #[must_use]
    pub fn is_expired(&self, now: Moment) -> bool {
        self.expires.is_some_and(|at| at <= now)
    }

    /// Bytes that it holds in memory, about.
    #[must_use]
    pub fn size(&self) -> usize {
        self.topic.as_str().len() + self.payload.len()
    }
}
