//! How a session comes to hear of a topic, and stops to.
//!
//! Permits are checked before, in connection.rs, which has the one of its client. Next: trie.rs and session.rs.

use super::{Broker, Effect, served};
use crate::limits::SUBSCRIPTIONS_MAX;
use crate::message::Moment;
use crate::notice::Notice;
use crate::session::ConnectionId;
use crate::subscription::Options;
use crate::topic::Filter;
use crate::trie::SessionIx;

/// Which retained messages a new subscription is told (section 3.8.3.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Replay {
    Always,
    IfNew,
    Never,
}

impl Broker {
    /// Subscribes, or changes what a subscription asked for (MQTT-3.8.4-3). False if the session has as many as it
    /// may have, or is served by another connection.
    pub(crate) fn subscribe(
        &mut self,
        now: Moment,
        ix: SessionIx,
        connection: ConnectionId,
        filter: Filter,
        options: Options,
        replay: Replay,
    ) -> bool {
        let Some(session) = served(&mut self.sessions, ix, connection) else { return false };
        let new = !session.filters.contains(&filter);
        if new && session.filters.len() >= SUBSCRIPTIONS_MAX {
            return false;
        }
        if new {
            session.filters.insert(filter.clone());
            self.counters.subscriptions += 1;
        }
        let client = session.client.clone();
        let filter = match filter.shared() {
            // Nobody is told what is retained who shares (section 3.8.4).
            Some(inner) => {
                let group = self.shares.join(&filter, &inner, ix, options);
                self.share_waiting(now, group);
                inner
            }
            None => {
                if replay == Replay::Always || (replay == Replay::IfNew && new) {
                    session.replay(filter.clone(), options);
                }
                self.trie.insert(&filter, ix, options);
                filter
            }
        };
        self.effects.push(Effect::Notice(Notice::Subscribed { client, filter }));
        true
    }

    /// Unsubscribes. False if there was no such subscription.
    pub(crate) fn unsubscribe(&mut self, ix: SessionIx, connection: ConnectionId, filter: &Filter) -> bool {
        let Some(session) = served(&mut self.sessions, ix, connection) else { return false };
        if !session.filters.remove(filter) {
            return false;
        }
        session.end_replay(filter);
        self.forget(ix, filter);
        self.counters.subscriptions -= 1;
        true
    }

    /// Routes nothing more under `filter` to the session.
    pub(super) fn forget(&mut self, ix: SessionIx, filter: &Filter) {
        match filter.shared() {
            Some(inner) => self.stop_sharing(ix, filter, &inner),
            None => self.trie.remove(filter, ix),
        }
    }
}
