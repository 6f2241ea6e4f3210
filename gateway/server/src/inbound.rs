//! A message on its way in, whichever door it came through, and the answer that is owed for it.
//!
//! It does not look into the message. Before: door.rs and broker.rs. Next: shard.rs.

use bytes::Bytes;
use turnpage_gateway_core::{Admission, Origin, Reason};

use crate::broker;
use crate::door::{self, Refusal, Topic};

/// A message that nobody has committed yet.
pub(crate) struct Inbound {
    /// Who sent it.
    pub(crate) origin: Origin,
    /// What it is about.
    pub(crate) topic: Topic,
    /// What it says.
    pub(crate) payload: Bytes,
    /// What the sender waits for.
    pub(crate) receipt: Receipt,
}

/// The answer owed to a sender. Dropped without a word, the sender still owns the message and sends it again.
pub(crate) enum Receipt {
    /// To a client of the front door.
    Door(door::Ack),
    /// To the broker; `None` at QoS 0.
    Broker(Option<Box<broker::Ack>>),
}

impl Receipt {
    /// Says what became of the message, now that it is committed. Never blocks.
    pub(crate) fn answer(self, admission: Admission) {
        match (self, admission) {
            (Self::Door(ack), Admission::Dead(reason)) => ack.refuse(refusal(reason)),
            (Self::Door(ack), Admission::Admitted | Admission::Duplicate) => ack.commit(),
            // A broker would send again what is refused; it is counted and kept, and that has to do.
            (Self::Broker(ack), _) => {
                if let Some(ack) = ack {
                    ack.commit();
                }
            }
        }
    }
}

fn refusal(reason: Reason) -> Refusal {
    match reason {
        Reason::Forged | Reason::Impostor | Reason::UnknownNode => Refusal::NotAuthorized,
        Reason::Malformed | Reason::Oversized => Refusal::PayloadInvalid,
        Reason::Full => Refusal::QuotaExceeded,
        _ => Refusal::Other,
    }
}
