//! Who may look at the console and ask something of the API: tokens, sessions, and how often.
//!
//! Tokens come from the config and change with it; a token that is gone takes its sessions and streams with it. Without
//! any, whoever reaches a gateway that listens on loopback may look. It decides nothing about routes. Before: config.rs.
//! Next: http/rights.rs, http/enter.rs.

mod limit;
mod role;
mod session;
mod token;

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::time::Instant;

use crate::audit::{Audit, What};
use crate::door::{Tls, household};
use crate::{ConsoleSetup, Error};
use limit::Limiter;
pub use limit::Rate;
pub use role::Role;
use session::SESSION_MAX;
use session::Sessions;
pub use token::{Fingerprint, SECRET_LETTERS_MIN, Token, fresh};

/// What a console asks of one address: a page with all its parts many times over, and a screen that polls.
pub const ASKING: Rate = Rate { burst: 400, every: Duration::from_millis(10) };
/// Wrong secrets of one address: a mistake or two of everybody behind it, and not a line of the audit log a millisecond.
pub const GUESSING: Rate = Rate { burst: 20, every: Duration::from_secs(3) };

/// Refusals that are written down: a few of each attempt, and not a disk full.
const WRITTEN: Rate = Rate { burst: 100, every: Duration::from_secs(10) };

/// Who somebody is, however they came in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Who {
    /// The token's name, or `loopback`.
    pub(crate) name: Arc<str>,
    pub(crate) role: Role,
    /// The token that vouches for them; who has none is vouched for by where they are.
    token: Option<Fingerprint>,
}

/// Somebody who asks.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) who: Who,
    /// The session that a cookie names.
    pub(crate) session: Option<Fingerprint>,
    /// When they are out.
    pub(crate) until: Option<Instant>,
}

/// How requests to the console ended before they were answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refusal {
    /// No secret, a wrong one, or one that has run out.
    Unknown,
    /// A role that does not suffice.
    Forbidden,
    /// A page of another site asked for a change.
    Foreign,
    /// Too often.
    TooOften,
}

impl Refusal {
    const ALL: [Self; 4] = [Self::Unknown, Self::Forbidden, Self::Foreign, Self::TooOften];

    fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Forbidden => "forbidden",
            Self::Foreign => "foreign",
            Self::TooOften => "too-often",
        }
    }
}

/// See the file's header. Shared by all that ask.
pub(crate) struct Access {
    /// Where no token is declared, whoever asks is as good as this.
    anyone: Option<Role>,
    known: Mutex<Known>,
    /// Who is in may be out.
    changed: watch::Sender<()>,
    asking: Limiter<Asker>,
    guessing: Limiter<IpAddr>,
    written: Limiter<()>,
    audit: Audit,
    signed_in: AtomicU64,
    refused: [AtomicU64; Refusal::ALL.len()],
}

/// Who may use the console, and how it is reached. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) access: Arc<Access>,
    /// The gateway's own TLS.
    pub(crate) tls: Option<Tls>,
    /// Browsers come under TLS, the gateway's own or a proxy's.
    pub(crate) secure: bool,
}

impl Entry {
    /// Of a console that listens there.
    ///
    /// # Errors
    /// When anybody on the network could use it.
    pub(crate) fn of(listens: Option<SocketAddr>, setup: ConsoleSetup, audit: &Audit) -> Result<Self, Error> {
        let ConsoleSetup { tls, proxied, tokens, asking } = setup;
        let secure = tls.is_some() || proxied;
        let local = listens.is_none_or(|addr| addr.ip().is_loopback());
        if let Some(addr) = listens.filter(|_| !local) {
            if tokens.is_empty() {
                let message = format!("the console would be open to anybody at `{addr}`: declare a token");
                return Err(Error::Setup(message));
            }
            if !secure {
                tracing::warn!("tokens come to the console at `{addr}` unencrypted: give it `tls`");
            }
        }
        let access = Access::new(tokens, local.then_some(Role::Author), asking, audit.clone());
        Ok(Self { access: Arc::new(access), tls, secure })
    }
}

/// Whose bucket it is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Asker {
    Address(IpAddr),
    Name(Arc<str>),
}

#[derive(Default)]
struct Known {
    tokens: Vec<Token>,
    sessions: Sessions,
}

impl Access {
    /// `anyone`: as what to take people while there is no token at all.
    pub(crate) fn new(tokens: Vec<Token>, anyone: Option<Role>, asking: Rate, audit: Audit) -> Self {
        Self {
            anyone,
            known: Mutex::new(Known { tokens, sessions: Sessions::default() }),
            changed: watch::Sender::new(()),
            asking: Limiter::new(asking),
            guessing: Limiter::new(GUESSING),
            written: Limiter::new(WRITTEN),
            audit,
            signed_in: AtomicU64::new(0),
            refused: Default::default(),
        }
    }

    /// From now on these. Sessions of a token that is gone or another end.
    pub(crate) fn set_tokens(&self, tokens: Vec<Token>) {
        let mut known = self.known();
        let Known { tokens: before, sessions } = &mut *known;
        *before = tokens;
        sessions.keep(|who| who.token.is_none_or(|token| vouches(before, who, token)));
        drop(known);
        self.changed.send_replace(());
    }

    /// Whether tokens are what lets people in.
    pub(crate) fn asks(&self) -> bool {
        self.anyone.is_none() || !self.known().tokens.is_empty()
    }

    /// Who has this secret.
    pub(crate) fn by_secret(&self, secret: &str) -> Option<Caller> {
        let (shown, now) = (Fingerprint::of(secret), SystemTime::now());
        let known = self.known();
        // All of them are looked at, so that the time it takes tells nothing of where one was found.
        let found = known.tokens.iter().fold(None, |found, token| {
            if token.fingerprint == shown && token.is_good(now) { Some(token) } else { found }
        });
        let token = found?;
        let who = Who { name: token.name.as_str().into(), role: token.role, token: Some(shown) };
        let left = token.until.map(|until| until.duration_since(now).unwrap_or_default());
        Some(Caller { who, session: None, until: left.and_then(|left| Instant::now().checked_add(left)) })
    }

    /// Who has signed in with what this cookie holds.
    pub(crate) fn by_cookie(&self, secret: &str) -> Option<Caller> {
        self.known().sessions.find(Fingerprint::of(secret), Instant::now())
    }

    /// Whoever is there, where that is enough.
    pub(crate) fn by_place(&self) -> Option<Caller> {
        let role = self.anyone.filter(|_| !self.asks())?;
        Some(Caller { who: Who { name: "loopback".into(), role, token: None }, session: None, until: None })
    }

    /// Begins a session; gives what its cookie is to hold, and for how long.
    pub(crate) fn sign_in(&self, caller: &Caller) -> Result<(String, Duration), getrandom::Error> {
        let (secret, now) = (fresh()?, Instant::now());
        let until = (now + SESSION_MAX).min(caller.until.unwrap_or(now + SESSION_MAX));
        self.known().sessions.begin(Fingerprint::of(&secret), caller.who.clone(), now, until);
        self.signed_in.fetch_add(1, Ordering::Relaxed);
        self.audit.note(What::SignedIn, &caller.who.name, caller.who.role.as_str());
        Ok((secret, until - now))
    }

    /// Ends a session: its cookie is worth nothing from now on, and its streams end.
    pub(crate) fn sign_out(&self, session: Fingerprint, who: &Who) {
        self.known().sessions.end(session);
        self.audit.note(What::SignedOut, &who.name, "");
        self.changed.send_replace(());
    }

    /// Waits until a caller is in no longer.
    pub(crate) async fn ended(&self, caller: &Caller) {
        let mut changed = self.changed.subscribe();
        while self.is_in(caller) {
            let over = async {
                match caller.until {
                    Some(until) => tokio::time::sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = changed.changed() => {}
                () = over => return,
            }
        }
    }

    fn is_in(&self, caller: &Caller) -> bool {
        match (caller.session, caller.who.token) {
            (Some(session), _) => self.known().sessions.find(session, Instant::now()).is_some(),
            (None, Some(token)) => vouches(&self.known().tokens, &caller.who, token),
            (None, None) => !self.asks(),
        }
    }

    /// Whether this address may ask once more; or after how long.
    pub(crate) fn address_may_ask(&self, address: IpAddr) -> Result<(), Duration> {
        self.asking.take(Asker::Address(household(address)), Instant::now())
    }

    /// Whether this caller, wherever it asks from, may ask once more; or after how long.
    pub(crate) fn may_ask(&self, caller: &Caller) -> Result<(), Duration> {
        self.asking.take(Asker::Name(Arc::clone(&caller.who.name)), Instant::now())
    }

    /// Whether one more wrong secret of this address is worth a word.
    pub(crate) fn may_guess(&self, address: IpAddr) -> Result<(), Duration> {
        self.guessing.take(household(address), Instant::now())
    }

    /// Where who it is does not matter or is not known, `who` is empty.
    pub(crate) fn refuse(&self, refusal: Refusal, who: &str) {
        if refusal != Refusal::TooOften && self.written.take((), Instant::now()).is_ok() {
            self.audit.note(What::Refused, who, refusal.as_str());
        }
        for (known, count) in Refusal::ALL.iter().zip(&self.refused) {
            count.fetch_add(u64::from(*known == refusal), Ordering::Relaxed);
        }
    }

    /// Sessions now, sessions begun, and refusals by their reason.
    pub(crate) fn counts(&self) -> (u64, u64, Vec<(&'static str, u64)>) {
        let refused = Refusal::ALL.iter().zip(&self.refused);
        let refused = refused.map(|(why, count)| (why.as_str(), count.load(Ordering::Relaxed))).collect();
        (self.known().sessions.len() as u64, self.signed_in.load(Ordering::Relaxed), refused)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether one of the tokens is still what somebody came in with.
fn vouches(tokens: &[Token], who: &Who, fingerprint: Fingerprint) -> bool {
    let same = |token: &Token| {
        token.fingerprint == fingerprint && *token.name == *who.name && token.role == who.role
    };
    tokens.iter().any(same)
}
