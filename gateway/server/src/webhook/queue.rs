//! What waits for one endpoint: which is due when, what is under way, and until when each is worth sending.
//!
//! Plain data under a lock; the time is a parameter. Before: dispatch.rs, through webhook.rs. Next: webhook/worker.rs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use tokio::time::Instant;
use turnpage_gateway_core::{OfferId, Outgoing, Timestamp};

use super::Death;

/// Offers that wait for one endpoint: a busy hour of a large venue, in a few megabytes.
pub(super) const QUEUED_MAX: usize = 10_000;

/// An offer on its way to an endpoint.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) offer: Arc<Outgoing>,
    pub(super) failures: u32,
    /// Why the last attempt failed.
    pub(super) last: Option<Death>,
}

/// What became of an offer that was put.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Put {
    Taken,
    /// It waits or is under way already.
    Known,
    Full,
}

/// When a job is due, and the order of those that are due at once.
type Turn = (Instant, u64);

/// The queue.
#[derive(Default)]
pub(super) struct Queue {
    waiting: BTreeMap<Turn, Job>,
    turns: FxHashMap<OfferId, Turn>,
    deadlines: BTreeSet<(Timestamp, OfferId)>,
    under_way: FxHashSet<OfferId>,
    next: u64,
    /// The receiver asked for peace until then.
    held_until: Option<Instant>,
    /// Something found no room since there was some last.
    refused: bool,
}

impl Queue {
    pub(super) fn put(&mut self, offer: Arc<Outgoing>, now: Instant) -> Put {
        if self.turns.contains_key(&offer.id) || self.under_way.contains(&offer.id) {
            return Put::Known;
        }
        if self.len() >= QUEUED_MAX {
            self.refused = true;
            return Put::Full;
        }
        self.insert(Job { offer, failures: 0, last: None }, now);
        Put::Taken
    }

    /// The job whose turn it is, which is under way from now on.
    pub(super) fn next(&mut self, now: Instant) -> Option<Job> {
        if self.held_until.is_some_and(|until| until > now) {
            return None;
        }
        let (turn, _) = self.waiting.first_key_value().filter(|((due, _), _)| *due <= now)?;
        let job = self.take(*turn)?;
        self.under_way.insert(job.offer.id);
        Some(job)
    }

    /// When the next job may go.
    pub(super) fn due(&self) -> Option<Instant> {
        let ((due, _), _) = self.waiting.first_key_value()?;
        Some(self.held_until.map_or(*due, |held| held.max(*due)))
    }

    /// A job is under way no more; whether anybody still wants to know.
    pub(super) fn finish(&mut self, id: OfferId) -> bool {
        self.under_way.remove(&id)
    }

    /// A job failed and gets another turn.
    pub(super) fn again(&mut self, job: Job, at: Instant) {
        self.insert(job, at);
    }

    /// Nothing goes before `until`.
    pub(super) fn hold(&mut self, until: Instant) {
        self.held_until = self.held_until.max(Some(until));
    }

    pub(super) fn remove(&mut self, id: OfferId) {
        self.under_way.remove(&id);
        if let Some(turn) = self.turns.get(&id).copied() {
            self.take(turn);
        }
    }

    /// Takes out what is not worth sending any more.
    pub(super) fn expire(&mut self, now: Timestamp) -> Vec<Job> {
        let mut expired = Vec::new();
        while let Some((_, id)) = self.deadlines.first().copied().filter(|(at, _)| *at <= now) {
            let turn = self.turns.get(&id).copied();
            expired.extend(turn.and_then(|turn| self.take(turn)));
            self.deadlines.pop_first();
        }
        expired
    }

    /// Takes out what is not to be sent any more, under whatever the endpoint is told now.
    pub(super) fn keep(&mut self, takes: impl Fn(&Outgoing) -> bool) -> Vec<Job> {
        let left = self.waiting.iter().filter(|(_, job)| !takes(&job.offer)).map(|(turn, _)| *turn);
        let left: Vec<Turn> = left.collect();
        left.into_iter().filter_map(|turn| self.take(turn)).collect()
    }

    /// All that waits is due, in the order that it had: whoever asked for peace or failed is asked no more.
    pub(super) fn hurry(&mut self, now: Instant) {
        self.held_until = None;
        for job in std::mem::take(&mut self.waiting).into_values() {
            self.insert(job, now);
        }
    }

    /// Asks for what may not have been put, as after a refusal.
    pub(super) fn ask(&mut self) {
        self.refused = true;
    }

    /// Takes out all that waits.
    pub(super) fn clear(&mut self) -> Vec<Job> {
        self.turns.clear();
        self.deadlines.clear();
        self.refused = false;
        std::mem::take(&mut self.waiting).into_values().collect()
    }

    /// Whether what was refused can come now: told once, when half of the room is free.
    pub(super) fn has_room_again(&mut self) -> bool {
        self.len() <= QUEUED_MAX / 2 && std::mem::take(&mut self.refused)
    }

    /// What waits or is under way.
    pub(super) fn len(&self) -> usize {
        self.waiting.len() + self.under_way.len()
    }

    fn insert(&mut self, job: Job, due: Instant) {
        let (id, turn) = (job.offer.id, (due, self.next));
        self.next += 1;
        self.turns.insert(id, turn);
        self.deadlines.insert((job.offer.valid_until, id));
        self.waiting.insert(turn, job);
    }

    fn take(&mut self, turn: Turn) -> Option<Job> {
        let job = self.waiting.remove(&turn)?;
        self.turns.remove(&job.offer.id);
        self.deadlines.remove(&(job.offer.valid_until, job.offer.id));
        Some(job)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::sample;

    fn offer(id: u128, until: i64) -> Arc<Outgoing> {
        Arc::new(sample::offer(id, "a", until))
    }

    #[test]
    fn an_offer_is_held_once_and_goes_in_its_turn() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        let later = now + Duration::from_secs(1);
        assert_eq!([queue.put(offer(1, 9), now), queue.put(offer(2, 9), now)], [Put::Taken, Put::Taken]);
        assert_eq!(queue.put(offer(1, 9), now), Put::Known);
        let first = queue.next(now).unwrap();
        assert_eq!((first.offer.id, queue.put(offer(1, 9), now)), (OfferId(1), Put::Known));
        assert!(queue.finish(OfferId(1)));
        queue.again(first, later);
        assert_eq!(queue.next(now).unwrap().offer.id, OfferId(2));
        assert!(queue.next(now).is_none());
        assert_eq!(queue.due(), Some(later));
        queue.hold(later + Duration::from_secs(1));
        assert!(queue.next(later).is_none());
        assert_eq!(queue.next(queue.due().unwrap()).unwrap().offer.id, OfferId(1));
    }

    #[test]
    fn what_is_withdrawn_is_neither_sent_nor_sent_again() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        queue.put(offer(1, 9), now);
        queue.put(offer(2, 9), now);
        assert_eq!(queue.next(now).unwrap().offer.id, OfferId(1));
        queue.remove(OfferId(1));
        queue.remove(OfferId(2));
        assert!(!queue.finish(OfferId(1)) && queue.next(now).is_none());
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn what_expires_leaves_the_queue_once() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        queue.put(offer(1, 10), now);
        queue.put(offer(2, 20), now);
        assert!(queue.expire(Timestamp(9)).is_empty());
        assert_eq!(queue.expire(Timestamp(10)).len(), 1);
        assert!(queue.expire(Timestamp(10)).is_empty());
        assert_eq!(queue.clear().len(), 1);
        assert!(queue.expire(Timestamp(99)).is_empty());
    }

    #[test]
    fn a_full_queue_asks_once_for_what_it_refused() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        for id in 0..QUEUED_MAX as u128 {
            assert_eq!(queue.put(offer(id, 9), now), Put::Taken);
        }
        assert_eq!(queue.put(offer(u128::MAX, 9), now), Put::Full);
        assert!(!queue.has_room_again());
        (0..QUEUED_MAX as u128 / 2).for_each(|id| queue.remove(OfferId(id)));
        assert!(queue.has_room_again() && !queue.has_room_again());
    }
}
