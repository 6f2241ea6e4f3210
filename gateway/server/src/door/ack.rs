//! The answer owed to a publisher, and the letter box in which its connection finds it.
//!
//! Answers come from the shard's thread, in groups, after a commit; the connection's task takes all that lie there at
//! one wake-up and writes them in one go. Before: serve.rs, which hands out acks. Next: serve.rs, which reads the box.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use turnpage_gateway_mqtt::{Answer, Closed, Message, Refusal, Token};

use super::shared::Shared;

/// What others have to say to a connection.
#[derive(Default, Debug)]
pub(super) struct Mail {
    pub(super) answers: Vec<(Token, Answer)>,
    /// The broker has something for it.
    pub(super) wake: bool,
    /// The door closes: what was read is to be answered, and nothing more read.
    pub(super) drain: bool,
    pub(super) close: Option<Closed>,
}

/// A connection's letter box. Never more in it than the connection's own unanswered publications, and three flags.
#[derive(Default, Debug)]
pub(super) struct Mailbox {
    mail: Mutex<Mail>,
    arrived: Notify,
}

impl Mailbox {
    /// Puts something in and wakes the connection if the box was empty.
    pub(super) fn put(&self, put: impl FnOnce(&mut Mail)) {
        let mut mail = self.mail.lock().unwrap_or_else(PoisonError::into_inner);
        let was_empty = mail.answers.is_empty() && !mail.wake && !mail.drain && mail.close.is_none();
        put(&mut mail);
        drop(mail);
        if was_empty {
            self.arrived.notify_one();
        }
    }

    /// Waits until there is something in it.
    pub(super) async fn arrived(&self) {
        self.arrived.notified().await;
    }

    /// Takes everything out. `into` lends its memory, so that a busy connection allocates nothing here.
    pub(super) fn take(&self, into: &mut Mail) {
        into.answers.clear();
        (into.wake, into.drain) = (false, false);
        into.close = None;
        std::mem::swap(&mut *self.mail.lock().unwrap_or_else(PoisonError::into_inner), into);
    }
}

/// The answer owed to the publisher. Dropped without a word, it closes the connection, so that the client, which still
/// owns the message, sends it again.
#[derive(Debug)]
pub struct Ack {
    /// Who waits for it. Nobody at QoS 0, and nobody for a will.
    waiting: Option<(Arc<Mailbox>, Token)>,
    /// The message, if subscribers are to get it after the commit.
    routed: Option<Box<(Arc<Shared>, Message)>>,
}

impl Ack {
    pub(super) fn new(
        waiting: Option<(Arc<Mailbox>, Token)>,
        routed: Option<Box<(Arc<Shared>, Message)>>,
    ) -> Self {
        Self { waiting, routed }
    }

    /// The message is durable: PUBACK, and on to subscribers. Waits for locks held for microseconds, and for nothing
    /// else.
    pub fn commit(mut self) {
        if let Some((shared, message)) = self.routed.take().map(|routed| *routed) {
            shared.publish(&message);
        }
        self.answer(Answer::Committed);
    }

    /// The message is not taken and will not be: PUBACK with the reason for an MQTT 5 client, the end of the connection
    /// for an MQTT 3.1.1 client, which has no other way to be told (MQTT-3.3.5-2). No subscriber gets it.
    pub fn refuse(mut self, reason: Refusal) {
        self.answer(Answer::Refused(reason));
    }

    fn answer(&mut self, answer: Answer) {
        if let Some((mailbox, token)) = self.waiting.take() {
            mailbox.put(|mail| mail.answers.push((token, answer)));
        }
    }
}

impl Drop for Ack {
    fn drop(&mut self) {
        if let Some((mailbox, _)) = self.waiting.take() {
            mailbox.put(|mail| mail.close = Some(Closed::Unanswered));
        }
    }
}
