//! What an installer would have written down: node keys, passwords and the venue's daily badge key, all derived
//! from the seed so that a rehearsal needs no secrets kept anywhere.
//!
//! Never use it for a real venue: whoever knows the seed knows every key.
//! Next: the gateway takes the keys and accounts, `board` gives each node its own.

use core::fmt;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A login at the gateway's front door.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// MQTT user name; for a node this is its name in the venue file.
    pub user: String,
    /// MQTT password, ASCII.
    pub password: String,
    /// What the login may do there.
    pub role: Role,
}

/// What an [`Account`] is for; the gateway turns it into its topic filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Publishes its own `node/<name>/event` and `birth`.
    Node {
        /// The id in the venue file, which its frames carry.
        id: u32,
    },
    /// Publishes `signal/<name>`.
    Feed,
    /// Subscribes to `offer/+`, publishes `outcome/<subject>` for every band.
    Bands,
}

/// Everything the gateway must be told before the doors open.
#[derive(Clone)]
pub struct Provision {
    nodes: Vec<([u8; 32], Account)>,
    feed: Account,
    bands: Account,
    badge_key: [u8; 32],
}

impl Provision {
    /// Derives all secrets for the `nodes` (id, name) of a venue from `seed`.
    pub fn new<'a>(nodes: impl IntoIterator<Item = (u32, &'a str)>, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // A stream of its own, so that the crowd of the same seed does not walk by the keys.
        rng.set_stream(u64::MAX);
        let badge_key = key(&mut rng);
        let feed = account("feed", Role::Feed, &mut rng);
        let bands = account("bands", Role::Bands, &mut rng);
        let nodes =
            nodes.into_iter().map(|(id, name)| (key(&mut rng), account(name, Role::Node { id }, &mut rng)));
        Self { nodes: nodes.collect(), feed, bands, badge_key }
    }

    /// Every login: the nodes in the venue's order, then the feed, then the bands.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.nodes.iter().map(|(_, account)| account).chain([&self.feed, &self.bands])
    }

    /// Node id and the key its frames are authenticated with.
    pub fn keys(&self) -> impl Iterator<Item = (u32, [u8; 32])> + '_ {
        self.nodes.iter().filter_map(|(key, account)| match account.role {
            Role::Node { id } => Some((id, *key)),
            Role::Feed | Role::Bands => None,
        })
    }

    /// Key and login of the node at `index` in the venue's order.
    pub(crate) fn node(&self, index: usize) -> Option<(&[u8; 32], &Account)> {
        self.nodes.get(index).map(|(key, account)| (key, account))
    }

    /// The login of the system that knows the queues.
    #[must_use]
    pub fn feed(&self) -> &Account {
        &self.feed
    }

    /// The login of the hub that all bands talk through.
    #[must_use]
    pub fn bands(&self) -> &Account {
        &self.bands
    }

    /// The venue-wide key of this day under which nodes turn badge ids into pseudonyms.
    #[must_use]
    pub fn badge_key(&self) -> &[u8; 32] {
        &self.badge_key
    }
}

fn key(rng: &mut ChaCha8Rng) -> [u8; 32] {
    let mut key = [0; 32];
    rng.fill_bytes(&mut key);
    key
}

fn account(user: &str, role: Role, rng: &mut ChaCha8Rng) -> Account {
    let password = format!("{:016x}", rng.next_u64());
    Account { user: user.to_owned(), password, role }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("user", &self.user).field("role", &self.role).finish_non_exhaustive()
    }
}

impl fmt::Debug for Provision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provision").field("nodes", &self.nodes.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Provision;
    use std::collections::BTreeSet;

    const NODES: [(u32, &str); 2] = [(1, "gate"), (2, "mast")];

    #[test]
    fn a_seed_gives_the_same_secrets_and_another_gives_others() {
        let [one, again, other] = [7, 7, 8].map(|seed| Provision::new(NODES, seed));
        assert!(one.keys().eq(again.keys()) && one.badge_key() == again.badge_key());
        assert!(one.accounts().eq(again.accounts()));
        assert!(one.keys().all(|key| other.keys().all(|another| another.1 != key.1)));
    }

    #[test]
    fn no_two_secrets_are_alike() {
        let provision = Provision::new(NODES, 7);
        let passwords: BTreeSet<_> = provision.accounts().map(|account| &account.password).collect();
        assert_eq!(passwords.len(), 4);
        let keys: BTreeSet<_> =
            provision.keys().map(|(_, key)| key).chain([*provision.badge_key()]).collect();
        assert_eq!(keys.len(), 3);
    }

    #[test]
    fn secrets_do_not_print() {
        let provision = Provision::new(NODES, 7);
        let shown = format!("{provision:?} {:?}", provision.feed());
        assert!(!shown.contains(&provision.feed().password));
    }
}
