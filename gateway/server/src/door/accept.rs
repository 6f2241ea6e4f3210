//! Lets connections in, as many as there may be, and looks after what has a deadline without one.
//!
//! Before: door.rs. Next: greet.rs and serve.rs, one task a connection.

use std::future::pending;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Duration, sleep, sleep_until, timeout};
use tokio_rustls::rustls::ServerConfig;
use turnpage_gateway_mqtt::{Closed, Connection, ConnectionId};

use super::ack::{Mail, Mailbox};
use super::crowd::{Crowd, Place};
use super::greet::greet;
use super::serve::Served;
use super::shared::Shared;
use super::{Limits, Tls};

/// How long nobody is accepted after the system had no socket left to give: it would fail again at once.
const EXHAUSTED: Duration = Duration::from_millis(50);

/// The task that accepts. When it ends or is dropped, so are all connections.
pub(super) struct Acceptor {
    pub(super) listeners: Listeners,
    pub(super) shared: Arc<Shared>,
    pub(super) limits: Limits,
    /// When it is to close, and how long answers may take then.
    pub(super) stop: watch::Receiver<Option<Duration>>,
}

/// Where connections come from.
pub(super) struct Listeners {
    pub(super) plain: Option<TcpListener>,
    pub(super) tls: Option<(TcpListener, Tls)>,
}

/// What makes a connection a stranger: gone once it has signed in.
pub(super) struct Stranger {
    place: Place,
    room: Option<OwnedSemaphorePermit>,
}

impl Stranger {
    /// It has signed in, and makes room for another.
    pub(super) fn known(&mut self) {
        if self.room.take().is_some() {
            self.place.known();
        }
    }
}

/// A connection as it comes.
struct Knock {
    stream: TcpStream,
    address: IpAddr,
    /// How it is to be encrypted, if it is.
    tls: Option<Arc<ServerConfig>>,
}

impl Acceptor {
    /// Accepts until it is told to stop, then lets every connection come to its end.
    pub(super) async fn run(mut self) {
        let mut tasks = JoinSet::new();
        let mut last = 0;
        let caretaker = tokio::spawn(take_care(Arc::clone(&self.shared)));
        let _aborted = AbortOnDrop(caretaker.abort_handle());
        let crowd = Arc::new(Crowd::new(self.limits));
        let rooms = Arc::new(Semaphore::new(self.limits.strangers_max.min(Semaphore::MAX_PERMITS)));
        let patience = loop {
            let (room, knock) = tokio::select! {
                patience = stopped(&mut self.stop) => break patience,
                Some(_) = tasks.join_next() => continue,
                accepted = accept(&self.listeners, &rooms) => match accepted {
                    Ok(accepted) => accepted,
                    Err(_) => {
                        sleep(EXHAUSTED).await;
                        continue;
                    }
                },
            };
            // Dropping it closes it: there is no MQTT before a CONNECT to say more with.
            let full = tasks.len() >= self.limits.connections_max;
            let Some(place) = crowd.enter(knock.address).filter(|_| !full) else {
                self.shared.count_turned_away();
                continue;
            };
            last += 1;
            let stranger = Stranger { place, room };
            let (shared, stop) = (Arc::clone(&self.shared), self.stop.clone());
            tasks.spawn(connection(shared, ConnectionId(last), knock, stranger, stop));
        };
        drop(self.listeners);
        tell_all(&self.shared, |mail| mail.drain = true);
        let ended = async { while tasks.join_next().await.is_some() {} };
        if timeout(patience, ended).await.is_err() {
            tell_all(&self.shared, |mail| mail.close = Some(Closed::ShuttingDown));
        }
        while tasks.join_next().await.is_some() {}
    }
}

fn tell_all(shared: &Shared, tell: impl Fn(&mut Mail)) {
    shared.mailboxes().values().for_each(|mailbox| mailbox.put(&tell));
}

/// The next connection, once there is room for a stranger.
async fn accept(
    listeners: &Listeners,
    rooms: &Arc<Semaphore>,
) -> io::Result<(Option<OwnedSemaphorePermit>, Knock)> {
    // It fails only when the semaphore is closed, which nobody does.
    let room = Arc::clone(rooms).acquire_owned().await.ok();
    let plain = async {
        match &listeners.plain {
            Some(listener) => listener.accept().await,
            None => pending().await,
        }
    };
    let encrypted = async {
        match &listeners.tls {
            Some((listener, tls)) => listener.accept().await.map(|accepted| (accepted, tls.config())),
            None => pending().await,
        }
    };
    let knock = tokio::select! {
        accepted = plain => {
            let (stream, from) = accepted?;
            Knock { stream, address: from.ip(), tls: None }
        }
        accepted = encrypted => {
            let ((stream, from), config) = accepted?;
            Knock { stream, address: from.ip(), tls: Some(config) }
        }
    };
    Ok((room, knock))
}

/// Waits until the door is told to close, and says how long answers may take; none where it is gone.
async fn stopped(stop: &mut watch::Receiver<Option<Duration>>) -> Duration {
    stop.wait_for(Option::is_some).await.ok().and_then(|patience| *patience).unwrap_or_default()
}

struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// One connection from its first byte to its last.
async fn connection(
    shared: Arc<Shared>,
    id: ConnectionId,
    knock: Knock,
    stranger: Stranger,
    mut stop: watch::Receiver<Option<Duration>>,
) {
    let Knock { stream, tls, .. } = knock;
    // Acks are small and gathered already; waiting for more to send costs each of them a delay.
    let _ = stream.set_nodelay(true);
    let greeted = tokio::select! {
        greeted = greet(stream, tls) => greeted,
        _ = stopped(&mut stop) => return,
    };
    let guest = match greeted {
        Ok(guest) => guest,
        Err(error) => {
            shared.count_unheard();
            tracing::debug!(connection = id.0, "closed before its first packet: {error}");
            return;
        }
    };
    let mailbox = Arc::new(Mailbox::default());
    shared.mailboxes().insert(id, Arc::clone(&mailbox));
    // Whoever was told to close before the box was there has not told it.
    if stop.borrow().is_some() {
        mailbox.put(|mail| mail.drain = true);
    }
    let connection = Connection::new(id, shared.now()).certified(guest.certified);
    let served = Served::new(Arc::clone(&shared), connection, mailbox, guest.socket, stranger);
    let why = served.run().await;
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
