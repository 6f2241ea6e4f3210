//! A request's headers and body to who asks, under which key, and messages.
//!
//! Hostile bytes in, values or a problem out. Before: intake.rs. Next: shard.rs.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use turnpage_gateway_core::Reason;

use super::super::problem::Problem;
use crate::door::{Permit, Topic};
use crate::inbound::{Key, Said};

/// Messages in one request: its answer fits into a few packets, and a group's commit does not wait for it.
pub(super) const MESSAGES_MAX: usize = 512;
/// Bytes of a key: the draft advises a UUID, which has 36.
const KEY_BYTES_MAX: usize = 128;
const KEY: &str = "idempotency-key";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageJson<'a> {
    topic: String,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
    text: Option<String>,
    base64: Option<String>,
}

/// The user name and password of basic authentication (RFC 7617).
pub(super) fn credentials(headers: &HeaderMap) -> Option<(String, Vec<u8>)> {
    let (scheme, encoded) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let (user, password) = (decoded.get(..colon)?, decoded.get(colon + 1..)?);
    Some((String::from_utf8(user.to_vec()).ok()?, password.to_vec()))
}

/// Whether the body says that it is JSON. A page of another site cannot say so without asking first, and is not answered.
pub(in crate::http) fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

/// The key of the request, if it has one: a string of RFC 8941, or the same without its quotes.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut all = headers.get_all(KEY).iter();
    let Some(value) = all.next() else { return Ok(None) };
    let text = value.to_str().ok().filter(|_| all.next().is_none()).map(str::trim);
    let key = text.and_then(|text| match text.strip_prefix('"') {
        Some(rest) => unquoted(rest),
        None => text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"').then(|| text.to_owned()),
    });
    let key = key.filter(|key| (1..=KEY_BYTES_MAX).contains(&key.len()));
    key.map(Some).ok_or_else(|| {
        let detail =
            format!("an Idempotency-Key is one text of 1 to {KEY_BYTES_MAX} printable letters in quotes");
        Problem::new(StatusCode::BAD_REQUEST, detail)
    })
}

/// What is left of a string of RFC 8941 behind its first quote (section 4.2.5).
fn unquoted(rest: &str) -> Option<String> {
    let mut text = String::new();
    let mut letters = rest.chars();
    loop {
        match letters.next()? {
            '"' => return letters.as_str().is_empty().then_some(text),
            '\\' => text.push(letters.next().filter(|letter| matches!(letter, '"' | '\\'))?),
            letter => text.push(letter),
        }
    }
}

pub(super) fn stands_for(name: String, body: &[u8]) -> Key {
    Key { name, body: Sha256::digest(body).into() }
}

/// The messages of a body: one, or a list.
pub(super) fn messages(body: &[u8], permit: &Permit) -> Result<Vec<Said>, Problem> {
    let malformed = |error: serde_json::Error| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            format!("the body cannot be read, and nothing was taken: {error}"),
        )
    };
    let list = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let messages: Vec<MessageJson<'_>> = if list {
        serde_json::from_slice(body).map_err(malformed)?
    } else {
        vec![serde_json::from_slice(body).map_err(malformed)?]
    };
    if !(1..=MESSAGES_MAX).contains(&messages.len()) {
        let detail = format!("a request has 1 to {MESSAGES_MAX} messages; nothing was taken");
        let status =
            if messages.is_empty() { StatusCode::BAD_REQUEST } else { StatusCode::PAYLOAD_TOO_LARGE };
        return Err(Problem::new(status, detail));
    }
    messages.into_iter().enumerate().map(|(place, message)| said(place, message, permit)).collect()
}

/// A body's messages without a gateway that takes them, for whoever tries hostile bodies: topic, payload, and why it would be
/// refused. A body that cannot be read has the status of its answer.
///
/// # Errors
/// As the request would be answered.
pub fn messages_of(body: &[u8], permit: &Permit) -> Result<Vec<(String, Bytes, Option<Reason>)>, StatusCode> {
    let read = messages(body, permit).map_err(|problem| problem.into_response().status())?;
    Ok(read.into_iter().map(|said| (said.topic, said.payload, said.checked.err())).collect())
}

fn said(place: usize, message: MessageJson<'_>, permit: &Permit) -> Result<Said, Problem> {
    let MessageJson { topic, payload, text, base64 } = message;
    let bytes = match (payload, text, base64) {
        (Some(json), None, None) => Some(Bytes::copy_from_slice(json.get().as_bytes())),
        (None, Some(text), None) => Some(Bytes::from(text)),
        (None, None, Some(base64)) => STANDARD.decode(base64).ok().map(Bytes::from),
        _ => None,
    };
    let payload = bytes.ok_or_else(|| {
        let detail = format!(
            "message {place} has to have its bytes as one of `payload` (JSON), `text` and `base64`; nothing was taken"
        );
        Problem::new(StatusCode::BAD_REQUEST, detail)
    })?;
    let checked = match Topic::new(&topic) {
        Err(_) => Err(Reason::Topic),
        Ok(checked) if permit.may_publish(&checked) => Ok(checked),
        Ok(_) => Err(Reason::Impostor),
    };
    Ok(Said { topic, payload, checked })
}

#[cfg(test)]
mod tests;
