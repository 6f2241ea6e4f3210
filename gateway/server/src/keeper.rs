//! Who may post over HTTP: the accounts of the front door, or, where a venue's broker is the door, those that the configuration
//! names all the same.
//!
//! What each may say, gateway/mqtt's permits tell, in either case. Before: gateway/doors.rs. Next: http/intake.rs.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use turnpage_gateway_mqtt::Credentials;

use crate::door::{Account, Accounts, DoorHandle, Permit};

/// Knows the accounts. Cheap to clone.
#[derive(Clone)]
pub(crate) enum Keeper {
    /// The front door does.
    Door(DoorHandle),
    /// There is none: they are for posting alone.
    Alone(Arc<RwLock<Accounts>>),
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keeper(..)")
    }
}

impl Keeper {
    /// Of accounts without a door.
    pub(crate) fn alone(accounts: Accounts) -> Self {
        Self::Alone(Arc::new(RwLock::new(accounts)))
    }

    /// The account whose name and password these are, and what it may say.
    pub(crate) fn admit(&self, user_name: &str, password: &[u8]) -> Option<(Account, Arc<Permit>)> {
        match self {
            Self::Door(door) => door.admit(user_name, password),
            Self::Alone(accounts) => {
                let shown = Credentials { user_name, password, certified: &[] };
                accounts.read().unwrap_or_else(PoisonError::into_inner).admit(&shown)
            }
        }
    }

    /// Goes on with other accounts.
    pub(crate) fn set_accounts(&self, next: Accounts) {
        match self {
            Self::Door(door) => door.set_accounts(next),
            Self::Alone(accounts) => *accounts.write().unwrap_or_else(PoisonError::into_inner) = next,
        }
    }
}
