//! Who may come in, and what each may publish and subscribe to.
//!
//! An account is a user name with a password and a [`Permit`]; there are no anonymous clients. Passwords come from the
//! venue's own provisioning and are held in memory only; a comparison takes the same time wherever they differ. Before: the gateway's configuration. Next: broker.rs.

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
#[derive(Clone, Default, Debug)]
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

/// The accounts the door knows.
#[derive(Clone, Default)]
pub struct Accounts {
    known: FxHashMap<Account, (Box<[u8]>, Arc<Permit>)>,
}

impl Accounts {
    /// No account: nobody comes in.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an account, or replaces the one of that name.
    pub fn insert(&mut self, account: Account, password: &[u8], permit: Permit) {
        self.known.insert(account, (password.into(), Arc::new(permit)));
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

    /// The permit of the account, if there is one of that name with that password. An unknown name costs a comparison
    /// too, so that time does not tell it from a wrong password.
    #[must_use]
    pub fn admit(&self, name: &str, password: &[u8]) -> Option<(Account, Arc<Permit>)> {
        match self.known.get_key_value(name) {
            Some((account, (expected, permit))) => {
                bool::from(expected.ct_eq(password)).then(|| (account.clone(), Arc::clone(permit)))
            }
            None => {
                let _ = std::hint::black_box(password.ct_eq(password));
                None
            }
        }
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

    #[test]
    fn only_the_right_name_with_the_right_password_comes_in() {
        let mut accounts = Accounts::new();
        accounts.insert(Account::new("gate-1"), b"secret", Permit::default());
        assert!(accounts.admit("gate-1", b"secret").is_some());
        for (name, password) in
            [("gate-1", &b"secre"[..]), ("gate-1", b"Secret"), ("gate-2", b"secret"), ("", b"")]
        {
            assert!(accounts.admit(name, password).is_none(), "{name}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        let mut accounts = Accounts::new();
        accounts.insert(Account::new("gate-1"), b"secret", Permit::default());
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
