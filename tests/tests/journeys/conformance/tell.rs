//! Effects as the lines of a case.

use chrono::{DateTime, SecondsFormat};
use turnpage_journeys_engine::{
    Effect, Engine, Journey, JourneyIx, OfferIx, PageIx, Step, SubjectKind, Timestamp, Value, Wording,
};
use turnpage_journeys_expr::{Env, Schema, Type};

/// What a step is told with.
pub(crate) struct Teller<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) schema: &'a Schema,
    pub(crate) facts: &'a [Value],
    pub(crate) step: &'a Step,
}

impl Teller<'_> {
    pub(crate) fn line(&self, effect: &Effect) -> String {
        let name = self.engine.name(self.step.subject).unwrap_or("nobody");
        let who = match self.step.subject.kind() {
            SubjectKind::Visitor => name.to_owned(),
            kind => format!("{}/{name}", kind.name()),
        };
        let journey = self.journey(effect.journey());
        format!("{}  {who}  {}  {}", instant(self.step.at), journey.name, self.did(effect))
    }

    fn did(&self, effect: &Effect) -> String {
        let ix = effect.journey();
        let page = |page: PageIx| self.journey(ix).page(page).map_or("?", |page| &page.name);
        let offer = |offer: OfferIx| self.journey(ix).offer(offer).map_or("?", |offer| &offer.name);
        match *effect {
            Effect::Began { page: p, .. } => format!("begins {}", page(p)),
            Effect::Turned { from, to, .. } => format!("turns {} {}", page(from), page(to)),
            Effect::Ended { page: p, .. } => format!("ends {}", page(p)),
            Effect::Offer { offer: o, valid_until, .. } => {
                let until = valid_until.map(|until| format!(" until {}", instant(until))).unwrap_or_default();
                let text = self.journey(ix).offer(o).map_or(&[][..], |offer| &offer.text);
                format!("offers {}{until} \"{}\"", offer(o), self.render(ix, text))
            }
            Effect::Limit { offer: o, .. } => format!("limits {}", offer(o)),
            Effect::Held { offer: o, .. } => format!("holds {}", offer(o)),
            Effect::Outcome { offer: o, outcome, .. } => format!("records {}.{}", offer(o), outcome.name()),
            Effect::Withdrawn { offer: o, .. } => format!("withdraws {}", offer(o)),
            Effect::Passed { page: p, .. } => format!("passes {}", page(p)),
            Effect::Breach { page: p, .. } => format!("breaches {}", page(p)),
            Effect::Strayed { page: p, .. } => format!("strays {}", page(p)),
            Effect::Chose { alternative, .. } => format!("chooses {alternative}"),
            Effect::Called { callee, .. } => format!("calls {}", self.journey(callee).name),
            Effect::Returned { callee, result, .. } => {
                format!("returns {} {}", self.journey(callee).name, self.plain(result))
            }
            Effect::Foretold { reached: true, .. } => "foretells reached".to_owned(),
            Effect::Foretold { reached: false, .. } => "foretells missed".to_owned(),
            Effect::Remember { fact, value: worth, .. } => {
                let Some(fact) = self.schema.at(fact) else { return "remembers".to_owned() };
                format!("remembers {} {}", fact.path, self.schema.show(fact.ty, worth))
            }
            Effect::Dispatch { page, choice, .. } => {
                let called =
                    self.journey(ix).choice(page, choice).and_then(|choice| choice.dispatch.as_ref());
                called.map_or_else(String::new, |call| {
                    format!("dispatches {} \"{}\"", call.role, self.render(ix, &call.task))
                })
            }
            Effect::Ticket { page, choice, .. } => {
                let ticket = self.journey(ix).choice(page, choice).map_or(&[][..], |choice| &choice.ticket);
                format!("tickets \"{}\"", self.render(ix, ticket))
            }
        }
    }

    /// A value whose type is only that of a variable of the journey called.
    fn plain(&self, value: Value) -> String {
        let of = match value {
            Value::Bool(_) => Type::Bool,
            Value::Double(_) => Type::Double,
            Value::Duration(_) => Type::Duration,
            _ => Type::Int,
        };
        self.schema.show(of, value)
    }

    fn journey(&self, ix: JourneyIx) -> &Journey {
        self.engine.library().journey(ix).expect("effects name journeys of the library")
    }

    /// Copy in the journey's first language.
    fn render(&self, ix: JourneyIx, copy: &[Wording]) -> String {
        let Some(template) = Wording::pick(copy, None, None) else { return String::new() };
        let locals = self.engine.variables(self.step.subject, ix);
        let local = self.engine.offsets().local(self.step.at);
        template.render(&Env { facts: self.facts, locals, local, now: self.step.at }, self.schema)
    }
}

fn instant(at: Timestamp) -> String {
    let instant = DateTime::from_timestamp_millis(at.0).expect("within the calendar");
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
