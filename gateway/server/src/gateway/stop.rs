//! How a gateway ends: in an order in which nothing that was taken goes unanswered, and nothing that was delivered is forgotten.
//!
//! Each part looks at the phase and ends by itself; whoever drops the gateway instead ends them all at once. Before: gateway.rs.

use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::Gateway;
use crate::Error;
use crate::audit::What;
use crate::dispatch::ToDispatch;
use crate::shard::{Command, Health};

/// How far a gateway is with its end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(crate) enum Phase {
    /// It is not at its end.
    #[default]
    Open,
    /// Doors take nothing more and answer what they took; requests to webhooks come to an end.
    Draining,
    /// Nobody is left at the doors: requests and streams of the console come to an end.
    Leaving,
    /// All that happened is in the log.
    Over,
}

/// Waits until a gateway has come so far. False where it was dropped.
pub(crate) async fn reached(phase: &mut watch::Receiver<Phase>, wanted: Phase) -> bool {
    phase.wait_for(|phase| *phase >= wanted).await.is_ok()
}

/// Waits until a gateway drains, and then for as long as what is under way may take; not at all where it was dropped.
pub(crate) async fn overdue(mut phase: watch::Receiver<Phase>, patience: Duration) {
    if reached(&mut phase, Phase::Draining).await {
        tokio::time::sleep_until(Instant::now() + patience).await;
    }
}

impl Gateway {
    /// Says that it is not ready; takes nothing more, commits and answers what has come in, and says goodbye at the doors;
    /// lets requests to webhooks come to their end; and lets go of the store. Each of these has the time that the setup gives
    /// it. Whatever comes in meanwhile is not acknowledged, and so the clients' to send again; what was not delivered is
    /// in the outbox at the next start.
    ///
    /// # Errors
    /// When the store could not be written to at the end.
    pub async fn stop(mut self) -> Result<(), Error> {
        // The shard is gone already only when its thread has panicked; the doors are closed all the same.
        let _ = self.commands.send(Command::Drain).await;
        let _ = self.health.wait_for(|health| *health == Health::Stopped).await;
        self.phase.send_replace(Phase::Draining);
        if let Some(door) = self.door {
            door.stop(self.drain).await;
        }
        ended(self.outward).await;
        ended(self.webhooks.take_workers()).await;
        self.phase.send_replace(Phase::Leaving);
        ended(self.console).await;
        // What was delivered until now is in the log before the end, so that it does not come again.
        let (done, flushed) = oneshot::channel();
        if self.to_dispatch.send(ToDispatch::Flush(done)).await.is_ok() {
            let _ = flushed.await;
        }
        let _ = self.commands.send(Command::Stop).await;
        let result = self.shard.await;
        self.phase.send_replace(Phase::Over);
        ended(self.inward).await;
        let books = self.books;
        ended([tokio::task::spawn_blocking(move || books.save())]).await;
        self.audit.note(What::Stopped, "gateway", "");
        let audit = self.audit;
        ended([tokio::task::spawn_blocking(move || audit.close())]).await;
        match result {
            Ok(result) => Ok(result?),
            Err(_) => Err(Error::Setup("the shard's thread panicked".to_owned())),
        }
    }
}

async fn ended(tasks: impl IntoIterator<Item = JoinHandle<()>>) {
    for task in tasks {
        if let Err(error) = task.await {
            tracing::error!("a part of the gateway did not end well: {error}");
        }
    }
}
