//! How a client comes in and goes: accounts, take-over, session expiry and wills.
//!
//! Before: connection.rs, with what a CONNECT or the end of a connection says. Next: session.rs.

use std::sync::Arc;

use super::{Broker, Effect, Timer, served, session};
use crate::connection::Closed;
use crate::limits::SESSIONS_MAX;
use crate::message::{ClientId, Message, Moment};
use crate::notice::Lost;
use crate::permit::{Account, Credentials, Permit};
use crate::publish::Publish;
use crate::session::{ConnectionId, Session, Will};
use crate::trie::SessionIx;

/// Who wants in, as its CONNECT says.
#[derive(Debug)]
pub(crate) struct SignIn<'a> {
    pub(crate) connection: ConnectionId,
    pub(crate) credentials: Credentials<'a>,
    /// Empty if the door is to choose one.
    pub(crate) client: &'a str,
    pub(crate) clean_start: bool,
    pub(crate) expiry_s: u32,
    pub(crate) window: usize,
    pub(crate) will: Option<Will>,
}

/// Who is in.
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub(crate) session: SessionIx,
    /// Whether the session existed before.
    pub(crate) present: bool,
    pub(crate) client: ClientId,
    pub(crate) account: Account,
    pub(crate) permit: Arc<Permit>,
}

/// Why somebody is not let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum KeptOut {
    /// No such account, or not this password.
    Credentials,
    /// The account may not publish its own will.
    Will,
    /// The session of that name is another account's.
    ClientId,
    /// There are as many sessions as the door keeps.
    Full,
}

/// How a connection ended, as far as its session is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SignOut {
    /// Whether the will is published.
    pub(crate) will: bool,
    /// The session expiry that a DISCONNECT set anew.
    pub(crate) expiry_s: Option<u32>,
}

impl Broker {
    /// Lets a client in, under its old session or a new one, and takes the session from an older connection
    /// (MQTT-3.1.4-3).
    pub(crate) fn sign_in(&mut self, now: Moment, wish: SignIn<'_>) -> Result<SignedIn, KeptOut> {
        let signed_in = self.try_sign_in(now, wish);
        match &signed_in {
            Ok(_) => self.counters.accepted += 1,
            Err(_) => self.counters.refused += 1,
        }
        signed_in
    }

    /// A connection is gone: its session waits for the next one, or ends. Nothing happens if it has one already.
    pub(crate) fn sign_out(&mut self, now: Moment, ix: SessionIx, connection: ConnectionId, how: SignOut) {
        let Some(session) = served(&mut self.sessions, ix, connection) else { return };
        let mut lost = Vec::new();
        session.pause(&mut lost);
        if !how.will {
            session.will = None;
        }
        session.expiry_s = how.expiry_s.unwrap_or(session.expiry_s);
        let ends = now.after(u64::from(session.expiry_s) * 1_000);
        session.ends = Some(ends);
        self.timers.insert((ends, ix, Timer::End));
        if let Some(will) = &session.will {
            let due = now.after(will.delay_ms);
            session.will_due = Some(due);
            self.timers.insert((due, ix, Timer::Will));
        }
        let client = session.client.clone();
        self.counters.connected -= 1;
        self.report_lost(&client, lost);
        self.share_again(now, ix);
        // What is due at once is done at once.
        self.advance(now);
    }

    fn try_sign_in(&mut self, now: Moment, wish: SignIn<'_>) -> Result<SignedIn, KeptOut> {
        let (account, permit) = self.accounts.admit(&wish.credentials).ok_or(KeptOut::Credentials)?;
        if wish.will.as_ref().is_some_and(|will| !permit.may_publish(&will.message.topic)) {
            return Err(KeptOut::Will);
        }
        let client = if wish.client.is_empty() { self.assign() } else { ClientId::new(wish.client) };
        let mut old = self.by_client.get(&client).copied();
        if let Some(ix) = old {
            if session(&mut self.sessions, ix).is_some_and(|session| session.account != account) {
                return Err(KeptOut::ClientId);
            }
            self.take_over(now, ix, wish.clean_start);
            // A session that did not outlive its connection, or that the client does not want, is gone by now.
            old = self.by_client.get(&client).copied();
        }
        let present = old.is_some();
        let ix = match old {
            Some(ix) => ix,
            None => self.begin(Session::new(client.clone(), account.clone())).ok_or(KeptOut::Full)?,
        };
        if let Some(session) = session(&mut self.sessions, ix) {
            let (ends, will_due) = (session.ends, session.will_due);
            session.resume(wish.connection, wish.window, wish.expiry_s, wish.will);
            self.cancel(ends, ix, Timer::End);
            self.cancel(will_due, ix, Timer::Will);
            self.counters.connected += 1;
        }
        self.share_with(now, ix);
        Ok(SignedIn { session: ix, present, client, account, permit })
    }

    /// Takes a session from its connection, if it has one, and ends it if it is not wanted any more. A will is
    /// published unless the session goes on within the will's delay (section 3.1.3.2.2).
    fn take_over(&mut self, now: Moment, ix: SessionIx, clean_start: bool) {
        let connection = session(&mut self.sessions, ix).and_then(|session| session.connection);
        if let Some(connection) = connection {
            self.counters.taken_over += 1;
            self.effects.push(Effect::Close(connection, Closed::TakenOver));
            self.sign_out(now, ix, connection, SignOut { will: true, expiry_s: None });
        }
        if clean_start {
            self.end(now, ix);
        }
    }

    /// A client identifier nobody has.
    fn assign(&mut self) -> ClientId {
        loop {
            self.assigned += 1;
            let client = ClientId::new(&format!("door-{:016x}-{}", self.seed, self.assigned));
            if !self.by_client.contains_key(&client) {
                return client;
            }
        }
    }

    fn begin(&mut self, session: Session) -> Option<SessionIx> {
        if self.by_client.len() >= SESSIONS_MAX {
            return None;
        }
        let next = u32::try_from(self.sessions.len()).ok().map(SessionIx)?;
        let ix = self.free.pop().unwrap_or(next);
        self.by_client.insert(session.client.clone(), ix);
        match self.sessions.get_mut(ix.0 as usize) {
            Some(free) => *free = Some(session),
            None => self.sessions.push(Some(session)),
        }
        self.counters.sessions += 1;
        Some(ix)
    }

    /// Forgets a session without a connection: its will is due, and what it was owed is lost (MQTT-3.1.2-8,
    /// section 4.1).
    pub(super) fn end(&mut self, now: Moment, ix: SessionIx) {
        self.publish_will(now, ix);
        let filters =
            session(&mut self.sessions, ix).map(|session| session.filters.clone()).unwrap_or_default();
        filters.iter().for_each(|filter| self.forget(ix, filter));
        let Some(session) = self.sessions.get_mut(ix.0 as usize).and_then(Option::take) else { return };
        self.cancel(session.ends, ix, Timer::End);
        self.counters.subscriptions -= session.filters.len() as u64;
        self.counters.sessions -= 1;
        self.by_client.remove(&session.client);
        self.free.push(ix);
        let client = session.client.clone();
        let lost = session.into_owed().map(|delivery| (delivery, Lost::SessionEnded)).collect();
        self.report_lost(&client, lost);
    }

    /// Publishes the will of a session without a connection, if it has one.
    pub(super) fn publish_will(&mut self, now: Moment, ix: SessionIx) {
        let Some(session) = session(&mut self.sessions, ix) else { return };
        let due = session.will_due.take();
        if let Some(Will { message, expiry_ms, .. }) = session.will.take() {
            let client = session.client.clone();
            let expires = expiry_ms.map(|ms| now.after(ms));
            let message = Message { expires, publisher: Some(client.clone()), ..message };
            let account = session.account.clone();
            self.effects.push(Effect::Will(Publish { client, account, message, token: None }));
            self.counters.wills += 1;
        }
        self.cancel(due, ix, Timer::Will);
    }

    fn cancel(&mut self, due: Option<Moment>, ix: SessionIx, timer: Timer) {
        if let Some(at) = due {
            self.timers.remove(&(at, ix, timer));
        }
    }
}
