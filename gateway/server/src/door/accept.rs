//! Lets connections in, as many as there may be, and looks after what has a deadline without one.
//!
//! Before: door.rs. Next: serve.rs, one task a connection.

use std::future::pending;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Duration, sleep, sleep_until};
use turnpage_gateway_mqtt::{Closed, ConnectionId};

use super::Limits;
use super::ack::Mailbox;
use super::serve::Served;
use super::shared::Shared;

/// How long nobody is accepted after the system had no socket left to give: it would fail again at once.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// The task that accepts. When it ends or is dropped, so are all connections.
pub(super) struct Acceptor {
    pub(super) listener: TcpListener,
    pub(super) shared: Arc<Shared>,
    pub(super) limits: Limits,
    pub(super) stop: watch::Receiver<bool>,
}

impl Acceptor {
    /// Accepts until it is told to stop, then waits for every connection to end.
    pub(super) async fn run(mut self) {
        let mut tasks = JoinSet::new();
        let mut last = 0;
        let caretaker = tokio::spawn(take_care(Arc::clone(&self.shared)));
        let _aborted = AbortOnDrop(caretaker.abort_handle());
        loop {
            tokio::select! {
                () = stopped(&mut self.stop) => break,
                Some(_) = tasks.join_next() => {}
                accepted = self.listener.accept() => match accepted {
                    // Dropping it closes it: there is no MQTT before a CONNECT to say more with.
                    Ok(_) if tasks.len() >= self.limits.connections_max => self.shared.count_turned_away(),
                    Ok((stream, _)) => {
                        last += 1;
                        tasks.spawn(connection(Arc::clone(&self.shared), ConnectionId(last), stream));
                    }
                    Err(_) => sleep(EXHAUSTED).await,
                },
            }
        }
        drop(self.listener);
        for mailbox in self.shared.mailboxes().values() {
            mailbox.put(|mail| mail.close = Some(Closed::ShuttingDown));
        }
        while tasks.join_next().await.is_some() {}
    }
}

/// Waits until the door is told to close, or is gone.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// One connection from its first byte to its last.
async fn connection(shared: Arc<Shared>, id: ConnectionId, stream: TcpStream) {
    // Acks are small and gathered already; waiting for more to send costs each of them a delay.
    let _ = stream.set_nodelay(true);
    let mailbox = Arc::new(Mailbox::default());
    shared.mailboxes().insert(id, Arc::clone(&mailbox));
    let why = Served::new(Arc::clone(&shared), id, Arc::clone(&mailbox), stream).run().await;
    shared.mailboxes().remove(&id);
    tracing::debug!(connection = id.0, "closed: {why}");
}

/// Publishes wills and ends sessions when they are due, and carries out what others could not wait for.
async fn take_care(shared: Arc<Shared>) {
    loop {
        let (effects, deadline) = {
            let mut broker = shared.broker();
            broker.advance(shared.now());
            (broker.effects(), broker.deadline())
        };
        shared.carry_out(effects).await;
        shared.carry_out(shared.take_left_over()).await;
        let due = async {
            match deadline {
                Some(at) => sleep_until(shared.instant(at)).await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = due => {}
            () = shared.caretaker.notified() => {}
        }
    }
}
