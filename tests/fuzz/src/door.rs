//! What comes through the doors and is admitted or not: messages by topic and payload, and bodies of HTTP requests.

use turnpage_gateway_core::{Admission, Origin, Pipeline, Role, Timestamp};
use turnpage_gateway_mqtt::{Filter, Permit};

use crate::stage::{Bytes, NOON, options, pipeline, stage};
use crate::wire::sealed;

/// Messages of one input: each may step journeys, and an input is to be tried in a millisecond.
const MESSAGES_MAX: usize = 16;
/// Who says it; frames need their node's key whoever brings them.
const ROLES: [Role; 3] = [Role::Trusted, Role::Channel, Role::Source];

/// Messages, one after the other: a byte of how, a topic's end, a payload. Whatever came of them, the gateway that is
/// opened again from the batches is the gateway that was.
pub(crate) fn messages(bytes: &[u8]) {
    let mut bytes = Bytes(bytes);
    let mut pipeline = pipeline();
    let (mut now, mut state) = (NOON, turnpage_gateway_core::State::default());
    for _ in 0..MESSAGES_MAX {
        let (Some(how), Some(topic), Some(payload)) = (bytes.byte(), bytes.piece(), bytes.piece()) else {
            break;
        };
        let origin = Origin { client: "fuzz".into(), role: ROLES[usize::from(how) % ROLES.len()].clone() };
        let topic = format!("turnpage/v1/day-out/{}", String::from_utf8_lossy(topic));
        let signed = if how & 0x80 == 0 { None } else { sealed(payload) };
        now = Timestamp(now.0 + (i64::from(how & 0x7f) << 10));
        let before = pipeline.live().counters.received;
        let admission = pipeline.message(now, &origin, &topic, signed.as_deref().unwrap_or(payload));
        pipeline.advance(now);
        assert_eq!(pipeline.live().counters.received, before + 1, "counted once: {admission:?}");
        let batch = pipeline.take_batch();
        assert!(
            matches!(admission, Admission::Dead(_)) || batch.dead.is_empty(),
            "{admission:?}, and buried"
        );
        state.absorb(batch);
    }
    assert!(state == pipeline.state() || state.subjects.is_empty(), "batches do not fold into the state");
    let (keys, options) = options();
    let reopened =
        Pipeline::restore(stage().venue.clone(), stage().library.clone(), keys, options, state.clone());
    let reopened = reopened.expect("what was written is read");
    assert_eq!(reopened.state(), state, "a restart changes the state");
}

/// A body of `POST /api/v1/events`: within the bound, nothing made up, and what may not be said is refused.
pub(crate) fn body(bytes: &[u8]) {
    let filter = |text: &str| Filter::new(text).expect("a filter");
    let permit = Permit::new(vec![filter("till/+")], Vec::new());
    let Ok(messages) = turnpage_gateway_server::messages_of(bytes, &permit) else { return };
    assert!((1..=512).contains(&messages.len()));
    let said: usize = messages.iter().map(|(topic, payload, _)| topic.len() + payload.len()).sum();
    assert!(said <= bytes.len(), "{said} bytes made of {}", bytes.len());
    for (topic, _, refused) in &messages {
        assert!(refused.is_some() || (topic.starts_with("till/") && !topic.contains(['+', '#'])), "{topic}");
    }
}
