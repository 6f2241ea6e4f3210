//! Who is signed in with a browser: a bounded table of this process, by the fingerprint of what the cookie holds.
//!
//! A restart signs everybody out. Before: access.rs.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::token::Fingerprint;
use super::{Caller, Who};

/// Sessions at once: every screen of a venue, many times over.
const SESSIONS_MAX: usize = 1_024;
/// How long one lasts, however busy it is: a long shift.
pub(crate) const SESSION_MAX: Duration = Duration::from_secs(12 * 3_600);

/// A session.
#[derive(Clone, Debug)]
struct Session {
    who: Who,
    until: Instant,
}

/// All of them, [`SESSIONS_MAX`] at most.
#[derive(Default, Debug)]
pub(super) struct Sessions(HashMap<[u8; 32], Session>);

impl Sessions {
    /// Signs in. Where there is no room, whoever has been in for longest is out.
    pub(super) fn begin(&mut self, key: Fingerprint, who: Who, now: Instant, until: Instant) {
        self.0.retain(|_, session| session.until > now);
        if self.0.len() >= SESSIONS_MAX
            && let Some(oldest) = self.0.iter().min_by_key(|(_, session)| session.until).map(|(key, _)| *key)
        {
            self.0.remove(&oldest);
        }
        self.0.insert(key.bytes(), Session { who, until });
    }

    /// Signs out. False when nobody was in.
    pub(super) fn end(&mut self, key: Fingerprint) -> bool {
        self.0.remove(&key.bytes()).is_some()
    }

    pub(super) fn find(&self, key: Fingerprint, now: Instant) -> Option<Caller> {
        let session = self.0.get(&key.bytes()).filter(|session| session.until > now)?;
        Some(Caller { who: session.who.clone(), session: Some(key), until: Some(session.until) })
    }

    /// Signs out whoever is no longer wanted.
    pub(super) fn keep(&mut self, wanted: impl Fn(&Who) -> bool) {
        self.0.retain(|_, session| wanted(&session.who));
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Role;
    use super::*;

    fn who(name: &str) -> Who {
        Who { name: name.into(), role: Role::Viewer, token: None }
    }

    #[test]
    fn a_session_ends_by_itself_and_the_oldest_makes_room() {
        let (mut sessions, now) = (Sessions::default(), Instant::now());
        let key = |number: usize| Fingerprint::of(&number.to_string());
        let second = Duration::from_secs(1);
        sessions.begin(key(0), who("first"), now, now + second);
        assert_eq!(sessions.find(key(0), now).unwrap().who.name, "first".into());
        assert!(sessions.find(key(0), now + second).is_none());
        for number in 1..=SESSIONS_MAX {
            let until = now + 2 * second + Duration::from_millis(number as u64);
            sessions.begin(key(number), who("later"), now, until);
        }
        assert_eq!(sessions.len(), SESSIONS_MAX);
        assert!(sessions.find(key(0), now).is_none() && sessions.find(key(1), now).is_some());
        assert!(sessions.end(key(1)) && !sessions.end(key(1)));
    }
}
