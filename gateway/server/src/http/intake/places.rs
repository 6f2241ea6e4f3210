//! Requests at once: so many an account, and one under a key.
//!
//! A place is given back when its guard goes, be it that the sender went away. Next: back in intake.rs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::door::Account;

/// Requests of one account at once: its batches keep the log busy, and none shuts out the others.
pub(super) const PER_ACCOUNT_MAX: usize = 8;

/// Who is being served. At most [`PER_ACCOUNT_MAX`] an account; an account that nothing is in flight of is not in it.
#[derive(Default)]
pub(super) struct Places(Mutex<BTreeMap<Account, Vec<Option<String>>>>);

/// A place; dropped, it is free again.
pub(super) struct Place {
    places: Arc<Places>,
    account: Account,
    key: Option<String>,
}

/// Why there is no place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NoPlace {
    /// A request under this key is being processed.
    SameKey,
    /// The account has as many as it may.
    Full,
}

impl Places {
    pub(super) fn take(self: &Arc<Self>, account: &Account, key: Option<&str>) -> Result<Place, NoPlace> {
        let mut served = self.served();
        let keys = served.entry(account.clone()).or_default();
        if key.is_some() && keys.iter().any(|known| known.as_deref() == key) {
            return Err(NoPlace::SameKey);
        }
        if keys.len() >= PER_ACCOUNT_MAX {
            return Err(NoPlace::Full);
        }
        let key = key.map(str::to_owned);
        keys.push(key.clone());
        Ok(Place { places: Arc::clone(self), account: account.clone(), key })
    }

    fn served(&self) -> MutexGuard<'_, BTreeMap<Account, Vec<Option<String>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut served = self.places.served();
        let Some(keys) = served.get_mut(&self.account) else { return };
        if let Some(place) = keys.iter().position(|key| *key == self.key) {
            keys.swap_remove(place);
        }
        if keys.is_empty() {
            served.remove(&self.account);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_served_once_at_a_time_and_an_account_so_often() {
        let (places, till, gate) = (Arc::<Places>::default(), Account::new("till"), Account::new("gate"));
        let first = places.take(&till, Some("k")).unwrap();
        assert_eq!(places.take(&till, Some("k")).err(), Some(NoPlace::SameKey));
        let _other = places.take(&gate, Some("k")).unwrap();
        let mut rest: Vec<Place> = (1..PER_ACCOUNT_MAX).map(|_| places.take(&till, None).unwrap()).collect();
        assert_eq!(places.take(&till, None).err(), Some(NoPlace::Full));
        assert_eq!(places.take(&till, Some("k")).err(), Some(NoPlace::SameKey));
        drop(first);
        let _again = places.take(&till, Some("k")).unwrap();
        assert_eq!(places.take(&till, None).err(), Some(NoPlace::Full));
        rest.clear();
        drop(_again);
        assert!(!places.served().contains_key(&till));
    }
}
