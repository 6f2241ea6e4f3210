//! A message of a source to events, or to the reason why there are none.
//!
//! Whole or not at all: a rule that applies and cannot say what it should makes the message malformed. A rule that reads
//! what the message does not have, in its `when`, does not apply. Before: source.rs. Next: map/maker.rs,
//! then `Pipeline::events` of gateway/core.

mod maker;

use std::fmt;

use serde_json::Value as Json;
use turnpage_gateway_core::{ContextEvent, Timestamp};
use turnpage_journeys_expr::Span;

use self::maker::Maker;
use crate::Source;
use crate::eval::{BUDGET, Fault, Scope, Value, own};
use crate::functions::Context;
use crate::rule::Format;

/// Bytes of a payload that is looked at. A device's state has a few hundred; what is longer is a list of devices or a
/// picture, which nobody maps.
pub const PAYLOAD_MAX: usize = 16 * 1024;
/// Events of one message: a receiver that reports all that it hears in one go, and some.
pub const EVENTS_MAX: usize = 64;

/// What a message of a source was.
#[derive(Clone, PartialEq, Debug)]
pub enum Mapped {
    /// Something for the pipeline, in the order of the rules.
    Events(Vec<ContextEvent>),
    /// Something that the source says and no rule is about, such as a phone's configuration.
    Ignored,
    /// Not what the source should say.
    Malformed(Trouble),
}

/// Why a message is malformed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// What kind of trouble, for counters.
    pub kind: TroubleKind,
    /// The rule, counted from 1; 0 when it is the message's own trouble.
    pub rule: usize,
    /// The keys that lead to the expression, such as `sighting.subject`.
    pub path: &'static str,
    /// The expression, and where in it; empty when there is none.
    pub text: String,
    /// The place in the expression.
    pub span: Span,
    /// What is wrong.
    pub message: String,
}

/// The kinds of trouble.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TroubleKind {
    /// The payload is longer than [`PAYLOAD_MAX`].
    Oversized,
    /// The payload is not JSON, or not text.
    Unreadable,
    /// Something that has to be said is not.
    Missing,
    /// Something is not what it should be.
    Wrong,
    /// It takes more work than a message may, or says more than [`EVENTS_MAX`] things.
    Excessive,
}

impl TroubleKind {
    /// Every kind, for counters.
    pub const ALL: [Self; 5] =
        [Self::Oversized, Self::Unreadable, Self::Missing, Self::Wrong, Self::Excessive];

    /// The kind in words of metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Oversized => "oversized",
            Self::Unreadable => "unreadable",
            Self::Missing => "missing",
            Self::Wrong => "wrong",
            Self::Excessive => "excessive",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rule > 0 {
            write!(f, "rule {}, {}: ", self.rule, self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// What a rule made of a message.
pub(crate) enum Applied {
    /// These events.
    Said(Vec<ContextEvent>),
    /// Its `when` does not hold, or reads what is not there, or there is nothing to say.
    Not(Option<Fault>),
}

impl Source {
    /// What a message on one of its topics means. `now` is the gateway's time, for who does not say one.
    #[must_use]
    pub fn map(&self, now: Timestamp, topic: &str, payload: &[u8]) -> Mapped {
        let mut events = Vec::new();
        let done = self.each_rule(now, topic, payload, |_, applied| {
            if let Applied::Said(said) = applied {
                events.extend(said);
            }
        });
        match done {
            Err(trouble) => Mapped::Malformed(trouble),
            Ok(()) if events.is_empty() => Mapped::Ignored,
            Ok(()) => Mapped::Events(events),
        }
    }

    /// Applies rule after rule and shows what each made, by its number from 1; the first trouble ends it.
    pub(crate) fn each_rule(
        &self,
        now: Timestamp,
        topic: &str,
        payload: &[u8],
        mut show: impl FnMut(usize, Applied),
    ) -> Result<(), Trouble> {
        let payload = read(self.body.format, payload)?;
        let matched = Json::Array(matched(self.topics.as_str(), topic).into_iter().map(Json::from).collect());
        let mut lets = Vec::new();
        let mut budget = BUDGET;
        for (name, term) in &self.body.lets {
            let mut scope = self.scope(&payload, topic, &matched, &lets, budget);
            let value = scope.eval(&term.tree);
            let value = value.and_then(|value| scope.owned(value, term.tree.span));
            budget = scope.budget;
            lets.push((name.as_str(), value));
        }
        let mut scope = self.scope(&payload, topic, &matched, &lets, budget);
        let mut room = EVENTS_MAX;
        for (number, rule) in (1..).zip(&self.body.rules) {
            let mut maker = Maker { source: self, scope: &mut scope, now, number };
            let applied = maker.rule(rule, room)?;
            if let Applied::Said(said) = &applied {
                room = room.saturating_sub(said.len());
            }
            show(number, applied);
        }
        Ok(())
    }

    fn scope<'s>(
        &'s self,
        payload: &'s Json,
        topic: &str,
        matched: &'s Json,
        lets: &'s [(&'s str, Result<Json, Fault>)],
        budget: u32,
    ) -> Scope<'s> {
        let mut names: Vec<(&str, Value<'s>)> = vec![
            ("payload", Value::Borrowed(payload)),
            ("topic", own(topic)),
            ("matched", Value::Borrowed(matched)),
        ];
        names.extend(self.body.tables.iter().map(|(name, table)| (name.as_str(), Value::Borrowed(table))));
        Scope { names, lets, functions: Context { bindkeys: &self.bindkeys }, budget }
    }
}

/// The payload as a value. JSON nests at most 128 deep, which is serde_json's own bound.
fn read(format: Format, payload: &[u8]) -> Result<Json, Trouble> {
    let trouble = |kind, message: &str| Trouble {
        kind,
        rule: 0,
        path: "payload",
        text: String::new(),
        span: Span::default(),
        message: message.to_owned(),
    };
    if payload.len() > PAYLOAD_MAX {
        return Err(trouble(TroubleKind::Oversized, "the payload is longer than anybody maps"));
    }
    match format {
        Format::Json => serde_json::from_slice(payload)
            .map_err(|error| trouble(TroubleKind::Unreadable, &format!("the payload is not JSON: {error}"))),
        Format::Text => std::str::from_utf8(payload)
            .map(Json::from)
            .map_err(|_| trouble(TroubleKind::Unreadable, "the payload is not text")),
    }
}

/// What stands at the wildcards of a filter; a `#` takes all that is left.
fn matched<'t>(filter: &str, topic: &'t str) -> Vec<&'t str> {
    let mut found = Vec::new();
    let mut rest = Some(topic);
    for level in filter.split('/') {
        let Some(left) = rest else { break };
        let (name, after) = left.split_once('/').map_or((left, None), |(name, after)| (name, Some(after)));
        match level {
            "#" => found.push(left),
            "+" => found.push(name),
            _ => {}
        }
        rest = after;
    }
    found
}
