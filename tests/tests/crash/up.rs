//! Where the gateway can be reached at the moment, for clients that have lost it.
//!
//! A client that lost its connection comes back at once while the place still counts, and waits when it does not. Before:
//! main.rs. Next: node.rs and band.rs.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::ledger::{LOOK_EVERY, Ledger};

/// The place, or that there is none.
#[derive(Default)]
pub(crate) struct Up {
    place: Mutex<Place>,
    changed: Condvar,
    /// Clients that wait for a place.
    waiting: Mutex<u32>,
    waits: Condvar,
}

#[derive(Default, Clone, Copy)]
enum Place {
    #[default]
    Nowhere,
    Port(u16),
    Never,
}

impl Up {
    /// A gateway is ready at a port.
    pub(crate) fn rise(&self, port: u16) {
        self.set(Place::Port(port));
    }

    /// It is about to be killed.
    pub(crate) fn fall(&self) {
        self.set(Place::Nowhere);
    }

    /// There will be none any more.
    pub(crate) fn end(&self) {
        self.set(Place::Never);
    }

    fn set(&self, place: Place) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = place;
        self.changed.notify_all();
    }

    /// Waits until there is a port; `None` when there will be none any more.
    pub(crate) fn port(&self) -> Option<u16> {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match *place {
                Place::Port(port) => return Some(port),
                Place::Never => return None,
                Place::Nowhere => {
                    self.count(|waiting| *waiting += 1);
                    place = self.changed.wait(place).unwrap_or_else(PoisonError::into_inner);
                    self.count(|waiting| *waiting -= 1);
                }
            }
        }
    }

    /// Waits until so many clients wait, while there is no place.
    pub(crate) fn wait_until_all_wait(&self, clients: u32, ledger: &Ledger) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        while *waiting < clients {
            let waited = self.waits.wait_timeout(waiting, LOOK_EVERY);
            waiting = waited.unwrap_or_else(PoisonError::into_inner).0;
            ledger.assert_nobody_gave_up();
        }
    }

    fn count(&self, count: impl FnOnce(&mut u32)) {
        count(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        self.waits.notify_all();
    }
}
