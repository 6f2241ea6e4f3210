//! How often each place came next, by context. Sums only: until something is evicted or aged, the order in which
//! moves come leaves no mark, and a move can be taken back.
//!
//! Comes after `trail.rs`; next: `ways.rs`, which makes probabilities of counts.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::bounds::{CONTEXTS_MAX, MOVES_MAX, NEXT_MAX};
use crate::trail::Move;

/// What a next place is counted under. The order is the order of saved bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Context {
    /// Nothing: how often each place is gone to.
    Any,
    /// The hour.
    Hour(u8),
    /// The place.
    From(u16),
    /// The place, and that at least this class of dwell is over.
    Dwelt(u16, u8),
    /// The place and the hour.
    FromAt(u16, u8),
    /// The place before, and the place.
    Two(u16, u16),
}

impl Context {
    /// Whether it may be evicted. The others are bounded by themselves.
    pub(crate) fn deep(self) -> bool {
        matches!(self, Context::Dwelt(..) | Context::FromAt(..) | Context::Two(..))
    }
}

/// Next places under one context.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The sum of `next`.
    pub(crate) kept: u32,
    /// Moves to places that found no room in `next`.
    pub(crate) others: u32,
    /// By place.
    pub(crate) next: Vec<(u16, u32)>,
}

impl Row {
    pub(crate) fn count(&self, place: u16) -> u32 {
        let found = self.next.binary_search_by_key(&place, |(to, _)| *to);
        found.ok().and_then(|ix| self.next.get(ix)).map_or(0, |(_, count)| *count)
    }

    fn total(&self) -> u64 {
        u64::from(self.kept) + u64::from(self.others)
    }

    /// A full row gives up the first place that was gone to once, if there is one: its move stays among the
    /// others, so that a place that becomes popular finds its way in. True when something lost its name.
    fn add(&mut self, place: u16, room: usize) -> bool {
        match self.next.binary_search_by_key(&place, |(to, _)| *to) {
            Ok(ix) => {
                if let Some((_, count)) = self.next.get_mut(ix) {
                    *count += 1;
                    self.kept += 1;
                }
                false
            }
            Err(ix) if self.next.len() < room => {
                self.next.insert(ix, (place, 1));
                self.kept += 1;
                false
            }
            Err(_) => {
                self.others += 1;
                let Some(once) = self.next.iter().position(|(_, count)| *count == 1) else { return true };
                self.next.remove(once);
                let ix = self.next.partition_point(|(to, _)| *to < place);
                self.next.insert(ix, (place, 1));
                true
            }
        }
    }

    fn take(&mut self, place: u16) {
        let Ok(ix) = self.next.binary_search_by_key(&place, |(to, _)| *to) else { return };
        let Some((_, count)) = self.next.get_mut(ix) else { return };
        *count -= 1;
        self.kept -= 1;
        if *count == 0 {
            self.next.remove(ix);
        }
    }

    fn halve(&mut self) {
        for (_, count) in &mut self.next {
            *count /= 2;
        }
        self.next.retain(|(_, count)| *count > 0);
        self.kept = self.next.iter().map(|(_, count)| *count).sum();
        self.others /= 2;
    }
}

/// All contexts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) rows: BTreeMap<Context, Row>,
    /// How many of them may be evicted.
    pub(crate) deep: usize,
    /// Grows whenever something was evicted or aged: moves counted before cannot be taken back.
    pub(crate) epoch: u32,
}

/// The contexts a move is counted under. A dwell counts under every class that was over on the way to it, so
/// that a row says where those went who were still here by then.
fn contexts(moved: &Move) -> impl Iterator<Item = Context> {
    let Move { before, from, hour, dwell, .. } = *moved;
    [Context::Any, Context::Hour(hour), Context::From(from), Context::FromAt(from, hour)]
        .into_iter()
        .chain(before.map(|before| Context::Two(before, from)))
        .chain((1..=dwell).map(move |class| Context::Dwelt(from, class)))
}

impl Counts {
    pub(crate) fn row(&self, context: Context) -> Option<&Row> {
        self.rows.get(&context)
    }

    /// Counts a move. False when something was evicted for it: then nothing counted so far can be taken back.
    pub(crate) fn add(&mut self, moved: &Move) -> bool {
        if self.rows.get(&Context::Any).is_some_and(|row| row.total() >= u64::from(MOVES_MAX)) {
            self.age();
        }
        let mut lost = false;
        for context in contexts(moved) {
            let room = if context.deep() { NEXT_MAX } else { usize::MAX };
            if context.deep() && !self.rows.contains_key(&context) {
                lost |= self.make_room();
                self.deep += 1;
            }
            lost |= self.rows.entry(context).or_default().add(moved.to, room);
        }
        if lost {
            self.epoch = self.epoch.wrapping_add(1);
        }
        !lost
    }

    /// Takes back a move that was counted in this epoch: the counts are what they were without it.
    pub(crate) fn take(&mut self, moved: &Move) {
        for context in contexts(moved) {
            let Some(row) = self.rows.get_mut(&context) else { continue };
            row.take(moved.to);
            if row.total() == 0 {
                self.rows.remove(&context);
                self.deep -= usize::from(context.deep());
            }
        }
    }

    fn age(&mut self) {
        for row in self.rows.values_mut() {
            row.halve();
        }
        self.rows.retain(|_, row| row.total() > 0);
        self.deep = self.rows.keys().filter(|context| context.deep()).count();
        self.epoch = self.epoch.wrapping_add(1);
    }

    /// When the deep contexts are full, an eighth goes: those with the fewest moves, and of these the later in
    /// order. In bulk, so that a move costs little.
    fn make_room(&mut self) -> bool {
        if self.deep < CONTEXTS_MAX {
            return false;
        }
        let deep = self.rows.iter().filter(|(context, _)| context.deep());
        let mut least: Vec<_> =
            deep.map(|(context, row)| (row.total(), core::cmp::Reverse(*context))).collect();
        least.sort_unstable();
        for (_, context) in least.iter().take(CONTEXTS_MAX / 8) {
            self.rows.remove(&context.0);
            self.deep -= 1;
        }
        true
    }
}
