//! How a connection to the broker stands, and how long to wait before the next one.
//!
//! Pure but for the runtime's clock. A broker has one client of a name: two gateways under one name put each other out, again
//! and again, so whoever is put out leaves the other alone for longer and longer. Before: broker/ingest.rs and broker/outlet.rs.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rumqttc::v5::mqttbytes::v5::DisconnectReasonCode;
use rumqttc::v5::{ConnectionError, StateError};
use tokio::sync::watch;
use tokio::time::Instant;

/// Waits between attempts to connect: the first, and the longest.
const BACK_OFF_FIRST: Duration = Duration::from_millis(250);
const BACK_OFF_LAST: Duration = Duration::from_secs(30);
/// How long a connection stands until it counts as good: longer than a broker that does not want the gateway takes to say so.
const GOOD_AFTER: Duration = Duration::from_secs(10);
/// So many connections in a row that ended within so short a time are no accident, whatever went over them: a broker that does not
/// say why, such as mosquitto 2.0.11, puts out one of two gateways so, which come back as soon as they may. A broker that ends
/// and begins again is not there for the next attempt, or stays for longer.
const SHORT_MAX: u32 = 8;
const SHORT: Duration = Duration::from_millis(500);
/// Waits after another client has taken the name: the first, long enough to read about it, and the longest, so that whoever
/// stops the other is not kept waiting for long.
const RIVAL_FIRST: Duration = Duration::from_secs(5);
const RIVAL_LAST: Duration = Duration::from_secs(300);
/// How long a connection stands until the rival counts as gone: it has waited for so long at most.
const RIVAL_GONE: Duration = Duration::from_secs(600);

/// How a connection stands, for `/readyz` and `/metrics`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Link {
    /// Whether there is one.
    pub(crate) up: bool,
    /// Another client has been taking the gateway's name there.
    pub(crate) rival: bool,
    /// How often it did.
    pub(crate) taken_over: u64,
}

/// How a connection ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// Another client came under the same name (MQTT 5, reason 0x8E).
    TakenOver,
    /// Anything else, in words.
    Otherwise(String),
}

/// What to make of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rival {
    /// The broker says that there is another client.
    Told,
    /// It looks like it.
    Suspected,
    None,
}

impl From<ConnectionError> for Ended {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::MqttState(StateError::ServerDisconnect {
                reason_code: DisconnectReasonCode::SessionTakenOver,
                ..
            }) => Self::TakenOver,
            error => Self::Otherwise(error.to_string()),
        }
    }
}

/// Says that a connection stands.
pub(super) fn up(link: &watch::Sender<Link>, back_off: &mut BackOff) {
    back_off.connected();
    link.send_modify(|link| link.up = true);
}

/// Says that none stands, and how long to wait. `what` it was for, and the name it had, go into the log.
pub(super) fn down(
    link: &watch::Sender<Link>,
    back_off: &mut BackOff,
    (what, client): (&str, &str),
    ended: &Ended,
) -> Duration {
    let (wait, rival) = back_off.next(matches!(ended, Ended::TakenOver));
    link.send_modify(|link| {
        link.up = false;
        link.rival = back_off.has_rival();
        link.taken_over += u64::from(rival != Rival::None);
    });
    let wait_ms = wait.as_millis();
    match ended {
        Ended::Otherwise(why) if rival == Rival::Suspected => tracing::error!(
            wait_ms,
            "the broker lets `{client}` in for {what} and drops it at once, again and again ({why}): if another client has that identifier, give \
             each gateway a `client` of its own"
        ),
        Ended::TakenOver => tracing::error!(
            wait_ms,
            "another client took the identifier `{client}` at the broker, and with it the connection for {what}: give each gateway a \
             `client` of its own"
        ),
        Ended::Otherwise(why) => tracing::warn!(wait_ms, "no connection to the broker for {what}: {why}"),
    }
    wait
}

/// Waits that double, each shortened by up to a half so that a broker's clients do not all come back at once. They begin anew after a
/// connection that was good: over which something went, or which stood for a while. To be let in is not enough, because a broker
/// may drop everyone whom it has let in.
#[derive(Clone, Copy, Debug)]
pub(super) struct BackOff {
    wait: Duration,
    /// When the connection began that stands.
    since: Option<Instant>,
    /// Connections in a row that did not stand for long.
    short: u32,
    /// The next wait for a rival, where there is one.
    rival: Option<Duration>,
}

impl BackOff {
    pub(super) fn new() -> Self {
        Self { wait: BACK_OFF_FIRST, since: None, short: 0, rival: None }
    }

    /// The broker has let the gateway in.
    pub(super) fn connected(&mut self) {
        self.since = Some(Instant::now());
    }

    /// Something went over the connection.
    pub(super) fn good(&mut self) {
        self.wait = BACK_OFF_FIRST;
    }

    /// Whether somebody takes the gateway's name.
    fn has_rival(&self) -> bool {
        self.rival.is_some()
    }

    /// Whether the connection has stood for so long that a rival, which there was, is gone: true once.
    pub(super) fn outlasted(&mut self) -> bool {
        let gone = self.since.is_some_and(|since| since.elapsed() >= RIVAL_GONE);
        gone && self.rival.take().is_some()
    }

    /// How long to wait after a connection has ended, or none came about.
    fn next(&mut self, taken_over: bool) -> (Duration, Rival) {
        self.outlasted();
        if let Some(stood) = self.since.take().map(|since| since.elapsed()) {
            if stood >= GOOD_AFTER {
                self.good();
            }
            self.short = if stood < SHORT { self.short.saturating_add(1) } else { 0 };
        } else {
            // The broker was not there, and it is the broker's standing that a rival needs.
            self.short = 0;
        }
        let rival = match taken_over {
            true => Rival::Told,
            false if self.short >= SHORT_MAX => Rival::Suspected,
            false => Rival::None,
        };
        // On a suspicion nobody is kept waiting for longer than for a broker that is away.
        let most = if taken_over { RIVAL_LAST } else { BACK_OFF_LAST };
        let wait = if rival == Rival::None {
            let wait = self.wait;
            self.wait = (wait * 2).min(most);
            wait
        } else {
            let wait = self.rival.unwrap_or(RIVAL_FIRST).min(most);
            self.rival = Some((wait * 2).min(RIVAL_LAST));
            wait
        };
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
        (wait - wait.mul_f64(f64::from(nanos % 1_000) / 2_000.0), rival)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    /// The longest that the n-th of some waits may be.
    fn longest(nth: u32) -> Duration {
        (BACK_OFF_FIRST * 2_u32.pow(nth)).min(BACK_OFF_LAST)
    }

    #[track_caller]
    fn assert_within(wait: Duration, longest: Duration) {
        assert!(wait <= longest && wait >= longest / 2, "{wait:?} for {longest:?}");
    }

    #[track_caller]
    fn assert_is((wait, rival): (Duration, Rival), nth: u32) {
        assert_within(wait, longest(nth));
        assert_eq!(rival, Rival::None);
    }

    #[test]
    fn waits_grow_to_a_bound() {
        let mut back_off = BackOff::new();
        (0..20).for_each(|nth| assert_is(back_off.next(false), nth));
    }

    #[tokio::test(start_paused = true)]
    async fn a_broker_that_lets_in_and_drops_at_once_is_asked_later_and_later() {
        let mut back_off = BackOff::new();
        for nth in 0..20 {
            back_off.connected();
            advance(GOOD_AFTER - Duration::from_millis(1)).await;
            assert_is(back_off.next(false), nth);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_good_connection_is_tried_again_soon() {
        let grown = || {
            let mut back_off = BackOff::new();
            for _ in 0..9 {
                back_off.next(false);
            }
            back_off
        };
        let (mut stood, mut spoke, mut failed) = (grown(), grown(), grown());
        stood.connected();
        spoke.connected();
        spoke.good();
        advance(GOOD_AFTER).await;
        assert_is(stood.next(false), 0);
        assert_is(stood.next(false), 1);
        assert_is(spoke.next(false), 0);
        assert_is(failed.next(false), 9);
    }

    #[tokio::test(start_paused = true)]
    async fn connections_that_end_at_once_again_and_again_make_one_think_of_a_rival() {
        let mut back_off = BackOff::new();
        for _ in 1..SHORT_MAX {
            back_off.connected();
            back_off.good();
            assert_is(back_off.next(false), 0);
        }
        let mut most = RIVAL_FIRST;
        for _ in 0..10 {
            back_off.connected();
            back_off.good();
            let (wait, rival) = back_off.next(false);
            assert_within(wait, most);
            assert_eq!((rival, back_off.has_rival()), (Rival::Suspected, true));
            most = (most * 2).min(BACK_OFF_LAST);
        }
        back_off.connected();
        advance(SHORT).await;
        back_off.good();
        assert_is(back_off.next(false), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_broker_that_ends_and_begins_again_is_no_rival() {
        let mut back_off = BackOff::new();
        for _ in 0..5 * SHORT_MAX {
            back_off.connected();
            back_off.good();
            assert_is(back_off.next(false), 0);
            assert_is(back_off.next(false), 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_rival_is_left_alone_for_longer_and_longer_until_it_is_gone() {
        let (link, seen) = watch::channel(Link::default());
        let mut back_off = BackOff::new();
        let mut wait = RIVAL_FIRST;
        for times in 1..=10 {
            up(&link, &mut back_off);
            back_off.good();
            // As long as the other one waits: that makes no connection a good one.
            advance(wait).await;
            let waited = down(&link, &mut back_off, ("offers", "turnpage"), &Ended::TakenOver);
            assert_within(waited, wait);
            assert_eq!(*seen.borrow(), Link { up: false, rival: true, taken_over: times });
            wait = (wait * 2).min(RIVAL_LAST);
        }
        up(&link, &mut back_off);
        advance(RIVAL_GONE).await;
        assert!(back_off.outlasted() && !back_off.outlasted());
        let lost = Ended::Otherwise("the network is gone".to_owned());
        assert_within(down(&link, &mut back_off, ("offers", "turnpage"), &lost), BACK_OFF_FIRST);
        assert_eq!(*seen.borrow(), Link { up: false, rival: false, taken_over: 10 });
    }
}
