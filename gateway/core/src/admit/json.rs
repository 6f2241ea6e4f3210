//! The JSON payloads of the contract: signals, outcomes, consent.
//!
//! Fields that are not named here are other systems' business and are skipped. Next: back in admit.rs.

use serde::Deserialize;
use turnpage_journeys_engine::Outcome;

use crate::Timestamp;
use crate::batch::Reason;
use crate::event::{ContextEvent, Purpose, TimeQuality, What};
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
    at: i64,
}

#[derive(Deserialize)]
struct ConsentPayload {
    purpose: Purpose,
    granted: bool,
    at: i64,
}

/// `{"at":ms,"value":45}`
pub(super) fn signal(name: &str, payload: &[u8]) -> Result<ContextEvent, Reason> {
    let SignalPayload { at, value } = read(payload)?;
    Ok(event(at, What::Signal { name: name.to_owned(), value }))
}

/// `{"id":"<offer id, hexadecimal>","outcome":"accepted","at":ms}`
pub(super) fn outcome(subject: &str, payload: &[u8]) -> Result<ContextEvent, Reason> {
    let OutcomePayload { id, outcome, at } = read(payload)?;
    // Only `plan` withholds.
    if outcome == Outcome::Withheld {
        return Err(Reason::Malformed);
    }
    Ok(event(at, What::Outcome { subject: name(subject)?, offer: id, outcome }))
}

/// `{"purpose":"offers","granted":false,"at":ms}`
pub(super) fn consent(subject: &str, payload: &[u8]) -> Result<ContextEvent, Reason> {
    let ConsentPayload { purpose, granted, at } = read(payload)?;
    Ok(event(at, What::Consent { subject: name(subject)?, purpose, granted }))
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
