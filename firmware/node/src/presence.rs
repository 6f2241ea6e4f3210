//! From a stream of receptions to three words: enter, stay, leave.
//!
//! Radio reception flickers. A badge enters when it is heard at `enter_dbm` or louder, stays for as
//! long as it is heard at the fainter `leave_dbm`, and leaves after `silence_ms` without such a reception,
//! as of the instant the silence was complete. In between, a stay is repeated no more often than
//! every `stay_ms`, and only on a reception, so a stay is always something that was observed.
//!
//! The table is bounded. When it is full and a new badge enters, the badge heard longest ago leaves early;
//! that leave is published like any other and the eviction is counted as a fault, so a node that
//! is too small for its place says so.
//!
//! Next: `node` makes a frame of each change.

use heapless::Vec;
use turnpage_firmware_wire::{Presence, Pseudonym, Role, Sighting};

/// When a badge is here, and when it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Faintest reception that lets a badge enter, in dBm. A reader that measures no strength is always loud enough.
    pub enter_dbm: i8,
    /// Faintest reception that keeps a badge here, in dBm; below `enter_dbm`, so that a badge at the edge does not flap.
    pub leave_dbm: i8,
    /// Shortest time between two reports of the same badge, in milliseconds.
    pub stay_ms: u32,
    /// Silence after which a badge is gone, in milliseconds.
    pub silence_ms: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self { enter_dbm: -75, leave_dbm: -85, stay_ms: 60_000, silence_ms: 30_000 }
    }
}

/// The badges that are here, at most `N`.
#[derive(Debug)]
pub(crate) struct Filter<const N: usize> {
    rules: Rules,
    here: Vec<Entry, N>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    subject: Pseudonym,
    role: Option<Role>,
    rssi_dbm: Option<i8>,
    heard_ms: u64,
    reported_ms: u64,
}

/// A change to report, with the uptime at which it came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) uptime_ms: u64,
    pub(crate) sighting: Sighting,
}

/// What one reception leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Heard {
    /// The badge that had to leave early to make room.
    pub(crate) evicted: Option<Change>,
    /// The change of the badge that was heard.
    pub(crate) change: Option<Change>,
}

impl Entry {
    fn change(&self, presence: Presence, uptime_ms: u64) -> Change {
        let Self { subject, role, rssi_dbm, .. } = *self;
        Change { uptime_ms, sighting: Sighting { subject, role, presence, rssi_dbm } }
    }
}

impl<const N: usize> Filter<N> {
    pub(crate) const fn new(rules: Rules) -> Self {
        const { assert!(N > 0, "a presence filter needs room for a badge") };
        Self { rules, here: Vec::new() }
    }

    /// Takes in one reception.
    pub(crate) fn hear(
        &mut self,
        subject: Pseudonym,
        role: Option<Role>,
        rssi_dbm: Option<i8>,
        uptime_ms: u64,
    ) -> Heard {
        let rules = self.rules;
        let loud = |threshold_dbm| rssi_dbm.is_none_or(|rssi| rssi >= threshold_dbm);
        if let Some(entry) = self.here.iter_mut().find(|entry| entry.subject == subject) {
            if !loud(rules.leave_dbm) {
                return Heard::default();
            }
            *entry = Entry { role, rssi_dbm, heard_ms: uptime_ms, ..*entry };
            if uptime_ms.saturating_sub(entry.reported_ms) < u64::from(rules.stay_ms) {
                return Heard::default();
            }
            entry.reported_ms = uptime_ms;
            return Heard { evicted: None, change: Some(entry.change(Presence::Stay, uptime_ms)) };
        }
        if !loud(rules.enter_dbm) {
            return Heard::default();
        }
        let evicted = if self.here.is_full() { self.evict(uptime_ms) } else { None };
        let entry = Entry { subject, role, rssi_dbm, heard_ms: uptime_ms, reported_ms: uptime_ms };
        // Room was made above and `N` is not zero, so the push succeeds.
        let entered = self.here.push(entry).is_ok();
        Heard { evicted, change: entered.then(|| entry.change(Presence::Enter, uptime_ms)) }
    }

    /// Removes and reports one badge whose silence is complete, the longest silent first.
    pub(crate) fn expire(&mut self, uptime_ms: u64) -> Option<Change> {
        let due_ms = self.deadline_ms().filter(|&due_ms| due_ms <= uptime_ms)?;
        self.evict(due_ms)
    }

    /// Removes and reports one badge as leaving now, whatever its silence; `None` once nobody is here.
    pub(crate) fn evict(&mut self, uptime_ms: u64) -> Option<Change> {
        let longest = self.here.iter().enumerate().min_by_key(|(_, entry)| entry.heard_ms)?.0;
        // Order is kept, so that badges heard in the same scan also leave in the order they came.
        let entry = if longest < self.here.len() { self.here.remove(longest) } else { return None };
        Some(entry.change(Presence::Leave, uptime_ms))
    }

    /// When the next silence is complete, on the uptime clock.
    pub(crate) fn deadline_ms(&self) -> Option<u64> {
        let heard_ms = self.here.iter().map(|entry| entry.heard_ms).min()?;
        Some(heard_ms.saturating_add(u64::from(self.rules.silence_ms)))
    }
}

#[cfg(test)]
mod tests;
