//! The guards of a library, compiled once more for people: what each is worth, and the facts that decide it.
//!
//! The engine answers with open or closed; an author wants to know why. Before: `script`. Next: `play/look`.

use std::collections::BTreeMap;

use turnpage_journeys_engine::{
    ChoiceIx, Definition, Journey, JourneyIx, Library, On, PageIx, Spanned, VariableDef,
};
use turnpage_journeys_expr::{Env, Expression, Local, Schema, Scope, Type};

use crate::script::Scripts;

/// Every guard of a library.
#[derive(Debug, Clone, Default)]
pub struct Guards {
    admits: BTreeMap<u16, Expression>,
    choices: BTreeMap<(u16, u16, u16), Expression>,
    entries: BTreeMap<(u16, u16, usize), Expression>,
}

impl Guards {
    /// Compiles the guards of a library that was compiled against the same facts, so that all of them are sound.
    pub fn of(library: &Library, scripts: &Scripts, schema: &Schema) -> Self {
        let mut guards = Self::default();
        for (ix, journey) in (0..).zip(library.journeys()) {
            let compile = |text: &str, result: Option<Local>| guard(text, journey, result, schema);
            let script = scripts.find(&journey.name);
            let admit = script.and_then(|script| script.definition.admit.as_ref());
            if let Some(admit) = admit.and_then(|admit| compile(&admit.value, None)) {
                guards.admits.insert(ix, admit);
            }
            for (number, page) in (0..).zip(journey.pages()) {
                let defined = script.and_then(|script| script.page(&page.name));
                let choices = defined.map_or(&[][..], |defined| &defined.choices);
                for (choice, def) in (0..).zip(choices) {
                    let returned = def.on.as_ref().is_some_and(|on| on.value == On::Returned);
                    let result = library.result(journey, PageIx(number)).filter(|_| returned);
                    let guard = def.when.as_ref().and_then(|when| compile(&when.value, result));
                    guards.choices.extend(guard.map(|guard| ((ix, number, choice), guard)));
                }
                for (entry, def) in defined.iter().flat_map(|defined| &defined.enter).enumerate() {
                    let guard = def.when.as_ref().and_then(|when| compile(&when.value, None));
                    guards.entries.extend(guard.map(|guard| ((ix, number, entry), guard)));
                }
            }
        }
        guards
    }

    /// What lets events into a journey, if something does.
    pub(crate) fn admit(&self, journey: JourneyIx) -> Option<&Expression> {
        self.admits.get(&journey.0)
    }

    /// The guard of a choice, if it has one.
    pub(crate) fn choice(&self, journey: JourneyIx, page: PageIx, choice: ChoiceIx) -> Option<&Expression> {
        self.choices.get(&(journey.0, page.0, choice.0))
    }

    /// The guard of a way into a page, if it has one.
    pub(crate) fn entry(&self, journey: JourneyIx, page: PageIx, entry: usize) -> Option<&Expression> {
        self.entries.get(&(journey.0, page.0, entry))
    }
}

/// Every expression of a journey: its guards, and what it sets, gives and remembers.
pub(crate) fn expressions(
    library: &Library,
    journey: &Journey,
    definition: &Definition,
    schema: &Schema,
) -> Vec<Expression> {
    let compile = |text: &Spanned<String>, result: Option<Local>| {
        expression(&text.value, journey, result, schema, None)
    };
    let initials = own(definition).filter_map(|variable| variable.initial.as_ref());
    let mut all: Vec<Expression> =
        definition.admit.iter().chain(initials).filter_map(|text| compile(text, None)).collect();
    for (page, def) in (0..).map(PageIx).zip(&definition.pages) {
        let entries = def.enter.iter().filter_map(|entry| entry.when.as_ref());
        let given = def.call.iter().flat_map(|call| &call.with).map(|(_, value)| value);
        let watched = def.way.iter().chain(&def.breach).chain(entries).chain(given);
        all.extend(watched.filter_map(|text| compile(text, None)));
        for choice in &def.choices {
            let returned = choice.on.as_ref().is_some_and(|on| on.value == On::Returned);
            let result = library.result(journey, page).filter(|_| returned);
            let sets = choice.set.iter().chain(choice.alternatives.iter().flat_map(|one| &one.set));
            let values = sets.chain(&choice.remember).map(|(_, value)| value);
            all.extend(choice.when.iter().chain(values).filter_map(|text| compile(text, result.clone())));
        }
    }
    all
}

fn own(definition: &Definition) -> impl Iterator<Item = &VariableDef> {
    definition.parameters.iter().chain(&definition.variables)
}

fn guard(text: &str, journey: &Journey, result: Option<Local>, schema: &Schema) -> Option<Expression> {
    expression(text, journey, result, schema, Some(Type::Bool))
}

fn expression(
    text: &str,
    journey: &Journey,
    result: Option<Local>,
    schema: &Schema,
    expected: Option<Type>,
) -> Option<Expression> {
    let (mut locals, past) = (journey.locals(), journey.past());
    locals.extend(result);
    let history = past.history();
    let scope = Scope { schema, locals: &locals, history: Some(&history) };
    let mut guard = Expression::check(text, &scope, expected).ok()?;
    guard.place(|recall| journey.recall(recall));
    Some(guard)
}

/// What a guard is worth, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Worth {
    /// Everything it reads: facts, variables, questions about the past, each with its value.
    pub(crate) values: Vec<(String, String)>,
    /// Its conditions, each with its truth.
    pub(crate) conditions: Vec<(String, Option<bool>)>,
}

/// Takes a guard apart.
pub(crate) fn worth(guard: &Expression, env: &Env<'_>, schema: &Schema) -> Worth {
    let parts = guard.explain(env, schema);
    let mut values: Vec<(String, String)> = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        // What a part is made of comes right after it.
        let whole = parts.get(place + 1).is_none_or(|next| next.depth <= part.depth);
        if whole && values.iter().all(|(text, _)| *text != part.text) {
            values.push((part.text.clone(), part.value.clone()));
        }
    }
    let texts = guard.leaves().map(|leaf| leaf.text.clone());
    Worth { values, conditions: texts.zip(guard.leaf_truths(env)).collect() }
}
