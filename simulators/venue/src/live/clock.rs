//! The park's clock: set by the driver alone, watched by everybody.

use tokio::sync::watch;
use turnpage_firmware_node::Now;
use turnpage_gateway_core::Timestamp;

/// The clock, and when the nodes were started by it.
#[derive(Clone)]
pub(super) struct Clock {
    time: watch::Receiver<Timestamp>,
    started: Timestamp,
}

impl Clock {
    /// A clock that shows `from`, and the hand that sets it.
    pub(super) fn new(from: Timestamp) -> (watch::Sender<Timestamp>, Self) {
        let (hand, time) = watch::channel(from);
        (hand, Self { time, started: from })
    }

    /// What it shows.
    pub(super) fn time(&self) -> Timestamp {
        *self.time.borrow()
    }

    /// The instant as a node sees it: up since the start, set by the venue's time.
    pub(super) fn now(&self) -> Now {
        let at = self.time();
        let millis = |ms: i64| u64::try_from(ms).unwrap_or(0);
        Now::synced(millis(at.0 - self.started.0), millis(at.0))
    }

    /// Waits until the hand has moved; for ever once nobody moves it.
    pub(super) async fn moved(&mut self) {
        if self.time.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
