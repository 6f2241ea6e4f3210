//! One line of a recorded day as it is written, before anybody knows what its names mean.
//!
//! A key that is not one of these is a mistake and is told as one. Before: day.rs. Next: said.rs.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use turnpage_journeys_expr::closest;

use crate::Timestamp;
use crate::admit::FactPayload;
use crate::event::{Said, Weather};
use crate::id::{SubjectName, ZoneName};
use crate::venue::Venue;

/// A line, with its times read on the venue's clock.
pub(super) struct Line {
    /// When it was observed.
    pub(super) at: Timestamp,
    came: Option<Timestamp>,
    pub(super) keys: Keys,
}

impl Line {
    /// When the gateway had it: at once, where the line does not say otherwise.
    pub(super) fn came(&self) -> Timestamp {
        self.came.unwrap_or(self.at)
    }
}

/// What a line may say. journeys/EVENTS.md tells authors.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    at: Time,
    came: Option<Time>,
    pub(super) subject: Option<SubjectName>,
    pub(super) role: Option<String>,
    pub(super) zone: Option<ZoneName>,
    pub(super) node: Option<String>,
    pub(super) lon: Option<f64>,
    pub(super) lat: Option<f64>,
    pub(super) level: Option<i16>,
    pub(super) leaves: Option<bool>,
    pub(super) weather: Option<Air>,
    #[serde(default)]
    pub(super) signals: BTreeMap<String, f64>,
    #[serde(default, deserialize_with = "said")]
    pub(super) party: Said<SubjectName>,
    #[serde(default, deserialize_with = "said")]
    pub(super) language: Said<String>,
    #[serde(default, deserialize_with = "said")]
    pub(super) channel: Said<String>,
    #[serde(default)]
    pub(super) facts: BTreeMap<String, Option<FactPayload>>,
    pub(super) consent: Option<Consent>,
    pub(super) feedback: Option<i64>,
    pub(super) about: Option<String>,
    pub(super) pick: Option<String>,
    pub(super) answer: Option<String>,
    pub(super) value: Option<f64>,
    pub(super) journey: Option<String>,
    pub(super) page: Option<String>,
}

/// Milliseconds since the epoch, or as people write it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Time {
    Ms(i64),
    Text(String),
}

/// A word on being offered things: on all of them, or by purpose.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Consent {
    All(bool),
    Of(BTreeMap<String, bool>),
}

/// A reading of the air.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Air {
    temperature: Option<f64>,
    rain: Option<f64>,
    wind: Option<f64>,
    humidity: Option<f64>,
    light: Option<f64>,
}

impl Air {
    pub(super) fn reading(&self) -> Weather {
        let Self { temperature, rain, wind, humidity, light } = *self;
        Weather { temperature, rain, wind, humidity, light }
    }
}

/// Reads one line.
pub(super) fn read(text: &[u8], venue: &Venue) -> Result<Line, String> {
    let text = std::str::from_utf8(text).map_err(|_| "not UTF-8".to_owned())?;
    let keys: Keys = serde_json::from_str(text).map_err(|error| describe(&error))?;
    let time = |time: &Time| match time {
        Time::Ms(ms) => Ok(Timestamp(*ms)),
        Time::Text(text) => venue.instant(text),
    };
    let at = time(&keys.at)?;
    let came = keys.came.as_ref().map(time).transpose()?;
    Ok(Line { at, came, keys })
}

/// A parser's message without the place in its own text, which is one line; of keys the nearest and not all.
fn describe(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default();
    let Some((wrong, known)) = message.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'))
    else {
        let no_time = "data did not match any variant of untagged enum Time";
        let no_consent = "data did not match any variant of untagged enum Consent";
        let message = message.replace(no_time, "`at` and `came` are times in quotes, or milliseconds");
        return message.replace(no_consent, "`consent` is true, false, or one of them for each purpose");
    };
    let known = known.split('`').skip(1).step_by(2);
    let meant = closest(wrong, known).map(|meant| format!("; did you mean `{meant}`?"));
    format!("unknown key `{wrong}`{}", meant.unwrap_or_default())
}

/// A key that is there: a value, or `null` for what is not known any more.
fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Said<T>, D::Error> {
    Ok(Option::deserialize(from)?.map_or(Said::Unknown, Said::Is))
}
