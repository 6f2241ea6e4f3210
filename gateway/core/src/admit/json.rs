//! The JSON payloads of the contract: signals, outcomes, consent, and what subjects and those who know them say.
//!
//! Fields that are not named here are other systems' business and are skipped. Next: back in admit.rs.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use turnpage_journeys_engine::Outcome;

use crate::Timestamp;
use crate::batch::Reason;
use crate::event::{ContextEvent, FactValue, Profile, Purpose, Said, TimeQuality, What};
use crate::id::{OfferId, SubjectName};

#[derive(Deserialize)]
struct SignalPayload {
    at: i64,
    value: f64,
}

#[derive(Deserialize)]
struct OutcomePayload {
    id: OfferId,
    outcome: Outcome,
    #[serde(default)]
    value: Option<f64>,
    at: i64,
}

#[derive(Deserialize)]
struct ConsentPayload {
    purpose: String,
    granted: bool,
    at: i64,
}

/// Bytes of a word: a name of the contract at its longest, and a language tag (RFC 5646 asks for 35).
const WORD_MAX: usize = 64;
/// Facts in one message: more than a venue can declare.
const FACTS_MAX: usize = 128;

#[derive(Deserialize)]
struct ProfilePayload {
    #[serde(default)]
    role: Option<String>,
    #[serde(default, deserialize_with = "said")]
    party: Said<SubjectName>,
    #[serde(default, deserialize_with = "said")]
    language: Said<String>,
    #[serde(default, deserialize_with = "said")]
    channel: Said<String>,
    #[serde(default)]
    facts: BTreeMap<String, Option<FactPayload>>,
    at: i64,
}

/// A fact's value as JSON writes it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum FactPayload {
    Bool(bool),
    Int(i64),
    Number(f64),
    Text(String),
}

#[derive(Deserialize)]
struct FeedbackPayload {
    score: i64,
    #[serde(default)]
    about: Option<String>,
    at: i64,
}

#[derive(Deserialize)]
struct PickPayload {
    journey: String,
    page: String,
    pick: String,
    at: i64,
}

/// `{"at":ms,"value":45}`
pub(super) fn signal(name: &str, payload: &[u8]) -> Result<ContextEvent, Reason> {
    let SignalPayload { at, value } = read(payload)?;
    Ok(event(at, What::Signal { name: name.to_owned(), value }))
}

/// `{"id":"<offer id, hexadecimal>","outcome":"accepted","value":4.5,"at":ms}`, `value` optional and only of what was accepted.
pub(super) fn outcome(subject: &str, payload: &[u8]) -> Result<ContextEvent, Reason> {
    let OutcomePayload { id: offer, outcome, value, at } = read(payload)?;
    let subject = name(subject)?;
    // Only `plan` withholds.
    if outcome == Outcome::Withheld {
        return Err(Reason::Malformed);
    }
    What::answered(subject, offer, outcome, value).map(|what| event(at, what)).ok_or(Reason::Malformed)
}

/// `{"purpose":"offers","granted":false,"at":ms}`, `offers` standing for all of the venue's purposes
pub(super) fn consent(subject: &str, payload: &[u8]) -> Result<ContextEvent, Reason> {
    let ConsentPayload { purpose, granted, at } = read(payload)?;
    let purpose = Purpose::of(&purpose).ok_or(Reason::Malformed)?;
    Ok(event(at, What::Consent { subject: name(subject)?, purpose, granted }))
}

/// `{"role":"vip","party":"kim","language":"es","channel":"app","facts":{"tier":"gold","visits":3},"at":ms}`, each key but
/// `at` optional; `null` takes back what was known.
pub(super) fn profile(subject: &str, payload: &[u8]) -> Result<ContextEvent, Reason> {
    let ProfilePayload { role, party, language, channel, facts, at } = read(payload)?;
    let fits = |word: &Said<String>| !matches!(word, Said::Is(word) if !is_word(word));
    if facts.len() > FACTS_MAX || !fits(&language) || !fits(&channel) {
        return Err(Reason::Malformed);
    }
    let facts =
        facts.into_iter().map(|(name, value)| (name, value.as_ref().map(FactPayload::value))).collect();
    let profile = Profile { role, party, language, channel, facts };
    Ok(event(at, What::Profile { subject: name(subject)?, profile }))
}

/// `{"score":4,"about":"coaster","at":ms}`, `about` optional.
pub(super) fn feedback(subject: &str, payload: &[u8]) -> Result<ContextEvent, Reason> {
    let FeedbackPayload { score, about, at } = read(payload)?;
    if about.as_deref().is_some_and(|about| !is_word(about)) {
        return Err(Reason::Malformed);
    }
    Ok(event(at, What::Feedback { subject: name(subject)?, score, about }))
}

/// `{"journey":"rainy-day","page":"shelter","pick":"rest","at":ms}`
pub(super) fn pick(subject: &str, payload: &[u8]) -> Result<ContextEvent, Reason> {
    let PickPayload { journey, page, pick, at } = read(payload)?;
    Ok(event(at, What::Pick { subject: name(subject)?, journey, page, pick }))
}

impl FactPayload {
    pub(crate) fn value(&self) -> FactValue {
        match self {
            Self::Bool(value) => FactValue::Bool(*value),
            Self::Int(value) => FactValue::Int(*value),
            Self::Number(value) => FactValue::Number(*value),
            Self::Text(value) => FactValue::Text(value.clone()),
        }
    }
}

/// A key that is there: a value, or `null` for what is not known any more.
fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Said<T>, D::Error> {
    Ok(Option::deserialize(from)?.map_or(Said::Unknown, Said::Is))
}

/// A short text on one line.
fn is_word(text: &str) -> bool {
    (1..=WORD_MAX).contains(&text.len()) && !text.chars().any(char::is_control)
}

fn read<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, Reason> {
    serde_json::from_slice(payload).map_err(|_| Reason::Malformed)
}

fn name(subject: &str) -> Result<SubjectName, Reason> {
    SubjectName::new(subject).ok_or(Reason::Malformed)
}

fn event(at: i64, what: What) -> ContextEvent {
    ContextEvent { at: Timestamp(at), quality: TimeQuality::Synced, what }
}
