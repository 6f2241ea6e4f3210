//! Why a subject was offered what it was, and why not: everything that stood open or closed at one instant.
//!
//! Read from the same state and with the same facts as a step would; it changes nothing and decides nothing. The
//! corridor answers for a data directory, a replay for a file of events. Before: pipeline.rs and replay.rs. Next:
//! gateway/cli, which prints it.

use serde::Serialize;
use turnpage_journeys_engine::{
    ChoiceInfo, ChoiceState, Deed, Engine, Journey, PageIx, SubjectIx, Triggers, Waits,
};
use turnpage_journeys_expr::{Env, Expression, Local, Schema, Scope, Type, Value};

use crate::Timestamp;
use crate::batch::FactRecord;

/// What was so for one subject at one instant.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Why {
    /// Whom it is about.
    pub subject: String,
    /// What it is: `visitor`, `zone`, ..
    pub kind: &'static str,
    /// The instant.
    pub at: Timestamp,
    /// The zone it was in, and since when.
    pub place: Option<(String, Timestamp)>,
    /// Every fact that some journey reads.
    pub facts: Vec<FactRecord>,
    /// Every journey of its kind, ascending by name.
    pub journeys: Vec<WhyJourney>,
    /// It has said no: none of its journeys runs.
    pub said_no: bool,
}

/// One journey of a subject.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct WhyJourney {
    /// Its name.
    pub name: String,
    /// The page it was on; `None` before it has begun.
    pub page: Option<String>,
    /// The page's choices, in document order.
    pub choices: Vec<WhyChoice>,
}

/// One choice, open or closed.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct WhyChoice {
    /// What it waits for, in words.
    pub waits: String,
    /// What it does, in words.
    pub does: String,
    /// Whether it would be taken if that came.
    pub open: bool,
    /// What keeps it closed.
    pub closed_by: Vec<&'static str>,
    /// Its guard, taken apart.
    pub guard: Vec<WhyPart>,
}

/// A part of a guard and what it was worth.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct WhyPart {
    /// How deep it is nested: the whole is 0.
    pub depth: usize,
    /// As it was written.
    pub text: String,
    /// Its value, in words.
    pub value: String,
}

/// What a subject's journeys make of these facts.
pub(crate) fn journeys(
    engine: &Engine,
    schema: &Schema,
    subject: SubjectIx,
    at: Timestamp,
    facts: &[Value],
) -> Vec<WhyJourney> {
    let library = engine.library();
    let of = |ix| {
        let journey = library.journey(ix)?;
        let locals = engine.variables(subject, ix);
        let env = Env { facts, locals, local: engine.offsets().local(at), now: at };
        let page = engine.page(subject, ix);
        let states = engine.choices(subject, ix, at, facts);
        let choice = |state: &ChoiceState| {
            let info = journey.choice(page?, state.choice)?;
            let result = library.result(journey, page?).filter(|_| matches!(state.waits, Waits::Returned));
            Some(choice((journey, page?), info, state, result, schema, &env))
        };
        Some(WhyJourney {
            name: journey.name.clone(),
            page: page.and_then(|page| journey.page(page)).map(|page| page.name.clone()),
            choices: states.iter().filter_map(choice).collect(),
        })
    };
    let kind = subject.kind();
    library.of(kind).iter().copied().filter_map(of).collect()
}

fn choice(
    (journey, page): (&Journey, PageIx),
    info: &ChoiceInfo,
    state: &ChoiceState,
    result: Option<Local>,
    schema: &Schema,
    env: &Env<'_>,
) -> WhyChoice {
    let reasons = [
        (state.guard == Some(Some(false)), "its guard does not hold"),
        (state.guard == Some(None), "its guard is unknown"),
        (state.limited, "its offer's limit is reached"),
        (state.held, "a mandated journey is not to be interrupted"),
        (state.spent, "it was taken already"),
    ];
    WhyChoice {
        waits: waits(journey, state.waits),
        does: does(journey, info, &journey.deeds(page, state.choice), schema),
        open: state.open(),
        closed_by: reasons.into_iter().filter(|(is, _)| *is).map(|(_, reason)| reason).collect(),
        guard: parts(journey, &info.guard, result, schema, env),
    }
}

fn parts(
    journey: &Journey,
    guard: &str,
    result: Option<Local>,
    schema: &Schema,
    env: &Env<'_>,
) -> Vec<WhyPart> {
    if guard.is_empty() {
        return Vec::new();
    }
    let (mut locals, past) = (journey.locals(), journey.past());
    locals.extend(result);
    let scope = Scope { schema, locals: &locals, history: Some(&past.history()) };
    // It was compiled before, so there is nothing wrong with it.
    let Ok(mut guard) = Expression::check(guard, &scope, Some(Type::Bool)) else { return Vec::new() };
    guard.place(|recall| journey.recall(recall));
    let parts = guard.explain(env, schema).into_iter();
    parts.map(|part| WhyPart { depth: part.depth, text: part.text, value: part.value }).collect()
}

fn waits(journey: &Journey, waits: Waits) -> String {
    match waits {
        Waits::Event(on) => {
            let words = [
                (Triggers::SIGHTING, "sighting"),
                (Triggers::ENTER, "enter"),
                (Triggers::EXIT, "exit"),
                (Triggers::WEATHER, "weather"),
                (Triggers::SIGNAL, "signal"),
                (Triggers::FEEDBACK, "feedback"),
            ];
            let named: Vec<_> =
                words.into_iter().filter(|(bit, _)| on.meets(*bit)).map(|(_, word)| word).collect();
            if named.is_empty() { "any event".to_owned() } else { named.join(" or ") }
        }
        Waits::Outcome { offer, outcome } => {
            let offer = journey.offer(offer).map_or("", |offer| offer.name.as_str());
            format!("{offer}.{}", outcome.name())
        }
        Waits::Timer(_) => "its time on this page".to_owned(),
        Waits::Clock(_) => "a time on the clock".to_owned(),
        Waits::Pick => "the subject's own pick".to_owned(),
        _ => "a journey it called".to_owned(),
    }
}

/// What taking it does, in words and in the order it is done.
fn does(journey: &Journey, info: &ChoiceInfo, deeds: &[Deed], schema: &Schema) -> String {
    let offer = |ix| journey.offer(ix).map_or("", |offer| offer.name.as_str());
    let deed = |deed: &Deed| match *deed {
        Deed::Withdraw(ix) => format!("withdraw {}", offer(ix)),
        Deed::Record(ix, outcome) => format!("record {}.{}", offer(ix), outcome.name()),
        Deed::Remember(slot) => {
            format!("remember {}", schema.at(slot).map_or("", |fact| fact.path.as_str()))
        }
        Deed::Set(ix) => {
            let variable = journey.variables.get(ix.index());
            format!("set {}", variable.map_or("", |variable| variable.name.as_str()))
        }
    };
    let pick = info.pick.iter().map(|pick| format!("pick {pick}"));
    let one_of: Vec<&str> = info.alternatives.iter().map(|(one, _)| offer(*one)).collect();
    let one_of = (!one_of.is_empty()).then(|| one_of.join(" or "));
    let made = info.offer.map(|ix| offer(ix).to_owned()).or(one_of).map(|name| format!("offer {name}"));
    let staff = info.dispatch.iter().map(|dispatch| format!("call {}", dispatch.role));
    let ticket = info.ticket.first().map(|_| "open a ticket".to_owned());
    let turn = info.turn_to.and_then(|page| journey.page(page)).map(|page| format!("turn to {}", page.name));
    let all: Vec<_> =
        pick.chain(made).chain(staff).chain(ticket).chain(deeds.iter().map(deed)).chain(turn).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}
