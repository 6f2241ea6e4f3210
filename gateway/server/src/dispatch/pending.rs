//! Offers that are not settled: which, until when, and how many sessions have one in hand.
//!
//! Plain data; its size is bounded by gateway/core, which withholds an offer when its subject's outbox is full.
//! Before: dispatch.rs. Next: dispatch.rs again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashMap;
use turnpage_gateway_core::{OfferId, Outgoing, Timestamp};

use crate::door::{Filter, Ticket, Topic};

/// What is not settled.
#[derive(Default)]
pub(super) struct Pending {
    next: u64,
    offers: BTreeMap<Ticket, Entry>,
    tickets: FxHashMap<OfferId, Ticket>,
    deadlines: BTreeSet<(Timestamp, Ticket)>,
    /// What is to be tried again without a new subscription.
    again: BTreeSet<Ticket>,
}

struct Entry {
    topic: Topic,
    offer: Arc<Outgoing>,
    /// Sessions that took it and have said nothing since.
    taken: usize,
    /// When one of them took it first.
    since: Option<Instant>,
}

impl Pending {
    /// Adds an offer under a new ticket; the same offer again takes the place of the first.
    pub(super) fn insert(&mut self, topic: Topic, offer: Arc<Outgoing>) -> Ticket {
        self.remove(offer.id);
        let ticket = Ticket(self.next);
        self.next += 1;
        self.tickets.insert(offer.id, ticket);
        self.deadlines.insert((offer.valid_until, ticket));
        self.offers.insert(ticket, Entry { topic, offer, taken: 0, since: None });
        ticket
    }

    pub(super) fn offer(&self, ticket: Ticket) -> Option<(Topic, Arc<Outgoing>)> {
        self.offers.get(&ticket).map(|entry| (entry.topic.clone(), Arc::clone(&entry.offer)))
    }

    /// So many more sessions have it.
    pub(super) fn taken(&mut self, ticket: Ticket, sessions: usize) {
        if let Some(entry) = self.offers.get_mut(&ticket) {
            entry.taken += sessions;
            entry.since = entry.since.or_else(|| (sessions > 0).then(Instant::now));
        }
    }

    /// The offer, and since when somebody has it in hand.
    pub(super) fn since(&self, ticket: Ticket) -> Option<(&Arc<Outgoing>, Instant)> {
        self.offers.get(&ticket).and_then(|entry| Some((&entry.offer, entry.since?)))
    }

    /// A session that had it gave it up; `again` when the same session may take it later.
    pub(super) fn lost(&mut self, ticket: Ticket, again: bool) {
        if let Some(entry) = self.offers.get_mut(&ticket) {
            entry.taken = entry.taken.saturating_sub(1);
            if again && entry.taken == 0 {
                self.again.insert(ticket);
            }
        }
    }

    /// What is to be tried again now, once.
    pub(super) fn again(&mut self) -> BTreeSet<Ticket> {
        std::mem::take(&mut self.again)
    }

    /// What nobody has in hand among the offers that a filter asks for, oldest first.
    pub(super) fn waiting(&self, filter: &Filter) -> Vec<Ticket> {
        let waits = |(ticket, entry): (&Ticket, &Entry)| {
            (entry.taken == 0 && filter.matches(&entry.topic)).then_some(*ticket)
        };
        self.offers.iter().filter_map(waits).collect()
    }

    /// Every offer, oldest first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Outgoing>> {
        self.offers.values().map(|entry| &entry.offer)
    }

    pub(super) fn remove(&mut self, id: OfferId) -> Option<OfferId> {
        let ticket = self.tickets.get(&id).copied()?;
        self.remove_ticket(ticket)
    }

    /// Forgets all of it. No ticket is given out twice: sessions may still report what became of one.
    pub(super) fn clear(&mut self) {
        *self = Self { next: self.next, ..Self::default() };
    }

    pub(super) fn remove_ticket(&mut self, ticket: Ticket) -> Option<OfferId> {
        let entry = self.offers.remove(&ticket)?;
        self.tickets.remove(&entry.offer.id);
        self.deadlines.remove(&(entry.offer.valid_until, ticket));
        self.again.remove(&ticket);
        Some(entry.offer.id)
    }

    /// Removes what is not worth delivering any more.
    pub(super) fn expire(&mut self, now: Timestamp) -> Vec<OfferId> {
        let mut expired = Vec::new();
        while let Some((_, ticket)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now) {
            expired.extend(self.remove_ticket(ticket));
        }
        expired
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn insert(pending: &mut Pending, id: u128, subject: &str, until: i64) -> Ticket {
        let offer = sample::offer(id, subject, until);
        pending.insert(Topic::new(&format!("offer/{subject}")).unwrap(), Arc::new(offer))
    }

    #[test]
    fn only_what_nobody_has_waits_for_a_subscriber() {
        let mut pending = Pending::default();
        let (a, b) = (insert(&mut pending, 1, "a", 10), insert(&mut pending, 2, "b", 10));
        let all = Filter::new("offer/+").unwrap();
        assert_eq!(pending.waiting(&all), [a, b]);
        assert_eq!(pending.waiting(&Filter::new("offer/b").unwrap()), [b]);
        pending.taken(a, 2);
        pending.lost(a, true);
        assert_eq!(pending.waiting(&all), [b]);
        assert!(pending.again().is_empty(), "another session still has it");
        pending.lost(a, true);
        assert_eq!(pending.waiting(&all), [a, b]);
        assert_eq!(pending.again().into_iter().collect::<Vec<_>>(), [a]);
        assert!(pending.again().is_empty());
    }

    #[test]
    fn what_expires_is_told_once_and_forgotten() {
        let mut pending = Pending::default();
        let early = insert(&mut pending, 1, "a", 10);
        insert(&mut pending, 2, "a", 20);
        assert!(pending.expire(Timestamp(9)).is_empty());
        assert_eq!(pending.expire(Timestamp(10)), [OfferId(1)]);
        assert!(pending.expire(Timestamp(10)).is_empty());
        assert!(pending.remove_ticket(early).is_none());
        assert!(pending.offer(early).is_none());
    }

    #[test]
    fn a_ticket_of_before_settles_nothing_after_a_new_beginning() {
        let mut pending = Pending::default();
        let old = insert(&mut pending, 1, "a", 10);
        pending.clear();
        insert(&mut pending, 2, "a", 10);
        assert!(pending.remove_ticket(old).is_none());
        assert_eq!(pending.all().count(), 1);
    }

    #[test]
    fn the_same_offer_is_held_once() {
        let mut pending = Pending::default();
        let first = insert(&mut pending, 1, "a", 10);
        let second = insert(&mut pending, 1, "a", 10);
        assert!(pending.offer(first).is_none() && pending.offer(second).is_some());
        pending.remove(OfferId(1));
        assert!(pending.waiting(&Filter::new("#").unwrap()).is_empty());
        assert!(pending.expire(Timestamp(99)).is_empty());
    }
}
