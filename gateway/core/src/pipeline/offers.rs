//! Offers from the engine's effect to their end: planned, made or withheld, delivered, answered, over.
//!
//! Every offer that leaves has a decision record, every one that does not has one too. Before: the step in pipeline.rs.
//! Next: batch.rs.

use turnpage_journeys_engine::{
    ChoiceIx, Effect, Event, Input, JourneyIx, OfferIx, Outcome, OutcomeIn, PageIx, Step, SubjectIx,
};
use turnpage_journeys_expr::{Env, Template, Value};

use super::{Admission, Pipeline};
use crate::Timestamp;
use crate::batch::{DecisionRecord, Outgoing, Reason, Settled, Settlement, Verdict, Withheld};
use crate::event::{ContextEvent, TimeQuality, What};
use crate::id::{OfferId, SubjectName};
use crate::ledger::LedgerLine;
use crate::live::{Funnel, OFFERS_RECENT_MAX};
use crate::plan::{Decision, ROUNDS_MAX};
use crate::record;
use crate::subject::{OFFERS_MAX, OfferMade, Subject};

/// How long an offer without `valid` may wait for a channel, in milliseconds: a day, then it is stale news.
pub(super) const WAIT_MS_MAX: i64 = 24 * 3_600_000;

/// An offer that the engine asks for.
#[derive(Clone, Copy)]
struct Wanted {
    id: OfferId,
    journey: JourneyIx,
    page: PageIx,
    choice: ChoiceIx,
    offer: OfferIx,
    valid_until: Option<Timestamp>,
}

/// What became of a wish.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Made,
    /// Its journey answers.
    Withheld,
    /// Its journey is not told: what it notes of it is what comes anyway.
    Shadow,
}

impl Pipeline {
    /// Plans a step's effects. A withheld offer goes back to its journey as an outcome, and what the journey answers is
    /// planned in turn, a bounded number of times.
    pub(super) fn plan(&mut self, ix: SubjectIx, step: &Step) {
        let mut withheld = self.effects(ix, step);
        for _ in 0..ROUNDS_MAX {
            if withheld.is_empty() {
                return;
            }
            let mut answers = Step::default();
            for id in std::mem::take(&mut withheld) {
                let mut answer = Step::default();
                let event = Event::Outcome(OutcomeIn { id: id.into(), outcome: Outcome::Withheld });
                let input = Input { at: self.now, subject: ix, event, facts: &self.facts };
                self.engine.event(&input, &mut answer);
                answers.effects.append(&mut answer.effects);
            }
            withheld = self.effects(ix, &answers);
        }
    }

    /// Carries out what can be carried out; the ids of offers that were withheld.
    fn effects(&mut self, ix: SubjectIx, step: &Step) -> Vec<OfferId> {
        let mut withheld = Vec::new();
        let mut decided = self.arbitrate(ix, step).into_iter();
        for effect in &step.effects {
            match *effect {
                Effect::Offer { id, journey, page, choice, offer, valid_until } => {
                    let wanted = Wanted { id: id.into(), journey, page, choice, offer, valid_until };
                    let Some(decision) = decided.next() else { continue };
                    if self.offer(ix, &wanted, decision) == Some(Fate::Withheld) {
                        withheld.push(wanted.id);
                    }
                }
                Effect::Outcome { id, outcome, .. } => self.note(ix, id.into(), outcome),
                Effect::Withdrawn { id, .. } => self.withdraw(ix, id.into()),
                Effect::Turned { journey, from, choice, to } => {
                    *self.turns.entry((journey, from, choice, to)).or_default() += 1;
                }
                ref other => self.write(ix, other),
            }
            self.witness(ix, effect);
        }
        withheld
    }

    /// Makes an offer, or withholds it; either way it is written down.
    fn offer(&mut self, ix: SubjectIx, wanted: &Wanted, (verdict, ground): Decision) -> Option<Fate> {
        let subject = self.subject(ix)?;
        let journey = self.engine.library().journey(wanted.journey)?;
        let offer = journey.offer(wanted.offer)?;
        let at = self.now;
        let fate = match &verdict {
            Verdict::Made { .. } => Fate::Made,
            Verdict::Withheld(Withheld::HoldOut) => Fate::Shadow,
            Verdict::Withheld(_) => Fate::Withheld,
        };
        let valid_until = wanted.valid_until.unwrap_or(Timestamp(at.0.saturating_add(WAIT_MS_MAX)));
        let line = LedgerLine::Decided { id: wanted.id, valid_until, setting: self.setting(subject) };
        let page = journey.page(wanted.page).map(|page| page.name.clone()).unwrap_or_default();
        let (journey_name, offer_name) = (journey.name.clone(), offer.name.clone());
        let outgoing = match &verdict {
            Verdict::Withheld(_) => None,
            Verdict::Made { channel } => {
                let text = offer
                    .copy(subject.language(), Some(channel))
                    .map(|text| self.render(subject, wanted.journey, text));
                Some(Outgoing {
                    id: wanted.id,
                    subject: subject.name.clone(),
                    channel: channel.clone(),
                    journey: journey_name.clone(),
                    page: page.clone(),
                    offer: offer_name.clone(),
                    text: text.unwrap_or_default(),
                    made_at: at,
                    valid_until,
                })
            }
        };
        let shadow = (fate == Fate::Shadow).then(|| OfferMade::shadow(wanted.id, &journey_name, valid_until));
        let record = self.decision(subject, wanted, (journey_name, page, offer_name), (verdict, ground));
        self.witness_offer(ix, &record, outgoing.as_ref());
        self.write_down(record);
        self.batch.ledger.push(line);
        if let Some(outgoing) = outgoing {
            self.send(ix, outgoing);
        }
        if let Some(shadow) = shadow {
            self.keep_offer(ix, shadow);
            self.touch(ix);
        }
        Some(fate)
    }

    /// The text of an offer, with the facts that it speaks of as they are now.
    pub(super) fn render(&self, subject: &Subject, journey: JourneyIx, text: &Template) -> String {
        let context = self.context(subject);
        let mut facts = vec![Value::Unknown; self.asked.schema.len()];
        for slot in text.reads() {
            if let (Some(kind), Some(fact)) = (self.asked.kind(*slot), facts.get_mut(slot.index())) {
                *fact = context.fact(kind).value;
            }
        }
        let locals = self.engine.variables(subject.ix, journey);
        let env = Env { facts: &facts, locals, local: self.engine.offsets().local(self.now), now: self.now };
        text.render(&env, &self.asked.schema)
    }

    fn decision(
        &self,
        subject: &Subject,
        wanted: &Wanted,
        (journey, page, offer): (String, String, String),
        (verdict, ground): Decision,
    ) -> DecisionRecord {
        let choice = self.engine.library().journey(wanted.journey);
        let choice = choice.and_then(|journey| journey.choice(wanted.page, wanted.choice));
        let context = self.context(subject);
        let facts = record::facts(&self.asked, choice, |slot| Some(context.fact(self.asked.kind(slot)?)));
        let guard = record::guard(choice);
        let (id, at, subject) = (wanted.id, self.now, subject.name.clone());
        DecisionRecord { id, at, subject, journey, page, offer, guard, facts, verdict, ground }
    }

    fn write_down(&mut self, record: DecisionRecord) {
        match &record.verdict {
            Verdict::Made { .. } => {
                self.counters.offers += 1;
                self.funnel(&record.journey).offers += 1;
            }
            Verdict::Withheld(why) => {
                *self.counters.withheld.entry(*why).or_default() += 1;
                self.funnel(&record.journey).withheld += 1;
            }
        }
        self.batch.decisions.push(record);
    }

    fn send(&mut self, ix: SubjectIx, outgoing: Outgoing) {
        if self.recent.len() == OFFERS_RECENT_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back(outgoing.clone());
        self.post(ix, OfferMade::new(outgoing.id, &outgoing.journey, outgoing.valid_until), outgoing);
    }

    /// Puts something into the outbox that its subject remembers until it is over.
    pub(super) fn post(&mut self, ix: SubjectIx, made: OfferMade, outgoing: Outgoing) {
        self.keep_offer(ix, made);
        self.touch(ix);
        self.outbox.insert(outgoing.id, outgoing.clone());
        self.batch.outbox.push(outgoing);
        self.schedule(ix);
    }

    /// Remembers an offer, and forgets the oldest where there are too many.
    fn keep_offer(&mut self, ix: SubjectIx, made: OfferMade) {
        let Some(subject) = self.subject_mut(ix) else { return };
        subject.offers.push_back(made);
        let crowded_out = if subject.offers.len() > OFFERS_MAX { subject.offers.pop_front() } else { None };
        let Some(oldest) = crowded_out else { return };
        if oldest.pending {
            self.settled(ix, oldest.id, Settlement::Expired);
        }
        self.ended(ix, oldest.id, None);
    }

    /// What became of an offer, told from outside. Of one that was never made nobody outside knows.
    pub(super) fn outcome(&mut self, name: &SubjectName, id: OfferId, outcome: Outcome) -> Admission {
        let Some(ix) = self.find(name) else { return Admission::Dead(Reason::Unknown) };
        let made = self.subject_mut(ix).and_then(|subject| subject.offer(id));
        let known = made.filter(|made| !made.is_shadow()).map(|made| (made.has(outcome), made.over()));
        match known {
            None => return Admission::Dead(Reason::Unknown),
            Some((true, _)) => return Admission::Duplicate,
            Some((false, true)) => self.counters.late += 1,
            Some((false, false)) => {
                self.note(ix, id, outcome);
                let at = self.now;
                self.step(ix, |engine, facts, step| {
                    let event = Event::Outcome(OutcomeIn { id: id.into(), outcome });
                    engine.event(&Input { at, subject: ix, event, facts }, step);
                });
            }
        }
        self.counters.outcomes += 1;
        Admission::Admitted
    }

    /// Dispatch is done with an offer: a channel took it, or its time ran out on the way.
    pub fn settle(&mut self, now: Timestamp, id: OfferId, how: Settlement) {
        let Some(subject) = self.outbox.get(&id).map(|offer| offer.subject.clone()) else { return };
        match how {
            Settlement::Delivered => {
                let what = What::Outcome { subject, offer: id, outcome: Outcome::Delivered };
                self.take(now, ContextEvent { at: now, quality: TimeQuality::Synced, what });
            }
            Settlement::Expired | Settlement::Withdrawn => {
                if let Some(ix) = self.find(&subject) {
                    self.settled(ix, id, how);
                }
            }
        }
    }

    /// Notes what became of an offer, once.
    fn note(&mut self, ix: SubjectIx, id: OfferId, outcome: Outcome) {
        let Some(made) = self.subject_mut(ix).and_then(|subject| subject.offer(id)) else { return };
        if made.has(outcome) || made.over() {
            return;
        }
        made.note(outcome);
        let how = if outcome == Outcome::Expired { Settlement::Expired } else { Settlement::Delivered };
        if made.is_task() {
            return self.settled(ix, id, how);
        }
        let (journey, shadow) = (made.journey.clone(), made.is_shadow());
        self.batch.ledger.push(LedgerLine::Became { id, at: self.now, outcome });
        if shadow {
            // What comes without an offer is counted by the ledger alone.
            return self.touch(ix);
        }
        if outcome.settles() {
            self.ended(ix, id, Some(outcome));
            self.tire(ix, outcome);
        }
        let funnel = self.funnel(&journey);
        match outcome {
            Outcome::Delivered => funnel.delivered += 1,
            Outcome::Seen => funnel.seen += 1,
            Outcome::Clicked => funnel.clicked += 1,
            Outcome::Accepted => funnel.accepted += 1,
            Outcome::Declined => funnel.declined += 1,
            Outcome::Expired => funnel.expired += 1,
            // Counted when it was withheld; such an offer was never made.
            Outcome::Withheld => {}
        }
        self.settled(ix, id, how);
    }

    /// Takes an offer out of the outbox, if it is still there.
    pub(super) fn settled(&mut self, ix: SubjectIx, id: OfferId, how: Settlement) {
        let waiting = self.outbox.remove(&id);
        let Some(subject) = self.subject_mut(ix) else { return };
        let name = subject.name.clone();
        if let Some(made) = subject.offer(id) {
            made.pending = false;
        }
        // A withdrawal is news even to a channel that has shown the offer already.
        if waiting.is_some() || how == Settlement::Withdrawn {
            self.batch.settled.push(Settled { id, subject: name, how });
        }
        self.touch(ix);
    }

    pub(super) fn withdraw(&mut self, ix: SubjectIx, id: OfferId) {
        let Some(made) = self.subject_mut(ix).and_then(|subject| subject.offer(id)) else { return };
        if !made.over() {
            made.withdrawn = true;
            let shadow = made.is_shadow();
            self.batch.ledger.push(LedgerLine::Withdrawn { id, at: self.now });
            self.ended(ix, id, None);
            if shadow {
                return self.touch(ix);
            }
            self.settled(ix, id, Settlement::Withdrawn);
        }
    }

    /// Takes back whatever of a subject's offers is not over: also those that their journey no longer follows. What
    /// staff were called for is still to be done.
    pub(super) fn withdraw_all(&mut self, ix: SubjectIx) {
        let offers = self.subject(ix).map(|subject| {
            let offers = subject.offers.iter().filter(|offer| !offer.is_task());
            offers.map(|offer| offer.id).collect()
        });
        let offers: Vec<_> = offers.unwrap_or_default();
        for id in offers {
            self.withdraw(ix, id);
        }
    }

    /// Ends the wait of offers whose time has run out.
    pub(super) fn expire_offers(&mut self, ix: SubjectIx, at: Timestamp) {
        let Some(subject) = self.subject(ix) else { return };
        let overdue: Vec<_> =
            subject.pending().filter(|offer| offer.valid_until <= at).map(|offer| offer.id).collect();
        for id in overdue {
            self.note(ix, id, Outcome::Expired);
        }
    }

    fn funnel(&mut self, journey: &str) -> &mut Funnel {
        self.counters.funnel.entry(journey.to_owned()).or_default()
    }
}
