//! People whom the lot put into one of two groups, and how many of each came round.
//!
//! The lot is drawn for a subject and a journey, so that offers of one subject are no independent trials: what is counted is
//! people, once a day and journey. Somebody counts when the first offer's time has run out, whether or not it was accepted before:
//! counting acceptances as they come and the rest later would make every half-finished day look better than it is. A pseudonym lasts a
//! day; whoever was asked is kept until people are asked two days later. Before: tally.rs. Next: report.rs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use turnpage_gateway_measure::{Lift, Rate};

use crate::{Day, Group, Story};

/// People at once: a full day of a large venue in a few journeys. Whoever comes after is not counted.
const PEOPLE_MAX: usize = 1 << 20;
/// Journeys' days that are kept: years of a venue. The oldest make room.
const DAYS_MAX: usize = 1 << 15;

/// Both groups of every journey and day, and the people who are not counted yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lot {
    /// By day and journey: treated, then held out.
    pub(crate) groups: BTreeMap<(Day, u32), [(u64, u64); 2]>,
    /// By day, journey and subject.
    people: BTreeMap<(Day, u32, String), Person>,
    /// How far time has come.
    now: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Person {
    held_out: bool,
    /// When the first offer's time runs out.
    until: i64,
    accepted: bool,
    counted: bool,
}

impl Lot {
    /// Somebody was offered something, or was held out.
    pub(crate) fn decided(&mut self, story: &Story, journey: u32) {
        if story.group == Group::Withheld || story.subject.is_empty() {
            return;
        }
        let day = story.counts_for();
        self.begin(day, story.at);
        let key = (day, journey, story.subject.clone());
        if self.people.len() >= PEOPLE_MAX && !self.people.contains_key(&key) {
            return;
        }
        let (held_out, until) = (story.group == Group::HeldOut, story.ends());
        self.people.entry(key).or_insert(Person { held_out, until, accepted: false, counted: false });
    }

    /// Somebody accepted.
    pub(crate) fn accepted(&mut self, story: &Story, journey: u32, at: i64) {
        let person = self.people.get_mut(&(story.counts_for(), journey, story.subject.clone()));
        if let Some(person) = person.filter(|person| !person.counted && at <= person.until) {
            person.accepted = true;
        }
    }

    /// Time has come this far.
    pub(crate) fn pass(&mut self, now: i64) {
        self.now = self.now.max(now);
    }

    /// Somebody is asked on this day: counts and lets go of whoever was before yesterday.
    fn begin(&mut self, day: Day, now: i64) {
        self.pass(now);
        if self.people.first_key_value().is_some_and(|((first, ..), _)| first.0 + 1 < day.0) {
            self.count(now);
            self.people.retain(|(its, ..), person| its.0 + 1 >= day.0 || !person.counted);
        }
    }

    /// Counts everyone whose time has run out by now.
    fn count(&mut self, now: i64) {
        let due = self.people.iter_mut().filter(|(_, person)| !person.counted && person.until <= now);
        for ((day, journey, _), person) in due {
            person.counted = true;
            if let Some(group) =
                self.groups.entry((*day, *journey)).or_default().get_mut(usize::from(person.held_out))
            {
                group.0 += u64::from(person.accepted);
                group.1 += 1;
            }
        }
        while self.groups.len() > DAYS_MAX {
            self.groups.pop_first();
        }
    }

    pub(crate) fn close(&mut self) {
        self.count(i64::MAX);
        self.people.clear();
    }

    pub(crate) fn forget(&mut self, subject: &str) {
        self.people.retain(|(_, _, its), _| its != subject);
    }

    /// Both groups of each journey over some days, with everyone whose time has run out by now.
    pub(crate) fn lifts(&self, within: impl Fn(Day) -> bool) -> BTreeMap<u32, Lift> {
        let mut lifts: BTreeMap<u32, Lift> = BTreeMap::new();
        let due = self.people.iter().filter(|(_, person)| !person.counted && person.until <= self.now);
        for ((_, journey, _), person) in due.filter(|((day, ..), _)| within(*day)) {
            let lift = lifts.entry(*journey).or_default();
            let group = if person.held_out { &mut lift.held_out } else { &mut lift.treated };
            group.count(person.accepted);
        }
        for ((_, journey), [treated, held_out]) in self.groups.iter().filter(|((day, _), _)| within(*day)) {
            let lift = lifts.entry(*journey).or_default();
            for (rate, (hits, of)) in [(&mut lift.treated, treated), (&mut lift.held_out, held_out)] {
                *rate = Rate::new(rate.hits + hits, rate.of + of);
            }
        }
        lifts
    }
}
