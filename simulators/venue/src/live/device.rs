//! A device that is no sensor: the feed that knows the queues, the hub of the bands. Same session as a node, a queue of
//! messages instead of senses.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;

use tokio::sync::Notify;
use turnpage_firmware_node::Ticket;
use turnpage_firmware_node::session::{Admission, Error, Event, Link, Options, Session};

use super::node::PAUSE;
use super::stream::Stream;
use crate::provision::Account;

/// Largest packet a device takes in, in bytes: an offer with its text.
const RX_BYTES: usize = 8 << 10;
/// Bytes of packets under way.
const TX_BYTES: usize = 16 << 10;
/// The ticket of the subscription; messages count from the next.
const SUBSCRIPTION: Ticket = Ticket(0);

/// Messages that wait for their acknowledgement. Bounded by the driver, which stops the clock over a full one.
#[derive(Default)]
pub(super) struct Outbox {
    next: u32,
    waiting: VecDeque<(u32, Message)>,
    under_way: BTreeMap<u32, Message>,
    acknowledged: u64,
    refused: u64,
    more: Rc<Notify>,
}

struct Message {
    topic: String,
    payload: Vec<u8>,
}

impl Outbox {
    /// Queues a message.
    pub(super) fn push(&mut self, topic: String, payload: Vec<u8>) {
        self.next += 1;
        self.waiting.push_back((self.next, Message { topic, payload }));
        self.more.notify_one();
    }

    /// Messages without an acknowledgement.
    pub(super) fn len(&self) -> usize {
        self.waiting.len() + self.under_way.len()
    }

    /// Messages acknowledged so far.
    pub(super) fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// Messages refused so far.
    pub(super) fn refused(&self) -> u64 {
        self.refused
    }

    fn settle(&mut self, number: u32, taken: bool) {
        if self.under_way.remove(&number).is_some() {
            self.acknowledged += u64::from(taken);
            self.refused += u64::from(!taken);
        }
    }

    fn back(&mut self, number: u32) {
        if let Some(message) = self.under_way.remove(&number) {
            self.waiting.push_front((number, message));
        }
    }
}

/// What a device is.
pub(super) struct Device {
    pub(super) account: Account,
    pub(super) gateway: SocketAddr,
    /// The filter it listens to, if it listens.
    pub(super) listens_to: Option<String>,
    pub(super) outbox: Rc<RefCell<Outbox>>,
}

impl Device {
    /// Runs the device until the future is dropped; `hear` is called with every message that comes in.
    pub(super) async fn run(self, mut hear: impl FnMut(&[u8])) {
        let (mut rx, mut tx) = (vec![0; RX_BYTES], vec![0; TX_BYTES]);
        let Account { user, password, .. } = &self.account;
        let options =
            Options { client_id: user, login: Some((user, password.as_bytes())), ..Options::default() };
        let Ok(mut session) = Session::new(options, &mut rx, &mut tx) else {
            tracing::error!(device = user, "its name is too long for a session");
            return;
        };
        loop {
            let reached = match Stream::connect(self.gateway).await {
                Ok(stream) => session.connect(stream).await,
                Err(error) => Err(Error::Transport(error)),
            };
            let error = match reached {
                Ok(mut link) => self.carry(&mut link, &mut hear).await,
                Err(error) => error,
            };
            tracing::debug!(device = user, %error, "not connected");
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn carry(
        &self,
        link: &mut Link<'_, '_, Stream>,
        hear: &mut impl FnMut(&[u8]),
    ) -> Error<std::io::Error> {
        if let Some(filter) = &self.listens_to
            && !link.resumed()
            && let Err(error) = link.subscribe(SUBSCRIPTION, filter).await
        {
            return error;
        }
        let more = self.outbox.borrow().more.clone();
        loop {
            if let Err(error) = self.send(link).await {
                return error;
            }
            tokio::select! {
                event = link.step() => match event {
                    Ok(Some(Event::Message(message))) => hear(message.payload),
                    Ok(Some(Event::Acknowledged(ticket))) => self.outbox.borrow_mut().settle(ticket.0, true),
                    // A hub that may not listen is of no use: it starts over, as it would on the wall.
                    Ok(Some(Event::Refused(SUBSCRIPTION, _))) => return Error::Closed,
                    Ok(Some(Event::Refused(ticket, _))) => self.outbox.borrow_mut().settle(ticket.0, false),
                    Ok(Some(Event::Lost(SUBSCRIPTION))) => return Error::Closed,
                    Ok(Some(Event::Lost(ticket))) => self.outbox.borrow_mut().back(ticket.0),
                    Ok(None) => {}
                    Err(error) => return error,
                },
                () = more.notified() => {}
            }
        }
    }

    async fn send(&self, link: &mut Link<'_, '_, Stream>) -> Result<(), Error<std::io::Error>> {
        while link.ready() {
            let next = self.outbox.borrow_mut().waiting.pop_front();
            let Some((number, message)) = next else { return Ok(()) };
            let taken = link.publish(Ticket(number), &message.topic, &message.payload, false).await;
            self.outbox.borrow_mut().under_way.insert(number, message);
            match taken {
                Ok(Admission::Taken) => {}
                Ok(Admission::Later) => {
                    self.outbox.borrow_mut().back(number);
                    return Ok(());
                }
                Err(error) => {
                    self.outbox.borrow_mut().back(number);
                    return Err(error);
                }
            }
        }
        Ok(())
    }
}
