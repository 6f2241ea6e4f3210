//! Topics there and back, and what is refused.

extern crate std;

use std::string::{String, ToString};

use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::{Channel, Error, NAME_LEN_MAX, TOPIC_LEN_MAX, Topic};

#[test]
fn every_channel_of_the_contract_is_written_as_agreed() {
    let check = |channel, expected: &str| {
        let topic = Topic { venue: "park", channel };
        assert_eq!(topic.to_string(), expected);
        assert_eq!(Topic::parse(expected), Ok(topic));
    };
    check(Channel::Event { node: "gate-1" }, "turnpage/v1/park/node/gate-1/event");
    check(Channel::Birth { node: "gate-1" }, "turnpage/v1/park/node/gate-1/birth");
    check(Channel::Config { node: "gate-1" }, "turnpage/v1/park/node/gate-1/config");
    check(Channel::Signal { name: "queue.loop" }, "turnpage/v1/park/signal/queue.loop");
    check(Channel::Offer { subject: "v17" }, "turnpage/v1/park/offer/v17");
    check(Channel::Outcome { subject: "v17" }, "turnpage/v1/park/outcome/v17");
    check(Channel::Consent { subject: "v17" }, "turnpage/v1/park/consent/v17");
    check(Channel::Subject { subject: "v17" }, "turnpage/v1/park/subject/v17");
    check(Channel::Feedback { subject: "v17" }, "turnpage/v1/park/feedback/v17");
    check(Channel::Pick { subject: "v17" }, "turnpage/v1/park/pick/v17");
    check(Channel::Choices { subject: "v17" }, "turnpage/v1/park/choices/v17");
    check(Channel::Staff { role: "cleaner" }, "turnpage/v1/park/staff/cleaner");
}

#[test]
fn what_is_not_of_the_contract_says_why() {
    for (topic, error) in [
        ("", Error::Root),
        ("turnpage/v2/park/offer/v17", Error::Root),
        ("turnpage/v10/park/offer/v17", Error::Root),
        ("turnpage/v1", Error::Root),
        ("turnpage/v1/", Error::Channel),
        ("turnpage/v1/park/offer", Error::Channel),
        ("turnpage/v1/park/offer/v17/x", Error::Channel),
        ("turnpage/v1/park/node/gate-1/event/", Error::Channel),
        ("turnpage/v1/park/node/gate-1/state", Error::Channel),
        ("turnpage/v1//offer/v17", Error::Name),
        ("turnpage/v1/park/offer/", Error::Name),
        ("turnpage/v1/park/offer/+", Error::Name),
        ("turnpage/v1/park/offer/a b", Error::Name),
        ("turnpage/v1/park/offer/0123456789012345678901234567890123", Error::Name),
    ] {
        assert_eq!(Topic::parse(topic), Err(error), "{topic}");
    }
}

#[test]
fn the_longest_topic_is_as_long_as_promised() {
    let name = "x".repeat(NAME_LEN_MAX);
    let topic = Topic { venue: &name, channel: Channel::Config { node: &name } };
    assert_eq!(topic.to_string().len(), TOPIC_LEN_MAX);
}

/// Strings near the contract, where a parser could go wrong, beside arbitrary ones.
fn near_topic() -> impl Strategy<Value = String> {
    let level = prop_oneof![
        Just("node".into()),
        Just("event".into()),
        Just("offer".into()),
        Just("signal".into()),
        Just("subject".into()),
        Just("staff".into()),
        "[A-Za-z0-9_.-]{0,34}",
        any::<String>(),
    ];
    proptest::collection::vec(level, 0..6)
        .prop_map(|levels: std::vec::Vec<String>| std::format!("turnpage/v1/{}", levels.join("/")))
}

proptest! {
    #[test]
    fn whatever_is_accepted_comes_back_unchanged(text in prop_oneof![near_topic(), any::<String>()]) {
        if let Ok(topic) = Topic::parse(&text) {
            prop_assert_eq!(topic.to_string(), text.as_str());
            prop_assert!(text.len() <= TOPIC_LEN_MAX);
        }
    }
}
