//! What subjects may pick from, as kiosks and apps were told last: a picture that every new subscriber is shown.
//!
//! It is as large as the subjects that can pick something are many, and lost with the gateway: a restart tells all of it
//! anew. It decides nothing. Before: dispatch.rs. Next: the outlets, door.rs and broker.rs.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use turnpage_gateway_core::topic::{Channel, Topic as TopicName};
use turnpage_gateway_core::{Choices, SubjectName, VenueName};

use crate::door::{Filter, Message, Topic};

/// How long a list may wait for a subscriber that is away: it asks again when it subscribes.
pub(super) const VALID: Duration = Duration::from_secs(3_600);

/// The lists that are not empty.
#[derive(Default)]
pub(super) struct Lists(BTreeMap<SubjectName, Message>);

impl Lists {
    /// Takes a new list in place of the one before; the message that tells it.
    pub(super) fn take(&mut self, venue: &VenueName, told: Choices) -> Option<Message> {
        let channel = Channel::Choices { subject: told.subject.as_str() };
        let name = TopicName { venue: venue.as_str(), channel }.to_string();
        // Names are of plain letters and bounded, and texts into memory cannot fail.
        let payload = Bytes::from(serde_json::to_vec(&told.choices).unwrap_or_default());
        let message = Message::new(Topic::new(&name).ok()?, payload);
        if told.choices.is_empty() {
            self.0.remove(&told.subject);
        } else {
            self.0.insert(told.subject, message.clone());
        }
        Some(message)
    }

    /// What a subscription asks for, ascending by subject.
    pub(super) fn asked(&self, filter: &Filter) -> impl Iterator<Item = &Message> {
        self.0.values().filter(|message| filter.matches(&message.topic))
    }
}

#[cfg(test)]
mod tests {
    use turnpage_gateway_core::Pickable;

    use super::*;

    #[test]
    fn a_new_subscriber_is_shown_what_is_open() {
        let (mut lists, venue) = (Lists::default(), VenueName::new("park").unwrap());
        let pick =
            Pickable { journey: "j".into(), page: "p".into(), pick: "rest".into(), label: "Rest".into() };
        let told = |choices| Choices { subject: SubjectName::new("a").unwrap(), choices };
        let message = lists.take(&venue, told(vec![pick])).unwrap();
        assert_eq!(message.topic.as_str(), "turnpage/v1/park/choices/a");
        assert_eq!(message.payload, r#"[{"journey":"j","page":"p","pick":"rest","label":"Rest"}]"#);
        let all = Filter::new("turnpage/v1/park/choices/+").unwrap();
        assert_eq!(lists.asked(&all).count(), 1);
        assert_eq!(lists.take(&venue, told(Vec::new())).unwrap().payload, "[]");
        assert_eq!(lists.asked(&all).count(), 0);
    }
}
