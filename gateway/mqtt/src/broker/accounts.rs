//! What becomes of those who are in when the accounts change: whoever came in by something that is gone is put out at once.
//!
//! Before: the shell, with the accounts of another configuration. Next: permit.rs, which compares; sign_in.rs.

use super::{Broker, Effect, SignOut, session};
use crate::connection::Closed;
use crate::message::Moment;
use crate::permit::{Accounts, Change, Permit};
use crate::topic::Filter;
use crate::trie::SessionIx;

impl Broker {
    /// Replaces the accounts. Sessions of one that is gone end, unheard wills with them. Who is connected under one that may
    /// come in or do otherwise than before is put out and may come again; its session goes on, unless it hears what it may
    /// not hear any more.
    pub fn set_accounts(&mut self, now: Moment, accounts: Accounts) {
        let changes = self.accounts.changes(&accounts);
        self.accounts = accounts;
        if changes.is_empty() {
            return;
        }
        for place in 0..self.sessions.len() {
            let Ok(ix) = u32::try_from(place).map(SessionIx) else { return };
            let change = session(&mut self.sessions, ix).and_then(|session| changes.get(&session.account));
            if let Some(change) = change.copied() {
                self.put_out(now, ix, change);
            }
        }
    }

    fn put_out(&mut self, now: Moment, ix: SessionIx, change: Change) {
        let Some(session) = session(&mut self.sessions, ix) else { return };
        let permit = self.accounts.permit(&session.account);
        let publishes = |will: &crate::session::Will| {
            permit.as_ref().is_some_and(|permit| permit.may_publish(&will.message.topic))
        };
        session.will = session.will.take().filter(publishes);
        let hears = |permit: &Permit, filter: &Filter| match filter.shared() {
            Some(inner) => permit.may_subscribe(&inner),
            None => permit.may_subscribe(filter),
        };
        let stays = permit.is_some_and(|permit| session.filters.iter().all(|filter| hears(&permit, filter)));
        if let Some(connection) = session.connection {
            let why = match change {
                Change::Gone | Change::Credentials => Closed::AccountGone,
                Change::Permit => Closed::AccountChanged,
            };
            self.counters.put_out += 1;
            self.effects.push(Effect::Close(connection, why));
            self.sign_out(now, ix, connection, SignOut { will: true, expiry_s: None });
        }
        if !stays {
            self.end(now, ix);
        }
    }
}
