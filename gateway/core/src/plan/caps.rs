//! Caps: how many offers a subject, one of its journeys and its party have had on the venue's date.
//!
//! How often one offer may be made is its journey's `limit`, and the engine counts that. A party's offers are its own and
//! its members', added up when asked. Before: purpose.rs. Next: fatigue.rs.

use serde::{Deserialize, Serialize};
use turnpage_journeys_expr::LocalTime;

use crate::Timestamp;

/// How many offers a subject had.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Caps {
    /// The local day that `count` is about.
    day: i32,
    count: u32,
    pub(super) last: Option<Timestamp>,
}

impl Caps {
    /// An offer was made.
    pub(crate) fn made(&mut self, at: Timestamp, local: LocalTime) {
        if self.day != local.day {
            (self.day, self.count) = (local.day, 0);
        }
        self.count = self.count.saturating_add(1);
        self.last = Some(at);
    }

    /// Offers made on this date.
    pub(crate) fn today(&self, local: LocalTime) -> u32 {
        if self.day == local.day { self.count } else { 0 }
    }
}

/// How many offers each journey made to a subject on one date. No more entries than there are journeys.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct ByJourney {
    day: i32,
    counts: Vec<(String, u32)>,
}

impl ByJourney {
    /// A journey made an offer.
    pub(crate) fn made(&mut self, journey: &str, local: LocalTime) {
        if self.day != local.day {
            (self.day, self.counts) = (local.day, Vec::new());
        }
        match self.counts.iter_mut().find(|(name, _)| name == journey) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => self.counts.push((journey.to_owned(), 1)),
        }
    }

    /// Offers that a journey made on this date.
    pub(crate) fn today(&self, journey: &str, local: LocalTime) -> u32 {
        let of = |(name, count): &(String, u32)| (name == journey).then_some(*count);
        if self.day == local.day { self.counts.iter().find_map(of).unwrap_or(0) } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_counted_apart() {
        let day = |day| LocalTime { day, ms: 0 };
        let (mut caps, mut journeys) = (Caps::default(), ByJourney::default());
        for _ in 0..2 {
            caps.made(Timestamp(5), day(1));
            journeys.made("tour", day(1));
        }
        assert_eq!((caps.today(day(1)), caps.today(day(2))), (2, 0));
        assert_eq!(["tour", "lunch"].map(|name| journeys.today(name, day(1))), [2, 0]);
        assert_eq!(journeys.today("tour", day(2)), 0);
        journeys.made("lunch", day(2));
        assert_eq!(["tour", "lunch"].map(|name| journeys.today(name, day(2))), [0, 1]);
    }
}
