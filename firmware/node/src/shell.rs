//! The loop around a node: the only code of this crate that waits.
//!
//! [`serve`] runs a node over a live link; [`run`] also opens one whenever there is none, and goes on sensing
//! meanwhile. A board's `main` awaits [`run`]; the simulator awaits either on a simulated clock.
//!
//! Next: `boards/` (hardware) or `simulators/venue` (none).

use core::future::Future;
use core::pin::pin;
use core::task::Poll;

use embassy_futures::poll_once;
use embassy_futures::select::{Either, select};
use minimq::Io;

use crate::session::{Admission, Error, Event, Link, Session, WINDOW};
use crate::{BadgeReader, Intervals, Node, Now, Refusal, WeatherSensor};

/// A clock that can be waited on.
pub trait Clock {
    /// The present.
    fn now(&self) -> Now;

    /// Waits until the uptime clock has reached `uptime_ms`; at once if it has.
    fn until(&self, uptime_ms: u64) -> impl Future<Output = ()>;
}

/// A way to the gateway.
pub trait Network {
    /// A connected byte stream.
    type Stream: Io;

    /// Opens a stream to the gateway; `None` if that failed for now.
    fn open(&mut self) -> impl Future<Output = Option<Self::Stream>>;
}

/// Runs a node for ever: connects, serves, and after every failure pauses and starts over. Never stops sensing.
pub async fn run<N, C, R, W, const BADGES: usize, const FRAMES: usize>(
    node: &mut Node<R, W, BADGES, FRAMES>,
    session: &mut Session<'_>,
    network: &mut N,
    clock: &C,
) -> !
where
    N: Network,
    C: Clock,
    R: BadgeReader,
    W: WeatherSensor,
{
    let Intervals { connect_ms, pause_ms, .. } = node.config().intervals;
    loop {
        let connect = async {
            let stream = network.open().await?;
            session.connect(stream).await.ok()
        };
        if let Some(Some(mut link)) = sensing(node, clock, connect_ms, connect).await {
            // The error says why the link broke; what follows is the same for all of them.
            let _broken = serve(node, &mut link, clock).await;
        }
        sensing(node, clock, pause_ms, core::future::pending::<()>()).await;
    }
}

/// Runs a node over a link until the link breaks, and returns why. To end it sooner, drop the future and
/// [`Link::close`] the link.
pub async fn serve<T, C, R, W, const BADGES: usize, const FRAMES: usize>(
    node: &mut Node<R, W, BADGES, FRAMES>,
    link: &mut Link<'_, '_, T>,
    clock: &C,
) -> Error<T::Error>
where
    T: Io,
    C: Clock,
    R: BadgeReader,
    W: WeatherSensor,
{
    node.connected(clock.now(), |ticket| link.knows(ticket));
    loop {
        match turn(node, link, clock).await {
            Ok(()) => {}
            Err(error) => return error,
        }
    }
}

/// Publishes whatever there is room for, then waits for the link or the node's next deadline.
async fn turn<T, C, R, W, const BADGES: usize, const FRAMES: usize>(
    node: &mut Node<R, W, BADGES, FRAMES>,
    link: &mut Link<'_, '_, T>,
    clock: &C,
) -> Result<(), Error<T::Error>>
where
    T: Io,
    C: Clock,
    R: BadgeReader,
    W: WeatherSensor,
{
    // Whatever has arrived is settled before more is said: the connection may be about to break.
    for _ in 0..WINDOW {
        let Poll::Ready(event) = poll_once(link.step()) else { break };
        settle(node, event?, clock.now());
    }
    while link.ready() {
        let Some(publish) = node.poll(clock.now()) else { break };
        let ticket = publish.ticket;
        match link.send(&publish).await {
            Ok(Admission::Taken) => {}
            Ok(Admission::Later) => {
                node.lost(ticket);
                break;
            }
            Err(Error::TooLarge) => node.refused(ticket, Refusal::ForGood, clock.now()),
            Err(error) => return Err(error),
        }
    }
    node.sense(clock.now());
    if let Either::First(event) = select(link.step(), clock.until(node.deadline().uptime_ms)).await {
        settle(node, event?, clock.now());
    }
    Ok(())
}

/// Tells the node what has become of a publication.
fn settle<R, W, const BADGES: usize, const FRAMES: usize>(
    node: &mut Node<R, W, BADGES, FRAMES>,
    event: Option<Event<'_>>,
    now: Now,
) where
    R: BadgeReader,
    W: WeatherSensor,
{
    match event {
        Some(Event::Acknowledged(ticket)) => node.acknowledged(ticket),
        Some(Event::Refused(ticket, refusal)) => node.refused(ticket, refusal, now),
        Some(Event::Lost(ticket)) => node.lost(ticket),
        // A node subscribes to nothing, so a message can only be a server's mistake.
        Some(Event::Message(_)) | None => {}
    }
}

/// Awaits `task` for at most `limit_ms` while the node goes on sensing. `None` if the time ran out.
async fn sensing<O, C, R, W, const BADGES: usize, const FRAMES: usize>(
    node: &mut Node<R, W, BADGES, FRAMES>,
    clock: &C,
    limit_ms: u32,
    task: impl Future<Output = O>,
) -> Option<O>
where
    C: Clock,
    R: BadgeReader,
    W: WeatherSensor,
{
    let end_ms = clock.now().uptime_ms + u64::from(limit_ms);
    let mut task = pin!(task);
    loop {
        node.sense(clock.now());
        let wake_ms = node.deadline().uptime_ms.min(end_ms);
        match select(&mut task, clock.until(wake_ms)).await {
            Either::First(output) => return Some(output),
            Either::Second(()) if clock.now().uptime_ms >= end_ms => return None,
            Either::Second(()) => {}
        }
    }
}
