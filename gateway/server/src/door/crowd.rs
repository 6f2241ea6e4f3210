//! Who is at the door, by address: no one address may take it all.
//!
//! A stranger is a connection that has not signed in. Strangers are few at a time: while there are as many as there may
//! be, nobody more is accepted and newcomers wait in the system's queue, each stranger for a bounded time. An address
//! that already has its share is turned away instead, so that it cannot make the others wait.
//! Before: accept.rs. Next: serve.rs, which says when a stranger has signed in.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Limits;

/// How much of the room for strangers one address may take: a part, so that others get in beside it.
const STRANGERS_SHARE: usize = 2;

/// Counts connections by address.
#[derive(Debug)]
pub(super) struct Crowd {
    limits: Limits,
    // Addresses are a stranger's: the standard hasher is keyed, so that none can be chosen to collide.
    counts: Mutex<HashMap<IpAddr, Count>>,
}

#[derive(Clone, Copy, Default, Debug)]
struct Count {
    all: usize,
    strangers: usize,
}

/// A connection's place in the crowd, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    crowd: Arc<Crowd>,
    address: IpAddr,
    stranger: bool,
}

impl Crowd {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, counts: Mutex::default() }
    }

    /// A place for a stranger from `address`, if it has not its share already.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = household(address);
        let mut counts = self.counts();
        let count = counts.entry(address).or_default();
        let share = self.limits.strangers_max.div_ceil(STRANGERS_SHARE);
        if count.all >= self.limits.per_address_max || count.strangers >= share {
            return None;
        }
        count.all += 1;
        count.strangers += 1;
        Some(Place { crowd: Arc::clone(self), address, stranger: true })
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<IpAddr, Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// It has signed in.
    pub(super) fn known(&mut self) {
        if std::mem::take(&mut self.stranger)
            && let Some(count) = self.crowd.counts().get_mut(&self.address)
        {
            count.strangers -= 1;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.crowd.counts().entry(self.address) {
            count.get_mut().all -= 1;
            count.get_mut().strangers -= usize::from(self.stranger);
            if count.get().all == 0 {
                count.remove();
            }
        }
    }
}

/// Whoever has one IPv6 address has all that share its first 64 bits.
pub(crate) fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(per_address_max: usize, strangers_max: usize) -> Arc<Crowd> {
        Arc::new(Crowd::new(Limits { per_address_max, strangers_max, ..Limits::default() }))
    }

    fn enter(crowd: &Arc<Crowd>, address: &str) -> Option<Place> {
        crowd.enter(address.parse().unwrap())
    }

    #[test]
    fn an_address_has_its_share_and_gets_it_back() {
        let crowd = crowd(2, 100);
        let (first, second) = (enter(&crowd, "10.0.0.1"), enter(&crowd, "10.0.0.1"));
        assert!(first.is_some() && second.is_some());
        assert!(enter(&crowd, "10.0.0.1").is_none());
        assert!(enter(&crowd, "::ffff:10.0.0.1").is_none(), "the same address in another dress");
        assert!(enter(&crowd, "10.0.0.2").is_some());
        drop(first);
        assert!(enter(&crowd, "10.0.0.1").is_some());
        drop(second);
        assert!(crowd.counts().is_empty(), "{crowd:?}");
    }

    #[test]
    fn no_address_takes_all_the_room_for_strangers() {
        let crowd = crowd(100, 4);
        let mut first = enter(&crowd, "10.0.0.1").unwrap();
        let _second = enter(&crowd, "10.0.0.1").unwrap();
        assert!(enter(&crowd, "10.0.0.1").is_none());
        first.known();
        first.known();
        let third = enter(&crowd, "10.0.0.1");
        assert!(third.is_some(), "who has signed in is no stranger");
        assert!(enter(&crowd, "10.0.0.1").is_none());
    }

    #[test]
    fn a_household_of_ipv6_is_one_address() {
        let crowd = crowd(1, 100);
        let _one = enter(&crowd, "2001:db8:1:2::1").unwrap();
        assert!(enter(&crowd, "2001:db8:1:2:ffff::9").is_none());
        assert!(enter(&crowd, "2001:db8:1:3::1").is_some());
    }
}
