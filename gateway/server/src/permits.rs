//! Which topics each role may use at the front door, and which the gateway asks a broker for.
//!
//! The door enforces the permits; what a message may say beyond its topic is decided by gateway/core. Before:
//! gateway.rs. Next: door.rs.

use std::sync::Arc;

use turnpage_gateway_core::topic::{Channel, Filter as TopicFilter, Topic};
use turnpage_gateway_core::{Role, VenueName};

use crate::door::{Account, Accounts, Filter, Permit};
use crate::source::Source;
use crate::{Error, Login};

/// What everything that the gateway reads is published to, sources apart.
pub(crate) fn heard(venue: &VenueName) -> [String; 8] {
    let venue = venue.as_str();
    [
        TopicFilter::Events { venue },
        TopicFilter::Births { venue },
        TopicFilter::Signals { venue },
        TopicFilter::Outcomes { venue },
        TopicFilter::Consents { venue },
        TopicFilter::Subjects { venue },
        TopicFilter::Feedbacks { venue },
        TopicFilter::Picks { venue },
    ]
    .map(|filter| filter.to_string())
}

/// The door's accounts, each with what its role may do.
pub(crate) fn accounts(
    venue: &VenueName,
    logins: &[Login],
    sources: &[Arc<Source>],
) -> Result<Accounts, Error> {
    let mut accounts = Accounts::new();
    for login in logins {
        let permit = permit(venue.as_str(), &login.role, sources)?;
        let account = Account::new(&login.user);
        if let Some(name) = &login.certificate {
            accounts.certify(name, account.clone());
        }
        accounts.insert(account, login.password.as_ref().map(String::as_bytes), permit);
    }
    Ok(accounts)
}

fn permit(venue: &str, role: &Role, sources: &[Arc<Source>]) -> Result<Permit, Error> {
    let topic = |channel| Topic { venue, channel }.to_string();
    let (publish, subscribe) = match role {
        Role::Node(name) => {
            let node = name.as_str();
            let publish = vec![topic(Channel::Event { node }), topic(Channel::Birth { node })];
            (publish, vec![topic(Channel::Config { node })])
        }
        Role::Channel => {
            let publish = [
                TopicFilter::Outcomes { venue },
                TopicFilter::Consents { venue },
                TopicFilter::Subjects { venue },
                TopicFilter::Feedbacks { venue },
                TopicFilter::Picks { venue },
            ];
            let subscribe =
                [TopicFilter::Offers { venue }, TopicFilter::Choices { venue }, TopicFilter::Staff { venue }];
            let texts = |filters: &[TopicFilter<'_>]| filters.iter().map(ToString::to_string).collect();
            (texts(&publish), texts(&subscribe))
        }
        Role::Source => {
            let declared = sources.iter().map(|source| source.topics.as_str().to_owned());
            let said = [TopicFilter::Signals { venue }, TopicFilter::Subjects { venue }];
            (declared.chain(said.map(|filter| filter.to_string())).collect(), Vec::new())
        }
        Role::Trusted => (vec!["#".to_owned()], vec!["#".to_owned()]),
    };
    Ok(Permit::new(filters(publish)?, filters(subscribe)?))
}

fn filters(texts: Vec<String>) -> Result<Vec<Filter>, Error> {
    texts.iter().map(|text| filter(text)).collect()
}

/// A filter made of names that were checked before.
pub(crate) fn filter(text: &str) -> Result<Filter, Error> {
    Filter::new(text).map_err(|error| Error::Setup(format!("`{text}` is no topic filter: {error}")))
}

#[cfg(test)]
mod tests {
    use turnpage_gateway_core::NodeName;

    use super::*;
    use crate::door::Topic as DoorTopic;

    fn permit_of(role: &Role) -> Permit {
        permit("park", role, &[]).unwrap()
    }

    fn publishes(role: &Role, topic: &str) -> bool {
        permit_of(role).may_publish(&DoorTopic::new(&format!("turnpage/v1/park/{topic}")).unwrap())
    }

    fn subscribes(role: &Role, topic: &str) -> bool {
        permit_of(role).may_subscribe(&Filter::new(&format!("turnpage/v1/park/{topic}")).unwrap())
    }

    #[test]
    fn a_node_speaks_for_itself_and_hears_its_configuration() {
        let node = Role::Node(NodeName::new("gate-1").unwrap());
        assert!(publishes(&node, "node/gate-1/event") && publishes(&node, "node/gate-1/birth"));
        assert!(!publishes(&node, "node/gate-2/event") && !publishes(&node, "outcome/a"));
        assert!(subscribes(&node, "node/gate-1/config"));
        assert!(!subscribes(&node, "node/+/config") && !subscribes(&node, "offer/+"));
    }

    #[test]
    fn a_channel_hears_offers_and_brings_answers() {
        assert!(subscribes(&Role::Channel, "offer/+") && subscribes(&Role::Channel, "offer/a"));
        assert!(publishes(&Role::Channel, "outcome/a") && publishes(&Role::Channel, "consent/a"));
        assert!(["subject/a", "feedback/a", "pick/a"].iter().all(|topic| publishes(&Role::Channel, topic)));
        assert!(subscribes(&Role::Channel, "choices/a") && subscribes(&Role::Channel, "staff/cleaner"));
        assert!(!publishes(&Role::Channel, "choices/a") && !publishes(&Role::Channel, "staff/cleaner"));
        assert!(!publishes(&Role::Channel, "offer/a") && !subscribes(&Role::Channel, "node/+/event"));
    }

    #[test]
    fn a_source_brings_signals_and_what_is_declared() {
        assert!(publishes(&Role::Source, "signal/wait-coaster") && publishes(&Role::Source, "subject/a"));
        assert!(!publishes(&Role::Source, "feedback/a") && !publishes(&Role::Source, "pick/a"));
        assert!(!publishes(&Role::Source, "node/gate-1/event") && !subscribes(&Role::Source, "offer/+"));
    }
}
