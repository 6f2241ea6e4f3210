//! Brings committed offers to whoever subscribed, at least once each under a stable id, until delivered or expired.
//!
//! It holds what is unsettled in memory and can lose it: a restart begins again with the store's outbox. What is settled
//! goes back through the shard into the log. An offer is delivered once anyone has it: a session, the broker, a webhook.
//! It chooses neither offers nor channels. Before: shard/commit.rs. Next: the outlets, door.rs, broker.rs and webhook.rs;
//! then the shard again, with what became of it.

mod choices;
mod pending;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use turnpage_gateway_core::topic::{Channel, Topic as TopicName};
use turnpage_gateway_core::{Choices, OfferId, Outgoing, Settled, Settlement, Timestamp, VenueName};
use turnpage_gateway_store::Sequence;

use crate::broker;
use crate::clock::Clock;
use crate::door::{DoorHandle, Lost, Message, Notice, Ticket, Topic};
use crate::gateway::{Phase, reached};
use crate::history::{Commit, History};
use crate::measured::Measured;
use crate::shard::Command;
use crate::traces::{TRACEPARENT, Traces};
use crate::webhook::{Told, Webhooks};
use choices::Lists;
use pending::Pending;

/// Between two looks at what has expired and what a slow subscriber could be offered again.
const SWEEP: Duration = Duration::from_millis(500);

/// What the shard tells dispatch.
pub(crate) enum ToDispatch {
    /// The store was opened: this is all that is unsettled.
    Resume {
        /// Offers and calls for staff.
        outbox: Vec<Outgoing>,
        /// What every subject may pick from.
        choices: Vec<Choices>,
    },
    /// A group was committed.
    Committed {
        /// Its place in the log.
        at: Sequence,
        /// Offers that it made.
        outbox: Vec<Outgoing>,
        /// Offers that need no delivery any more, possibly of that very group.
        settled: Vec<Settled>,
        /// What subjects may pick from, where that has changed.
        choices: Vec<Choices>,
    },
    /// Whoever tells of deliveries has ended: answer once all that they told is with the shard.
    Flush(oneshot::Sender<()>),
}

/// Everything that takes offers to subscribers.
#[derive(Clone, Default)]
pub(crate) struct Outlets {
    pub(crate) door: Option<DoorHandle>,
    pub(crate) broker: Option<broker::Outlet>,
}

impl Outlets {
    /// How many sessions took the message. Each of them reports what became of it under the message's ticket.
    fn publish(&self, message: &Message, valid: Duration) -> usize {
        let valid_ms = u64::try_from(valid.as_millis()).unwrap_or(u64::MAX);
        let door = self.door.as_ref().map_or(0, |door| door.publish(message.clone(), Some(valid_ms)));
        door + self.broker.as_ref().map_or(0, |broker| broker.publish(message.clone(), valid))
    }
}

/// The dispatcher.
pub(crate) struct Dispatch {
    pub(crate) venue: VenueName,
    pub(crate) clock: Clock,
    pub(crate) outlets: Outlets,
    pub(crate) commands: mpsc::Sender<Command>,
    pub(crate) webhooks: Webhooks,
    pub(crate) offers: broadcast::Sender<Arc<Outgoing>>,
    pub(crate) history: Arc<History>,
    pub(crate) traces: Option<Traces>,
    pub(crate) measured: Arc<Measured>,
}

/// An offer as subscribers read it.
#[derive(Serialize)]
pub(crate) struct OfferJson<'a> {
    id: OfferId,
    at: Timestamp,
    subject: &'a str,
    journey: &'a str,
    page: &'a str,
    offer: &'a str,
    channel: &'a str,
    text: &'a str,
    valid_until: Timestamp,
}

impl<'a> From<&'a Outgoing> for OfferJson<'a> {
    fn from(offer: &'a Outgoing) -> Self {
        Self {
            id: offer.id,
            at: offer.made_at,
            subject: offer.subject.as_str(),
            journey: &offer.journey,
            page: &offer.page,
            offer: &offer.offer,
            channel: &offer.channel,
            text: &offer.text,
            valid_until: offer.valid_until,
        }
    }
}

impl Dispatch {
    /// Runs until the gateway is over or the shard is gone.
    pub(crate) async fn run(
        self,
        mut inbox: mpsc::Receiver<ToDispatch>,
        mut notices: mpsc::Receiver<Notice>,
        mut told: mpsc::Receiver<Told>,
        mut phase: watch::Receiver<Phase>,
    ) {
        let (mut pending, mut lists) = (Pending::default(), Lists::default());
        // What the shard is yet to be told. Bounded by what was pending; waiting here never holds up the inbox, or
        // shard and dispatch could wait for each other.
        let mut settling = VecDeque::new();
        let mut flush = None;
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            if settling.is_empty()
                && let Some(done) = flush.take()
            {
                // Whoever asked may be gone.
                let _: Result<(), ()> = oneshot::Sender::send(done, ());
            }
            tokio::select! {
                message = inbox.recv() => match message {
                    Some(ToDispatch::Resume { outbox, choices }) => {
                        pending.clear();
                        lists = Lists::default();
                        settling.clear();
                        self.webhooks.clear();
                        choices.into_iter().for_each(|told| self.tell(told, &mut lists));
                        outbox.into_iter().for_each(|offer| self.take(Arc::new(offer), &mut pending));
                    }
                    Some(ToDispatch::Committed { at, outbox, settled, choices }) => {
                        self.take_committed(at, outbox, settled, &mut pending);
                        choices.into_iter().for_each(|told| self.tell(told, &mut lists));
                    }
                    Some(ToDispatch::Flush(done)) => {
                        while let Ok(notice) = notices.try_recv() {
                            settling.extend(self.notice(notice, &mut pending, &lists));
                        }
                        while let Ok(told) = told.try_recv() {
                            settling.extend(self.told(told, &mut pending));
                        }
                        flush = Some(done);
                    }
                    None => return,
                },
                Some(notice) = notices.recv() => settling.extend(self.notice(notice, &mut pending, &lists)),
                Some(told) = told.recv() => settling.extend(self.told(told, &mut pending)),
                slot = self.commands.reserve(), if !settling.is_empty() => {
                    let (Ok(slot), Some((id, how))) = (slot, settling.pop_front()) else { return };
                    slot.send(Command::Settle(id, how));
                }
                _ = sweep.tick() => {
                    let expired = pending.expire(self.clock.now());
                    settling.extend(expired.into_iter().map(|id| (id, Settlement::Expired)));
                    for ticket in pending.again() {
                        self.publish(ticket, &mut pending);
                    }
                }
                _ = reached(&mut phase, Phase::Over) => return,
            }
        }
    }

    fn take_committed(
        &self,
        at: Sequence,
        outbox: Vec<Outgoing>,
        settled: Vec<Settled>,
        pending: &mut Pending,
    ) {
        for gone in &settled {
            pending.remove(gone.id);
            // One that somebody else has already is still news to a webhook, and one that expired its dead letter.
            if gone.how == Settlement::Withdrawn {
                self.webhooks.remove(gone.id);
            }
        }
        let offers: Vec<Arc<Outgoing>> = outbox.into_iter().map(Arc::new).collect();
        for offer in &offers {
            // Nobody listening is the usual case.
            let _ = self.offers.send(Arc::clone(offer));
            if !settled.iter().any(|gone| gone.id == offer.id) {
                self.take(Arc::clone(offer), pending);
            }
        }
        self.history.add(Commit { at, offers, settled });
    }

    fn take(&self, offer: Arc<Outgoing>, pending: &mut Pending) {
        let (id, began) = (offer.id, Instant::now());
        self.webhooks.take(&offer);
        let channel = match offer.staff() {
            Some(role) => Channel::Staff { role },
            None => Channel::Offer { subject: offer.subject.as_str() },
        };
        let name = TopicName { venue: self.venue.as_str(), channel }.to_string();
        match Topic::new(&name) {
            Ok(topic) => {
                let ticket = pending.insert(topic, offer);
                let sessions = self.publish(ticket, pending);
                if let Some(traces) = &self.traces {
                    traces.dispatched(id, began, sessions);
                }
            }
            // Names are of plain letters and bounded, so this is a bug and not a subject's fault.
            Err(error) => tracing::error!("an offer has no topic: {error}"),
        }
    }

    /// Tells what a subject may pick from. Nobody has to take it: whoever subscribes later is told then.
    fn tell(&self, told: Choices, lists: &mut Lists) {
        if let Some(message) = lists.take(&self.venue, told) {
            self.outlets.publish(&message, choices::VALID);
        }
    }

    /// Sends an offer to all who subscribed by now, and says how many sessions took it.
    fn publish(&self, ticket: Ticket, pending: &mut Pending) -> usize {
        let Some((topic, offer)) = pending.offer(ticket) else { return 0 };
        let valid = self.clock.until(offer.valid_until);
        if valid.is_zero() {
            return 0;
        }
        let mut message = Message::new(topic, payload(&offer));
        if let Some(traces) = &self.traces {
            message = message.with_user_property(TRACEPARENT, &traces.dispatch_of(offer.id).to_string());
        }
        message.ticket = Some(ticket);
        let taken = self.outlets.publish(&message, valid);
        pending.taken(ticket, taken);
        taken
    }

    /// What a webhook settles, if nobody has before.
    fn told(&self, told: Told, pending: &mut Pending) -> Option<(OfferId, Settlement)> {
        match told {
            Told::Delivered(place, id) => {
                let settled = pending.remove(id).map(|id| (id, Settlement::Delivered));
                self.webhooks.delivered(place, id);
                settled
            }
            Told::Room(place) => {
                self.webhooks.again(place, pending.all());
                None
            }
        }
    }

    /// What a notice settles, if anything.
    fn notice(&self, notice: Notice, pending: &mut Pending, lists: &Lists) -> Option<(OfferId, Settlement)> {
        match notice {
            Notice::Delivered { ticket, .. } => {
                if let Some((offer, since)) = pending.since(ticket) {
                    self.measured.delivered(self.clock.now().0 - offer.made_at.0);
                    if let Some(traces) = &self.traces {
                        traces.delivered(offer.id, since);
                    }
                }
                pending.remove_ticket(ticket).map(|id| (id, Settlement::Delivered))
            }
            Notice::Subscribed { filter, .. } => {
                for ticket in pending.waiting(&filter) {
                    self.publish(ticket, pending);
                }
                for message in lists.asked(&filter) {
                    self.outlets.publish(message, choices::VALID);
                }
                None
            }
            Notice::Lost { ticket, reason, .. } => {
                self.measured.lost(reason);
                // A client that was slow may have caught up; any other has to subscribe anew to be offered it again.
                pending.lost(ticket, matches!(reason, Lost::QueueFull | Lost::Unsure));
                None
            }
        }
    }
}

fn payload(offer: &Outgoing) -> Bytes {
    // Strings and numbers into memory: there is nothing that could fail.
    Bytes::from(serde_json::to_vec(&OfferJson::from(offer)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recent::Recent;
    use crate::sample;
    use crate::webhook::{Common, Retry, Secret, WebhookSetup};

    fn setup(url: &str) -> WebhookSetup {
        WebhookSetup {
            name: "till".into(),
            url: url.parse().unwrap(),
            secrets: vec![Secret::new(&format!("whsec_{}", "A".repeat(32))).unwrap()],
            channels: vec!["band".into()],
            staff: Vec::new(),
            concurrency: 1,
            authority: None,
            retry: Retry::default(),
        }
    }

    #[tokio::test]
    async fn of_what_is_settled_a_webhook_gives_back_what_was_withdrawn() {
        // It says nothing: the first offer stays under way, the second in the queue.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", silent.local_addr().unwrap());
        let (venue, (_open, phases)) = (VenueName::new("park").unwrap(), watch::channel(Phase::Open));
        let recent = Arc::new(Recent::default());
        let (clock, patience) = (Clock::System, Duration::ZERO);
        let common = Common { venue: venue.clone(), clock, recent, traces: None, phases, patience };
        let (webhooks, _told) = Webhooks::start(vec![setup(&url)], common).unwrap();
        let dispatch = Dispatch {
            venue,
            clock: Clock::System,
            outlets: Outlets::default(),
            commands: mpsc::channel(1).0,
            webhooks,
            offers: broadcast::Sender::new(1),
            history: Arc::default(),
            traces: None,
            measured: Arc::default(),
        };
        let mut pending = Pending::default();
        let offers = [1, 2].map(|id| sample::offer(id, "a", i64::MAX));
        dispatch.take_committed(Sequence(1), offers.to_vec(), Vec::new(), &mut pending);
        let _under_way = silent.accept().await.unwrap();
        let mut at = 1;
        for (how, held) in [(Settlement::Delivered, 2), (Settlement::Expired, 2), (Settlement::Withdrawn, 0)]
        {
            let settled = offers
                .iter()
                .map(|offer| Settled { id: offer.id, subject: offer.subject.clone(), how })
                .collect();
            at += 1;
            dispatch.take_committed(Sequence(at), Vec::new(), settled, &mut pending);
            assert_eq!(dispatch.webhooks.counted()[0].2, held, "{how:?}");
        }
    }
}
