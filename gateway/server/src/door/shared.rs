//! What the door's tasks share: the broker behind a lock, the connections' letter boxes, the ways out.
//!
//! The lock is held for one exchange and never across an await. Publishing takes it for reading, once for all that one
//! read brought, and only to ask whether anybody subscribed. Before: door.rs. Next: serve.rs and accept.rs.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use rustc_hash::FxHashMap;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;
use turnpage_gateway_mqtt::{
    Accounts, Broker, ConnectionId, Counters, Effect, Message, Moment, Notice, Publish,
};

use super::Publication;
use super::ack::{Ack, Mailbox};
use crate::opener::{Keyring, Opener};

/// See the file's header.
#[derive(Debug)]
pub(super) struct Shared {
    broker: RwLock<Broker>,
    mailboxes: Mutex<FxHashMap<ConnectionId, Arc<Mailbox>>>,
    /// Effects whose cause cannot wait for a channel: of [`Shared::publish`], and of a connection that is dropped. The
    /// caretaker carries them out. At most one for each delivery of what the caller itself published under a ticket, and
    /// what a session leaves.
    left_over: Mutex<VecDeque<Effect>>,
    /// Tells the caretaker of effects left over, or of a new deadline.
    pub(super) caretaker: Notify,
    pub(super) publications: mpsc::Sender<Publication>,
    notices: mpsc::Sender<Notice>,
    opener: OnceLock<Arc<Opener>>,
    turned_away: AtomicU64,
    unheard: AtomicU64,
    /// Somebody wants to know when publications came.
    times: AtomicBool,
    opened: Instant,
}

impl Shared {
    pub(super) fn new(
        accounts: Accounts,
        publications: mpsc::Sender<Publication>,
        notices: mpsc::Sender<Notice>,
    ) -> Self {
        // Only so that identifiers assigned by one start are not those of another; a clock before 1970 is as good.
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            broker: RwLock::new(Broker::new(accounts, started.as_micros() as u64)),
            mailboxes: Mutex::default(),
            left_over: Mutex::default(),
            caretaker: Notify::new(),
            publications,
            notices,
            opener: OnceLock::new(),
            turned_away: AtomicU64::new(0),
            unheard: AtomicU64::new(0),
            times: AtomicBool::new(false),
            opened: Instant::now(),
        }
    }

    /// The door's own time, which no jump of the machine's clock reaches.
    pub(super) fn now(&self) -> Moment {
        Moment(u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// The runtime's time at `at`.
    pub(super) fn instant(&self, at: Moment) -> Instant {
        self.opened + std::time::Duration::from_millis(at.0)
    }

    pub(super) fn broker(&self) -> RwLockWriteGuard<'_, Broker> {
        self.broker.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn broker_to_read(&self) -> RwLockReadGuard<'_, Broker> {
        self.broker.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn mailboxes(&self) -> MutexGuard<'_, FxHashMap<ConnectionId, Arc<Mailbox>>> {
        self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn counters(&self) -> Counters {
        Counters {
            turned_away: self.turned_away.load(Ordering::Relaxed),
            unheard: self.unheard.load(Ordering::Relaxed),
            ..self.broker_to_read().counters()
        }
    }

    pub(super) fn open_with(&self, opener: Arc<Opener>) {
        // A second one is of a gateway that there is not: there is one shard.
        let _ = self.opener.set(opener);
    }

    /// What frames are opened with now.
    pub(super) fn keyring(&self) -> Option<Arc<Keyring>> {
        self.opener.get().and_then(|opener| opener.keyring())
    }

    pub(super) fn count_turned_away(&self) {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_unheard(&self) {
        self.unheard.fetch_add(1, Ordering::Relaxed);
    }

    /// Hands a message to its subscribers. Says how many sessions took it.
    pub(super) fn publish(&self, message: &Message) -> usize {
        let (taken, effects) = {
            let mut broker = self.broker();
            (broker.publish(self.now(), message), broker.effects())
        };
        self.leave_over(effects);
        taken
    }

    /// Carries out what can be carried out at once, and leaves the rest to the caretaker.
    pub(super) fn leave_over(&self, effects: Vec<Effect>) {
        let rest = self.wake(effects);
        if !rest.is_empty() {
            self.left_over.lock().unwrap_or_else(PoisonError::into_inner).extend(rest);
            self.caretaker.notify_one();
        }
    }

    pub(super) fn take_left_over(&self) -> Vec<Effect> {
        self.left_over.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }

    /// Carries out what the broker wants done. Waits while the channels it leads to are full.
    pub(super) async fn carry_out(self: &Arc<Self>, effects: Vec<Effect>) {
        for effect in self.wake(effects) {
            match effect {
                Effect::Notice(notice) => {
                    // It fails only when nobody wants notices any more.
                    let _ = self.notices.send(notice).await;
                }
                Effect::Will(will) => {
                    let publication = self.publication(will, None, true);
                    let _ = self.publications.send(publication).await;
                }
                Effect::Wake(_) | Effect::Close(..) => {}
            }
        }
    }

    pub(super) fn note_times(&self) {
        self.times.store(true, Ordering::Relaxed);
    }

    /// When what is being read came, if somebody wants to know.
    pub(super) fn received(&self) -> Option<std::time::Instant> {
        self.times.load(Ordering::Relaxed).then(std::time::Instant::now)
    }

    /// A publication with the answer it is owed. `wanted`: the broker has to get the message after its commit.
    pub(super) fn publication(
        self: &Arc<Self>,
        publish: Publish,
        mailbox: Option<&Arc<Mailbox>>,
        wanted: bool,
    ) -> Publication {
        let Publish { client, account, message, token } = publish;
        let waiting = mailbox.map(Arc::clone).zip(token);
        let routed = wanted.then(|| Box::new((Arc::clone(self), message.clone())));
        Publication {
            client,
            account,
            topic: message.topic,
            payload: message.payload,
            qos: message.qos,
            retain: message.retain,
            received: self.received(),
            ack: Ack::new(waiting, routed),
            frame: None,
        }
    }

    /// Tells connections what concerns them, at once, and gives back the rest.
    fn wake(&self, effects: Vec<Effect>) -> Vec<Effect> {
        if effects.is_empty() {
            return effects;
        }
        let mailboxes = self.mailboxes();
        let mut rest = Vec::new();
        for effect in effects {
            match effect {
                Effect::Wake(id) => {
                    if let Some(mailbox) = mailboxes.get(&id) {
                        mailbox.put(|mail| mail.wake = true);
                    }
                }
                Effect::Close(id, why) => {
                    if let Some(mailbox) = mailboxes.get(&id) {
                        mailbox.put(|mail| mail.close = Some(why));
                    }
                }
                Effect::Notice(_) | Effect::Will(_) => rest.push(effect),
            }
        }
        rest
    }
}
