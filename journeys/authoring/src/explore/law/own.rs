//! The facts that only properties know: what happened, where it led, and what was done.
//!
//! Declared beside the venue's, in slots behind them. Before: `property`. Next: the parent, whose guards read them.

use turnpage_journeys_engine::{Journey, Library, Outcome};
use turnpage_journeys_expr::{LocalTime, SET_MAX, Schema, Slot, Timestamp, Type, Value};

/// What pages, offers and outcomes are when there is none.
const NONE: &str = "none";

/// What an event can be.
const EVENTS: [&str; 10] =
    ["enter", "exit", "sighting", "weather", "signal", "feedback", "pick", "answer", "timer", "stop"];

/// One thing that happened.
#[derive(Debug, Clone, Copy)]
pub(in crate::explore) struct Seen<'a> {
    pub(in crate::explore) at: Timestamp,
    pub(in crate::explore) local: LocalTime,
    pub(in crate::explore) facts: &'a [Value],
    pub(in crate::explore) locals: &'a [Value],
    /// The variables before it.
    pub(in crate::explore) before: &'a [Value],
    /// One of [`EVENTS`].
    pub(in crate::explore) event: &'a str,
    pub(in crate::explore) was: Option<&'a str>,
    pub(in crate::explore) page: Option<&'a str>,
    /// The page was entered just now, from itself, too.
    pub(in crate::explore) entered: bool,
    pub(in crate::explore) done: &'a Done,
}

/// What was done, each by its name within the journey played: `survey>question`.
#[derive(Debug, Clone, Default)]
pub(in crate::explore) struct Done {
    pub(in crate::explore) offers: Vec<String>,
    pub(in crate::explore) outcomes: Vec<String>,
    /// An offer that its limit held back.
    pub(in crate::explore) limited: Option<String>,
    /// Roles of the staff that was called.
    pub(in crate::explore) dispatched: Vec<String>,
    pub(in crate::explore) ticket: bool,
    /// Offers that were taken back.
    pub(in crate::explore) withdrawn: Vec<String>,
    /// Facts that were set.
    pub(in crate::explore) remembered: Vec<String>,
    /// Pages on which the order was broken.
    pub(in crate::explore) breached: Vec<String>,
}

/// What properties may name beside facts.
pub(super) struct Names {
    pub(super) pages: Vec<String>,
    pub(super) offers: Vec<String>,
    /// Pages of the journeys called, too.
    breaches: Vec<String>,
    roles: Vec<String>,
}

/// Where the facts are.
#[derive(Debug, Clone)]
pub(super) struct Own {
    event: Option<Slot>,
    page: Option<Slot>,
    was: Option<Slot>,
    offer: Option<Slot>,
    outcome: Option<Slot>,
    limited: Option<Slot>,
    ticket: Option<Slot>,
    dispatched: Option<Slot>,
    withdrawn: Option<Slot>,
    remembered: Option<Slot>,
    breached: Option<Slot>,
    /// The variables as they were, in their order.
    before: Vec<Option<Slot>>,
}

impl Names {
    /// Offers and pages of a journey called are named as plays do: `survey>thanks`.
    pub(super) fn of(library: &Library, journey: &Journey) -> Names {
        let prefix = format!("{}>", journey.name);
        let mut names =
            Names { pages: Vec::new(), offers: Vec::new(), breaches: Vec::new(), roles: Vec::new() };
        names.add(journey, "");
        names.pages = names.breaches.clone();
        for called in library.journeys() {
            if let Some(within) = called.name.strip_prefix(&prefix) {
                names.add(called, within);
            }
        }
        names
    }

    fn add(&mut self, journey: &Journey, within: &str) {
        let named = |name: &String| crate::play::within(within, name);
        self.offers.extend(journey.offers.iter().map(|offer| named(&offer.name)));
        self.breaches.extend(journey.pages().iter().map(|page| named(&page.name)));
        let choices = journey.pages().iter().flat_map(|page| &page.choices);
        let roles = choices.filter_map(|choice| Some(choice.dispatch.as_ref()?.role.clone()));
        self.roles.extend(roles);
    }

    /// The venue's schema and these facts. One that is full has no room for them, and nothing with more members than a set
    /// can hold is there; then every guard that names it says so.
    pub(super) fn declare(&self, schema: &Schema, variables: &[(&str, Type)]) -> (Schema, Own) {
        let mut schema = schema.clone();
        let none = std::iter::once(NONE);
        let event = schema.domain("event", EVENTS);
        let page = schema.domain("page", none.clone().chain(words(&self.pages)));
        let offer = schema.domain("offer", none.clone().chain(words(&self.offers)));
        let outcomes = |offer: &String| Outcome::ALL.map(|outcome| format!("{offer}.{}", outcome.name()));
        let outcomes: Vec<String> = self.offers.iter().flat_map(outcomes).collect();
        let outcome = schema.domain("outcome", none.chain(words(&outcomes)));
        let told = schema.facts().map(|(_, fact)| fact.path.clone());
        let told: Vec<String> = told.filter(|path| path.starts_with("subject.")).collect();
        let mut set = |path: &str, members: &[String]| {
            let domain = schema.domain(path, words(members));
            let fits = schema.members(domain).count() <= SET_MAX as usize;
            fits.then(|| schema.fact(path, Type::Set(domain))).flatten()
        };
        let (dispatched, withdrawn) = (set("dispatched", &self.roles), set("withdrawn", &self.offers));
        let (remembered, breached) = (set("remembered", &told), set("breached", &self.breaches));
        let mut fact = |path: &str, ty| schema.fact(path, ty);
        let own = Own {
            event: fact("event", Type::Symbol(event)),
            page: fact("page", Type::Symbol(page)),
            was: fact("was", Type::Symbol(page)),
            offer: fact("offer", Type::Symbol(offer)),
            outcome: fact("outcome", Type::Symbol(outcome)),
            limited: fact("limited", Type::Symbol(offer)),
            ticket: fact("ticket", Type::Bool),
            dispatched,
            withdrawn,
            remembered,
            breached,
            before: variables.iter().map(|(name, ty)| fact(&format!("before.{name}"), *ty)).collect(),
        };
        (schema, own)
    }
}

impl Own {
    /// The venue's facts with these behind them, once for each offer and each outcome: a guard is asked about each on its own.
    pub(super) fn filled(&self, schema: &Schema, seen: &Seen<'_>) -> Vec<Vec<Value>> {
        let Done { offers, outcomes, limited, dispatched, ticket, withdrawn, remembered, breached } =
            seen.done;
        let mut facts = seen.facts.to_vec();
        facts.resize(schema.len(), Value::Unknown);
        for (slot, value) in self.before.iter().zip(seen.before) {
            put(&mut facts, *slot, *value);
        }
        let word = |domain: &str, name: &str| {
            let symbol = schema.domain_id(domain).and_then(|domain| schema.symbol(domain, name));
            symbol.map_or(Value::Unknown, Value::Symbol)
        };
        put(&mut facts, self.event, word("event", seen.event));
        put(&mut facts, self.page, word("page", seen.page.unwrap_or(NONE)));
        put(&mut facts, self.was, word("page", seen.was.unwrap_or(NONE)));
        put(&mut facts, self.limited, word("offer", limited.as_deref().unwrap_or(NONE)));
        put(&mut facts, self.ticket, Value::Bool(*ticket));
        for (slot, path, names) in [
            (self.dispatched, "dispatched", dispatched),
            (self.withdrawn, "withdrawn", withdrawn),
            (self.remembered, "remembered", remembered),
            (self.breached, "breached", breached),
        ] {
            let domain = schema.domain_id(path);
            let symbols = names.iter().filter_map(|name| schema.symbol(domain?, name));
            put(&mut facts, slot, Value::set(symbols));
        }
        let offers = offers.iter().map(|offer| (offer.as_str(), NONE));
        let outcomes = outcomes.iter().map(|outcome| (NONE, outcome.as_str()));
        let mut said: Vec<(&str, &str)> = offers.chain(outcomes).collect();
        if said.is_empty() {
            said.push((NONE, NONE));
        }
        let one = |(offer, outcome): (&str, &str)| {
            let mut facts = facts.clone();
            put(&mut facts, self.offer, word("offer", offer));
            put(&mut facts, self.outcome, word("outcome", outcome));
            facts
        };
        said.into_iter().map(one).collect()
    }
}

fn words(names: &[String]) -> impl Iterator<Item = &str> {
    names.iter().map(String::as_str)
}

fn put(facts: &mut [Value], slot: Option<Slot>, value: Value) {
    if let Some(fact) = slot.and_then(|slot| facts.get_mut(slot.index())) {
        *fact = value;
    }
}
