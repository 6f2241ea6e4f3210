//! Who may come in, and what each may publish and subscribe to.
//!
//! An account is a user name with a [`Permit`], and a password, a certificate's name or both; there are no anonymous
//! clients. Passwords come from the venue's own provisioning and are held in memory only; a comparison takes the same
//! time wherever they differ. Whether a certificate is genuine is decided before, by the shell's TLS.
//! Before: the gateway's configuration. Next: broker.rs.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use subtle::ConstantTimeEq;

use crate::topic::{Filter, Topic};

/// The name of an account: an MQTT user name. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Account(Arc<str>);

impl Account {
    /// The account of that name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Account {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an account may do. The default may do nothing.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Permit {
    publish: Vec<Filter>,
    subscribe: Vec<Filter>,
}

impl Permit {
    /// Publishing to topics under any of `publish`, subscribing to filters that lie within one of `subscribe`.
    #[must_use]
    pub fn new(publish: Vec<Filter>, subscribe: Vec<Filter>) -> Self {
        Self { publish, subscribe }
    }

    /// Whether a message may be published to `topic`.
    #[must_use]
    pub fn may_publish(&self, topic: &Topic) -> bool {
        self.publish.iter().any(|filter| filter.matches(topic))
    }

    /// Whether `filter` may be subscribed to: one permitted filter has to cover all of it.
    #[must_use]
    pub fn may_subscribe(&self, filter: &Filter) -> bool {
        self.subscribe.iter().any(|permitted| permitted.covers(filter))
    }
}

/// What a client shows to be let in.
#[derive(Clone, Copy, Debug)]
pub struct Credentials<'a> {
    /// The user name of its CONNECT; empty if it gave none.
    pub user_name: &'a str,
    /// The password of its CONNECT; empty if it gave none.
    pub password: &'a [u8],
    /// The names in its certificate, which the shell has verified.
    pub certified: &'a [String],
}

/// How an account differs from what it was, where something was taken from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Change {
    /// It may publish or hear other topics.
    Permit,
    /// The password that it had, or a certificate's name, does not let it in any more.
    Credentials,
    /// There is no such account.
    Gone,
}

#[derive(Clone)]
struct Known {
    password: Option<Box<[u8]>>,
    permit: Arc<Permit>,
}

/// The accounts the door knows.
#[derive(Clone, Default)]
pub struct Accounts {
    known: FxHashMap<Account, Known>,
    /// Whose certificate bears this name.
    certified: FxHashMap<Box<str>, Account>,
}

impl Accounts {
    /// No account: nobody comes in.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an account, or replaces the one of that name. Without a password it comes in by a certificate alone.
    pub fn insert(&mut self, account: Account, password: Option<&[u8]>, permit: Permit) {
        // An empty password is what a client sends that has none.
        let password = password.filter(|password| !password.is_empty()).map(Into::into);
        self.known.insert(account, Known { password, permit: Arc::new(permit) });
    }

    /// Lets `account` in by a certificate that bears `name`.
    pub fn certify(&mut self, name: &str, account: Account) {
        self.certified.insert(name.into(), account);
    }

    /// What `account` may do, if there is such a one.
    pub(crate) fn permit(&self, account: &Account) -> Option<Arc<Permit>> {
        self.known.get(account).map(|known| Arc::clone(&known.permit))
    }

    /// Those of these accounts that are not in `next` what they are here, and the gravest of what was done to each. Who may come
    /// in by one more way than before is not among them.
    pub(crate) fn changes(&self, next: &Self) -> FxHashMap<Account, Change> {
        let mut changes: FxHashMap<Account, Change> = FxHashMap::default();
        let mut note = |account: &Account, change: Change| {
            let known = changes.entry(account.clone()).or_insert(change);
            *known = change.max(*known);
        };
        for (account, known) in &self.known {
            match next.known.get(account) {
                None => note(account, Change::Gone),
                Some(other) => {
                    if known.password.is_some() && known.password != other.password {
                        note(account, Change::Credentials);
                    }
                    if known.permit != other.permit {
                        note(account, Change::Permit);
                    }
                }
            }
        }
        for (name, account) in &self.certified {
            if next.certified.get(name) != Some(account) {
                note(account, Change::Credentials);
            }
        }
        changes
    }

    /// How many accounts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether nobody can come in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The account whose credentials these are, with its permit. Who shows a password is judged by that alone; who
    /// shows none may come as the account that the certificate names.
    #[must_use]
    pub fn admit(&self, shown: &Credentials<'_>) -> Option<(Account, Arc<Permit>)> {
        let (account, known) = if shown.password.is_empty() {
            self.by_certificate(shown)
        } else {
            self.by_password(shown.user_name, shown.password)
        }?;
        Some((account.clone(), Arc::clone(&known.permit)))
    }

    /// An unknown name costs a comparison too, so that time does not tell it from a wrong password.
    fn by_password(&self, name: &str, password: &[u8]) -> Option<(&Account, &Known)> {
        let found = self.known.get_key_value(name);
        let expected = found.and_then(|(_, known)| known.password.as_deref());
        let equal = bool::from(expected.unwrap_or(password).ct_eq(password));
        found.filter(|_| expected.is_some() && std::hint::black_box(equal))
    }

    /// A certificate may bear the names of several accounts: then the client has to say which of them it is.
    fn by_certificate(&self, shown: &Credentials<'_>) -> Option<(&Account, &Known)> {
        let mut bearers: Vec<_> =
            shown.certified.iter().filter_map(|name| self.certified.get(name.as_str())).collect();
        bearers.sort_unstable();
        bearers.dedup();
        let account = match bearers[..] {
            [only] if shown.user_name.is_empty() => only,
            _ => bearers.into_iter().find(|account| account.as_str() == shown.user_name)?,
        };
        self.known.get_key_value(account)
    }
}

impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.known.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(texts: &[&str]) -> Vec<Filter> {
        texts.iter().map(|text| Filter::new(text).unwrap()).collect()
    }

    fn accounts() -> Accounts {
        let mut accounts = Accounts::new();
        accounts.insert(Account::new("gate-1"), Some(b"secret"), Permit::default());
        accounts.insert(Account::new("gate-2"), None, Permit::default());
        accounts.insert(Account::new("gate-3"), Some(b""), Permit::default());
        accounts.certify("gate-1.park.example", Account::new("gate-1"));
        accounts.certify("gate-2", Account::new("gate-2"));
        accounts.certify("gone", Account::new("gone"));
        accounts
    }

    fn admitted(user_name: &str, password: &[u8], certified: &[&str]) -> Option<String> {
        let certified: Vec<_> = certified.iter().map(|name| (*name).to_owned()).collect();
        let shown = Credentials { user_name, password, certified: &certified };
        accounts().admit(&shown).map(|(account, _)| account.to_string())
    }

    #[test]
    fn only_the_right_name_with_the_right_password_comes_in() {
        assert_eq!(admitted("gate-1", b"secret", &[]).as_deref(), Some("gate-1"));
        for (name, password) in [
            ("gate-1", &b"secre"[..]),
            ("gate-1", b"Secret"),
            ("gate-1", b""),
            ("gate-2", b"secret"),
            ("gate-2", b""),
            ("gate-3", b""),
            ("gate-4", b"secret"),
            ("", b""),
        ] {
            assert_eq!(admitted(name, password, &[]), None, "{name}");
        }
    }

    #[test]
    fn a_certificate_comes_in_as_the_account_that_it_names_and_as_no_other() {
        assert_eq!(admitted("", b"", &["gate-2"]).as_deref(), Some("gate-2"));
        assert_eq!(admitted("gate-2", b"", &["other", "gate-2"]).as_deref(), Some("gate-2"));
        assert_eq!(
            admitted("", b"", &["gate-1.park.example", "gate-1.park.example"]).as_deref(),
            Some("gate-1")
        );
        assert_eq!(admitted("gate-1", b"", &["gate-2"]), None);
        assert_eq!(admitted("", b"", &["gate-1"]), None, "its name is another");
        assert_eq!(admitted("", b"", &["gone"]), None, "there is no such account");
        let both = ["gate-1.park.example", "gate-2"];
        assert_eq!(admitted("", b"", &both), None, "it has to say which");
        assert_eq!(admitted("gate-2", b"", &both).as_deref(), Some("gate-2"));
    }

    #[test]
    fn who_shows_a_password_is_judged_by_it() {
        assert_eq!(admitted("gate-1", b"secret", &["gate-2"]).as_deref(), Some("gate-1"));
        assert_eq!(admitted("gate-2", b"wrong", &["gate-2"]), None);
    }

    #[test]
    fn passwords_are_not_shown() {
        let mut accounts = Accounts::new();
        accounts.insert(Account::new("gate-1"), Some(b"secret"), Permit::default());
        assert_eq!(format!("{accounts:?}"), r#"{Account("gate-1")}"#);
    }

    #[test]
    fn a_permit_allows_what_it_names_and_nothing_else() {
        let permit = Permit::new(filters(&["v1/node/7/+"]), filters(&["v1/offer/#"]));
        assert!(permit.may_publish(&Topic::new("v1/node/7/event").unwrap()));
        assert!(!permit.may_publish(&Topic::new("v1/node/8/event").unwrap()));
        assert!(permit.may_subscribe(&Filter::new("v1/offer/+").unwrap()));
        assert!(!permit.may_subscribe(&Filter::new("#").unwrap()));
        assert!(!Permit::default().may_publish(&Topic::new("a").unwrap()));
    }
}
