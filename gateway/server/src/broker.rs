//! The door of a venue that already has a broker: the gateway is its client, twice.
//!
//! One connection takes messages in, with a persistent session, and acknowledges each after its commit; the other
//! brings offers out. They are apart because a client that consumes and publishes at once can stall on its own
//! queue. Every attempt to connect is an epoch with a client of its own: an acknowledgement of an earlier epoch finds
//! nobody to go to, and the broker sends its message again.
//!
//! The broker's durability is part of the promise here: it acknowledges publishers on its own. Before: setup.rs. Next:
//! broker/ingest.rs and broker/outlet.rs.

mod ingest;
mod outlet;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rumqttc::v5::MqttOptions;
use rumqttc::{TlsConfiguration, Transport};
use tokio::time::Instant;

use crate::BrokerSetup;
pub(crate) use ingest::{Ack, Ingest};
pub(crate) use outlet::Outlet;

/// Largest packet in either direction, in bytes: as at the front door.
const PACKET_BYTES_MAX: u32 = turnpage_gateway_mqtt::limits::PACKET_BYTES_MAX;
/// How soon a silent network is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long the broker keeps what is unacknowledged while the gateway is away: as long as the front door does.
const SESSION_EXPIRY_S: u32 = turnpage_gateway_mqtt::limits::SESSION_EXPIRY_S_MAX;
/// Waits between attempts to connect: the first, and the longest.
const BACK_OFF_FIRST: Duration = Duration::from_millis(250);
const BACK_OFF_LAST: Duration = Duration::from_secs(30);
/// How long a connection stands until it counts as good: longer than a broker that does not want the gateway takes to say so.
const GOOD_AFTER: Duration = Duration::from_secs(10);

/// What both connections have in common. `suffix` tells them apart.
fn options(setup: &BrokerSetup, suffix: &str) -> MqttOptions {
    let mut options = MqttOptions::new(format!("{}{suffix}", setup.client), setup.host.clone(), setup.port);
    options.set_keep_alive(KEEP_ALIVE).set_max_packet_size(Some(PACKET_BYTES_MAX));
    if let Some((user, password)) = &setup.login {
        options.set_credentials(user, password);
    }
    if let Some(tls) = &setup.tls {
        options.set_transport(Transport::tls_with_config(TlsConfiguration::Rustls(Arc::clone(tls))));
    }
    options
}

/// Waits that double, each shortened by up to a half so that a broker's clients do not all come back at once. They begin anew after a
/// connection that was good: over which something went, or which stood for a while. To be let in is not enough, because a broker
/// may drop everyone whom it has let in.
#[derive(Clone, Copy, Debug)]
struct BackOff {
    wait: Duration,
    /// When the connection began that stands.
    since: Option<Instant>,
}

impl BackOff {
    fn new() -> Self {
        Self { wait: BACK_OFF_FIRST, since: None }
    }

    /// The broker has let the gateway in.
    fn connected(&mut self) {
        self.since = Some(Instant::now());
    }

    /// Something went over the connection.
    fn good(&mut self) {
        self.wait = BACK_OFF_FIRST;
    }

    /// How long to wait after a connection has ended, or none came about.
    fn next(&mut self) -> Duration {
        if self.since.take().is_some_and(|since| since.elapsed() >= GOOD_AFTER) {
            self.good();
        }
        let wait = self.wait;
        self.wait = (wait * 2).min(BACK_OFF_LAST);
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
        wait - wait.mul_f64(f64::from(nanos % 1_000) / 2_000.0)
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

    fn assert_is(wait: Duration, nth: u32) {
        assert!(wait <= longest(nth) && wait >= longest(nth) / 2, "{wait:?} for {:?}", longest(nth));
    }

    #[test]
    fn waits_grow_to_a_bound() {
        let mut back_off = BackOff::new();
        (0..20).for_each(|nth| assert_is(back_off.next(), nth));
    }

    #[tokio::test(start_paused = true)]
    async fn a_broker_that_lets_in_and_drops_at_once_is_asked_later_and_later() {
        let mut back_off = BackOff::new();
        for nth in 0..20 {
            back_off.connected();
            advance(GOOD_AFTER - Duration::from_millis(1)).await;
            assert_is(back_off.next(), nth);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_good_connection_is_tried_again_soon() {
        let grown = || {
            let mut back_off = BackOff::new();
            for _ in 0..9 {
                back_off.next();
            }
            back_off
        };
        let (mut stood, mut spoke, mut failed) = (grown(), grown(), grown());
        stood.connected();
        spoke.connected();
        spoke.good();
        advance(GOOD_AFTER).await;
        assert_is(stood.next(), 0);
        assert_is(stood.next(), 1);
        assert_is(spoke.next(), 0);
        assert_is(failed.next(), 9);
    }
}
