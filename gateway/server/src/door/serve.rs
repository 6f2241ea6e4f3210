//! One connection's task: read, decode, hand over, settle, write, wait.
//!
//! It never waits for only one thing: while the shard's channel is full it reads nothing more, and still writes the
//! acks that come; while the client does not read, it is given a bounded time. Before: greet.rs. Next: gateway/mqtt's
//! connection.rs, and shard.rs behind the channel.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{Duration, sleep_until, timeout};
use turnpage_gateway_mqtt::{Closed, Connection, Effect};

use super::Publication;
use super::accept::Stranger;
use super::ack::{Mail, Mailbox};
use super::shared::Shared;
use super::socket::Socket;

/// How long a client may leave us with bytes that it does not read, before it counts as gone.
const WRITE_MAX: Duration = Duration::from_secs(20);
/// How long a closing connection may take to write its last bytes.
const FAREWELL_MAX: Duration = Duration::from_secs(1);

/// A connection being served.
pub(super) struct Served {
    shared: Arc<Shared>,
    connection: Connection,
    mailbox: Arc<Mailbox>,
    mail: Mail,
    socket: Socket,
    stranger: Stranger,
    /// Publications that the shard's channel had no room for.
    pending: VecDeque<Publication>,
    /// Nothing more is read, and it ends once all is answered.
    draining: bool,
}

impl Served {
    pub(super) fn new(
        shared: Arc<Shared>,
        connection: Connection,
        mailbox: Arc<Mailbox>,
        socket: Socket,
        stranger: Stranger,
    ) -> Self {
        Self {
            shared,
            connection,
            mailbox,
            mail: Mail::default(),
            socket,
            stranger,
            pending: VecDeque::new(),
            draining: false,
        }
    }

    /// Serves it to its end, and says why it ended.
    pub(super) async fn run(mut self) -> Closed {
        while self.connection.closed().is_none() {
            self.settle().await;
            if !self.connection.outgoing().is_empty() {
                self.write(WRITE_MAX).await;
            } else if self.draining && self.is_answered() {
                self.connection.close(Closed::ShuttingDown);
            } else if self.connection.closed().is_none() {
                self.wait().await;
            }
        }
        self.finish().await
    }

    /// Whether everything that was read is with the shard and answered.
    fn is_answered(&self) -> bool {
        self.pending.is_empty() && !self.connection.owes_answers()
    }

    /// Decodes what was read until nothing is left to do without more bytes, mail or time.
    async fn settle(&mut self) {
        loop {
            if self.pending.is_empty() {
                self.connection.receive(self.shared.now());
            }
            self.hand_over();
            if !self.connection.needs_broker() {
                return;
            }
            let effects = {
                let mut broker = self.shared.broker();
                self.connection.exchange(self.shared.now(), &mut broker);
                broker.effects()
            };
            self.shared.carry_out(effects).await;
            if self.connection.is_signed_in() {
                self.stranger.known();
            }
        }
    }

    /// Gives the shard what has been decoded, as far as its channel has room.
    fn hand_over(&mut self) {
        let mut publications = self.connection.publications().peekable();
        if publications.peek().is_some() {
            // Before the lock: it takes longer than all that is done under it.
            let (received, keyring) = (self.shared.received(), self.shared.keyring());
            let opened: Vec<_> = publications
                .map(|publish| (keyring.as_ref().and_then(|it| it.open(&publish)), publish))
                .collect();
            let broker = self.shared.broker_to_read();
            for (frame, publish) in opened {
                let wanted = broker.wants(&publish.message);
                let publication = self.shared.publication(publish, Some(&self.mailbox), wanted);
                self.pending.push_back(Publication { frame, received, ..publication });
            }
        }
        while let Some(publication) = self.pending.pop_front() {
            match self.shared.publications.try_send(publication) {
                Ok(()) => {}
                Err(TrySendError::Full(publication)) => return self.pending.push_front(publication),
                // Nobody will commit it. Its ack, dropped, closes this connection.
                Err(TrySendError::Closed(_)) => {}
            }
        }
    }

    /// Waits for the first of: mail, room in the shard's channel, bytes, the deadline. In this order, so that what a
    /// client sent in time counts even if we look late.
    async fn wait(&mut self) {
        // Whoever is not listened to cannot say that it is alive.
        let deadline = self.connection.deadline().filter(|_| !self.draining);
        let deadline = deadline.map(|(at, _)| self.shared.instant(at));
        let due = async {
            match deadline {
                Some(at) => sleep_until(at).await,
                None => pending().await,
            }
        };
        let wants_bytes = self.pending.is_empty() && self.connection.wants_bytes() && !self.draining;
        tokio::select! {
            biased;
            () = self.mailbox.arrived() => {
                self.mailbox.take(&mut self.mail);
                for (token, answer) in self.mail.answers.drain(..) {
                    self.connection.answer(token, answer);
                }
                if self.mail.wake {
                    self.connection.wake();
                }
                self.draining |= self.mail.drain;
                if let Some(why) = self.mail.close {
                    self.connection.close(why);
                }
            }
            room = self.shared.publications.reserve(), if !self.pending.is_empty() => {
                if let (Ok(room), Some(publication)) = (room, self.pending.pop_front()) {
                    room.send(publication);
                }
            }
            read = read(&mut self.socket, &mut self.connection), if wants_bytes => {
                if !read {
                    self.connection.close(Closed::HungUp);
                }
            }
            () = due => self.connection.expire(self.shared.now()),
        }
    }

    /// Writes all that is to be written.
    async fn write(&mut self, patience: Duration) {
        let bytes: Bytes = self.connection.outgoing().split().freeze();
        let written = timeout(patience, self.socket.write(bytes)).await;
        if !matches!(written, Ok(Ok(()))) {
            self.connection.close(Closed::HungUp);
        }
    }

    /// The end: what was received is handed over still, last words are written, the session is left.
    async fn finish(mut self) -> Closed {
        let why = self.connection.closed().unwrap_or(Closed::HungUp);
        self.hand_over();
        while let Some(publication) = self.pending.pop_front() {
            // It fails only if the shard is gone.
            let _ = self.shared.publications.send(publication).await;
        }
        let effects = self.leave();
        self.shared.caretaker.notify_one();
        self.shared.carry_out(effects).await;
        if !self.connection.outgoing().is_empty() {
            self.write(FAREWELL_MAX).await;
        }
        let _ = timeout(FAREWELL_MAX, self.socket.shutdown()).await;
        if matches!(why, Closed::ShuttingDown | Closed::AccountGone | Closed::AccountChanged) {
            // A socket that is closed over unread bytes is reset, and the last words may be lost with it.
            let _ = timeout(FAREWELL_MAX, self.socket.read_off()).await;
        }
        why
    }
}

impl Served {
    /// Leaves the session, the second time without an effect.
    fn leave(&mut self) -> Vec<Effect> {
        let mut broker = self.shared.broker();
        self.connection.leave(self.shared.now(), &mut broker);
        broker.effects()
    }
}

/// However its task ends, a panic of the protocol crate included, no session stays with a connection that is gone.
impl Drop for Served {
    fn drop(&mut self) {
        self.shared.mailboxes().remove(&self.connection.id());
        let effects = self.leave();
        self.shared.leave_over(effects);
    }
}

/// Reads what there is into the connection, of which an idle one holds no room. False at the end of the stream. Nothing
/// is lost if it is cancelled.
async fn read(socket: &mut Socket, connection: &mut Connection) -> bool {
    if connection.incoming().is_empty() {
        *connection.incoming() = BytesMut::new();
    }
    socket.read(connection.incoming()).await
}
