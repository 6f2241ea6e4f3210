//! Journeys that call journeys: every caller gets a copy of its own of what it calls, so that at run time a
//! call is nothing but another journey of the same subject.
//!
//! Copies are planned over definitions, where cycles and calls without end are told, and made once everything
//! is all right. What a single page says in its `call` is checked here, too. Next: `library/place.rs`.

use super::journey::{World, kept_type};
use super::version::runs;
use super::{Checker, Problem};
use crate::bounds::{CALL_DEPTH_MAX, JOURNEYS_MAX, SEATS_MAX};
use crate::graph::{CallDef, ChoiceDef, Definition, Kind, On, PageDef, VariableDef};
use crate::id::{JourneyIx, VariableIx};
use crate::library::{Call, Journey};
use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use turnpage_journeys_expr::{Diagnostic, Local};

/// The newest definition of each name: the one that a call means.
#[derive(Default)]
pub(super) struct Newest<'a>(BTreeMap<&'a str, usize>);

impl<'a> Newest<'a> {
    pub(super) fn of(definitions: &'a [Definition]) -> Self {
        let mut newest = BTreeMap::new();
        for (ix, definition) in definitions.iter().enumerate() {
            let known = newest.entry(definition.name.value.as_str()).or_insert(ix);
            if definitions.get(*known).is_some_and(|known| known.version < definition.version) {
                *known = ix;
            }
        }
        Newest(newest)
    }

    pub(super) fn get(&self, name: &str) -> Option<usize> {
        self.0.get(name).copied()
    }
}

/// One journey of the library to be: a definition, and who calls it.
pub(super) struct Planned {
    definition: usize,
    name: String,
    versions: Vec<u32>,
    /// Its place in the plan.
    caller: Option<usize>,
}

impl Checker<'_> {
    /// What a page calls, its parameters compiled in the scope of the page.
    pub(super) fn call(&mut self, page: &PageDef, world: &World<'_>) -> Option<Call> {
        let call = page.call.as_ref()?;
        let definitions = self.definitions;
        let Some(definition) = self.newest.get(&call.journey.value) else {
            let message = format!("there is no journey `{}` to call", call.journey.value);
            let known = definitions.iter().map(|definition| definition.name.value.as_str());
            let problem = Diagnostic::error("unknown-journey", call.journey.span, message);
            self.push(problem.suggesting(&call.journey.value, known));
            return None;
        };
        let callee = definitions.get(definition)?;
        self.callable(call, callee, world);
        let mut with: Vec<(VariableIx, _)> = Vec::new();
        for (name, text) in &call.with {
            let parameters = &callee.parameters;
            let found = parameters.iter().position(|parameter| parameter.name.value == name.value);
            let Some((ix, parameter)) = found.and_then(|ix| Some((ix, parameters.get(ix)?))) else {
                let message = format!("`{}` has no parameter `{}`", call.journey.value, name.value);
                let known = parameters.iter().map(|parameter| parameter.name.value.as_str());
                let problem = Diagnostic::error("unknown-parameter", name.span, message);
                self.push(problem.suggesting(&name.value, known));
                continue;
            };
            let ix = VariableIx(ix as u16);
            if with.iter().any(|(other, _)| *other == ix) {
                let message = format!("this call gives `{}` twice", name.value);
                self.error("duplicate-name", name.span, message);
                continue;
            }
            let Some(of) = kept_type(&parameter.of, self.schema) else { continue };
            with.extend(self.program(text, of).map(|program| (ix, program)));
        }
        Some(Call { definition, callee: JourneyIx(0), with })
    }

    /// A callee begins and ends with a page of its caller: that must mean something.
    fn callable(&mut self, call: &CallDef, callee: &Definition, world: &World<'_>) {
        let (name, span) = (&call.journey.value, call.journey.span);
        if matches!(callee.kind.value, Kind::AdHoc | Kind::Intent) {
            let why = match callee.kind.value {
                Kind::AdHoc => "it begins through the entries of its pages",
                _ => "it begins when its goal is likely",
            };
            self.error("call-kind", span, format!("`{name}` cannot be called: {why}"));
        }
        if callee.subject.value != world.subject {
            let (theirs, ours) = (callee.subject.value.name(), world.subject.name());
            let message = format!("`{name}` runs for a {theirs}, and this journey for a {ours}");
            self.error("call-subject", span, message);
        }
        let start = callee.start.as_ref().map(|start| start.value.as_str());
        let start = match start {
            Some(start) => callee.pages.iter().find(|page| page.name.value == start),
            None => callee.pages.first(),
        };
        if start.is_some_and(|start| start.choices.is_empty() && start.call.is_none()) {
            let message = format!("`{name}` begins on an end page, so calling it does nothing");
            self.error("call-ends-at-once", span, message);
        }
    }

    /// What the choices that wait for a page's call read beside the variables: the `result`, after them.
    pub(super) fn result(&self, page: &PageDef) -> Option<Local> {
        let callee = self.definitions.get(self.newest.get(&page.call.as_ref()?.journey.value)?)?;
        let returns = callee.returns.as_ref()?;
        let found = own(callee).find(|variable| variable.name.value == returns.value)?;
        Some(Local { name: RESULT.to_owned(), ty: kept_type(&found.of, self.schema)? })
    }
}

/// The bare name of what a call gave back.
pub(super) const RESULT: &str = "result";

/// What a journey has of its own: its parameters and its variables, in the order of their places.
pub(super) fn own(definition: &Definition) -> impl Iterator<Item = &VariableDef> {
    definition.parameters.iter().chain(&definition.variables)
}

/// Every journey the library will have, or what stands in the way of having them.
pub(super) fn plan(
    definitions: &[Definition],
    newest: &Newest<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Planned> {
    let before = problems.len();
    cycles(definitions, newest, problems);
    if problems.len() > before {
        return Vec::new();
    }
    never_called(definitions, newest, problems);
    let runs = |ix: usize| runs(definitions, newest, ix);
    let roots = definitions.iter().enumerate();
    let roots = roots.filter(|(ix, definition)| definition.parameters.is_empty() && runs(*ix));
    let mut plan: Vec<Planned> = roots
        .map(|(ix, definition)| Planned {
            definition: ix,
            name: definition.name.value.clone(),
            versions: vec![definition.version],
            caller: None,
        })
        .collect();
    let mut versions: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (ix, definition) in definitions.iter().enumerate() {
        versions.entry(definition.name.value.as_str()).or_default().push(ix);
    }
    let (mut next, mut seats) = (0, 0_usize);
    while let Some(planned) = plan.get(next) {
        let Some(definition) = definitions.get(planned.definition) else { break };
        seats = seats.saturating_add(definition.pages.len() + 1);
        if plan.len() > JOURNEYS_MAX || seats > SEATS_MAX {
            let message = format!(
                "with a copy of each journey for each caller the library has more than {JOURNEYS_MAX} journeys or {SEATS_MAX} pages"
            );
            let diagnostic = Diagnostic::error("too-many", definition.name.span, message);
            problems.push(Problem { journey: planned.definition, diagnostic });
            return Vec::new();
        }
        let callees: BTreeSet<&str> = calls(definition).map(|call| call.journey.value.as_str()).collect();
        // Of a callee that pins also the older versions, for calls that are not over.
        let versions = |name: &str| versions.get(name).into_iter().flatten().copied().filter(|ix| runs(*ix));
        let copies: Vec<Planned> = (callees.into_iter())
            .flat_map(versions)
            .map(|callee| copy(planned, next, definitions, callee))
            .collect();
        plan.extend(copies);
        next += 1;
    }
    plan
}

fn copy(caller: &Planned, caller_ix: usize, definitions: &[Definition], definition: usize) -> Planned {
    let (name, version) =
        definitions.get(definition).map_or(("", 0), |callee| (callee.name.value.as_str(), callee.version));
    let versions = caller.versions.iter().copied().chain([version]).collect();
    Planned { definition, name: format!("{}>{name}", caller.name), versions, caller: Some(caller_ix) }
}

/// Calls that come back to themselves, and those that go deeper than anyone follows.
fn cycles(definitions: &[Definition], newest: &Newest<'_>, problems: &mut Vec<Problem>) {
    let callees: Vec<Vec<usize>> = (definitions.iter())
        .map(|definition| calls(definition).filter_map(|call| newest.get(&call.journey.value)).collect())
        .collect();
    let depths = depths(&callees);
    let too_deep = (0..definitions.len()).filter(|ix| depths.get(*ix).is_some_and(|d| *d > CALL_DEPTH_MAX));
    for journey in too_deep.take(TOLD_MAX) {
        let round = round(&callees, journey);
        let path = round.clone().unwrap_or_else(|| deepest(&callees, &depths, journey));
        if round.is_none() && path.iter().collect::<BTreeSet<_>>().len() < path.len() {
            // It leads to a cycle, which is told of the journeys that are on it.
            continue;
        }
        let names: Vec<&str> =
            path.iter().filter_map(|ix| Some(definitions.get(*ix)?.name.value.as_str())).collect();
        let called = |call: &&CallDef| Some(&call.journey.value.as_str()) == names.get(1);
        let call = definitions.get(journey).and_then(|definition| calls(definition).find(called));
        let span = call.map_or_else(Default::default, |call| call.journey.span);
        let names = names.join(" > ");
        let diagnostic = if round.is_some() {
            Diagnostic::error("call-cycle", span, format!("this call comes back to itself: {names}"))
                .with_help("a journey that goes on for ever turns to its own pages")
        } else {
            let message = format!("calls go at most {CALL_DEPTH_MAX} journeys deep: {names}");
            Diagnostic::error("call-depth", span, message)
        };
        problems.push(Problem { journey, diagnostic });
    }
}

/// Cycles told: a library of nothing else is one mistake, and looking for each costs a walk.
const TOLD_MAX: usize = 16;

/// How deep calls go below each definition, and one more than the bound for those beyond it.
fn depths(callees: &[Vec<usize>]) -> Vec<usize> {
    let mut depths = vec![0; callees.len()];
    for _ in 0..=CALL_DEPTH_MAX {
        let below = |callees: &Vec<usize>| callees.iter().filter_map(|ix| depths.get(*ix)).max().copied();
        depths = callees.iter().map(|callees| below(callees).map_or(0, |depth: usize| depth + 1)).collect();
    }
    depths
}

/// The shortest way back to where it began.
fn round(callees: &[Vec<usize>], start: usize) -> Option<Vec<usize>> {
    let mut from: BTreeMap<usize, usize> = BTreeMap::new();
    let mut open = VecDeque::from([start]);
    while let Some(at) = open.pop_front() {
        for callee in callees.get(at)? {
            if *callee == start {
                let mut path = vec![start, at];
                while let Some(before) =
                    path.last().filter(|last| **last != start).and_then(|at| from.get(at))
                {
                    path.push(*before);
                }
                path.reverse();
                // A journey that calls itself is its own way back.
                path.dedup_by(|a, b| a == b && at != start);
                return Some(path);
            }
            if !from.contains_key(callee) {
                from.insert(*callee, at);
                open.push_back(*callee);
            }
        }
    }
    None
}

/// A way down to the bound and one further.
fn deepest(callees: &[Vec<usize>], depths: &[usize], start: usize) -> Vec<usize> {
    let mut path = vec![start];
    while path.len() <= CALL_DEPTH_MAX + 1
        && let Some(callees) = path.last().and_then(|at| callees.get(*at))
        && let Some(next) = callees.iter().max_by_key(|ix| depths.get(**ix).copied())
    {
        path.push(*next);
    }
    path
}

fn never_called(definitions: &[Definition], newest: &Newest<'_>, problems: &mut Vec<Problem>) {
    let called: BTreeSet<usize> =
        definitions.iter().flat_map(calls).filter_map(|call| newest.get(&call.journey.value)).collect();
    for (journey, definition) in definitions.iter().enumerate() {
        if !definition.parameters.is_empty() && !called.contains(&journey) {
            let message = "a journey with parameters begins when it is called, and nobody calls this one";
            let diagnostic = Diagnostic::warning("never-called", definition.name.span, message);
            problems.push(Problem { journey, diagnostic });
        }
    }
}

fn calls(definition: &Definition) -> impl Iterator<Item = &CallDef> {
    definition.pages.iter().filter_map(|page| page.call.as_ref())
}

/// The journeys of a plan in their order, each copy knowing its caller and each call its callee.
pub(super) fn expand(plan: &[Planned], compiled: &[Option<Journey>]) -> Vec<Journey> {
    let mut order: Vec<usize> = (0..plan.len()).collect();
    order.sort_by_key(|ix| plan.get(*ix).map(|planned| (&planned.name, &planned.versions)));
    let mut places = vec![JourneyIx(0); plan.len()];
    for (place, ix) in order.iter().enumerate() {
        if let Some(slot) = places.get_mut(*ix) {
            *slot = JourneyIx(place as u16);
        }
    }
    // Who calls, and what: to where.
    let callees: BTreeMap<(usize, usize), JourneyIx> = (plan.iter().zip(&places))
        .filter_map(|(planned, place)| Some(((planned.caller?, planned.definition), *place)))
        .collect();
    let journey = |ix: &usize| {
        let planned = plan.get(*ix)?;
        let mut journey = compiled.get(planned.definition)?.clone()?;
        journey.name.clone_from(&planned.name);
        journey.versions.clone_from(&planned.versions);
        journey.caller = planned.caller.and_then(|caller| places.get(caller).copied());
        for call in journey.pages.iter_mut().filter_map(|page| page.call.as_mut()) {
            call.callee = *callees.get(&(*ix, call.definition))?;
        }
        Some(journey)
    };
    order.iter().filter_map(journey).collect()
}

impl Checker<'_> {
    /// Whether a choice waits for what its page calls; it says so on no other page.
    pub(super) fn is_returned(&mut self, choice: &ChoiceDef, page: &PageDef, world: &World<'_>) -> bool {
        let Some(on) = choice.on.as_ref().filter(|on| on.value == On::Returned) else { return false };
        if page.call.is_none() {
            let message = format!("page `{}` calls no journey that could come back", page.name.value);
            self.error("returned-without-call", on.span, message);
        }
        if world.variables.has(RESULT) {
            let message = "here `result` is what the call gave back, and a variable has this name, too";
            self.push(Diagnostic::error("duplicate-name", on.span, message).with_help("rename the variable"));
        }
        true
    }
}
