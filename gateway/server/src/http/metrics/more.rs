//! Metrics of the process and not of its venue: queues, commits, snapshots, connections, certificates.
//!
//! Before: http/metrics.rs, which has the rest.

use std::fmt;
use std::sync::Arc;

use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Unit;

use super::{counter, family, gauge};
use crate::audit::Head;
use crate::broker::Link;
use crate::measured::Measured;

/// What of a scrape is the process's.
#[derive(Debug)]
pub(in crate::http) struct More {
    /// How each connection to the broker stands.
    pub(in crate::http) broker: Vec<(&'static str, Link)>,
    pub(in crate::http) measured: Arc<Measured>,
    /// Each queue's name, what waits in it, and how much may.
    pub(in crate::http) queues: [(&'static str, u64, u64); 5],
    /// What each certificate is for, and its end in seconds since 1970.
    pub(in crate::http) certificates: Vec<(&'static str, u64)>,
    /// The end of the audit log, and lines that were lost.
    pub(in crate::http) audit: Option<(Head, u64)>,
    /// Sessions of the console, sessions begun, and refusals by their reason.
    pub(in crate::http) console: (u64, u64, Vec<(&'static str, u64)>),
}

impl More {
    pub(super) fn encode(&self, to: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let measured = &self.measured;
        family(to, "build_info", "The version that runs", MetricType::Gauge, "version", || {
            std::iter::once((env!("CARGO_PKG_VERSION"), 1))
        })?;
        let help = "What waits in a queue of the gateway";
        family(to, "queue_length", help, MetricType::Gauge, "queue", || {
            self.queues.iter().map(|(name, waiting, _)| (*name, *waiting))
        })?;
        let help = "How much may wait in it: whoever brings more waits, or is told to come back";
        family(to, "queue_capacity", help, MetricType::Gauge, "queue", || {
            self.queues.iter().map(|(name, _, most)| (*name, *most))
        })?;
        for (name, help, value) in measured.counters() {
            counter(to, name, help, value)?;
        }
        let help = "When the last snapshot was taken; 0 before the first since the start";
        gauge(to, "snapshot_timestamp_seconds", help, measured.snapshot_at_s())?;
        histogram(to, "commit", "How long a group took to be durable", true, &measured.commit_seconds)?;
        histogram(to, "group_messages", "Messages and requests of a group", false, &measured.group_messages)?;
        let help = "From an offer to the first acknowledgement of a session or the broker";
        histogram(to, "offer_delivery", help, true, &measured.delivery_seconds)?;
        let help = "Offers that a session lost after it had taken them";
        family(to, "offers_lost", help, MetricType::Counter, "reason", || measured.losses())?;
        let help = "1 while a connection to the venue's broker stands";
        family(to, "broker_connected", help, MetricType::Gauge, "for", || {
            self.broker.iter().map(|(what, link)| (*what, u64::from(link.up)))
        })?;
        let help = "Times that another client took the gateway's identifier at the broker";
        family(to, "broker_taken_over", help, MetricType::Counter, "for", || {
            self.broker.iter().map(|(what, link)| (*what, link.taken_over))
        })?;
        let (sessions, begun, refused) = &self.console;
        gauge(to, "console_sessions", "Browsers that are signed in at the console", *sessions)?;
        counter(to, "console_sign_ins", "Sessions that were begun at the console", *begun)?;
        let help = "Requests to the console and the API that were refused, by why";
        family(to, "console_refused", help, MetricType::Counter, "reason", || refused.iter().copied())?;
        let (head, lost) = self.audit.unwrap_or_default();
        counter(to, "audit_lost", "Lines of the audit log that could not be written", lost)?;
        gauge(to, "audit_records", "Lines of the audit log; it never falls", head.number)?;
        let help = "When a certificate of the gateway's own runs out";
        family(to, "certificate_expiry_timestamp_seconds", help, MetricType::Gauge, "certificate", || {
            self.certificates.iter().map(|(what, end)| (*what, *end))
        })
    }
}

/// What was measured, in seconds or in numbers.
fn histogram(
    to: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    seconds: bool,
    measured: &Histogram,
) -> Result<(), fmt::Error> {
    let unit = seconds.then_some(&Unit::Seconds);
    measured.encode(to.encode_descriptor(name, help, unit, MetricType::Histogram)?)
}
