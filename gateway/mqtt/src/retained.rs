//! The last message of each topic that was published to be kept (section 3.3.1.3), within a bound.
//!
//! Topics are held in their order, so that a filter reads only the stretch that shares its beginning before the first
//! wildcard. A reader keeps its place by topic and comes back for the next: nothing is copied for a subscriber that
//! cannot take it yet. Not here: whether a subscription wants retained messages. Before: broker.rs. Next: session.rs.

use std::collections::BTreeMap;
use std::ops::Bound;

use crate::limits::{RETAINED_BYTES_MAX, RETAINED_MAX};
use crate::message::{Message, Moment};
use crate::topic::{Filter, Topic};

/// All retained messages.
#[derive(Default, Debug)]
pub(crate) struct Retained {
    messages: BTreeMap<Topic, Message>,
    bytes: usize,
}

/// What became of a message that asked to be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kept {
    /// It is kept, or with an empty payload what was kept is gone.
    Yes,
    /// There is no room; what was kept for its topic before is gone, because it is no longer the last.
    NoRoom,
}

impl Retained {
    /// Keeps `message` in place of what its topic had; an empty payload keeps nothing (MQTT-3.3.1-6, -7).
    pub(crate) fn keep(&mut self, message: Message) -> Kept {
        self.forget(&message.topic);
        if message.payload.is_empty() {
            return Kept::Yes;
        }
        let size = message.size();
        if self.messages.len() >= RETAINED_MAX || self.bytes + size > RETAINED_BYTES_MAX {
            return Kept::NoRoom;
        }
        self.bytes += size;
        self.messages.insert(message.topic.clone(), message);
        Kept::Yes
    }

    /// How many are kept.
    pub(crate) fn len(&self) -> usize {
        self.messages.len()
    }

    /// The next message under `filter` whose topic comes after `after`, of those that are worth something at `now`.
    /// What has expired on the way is let go.
    pub(crate) fn next(&mut self, filter: &Filter, after: Option<&Topic>, now: Moment) -> Option<Message> {
        let text = filter.as_str();
        let wildcard = text.find(['+', '#']).unwrap_or(text.len());
        // `a/#` matches `a` as well, so the slash before a `#` is not part of what all matches begin with.
        let stem = text
            .get(..wildcard)
            .map_or("", |stem| if text.ends_with('#') { stem.trim_end_matches('/') } else { stem });
        let mut expired = Vec::new();
        let start = match (after, Topic::new(stem)) {
            (Some(after), _) => Bound::Excluded(after.clone()),
            (None, Ok(stem)) => Bound::Included(stem),
            (None, Err(_)) => Bound::Unbounded,
        };
        let stretch = self.messages.range((start, Bound::Unbounded));
        let mut within = stretch.take_while(|(topic, _)| topic.as_str().starts_with(stem));
        let found = within.find(|(topic, message)| {
            if message.is_expired(now) {
                expired.push((*topic).clone());
                return false;
            }
            filter.matches(topic)
        });
        let found = found.map(|(_, message)| message.clone());
        expired.iter().for_each(|topic| self.forget(topic));
        found
    }

    fn forget(&mut self, topic: &Topic) {
        if let Some(held) = self.messages.remove(topic) {
            self.bytes -= held.size();
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn message(topic: &str, payload: &str) -> Message {
        Message::new(Topic::new(topic).unwrap(), Bytes::copy_from_slice(payload.as_bytes()))
    }

    fn all(retained: &mut Retained, filter: &str, now: Moment) -> Vec<String> {
        let filter = Filter::new(filter).unwrap();
        let mut found: Vec<String> = Vec::new();
        let mut after = None;
        while let Some(message) = retained.next(&filter, after.as_ref(), now) {
            found.push(message.topic.to_string());
            after = Some(message.topic);
        }
        found
    }

    #[test]
    fn a_filter_finds_what_it_matches_and_nothing_else() {
        let mut retained = Retained::default();
        for topic in ["a", "a/b", "a/b/c", "ab", "b/b", "$x/b", "/b"] {
            assert_eq!(retained.keep(message(topic, "x")), Kept::Yes);
        }
        let now = Moment(0);
        assert_eq!(all(&mut retained, "a/#", now), ["a", "a/b", "a/b/c"]);
        assert_eq!(all(&mut retained, "+/b", now), ["/b", "a/b", "b/b"]);
        assert_eq!(all(&mut retained, "a/+", now), ["a/b"]);
        assert_eq!(all(&mut retained, "ab", now), ["ab"]);
        assert_eq!(all(&mut retained, "#", now), ["/b", "a", "a/b", "a/b/c", "ab", "b/b"]);
        assert_eq!(all(&mut retained, "$x/#", now), ["$x/b"]);
        assert_eq!(all(&mut retained, "/#", now), ["/b"]);
    }

    #[test]
    fn mqtt_3_3_1_6_an_empty_payload_lets_go_of_what_was_kept() {
        let mut retained = Retained::default();
        retained.keep(message("a", "x"));
        retained.keep(message("a", ""));
        assert_eq!((retained.len(), retained.bytes), (0, 0));
    }

    #[test]
    fn mqtt_3_3_2_5_an_expired_message_is_let_go() {
        let mut retained = Retained::default();
        retained.keep(Message { expires: Some(Moment(10)), ..message("a", "x") });
        assert_eq!(all(&mut retained, "a", Moment(9)), ["a"]);
        assert!(all(&mut retained, "a", Moment(10)).is_empty());
        assert_eq!((retained.len(), retained.bytes), (0, 0));
    }

    #[test]
    fn there_is_a_bound_on_bytes() {
        let mut retained = Retained::default();
        retained.keep(message("a", "x"));
        retained.bytes = RETAINED_BYTES_MAX - 2;
        assert_eq!(retained.keep(message("b", "xx")), Kept::NoRoom);
        assert_eq!(all(&mut retained, "#", Moment(0)), ["a"]);
    }
}
