//! Server-sent events: `offer` for each offer with its place in the log as its id, `gap` when some were missed for good, and
//! for the console `live` with the whole picture when it changed.
//!
//! A stream that comes back with `Last-Event-ID` gets what it missed, as far as that still stands. One whose reader takes
//! nothing for a while is cut and counted; it holds up nobody. Hearing an offer here delivers it to nobody. Before: http.rs.
//! Next: history.rs; console/console.js.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::future::BoxFuture;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, mpsc, watch};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use turnpage_gateway_core::Live;

use crate::clock::Clock;
use crate::gateway::{Phase, reached};
use crate::history::{History, Next, Place};

/// A comment this often keeps proxies and dead connections honest.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long a reader may take nothing while something waits for it.
const SLOW_MAX: Duration = Duration::from_secs(30);
const LAST_EVENT_ID: &str = "last-event-id";

/// What a stream tells.
pub(super) struct Feed {
    /// The pictures, if it wants them.
    pub(super) live: Option<watch::Receiver<Arc<Live>>>,
    pub(super) history: Arc<History>,
    pub(super) clock: Clock,
    pub(super) phase: watch::Receiver<Phase>,
    /// Streams that were cut.
    pub(super) cut: Arc<AtomicU64>,
}

/// What `gap` says.
#[derive(Serialize)]
struct GapJson {
    /// Everything behind this place follows.
    whole_behind: String,
}

/// Until the gateway leaves, the reader goes, or is `out`.
pub(super) fn events(
    feed: Feed,
    headers: &HeaderMap,
    place: OwnedSemaphorePermit,
    out: BoxFuture<'static, ()>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    // One at a time: what waits here can neither be withdrawn nor expire.
    let (to, from) = mpsc::channel(1);
    let last = headers.get(LAST_EVENT_ID).map(|last| last.to_str().ok().and_then(Place::read));
    tokio::spawn(async move {
        // The place is free again when the reader is gone.
        let _place = place;
        tokio::select! {
            () = feed.run(last, to) => {}
            () = out => {}
        }
    });
    Sse::new(ReceiverStream::new(from)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

impl Feed {
    /// Tells what comes behind `last`, the place that the reader knows; without one, what is new. A place that cannot be
    /// read is behind a gap.
    async fn run(mut self, last: Option<Option<Place>>, to: mpsc::Sender<Result<Event, Infallible>>) {
        let mut latest = self.history.latest();
        let now_at = *latest.borrow_and_update();
        let mut at = last.flatten().unwrap_or(now_at);
        if let Some(live) = &mut self.live {
            live.mark_changed();
        }
        if last == Some(None) && !self.tell(gap(at), &to).await {
            return;
        }
        while *self.phase.borrow() < Phase::Leaving {
            let event = if let Some(picture) = self.picture() {
                Event::default().event("live").json_data(&*picture)
            } else {
                match self.history.after(at, self.clock.now()) {
                    Next::Gap(whole_behind) => {
                        at = whole_behind;
                        gap(at)
                    }
                    Next::Offer(place, offer) => {
                        at = place;
                        Event::default().event("offer").id(at.to_string()).json_data(&*offer)
                    }
                    Next::Nothing(known) => {
                        at = known;
                        tokio::select! {
                            Ok(()) = latest.changed() => continue,
                            Ok(()) = changed(&mut self.live) => continue,
                            _ = reached(&mut self.phase, Phase::Leaving) => return,
                            () = to.closed() => return,
                        }
                    }
                }
            };
            if !self.tell(event, &to).await {
                return;
            }
        }
    }

    /// The picture, if it is another than before.
    fn picture(&mut self) -> Option<Arc<Live>> {
        let live = self.live.as_mut()?;
        live.has_changed().ok()?.then(|| Arc::clone(&live.borrow_and_update()))
    }

    /// Hands an event to the reader; false when it is gone, or was cut.
    async fn tell(
        &self,
        event: Result<Event, axum::Error>,
        to: &mpsc::Sender<Result<Event, Infallible>>,
    ) -> bool {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                tracing::error!("a live event cannot be written: {error}");
                return true;
            }
        };
        match tokio::time::timeout(SLOW_MAX, to.send(Ok(event))).await {
            Ok(sent) => sent.is_ok(),
            Err(_) => {
                self.cut.fetch_add(1, Ordering::Relaxed);
                false
            }
        }
    }
}

/// Says that something was missed for good, and from where on nothing is.
fn gap(whole_behind: Place) -> Result<Event, axum::Error> {
    let id = whole_behind.to_string();
    Event::default().event("gap").id(id.clone()).json_data(GapJson { whole_behind: id })
}

/// Waits for another picture; for ever where none are wanted.
async fn changed(live: &mut Option<watch::Receiver<Arc<Live>>>) -> Result<(), watch::error::RecvError> {
    match live {
        Some(live) => live.changed().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use turnpage_gateway_store::Sequence;

    use super::*;
    use crate::history::Commit;
    use crate::sample;

    /// A reader that takes nothing is cut, however much is to be told, and counted.
    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_cut() {
        let history = Arc::<History>::default();
        let cut = Arc::<AtomicU64>::default();
        let (_open, phase) = watch::channel(Phase::Open);
        let feed = Feed {
            live: None,
            history: Arc::clone(&history),
            clock: Clock::System,
            phase,
            cut: Arc::clone(&cut),
        };
        let (to, mut from) = mpsc::channel(1);
        let offer = |id: u128| Arc::new(sample::offer(id, "a", i64::MAX));
        history.add(Commit {
            at: Sequence(1),
            offers: vec![offer(1), offer(2), offer(3)],
            settled: Vec::new(),
        });
        feed.run(Some(Place::read("0-9")), to).await;
        assert_eq!(cut.load(Ordering::Relaxed), 1);
        assert!(from.recv().await.is_some() && from.recv().await.is_none());
    }
}
