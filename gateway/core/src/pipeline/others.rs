//! Subjects that nobody sees walk: parties, zones, the venue. Their events are those of others.
//!
//! The order is fixed, because the log's order is the truth: first whoever was seen, then its party, then the zone it
//! left, then the zone it came to; of a reading or a signal first everyone concerned by name, then the zones in the
//! venue's order, then the venue. A kind that no journey runs for costs nothing.
//!
//! Consent is a person's. A visitor and a vehicle have their own word. A party has none: its offers reach all its
//! members, so it is offered nothing while one of them has said no, and, where consent is required, until all have said
//! yes; who has said no does not step it. A zone and the venue speak on signs to whoever passes, and a team is at work:
//! their offers need no consent, count against nobody's day, and a team's night shift has no quiet hours. Before:
//! people.rs and fan_out.rs. Next: the step in pipeline.rs.

use turnpage_journeys_engine::{Step, SubjectIx, SubjectKind, Triggers};

use super::Pipeline;
use crate::enrich::presence::{Change, Here};
use crate::id::{SubjectName, ZoneIx};
use crate::plan::purpose;
use crate::subject::Subject;

impl Pipeline {
    /// One event of a subject, and what it is an event of beside: its party, and the zones it passed between.
    pub(super) fn event_of(&mut self, ix: SubjectIx, triggers: Triggers, change: Change) {
        self.step_event(ix, triggers);
        for (zone, triggers) in [(change.exited, Triggers::EXIT), (change.entered, Triggers::ENTER)] {
            if let Some(zone) = zone {
                self.zone_event(zone, triggers);
            }
        }
    }

    /// A member's event is its party's, unless the member has said no.
    pub(super) fn party_event(&mut self, member: SubjectIx, triggers: Triggers) {
        if self.library().of(SubjectKind::Party).is_empty() {
            return;
        }
        let Some(subject) = self.subject(member).filter(|subject| subject.consent != Some(false)) else {
            return;
        };
        let (Some(party), name) = (subject.party().cloned(), subject.name.clone()) else { return };
        let Some(ix) = self.enroll(&party, None) else { return };
        if let Some(party) = self.subject_mut(ix) {
            let before = party.about_mut().speaker.replace(name);
            party.whole |= before != party.about_mut().speaker;
        }
        self.step_event(ix, triggers);
    }

    /// Something happened in a zone.
    pub(super) fn zone_event(&mut self, zone: ZoneIx, triggers: Triggers) {
        let name = self.zone_names.get(usize::from(zone.0)).cloned();
        let Some(ix) = name.and_then(|name| self.enroll(&name, None)) else { return };
        let since = self.now;
        if let Some(subject) = self.subject_mut(ix) {
            subject.stay.here.get_or_insert(Here { zone, since });
        }
        self.step_event(ix, triggers);
    }

    /// Something happened to the venue as a whole.
    pub(super) fn venue_event(&mut self, triggers: Triggers) {
        if self.library().of(SubjectKind::Venue).is_empty() {
            return;
        }
        let name = SubjectName::of_venue(&self.venue.id);
        let Some(ix) = name.and_then(|name| self.enroll(&name, None)) else { return };
        self.step_event(ix, triggers);
    }

    /// A member has said no: the party's journeys stop, and whatever it was offered is taken back.
    pub(super) fn stop_party(&mut self, member: SubjectIx) {
        let party = self.subject(member).and_then(Subject::party);
        let Some(ix) = party.and_then(|party| self.find(party)) else { return };
        let mut step = Step::default();
        self.engine.stop(ix, self.now, &mut step);
        self.plan(ix, &step);
        self.withdraw_all(ix);
        self.touch(ix);
    }

    /// A subject leaves its party; a party that nobody is left of is forgotten.
    pub(super) fn part(&mut self, party: &SubjectName, member: &SubjectName) {
        self.company.part(party, member);
        if self.company.members(party).next().is_none()
            && let Some(ix) = self.find(party)
        {
            self.forget(ix, party);
        }
    }

    /// A subject's word on offers, or the word of those who would get them.
    pub(super) fn consent_of(&self, subject: &Subject) -> Option<bool> {
        match subject.kind {
            SubjectKind::Visitor | SubjectKind::Vehicle => subject.consent,
            SubjectKind::Team => Some(subject.consent.unwrap_or(true)),
            SubjectKind::Zone | SubjectKind::Venue => Some(true),
            SubjectKind::Party => {
                let members = self.company.members(&subject.name);
                let words = members.map(|member| self.find(member).and_then(|ix| self.subject(ix)?.consent));
                purpose::together(words)
            }
        }
    }
}
