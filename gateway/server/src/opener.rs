//! Opens frames on the doors' own threads, so that the one writer does not have to.
//!
//! What it is given with it holds until the shard gives it another; a frame that came through between is opened anew by the
//! writer (`Gate` of gateway/core says why that is safe). It refuses nothing. Before: door/serve.rs. Next: shard.rs.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxHashMap;
use turnpage_gateway_core::{Gate, Role, Unsealed};
use turnpage_gateway_mqtt::{Account, Publish};

/// What doors open frames with; nothing before the shard has begun.
#[derive(Default)]
pub(crate) struct Opener(RwLock<Option<Arc<Keyring>>>);

/// The keys that count now, and who may say what.
pub(crate) struct Keyring {
    gate: Arc<Gate>,
    roles: FxHashMap<Account, Role>,
}

impl Opener {
    /// From now on, with these.
    pub(crate) fn give(&self, gate: Arc<Gate>, roles: FxHashMap<Account, Role>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(Keyring { gate, roles }));
    }

    /// For all that one read brought.
    pub(crate) fn keyring(&self) -> Option<Arc<Keyring>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Keyring {
    /// What there is of a frame in what an account published.
    pub(crate) fn open(&self, publish: &Publish) -> Option<Unsealed> {
        let Publish { account, message, .. } = publish;
        self.gate.open(self.roles.get(account)?, message.topic.as_str(), &message.payload)
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opener")
    }
}
