//! Who of those who share a subscription gets a message.
//!
//! The member with the least before it, of those who are there; among equals they take turns. While none is there,
//! messages at QoS 1 wait with the group, and whoever comes first gets them. What a member had not acknowledged when its
//! connection ended goes to the others. Before: broker.rs. Next: shares.rs and session.rs.

use super::{Broker, Effect, session};
use crate::limits::QUEUED_MAX;
use crate::message::{Message, Moment, Qos};
use crate::notice::Lost;
use crate::session::Delivery;
use crate::shares::GroupId;
use crate::subscription::Options;
use crate::topic::Filter;
use crate::trie::SessionIx;

impl Broker {
    /// Hands `message` to a member of each group that matches. Says how many groups took it.
    pub(super) fn share_out(&mut self, message: &Message) -> usize {
        if self.shares.is_empty() {
            return 0;
        }
        let groups = self.shares.matching(message);
        groups.into_iter().filter(|group| self.share(*group, message.clone())).count()
    }

    /// What waits with the group of `filter` goes to whoever is there.
    pub(super) fn share_waiting(&mut self, now: Moment, group: GroupId) {
        let Some(waiting) = self.shares.group_mut(group).map(|group| std::mem::take(&mut group.waiting))
        else {
            return;
        };
        for message in waiting {
            if message.is_expired(now) {
                self.lose_shared(group, message, Lost::Expired);
            } else {
                self.share(group, message);
            }
        }
    }

    /// A member's connection has ended: what it had of its groups and did not acknowledge goes back to them, to stand
    /// before what waits there.
    pub(super) fn share_again(&mut self, now: Moment, ix: SessionIx) {
        if self.shares.is_empty() {
            return;
        }
        let Some(session) = session(&mut self.sessions, ix) else { return };
        let mut groups: Vec<GroupId> = Vec::new();
        let owed = session.take_shared(|group| self.shares.has(group, ix));
        for (group, message) in owed.into_iter().rev() {
            if let Some(group) = self.shares.group_mut(group) {
                group.waiting.push_front(message);
            }
            groups.push(group);
        }
        groups.sort_unstable();
        groups.dedup();
        groups.into_iter().for_each(|group| self.share_waiting(now, group));
    }

    /// A member is there again: what waited with its groups may go out.
    pub(super) fn share_with(&mut self, now: Moment, ix: SessionIx) {
        if self.shares.is_empty() {
            return;
        }
        let Some(session) = session(&mut self.sessions, ix) else { return };
        let groups: Vec<GroupId> =
            session.filters.iter().filter_map(|filter| self.shares.of(filter, ix)).collect();
        groups.into_iter().for_each(|group| self.share_waiting(now, group));
    }

    /// A session shares a filter no more. What waited with a group that nobody is left in is lost.
    pub(super) fn stop_sharing(&mut self, ix: SessionIx, filter: &Filter, inner: &Filter) {
        let Some(client) = session(&mut self.sessions, ix).map(|session| session.client.clone()) else {
            return;
        };
        let left = self.shares.leave(filter, inner, ix);
        let lost = left.into_iter().map(|message| (Delivery::waiting(message), Lost::SessionEnded));
        self.report_lost(&client, lost.collect());
    }

    /// Hands `message` to one member of the group. Says whether it was taken.
    fn share(&mut self, id: GroupId, message: Message) -> bool {
        let Some(group) = self.shares.group_mut(id) else { return false };
        // The first of the least busy, counted from the one whose turn it is.
        let there = group.round().filter_map(|(place, ix, options)| {
            let session = session(&mut self.sessions, ix)?;
            session.connection.map(|connection| (session.load(), place, ix, options, connection))
        });
        let Some((_, place, ix, options, connection)) = there.min_by_key(|(load, ..)| *load) else {
            return self.wait(id, message);
        };
        group.turned(place);
        let Some(session) = session(&mut self.sessions, ix) else { return false };
        let Options { qos, retain_as_published, identifier, .. } = options;
        let delivery = Delivery {
            qos: qos.min(message.qos),
            retain: message.retain && retain_as_published,
            identifiers: identifier.into_iter().collect(),
            share: Some(id),
            message,
        };
        let mut lost = Vec::new();
        session.push(delivery, &mut lost);
        let client = session.client.clone();
        self.effects.push(Effect::Wake(connection));
        self.counters.routed += 1;
        self.report_lost(&client, lost);
        true
    }

    /// Nobody is there. Says whether the message waits: not at QoS 0.
    fn wait(&mut self, id: GroupId, message: Message) -> bool {
        let Some(group) = self.shares.group_mut(id) else { return false };
        let granted = group.round().map(|(_, _, options)| options.qos).max().unwrap_or(Qos::AtMostOnce);
        if granted.min(message.qos) == Qos::AtMostOnce {
            self.lose_shared(id, message, Lost::Unsure);
            return false;
        }
        let oldest = if group.waiting.len() >= QUEUED_MAX { group.waiting.pop_front() } else { None };
        group.waiting.push_back(message);
        if let Some(oldest) = oldest {
            self.lose_shared(id, oldest, Lost::QueueFull);
        }
        true
    }

    /// Tells that a group lost a message, under the name of its first member.
    fn lose_shared(&mut self, id: GroupId, message: Message, why: Lost) {
        let first = self.shares.group_mut(id).and_then(|group| group.round().next());
        let Some(session) = first.and_then(|(_, ix, _)| session(&mut self.sessions, ix)) else { return };
        let client = session.client.clone();
        self.report_lost(&client, vec![(Delivery::waiting(message), why)]);
    }
}
