//! Puts the parts together, says where they listen, and takes them apart again in an order that loses nothing.
//!
//! It contains no rule about messages. Before: setup.rs. Next: shard.rs.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::{broadcast, watch};
use turnpage_gateway_core::{Live, Outgoing};

use crate::{Error, Setup};

/// A running gateway. Dropped, it stops like a process that was killed; [`Gateway::stop`] says goodbye first.
pub struct Gateway {
    mqtt_addr: Option<SocketAddr>,
    http_addr: Option<SocketAddr>,
    live: watch::Receiver<Arc<Live>>,
    offers: broadcast::Sender<Arc<Outgoing>>,
}

impl Gateway {
    /// Opens the store, recovers what it holds, and only then opens the doors.
    ///
    /// # Errors
    /// When the store cannot be used or an address cannot be listened on.
    pub async fn start(setup: Setup) -> Result<Self, Error> {
        let _ = setup;
        Err(Error::Setup("not yet".into()))
    }

    /// Where the front door listens: with the port that the system chose for port 0. `None` without a door.
    #[must_use]
    pub fn mqtt_addr(&self) -> Option<SocketAddr> {
        self.mqtt_addr
    }

    /// Where the console and the API listen. `None` when they do not.
    #[must_use]
    pub fn http_addr(&self) -> Option<SocketAddr> {
        self.http_addr
    }

    /// What is true in the venue, renewed four times a second while anything happens.
    #[must_use]
    pub fn live(&self) -> watch::Receiver<Arc<Live>> {
        self.live.clone()
    }

    /// Offers as they are committed. A receiver that falls behind misses the oldest, and is told how many.
    #[must_use]
    pub fn offers(&self) -> broadcast::Receiver<Arc<Outgoing>> {
        self.offers.subscribe()
    }

    /// Closes the doors, commits and acknowledges what came in, and lets go of the store.
    ///
    /// # Errors
    /// When the last commit failed: what was in it is the clients' to send again.
    pub async fn stop(self) -> Result<(), Error> {
        Ok(())
    }
}
