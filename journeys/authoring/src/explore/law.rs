//! Properties made ready to be asked after everything that happens on a walk.
//!
//! Guards see the venue's facts, the journey's variables, and facts of their own (`own`). A guard that is unknown breaks
//! nothing. Before: `property`. Next: `witness`, which asks.

mod own;

use turnpage_journeys_engine::{JourneyIx, Library, Limit, Spanned};
use turnpage_journeys_expr::{Diagnostic, Env, Expression, Schema, Scope, Timestamp, Type, Value};

use super::property::{Law, Properties};
use own::{Names, Own};

pub(super) use own::{Done, Seen};

const DAY_MS: i64 = 86_400_000;

/// The properties of one journey, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Laws {
    laws: Vec<Compiled>,
    schema: Schema,
    own: Own,
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
        let variables: Vec<(&str, Type)> = locals.iter().map(|local| (&*local.name, local.ty)).collect();
        let (schema, own) = names.declare(schema, &variables);
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
        let facts = self.own.filled(&self.schema, seen);
        let laws = self.laws.iter().zip(memory).enumerate();
        laws.filter_map(|(ix, (law, memory))| Some((ix, law.breaks(&facts, memory, seen)?))).collect()
    }
}

impl Compiled {
    /// Since when it is broken. `facts` are all that guards are asked about, one after the other.
    fn breaks(&self, facts: &[Vec<Value>], memory: &mut Memory, seen: &Seen<'_>) -> Option<Timestamp> {
        let holds = |guard: &Expression, facts: &[Value]| {
            guard.program().holds(&Env { facts, locals: seen.locals, local: seen.local, now: seen.at })
        };
        match (self, memory) {
            (Compiled::Guard { guard, breaks }, _) => {
                facts.iter().any(|facts| holds(guard, facts) == Some(*breaks)).then_some(seen.at)
            }
            (Compiled::Eventually { after, pages, offer, within_ms }, Memory::Since(since)) => {
                let deadline = since.map(|since| since.saturating_add(*within_ms));
                let late = deadline.filter(|deadline| seen.at.0 > *deadline).map(Timestamp);
                let come = pages.iter().any(|page| seen.page == Some(page))
                    || offer.as_ref().is_some_and(|offer| seen.done.offers.contains(offer));
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
                let now = seen.done.offers.iter().filter(|made| *made == offer).count();
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

impl Names {
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
