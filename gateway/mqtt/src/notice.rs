//! What the door tells the rest of the gateway about its subscribers.
//!
//! Before: broker.rs and session.rs, which make notices. Next: the shell hands them to dispatch.

use crate::message::{ClientId, Qos, Ticket};
use crate::topic::Filter;

/// Something that happened to a session or to a message with a ticket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Notice {
    /// A client subscribed: what waits for topics under `filter` can be sent now.
    Subscribed {
        /// Who.
        client: ClientId,
        /// To what: of a shared subscription, the filter that is shared.
        filter: Filter,
    },
    /// A subscriber has the message: its PUBACK came at QoS 1, or it was handed to its connection at QoS 0.
    Delivered {
        /// Which message.
        ticket: Ticket,
        /// Who has it.
        client: ClientId,
        /// How sure that is.
        qos: Qos,
    },
    /// A session that had taken the message will not deliver it.
    Lost {
        /// Which message.
        ticket: Ticket,
        /// Whose session.
        client: ClientId,
        /// Why not.
        reason: Lost,
    },
}

/// Why a session lost a message that it had taken. Each is counted in [`crate::Counters`] as well.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lost {
    /// The queue was full, and this message was the oldest in it.
    QueueFull,
    /// The message's expiry passed first.
    Expired,
    /// The session ended: it expired, or its client began anew.
    SessionEnded,
    /// The message is larger than the client accepts.
    TooLarge,
    /// The client answered with an MQTT 5 reason code of failure.
    Refused,
    /// It was sent at QoS 0, and the client was not connected or read too slowly.
    Unsure,
}
