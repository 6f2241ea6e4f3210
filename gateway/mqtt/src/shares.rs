//! Shared subscriptions (section 4.8.2): who shares which filter, and what waits while none of them is there.
//!
//! A group is a share name with a filter; a message goes to one of its members. Which one is decided in
//! broker/share.rs, which knows how busy each is. Before: broker.rs. Next: trie.rs.

use std::collections::{HashMap, VecDeque};

use crate::message::Message;
use crate::subscription::Options;
use crate::topic::Filter;
use crate::trie::{SessionIx, Trie};

/// Names a group, never used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct GroupId(u64);

/// Those who share a filter.
#[derive(Debug)]
pub(crate) struct Group {
    members: Vec<(SessionIx, Options)>,
    /// Where the next round of members begins.
    turn: usize,
    /// What nobody was there for.
    pub(crate) waiting: VecDeque<Message>,
}

/// All groups.
#[derive(Default, Debug)]
pub(crate) struct Shares {
    last: u64,
    groups: HashMap<GroupId, Group>,
    // Filters are a stranger's: the standard hasher is keyed, so that none can be chosen to collide.
    by_filter: HashMap<Filter, GroupId>,
    trie: Trie<GroupId, ()>,
}

impl Shares {
    /// Whether nobody shares anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Makes `session` a member of the group of `filter`, or changes what it asked for. `inner` is the filter without
    /// its share name.
    pub(crate) fn join(
        &mut self,
        filter: &Filter,
        inner: &Filter,
        session: SessionIx,
        options: Options,
    ) -> GroupId {
        let id = *self.by_filter.entry(filter.clone()).or_insert_with(|| {
            self.last += 1;
            GroupId(self.last)
        });
        let group = self.groups.entry(id).or_insert_with(|| {
            self.trie.insert(inner, id, ());
            Group { members: Vec::new(), turn: 0, waiting: VecDeque::new() }
        });
        match group.members.iter_mut().find(|(member, _)| *member == session) {
            Some((_, held)) => *held = options,
            None => group.members.push((session, options)),
        }
        id
    }

    /// Takes `session` out of the group of `filter`. The last to leave leaves what waited.
    pub(crate) fn leave(&mut self, filter: &Filter, inner: &Filter, session: SessionIx) -> VecDeque<Message> {
        let Some(id) = self.by_filter.get(filter).copied() else { return VecDeque::new() };
        let Some(group) = self.groups.get_mut(&id) else { return VecDeque::new() };
        group.members.retain(|(member, _)| *member != session);
        if !group.members.is_empty() {
            return VecDeque::new();
        }
        self.trie.remove(inner, id);
        self.by_filter.remove(filter);
        self.groups.remove(&id).map(|group| group.waiting).unwrap_or_default()
    }

    /// The group of `filter`, if `session` is a member of it.
    pub(crate) fn of(&self, filter: &Filter, session: SessionIx) -> Option<GroupId> {
        self.by_filter.get(filter).copied().filter(|id| self.has(*id, session))
    }

    /// Whether `session` is a member of that group.
    pub(crate) fn has(&self, id: GroupId, session: SessionIx) -> bool {
        self.groups.get(&id).is_some_and(|group| group.members.iter().any(|(member, _)| *member == session))
    }

    /// A group.
    pub(crate) fn group_mut(&mut self, id: GroupId) -> Option<&mut Group> {
        self.groups.get_mut(&id)
    }

    /// The groups whose filter matches the topic of `message`, in the order in which they were made.
    pub(crate) fn matching(&self, message: &Message) -> Vec<GroupId> {
        let mut found = Vec::new();
        self.trie.matching(&message.topic, &mut |id, ()| found.push(id));
        found.sort_unstable();
        found
    }
}

impl Group {
    /// All members, beginning with the one whose turn it is.
    pub(crate) fn round(&self) -> impl Iterator<Item = (usize, SessionIx, Options)> + '_ {
        let turn = self.turn.min(self.members.len());
        let (before, after) = self.members.split_at_checked(turn).unwrap_or((&[], &self.members));
        let numbered = after.iter().zip(turn..).chain(before.iter().zip(0..));
        numbered.map(|((session, options), place)| (place, *session, *options))
    }

    /// The member at `place` had its turn.
    pub(crate) fn turned(&mut self, place: usize) {
        self.turn = place + 1;
    }
}
