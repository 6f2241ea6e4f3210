//! Which timer is due next, of all subjects.
//!
//! Delays are constants of the library and events mostly come in order of time, so timers of one delay mostly
//! start in the order they are due: each delay has a lane, a queue where starting and firing cost a push and a
//! pop. A timer started out of order goes into a heap of strays. Stopping a timer is nothing but forgetting its
//! deadline in the instance (`Instances::waits`); what was queued for it is dropped when it is met, or when
//! too much of that has gathered.

use crate::id::{JourneyIx, SubjectIx};
use alloc::collections::{BinaryHeap, VecDeque};
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Reverse;

/// A timer that was started. It may have been stopped since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Started {
    pub(crate) deadline: i64,
    pub(crate) subject: SubjectIx,
    pub(crate) journey: JourneyIx,
    /// Its place among the journey's timers.
    pub(crate) number: u16,
}

/// Timers of all subjects.
#[derive(Clone, Debug)]
pub(crate) struct Timers {
    lanes: Vec<VecDeque<Started>>,
    strays: BinaryHeap<Reverse<Started>>,
    /// Timers of one deadline, taken out together to be put in order; the next is last.
    ready: Vec<Started>,
    /// The earliest deadline in lanes and strays, or `NONE`.
    earliest: i64,
    queued: usize,
    /// When this many are queued, those that were stopped are looked for.
    crowded: usize,
}

/// No deadline. A timer whose deadline is past the end of time never fires.
const NONE: i64 = i64::MAX;
/// Few enough to keep whether stopped or not: 16 KiB.
const CROWDED_MIN: usize = 1_024;

impl Timers {
    pub(crate) fn new(lanes: usize) -> Self {
        Timers {
            lanes: vec![VecDeque::new(); lanes],
            strays: BinaryHeap::new(),
            ready: Vec::new(),
            earliest: NONE,
            queued: 0,
            crowded: CROWDED_MIN,
        }
    }

    #[inline]
    pub(crate) fn start(&mut self, lane: u16, timer: Started) {
        if timer.deadline == NONE {
            return;
        }
        match self.lanes.get_mut(usize::from(lane)) {
            Some(lane) if lane.back().is_none_or(|last| last.deadline <= timer.deadline) => {
                lane.push_back(timer);
            }
            _ => self.strays.push(Reverse(timer)),
        }
        self.earliest = self.earliest.min(timer.deadline);
        self.queued += 1;
    }

    /// The next timer with a deadline at or before `until` that still `waits`; it stays. Timers of one deadline
    /// come in the order of `key`, those of one key by number.
    #[inline]
    pub(crate) fn next<K: Ord>(
        &mut self,
        until: i64,
        waits: impl Fn(&Started) -> bool,
        key: impl Fn(&Started) -> K,
    ) -> Option<Started> {
        if self.ready.is_empty() && self.earliest > until {
            return None;
        }
        self.find(until, waits, key)
    }

    fn find<K: Ord>(
        &mut self,
        until: i64,
        waits: impl Fn(&Started) -> bool,
        key: impl Fn(&Started) -> K,
    ) -> Option<Started> {
        loop {
            match self.ready.last() {
                // One was started for this deadline or an earlier one after they were put in order.
                Some(next) if self.earliest <= next.deadline => {
                    self.earliest = self.earliest.min(next.deadline);
                    self.strays.extend(self.ready.drain(..).map(Reverse));
                }
                Some(next) if !waits(next) => {
                    self.ready.pop();
                    self.queued -= 1;
                }
                Some(next) => return (next.deadline <= until).then_some(*next),
                None if self.earliest == NONE || self.earliest > until => return None,
                None => self.take_earliest(&waits, &key),
            }
        }
    }

    /// Moves the timers of the earliest deadline that still wait to `ready`, in order.
    fn take_earliest<K: Ord>(&mut self, waits: &impl Fn(&Started) -> bool, key: &impl Fn(&Started) -> K) {
        let (deadline, before) = (self.earliest, self.ready.len());
        let due = |timer: &Started| timer.deadline == deadline;
        let (mut taken, mut stopped) = (0, 0);
        let mut take = |timer: Started, ready: &mut Vec<Started>| {
            taken += 1;
            if waits(&timer) {
                ready.push(timer);
            }
        };
        self.earliest = NONE;
        for lane in &mut self.lanes {
            if lane.front().is_some_and(due) {
                while let Some(timer) = lane.pop_front_if(|timer| due(timer)) {
                    take(timer, &mut self.ready);
                }
                // What was stopped behind them goes, too: of many asked in a row, memory answers faster.
                while lane.pop_front_if(|timer| !waits(timer)).is_some() {
                    stopped += 1;
                }
            }
            self.earliest = self.earliest.min(lane.front().map_or(NONE, |timer| timer.deadline));
        }
        while self.strays.peek().is_some_and(|Reverse(timer)| due(timer)) {
            self.strays.pop().into_iter().for_each(|Reverse(timer)| take(timer, &mut self.ready));
        }
        self.earliest = self.earliest.min(self.strays.peek().map_or(NONE, |Reverse(timer)| timer.deadline));
        self.queued -= taken + stopped - (self.ready.len() - before);
        if self.ready.len() > 1 {
            self.ready.sort_unstable_by_key(|timer| Reverse((key(timer), timer.number)));
        }
    }

    /// Drops what was stopped once it may be more than half of all. Called after every step, it costs a
    /// comparison; dropping is paid for by the starts that made the crowd.
    #[inline]
    pub(crate) fn tidy(&mut self, waits: impl Fn(&Started) -> bool) {
        if self.queued >= self.crowded {
            self.drop_stopped(waits);
        }
    }

    fn drop_stopped(&mut self, waits: impl Fn(&Started) -> bool) {
        self.lanes.iter_mut().for_each(|lane| lane.retain(|timer| waits(timer)));
        self.strays.retain(|Reverse(timer)| waits(timer));
        self.ready.retain(|timer| waits(timer));
        self.queued =
            self.lanes.iter().map(VecDeque::len).sum::<usize>() + self.strays.len() + self.ready.len();
        self.crowded = (self.queued * 2).max(CROWDED_MIN);
        let first = self.lanes.iter().filter_map(|lane| lane.front().map(|timer| timer.deadline));
        let stray = self.strays.peek().map(|Reverse(timer)| timer.deadline);
        self.earliest = first.chain(stray).min().unwrap_or(NONE);
    }
}

#[cfg(test)]
mod tests;
