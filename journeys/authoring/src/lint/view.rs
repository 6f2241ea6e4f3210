//! A journey with its guards kept as expressions, and the graph of the choices that can be taken.
//!
//! Nothing is told here.

use std::collections::BTreeSet;

use turnpage_journeys_engine::{
    ChoiceDef, Definition, Kind, On, Outcome, OutcomeOf, PageDef, Spanned, TypeDef, VariableDef,
};
use turnpage_journeys_expr::{Expression, History, Local, Schema, Scope, Type};

/// A journey as lints see it.
pub(super) struct View<'a> {
    pub(super) definition: &'a Definition,
    /// Some journey beside this one, or it itself, keeps offers of others away while it runs.
    pub(super) mandated_near: bool,
    pub(super) admit: Option<Expression>,
    pub(super) pages: Vec<Page<'a>>,
    schema: &'a Schema,
    definitions: &'a [Definition],
}

/// A page and its choices.
pub(super) struct Page<'a> {
    pub(super) def: &'a PageDef,
    pub(super) choices: Vec<Choice<'a>>,
}

/// A choice and what is known about it.
pub(super) struct Choice<'a> {
    pub(super) def: &'a ChoiceDef,
    pub(super) guard: Option<Expression>,
    /// It is never taken, which has been told.
    pub(super) dead: bool,
}

impl<'a> View<'a> {
    pub(super) fn new(definition: &'a Definition, definitions: &'a [Definition], schema: &'a Schema) -> Self {
        let mandated_near = definitions.iter().any(|other| other.kind.value == Kind::Mandated);
        let (admit, pages) = (None, Vec::new());
        let mut view = View { definition, mandated_near, admit, pages, schema, definitions };
        view.admit = definition.admit.as_ref().and_then(|admit| view.expression(&admit.value, None));
        view.pages = definition.pages.iter().map(|page| view.page(page)).collect();
        view
    }

    fn page(&self, def: &'a PageDef) -> Page<'a> {
        let choice = |choice: &'a ChoiceDef| {
            let returned = matches!(&choice.on, Some(on) if on.value == On::Returned);
            let page = returned.then_some(def);
            let guard = choice.when.as_ref().and_then(|when| self.expression(&when.value, page));
            Choice { def: choice, guard, dead: false }
        };
        Page { def, choices: def.choices.iter().map(choice).collect() }
    }

    /// A guard of this journey; nothing where it does not compile, which has been told. `calls` is the page whose call the
    /// guard reads the result of.
    pub(super) fn expression(&self, text: &str, calls: Option<&PageDef>) -> Option<Expression> {
        let mut locals: Vec<Local> =
            own(self.definition).filter_map(|variable| self.local(variable)).collect();
        locals.extend(calls.and_then(|page| self.result(page)));
        let pages: Vec<String> = self.definition.pages.iter().map(|page| page.name.value.clone()).collect();
        let offers: Vec<String> =
            self.definition.offers.iter().map(|offer| offer.name.value.clone()).collect();
        let history = History { pages: &pages, offers: &offers, outcomes: &Outcome::NAMES };
        let scope = Scope { schema: self.schema, locals: &locals, history: Some(&history) };
        Expression::check(text, &scope, Some(Type::Bool)).ok()
    }

    fn local(&self, variable: &VariableDef) -> Option<Local> {
        let ty = match &variable.of {
            TypeDef::Is(ty) => *ty,
            TypeDef::Of(domain) => Type::Symbol(self.schema.domain_id(&domain.value)?),
        };
        Some(Local { name: variable.name.value.clone(), ty })
    }

    fn result(&self, page: &PageDef) -> Option<Local> {
        let name = &page.call.as_ref()?.journey.value;
        let named = self.definitions.iter().filter(|definition| definition.name.value == *name);
        let callee = named.max_by_key(|definition| definition.version)?;
        let returns = callee.returns.as_ref()?;
        let variable = own(callee).find(|variable| variable.name.value == returns.value)?;
        Some(Local { name: "result".to_owned(), ..self.local(variable)? })
    }

    /// The place of a page by its name.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.pages.iter().position(|page| page.def.name.value == name)
    }

    /// Where it begins.
    pub(super) fn starts(&self) -> Vec<usize> {
        if self.definition.kind.value == Kind::AdHoc {
            let open = self.pages.iter().enumerate().filter(|(_, page)| !page.def.enter.is_empty());
            return open.map(|(at, _)| at).collect();
        }
        let start = self.definition.start.as_ref().and_then(|start| self.place(&start.value));
        vec![start.unwrap_or(0)]
    }

    /// The pages that a page's choices turn to, those that are never taken left out if that is asked.
    pub(super) fn next(&self, page: usize, alive: bool) -> Vec<usize> {
        let choices = self.pages.get(page).into_iter().flat_map(|page| &page.choices);
        let choices = choices.filter(|choice| !(alive && choice.dead));
        choices.flat_map(|choice| targets(choice.def)).filter_map(|name| self.place(name)).collect()
    }

    /// Every page that is reached from some.
    pub(super) fn reached(&self, from: Vec<usize>, alive: bool) -> BTreeSet<usize> {
        let (mut open, mut reached) = (from, BTreeSet::new());
        while let Some(page) = open.pop() {
            if reached.insert(page) {
                open.extend(self.next(page, alive));
            }
        }
        reached
    }

    /// Every choice of every page.
    pub(super) fn choices(&self) -> impl Iterator<Item = (&Page<'a>, &Choice<'a>)> {
        self.pages.iter().flat_map(|page| page.choices.iter().map(move |choice| (page, choice)))
    }
}

/// Parameters, then variables: what guards read by bare names.
pub(super) fn own(definition: &Definition) -> impl Iterator<Item = &VariableDef> {
    definition.parameters.iter().chain(&definition.variables)
}

/// The pages a choice may turn to.
pub(super) fn targets(choice: &ChoiceDef) -> impl Iterator<Item = &str> {
    let of_alternatives = choice.alternatives.iter().filter_map(|alternative| alternative.turn_to.as_ref());
    // Where every alternative has a page of its own, the choice's is never turned to.
    let stands_alone = choice.alternatives.is_empty()
        || choice.alternatives.iter().any(|alternative| alternative.turn_to.is_none());
    let own = choice.turn_to.as_ref().filter(|_| stands_alone);
    own.into_iter().chain(of_alternatives).map(|target| target.value.as_str())
}

/// The offers a choice may make.
pub(super) fn makes(choice: &ChoiceDef) -> impl Iterator<Item = &Spanned<String>> {
    choice.offer.iter().chain(choice.alternatives.iter().map(|alternative| &alternative.offer))
}

/// The outcome a choice waits for.
pub(super) fn awaits(choice: &ChoiceDef) -> Option<&OutcomeOf> {
    match &choice.on.as_ref()?.value {
        On::Outcome(of) => Some(of),
        _ => None,
    }
}
