//! One board on the network: the firmware's node over the firmware's session, reconnecting for as long as it takes.
//!
//! What the firmware's own loop does on a board, with a ledger beside it. Next: driver.rs, which ends it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use turnpage_firmware_node::session::{
    Admission, Error, Event, Link, Options, RX_LEN_MIN, Session, TX_LEN_NODE,
};
use turnpage_firmware_node::{Refusal, Ticket};

use super::Ledger;
use super::clock::Clock;
use super::stream::Stream;
use crate::board::Board;

/// Pause before the next try when the gateway is not there.
pub(super) const PAUSE: Duration = Duration::from_millis(200);

/// Tickets of repeated frames; a node would have to send two billion frames to get here.
const REPEATED: u32 = 1 << 31;

/// A board and what is known of it outside.
pub(super) struct Seat {
    pub(super) board: Board,
    pub(super) ledger: Rc<RefCell<Ledger>>,
    /// The highest ticket handed out, so that a frame is counted once however often it is sent.
    highest: Option<u32>,
    /// Frames chosen to be sent again once they are acknowledged: topic, payload, retained.
    again: BTreeMap<u32, Message>,
    duplicate_one_in: u32,
}

struct Message {
    topic: String,
    payload: Vec<u8>,
    retain: bool,
}

impl Seat {
    pub(super) fn new(board: Board, ledger: Rc<RefCell<Ledger>>, duplicate_one_in: u32) -> Self {
        Self { board, ledger, highest: None, again: BTreeMap::new(), duplicate_one_in }
    }

    /// The next frame to send: one that is to be repeated, or what the node says.
    fn next(&mut self, clock: &Clock) -> Option<(Ticket, Message)> {
        let publish = self.board.poll(clock.now())?;
        let (ticket, retain) = (publish.ticket, publish.retain);
        let message = Message { topic: publish.topic.to_owned(), payload: publish.payload.to_vec(), retain };
        if self.highest.is_none_or(|highest| ticket.0 > highest) {
            self.highest = Some(ticket.0);
            self.ledger.borrow_mut().frames_produced += 1;
            if self.duplicate_one_in > 0 && ticket.0 % self.duplicate_one_in == self.duplicate_one_in - 1 {
                let Message { topic, payload, retain } = &message;
                let copy = Message { topic: topic.clone(), payload: payload.clone(), retain: *retain };
                self.again.insert(ticket.0, copy);
            }
        }
        Some((ticket, message))
    }

    fn settle(&mut self, event: &Event<'_>, clock: &Clock) -> Option<(Ticket, Message)> {
        match *event {
            Event::Acknowledged(Ticket(number)) if number >= REPEATED => {
                self.ledger.borrow_mut().duplicates_acknowledged += 1;
            }
            Event::Acknowledged(ticket) => {
                self.ledger.borrow_mut().frames_acknowledged += 1;
                self.board.acknowledged(ticket);
                let again = self.again.remove(&ticket.0)?;
                return Some((Ticket(ticket.0 | REPEATED), again));
            }
            Event::Refused(Ticket(number), _) | Event::Lost(Ticket(number)) if number >= REPEATED => {}
            Event::Refused(ticket, refusal) => {
                self.ledger.borrow_mut().frames_refused += u64::from(refusal == Refusal::ForGood);
                self.board.refused(ticket, refusal, clock.now());
            }
            Event::Lost(ticket) => self.board.lost(ticket),
            // A node subscribes to nothing.
            Event::Message(_) => {}
        }
        None
    }
}

/// Serves a board until the future is dropped.
pub(super) async fn serve(seat: Rc<RefCell<Seat>>, password: String, gateway: SocketAddr, clock: Clock) {
    let (mut rx, mut tx) = ([0; RX_LEN_MIN], [0; TX_LEN_NODE]);
    let name = seat.borrow().board.name().to_owned();
    let will = seat.borrow().board.will(clock.now());
    let options = Options {
        client_id: &name,
        login: Some((&name, password.as_bytes())),
        will: Some(will.parts()),
        ..Options::default()
    };
    let Ok(mut session) = Session::new(options, &mut rx, &mut tx) else {
        tracing::error!(node = name, "its name or will is too long for a session");
        return;
    };
    let ledger = seat.borrow().ledger.clone();
    loop {
        let reached = match Stream::connect(gateway).await {
            Ok(stream) => session.connect(stream).await,
            Err(error) => Err(Error::Transport(error)),
        };
        let error = match reached {
            Ok(mut link) => carry(&seat, &mut link, clock.clone()).await,
            Err(error) => error,
        };
        tracing::debug!(node = name, %error, "not connected");
        ledger.borrow_mut().reconnections += 1;
        tokio::time::sleep(PAUSE).await;
    }
}

/// Carries a node's frames over a link until it breaks; returns why it did.
async fn carry(
    seat: &RefCell<Seat>,
    link: &mut Link<'_, '_, Stream>,
    mut clock: Clock,
) -> Error<std::io::Error> {
    seat.borrow_mut().board.connected(clock.now(), |ticket| link.knows(ticket));
    let mut repeats: Vec<(Ticket, Message)> = Vec::new();
    loop {
        seat.borrow_mut().board.sense(clock.now());
        while link.ready() {
            let next = repeats.pop();
            let Some((ticket, message)) = next.or_else(|| seat.borrow_mut().next(&clock)) else { break };
            let Message { topic, payload, retain } = &message;
            match link.publish(ticket, topic, payload, *retain).await {
                Ok(Admission::Taken) => {}
                Ok(Admission::Later) => {
                    seat.borrow_mut().board.lost(ticket);
                    break;
                }
                Err(Error::TooLarge) => {
                    seat.borrow_mut().board.refused(ticket, Refusal::ForGood, clock.now());
                }
                Err(error) => return error,
            }
        }
        tokio::select! {
            event = link.step() => match event {
                Ok(Some(event)) => repeats.extend(seat.borrow_mut().settle(&event, &clock)),
                Ok(None) => {}
                Err(error) => return error,
            },
            () = clock.moved() => {}
        }
    }
}
