//! Spans as OTLP has them, from instants that were noted.
//!
//! Names of attributes are part of the contract, in the README; there is none for a subject, a badge, a sender's account or an
//! offer's text. Before: traces.rs. Next: traces/export.rs.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::span::{Link, SpanKind};
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span, Status};

use super::Context;
use super::ways::{Came, Cause, Led, Told, Way};

/// What a group's commit was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
    /// Its place in the log.
    pub(crate) at: u64,
    pub(crate) entries: usize,
    pub(crate) offers: usize,
}

/// What the machine's clock said at an instant. All instants of one telling go by one such pair, so that no clock that is set
/// meanwhile turns a span's end before its beginning.
#[derive(Clone, Copy)]
pub(super) struct Wall {
    instant: Instant,
    unix_ns: u128,
}

impl Wall {
    pub(super) fn now() -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { instant: Instant::now(), unix_ns: unix.as_nanos() }
    }

    pub(super) fn since_epoch_ns(self) -> u64 {
        self.unix_ns(self.instant)
    }

    fn unix_ns(self, at: Instant) -> u64 {
        let ago = self.instant.saturating_duration_since(at).as_nanos();
        u64::try_from(self.unix_ns.saturating_sub(ago)).unwrap_or(u64::MAX)
    }
}

/// A span's beginning and end.
pub(super) type Time = (Instant, Instant);

pub(super) fn span(
    wall: Wall,
    (name, kind): (&str, SpanKind),
    at: Context,
    parent: Option<Context>,
    (began, ended): Time,
    attributes: Vec<KeyValue>,
) -> Span {
    Span {
        trace_id: at.trace.to_be_bytes().to_vec(),
        span_id: at.span.to_be_bytes().to_vec(),
        parent_span_id: parent.map(|parent| parent.span.to_be_bytes().to_vec()).unwrap_or_default(),
        flags: u32::from(at.sampled),
        name: name.to_owned(),
        kind: kind.into(),
        start_time_unix_nano: wall.unix_ns(began),
        end_time_unix_nano: wall.unix_ns(ended.max(began)),
        attributes,
        ..Span::default()
    }
}

/// The same, gone wrong.
pub(super) fn failed(mut span: Span, why: &str) -> Span {
    span.attributes.push(text("error.type", why));
    span.status = Some(Status { message: String::new(), code: StatusCode::Error.into() });
    span
}

/// The spans of one way: from the door to the commit.
pub(super) fn of_way(wall: Wall, way: Way, group: &Group) -> Vec<Span> {
    let Way { offer, what, cause, began, stepped } = way;
    let of = |name: &str, nth| Context::of(offer, name, nth, true);
    let root = super::root(offer, true);
    let came = matches!(cause, Cause::Message(_));
    let (from, mut attributes, links) = told_of(cause, began);
    let told = match what {
        Led::Outcome(outcome) => {
            attributes.push(text("turnpage.outcome", outcome.name()));
            let at = of("outcome", outcome as u64);
            let kind = ("outcome", SpanKind::Consumer);
            let outcome = span(wall, kind, at, Some(root), (from, group.ended), attributes);
            return vec![Span { links, ..outcome }];
        }
        Led::Offer(told) => told,
    };
    attributes.extend(told_of_offer(&root, told));
    let kind = if came { SpanKind::Consumer } else { SpanKind::Internal };
    let whole = span(wall, (super::ROOT, kind), root, None, (from, group.ended), attributes);
    let part = |name, time, attributes| {
        span(wall, (name, SpanKind::Internal), of(name, 0), Some(root), time, attributes)
    };
    let count = |key, count: usize| number(key, i64::try_from(count).unwrap_or(i64::MAX));
    let commit = vec![
        number("turnpage.log.sequence", i64::try_from(group.at).unwrap_or(i64::MAX)),
        count("turnpage.group.entries", group.entries),
        count("turnpage.group.offers", group.offers),
    ];
    let waited = came.then(|| part("wait", (from, began), Vec::new()));
    let mut spans = vec![Span { links, ..whole }];
    spans.extend(waited);
    spans.push(part("step", (began, stepped), Vec::new()));
    spans.push(part("gather", (stepped, group.began), Vec::new()));
    spans.push(part("commit", (group.began, group.ended), commit));
    spans
}

/// When it began, what is told of its cause, and the trace that it comes from.
fn told_of(cause: Cause, began: Instant) -> (Instant, Vec<KeyValue>, Vec<Link>) {
    let word = match &cause {
        Cause::Message(_) => "message",
        Cause::Deadline => "deadline",
        Cause::Settlement => "settlement",
        Cause::Reload => "reload",
    };
    let mut attributes = vec![text("turnpage.cause", word)];
    let Cause::Message(came) = cause else { return (began, attributes, Vec::new()) };
    let Came { door, role, node, zone, received, asked } = came;
    attributes.extend([text("turnpage.door", door), text("turnpage.role", role)]);
    attributes.extend(node.map(|node| text("turnpage.node", &node)));
    attributes.extend(zone.map(|zone| text("turnpage.zone", &zone)));
    let link = asked.map(|asked| Link {
        trace_id: asked.trace.to_be_bytes().to_vec(),
        span_id: asked.span.to_be_bytes().to_vec(),
        flags: u32::from(asked.sampled),
        ..Link::default()
    });
    (received, attributes, link.into_iter().collect())
}

fn told_of_offer(root: &Context, told: Told) -> [KeyValue; 5] {
    let Told { journey, page, offer, channel } = told;
    [
        text("turnpage.offer.id", &format!("{:032x}", root.trace)),
        text("turnpage.offer.name", &offer),
        text("turnpage.journey", &journey),
        text("turnpage.page", &page),
        text("turnpage.channel", &channel),
    ]
}

pub(super) fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::StringValue(value.to_owned()))
}

pub(super) fn number(key: &str, value: i64) -> KeyValue {
    attribute(key, Value::IntValue(value))
}

fn attribute(key: &str, value: Value) -> KeyValue {
    let value = Some(AnyValue { value: Some(value) });
    KeyValue { key: key.to_owned(), value, ..KeyValue::default() }
}
