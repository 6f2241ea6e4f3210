//! Subjects coming, moving, going: sightings, and what happens when nothing is heard.
//!
//! Before: pipeline.rs, which has fired what was due. Next: the step in pipeline.rs.

use std::cmp::Reverse;

use turnpage_journeys_engine::{Step, SubjectIx, SubjectKind, Triggers};

use super::{Admission, Pipeline, ahead};
use crate::Timestamp;
use crate::batch::Reason;
use crate::enrich::presence::Change;
use crate::enrich::{self, Located};
use crate::event::{Place, Presence, Reception, Sighting};
use crate::id::{NodeId, SubjectName};
use crate::subject::{Known, Subject};

/// When something was observed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Observed {
    /// By the observer's clock.
    pub(super) at: Timestamp,
    /// By the machine's clock, when it was told.
    pub(super) now: Timestamp,
    /// Whether the observer's clock is good.
    pub(super) sure: bool,
    /// Too long ago to act on.
    pub(super) late: bool,
}

impl Pipeline {
    /// A subject was seen, or lost from sight. What that changes happens at the logical time.
    pub(super) fn sighting(&mut self, seen: Observed, sighting: &Sighting) -> Admission {
        let role = match self.walking(&sighting.subject, sighting.role.as_deref()) {
            Ok(role) => role,
            Err(reason) => return Admission::Dead(reason),
        };
        let known = self.find(&sighting.subject).and_then(|ix| self.subject(ix));
        let current = known.and_then(Subject::zone);
        let located = match enrich::locate(&self.venue, &self.map, &sighting.place, current) {
            Ok(located) => located,
            Err(reason) => return Admission::Dead(reason),
        };
        let Some(ix) = self.meet(&sighting.subject, role) else { return Admission::Dead(Reason::Full) };
        if let (Place::Node(node), Presence::Seen, false) = (&sighting.place, sighting.presence, seen.late) {
            self.stands_at(ix, seen.at, *node);
        }
        self.observed(ix, seen, located, sighting.presence)
    }

    /// Whom a kiosk sees is present on its channel.
    fn stands_at(&mut self, ix: SubjectIx, at: Timestamp, node: NodeId) {
        let Some(channel) = self.map.channel(node) else { return };
        let at = at.min(self.now);
        let Some(subject) = self.subject_mut(ix) else { return };
        let about = subject.about_mut();
        if about.channel.is_none_or(|known| known.at <= at) {
            about.channel = Some(Known { value: channel, at });
            self.touch(ix);
        }
    }

    /// A receiver heard a subject. Where it is, is what this and other receivers have heard by now.
    pub(super) fn reception(&mut self, seen: Observed, reception: &Reception) -> Admission {
        let role = match self.walking(&reception.subject, reception.role.as_deref()) {
            Ok(role) => role,
            Err(reason) => return Admission::Dead(reason),
        };
        let receiver = self.venue.find_receiver(reception.receiver.as_str());
        let Some(receiver) = receiver else { return Admission::Dead(Reason::Unknown) };
        let rules = self.venue.radio;
        let heard = self.venue.receivers.get(receiver).and_then(|it| rules.nearness(reception.heard, it));
        let Some(nearness) = heard else { return Admission::Dead(Reason::Malformed) };
        let Some(ix) = self.meet(&reception.subject, role) else { return Admission::Dead(Reason::Full) };
        let Some(subject) = self.subject_mut(ix) else { return Admission::Dead(Reason::Full) };
        subject.radio.get_or_insert_default().hear(receiver, nearness, seen.at, &rules);
        subject.whole = true;
        let fix = self
            .subject(ix)
            .and_then(|subject| subject.radio.as_ref()?.fix(subject.zone(), &rules, &self.venue));
        let located =
            fix.map_or(Located { zone: None, spot: None }, |fix| Located { zone: fix.zone, spot: fix.spot });
        self.observed(ix, seen, located, Presence::Seen)
    }

    /// The role of whoever is seen; nobody sees a party, a zone or the venue walk.
    fn walking(&self, name: &SubjectName, role: Option<&str>) -> Result<Option<usize>, Reason> {
        if name.kind().is_some() {
            return Err(Reason::Unknown);
        }
        role.map(|role| self.venue.find_role(role).ok_or(Reason::Unknown)).transpose()
    }

    /// Whoever is seen, known from now on.
    fn meet(&mut self, name: &SubjectName, role: Option<usize>) -> Option<SubjectIx> {
        let ix = self.enroll(name, role)?;
        let ix = self.recast(ix, role);
        self.keep_company(ix);
        self.counters.sightings += 1;
        Some(ix)
    }

    /// A known subject was seen somewhere, or lost from sight there. Late, or older than what is known of the subject, it
    /// only corrects the record.
    fn observed(&mut self, ix: SubjectIx, seen: Observed, located: Located, presence: Presence) -> Admission {
        let (now, rules) = (self.now, self.venue.presence);
        let Some(subject) = self.subject_mut(ix) else { return Admission::Dead(Reason::Full) };
        // An observer whose clock is ahead must not make a past of what others see now.
        let at = seen.at.min(now);
        // What was observed later than now was observed before the clock was set back.
        subject.observed_sure &= subject.observed_at <= seen.now;
        if seen.late || subject.is_past(at, seen.sure) {
            self.counters.late += 1;
            return self.correct(ix, Observed { at, ..seen }, presence, located.zone);
        }
        let change = match presence {
            Presence::Left => match located.zone {
                Some(zone) => {
                    // Who was never known to be here has not gone anywhere: it may have been seen elsewhere before.
                    if subject.stay.is_about(zone) {
                        subject.observe(at, seen.sure);
                    }
                    subject.stay.left(zone, now, &rules)
                }
                None => Change::default(),
            },
            Presence::Seen => {
                subject.observe(at, seen.sure);
                subject.seen_at = now;
                subject.spot = located.spot;
                subject.stay.seen(located.zone, now, &rules)
            }
        };
        self.moved(ix, change);
        let seen = presence == Presence::Seen;
        if seen || change.happened() {
            self.event_of(ix, triggers(change, seen), change);
        }
        Admission::Admitted
    }

    /// A sighting from too long ago to act on: the record says where the subject was last, if this is the last that is
    /// known; journeys do not hear of it.
    fn correct(
        &mut self,
        ix: SubjectIx,
        Observed { at, sure, .. }: Observed,
        presence: Presence,
        zone: Option<crate::id::ZoneIx>,
    ) -> Admission {
        let rules = self.venue.presence;
        let Some(subject) = self.subject_mut(ix) else { return Admission::Admitted };
        let mut change = Change::default();
        if at > subject.observed_at && presence == Presence::Seen {
            subject.observe(at, sure);
            subject.seen_at = at;
            subject.spot = None;
            let settled = crate::venue::Presence { settle_ms: 0, ..rules };
            change = subject.stay.seen(zone, at, &settled);
        }
        self.moved(ix, change);
        Admission::Admitted
    }

    /// Time has come to a subject's wake: a change of zone has lasted, it is gone, offers ran out, or it is forgotten.
    pub(super) fn wake(&mut self, at: Timestamp, name: &SubjectName) {
        let rules = self.venue.presence;
        let Some(ix) = self.find(name) else { return };
        let forget = self.forget_at(ix);
        let Some(subject) = self.subject_mut(ix) else { return };
        subject.wake = None;
        let due = subject.walks() && subject.stay.due(subject.seen_at, &rules).is_some_and(|due| due <= at);
        let change = if due { subject.stay.pass(at, subject.seen_at, &rules) } else { Change::default() };
        self.expire_offers(ix, at);
        if change.happened() {
            self.moved(ix, change);
            self.event_of(ix, triggers(change, false), change);
        } else if forget.is_some_and(|forget| forget <= at) {
            self.forget(ix, name);
        } else {
            self.schedule(ix);
        }
    }

    /// Keeps the books after a subject's stay may have changed.
    fn moved(&mut self, ix: SubjectIx, change: Change) {
        let Some(subject) = self.subject(ix) else { return };
        let (name, person) = (&subject.name.clone(), subject.is_person());
        if let Some(left) = change.exited {
            self.company.leave(left, name, person);
        }
        if let Some(entered) = change.entered {
            self.company.enter(entered, name, person);
            self.counters.entries += 1;
        }
        self.learn(ix, change);
        self.touch_stay(ix);
        self.schedule(ix);
    }

    /// Teaches where people go next, if a journey asks and the subject has not said no.
    fn learn(&mut self, ix: SubjectIx, change: Change) {
        let at = ahead::at(self.now, self.engine.offsets().local(self.now));
        let of_kind = self.subjects.get_mut(ix.kind() as usize);
        let subject = of_kind.and_then(|of_kind| of_kind.get_mut(ix.place())?.as_mut());
        let (Some(ahead), Some(subject)) = (&mut self.ahead, subject) else { return };
        let zone = subject.zone();
        if change.happened() && subject.kind == SubjectKind::Visitor && subject.consent != Some(false) {
            let trail = subject.about_mut().trail.get_or_insert_default();
            ahead.seen(&self.venue, trail, zone, at);
            subject.whole = true;
        }
    }

    /// Takes back what a subject taught.
    pub(super) fn unlearn(&mut self, ix: SubjectIx) {
        let of_kind = self.subjects.get_mut(ix.kind() as usize);
        let subject = of_kind.and_then(|of_kind| of_kind.get_mut(ix.place())?.as_mut());
        let (Some(ahead), Some(subject)) = (&mut self.ahead, subject) else { return };
        if let Some(mut trail) = subject.about.as_mut().and_then(|about| about.trail.take()) {
            ahead.forget(&mut trail);
        }
    }

    /// The party knows what its member is.
    pub(super) fn keep_company(&mut self, ix: SubjectIx) {
        let Some(subject) = self.subject(ix) else { return };
        if let Some(party) = subject.party().cloned() {
            let (name, role) = (subject.name.clone(), subject.role);
            self.company.join(&party, &name, role);
        }
    }

    /// Makes sure that a subject wakes when something of it is due.
    pub(super) fn schedule(&mut self, ix: SubjectIx) {
        let Some(due) = self.due_at(ix) else { return };
        let Some(subject) = self.subject_mut(ix) else { return };
        // An earlier wake than needed is put off when it comes up, before anybody notices; a later one is too late.
        if subject.wake.is_none_or(|wake| due < wake) {
            subject.wake = Some(due);
            let name = subject.name.clone();
            self.wakes.push(Reverse((due, name)));
        }
    }

    /// When something of a subject is due without an event.
    pub(super) fn due_at(&self, ix: SubjectIx) -> Option<Timestamp> {
        let subject = self.subject(ix)?;
        let presence = subject.stay.due(subject.seen_at, &self.venue.presence).filter(|_| subject.walks());
        let offers = subject.pending().map(|offer| offer.valid_until).min();
        [presence, offers, self.forget_at(ix)].into_iter().flatten().min()
    }

    /// When a subject is forgotten: a party with its members, a zone and the venue never. A withdrawal is remembered:
    /// forgetting it would assume consent again.
    fn forget_at(&self, ix: SubjectIx) -> Option<Timestamp> {
        let subject = self.subject(ix).filter(|subject| subject.walks() && subject.consent != Some(false))?;
        Some(Timestamp(subject.seen_at.0.saturating_add(self.options.forget_ms)))
    }

    pub(super) fn forget(&mut self, ix: SubjectIx, name: &SubjectName) {
        self.withdraw_all(ix);
        self.hide(name);
        self.unlearn(ix);
        let gone = self.take_out(ix);
        self.engine.remove(ix);
        if let Some(subject) = gone {
            if let Some(zone) = subject.zone() {
                self.company.leave(zone, name, subject.is_person());
            }
            if let Some(party) = subject.party() {
                self.part(party, name);
            }
        }
        self.dirty.retain(|dirty| *dirty != ix);
        self.forgotten.insert(name.clone());
    }

    /// The subject of a name, new if it is a stranger and there is room.
    pub(super) fn enroll(&mut self, name: &SubjectName, role: Option<usize>) -> Option<SubjectIx> {
        if let Some(known) = self.find(name) {
            return Some(known);
        }
        if self.engine.subjects() >= self.options.subjects_max {
            return None;
        }
        let role = role.unwrap_or(0);
        let kind = name.kind().unwrap_or_else(|| self.venue.kind_of_role(role));
        let ix = self.engine.subject(kind, name.as_str()).ok()?;
        self.settle_in(Subject { role, kind, ..Subject::new(name.clone(), ix, self.now) });
        self.forgotten.remove(name);
        self.schedule(ix);
        Some(ix)
    }

    /// Gives a subject a role, and makes it the kind that its role is. Journeys of the kind it was are over, and it
    /// begins those of the kind it is with its next event.
    pub(super) fn recast(&mut self, ix: SubjectIx, role: Option<usize>) -> SubjectIx {
        let Some(role) = role else { return ix };
        let kind = self.venue.kind_of_role(role);
        let Some(subject) = self.subject_mut(ix) else { return ix };
        subject.whole |= subject.role != role;
        subject.role = role;
        if kind == subject.kind || !subject.walks() {
            return ix;
        }
        let mut step = Step::default();
        self.engine.stop(ix, self.now, &mut step);
        self.plan(ix, &step);
        self.withdraw_all(ix);
        self.engine.remove(ix);
        self.dirty.retain(|dirty| *dirty != ix);
        let Some(mut subject) = self.take_out(ix) else { return ix };
        // Somebody has just been removed, so there is room.
        let Ok(new) = self.engine.subject(kind, subject.name.as_str()) else { return ix };
        if let Some(zone) = subject.zone() {
            self.company.leave(zone, &subject.name, subject.is_person());
        }
        (subject.ix, subject.kind, subject.dirty) = (new, kind, false);
        if let Some(zone) = subject.zone() {
            self.company.enter(zone, &subject.name, subject.is_person());
        }
        self.settle_in(subject);
        self.touch(new);
        new
    }

    /// Gives a subject its place.
    pub(super) fn settle_in(&mut self, subject: Subject) {
        let at = subject.ix.place();
        let Some(of_kind) = self.subjects.get_mut(subject.ix.kind() as usize) else { return };
        if of_kind.len() <= at {
            of_kind.resize(at + 1, None);
        }
        if let Some(slot) = of_kind.get_mut(at) {
            *slot = Some(subject);
        }
    }

    /// Takes a subject out of its place.
    fn take_out(&mut self, ix: SubjectIx) -> Option<Subject> {
        self.subjects.get_mut(ix.kind() as usize)?.get_mut(ix.place())?.take()
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
