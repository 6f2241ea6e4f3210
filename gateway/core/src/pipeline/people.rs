//! Subjects coming, moving, going: sightings and consent, and what happens when nothing is heard.
//!
//! Before: pipeline.rs, which has fired what was due. Next: the step in pipeline.rs.

use std::cmp::Reverse;

use turnpage_journeys_engine::{Step, SubjectIx, SubjectKind, Triggers};

use super::{Admission, Pipeline};
use crate::Timestamp;
use crate::batch::Reason;
use crate::enrich;
use crate::enrich::presence::Change;
use crate::event::{Presence, Sighting};
use crate::id::SubjectName;
use crate::subject::Subject;

impl Pipeline {
    /// A subject was seen, or lost from sight. `at` is the observer's time; what it changes happens at the logical time.
    pub(super) fn sighting(&mut self, at: Timestamp, sighting: &Sighting, late: bool) -> Admission {
        let role = match &sighting.role {
            Some(role) => match self.venue.find_role(role) {
                Some(role) => Some(role),
                None => return Admission::Dead(Reason::Unknown),
            },
            None => None,
        };
        let known =
            self.engine.find(SubjectKind::Visitor, sighting.subject.as_str()).and_then(|ix| self.subject(ix));
        let current = known.and_then(Subject::zone);
        let located = match enrich::locate(&self.venue, &self.map, &sighting.place, current) {
            Ok(located) => located,
            Err(reason) => return Admission::Dead(reason),
        };
        let Some(ix) = self.enroll(&sighting.subject) else { return Admission::Dead(Reason::Full) };
        let (now, rules) = (self.now, self.venue.presence);
        let Some(subject) = self.subjects.get_mut(ix.place()).and_then(Option::as_mut) else {
            return Admission::Dead(Reason::Full);
        };
        self.counters.sightings += 1;
        subject.role = role.unwrap_or(subject.role);
        if late {
            self.counters.late += 1;
            return self.correct(ix, at, sighting, located.zone);
        }
        subject.observed_at = subject.observed_at.max(at);
        let change = match sighting.presence {
            Presence::Left => match located.zone {
                Some(zone) => subject.stay.left(zone, now, &rules),
                None => Change::default(),
            },
            Presence::Seen => {
                subject.seen_at = now;
                subject.spot = located.spot;
                subject.stay.seen(located.zone, now, &rules)
            }
        };
        self.moved(ix, change);
        let seen = sighting.presence == Presence::Seen;
        if seen || change.happened() {
            self.step_event(ix, triggers(change, seen));
        }
        Admission::Admitted
    }

    /// A sighting from too long ago to act on: the record says where the subject was last, if this is the last that is
    /// known; journeys do not hear of it.
    fn correct(
        &mut self,
        ix: SubjectIx,
        at: Timestamp,
        sighting: &Sighting,
        zone: Option<crate::id::ZoneIx>,
    ) -> Admission {
        let rules = self.venue.presence;
        let Some(subject) = self.subject_mut(ix) else { return Admission::Admitted };
        let mut change = Change::default();
        if at > subject.observed_at && sighting.presence == Presence::Seen {
            subject.observed_at = at;
            subject.seen_at = at;
            subject.spot = None;
            let settled = crate::venue::Presence { settle_ms: 0, ..rules };
            change = subject.stay.seen(zone, at, &settled);
        }
        self.moved(ix, change);
        Admission::Admitted
    }

    /// A subject's word on offers. The latest word counts, in whatever order words arrive.
    pub(super) fn consent(&mut self, at: Timestamp, name: &SubjectName, granted: bool) -> Admission {
        let Some(ix) = self.enroll(name) else { return Admission::Dead(Reason::Full) };
        let now = self.now;
        let Some(subject) = self.subject_mut(ix) else { return Admission::Dead(Reason::Full) };
        if at < subject.consent_at || (at == subject.consent_at && subject.consent == Some(granted)) {
            return Admission::Duplicate;
        }
        (subject.consent, subject.consent_at) = (Some(granted), at);
        self.counters.consents += 1;
        self.touch(ix);
        if !granted {
            let mut step = Step::default();
            self.engine.stop(ix, now, &mut step);
            self.plan(ix, &step);
            self.withdraw_all(ix);
        }
        self.schedule(ix);
        Admission::Admitted
    }

    /// Time has come to a subject's wake: a change of zone has lasted, it is gone, offers ran out, or it is forgotten.
    pub(super) fn wake(&mut self, at: Timestamp, name: &SubjectName) {
        let rules = self.venue.presence;
        let Some(ix) = self.engine.find(SubjectKind::Visitor, name.as_str()) else { return };
        let forget = self.forget_at(ix);
        let Some(subject) = self.subject_mut(ix) else { return };
        subject.wake = None;
        let due = subject.stay.due(subject.seen_at, &rules).is_some_and(|due| due <= at);
        let change = if due { subject.stay.pass(at, subject.seen_at, &rules) } else { Change::default() };
        self.expire_offers(ix, at);
        if change.happened() {
            self.moved(ix, change);
            self.step_event(ix, triggers(change, false));
        } else if forget.is_some_and(|forget| forget <= at) {
            self.forget(ix, name);
        } else {
            self.schedule(ix);
        }
    }

    /// Keeps the books after a subject's stay may have changed.
    fn moved(&mut self, ix: SubjectIx, change: Change) {
        let Some(Some(subject)) = self.subjects.get(ix.place()) else { return };
        let name = &subject.name;
        if let Some(left) = change.exited.and_then(|zone| self.inside.get_mut(usize::from(zone.0))) {
            left.remove(name);
        }
        if let Some(entered) = change.entered.and_then(|zone| self.inside.get_mut(usize::from(zone.0))) {
            entered.insert(name.clone());
            self.counters.entries += 1;
        }
        self.touch(ix);
        self.schedule(ix);
    }

    /// Makes sure that a subject wakes when something of it is due.
    pub(super) fn schedule(&mut self, ix: SubjectIx) {
        let rules = self.venue.presence;
        let forget = self.forget_at(ix);
        let Some(Some(subject)) = self.subjects.get_mut(ix.place()) else { return };
        let presence = subject.stay.due(subject.seen_at, &rules);
        let offers = subject.pending().map(|offer| offer.valid_until).min();
        let Some(due) = [presence, offers, forget].into_iter().flatten().min() else { return };
        // A later wake than needed is corrected when it comes; an earlier one is needed now.
        if subject.wake.is_none_or(|wake| due < wake) {
            subject.wake = Some(due);
            self.wakes.push(Reverse((due, subject.name.clone())));
        }
    }

    /// When a subject is forgotten. A withdrawal is remembered: forgetting it would assume consent again.
    fn forget_at(&self, ix: SubjectIx) -> Option<Timestamp> {
        let subject = self.subject(ix).filter(|subject| subject.consent != Some(false))?;
        Some(Timestamp(subject.seen_at.0.saturating_add(self.options.forget_ms)))
    }

    fn forget(&mut self, ix: SubjectIx, name: &SubjectName) {
        self.withdraw_all(ix);
        if let Some(zone) = self.subject(ix).and_then(Subject::zone)
            && let Some(inside) = self.inside.get_mut(usize::from(zone.0))
        {
            inside.remove(name);
        }
        self.engine.remove(ix);
        if let Some(slot) = self.subjects.get_mut(ix.place()) {
            *slot = None;
        }
        self.dirty.retain(|dirty| *dirty != ix);
        self.forgotten.insert(name.clone());
    }

    /// The subject of a name, new if it is a stranger and there is room.
    fn enroll(&mut self, name: &SubjectName) -> Option<SubjectIx> {
        if let Some(known) = self.engine.find(SubjectKind::Visitor, name.as_str()) {
            return Some(known);
        }
        if self.engine.subjects() >= self.options.subjects_max {
            return None;
        }
        let ix = self.engine.subject(SubjectKind::Visitor, name.as_str()).ok()?;
        self.settle_in(Subject::new(name.clone(), ix, self.now));
        self.forgotten.remove(name);
        self.schedule(ix);
        Some(ix)
    }

    /// Gives a subject its place.
    pub(super) fn settle_in(&mut self, subject: Subject) {
        let at = subject.ix.place();
        if self.subjects.len() <= at {
            self.subjects.resize(at + 1, None);
        }
        if let Some(slot) = self.subjects.get_mut(at) {
            *slot = Some(subject);
        }
    }
}

fn triggers(change: Change, seen: bool) -> Triggers {
    let mut triggers = if seen { Triggers::SIGHTING } else { Triggers::NONE };
    if change.entered.is_some() {
        triggers = triggers | Triggers::ENTER;
    }
    if change.exited.is_some() {
        triggers = triggers | Triggers::EXIT;
    }
    triggers
}
