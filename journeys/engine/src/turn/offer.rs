//! Offers in one instance: whether a choice may make its offer, making it, recording what became of it, taking it back.
//!
//! What limits count is `limits.rs`; which choice is taken, and when, is `turn.rs`.

use super::Turn;
use crate::effect::{Effect, OfferId};
use crate::id::{ChoiceIx, OfferIx, PageIx};
use crate::library::OutcomeKey;
use crate::limits::{self, Standing};
use turnpage_journeys_expr::Timestamp;

impl Turn<'_> {
    /// Whether an offer may be made: its limit allows it, and no mandated journey is to be left alone. If not, that is
    /// told. [3.3, 11.5]
    pub(super) fn may_offer(&mut self, offer: OfferIx, page: PageIx, choice: ChoiceIx) -> bool {
        let Some(entry) = self.journey.offer(offer) else { return false };
        let journey = self.ix;
        if !limits::allows(entry, self.words, self.moment.at, self.moment.local) {
            self.step.effects.push(Effect::Limit { journey, page, choice, offer });
            return false;
        }
        if self.held {
            self.step.effects.push(Effect::Held { journey, page, choice, offer });
        }
        !self.held
    }

    /// Makes an offer: it stands, its limit counts it, and it will expire. [6.2, 6.3, 6.6]
    pub(super) fn make(&mut self, offer: OfferIx, page: PageIx, choice: ChoiceIx, step: u32) {
        let Some(entry) = self.journey.offer(offer) else { return };
        let at = self.moment.at;
        limits::make(entry, self.words, step, at, self.moment.local);
        let valid_until = entry.valid_ms.map(|valid| Timestamp(at.0.saturating_add(valid)));
        if let (Some(until), Some(expiry)) = (valid_until, entry.expiry) {
            self.start(expiry, until.0);
        }
        self.keep_offer(offer, None);
        let (id, journey) = (self.offer_id(Standing { made_at: at.0, step }), self.ix);
        self.step.effects.push(Effect::Offer { id, journey, page, choice, offer, valid_until });
    }

    /// Takes an offer back if it stands. [4.6, 7.1]
    pub(super) fn withdraw(&mut self, offer: OfferIx) {
        let Some(entry) = self.journey.offer(offer) else { return };
        let Some(standing) = Standing::of(entry, self.words) else { return };
        limits::settle(entry, self.words);
        let (id, journey) = (self.offer_id(standing), self.ix);
        self.step.effects.push(Effect::Withdrawn { id, journey, offer });
        self.step.changed = true;
    }

    /// Records an outcome of the offer that stands; of an offer that does not, there is nothing to record.
    /// [6.4, 6.5]
    pub(super) fn record(&mut self, key: OutcomeKey) -> bool {
        let Some(offer) = self.journey.offer(key.offer) else { return false };
        let Some(standing) = Standing::of(offer, self.words) else { return false };
        if key.outcome.settles() {
            limits::settle(offer, self.words);
            self.count_outcome(key.offer, key.outcome);
            self.step.changed = true;
        }
        let id = self.offer_id(standing);
        let OutcomeKey { offer, outcome } = key;
        if !self.journey.kept.is_empty() {
            self.keep_offer(offer, Some(outcome));
            self.step.changed = true;
        }
        self.step.effects.push(Effect::Outcome { id, journey: self.ix, offer, outcome });
        true
    }

    fn offer_id(&self, standing: Standing) -> OfferId {
        self.namer.offer(self.subjects.bytes(self.moment.subject), &self.journey.name, standing)
    }
}
