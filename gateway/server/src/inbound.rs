//! Messages on their way in, whichever door they came through, and the answers that are owed for them.
//!
//! It does not look into a message. Before: door.rs, broker.rs and http/intake.rs. Next: shard.rs.

use std::time::Instant;

use bytes::Bytes;
use tokio::sync::oneshot;
use turnpage_gateway_core::upgrade::Moves;
use turnpage_gateway_core::{Admission, Digest, Origin, Reason, Unsealed};

use crate::Error;
use crate::broker;
use crate::door::{self, Account, Refusal, Topic};
use crate::traces::Context;

/// A message that nobody has committed yet.
pub(crate) struct Inbound {
    /// Who sent it.
    pub(crate) origin: Origin,
    /// What it is about.
    pub(crate) topic: Topic,
    /// What it says.
    pub(crate) payload: Bytes,
    /// What its door has found of a frame in it, if it looked for one.
    pub(crate) frame: Option<Unsealed>,
    /// What the sender waits for.
    pub(crate) receipt: Receipt,
    /// When it came, where somebody wants to know.
    pub(crate) received: Option<Instant>,
}

/// The answer owed to a sender. Dropped without a word, the sender still owns the message and sends it again.
pub(crate) enum Receipt {
    /// To a client of the front door.
    Door(door::Ack),
    /// To the broker; `None` at QoS 0.
    Broker(Option<Box<broker::Ack>>),
}

/// The messages of one HTTP request: taken together, committed together, answered together.
pub(crate) struct Request {
    /// Who sent it.
    pub(crate) account: Account,
    /// What makes a second one a repetition.
    pub(crate) key: Option<Key>,
    pub(crate) messages: Vec<Said>,
    pub(crate) received: Instant,
    /// The trace that the sender told us of.
    pub(crate) asked: Option<Context>,
    /// Dropped without a word, nobody knows what became of it, and the sender may send it again.
    pub(crate) answer: oneshot::Sender<Answer>,
}

/// A key of a request, and what it stands for.
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) body: Digest,
}

/// One message of a request.
pub(crate) struct Said {
    pub(crate) topic: String,
    pub(crate) payload: Bytes,
    /// The topic, where the sender may speak of it, or why the message is refused.
    pub(crate) checked: Result<Topic, Reason>,
}

/// What became of a request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Processed, now or before: each message's fate, in their order.
    Processed(Vec<Admission>),
    /// Another request came under the same key before.
    OtherRequest,
}

/// What is owed once a group is committed.
pub(crate) enum Owed {
    /// For a message.
    Message(Receipt, Admission),
    /// For a request.
    Request(oneshot::Sender<Answer>, Answer),
    /// For a reload.
    Reload(oneshot::Sender<Result<Vec<Moves>, Error>>, Vec<Moves>),
}

impl Owed {
    /// Answers, now that it is committed. Never blocks.
    pub(crate) fn answer(self) {
        match self {
            Self::Message(receipt, admission) => receipt.answer(admission),
            // Whoever asked may be gone; its messages are taken all the same.
            Self::Request(answer, what) => drop(answer.send(what)),
            Self::Reload(answer, moves) => drop(answer.send(Ok(moves))),
        }
    }
}

impl Receipt {
    /// The door that its message came through.
    pub(crate) fn door(&self) -> &'static str {
        match self {
            Self::Door(_) => "mqtt",
            Self::Broker(_) => "broker",
        }
    }

    /// Says what became of the message, now that it is committed. Never blocks.
    fn answer(self, admission: Admission) {
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
