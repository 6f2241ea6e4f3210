//! Who subscribed to what, as a trie over topic levels. Who is a session, or a group of them.
//!
//! Matching walks at most two branches a level (the name and `+`), so its cost is that of the topic and of what
//! matches, whatever else is subscribed. A walk is as deep as a topic has levels: [`crate::limits::TOPIC_LEVELS_MAX`].
//! Not here: what a subscription does with a message. Before: broker.rs. Next: session.rs.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::iter::Peekable;
use std::str::Split;

use crate::topic::{Filter, Topic};

/// A place in the broker's table of sessions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct SessionIx(pub(crate) u32);

/// Subscriptions of all sessions, each with what it asked for.
#[derive(Debug)]
pub(crate) struct Trie<K, T> {
    root: Node<K, T>,
}

#[derive(Debug)]
struct Node<K, T> {
    // Level names are a stranger's: the standard hasher is keyed, so that none can be chosen to collide.
    children: HashMap<Box<str>, Node<K, T>>,
    any: Option<Box<Node<K, T>>>,
    /// Filters that end here.
    here: Vec<(K, T)>,
    /// Filters that end here with `#`.
    below: Vec<(K, T)>,
}

impl<K, T> Default for Trie<K, T> {
    fn default() -> Self {
        Self { root: Node::default() }
    }
}

impl<K, T> Default for Node<K, T> {
    fn default() -> Self {
        Self { children: HashMap::new(), any: None, here: Vec::new(), below: Vec::new() }
    }
}

type Levels<'a> = Peekable<Split<'a, char>>;

impl<K: Copy + PartialEq, T> Trie<K, T> {
    /// Sets what `who` asked for under `filter`.
    pub(crate) fn insert(&mut self, filter: &Filter, who: K, value: T) {
        let mut node = &mut self.root;
        for level in filter.as_str().split('/') {
            match level {
                "#" => return put(&mut node.below, who, value),
                "+" => node = node.any.get_or_insert_default(),
                level => node = node.children.entry(level.into()).or_default(),
            }
        }
        put(&mut node.here, who, value);
    }

    /// Forgets what `who` asked for under `filter`, and the branches that nobody needs any more.
    pub(crate) fn remove(&mut self, filter: &Filter, who: K) {
        self.root.remove(filter.as_str().split('/').peekable(), who);
    }

    /// Calls `visit` for every subscription whose filter matches `topic`: more than once for a session whose filters
    /// overlap.
    pub(crate) fn matching<'a>(&'a self, topic: &Topic, visit: &mut impl FnMut(K, &'a T)) {
        let levels = topic.as_str().split('/').peekable();
        // MQTT-4.7.2-1: no wildcard stands for a first level that begins with `$`.
        if topic.as_str().starts_with('$') {
            let mut levels = levels;
            if let Some(node) = levels.next().and_then(|level| self.root.children.get(level)) {
                node.matching(levels, visit);
            }
        } else {
            self.root.matching(levels, visit);
        }
    }
}

impl<K: Copy + PartialEq, T> Node<K, T> {
    fn matching<'a>(&'a self, mut levels: Levels<'_>, visit: &mut impl FnMut(K, &'a T)) {
        // `#` stands for its parent too: `a/#` matches `a`.
        self.below.iter().for_each(|(who, value)| visit(*who, value));
        let Some(level) = levels.next() else {
            self.here.iter().for_each(|(who, value)| visit(*who, value));
            return;
        };
        if let Some(any) = &self.any {
            any.matching(levels.clone(), visit);
        }
        if let Some(child) = self.children.get(level) {
            child.matching(levels, visit);
        }
    }

    fn remove(&mut self, mut levels: Levels<'_>, who: K) {
        match levels.next() {
            None => self.here.retain(|(held, _)| *held != who),
            Some("#") => self.below.retain(|(held, _)| *held != who),
            Some("+") => {
                if let Some(any) = &mut self.any {
                    any.remove(levels, who);
                    if any.is_empty() {
                        self.any = None;
                    }
                }
            }
            Some(level) => {
                if let Entry::Occupied(mut child) = self.children.entry(level.into()) {
                    child.get_mut().remove(levels, who);
                    if child.get().is_empty() {
                        child.remove();
                    }
                }
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.children.is_empty() && self.any.is_none() && self.here.is_empty() && self.below.is_empty()
    }
}

fn put<K: PartialEq, T>(entries: &mut Vec<(K, T)>, who: K, value: T) {
    match entries.iter_mut().find(|(held, _)| *held == who) {
        Some((_, held)) => *held = value,
        None => entries.push((who, value)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn matching(trie: &Trie<SessionIx, usize>, topic: &Topic) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        trie.matching(topic, &mut |_, value| assert!(found.insert(*value), "visited twice"));
        found
    }

    fn level() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec!["a", "b", "", "$a"])
    }

    fn topic() -> impl Strategy<Value = Topic> {
        prop::collection::vec(level(), 1..5)
            .prop_filter_map("empty", |levels| Topic::new(&levels.join("/")).ok())
    }

    fn filter() -> impl Strategy<Value = Filter> {
        let level = prop_oneof![3 => level(), 2 => Just("+")];
        (prop::collection::vec(level, 0..5), any::<bool>()).prop_filter_map("empty", |(mut levels, hash)| {
            if hash {
                levels.push("#");
            }
            Filter::new(&levels.join("/")).ok()
        })
    }

    proptest! {
        #[test]
        fn the_trie_agrees_with_matching_each_filter(filters in prop::collection::vec(filter(), 0..20), topic in topic()) {
            let mut trie = Trie::default();
            let session = |index: usize| SessionIx(u32::try_from(index).unwrap());
            for (index, filter) in filters.iter().enumerate() {
                trie.insert(filter, session(index), index);
            }
            let expected: BTreeSet<usize> = (0..filters.len()).filter(|i| filters[*i].matches(&topic)).collect();
            prop_assert_eq!(matching(&trie, &topic), expected);
            for (index, filter) in filters.iter().enumerate() {
                trie.remove(filter, session(index));
            }
            prop_assert!(trie.root.is_empty(), "branches are left behind");
        }
    }

    #[test]
    fn mqtt_3_8_4_3_the_same_filter_again_replaces_the_subscription() {
        let mut trie = Trie::default();
        let filter = Filter::new("a/+").unwrap();
        trie.insert(&filter, SessionIx(0), 1);
        trie.insert(&filter, SessionIx(0), 2);
        assert_eq!(matching(&trie, &Topic::new("a/b").unwrap()), BTreeSet::from([2]));
    }
}
