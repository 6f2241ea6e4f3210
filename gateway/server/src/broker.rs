//! The door of a venue that already has a broker: the gateway is its client, twice.
//!
//! One connection takes messages in, with a persistent session, and acknowledges each after its commit; the other
//! brings offers out. They are apart because a client that consumes and publishes at once can stall on its own
//! queue. Every attempt to connect is an epoch with a client of its own: an acknowledgement of an earlier epoch finds
//! nobody to go to, and the broker sends its message again.
//!
//! The broker's durability is part of the promise here: it acknowledges publishers on its own. Before: setup.rs. Next:
//! broker/ingest.rs and broker/outlet.rs, and broker/link.rs under both.

mod ingest;
mod link;
mod outlet;

use std::sync::Arc;
use std::time::Duration;

use rumqttc::v5::MqttOptions;
use rumqttc::{TlsConfiguration, Transport};

use crate::BrokerSetup;
pub(crate) use ingest::{Ack, Ingest};
pub(crate) use link::Link;
pub(crate) use outlet::Outlet;

/// Largest packet in either direction, in bytes: as at the front door.
const PACKET_BYTES_MAX: u32 = turnpage_gateway_mqtt::limits::PACKET_BYTES_MAX;
/// How soon a silent network is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How long the broker keeps what is unacknowledged while the gateway is away: as long as the front door does.
const SESSION_EXPIRY_S: u32 = turnpage_gateway_mqtt::limits::SESSION_EXPIRY_S_MAX;

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
