//! Properties made ready to be asked after everything that happens on a walk.
//!
//! Guards see the venue's facts, the journey's variables, and facts of their own: what happened (`event`), the pages
//! after and before (`page`, `was`), what was made, recorded or held back (`offer`, `outcome`, `limited`), and variables
//! as they were (`before.rides`). A guard that is unknown breaks nothing. Before: `property`. Next: `witness`, which asks.

use turnpage_journeys_engine::{Journey, JourneyIx, Library, Limit, Outcome, Spanned};
use turnpage_journeys_expr::{
    Diagnostic, Env, Expression, Local, LocalTime, Schema, Scope, Slot, Timestamp, Type, Value,
};

use super::property::{Law, Properties};

const DAY_MS: i64 = 86_400_000;

/// What pages, offers and outcomes are when there is none.
const NONE: &str = "none";

/// What an event can be.
pub(super) const EVENTS: [&str; 10] =
    ["enter", "exit", "sighting", "weather", "signal", "feedback", "pick", "answer", "timer", "stop"];

/// The properties of one journey, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Laws {
    laws: Vec<Compiled>,
    schema: Schema,
    own: Own,
}

/// The facts that only properties know.
#[derive(Debug, Clone)]
struct Own {
    event: Option<Slot>,
    page: Option<Slot>,
    was: Option<Slot>,
    offer: Option<Slot>,
    outcome: Option<Slot>,
    limited: Option<Slot>,
    /// The variables as they were, in their order.
    before: Vec<Option<Slot>>,
}

#[derive(Debug, Clone)]
enum Compiled {
    Guard { guard: Box<Expression>, breaks: bool },
    Eventually { after: Option<String>, pages: Vec<String>, offer: Option<String>, within_ms: i64 },
    AtMost { offer: String, times: Limit },
}

/// What a law remembers of a walk.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Memory {
    Nothing,
    /// When its time began, while it runs.
    Since(Option<i64>),
    /// When the offer was made.
    Made(Vec<i64>),
}

/// One thing that happened.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) at: Timestamp,
    pub(super) local: LocalTime,
    pub(super) facts: &'a [Value],
    pub(super) locals: &'a [Value],
    /// The variables before it.
    pub(super) before: &'a [Value],
    /// One of [`EVENTS`].
    pub(super) event: &'a str,
    pub(super) was: Option<&'a str>,
    pub(super) page: Option<&'a str>,
    /// The page was entered just now, from itself, too.
    pub(super) entered: bool,
    pub(super) offers: &'a [String],
    pub(super) outcomes: &'a [String],
    /// An offer that its limit held back.
    pub(super) limited: Option<&'a str>,
}

impl Laws {
    /// Compiles the properties of a journey.
    ///
    /// # Errors
    /// Guards that are wrong; pages and offers that are not there.
    pub(crate) fn of(
        properties: &Properties,
        library: &Library,
        journey: JourneyIx,
        schema: &Schema,
    ) -> Result<Laws, Vec<Diagnostic>> {
        let Some(compiled) = library.journey(journey) else { return Err(Vec::new()) };
        let names = Names::of(library, compiled);
        let locals = compiled.locals();
        let (schema, own) = names.declare(schema, &locals);
        let scope = Scope { schema: &schema, locals: &locals, history: None };
        let mut problems = Vec::new();
        let mut laws = Vec::new();
        for property in &properties.properties {
            match names.law(&property.law, &scope) {
                Ok(law) => laws.push(law),
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(Laws { laws, schema, own }) } else { Err(problems) }
    }

    /// What the laws remember before anything happens.
    pub(super) fn blank(&self) -> Vec<Memory> {
        let blank = |law: &Compiled| match law {
            Compiled::Guard { .. } => Memory::Nothing,
            Compiled::Eventually { .. } => Memory::Since(None),
            Compiled::AtMost { .. } => Memory::Made(Vec::new()),
        };
        self.laws.iter().map(blank).collect()
    }

    /// The guards among them, over the venue's facts and then those of their own.
    pub(super) fn guards(&self) -> impl Iterator<Item = &Expression> {
        self.laws.iter().filter_map(|law| match law {
            Compiled::Guard { guard, .. } => Some(&**guard),
            _ => None,
        })
    }

    /// Whether the author said how often an offer may come.
    pub(super) fn bounds(&self, offer: &str) -> bool {
        self.laws.iter().any(|law| matches!(law, Compiled::AtMost { offer: bound, .. } if bound == offer))
    }

    /// The laws that this breaks, by their place, and since when: what does not come in time is missing from its
    /// deadline on, though it shows only now.
    pub(super) fn broken(&self, memory: &mut [Memory], seen: &Seen<'_>) -> Vec<(usize, Timestamp)> {
        let laws = self.laws.iter().zip(memory).enumerate();
        laws.filter_map(|(ix, (law, memory))| Some((ix, law.breaks(self, memory, seen)?))).collect()
    }

    /// Asks a guard about what was said: each offer and each outcome on its own.
    fn holds(&self, guard: &Expression, seen: &Seen<'_>, wanted: bool) -> bool {
        let offers = seen.offers.iter().map(|offer| (offer.as_str(), NONE));
        let outcomes = seen.outcomes.iter().map(|outcome| (NONE, outcome.as_str()));
        let mut said: Vec<(&str, &str)> = offers.chain(outcomes).collect();
        if said.is_empty() {
            said.push((NONE, NONE));
        }
        let mut facts = seen.facts.to_vec();
        facts.resize(self.schema.len(), Value::Unknown);
        for (slot, value) in self.own.before.iter().zip(seen.before) {
            if let Some(fact) = slot.and_then(|slot| facts.get_mut(slot.index())) {
                *fact = *value;
            }
        }
        said.into_iter().any(|(offer, outcome)| {
            for (slot, domain, name) in [
                (self.own.event, "event", seen.event),
                (self.own.page, "page", seen.page.unwrap_or(NONE)),
                (self.own.was, "page", seen.was.unwrap_or(NONE)),
                (self.own.offer, "offer", offer),
                (self.own.outcome, "outcome", outcome),
                (self.own.limited, "offer", seen.limited.unwrap_or(NONE)),
            ] {
                let domain = self.schema.domain_id(domain);
                let symbol = domain.and_then(|domain| self.schema.symbol(domain, name));
                if let Some(fact) = slot.and_then(|slot| facts.get_mut(slot.index())) {
                    *fact = symbol.map_or(Value::Unknown, Value::Symbol);
                }
            }
            let env = Env { facts: &facts, locals: seen.locals, local: seen.local, now: seen.at };
            guard.program().holds(&env) == Some(wanted)
        })
    }
}

impl Compiled {
    fn breaks(&self, laws: &Laws, memory: &mut Memory, seen: &Seen<'_>) -> Option<Timestamp> {
        match (self, memory) {
            (Compiled::Guard { guard, breaks }, _) => laws.holds(guard, seen, *breaks).then_some(seen.at),
            (Compiled::Eventually { after, pages, offer, within_ms }, Memory::Since(since)) => {
                let deadline = since.map(|since| since.saturating_add(*within_ms));
                let late = deadline.filter(|deadline| seen.at.0 > *deadline).map(Timestamp);
                let come = pages.iter().any(|page| seen.page == Some(page))
                    || offer.as_ref().is_some_and(|offer| seen.offers.contains(offer));
                let starts = seen.entered
                    && after.as_ref().map_or(seen.was.is_none(), |after| seen.page == Some(after));
                if late.is_some() || come || seen.page.is_none() {
                    *since = None;
                }
                if starts && !come {
                    *since = Some(seen.at.0);
                }
                late
            }
            (Compiled::AtMost { offer, times }, Memory::Made(made)) => {
                let now = seen.offers.iter().filter(|made| *made == offer).count();
                made.extend(std::iter::repeat_n(seen.at.0, now));
                let (count, recent) = match times {
                    Limit::PerWindow { count, window_ms } => {
                        let recent = |at: &&i64| seen.at.0.saturating_sub(**at) < *window_ms;
                        (*count, made.iter().filter(recent).count())
                    }
                    Limit::PerDay { count } => {
                        // The venue's midnight before this instant.
                        let midnight = seen.at.0.saturating_sub(i64::from(seen.local.ms));
                        let today = |at: &&i64| (midnight..midnight + DAY_MS).contains(*at);
                        (*count, made.iter().filter(today).count())
                    }
                };
                (now > 0 && recent > count as usize).then_some(seen.at)
            }
            _ => None,
        }
    }
}

/// What properties may name beside facts.
struct Names {
    pages: Vec<String>,
    offers: Vec<String>,
}

impl Names {
    /// Offers of a journey called are named as plays do: `survey>thanks`.
    fn of(library: &Library, journey: &Journey) -> Names {
        let mut offers: Vec<String> = journey.offers.iter().map(|offer| offer.name.clone()).collect();
        let prefix = format!("{}>", journey.name);
        for called in library.journeys() {
            if let Some(within) = called.name.strip_prefix(&prefix) {
                offers.extend(called.offers.iter().map(|offer| format!("{within}>{}", offer.name)));
            }
        }
        let pages = journey.pages().iter().map(|page| page.name.clone()).collect();
        Names { pages, offers }
    }

    fn declare(&self, schema: &Schema, locals: &[Local]) -> (Schema, Own) {
        let mut schema = schema.clone();
        let none = std::iter::once(NONE);
        let event = schema.domain("event", EVENTS);
        let page = schema.domain("page", none.clone().chain(self.pages.iter().map(String::as_str)));
        let offer = schema.domain("offer", none.clone().chain(self.offers.iter().map(String::as_str)));
        let outcomes: Vec<String> = self
            .offers
            .iter()
            .flat_map(|offer| Outcome::ALL.map(|outcome| format!("{offer}.{}", outcome.name())))
            .collect();
        let outcome = schema.domain("outcome", none.chain(outcomes.iter().map(String::as_str)));
        let mut fact = |path: &str, ty| schema.fact(path, ty);
        // A schema that is full has no room for these; then every guard that names one says so.
        let own = Own {
            event: fact("event", Type::Symbol(event)),
            page: fact("page", Type::Symbol(page)),
            was: fact("was", Type::Symbol(page)),
            offer: fact("offer", Type::Symbol(offer)),
            outcome: fact("outcome", Type::Symbol(outcome)),
            limited: fact("limited", Type::Symbol(offer)),
            before: locals.iter().map(|local| fact(&format!("before.{}", local.name), local.ty)).collect(),
        };
        (schema, own)
    }

    fn law(&self, law: &Law, scope: &Scope<'_>) -> Result<Compiled, Vec<Diagnostic>> {
        Ok(match law {
            Law::Always(guard) => Compiled::Guard { guard: compile(guard, scope)?, breaks: false },
            Law::Never(guard) => Compiled::Guard { guard: compile(guard, scope)?, breaks: true },
            Law::Eventually { after, pages, offer, within_ms } => {
                for page in after.iter().chain(pages) {
                    known(page, "page", &self.pages)?;
                }
                offer.as_ref().map_or(Ok(()), |offer| known(offer, "offer", &self.offers))?;
                Compiled::Eventually {
                    after: after.as_ref().map(|page| page.value.clone()),
                    pages: pages.iter().map(|page| page.value.clone()).collect(),
                    offer: offer.as_ref().map(|offer| offer.value.clone()),
                    within_ms: *within_ms,
                }
            }
            Law::AtMost { offer, times } => {
                known(offer, "offer", &self.offers)?;
                Compiled::AtMost { offer: offer.value.clone(), times: *times }
            }
        })
    }
}

fn known(name: &Spanned<String>, what: &str, names: &[String]) -> Result<(), Vec<Diagnostic>> {
    if names.contains(&name.value) {
        return Ok(());
    }
    let problem =
        Diagnostic::error("bad-property", name.span, format!("the journey has no {what} `{}`", name.value));
    Err(vec![problem.suggesting(&name.value, names.iter().map(String::as_str))])
}

/// Problems point at the whole guard: what YAML did to its text is not undone here.
fn compile(guard: &Spanned<String>, scope: &Scope<'_>) -> Result<Box<Expression>, Vec<Diagnostic>> {
    let moved = |problems: Vec<Diagnostic>| {
        problems.into_iter().map(|problem| problem.moved(|_| guard.span)).collect::<Vec<_>>()
    };
    Expression::check(&guard.value, scope, Some(Type::Bool)).map(Box::new).map_err(moved)
}
