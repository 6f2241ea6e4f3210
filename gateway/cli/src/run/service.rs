//! What the service manager is told, where one started this: systemd's `sd_notify(3)`.
//!
//! Without a manager that listens all of it does nothing. Before: run.rs.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use turnpage_gateway_server::{Beat, Gateway};

/// The manager.
pub(super) struct Service {
    /// When to look whether the gateway moves: twice in the time that the manager waits.
    look: Option<Interval>,
    last: Beat,
}

impl Service {
    /// Whoever started this process.
    pub(super) fn new() -> Self {
        let look = sd_notify::watchdog_enabled().filter(|wait| *wait > Duration::ZERO).map(|wait| {
            // Whoever has just begun has not moved yet.
            let mut look = interval_at(Instant::now() + wait / 2, wait / 2);
            look.set_missed_tick_behavior(MissedTickBehavior::Delay);
            look
        });
        Self { look, last: Beat::default() }
    }

    /// The doors are open.
    pub(super) fn ready(&self) {
        tell(&[NotifyState::Ready, NotifyState::Status("taking messages")]);
    }

    /// Everything is read again.
    pub(super) fn reloading(&self) {
        // Since systemd 253 both belong in one message.
        match NotifyState::monotonic_usec_now() {
            Ok(now) => tell(&[NotifyState::Reloading, now, NotifyState::Status("reloading")]),
            Err(error) => tracing::warn!("cannot tell the service manager of a reload: {error}"),
        }
    }

    /// It stops.
    pub(super) fn stopping(&self) {
        tell(&[NotifyState::Stopping, NotifyState::Status("committing what has come in")]);
    }

    /// Tells as long as the gateway moves; one that is stuck is the manager's to end. Never ends; may be dropped and asked again.
    pub(super) async fn watch(&mut self, gateway: &Gateway) {
        let Some(look) = &mut self.look else { return std::future::pending().await };
        loop {
            look.tick().await;
            if gateway.is_moving(&mut self.last) {
                tell(&[NotifyState::Watchdog]);
            } else {
                tracing::error!("the gateway is stuck: the service manager is not told that it is alive");
            }
        }
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!("cannot tell the service manager: {error}");
    }
}
