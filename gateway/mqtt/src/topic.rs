//! Topic names and topic filters, checked once where they enter (MQTT 5, section 4.7).
//!
//! A [`Topic`] names one thing and holds no wildcard; a [`Filter`] may. What is not well formed never becomes either,
//! so that nothing behind this file asks again. Before: connection.rs, which hands in what a stranger wrote.
//! Next: permit.rs and trie.rs, which match them.

use std::fmt;
use std::sync::Arc;

use crate::limits::{TOPIC_BYTES_MAX, TOPIC_LEVELS_MAX};

/// Why a text is no topic name or no topic filter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// MQTT-4.7.3-1: at least one character.
    #[error("it is empty")]
    Empty,
    /// Longer than [`TOPIC_BYTES_MAX`].
    #[error("it is longer than {TOPIC_BYTES_MAX} bytes")]
    TooLong,
    /// More levels than [`TOPIC_LEVELS_MAX`].
    #[error("it has more than {TOPIC_LEVELS_MAX} levels")]
    TooDeep,
    /// MQTT-4.7.3-2 forbids the null character; controls and non-characters go the same way (section 1.5.4).
    #[error("it holds a control character")]
    Control,
    /// MQTT-3.3.2-2: a topic name holds no wildcard.
    #[error("it holds a wildcard, which only a filter may")]
    Wildcard,
    /// MQTT-4.7.1-1 and 4.7.1-2: a wildcard is alone in its level, and `#` is in the last one.
    #[error("its wildcard is not alone in its level, or `#` is not the last level")]
    Misplaced,
    /// MQTT-4.8.2-1 and 4.8.2-2: `$share/`, a name without wildcards, a slash, and a filter.
    #[error("it is no `$share/NAME/FILTER`")]
    Share,
}

/// A topic name: what a message is published to. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic(Arc<str>);

impl Topic {
    /// The topic name in `text`.
    pub fn new(text: &str) -> Result<Self, Error> {
        plain(text)?;
        if text.contains(['+', '#']) {
            return Err(Error::Wildcard);
        }
        Ok(Self(text.into()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A topic filter: what a subscription or a permit names. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Filter(Arc<str>);

impl Filter {
    /// The topic filter in `text`. A shared one (`$share/..`) matches nothing itself: see [`Filter::shared`].
    pub fn new(text: &str) -> Result<Self, Error> {
        plain(text)?;
        if let Some(rest) = text.strip_prefix(SHARE) {
            let well_formed = rest.split_once('/').is_some_and(|(name, inner)| {
                !name.is_empty() && !inner.is_empty() && !name.contains(['+', '#'])
            });
            if !well_formed {
                return Err(Error::Share);
            }
        }
        let mut levels = text.split('/').peekable();
        while let Some(level) = levels.next() {
            let last = levels.peek().is_none();
            let alone = match level {
                "#" => last,
                "+" => true,
                _ => !level.contains(['+', '#']),
            };
            if !alone {
                return Err(Error::Misplaced);
            }
        }
        Ok(Self(text.into()))
    }

    /// The filter as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `topic` falls under this filter. A wildcard in the first level leaves out topics that begin with `$`
    /// (MQTT-4.7.2-1).
    #[must_use]
    pub fn matches(&self, topic: &Topic) -> bool {
        if topic.0.starts_with('$') && self.0.starts_with(['+', '#']) {
            return false;
        }
        let mut names = topic.0.split('/');
        for level in self.0.split('/') {
            match (level, names.next()) {
                ("#", _) => return true,
                ("+", Some(_)) => {}
                (level, Some(name)) if level == name => {}
                _ => return false,
            }
        }
        names.next().is_none()
    }

    /// Whether every topic that `inner` matches is matched by this filter too. What a permit asks of a subscription.
    #[must_use]
    pub fn covers(&self, inner: &Self) -> bool {
        if inner.0.starts_with('$') && self.0.starts_with(['+', '#']) {
            return false;
        }
        let mut inners = inner.0.split('/');
        for level in self.0.split('/') {
            match (level, inners.next()) {
                ("#", _) => return true,
                ("+", Some(inner)) if inner != "#" => {}
                (level, Some(inner)) if level == inner => {}
                _ => return false,
            }
        }
        inners.next().is_none()
    }

    /// The filter that a shared one shares (section 4.8.2); none for any other.
    #[must_use]
    pub fn shared(&self) -> Option<Self> {
        let (_, inner) = self.0.strip_prefix(SHARE)?.split_once('/')?;
        Some(Self(inner.into()))
    }
}

/// What a shared filter begins with.
const SHARE: &str = "$share/";

/// What topic names and filters have in common.
fn plain(text: &str) -> Result<(), Error> {
    if text.is_empty() {
        return Err(Error::Empty);
    }
    if text.len() > TOPIC_BYTES_MAX {
        return Err(Error::TooLong);
    }
    if text.bytes().filter(|byte| *byte == b'/').count() >= TOPIC_LEVELS_MAX {
        return Err(Error::TooDeep);
    }
    // The last two code points of each plane, and U+FDD0 to U+FDEF, are no characters.
    let forbidden =
        |c: char| c.is_control() || u32::from(c) & 0xFFFE == 0xFFFE || ('\u{FDD0}'..='\u{FDEF}').contains(&c);
    if text.contains(forbidden) { Err(Error::Control) } else { Ok(()) }
}

macro_rules! text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    )*};
}
text!(Topic, Filter);

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(filter: &str, topic: &str) -> bool {
        Filter::new(filter).unwrap().matches(&Topic::new(topic).unwrap())
    }

    fn covers(outer: &str, inner: &str) -> bool {
        Filter::new(outer).unwrap().covers(&Filter::new(inner).unwrap())
    }

    #[test]
    fn mqtt_4_7_1_1_a_hash_stands_alone_and_last() {
        for good in ["#", "a/#", "/#", "+/#"] {
            assert!(Filter::new(good).is_ok(), "{good}");
        }
        for bad in ["a#", "a/b#", "#/a", "a/#/b", "##"] {
            assert_eq!(Filter::new(bad), Err(Error::Misplaced), "{bad}");
        }
    }

    #[test]
    fn mqtt_4_7_1_2_a_plus_stands_alone() {
        for good in ["+", "+/a", "a/+/b", "/+", "+/+"] {
            assert!(Filter::new(good).is_ok(), "{good}");
        }
        for bad in ["a+", "a/+b", "++"] {
            assert_eq!(Filter::new(bad), Err(Error::Misplaced), "{bad}");
        }
    }

    #[test]
    fn mqtt_4_8_2_1_a_share_has_a_name_and_mqtt_4_8_2_2_the_name_is_one_plain_level() {
        for bad in ["$share/", "$share/g", "$share//a", "$share/g/", "$share/+/a", "$share/g#/a", "$share/#"]
        {
            assert!(matches!(Filter::new(bad), Err(Error::Share | Error::Misplaced)), "{bad}");
        }
        let shared = |text: &str| Filter::new(text).unwrap().shared().map(|inner| inner.to_string());
        assert_eq!(shared("$share/g/a/#").as_deref(), Some("a/#"));
        assert_eq!(shared("$share/g//a").as_deref(), Some("/a"));
        assert_eq!(shared("$shared/g/a"), None);
        assert_eq!(shared("$share"), None);
    }

    #[test]
    fn mqtt_4_7_2_1_a_leading_wildcard_leaves_out_dollar_topics() {
        assert!(!matches("#", "$SYS/uptime"));
        assert!(!matches("+/uptime", "$SYS/uptime"));
        assert!(matches("$SYS/#", "$SYS/uptime"));
        assert!(matches("$SYS/+", "$SYS/uptime"));
    }

    #[test]
    fn mqtt_4_7_3_1_names_are_bounded_and_plain() {
        assert_eq!(Topic::new(""), Err(Error::Empty));
        assert_eq!(Topic::new("a\0b"), Err(Error::Control));
        assert_eq!(Topic::new("a\u{FFFF}"), Err(Error::Control));
        assert_eq!(Topic::new("a/+"), Err(Error::Wildcard));
        assert_eq!(Topic::new(&"a".repeat(TOPIC_BYTES_MAX + 1)), Err(Error::TooLong));
        assert!(Topic::new(&"/".repeat(TOPIC_LEVELS_MAX - 1)).is_ok());
        assert_eq!(Topic::new(&"/".repeat(TOPIC_LEVELS_MAX)), Err(Error::TooDeep));
    }

    #[test]
    fn the_examples_of_section_4_7_1() {
        for topic in
            ["sport/tennis/player1", "sport/tennis/player1/ranking", "sport/tennis/player1/score/wimbledon"]
        {
            assert!(matches("sport/tennis/player1/#", topic), "{topic}");
        }
        assert!(matches("sport/#", "sport"));
        assert!(matches("sport/tennis/+", "sport/tennis/player2"));
        assert!(!matches("sport/tennis/+", "sport/tennis/player1/ranking"));
        assert!(!matches("sport/+", "sport"));
        assert!(matches("sport/+", "sport/"));
        assert!(matches("+/+", "/finance"));
        assert!(matches("/+", "/finance"));
        assert!(!matches("+", "/finance"));
        assert!(!matches("ACCOUNTS", "Accounts"));
    }

    #[test]
    fn a_permit_covers_only_what_lies_inside_it() {
        assert!(covers("a/#", "a/b/+"));
        assert!(covers("a/#", "a/#"));
        assert!(covers("a/#", "a"));
        assert!(covers("a/+", "a/b"));
        assert!(covers("a/+/c", "a/+/c"));
        assert!(!covers("a/+", "a/#"));
        assert!(!covers("a/b", "a/+"));
        assert!(!covers("a/b", "a/#"));
        assert!(!covers("a/+", "a"));
        assert!(!covers("#", "$SYS/#"));
    }
}
