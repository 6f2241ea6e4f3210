//! One live connection of a session: publish, subscribe, and step through what comes back.
//!
//! minimq takes in one packet a poll and reports a refusal without saying of what. So operations are looked at between any two
//! polls: the one that is complete after a poll that failed with a refusal is the one refused.
//!
//! Next: the server acknowledges, and the ticket goes back to the node's backlog.

use minimq::{Connection, Io, PeerError, PubError, Publication, QoS, SubscriptionOptions, TopicFilter};

use super::{Book, Error, WINDOW, refusal};
use crate::{Publish, Refusal, Ticket};

/// A connected [`Session`](super::Session). Dropping it ends the connection without a goodbye, so the will is
/// published; [`Link::close`] says goodbye.
pub struct Link<'s, 'b, T> {
    connection: Connection<'s, 'b, T>,
    book: &'s mut Book,
}

/// Whether a publication was taken into the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Admission {
    /// It is in flight; its ticket will come back.
    Taken,
    /// There is no room until something in flight settles.
    Later,
}

/// What a step brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'m> {
    /// The receiver has acknowledged the publication or subscription.
    Acknowledged(Ticket),
    /// The receiver has refused it.
    Refused(Ticket, Refusal),
    /// The server no longer knows the session, and whether it ever saw this is unknown: publish (or subscribe) again.
    Lost(Ticket),
    /// Something arrived on a subscription. It is acknowledged to the server with the next step.
    Message(Message<'m>),
}

/// A message on a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message<'m> {
    /// Where it was published.
    pub topic: &'m str,
    /// What was published.
    pub payload: &'m [u8],
    /// Whether it was kept for subscribers that came later.
    pub retained: bool,
}

impl<'s, 'b, T: Io> Link<'s, 'b, T> {
    pub(super) fn new(connection: Connection<'s, 'b, T>, book: &'s mut Book) -> Self {
        let link = Self { connection, book };
        if !link.resumed() {
            // Whatever it was about is lost with the session.
            link.book.refused = None;
        }
        link
    }

    /// Whether the server remembered the session: then subscriptions and everything in flight live on.
    pub fn resumed(&self) -> bool {
        self.connection.connect_event() == minimq::ConnectEvent::Reconnected
    }

    /// Whether another publication or subscription would find room.
    pub fn ready(&self) -> bool {
        self.book.open.len() < WINDOW && self.connection.can_publish(QoS::AtLeastOnce)
    }

    /// Whether the ticket is in flight, or its fate not yet told.
    pub fn knows(&self, ticket: Ticket) -> bool {
        self.book.open.iter().any(|(other, _)| *other == ticket)
    }

    /// Publishes at QoS 1. Do not drop the future half way: the message may then go out without its ticket.
    ///
    /// # Errors
    /// [`Error::TooLarge`] leaves the link usable; after any other it is dead.
    pub async fn publish(
        &mut self,
        ticket: Ticket,
        topic: &str,
        payload: &[u8],
        retain: bool,
    ) -> Result<Admission, Error<T::Error>> {
        if !self.ready() {
            return Ok(Admission::Later);
        }
        let publication = Publication::bytes(topic, payload).qos(QoS::AtLeastOnce);
        let publication = if retain { publication.retain() } else { publication };
        let taken = self.connection.publish(publication).await.map_err(|error| match error {
            PubError::Session(error) => error,
            // The slice did not fit behind the packet's head.
            PubError::Payload(()) => minimq::Error::Resource(minimq::ResourceError::BufferTooSmall),
        });
        self.admit(ticket, taken)
    }

    /// Publishes what a node hands out; as [`Self::publish`].
    pub async fn send(&mut self, publish: &Publish<'_>) -> Result<Admission, Error<T::Error>> {
        self.publish(publish.ticket, publish.topic, publish.payload, publish.retain).await
    }

    /// Subscribes at QoS 1 with an MQTT topic filter. The ticket is acknowledged when the server has granted it.
    /// Needed once a session: see [`Self::resumed`].
    ///
    /// # Errors
    /// As [`Self::publish`].
    pub async fn subscribe(&mut self, ticket: Ticket, filter: &str) -> Result<Admission, Error<T::Error>> {
        if !self.ready() {
            return Ok(Admission::Later);
        }
        let options = SubscriptionOptions::default().maximum_qos(QoS::AtLeastOnce);
        let filter = TopicFilter::new(filter).options(options);
        let taken = self.connection.subscribe(&[filter], &[]).await.map(Some);
        self.admit(ticket, taken)
    }

    /// Waits for the next thing to happen. `None` is progress that has nothing to tell (yet): call again. Cancel-safe if the
    /// byte stream is.
    pub async fn step(&mut self) -> Result<Option<Event<'_>>, Error<T::Error>> {
        if let Some(settled) = self.book.settle(&self.connection) {
            return Ok(Some(settled));
        }
        match self.connection.poll().await {
            Ok(Some(message)) => {
                let (topic, payload, retained) = (message.topic(), message.payload(), message.retained());
                Ok(Some(Event::Message(Message { topic, payload, retained })))
            }
            Ok(None) => Ok(None),
            Err(minimq::Error::Peer(PeerError::Rejected(code))) => {
                self.book.refused = Some(refusal(code));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Says goodbye, so that the will is not published. What is in flight stays with the session.
    pub async fn close(mut self) -> Result<(), Error<T::Error>> {
        Ok(self.connection.disconnect().await?)
    }

    /// Books an operation minimq has taken, and tells lack of room from failure.
    fn admit(
        &mut self,
        ticket: Ticket,
        taken: Result<Option<minimq::Op>, minimq::Error<T::Error>>,
    ) -> Result<Admission, Error<T::Error>> {
        use minimq::{Error as Minimq, ResourceError};
        match taken {
            Ok(op) => {
                // `ready` has made sure of the room; QoS 1 always has an operation.
                let booked = op.is_some_and(|op| self.book.open.push((ticket, op)).is_ok());
                debug_assert!(booked, "a QoS 1 operation finds room in the book");
                Ok(Admission::Taken)
            }
            // Before the transmit buffer is empty nobody can say that a message will never fit.
            Err(Minimq::Resource(ResourceError::BufferTooSmall)) if !self.book.open.is_empty() => {
                Ok(Admission::Later)
            }
            Err(Minimq::NotReady | Minimq::Resource(ResourceError::InflightExhausted)) => {
                Ok(Admission::Later)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Book {
    /// Takes out the oldest operation that is no longer pending, with its fate.
    fn settle<T: Io>(&mut self, connection: &Connection<'_, '_, T>) -> Option<Event<'static>> {
        let (index, op) =
            self.open.iter().map(|(_, op)| op).enumerate().find(|(_, op)| !connection.is_pending(op))?;
        let lost = connection.is_invalidated(op);
        let (ticket, _) = self.open.remove(index);
        Some(match self.refused.take_if(|_| !lost) {
            _ if lost => Event::Lost(ticket),
            Some(refusal) => Event::Refused(ticket, refusal),
            None => Event::Acknowledged(ticket),
        })
    }
}
