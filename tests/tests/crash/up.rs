//! Where the gateway can be reached at the moment, for clients that have lost it.
//!
//! A client that lost its connection comes back at once while the place still counts, and waits when it does not. Before:
//! main.rs. Next: node.rs and band.rs.

use std::sync::{Condvar, Mutex, PoisonError};

/// The place, or that there is none.
#[derive(Default)]
pub(crate) struct Up {
    place: Mutex<Place>,
    changed: Condvar,
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
                    place = self.changed.wait(place).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }
}
