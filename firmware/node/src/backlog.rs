//! Frames that are not yet acknowledged: a ring in RAM, in the order they were made.
//!
//! A frame leaves only when its PUBACK has come, or when the ring overflows. Then the oldest frame
//! that is not on its way is given up and counted: what the venue needs most after an outage is the
//! present, and the gap in the sequence numbers plus the counter in the next health report say what is missing.
//! No loss is silent.
//!
//! Next: `node` fills it and hands out what waits.

use heapless::Deque;
use turnpage_firmware_wire::ENCODED_LEN_MAX;

/// Names one publication between the node (or another publisher) and its session, until it is settled.
/// A node uses its frames' sequence numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u32);

/// On which of the node's topics a frame goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Event,
    Birth,
}

/// One sealed frame. `frame` bytes past `len` mean nothing.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) ticket: Ticket,
    pub(crate) kind: Kind,
    frame: [u8; ENCODED_LEN_MAX],
    len: u8,
    under_way: bool,
}

impl Entry {
    /// `None` if the frame is longer than any this version makes.
    pub(crate) fn new(ticket: Ticket, kind: Kind, bytes: &[u8]) -> Option<Self> {
        let mut frame = [0; ENCODED_LEN_MAX];
        frame.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Self { ticket, kind, frame, len: u8::try_from(bytes.len()).ok()?, under_way: false })
    }

    pub(crate) fn frame(&self) -> &[u8] {
        self.frame.get(..usize::from(self.len)).unwrap_or(&[])
    }
}

/// At most `N` frames.
#[derive(Debug)]
pub(crate) struct Backlog<const N: usize> {
    ring: Deque<Entry, N>,
    dropped: u32,
}

impl<const N: usize> Backlog<N> {
    pub(crate) const fn new() -> Self {
        const { assert!(N >= crate::session::WINDOW * 2, "a backlog holds at least two windows") };
        Self { ring: Deque::new(), dropped: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.ring.len()
    }

    /// Frames given up so far.
    pub(crate) const fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Appends a frame, giving up the oldest one at rest if there is no room.
    pub(crate) fn push(&mut self, entry: Entry) {
        self.make_room();
        let refused = self.ring.push_back(entry).is_err();
        debug_assert!(!refused, "room was made");
    }

    /// Puts a birth before everything else, in place of an older one that has not left yet.
    pub(crate) fn push_birth(&mut self, entry: Entry) {
        self.make_room();
        let refused = self.ring.push_front(entry).is_err();
        debug_assert!(!refused, "room was made");
        self.drop_old_births();
    }

    /// Hands out the oldest frame at rest and marks it as on its way.
    pub(crate) fn next(&mut self) -> Option<&Entry> {
        let entry = self.ring.iter_mut().find(|entry| !entry.under_way)?;
        entry.under_way = true;
        Some(entry)
    }

    /// Forgets a frame for good.
    pub(crate) fn settle(&mut self, ticket: Ticket) {
        // Acknowledgements come in order, so nearly always it is the front.
        if self.ring.pop_front_if(|entry| entry.ticket == ticket).is_none() {
            self.ring.retain(|entry| entry.ticket != ticket);
        }
    }

    /// Forgets a frame that will never be taken, and counts it.
    pub(crate) fn give_up(&mut self, ticket: Ticket) {
        let before = self.ring.len();
        self.settle(ticket);
        let gone = before - self.ring.len();
        self.dropped = self.dropped.saturating_add(u32::try_from(gone).unwrap_or(u32::MAX));
    }

    /// Puts a frame back to rest, in its old place.
    pub(crate) fn rest(&mut self, ticket: Ticket) {
        self.rest_unless(|other| other != ticket);
    }

    /// Puts every frame back to rest that `keep` does not know to be on its way.
    pub(crate) fn rest_unless(&mut self, mut keep: impl FnMut(Ticket) -> bool) {
        for entry in &mut self.ring {
            if !keep(entry.ticket) {
                entry.under_way = false;
            }
        }
        self.drop_old_births();
    }

    /// A birth is retained by its receiver, so an older one must not be published after a newer. What is on its way already
    /// went before it.
    fn drop_old_births(&mut self) {
        let births = self.ring.iter().filter(|entry| entry.kind == Kind::Birth);
        let newest = births.map(|entry| entry.ticket).max();
        self.ring
            .retain(|entry| entry.kind != Kind::Birth || entry.under_way || Some(entry.ticket) == newest);
    }

    fn make_room(&mut self) {
        if !self.ring.is_full() {
            return;
        }
        // Fewer frames are ever on their way than the ring holds, so one is at rest.
        if let Some(ticket) = self.ring.iter().find(|entry| !entry.under_way).map(|entry| entry.ticket) {
            self.give_up(ticket);
        }
    }
}

#[cfg(test)]
mod tests;
