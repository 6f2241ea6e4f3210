//! A crowd's offers before they are written: the same arbitration as in the corridor, over what the lines say.
//!
//! Nobody says no in a crowd's file, and every channel takes what it is given. Before: replay.rs. Next: plan.rs.

use rustc_hash::{FxHashMap, FxHashSet};
use turnpage_journeys_engine::{Effect, Kind, OfferId, Outcome, SubjectIx};
use turnpage_journeys_expr::{Env, Value};

use super::Replay;
use crate::Timestamp;
use crate::batch::{Verdict, Withheld};
use crate::plan::{Asking, Books, Caps, Decision, Plan, Wish};
use crate::venue::schema::FactKind;
use crate::venue::{POOL_SIZE_MAX, Price, Venue};

/// How long an offer without `valid` stands, as in the corridor.
const STANDS_MS: i64 = 24 * 3_600_000;
/// A day, for the end of one: a crowd's file is seldom longer.
const DAY_MS: i64 = 24 * 3_600_000;

/// What arbitration remembers while a crowd goes by.
pub(super) struct Policies {
    plan: Plan,
    /// Who had an offer.
    accounts: FxHashMap<SubjectIx, (Caps, Books)>,
    /// Offers that were not made, for comparison: what becomes of them is nobody's answer.
    shadows: FxHashSet<OfferId>,
}

impl Policies {
    pub(super) fn new(venue: &Venue, seed: u64) -> Self {
        Self { plan: Plan::new(venue, seed), accounts: FxHashMap::default(), shadows: FxHashSet::default() }
    }

    /// A signal was measured.
    pub(super) fn told(&mut self, venue: &Venue, signal: usize, at: Timestamp) {
        self.plan.told(venue, signal, at);
    }

    /// Whether an offer was never made.
    pub(super) fn is_shadow(&self, id: OfferId) -> bool {
        self.shadows.contains(&id)
    }
}

impl Replay<'_> {
    /// Decides about all offers of the step, in the order of its effects.
    pub(super) fn arbitrate(&mut self, subject: SubjectIx, at: Timestamp) -> Vec<Decision> {
        self.end(subject, at);
        if !self.step.effects.iter().any(|effect| matches!(effect, Effect::Offer { .. })) {
            return Vec::new();
        }
        let (mut caps, books) = self.policies.accounts.remove(&subject).unwrap_or_default();
        let mut plan = std::mem::take(&mut self.policies.plan);
        let wishes: Vec<_> = self.step.effects.iter().filter_map(|effect| self.wish(effect, at)).collect();
        let mut asking = Asking {
            at,
            local: self.engine.offsets().local(at),
            kind: subject.kind(),
            subject: self.engine.name(subject).unwrap_or_default(),
            caps,
            books,
            party_today: 0,
            present: None,
            waiting: 0,
        };
        let fits = |price: &Price| self.fits(subject, at, price);
        let left = |signal| self.left(subject, at, signal);
        let decided = plan.arbitrate(self.venue, &mut asking, &wishes, &fits, &left);
        let held_out = wishes.iter().zip(&decided);
        let held_out = held_out.filter(|(_, (verdict, _))| *verdict == Verdict::Withheld(Withheld::HoldOut));
        let shadows: Vec<_> = held_out.map(|(wish, _)| OfferId::from(wish.id)).collect();
        let books = asking.books;
        caps = asking.caps;
        self.policies.shadows.extend(shadows);
        self.policies.accounts.insert(subject, (caps, books));
        self.policies.plan = plan;
        decided
    }

    /// Frees what the step's ends leave behind.
    pub(super) fn end(&mut self, subject: SubjectIx, at: Timestamp) {
        let midnight = DAY_MS - i64::from(self.engine.offsets().local(at).ms);
        let fatigue = self.venue.policy.fatigue.is_some();
        for effect in &self.step.effects {
            let (id, outcome) = match *effect {
                Effect::Outcome { id, outcome, .. } if outcome.settles() => (id, Some(outcome)),
                Effect::Withdrawn { id, .. } => (id, None),
                _ => continue,
            };
            if outcome == Some(Outcome::Accepted) {
                self.policies.plan.accepted(
                    self.venue,
                    id.into(),
                    at,
                    Timestamp(at.0.saturating_add(midnight)),
                );
            } else {
                self.policies.plan.over(id.into());
            }
            if self.policies.shadows.contains(&id) {
                continue;
            }
            let Some((_, books)) = self.policies.accounts.get_mut(&subject) else { continue };
            books.lives.leave(id.into());
            match outcome {
                Some(Outcome::Accepted) => books.ignored = 0,
                Some(Outcome::Declined | Outcome::Expired) if fatigue => books.ignored += 1,
                _ => {}
            }
        }
    }

    fn wish<'a>(&'a self, effect: &Effect, at: Timestamp) -> Option<Wish<'a>> {
        let Effect::Offer { id, journey: ix, offer: offer_ix, valid_until, .. } = *effect else {
            return None;
        };
        let library = self.engine.library();
        let journey = library.journey(ix)?;
        let offer = journey.offer(offer_ix)?;
        Some(Wish {
            id: id.into(),
            journey: &journey.name,
            offer: &offer.name,
            channels: &offer.channels,
            purpose: library.purpose(ix, offer_ix),
            consent: true,
            mandated: journey.kind == Kind::Mandated,
            priority: offer.asks.priority,
            hold: offer.asks.hold.as_deref(),
            vendor: offer.asks.vendor.as_deref(),
            hold_out_ppm: journey.hold_out_ppm,
            until: valid_until.unwrap_or(Timestamp(at.0.saturating_add(STANDS_MS))),
        })
    }

    /// Whether a price is for the slot where a subject was seen last.
    fn fits(&self, subject: SubjectIx, at: Timestamp, price: &Price) -> bool {
        let Some(when) = &price.when else { return true };
        let mut facts = vec![Value::Unknown; self.asked.schema.len()];
        for slot in when.reads() {
            if let (Some(kind), Some(fact)) = (self.asked.kind(*slot), facts.get_mut(slot.index())) {
                *fact = self.fact(subject, at, kind);
            }
        }
        let env = Env { facts: &facts, locals: &[], local: self.engine.offsets().local(at), now: at };
        when.program().holds(&env) == Some(true)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is cut to what a pool may have"
    )]
    fn left(&self, subject: SubjectIx, at: Timestamp, signal: usize) -> Option<u32> {
        match self.fact(subject, at, FactKind::Signal(signal)) {
            Value::Double(left) if left.is_finite() => Some(left.clamp(0.0, f64::from(POOL_SIZE_MAX)) as u32),
            _ => None,
        }
    }

    /// One fact about a slot, whether or not a guard of some journey reads it.
    fn fact(&self, subject: SubjectIx, at: Timestamp, kind: FactKind) -> Value {
        let seen = self.crowd.seen(subject);
        let (fresh, offsets) = (at.0 - seen.at.0 <= self.venue.weather_fresh_ms, self.engine.offsets());
        if kind.is_in_a_line() {
            return self.crowd.fact(subject, &seen, kind, (at, fresh), self.map, offsets);
        }
        self.crowd.more.fact(subject, &seen, kind, at, offsets.local(at))
    }
}
