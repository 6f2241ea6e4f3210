//! What of a config only a start can change, so that a reload can say what it did not do.
//!
//! It compares what is written, wherever it stands, and not the files that it names. Before: config.rs. Next: gateway/cli.

use turnpage_journeys_document::{Content, Node};

/// The keys: where to listen, whom to talk to, where to keep things, and what names depend on.
const KEYS: [&str; 10] =
    ["data", "log", "http", "door", "broker", "traces", "dead_letters", "seed", "reload", "drain"];

/// What a config says under the keys that only a start reads.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fixed([String; KEYS.len()]);

impl Fixed {
    /// Of a config's root.
    pub(super) fn of(root: &Node) -> Self {
        let Content::Map(entries) = &root.value else { return Self::default() };
        let value = |key| entries.iter().find(|entry| entry.key.text() == key).map(|entry| &entry.value);
        Self(KEYS.map(|key| value(key).map(said).unwrap_or_default()))
    }

    /// The keys under which another config says something else, in the order of the documentation.
    #[must_use]
    pub fn changed(&self, other: &Self) -> Vec<&'static str> {
        let both = KEYS.into_iter().zip(self.0.iter().zip(&other.0));
        both.filter(|(_, (one, other))| one != other).map(|(key, _)| key).collect()
    }
}

/// A value without its place, so that two are alike when they say the same.
fn said(node: &Node) -> String {
    match &node.value {
        Content::Null => String::new(),
        Content::Scalar(scalar) => format!("{:?}", scalar.text()),
        Content::List(items) => format!("{:?}", items.iter().map(said).collect::<Vec<_>>()),
        Content::Map(entries) => {
            let mut pairs: Vec<_> =
                entries.iter().map(|entry| (entry.key.text(), said(&entry.value))).collect();
            pairs.sort_unstable();
            format!("{pairs:?}")
        }
    }
}
