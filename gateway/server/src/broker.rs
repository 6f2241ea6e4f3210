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

/// Waits that double, each shortened by up to a half so that a broker's clients do not all come back at once.
#[derive(Clone, Copy)]
struct BackOff(Duration);

impl BackOff {
    fn new() -> Self {
        Self(BACK_OFF_FIRST)
    }

    fn next(&mut self) -> Duration {
        let wait = self.0;
        self.0 = (wait * 2).min(BACK_OFF_LAST);
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().subsec_nanos();
        wait - wait.mul_f64(f64::from(nanos % 1_000) / 2_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound() {
        let mut back_off = BackOff::new();
        let waits: Vec<_> = std::iter::repeat_with(|| back_off.next()).take(20).collect();
        assert!(waits[0] <= BACK_OFF_FIRST && waits[0] >= BACK_OFF_FIRST / 2);
        assert!(waits[19] <= BACK_OFF_LAST && waits[19] >= BACK_OFF_LAST / 2);
    }
}
