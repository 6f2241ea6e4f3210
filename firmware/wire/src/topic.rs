//! Where things are published: every topic of the contract, built and parsed in one place.
//!
//! ```
//! use turnpage_firmware_wire::{Topic, topic::{Channel, Filter}};
//!
//! let topic = Topic { venue: "park", channel: Channel::Offer { subject: "00ff10ab77c2d4e1" } };
//! assert_eq!(topic.to_string(), "turnpage/v1/park/offer/00ff10ab77c2d4e1");
//! assert_eq!(Topic::parse("turnpage/v1/park/offer/00ff10ab77c2d4e1"), Ok(topic));
//! assert_eq!(Filter::Offers { venue: "park" }.to_string(), "turnpage/v1/park/offer/+");
//! ```
//!
//! Deliberately not here: what the payloads other than a node's mean (JSON, the gateway's affair), and who may
//! publish where (the front door's).
//!
//! Next: `firmware/node` publishes on them, `gateway/core` sorts by them.

use core::fmt;

/// What all topics begin with; the number is the version of the topic tree.
pub const ROOT: &str = "turnpage/v1";

/// Longest name of a venue, node, signal, subject or role, in bytes.
pub const NAME_LEN_MAX: usize = 32;

/// Longest topic of the contract, in bytes: root, two names, and the longest words between them.
pub const TOPIC_LEN_MAX: usize = ROOT.len() + "/".len() + NAME_LEN_MAX + "/node//config".len() + NAME_LEN_MAX;

/// A topic name, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Topic<'a> {
    /// The venue all of it belongs to.
    pub venue: &'a str,
    /// What is said there.
    pub channel: Channel<'a>,
}

/// The kinds of topic below a venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel<'a> {
    /// From a node: frames with clues and health.
    Event {
        /// Name of the node.
        node: &'a str,
    },
    /// From a node, retained: a frame with its birth, and its will.
    Birth {
        /// Name of the node.
        node: &'a str,
    },
    /// To a node, retained: its configuration.
    Config {
        /// Name of the node.
        node: &'a str,
    },
    /// From another system: a named value.
    Signal {
        /// Name of the signal.
        name: &'a str,
    },
    /// To whatever reaches a subject: offers.
    Offer {
        /// Name of the subject.
        subject: &'a str,
    },
    /// From whatever reaches a subject: what became of an offer.
    Outcome {
        /// Name of the subject.
        subject: &'a str,
    },
    /// From a subject: a purpose granted or withdrawn.
    Consent {
        /// Name of the subject.
        subject: &'a str,
    },
    /// From whatever knows a subject: role, party, language, channel, facts.
    Subject {
        /// Name of the subject.
        subject: &'a str,
    },
    /// From a subject: a score.
    Feedback {
        /// Name of the subject.
        subject: &'a str,
    },
    /// From a subject: the choice it picked on a kiosk or in an app.
    Pick {
        /// Name of the subject.
        subject: &'a str,
    },
    /// To whatever reaches a subject, retained: the choices it may pick from.
    Choices {
        /// Name of the subject.
        subject: &'a str,
    },
    /// To staff of a role: what is to be done.
    Staff {
        /// Name of the role.
        role: &'a str,
    },
}

/// Why a string is not a topic of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Error {
    /// It does not begin with [`ROOT`].
    #[error("topic does not begin with `{ROOT}/`")]
    Root,
    /// The levels below the venue are none of [`Channel`].
    #[error("topic is none of the contract's")]
    Channel,
    /// A name is empty, too long, or has a character outside `[A-Za-z0-9_.-]`.
    #[error("a name in the topic is not 1 to {NAME_LEN_MAX} of A-Z a-z 0-9 _ . -")]
    Name,
}

/// Whether `text` can be the name of a venue, node, signal, subject or role: 1 to [`NAME_LEN_MAX`] bytes of `[A-Za-z0-9_.-]`.
pub fn is_name(text: &str) -> bool {
    (1..=NAME_LEN_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

impl<'a> Topic<'a> {
    /// Takes a topic name apart. Whatever this accepts, `to_string` gives back unchanged.
    pub fn parse(topic: &'a str) -> Result<Self, Error> {
        let rest = topic.strip_prefix(ROOT).and_then(|rest| rest.strip_prefix('/')).ok_or(Error::Root)?;
        let mut levels = rest.split('/');
        let mut level = || levels.next();
        let (venue, channel) = match (level(), level(), level(), level(), level()) {
            (Some(venue), Some("node"), Some(node), Some("event"), None) => (venue, Channel::Event { node }),
            (Some(venue), Some("node"), Some(node), Some("birth"), None) => (venue, Channel::Birth { node }),
            (Some(venue), Some("node"), Some(node), Some("config"), None) => {
                (venue, Channel::Config { node })
            }
            (Some(venue), Some("signal"), Some(name), None, None) => (venue, Channel::Signal { name }),
            (Some(venue), Some("offer"), Some(subject), None, None) => (venue, Channel::Offer { subject }),
            (Some(venue), Some("outcome"), Some(subject), None, None) => {
                (venue, Channel::Outcome { subject })
            }
            (Some(venue), Some("consent"), Some(subject), None, None) => {
                (venue, Channel::Consent { subject })
            }
            (Some(venue), Some("subject"), Some(subject), None, None) => {
                (venue, Channel::Subject { subject })
            }
            (Some(venue), Some("feedback"), Some(subject), None, None) => {
                (venue, Channel::Feedback { subject })
            }
            (Some(venue), Some("pick"), Some(subject), None, None) => (venue, Channel::Pick { subject }),
            (Some(venue), Some("choices"), Some(subject), None, None) => {
                (venue, Channel::Choices { subject })
            }
            (Some(venue), Some("staff"), Some(role), None, None) => (venue, Channel::Staff { role }),
            _ => return Err(Error::Channel),
        };
        if is_name(venue) && is_name(channel.name()) { Ok(Self { venue, channel }) } else { Err(Error::Name) }
    }
}

impl<'a> Channel<'a> {
    /// The node, signal, subject or role it is about.
    pub const fn name(&self) -> &'a str {
        match self {
            Self::Event { node } | Self::Birth { node } | Self::Config { node } => node,
            Self::Signal { name } => name,
            Self::Offer { subject }
            | Self::Outcome { subject }
            | Self::Consent { subject }
            | Self::Subject { subject }
            | Self::Feedback { subject }
            | Self::Pick { subject }
            | Self::Choices { subject } => subject,
            Self::Staff { role } => role,
        }
    }
}

impl fmt::Display for Topic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ROOT}/{}/", self.venue)?;
        match self.channel {
            Channel::Event { node } => write!(f, "node/{node}/event"),
            Channel::Birth { node } => write!(f, "node/{node}/birth"),
            Channel::Config { node } => write!(f, "node/{node}/config"),
            Channel::Signal { name } => write!(f, "signal/{name}"),
            Channel::Offer { subject } => write!(f, "offer/{subject}"),
            Channel::Outcome { subject } => write!(f, "outcome/{subject}"),
            Channel::Consent { subject } => write!(f, "consent/{subject}"),
            Channel::Subject { subject } => write!(f, "subject/{subject}"),
            Channel::Feedback { subject } => write!(f, "feedback/{subject}"),
            Channel::Pick { subject } => write!(f, "pick/{subject}"),
            Channel::Choices { subject } => write!(f, "choices/{subject}"),
            Channel::Staff { role } => write!(f, "staff/{role}"),
        }
    }
}

/// The subscriptions the contract knows of; each displays as an MQTT topic filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Filter<'a> {
    /// Every topic of a venue.
    Venue {
        /// The venue.
        venue: &'a str,
    },
    /// What nodes say: their events.
    Events {
        /// The venue.
        venue: &'a str,
    },
    /// What nodes say: births and wills.
    Births {
        /// The venue.
        venue: &'a str,
    },
    /// Values from other systems.
    Signals {
        /// The venue.
        venue: &'a str,
    },
    /// Offers to every subject: what a hub of bands or a kiosk listens to.
    Offers {
        /// The venue.
        venue: &'a str,
    },
    /// What became of offers.
    Outcomes {
        /// The venue.
        venue: &'a str,
    },
    /// Consent, granted or withdrawn.
    Consents {
        /// The venue.
        venue: &'a str,
    },
    /// What is known about subjects.
    Subjects {
        /// The venue.
        venue: &'a str,
    },
    /// Scores.
    Feedbacks {
        /// The venue.
        venue: &'a str,
    },
    /// What subjects pick.
    Picks {
        /// The venue.
        venue: &'a str,
    },
    /// What every subject may pick from: what a kiosk listens to.
    Choices {
        /// The venue.
        venue: &'a str,
    },
    /// Calls for staff, whatever their role.
    Staff {
        /// The venue.
        venue: &'a str,
    },
}

impl fmt::Display for Filter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Venue { venue } => write!(f, "{ROOT}/{venue}/#"),
            Self::Events { venue } => write!(f, "{ROOT}/{venue}/node/+/event"),
            Self::Births { venue } => write!(f, "{ROOT}/{venue}/node/+/birth"),
            Self::Signals { venue } => write!(f, "{ROOT}/{venue}/signal/+"),
            Self::Offers { venue } => write!(f, "{ROOT}/{venue}/offer/+"),
            Self::Outcomes { venue } => write!(f, "{ROOT}/{venue}/outcome/+"),
            Self::Consents { venue } => write!(f, "{ROOT}/{venue}/consent/+"),
            Self::Subjects { venue } => write!(f, "{ROOT}/{venue}/subject/+"),
            Self::Feedbacks { venue } => write!(f, "{ROOT}/{venue}/feedback/+"),
            Self::Picks { venue } => write!(f, "{ROOT}/{venue}/pick/+"),
            Self::Choices { venue } => write!(f, "{ROOT}/{venue}/choices/+"),
            Self::Staff { venue } => write!(f, "{ROOT}/{venue}/staff/+"),
        }
    }
}

#[cfg(test)]
mod tests;
