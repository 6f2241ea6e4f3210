//! A step's offers before they are carried out: what each journey asks for, put together for `plan`, and what ends an offer.
//!
//! Here the corridor's state becomes what plan.rs decides from, and what it decided goes back into it. Before: offers.rs.
//! Next: plan.rs.

use turnpage_journeys_engine::{Effect, Kind, Outcome, Step, SubjectIx, SubjectKind};
use turnpage_journeys_expr::{Env, Value};

use super::Pipeline;
use super::offers::WAIT_MS_MAX;
use crate::Timestamp;
use crate::enrich::facts::Context;
use crate::id::OfferId;
use crate::plan::{Asking, Decision, Wish, presence, purpose};
use crate::subject::Subject;
use crate::venue::{POOL_SIZE_MAX, Price};

const DAY_MS: i64 = 24 * 3_600_000;

impl Pipeline {
    /// Decides about all offers of a step, in the order of its effects.
    pub(super) fn arbitrate(&mut self, ix: SubjectIx, step: &Step) -> Vec<Decision> {
        if !step.effects.iter().any(|effect| matches!(effect, Effect::Offer { .. })) {
            return Vec::new();
        }
        // What this step ends is free for what it makes.
        for effect in &step.effects {
            match *effect {
                Effect::Outcome { id, outcome, .. } if outcome.settles() => {
                    self.ended(ix, id.into(), Some(outcome));
                }
                Effect::Withdrawn { id, .. } => self.ended(ix, id.into(), None),
                _ => {}
            }
        }
        let mut plan = std::mem::take(&mut self.plan);
        let decided = self.subject(ix).map(|subject| {
            let wishes: Vec<_> =
                step.effects.iter().filter_map(|effect| self.wish(subject, effect)).collect();
            let mut asking = self.asking(subject);
            let context = self.context(subject);
            let fits = |price: &Price| self.fits(&context, price);
            let left = |signal| self.left(signal);
            let decided = plan.arbitrate(&self.venue, &mut asking, &wishes, &fits, &left);
            (decided, asking.caps, asking.books)
        });
        self.plan = plan;
        let Some((decided, caps, books)) = decided else { return Vec::new() };
        if let Some(subject) = self.subject_mut(ix) {
            subject.caps = caps;
            subject.books = Some(books).filter(|books| !books.is_empty()).map(Box::new);
        }
        decided
    }

    /// What an effect asks for.
    fn wish<'a>(&'a self, subject: &Subject, effect: &Effect) -> Option<Wish<'a>> {
        let Effect::Offer { id, journey: ix, offer: offer_ix, valid_until, .. } = *effect else {
            return None;
        };
        let library = self.engine.library();
        let journey = library.journey(ix)?;
        let offer = journey.offer(offer_ix)?;
        let purpose = library.purpose(ix, offer_ix);
        Some(Wish {
            id: id.into(),
            journey: &journey.name,
            offer: &offer.name,
            channels: &offer.channels,
            purpose,
            consent: self.covers(subject, purpose),
            mandated: journey.kind == Kind::Mandated,
            priority: offer.asks.priority,
            hold: offer.asks.hold.as_deref(),
            vendor: offer.asks.vendor.as_deref(),
            hold_out_ppm: journey.hold_out_ppm,
            until: valid_until.unwrap_or(Timestamp(self.now.0.saturating_add(WAIT_MS_MAX))),
        })
    }

    fn asking<'a>(&'a self, subject: &'a Subject) -> Asking<'a> {
        let (at, local) = (self.now, self.engine.offsets().local(self.now));
        // A party is where the member is whose event came last.
        let present = presence::channel(&self.venue, self.context(subject).subject, at);
        Asking {
            at,
            local,
            kind: subject.kind,
            subject: subject.name.as_str(),
            caps: subject.caps,
            books: subject.books.as_deref().cloned().unwrap_or_default(),
            party_today: self.party_today(subject),
            present: present.map(|(channel, _)| channel),
            waiting: subject.pending().filter(|offer| !offer.is_task()).count(),
        }
    }

    /// Offers made today to a subject's party and its members, where the venue bounds them.
    fn party_today(&self, subject: &Subject) -> u32 {
        let party = if subject.kind == SubjectKind::Party { Some(&subject.name) } else { subject.party() };
        let Some((party, most)) = party.zip(self.venue.policy.offers_per_party) else { return 0 };
        let local = self.engine.offsets().local(self.now);
        let all = std::iter::once(party).chain(self.company.members(party));
        let mut sum: u32 = 0;
        for name in all {
            let made = self.find(name).and_then(|ix| self.subject(ix)).map_or(0, |one| one.caps.today(local));
            sum = sum.saturating_add(made);
            // More members than offers need no looking at.
            if sum >= most {
                break;
            }
        }
        sum
    }

    /// Whether a subject's consent covers an offer for a purpose.
    fn covers(&self, subject: &Subject, purpose: Option<&str>) -> bool {
        let own = purpose.and_then(|purpose| self.word_of(subject, purpose));
        purpose::covers(&self.venue.policy, purpose, self.consent_of(subject), own)
    }

    /// Whether a price is for the slot that a subject's offer would be shown in now.
    fn fits(&self, context: &Context<'_>, price: &Price) -> bool {
        let Some(when) = &price.when else { return true };
        let mut facts = vec![Value::Unknown; self.asked.schema.len()];
        for slot in when.reads() {
            if let (Some(kind), Some(fact)) = (self.asked.kind(*slot), facts.get_mut(slot.index())) {
                *fact = context.fact(kind).value;
            }
        }
        let env = Env { facts: &facts, locals: &[], local: context.local, now: context.at };
        when.program().holds(&env) == Some(true)
    }

    /// How many units a signal says are left; what is stale is unknown.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is cut to what a pool may have"
    )]
    pub(super) fn left(&self, signal: usize) -> Option<u32> {
        let fresh_ms = self.venue.signals.get(signal)?.fresh_ms;
        let measured = self.house.signal_value(signal)?;
        let fresh = self.now.0.saturating_sub(measured.at.0) <= fresh_ms && measured.value.is_finite();
        fresh.then(|| measured.value.clamp(0.0, f64::from(POOL_SIZE_MAX)) as u32)
    }

    /// An offer is over, with what became of it, or withdrawn: its slot is free, and so is the unit that it held unless it was
    /// accepted. Told twice, it changes nothing.
    pub(super) fn ended(&mut self, ix: SubjectIx, id: OfferId, outcome: Option<Outcome>) {
        if !self.venue.pools.is_empty() {
            if outcome == Some(Outcome::Accepted) {
                self.plan.accepted(&self.venue, id, self.now, self.midnight());
            } else {
                self.plan.over(id);
            }
        }
        let books = self.subject_mut(ix).and_then(|subject| subject.books.as_mut());
        if books.is_some_and(|books| books.lives.leave(id)) {
            self.touch(ix);
        }
    }

    /// Counts whether a subject takes what it is offered, where the venue goes by it.
    pub(super) fn tire(&mut self, ix: SubjectIx, outcome: Outcome) {
        let taken = outcome == Outcome::Accepted;
        let ignored = matches!(outcome, Outcome::Declined | Outcome::Expired);
        if self.venue.policy.fatigue.is_none() || !(taken || ignored) {
            return;
        }
        let Some(subject) = self.subject_mut(ix) else { return };
        let books = subject.books.get_or_insert_default();
        books.ignored = if taken { 0 } else { books.ignored.saturating_add(1) };
        if books.is_empty() {
            subject.books = None;
        }
        self.touch(ix);
    }

    /// When the venue's next date begins.
    fn midnight(&self) -> Timestamp {
        let (now, offsets) = (self.now, self.engine.offsets());
        let local = |at| offsets.local(Timestamp(at));
        let today = local(now.0).day;
        let next = now.0.saturating_add(DAY_MS - i64::from(local(now.0).ms));
        // A day on which the clock is set is longer or shorter.
        let there = local(next);
        let rest = i64::from(there.ms);
        Timestamp(if there.day == today {
            next.saturating_add(DAY_MS - rest)
        } else {
            next.saturating_sub(rest)
        })
    }
}
