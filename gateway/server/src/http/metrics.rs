//! What Prometheus scrapes: the counters of every stage, as they stand.
//!
//! Nothing is counted here; values are read where they are kept. Names are part of the contract: appended to, never
//! changed. Before: http.rs. Next: whoever scrapes.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text::encode};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;
use turnpage_gateway_core::{Live, Reason, Withheld};

use crate::door::Counters;
use crate::reload::{Shown, Tally};
use crate::traces::{Counts, Loss};
use crate::webhook::{Counted, Death};

mod more;

pub(super) use more::More;

/// What an endpoint counted of each reason.
type ByReason = fn(&Counted) -> &BTreeMap<Death, u64>;

/// OpenMetrics, as prometheus-client writes it.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What a scrape reads.
#[derive(Debug)]
pub(super) struct Scrape {
    pub(super) live: Arc<Live>,
    pub(super) door: Option<Counters>,
    /// Each endpoint's name, its counters, the offers that it holds, and whether its receiver is gone.
    pub(super) webhooks: Vec<(String, Counted, usize, bool)>,
    pub(super) traces: Counts,
    /// What a reload changes: sources, and the edition that runs.
    pub(super) shown: Arc<Shown>,
    pub(super) reloads: Arc<Tally>,
    /// Requests that brought messages, by the status of the answer.
    pub(super) intake: Vec<(u16, u64)>,
    /// Live streams that are open, that were cut because nobody read them, and that found no place.
    pub(super) streams: [u64; 3],
    pub(super) ready: bool,
    pub(super) more: More,
}

/// The exposition text.
pub(super) fn text(scrape: Scrape) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("turnpage");
    registry.register_collector(Box::new(scrape));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

impl Collector for Scrape {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let to = &mut encoder;
        let live = &self.live;
        gauge(to, "ready", "1 when messages are taken", u64::from(self.ready))?;
        gauge(to, "subjects", "Subjects known now", live.subjects)?;
        gauge(to, "outbox", "Offers that wait for a channel", live.outbox)?;
        let [open, cut, refused] = self.streams;
        gauge(to, "streams", "Live streams that are open", open)?;
        counter(to, "streams_cut", "Live streams that were cut because nobody read them", cut)?;
        counter(to, "streams_refused", "Live streams that found no place", refused)?;
        self.more.encode(to)?;
        self.counters(to)?;
        self.sources(to)?;
        self.edition(to)?;
        self.intake(to)?;
        self.funnel(to)?;
        family(to, "zone_occupancy", "Subjects in a zone now", MetricType::Gauge, "zone", || {
            live.zones.iter().map(|zone| (zone.id.as_str(), u64::from(zone.occupancy)))
        })?;
        family(
            to,
            "node_online",
            "1 when a node's birth is newer than its will",
            MetricType::Gauge,
            "node",
            || live.nodes.iter().filter_map(|node| Some((node.name.as_str(), u64::from(node.online?)))),
        )?;
        self.webhooks(to)?;
        self.traces(to)?;
        door_counters(to, &self.door.unwrap_or_default())
    }
}

impl Scrape {
    fn counters(&self, to: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let counted = &self.live.counters;
        for (name, help, value) in [
            ("messages_received", "Messages that came in, whatever became of them", counted.received),
            ("messages_admitted", "Messages that were admitted", counted.admitted),
            ("messages_duplicate", "Second deliveries of what was admitted before", counted.duplicates),
            ("sightings", "Admitted sightings", counted.sightings),
            ("sightings_late", "Sightings that came too late to be acted on", counted.late),
            ("weather_readings", "Admitted weather readings", counted.weather),
            ("signals", "Admitted signal values", counted.signals),
            ("outcomes", "Admitted outcomes", counted.outcomes),
            ("consents", "Admitted consent messages", counted.consents),
            ("zone_entries", "Times that a subject entered a zone", counted.entries),
            ("steps", "Journey steps", counted.steps),
            ("timers", "Timers fired", counted.timers),
            ("offers", "Offers made", counted.offers),
        ] {
            counter(to, name, help, value)?;
        }
        family(to, "dead_letters", "Messages that were not admitted", MetricType::Counter, "reason", || {
            Reason::ALL.iter().map(|why| (why.as_str(), counted.dead.get(why).copied().unwrap_or(0)))
        })?;
        let help = "Offers that were withheld";
        family(to, "offers_withheld", help, MetricType::Counter, "reason", || {
            Withheld::ALL.iter().map(|why| (why.as_str(), counted.withheld.get(why).copied().unwrap_or(0)))
        })
    }

    fn webhooks(&self, to: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let each = |of: fn(&Counted) -> u64| {
            move || self.webhooks.iter().map(move |(name, counted, ..)| (name.as_str(), of(counted)))
        };
        let counter = MetricType::Counter;
        let help = "Offers that an endpoint took";
        family(to, "webhook_sent", help, counter, "webhook", each(|counted| counted.sent))?;
        let help = "Attempts after the first";
        family(to, "webhook_retried", help, counter, "webhook", each(|counted| counted.retried))?;
        let help = "Offers that found an endpoint's queue full, and come again when there is room";
        family(to, "webhook_refused", help, counter, "webhook", each(|counted| counted.refused))?;
        let help = "Offers that wait for an endpoint or are being sent to it";
        family(to, "webhook_queue", help, MetricType::Gauge, "webhook", || {
            self.webhooks.iter().map(|(name, _, held, _)| (name.as_str(), *held as u64))
        })?;
        let help = "1 when an endpoint's receiver said that it is gone";
        family(to, "webhook_disabled", help, MetricType::Gauge, "webhook", || {
            self.webhooks.iter().map(|(name, .., gone)| (name.as_str(), u64::from(*gone)))
        })?;
        let by_reason: [(&str, &str, ByReason); 2] = [
            ("webhook_failed", "Attempts that failed", |counted| &counted.failed),
            ("webhook_dead", "Offers that were given up, by why the last attempt failed", |counted| {
                &counted.dead
            }),
        ];
        for (name, help, of) in by_reason {
            let mut metric = to.encode_descriptor(name, help, None, counter)?;
            for (name, counted, ..) in &self.webhooks {
                for why in Death::ALL {
                    let count = of(counted).get(&why).copied().unwrap_or(0);
                    let labels = [("webhook", name.as_str()), ("reason", why.as_str())];
                    ConstCounter::new(count).encode(metric.encode_family(&labels)?)?;
                }
            }
        }
        Ok(())
    }

    fn traces(&self, to: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Counts { waiting, sent, dropped } = self.traces;
        gauge(to, "trace_spans_waiting", "Spans that wait to be sent to the collector", waiting)?;
        counter(to, "trace_spans_sent", "Spans that the collector took", sent)?;
        let help = "Spans that were not told, by why";
        family(to, "trace_spans_dropped", help, MetricType::Counter, "reason", || {
            Loss::ALL.iter().map(|why| why.as_str()).zip(dropped)
        })
    }

    fn edition(&self, to: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let edition = self.shown.edition.map(|edition| edition.to_string());
        let help = "The edition of venue and journeys that runs";
        family(to, "edition_info", help, MetricType::Gauge, "edition", || {
            edition.iter().map(|edition| (edition.as_str(), 1))
        })?;
        let help = "Reloads, by how they ended";
        family(to, "reloads", help, MetricType::Counter, "result", || self.reloads.counts())
    }

    fn sources(&self, to: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let help = "What became of a source's messages";
        let mut metric = to.encode_descriptor("source_messages", help, None, MetricType::Counter)?;
        for (source, became, count) in self.shown.sources.counts() {
            let labels = [("source", source), ("became", became.as_str())];
            ConstCounter::new(count).encode(metric.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn intake(&self, to: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let help = "Requests that brought messages, by the status of the answer";
        let mut metric = to.encode_descriptor("intake_requests", help, None, MetricType::Counter)?;
        for (status, count) in &self.intake {
            ConstCounter::new(*count).encode(metric.encode_family(&[("status", u64::from(*status))])?)?;
        }
        Ok(())
    }

    fn funnel(&self, to: &mut DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let help = "What became of a journey's offers";
        let mut metric = to.encode_descriptor("journey_offers", help, None, MetricType::Counter)?;
        for journey in &self.live.journeys {
            let funnel = &journey.funnel;
            for (became, count) in [
                ("made", funnel.offers),
                ("delivered", funnel.delivered),
                ("seen", funnel.seen),
                ("clicked", funnel.clicked),
                ("accepted", funnel.accepted),
                ("declined", funnel.declined),
                ("expired", funnel.expired),
                ("withheld", funnel.withheld),
            ] {
                let labels = [("journey", journey.name.as_str()), ("became", became)];
                ConstCounter::new(count).encode(metric.encode_family(&labels)?)?;
            }
        }
        Ok(())
    }
}

fn door_counters(to: &mut DescriptorEncoder<'_>, door: &Counters) -> Result<(), fmt::Error> {
    gauge(to, "door_sessions", "Sessions at the door, connected or not", door.sessions)?;
    gauge(to, "door_connected", "Connected sessions at the door", door.connected)?;
    gauge(to, "door_retained", "Retained messages at the door", door.retained)?;
    for (name, help, value) in [
        ("door_accepted", "Connections that signed in", door.accepted),
        ("door_refused", "Connections refused at CONNECT", door.refused),
        ("door_turned_away", "Connections closed as they came: too many", door.turned_away),
        ("door_unheard", "Connections that ended before their first packet", door.unheard),
        ("door_unauthorised", "Publications beyond their client's permit", door.unauthorised),
        ("door_taken_over", "Sessions taken over by a newer connection", door.taken_over),
        ("door_put_out", "Connections closed because their account is gone or another", door.put_out),
        ("door_delivered", "Deliveries made to subscribers", door.delivered),
        ("door_queue_full", "Deliveries lost to a full queue", door.queue_full),
        ("door_expired", "Deliveries lost to expiry", door.expired),
        ("door_wills", "Wills published", door.wills),
    ] {
        counter(to, name, help, value)?;
    }
    Ok(())
}

fn counter(to: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> Result<(), fmt::Error> {
    let metric = ConstCounter::new(value);
    metric.encode(to.encode_descriptor(name, help, None, MetricType::Counter)?)
}

fn gauge(to: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> Result<(), fmt::Error> {
    let metric = ConstGauge::new(value);
    metric.encode(to.encode_descriptor(name, help, None, MetricType::Gauge)?)
}

/// One value for each of a label's values.
fn family<'a, I: Iterator<Item = (&'a str, u64)>>(
    to: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    kind: MetricType,
    label: &str,
    values: impl Fn() -> I,
) -> Result<(), fmt::Error> {
    let mut metric = to.encode_descriptor(name, help, None, kind)?;
    for (value, count) in values() {
        let labels = [(label, value)];
        match kind {
            MetricType::Gauge => ConstGauge::new(count).encode(metric.encode_family(&labels)?)?,
            _ => ConstCounter::new(count).encode(metric.encode_family(&labels)?)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use turnpage_gateway_core::{EditionDigest, LiveZone};

    use super::*;
    use crate::broker::Link;
    use crate::http::Map;
    use crate::source::Sources;

    #[test]
    fn the_text_is_what_prometheus_reads() {
        let mut live = Live { subjects: 3, ..Live::default() };
        live.counters.received = 7;
        live.counters.dead.insert(Reason::Forged, 2);
        live.zones.push(LiveZone { id: "gate".into(), occupancy: 4, ..LiveZone::default() });
        let scrape = Scrape {
            live: Arc::new(live),
            door: None,
            webhooks: Vec::new(),
            traces: Counts::default(),
            shown: Arc::new(Shown {
                map: Map::default(),
                sources: Sources::default(),
                edition: Some(EditionDigest([7; 32])),
                promises: Vec::new(),
                pictures: Arc::default(),
            }),
            reloads: Arc::default(),
            intake: vec![(200, 3)],
            streams: [2, 1, 0],
            ready: true,
            more: More {
                broker: vec![("offers", Link::default())],
                measured: Arc::default(),
                queues: [("door", 3, 8)].repeat(5).try_into().unwrap(),
                certificates: vec![("door", 1_893_542_400)],
                audit: None,
                console: (2, 3, vec![("unknown", 4)]),
            },
        };
        let text = text(scrape).unwrap();
        for line in [
            "turnpage_ready 1",
            "turnpage_streams 2",
            "turnpage_streams_cut_total 1",
            "turnpage_broker_connected{for=\"offers\"} 0",
            "turnpage_queue_length{queue=\"door\"} 3",
            "turnpage_commit_seconds_count 0",
            "turnpage_certificate_expiry_timestamp_seconds{certificate=\"door\"} 1893542400",
            "turnpage_console_refused_total{reason=\"unknown\"} 4",
            "turnpage_intake_requests_total{status=\"200\"} 3",
            "turnpage_messages_received_total 7",
            "turnpage_edition_info{edition=\"070707070707\"} 1",
            "turnpage_reloads_total{result=\"applied\"} 0",
            "turnpage_dead_letters_total{reason=\"forged\"} 2",
            "turnpage_zone_occupancy{zone=\"gate\"} 4",
            "# EOF",
        ] {
            assert!(text.lines().any(|it| it == line), "`{line}` is not in\n{text}");
        }
    }
}
