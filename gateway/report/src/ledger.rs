//! Batches folded into stories, and stories into counts as they happen.
//!
//! A story is open while something can still become of its offer; then it is handed out and forgotten. Before: gateway/core's
//! lines. Next: tally.rs.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use turnpage_gateway_core::{
    DecisionRecord, LedgerLine, OfferId, Outcome, Setting, Timestamp, Verdict, Withheld,
};

use crate::tally::{Counted, Tally};
use crate::{Day, Group, Story};

/// How long after its time an offer may still be answered, in milliseconds: a till that was off for the night.
const GRACE_MS: i64 = 24 * 3_600_000;
/// Stories open at once: those of a busy day. The oldest are closed to make room.
const OPEN_MAX: usize = 1 << 18;

/// Every open story, and the counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    tally: Tally,
    open: HashMap<OfferId, Story>,
    /// Open ones by when they close.
    closing: BTreeMap<(i64, OfferId), ()>,
}

impl Ledger {
    /// The counts so far.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Takes what a batch says of offers; hands out the stories that end with it.
    pub fn absorb(
        &mut self,
        now: Timestamp,
        decisions: &[DecisionRecord],
        lines: &[LedgerLine],
        mut closed: impl FnMut(&Story),
    ) {
        self.tally.pass(now.0);
        if !lines.is_empty() {
            let decided: HashMap<OfferId, &DecisionRecord> =
                decisions.iter().map(|decision| (decision.id, decision)).collect();
            for line in lines {
                self.line(line, &decided, &mut closed);
            }
        }
        while let Some(entry) = self.closing.first_entry().filter(|entry| entry.key().0 <= now.0) {
            let ((_, id), ()) = entry.remove_entry();
            self.open.remove(&id).iter().for_each(&mut closed);
        }
    }

    /// Nothing more comes: hands out what is still open, and counts whoever's time has not run out.
    pub fn close(&mut self, mut closed: impl FnMut(&Story)) {
        while let Some(((_, id), ())) = self.closing.pop_first() {
            self.open.remove(&id).iter().for_each(&mut closed);
        }
        self.tally.close();
    }

    /// Lets go of one subject: its open stories end without it.
    pub fn forget(&mut self, subject: &str) {
        for story in self.open.values_mut().filter(|story| story.subject == subject) {
            story.subject.clear();
        }
        self.tally.forget(subject);
    }

    fn line(
        &mut self,
        line: &LedgerLine,
        decided: &HashMap<OfferId, &DecisionRecord>,
        closed: &mut impl FnMut(&Story),
    ) {
        match line {
            LedgerLine::Decided { id, valid_until, setting } => {
                let Some(decision) = decided.get(id) else { return };
                let story = begun(decision, *valid_until, setting);
                self.tally.begin(&story);
                if story.group == Group::Withheld {
                    return closed(&story);
                }
                if self.open.len() >= OPEN_MAX
                    && let Some(((_, oldest), ())) = self.closing.pop_first()
                {
                    self.open.remove(&oldest).iter().for_each(closed);
                }
                self.closing.insert((story.ends().saturating_add(GRACE_MS), *id), ());
                self.open.insert(*id, story);
            }
            LedgerLine::Became { id, at, outcome } => self.became(*id, *at, *outcome),
            LedgerLine::Brought { id, value, .. } => self.more(*id, Counted::Value(*value), |story| {
                story.value.is_none().then(|| story.value = Some(*value))
            }),
            LedgerLine::Withdrawn { id, at } => {
                self.more(*id, Counted::Withdrawn, |story| first(&mut story.withdrawn, *at));
            }
        }
    }

    fn became(&mut self, id: OfferId, at: Timestamp, outcome: Outcome) {
        type Field = fn(&mut Story) -> &mut Option<i64>;
        let (what, field): (Counted, Field) = match outcome {
            Outcome::Delivered => (Counted::Delivered, |story| &mut story.delivered),
            Outcome::Seen => (Counted::Seen, |story| &mut story.seen),
            Outcome::Clicked => (Counted::Clicked, |story| &mut story.clicked),
            Outcome::Accepted => (Counted::Accepted, |story| &mut story.accepted),
            Outcome::Declined => (Counted::Declined, |story| &mut story.declined),
            Outcome::Expired => (Counted::Expired, |story| &mut story.expired),
            // Known since it was decided.
            Outcome::Withheld => return,
        };
        self.more(id, what, |story| first(field(story), at));
        if outcome == Outcome::Accepted
            && let Some(story) = self.open.get(&id)
        {
            self.tally.accepted(story, at.0);
        }
    }

    /// Something more of an open story; `note` says whether it is news.
    fn more(&mut self, id: OfferId, what: Counted, note: impl FnOnce(&mut Story) -> Option<()>) {
        if let Some(story) = self.open.get_mut(&id)
            && note(story).is_some()
        {
            self.tally.count(story, what);
        }
    }
}

fn first(field: &mut Option<i64>, at: Timestamp) -> Option<()> {
    field.is_none().then(|| *field = Some(at.0))
}

fn begun(decision: &DecisionRecord, valid_until: Timestamp, setting: &Setting) -> Story {
    let (group, withheld, channel) = match &decision.verdict {
        Verdict::Made { channel } => (Group::Made, "", channel.as_str()),
        Verdict::Withheld(Withheld::HoldOut) => (Group::HeldOut, "", ""),
        Verdict::Withheld(why) => (Group::Withheld, why.as_str(), ""),
    };
    Story {
        id: decision.id.to_string(),
        at: decision.at.0,
        valid_until: valid_until.0,
        subject: decision.subject.to_string(),
        journey: decision.journey.clone(),
        page: decision.page.clone(),
        offer: decision.offer.clone(),
        group,
        withheld: withheld.to_owned(),
        channel: channel.to_owned(),
        day: Some(Day(setting.day)),
        hour: Some(setting.hour),
        zone: setting.zone.as_ref().map(ToString::to_string).unwrap_or_default(),
        role: setting.role.clone(),
        weather: setting.sky.words(),
        ..Story::default()
    }
}
