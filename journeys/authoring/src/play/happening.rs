//! Effects in the author's words, those of the journey played and of the journeys it calls.
//!
//! Also takes in what other journeys of the same subject do to its facts. Before: `rehearsal`. Next: `transcript`.

use turnpage_journeys_engine::{ChoiceInfo, ChoiceIx, Effect, JourneyIx, OfferIx, PageIx, Step, Wording};
use turnpage_journeys_expr::{Env, Slot, Timestamp, Value};

use super::rehearsal::Made;
use super::transcript::within;
use super::{Did, Happening, Rehearsal, value};

impl Rehearsal<'_> {
    pub(super) fn happenings(&mut self, step: &Step) -> Vec<Happening> {
        let mut happenings = Vec::new();
        for effect in &step.effects {
            if let Some(inside) = self.inside(effect.journey()) {
                let did = self.did(effect, &inside, step);
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
    pub(crate) fn inside(&self, journey: JourneyIx) -> Option<String> {
        let library = self.engine.library();
        let (played, other) = (&library.journey(self.journey)?.name, &library.journey(journey)?.name);
        let rest = other.strip_prefix(played.as_str())?;
        if rest.is_empty() { Some(String::new()) } else { rest.strip_prefix('>').map(str::to_owned) }
    }

    fn did(&mut self, effect: &Effect, inside: &str, step: &Step) -> Option<Did> {
        let (journey, at) = (effect.journey(), step.at);
        Some(match *effect {
            Effect::Began { page, .. } => Did::Began(self.page_of(journey, page)?),
            Effect::Offer { id, offer, valid_until: until, .. } => {
                let name = self.offer_of(journey, offer)?;
                let copies = &self.engine.library().journey(journey)?.offer(offer)?.text;
                let text = self.render(copies, journey, at)?;
                self.offers.insert(within(inside, &name), Made { id, text: text.clone(), until });
                Did::Offer { name, text }
            }
            Effect::Limit { offer, .. } => Did::Limited(self.offer_of(journey, offer)?),
            Effect::Held { offer, .. } => Did::Held(self.offer_of(journey, offer)?),
            Effect::Outcome { offer, outcome, .. } => Did::Outcome(self.offer_of(journey, offer)?, outcome),
            Effect::Turned { to, .. } => Did::Turned(self.page_of(journey, to)?),
            Effect::Withdrawn { offer, .. } => Did::Withdrawn(self.offer_of(journey, offer)?),
            Effect::Ended { .. } => Did::Ended,
            Effect::Dispatch { page, choice, .. } => self.dispatch(journey, page, choice, at)?,
            Effect::Ticket { page, choice, .. } => {
                let ticket = &self.choice_of(journey, page, choice)?.ticket;
                Did::Ticket(self.render(ticket, journey, at)?)
            }
            Effect::Chose { page, choice, by, chance_ppm, .. } => {
                // The offer it makes comes with it; a limit may have kept it back.
                let made = step.effects.iter().find_map(|effect| match *effect {
                    Effect::Offer { journey: of, page: on, choice: of_choice, offer, .. }
                    | Effect::Limit { journey: of, page: on, choice: of_choice, offer } => {
                        ((of, on, of_choice) == (journey, page, choice)).then_some(offer)
                    }
                    _ => None,
                });
                Did::Chose { name: self.offer_of(journey, made?)?, by, chance_ppm }
            }
            Effect::Remember { fact, value, .. } => self.remembered(fact, value)?,
            Effect::Passed { page, .. } => Did::Passed(self.page_of(journey, page)?),
            Effect::Breach { page, .. } => Did::Breach(self.page_of(journey, page)?),
            Effect::Strayed { page, .. } => Did::Strayed(self.page_of(journey, page)?),
            Effect::Called { callee, .. } => Did::Called(self.called(callee)?),
            Effect::Returned { callee, result, .. } => {
                Did::Returned { from: self.called(callee)?, result: self.result(callee, result) }
            }
            Effect::Foretold { reached, .. } => Did::Foretold { reached },
        })
    }

    fn page_of(&self, journey: JourneyIx, page: PageIx) -> Option<String> {
        Some(self.engine.library().journey(journey)?.page(page)?.name.clone())
    }

    pub(super) fn offer_of(&self, journey: JourneyIx, offer: OfferIx) -> Option<String> {
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

    /// What came back, in words: the type is that of the callee's variable.
    fn result(&self, callee: JourneyIx, result: Value) -> String {
        let journey = self.engine.library().journey(callee);
        let returned = journey.and_then(|journey| journey.variables.get(journey.returns?.index()));
        returned.map_or_else(
            || value::UNKNOWN.to_owned(),
            |variable| value::words(&self.stage.schema, variable.of, result),
        )
    }

    fn choice_of(&self, journey: JourneyIx, page: PageIx, choice: ChoiceIx) -> Option<&ChoiceInfo> {
        self.engine.library().journey(journey)?.choice(page, choice)
    }

    fn dispatch(&self, journey: JourneyIx, page: PageIx, choice: ChoiceIx, at: Timestamp) -> Option<Did> {
        let dispatch = self.choice_of(journey, page, choice)?.dispatch.as_ref()?;
        Some(Did::Dispatch { role: dispatch.role.clone(), text: self.render(&dispatch.task, journey, at)? })
    }

    /// Copy in the author's first language.
    fn render(&self, copies: &[Wording], journey: JourneyIx, at: Timestamp) -> Option<String> {
        let template = Wording::pick(copies, None, None)?;
        let local = self.stage.offsets.local(at);
        let locals = self.engine.variables(self.subject, journey);
        Some(template.render(&Env { facts: &self.facts, locals, local, now: at }, &self.stage.schema))
    }
}
