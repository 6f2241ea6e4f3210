//! Effects in the author's words, those of the journey played and of the journeys it calls.
//!
//! Also takes in what other journeys of the same subject do to its facts. Before: `rehearsal`. Next: `transcript`.

use turnpage_journeys_engine::{Effect, JourneyIx, OfferIx, PageIx, Step};
use turnpage_journeys_expr::{Env, Slot, Timestamp, Value};

use super::transcript::within;
use super::{Did, Happening, Rehearsal, value};

impl Rehearsal<'_> {
    pub(super) fn happenings(&mut self, step: &Step) -> Vec<Happening> {
        let mut happenings = Vec::new();
        for effect in &step.effects {
            if let Some(inside) = self.inside(effect.journey()) {
                let did = self.did(effect, &inside, step.at);
                happenings.extend(did.map(|did| Happening { within: inside, did }));
            }
        }
        for effect in &step.effects {
            if let Effect::Remember { fact, value, .. } = *effect
                && let Some(known) = self.facts.get_mut(fact.index())
            {
                *known = value;
            }
        }
        happenings
    }

    /// Which of the journeys called it is, by its name under the one played: empty for that itself.
    fn inside(&self, journey: JourneyIx) -> Option<String> {
        let library = self.engine.library();
        let (played, other) = (&library.journey(self.journey)?.name, &library.journey(journey)?.name);
        let rest = other.strip_prefix(played.as_str())?;
        if rest.is_empty() { Some(String::new()) } else { rest.strip_prefix('>').map(str::to_owned) }
    }

    fn did(&mut self, effect: &Effect, inside: &str, at: Timestamp) -> Option<Did> {
        let journey = effect.journey();
        Some(match *effect {
            Effect::Began { page, .. } => Did::Began(self.page_of(journey, page)?),
            Effect::Offer { id, offer, .. } => {
                let name = self.offer_of(journey, offer)?;
                self.offers.insert(within(inside, &name), id);
                Did::Offer { text: self.copy(journey, offer, at)?, name }
            }
            Effect::Limit { offer, .. } => Did::Limited(self.offer_of(journey, offer)?),
            Effect::Held { offer, .. } => Did::Held(self.offer_of(journey, offer)?),
            Effect::Outcome { offer, outcome, .. } => Did::Outcome(self.offer_of(journey, offer)?, outcome),
            Effect::Turned { to, .. } => Did::Turned(self.page_of(journey, to)?),
            Effect::Withdrawn { offer, .. } => Did::Withdrawn(self.offer_of(journey, offer)?),
            Effect::Ended { .. } => Did::Ended,
            Effect::Dispatch { .. } | Effect::Ticket { .. } | Effect::Chose { .. } => return None,
            Effect::Remember { fact, value, .. } => self.remembered(fact, value)?,
            Effect::Passed { page, .. } => Did::Passed(self.page_of(journey, page)?),
            Effect::Breach { page, .. } => Did::Breach(self.page_of(journey, page)?),
            Effect::Strayed { page, .. } => Did::Strayed(self.page_of(journey, page)?),
            Effect::Called { callee, .. } => Did::Called(self.called(callee)?),
            Effect::Returned { callee, result, .. } => {
                Did::Returned { from: self.called(callee)?, result: format!("{result:?}") }
            }
            Effect::Foretold { reached, .. } => Did::Foretold { reached },
        })
    }

    fn page_of(&self, journey: JourneyIx, page: PageIx) -> Option<String> {
        Some(self.engine.library().journey(journey)?.page(page)?.name.clone())
    }

    fn offer_of(&self, journey: JourneyIx, offer: OfferIx) -> Option<String> {
        Some(self.engine.library().journey(journey)?.offer(offer)?.name.clone())
    }

    /// A journey called, by its own name.
    fn called(&self, journey: JourneyIx) -> Option<String> {
        let name = &self.engine.library().journey(journey)?.name;
        name.rsplit('>').next().map(str::to_owned)
    }

    fn remembered(&self, fact: Slot, value: Value) -> Option<Did> {
        let schema = &self.stage.schema;
        let fact = schema.at(fact)?;
        Some(Did::Remembered { path: fact.path.clone(), value: value::words(schema, fact.ty, value) })
    }

    /// What the subject reads, in the author's first language.
    fn copy(&self, journey: JourneyIx, offer: OfferIx, at: Timestamp) -> Option<String> {
        let offer = self.engine.library().journey(journey)?.offer(offer)?;
        let template = offer.copy(None, None)?;
        let local = self.stage.offsets.local(at);
        let locals = self.engine.variables(self.subject, journey);
        Some(template.render(&Env { facts: &self.facts, locals, local, now: at }, &self.stage.schema))
    }
}
