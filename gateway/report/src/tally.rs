//! Counts that stay: by day and offer, and of each by one thing of its setting at a time.
//!
//! All things of a setting together would be as many counts as there are offers; one at a time they are some thousand a day,
//! and a report over a year is a sum. Whoever wants two things crossed has the stories. Counts hold no subjects, but for the lot's people
//! of the days that are not over (lot.rs). Before: story.rs. Next: report.rs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use turnpage_gateway_measure::{Mean, Rate};

use crate::lot::Lot;
use crate::names::Names;
use crate::{Day, Group, Story};

/// Counts at once: a year of a large venue. The oldest days make room.
const CELLS_MAX: usize = 1 << 20;

/// Everything that was counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    pub(crate) names: Names,
    pub(crate) cells: BTreeMap<Cell, Count>,
    pub(crate) lot: Lot,
}

/// What a count is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) struct Cell {
    pub(crate) day: Day,
    pub(crate) journey: u32,
    pub(crate) page: u32,
    pub(crate) offer: u32,
    pub(crate) held_out: bool,
    pub(crate) thing: Thing,
    pub(crate) word: u32,
}

/// What counts are taken apart by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) enum Thing {
    Whole,
    Channel,
    Zone,
    Hour,
    Role,
    Weather,
    /// Why it was withheld.
    Withheld,
}

/// How often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Count {
    pub(crate) made: u64,
    pub(crate) withheld: u64,
    pub(crate) delivered: u64,
    pub(crate) seen: u64,
    pub(crate) clicked: u64,
    pub(crate) accepted: u64,
    pub(crate) declined: u64,
    pub(crate) expired: u64,
    pub(crate) withdrawn: u64,
    /// What they brought together, and the sum of the squares.
    pub(crate) value: f64,
    pub(crate) squares: f64,
}

/// One thing that is counted of a story.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Counted {
    Decided,
    Delivered,
    Seen,
    Clicked,
    Accepted,
    Declined,
    Expired,
    Withdrawn,
    Value(f64),
}

impl Tally {
    /// Counts a whole story, from wherever it is. Stories need no order, as long as people of the lot come by days.
    pub fn add(&mut self, story: &Story) {
        self.begin(story);
        let told = [
            (story.delivered, Counted::Delivered),
            (story.seen, Counted::Seen),
            (story.clicked, Counted::Clicked),
            (story.accepted, Counted::Accepted),
            (story.declined, Counted::Declined),
            (story.expired, Counted::Expired),
            (story.withdrawn, Counted::Withdrawn),
        ];
        told.iter().filter(|(at, _)| at.is_some()).for_each(|(_, what)| self.count(story, *what));
        if let Some(value) = story.value {
            self.count(story, Counted::Value(value));
        }
        if let Some(at) = story.accepted {
            self.accepted(story, at);
        }
    }

    /// Time has come this far.
    pub(crate) fn pass(&mut self, now: i64) {
        self.lot.pass(now);
    }

    /// Counts that something was decided.
    pub(crate) fn begin(&mut self, story: &Story) {
        self.count(story, Counted::Decided);
        let journey = self.names.number(&story.journey);
        self.lot.decided(story, journey);
    }

    /// Somebody accepted.
    pub(crate) fn accepted(&mut self, story: &Story, at: i64) {
        let journey = self.names.number(&story.journey);
        self.lot.accepted(story, journey, at);
    }

    /// Nothing more comes: whoever's time has not run out yet is counted as they stand.
    pub fn close(&mut self) {
        self.lot.close();
    }

    /// The first and the last day that something was counted of.
    #[must_use]
    pub fn days(&self) -> Option<(Day, Day)> {
        Some((self.cells.first_key_value()?.0.day, self.cells.last_key_value()?.0.day))
    }

    /// Lets go of whatever is known of one subject.
    pub fn forget(&mut self, subject: &str) {
        self.lot.forget(subject);
    }

    /// One thing more of a story.
    pub(crate) fn count(&mut self, story: &Story, what: Counted) {
        let hour = story.hour.map(|hour| format!("{hour:02}")).unwrap_or_default();
        let cell = Cell {
            day: story.counts_for(),
            journey: self.names.number(&story.journey),
            page: self.names.number(&story.page),
            offer: self.names.number(&story.offer),
            held_out: story.group == Group::HeldOut,
            thing: Thing::Whole,
            word: self.names.number(""),
        };
        self.one(cell, story.group, what);
        let things = [
            (Thing::Channel, story.channel.as_str()),
            (Thing::Zone, &story.zone),
            (Thing::Hour, &hour),
            (Thing::Role, &story.role),
            (Thing::Weather, &story.weather),
        ];
        for (thing, word) in things {
            let word = self.names.number(word);
            self.one(Cell { thing, word, ..cell }, story.group, what);
        }
        if story.group == Group::Withheld {
            let word = self.names.number(&story.withheld);
            self.one(Cell { thing: Thing::Withheld, word, ..cell }, story.group, what);
        }
    }

    fn one(&mut self, cell: Cell, group: Group, what: Counted) {
        if self.cells.len() >= CELLS_MAX && !self.cells.contains_key(&cell) {
            let Some(oldest) = self.cells.first_key_value().map(|(cell, _)| cell.day) else { return };
            if cell.day <= oldest {
                return;
            }
            self.cells.retain(|cell, _| cell.day > oldest);
        }
        let count = self.cells.entry(cell).or_default();
        let counted = match what {
            Counted::Decided if group == Group::Withheld => &mut count.withheld,
            Counted::Decided => &mut count.made,
            Counted::Delivered => &mut count.delivered,
            Counted::Seen => &mut count.seen,
            Counted::Clicked => &mut count.clicked,
            Counted::Accepted => &mut count.accepted,
            Counted::Declined => &mut count.declined,
            Counted::Expired => &mut count.expired,
            Counted::Withdrawn => &mut count.withdrawn,
            Counted::Value(value) => {
                count.value += value;
                count.squares += value * value;
                return;
            }
        };
        *counted += 1;
    }
}

impl Count {
    /// Clicked, of those delivered; of those made where nothing says what was delivered.
    pub(crate) fn clicks(&self) -> Rate {
        Rate::new(self.clicked, if self.delivered == 0 { self.made } else { self.delivered })
    }

    /// Accepted, of those made.
    pub(crate) fn conversions(&self) -> Rate {
        Rate::new(self.accepted, self.made)
    }

    /// What each that was made brought.
    pub(crate) fn mean(&self) -> Mean {
        Mean::of_sums(self.made, self.value, self.squares)
    }

    pub(crate) fn absorb(&mut self, other: &Self) {
        self.made += other.made;
        self.withheld += other.withheld;
        self.delivered += other.delivered;
        self.seen += other.seen;
        self.clicked += other.clicked;
        self.accepted += other.accepted;
        self.declined += other.declined;
        self.expired += other.expired;
        self.withdrawn += other.withdrawn;
        self.value += other.value;
        self.squares += other.squares;
    }
}
