//! Server-sent events: `live` with the whole picture when it changed, `offer` for each offer, `missed` with a count when
//! a slow reader missed some.
//!
//! A reader that stops reading holds up nobody: pictures are skipped and offers counted as missed. Before: http.rs.
//! Next: console/console.js.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use tokio::sync::{OwnedSemaphorePermit, broadcast, mpsc, watch};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use turnpage_gateway_core::{Live, Outgoing};

/// Events on their way to one reader.
const EVENTS_MAX: usize = 16;
/// A comment this often keeps proxies and dead connections honest.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) fn events(
    live: watch::Receiver<Arc<Live>>,
    offers: broadcast::Receiver<Arc<Outgoing>>,
    stop: watch::Receiver<bool>,
    place: OwnedSemaphorePermit,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let (to, from) = mpsc::channel(EVENTS_MAX);
    tokio::spawn(async move {
        // The place is free again when the reader is gone.
        let _place = place;
        feed(live, offers, stop, to).await;
    });
    Sse::new(ReceiverStream::new(from)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

async fn feed(
    mut live: watch::Receiver<Arc<Live>>,
    mut offers: broadcast::Receiver<Arc<Outgoing>>,
    mut stop: watch::Receiver<bool>,
    to: mpsc::Sender<Result<Event, Infallible>>,
) {
    live.mark_changed();
    loop {
        let event = tokio::select! {
            changed = live.changed() => match changed {
                Ok(()) => {
                    let picture = Arc::clone(&live.borrow_and_update());
                    Event::default().event("live").json_data(&*picture)
                }
                Err(_) => return,
            },
            offer = offers.recv() => match offer {
                Ok(offer) => Event::default().event("offer").json_data(&*offer),
                Err(broadcast::error::RecvError::Lagged(count)) => {
                    Ok(Event::default().event("missed").data(count.to_string()))
                }
                Err(broadcast::error::RecvError::Closed) => return,
            },
            _ = stop.wait_for(|stop| *stop) => return,
            () = to.closed() => return,
        };
        match event {
            Ok(event) => {
                if to.send(Ok(event)).await.is_err() {
                    return;
                }
            }
            Err(error) => tracing::error!("a live event cannot be written: {error}"),
        }
    }
}
