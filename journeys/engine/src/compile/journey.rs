//! One definition to one journey: kind, variables, offers, pages.
//!
//! Its choices are `choice.rs`.

use super::Checker;
use super::call::own;
use super::names::Names;
use crate::bounds::{OFFERS_MAX, PAGES_MAX, SPAN_MS_MAX, VARIABLES_MAX, WINDOW_COUNT_MAX};
use crate::graph::{
    Definition, Kind, Limit, OfferDef, Spanned, SubjectKind, TypeDef, VariableDef, WordingDef,
};
use crate::id::{PageIx, VariableIx};
use crate::library::{Asks, Journey, Learn, Offer, Past, Place, Variable, Wording};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use turnpage_journeys_expr::{Diagnostic, Local, Schema, Type};

/// What the names in a journey's choices stand for.
pub(super) struct World<'a> {
    pub(super) kind: Kind,
    pub(super) subject: SubjectKind,
    pub(super) pages: Names<'a>,
    pub(super) offers: Names<'a>,
    pub(super) variables: Names<'a>,
    /// How many of the variables are parameters: they come first.
    pub(super) parameters: usize,
}

impl Checker<'_> {
    /// The journey, its places still to be given. What it is worth when there were errors is not asked.
    pub(super) fn journey(&mut self, definition: &Definition) -> Option<Journey> {
        self.name("journey", &definition.name);
        let world = World {
            kind: definition.kind.value,
            subject: definition.subject.value,
            pages: Names::read(self, "page", PAGES_MAX, definition.pages.iter().map(|page| &page.name)),
            offers: Names::read(self, "offer", OFFERS_MAX, definition.offers.iter().map(|offer| &offer.name)),
            variables: Names::read(
                self,
                "variable",
                VARIABLES_MAX,
                own(definition).map(|variable| &variable.name),
            ),
            parameters: definition.parameters.len(),
        };
        // A parameter's default reads facts only; a variable's initial value reads parameters, too.
        let mut variables = Vec::new();
        for (what, taken) in
            [(&definition.parameters, 0), (&definition.variables, definition.parameters.len())]
        {
            let what = what.iter().take(VARIABLES_MAX.saturating_sub(taken));
            variables.extend(what.map(|variable| self.variable(variable)));
            self.locals =
                own(definition).zip(&variables).map(|(def, variable)| local(def, variable)).collect();
        }
        let calls = definition.pages.iter().any(|page| page.call.is_some());
        self.own = variables.len() + usize::from(calls);
        self.past = Some(past(definition));
        let admit = definition.admit.as_ref().map(|admit| self.program(admit, Type::Bool));
        let offers: Vec<Option<Offer>> =
            definition.offers.iter().take(OFFERS_MAX).map(|offer| self.offer(definition, offer)).collect();
        let start = self.start(definition, &world);
        let inside = self.upgrade(definition, &world);
        let (learn, intent) = (self.learn(definition), self.intent(definition));
        let returns = definition.returns.as_ref();
        let returns = returns.and_then(|name| world.variables.find(self, &name.value, name.span));
        let result = calls.then_some(VariableIx(self.locals.len() as u16));
        let (pages, entries) = self.pages(definition, &world);
        self.reach(definition, &world);
        Some(Journey {
            name: definition.name.value.clone(),
            version: definition.version,
            versions: Vec::new(),
            caller: None,
            inside,
            heir: None,
            elders: Vec::new(),
            parameters: definition.parameters.len(),
            returns: returns.map(VariableIx),
            result,
            kind: definition.kind.value,
            subject: definition.subject.value,
            serves: definition.serves.clone(),
            purpose: self.of_venue("purpose", definition.purpose.as_ref()),
            hold_out_ppm: definition.hold_out.map(ppm),
            offers: offers.into_iter().collect::<Option<_>>()?,
            variables: variables.into_iter().collect::<Option<_>>()?,
            admit: match admit {
                Some(program) => Some(program?),
                None => None,
            },
            start,
            timers: Vec::new(),
            place: Place::default(),
            pages,
            entries,
            held_by: Vec::new(),
            learn: learn.map(|learn| Learn { arms: core::mem::take(&mut self.arms), ..learn }),
            intent,
            kept: core::mem::take(&mut self.kept),
            once: self.once,
        })
    }

    fn variable(&mut self, variable: &VariableDef) -> Option<Variable> {
        let of = self.held(variable)?;
        let initial = match &variable.initial {
            Some(initial) => Some(self.program(initial, of)?),
            None => None,
        };
        Some(Variable { name: variable.name.value.clone(), of, initial })
    }

    /// The type of what an instance remembers, if it can.
    fn held(&mut self, variable: &VariableDef) -> Option<Type> {
        match &variable.of {
            TypeDef::Is(Type::Text) => {
                let message = format!("variable `{}` cannot hold a text", variable.name.value);
                let help = "a variable holds a truth, a number, a length of time, or a name of the venue's";
                self.push(Diagnostic::error("variable-type", variable.name.span, message).with_help(help));
                None
            }
            TypeDef::Is(of) => Some(*of),
            TypeDef::Of(name) => {
                let domain = self.schema.domain_id(&name.value);
                if domain.is_none() {
                    let message = format!("this venue has no `{}` that a variable could be", name.value);
                    let known = ["zone", "kind", "role", "segment", "channel", "condition", "weekday"];
                    let diagnostic = Diagnostic::error("unknown-type", name.span, message);
                    self.push(diagnostic.suggesting(&name.value, known));
                }
                domain.map(Type::Symbol)
            }
        }
    }

    fn offer(&mut self, definition: &Definition, offer: &OfferDef) -> Option<Offer> {
        let text = self.copies(&offer.text);
        let asks = Asks {
            purpose: self.of_venue("purpose", offer.purpose.as_ref()),
            priority: offer.priority.unwrap_or(definition.priority),
            hold: self.of_venue("pool", offer.hold.as_ref()),
            vendor: self.of_venue("vendor", offer.vendor.as_ref()),
        };
        let valid = offer.valid_ms.as_ref();
        let valid_ms = valid.and_then(|valid| self.duration("bad-valid", "an offer is valid", valid));
        if let Some(Spanned { value: limit, span }) = &offer.limit {
            let (Limit::PerDay { count } | Limit::PerWindow { count, .. }) = *limit;
            if count == 0 {
                self.error("bad-limit", *span, "a limit of 0 means that the offer is never made");
            }
            if let Limit::PerWindow { count, window_ms } = *limit {
                self.duration("bad-limit", "a limit counts", &Spanned::new(window_ms, *span));
                if count > WINDOW_COUNT_MAX {
                    let message = format!("a limit counts at most {WINDOW_COUNT_MAX} offers in a window");
                    self.error("bad-limit", *span, message);
                }
            }
        }
        Some(Offer {
            name: offer.name.value.clone(),
            text: text?,
            channels: offer.channels.clone(),
            valid_ms,
            limit: offer.limit.as_ref().map(|limit| limit.value),
            asks,
            words: 0,
            expiry: None,
        })
    }

    /// A name out of one of the venue's lists; `None` when the venue has no such thing, which is told.
    fn of_venue(&mut self, what: &str, name: Option<&Spanned<String>>) -> Option<String> {
        let (name, span) = (&name?.value, name?.span);
        let schema = self.schema;
        let domain = schema.domain_id(what);
        if domain.is_some_and(|domain| schema.symbol(domain, name).is_some()) {
            return Some(name.clone());
        }
        let message = format!("this venue has no {what} `{name}`");
        let known = domain.into_iter().flat_map(|domain| schema.members(domain));
        let mut diagnostic = Diagnostic::error("unknown-name", span, message);
        if domain.is_none() {
            diagnostic =
                diagnostic.with_help(format!("a venue says what it has of a {what} in `venue.yaml`"));
        }
        self.push(diagnostic.suggesting(name, known));
        None
    }

    /// Copy in all its languages; nothing when any of it is wrong.
    pub(super) fn copies(&mut self, copies: &[WordingDef]) -> Option<Vec<Wording>> {
        let copies: Vec<_> = copies.iter().map(|copy| self.copy(copy)).collect();
        copies.into_iter().collect()
    }

    fn copy(&mut self, copy: &WordingDef) -> Option<Wording> {
        let template = self.template(&copy.text)?;
        Some(Wording { language: copy.language.clone(), channel: copy.channel.clone(), template })
    }

    /// A length of time that is more than nothing and less than a slip of the pen.
    pub(super) fn duration(
        &mut self,
        code: &'static str,
        what: &str,
        duration: &Spanned<i64>,
    ) -> Option<i64> {
        let fits = (1..=SPAN_MS_MAX).contains(&duration.value);
        if !fits {
            let message = format!("{what} for more than no time and at most ten years");
            self.error(code, duration.span, message);
        }
        fits.then_some(duration.value)
    }

    fn start(&mut self, definition: &Definition, world: &World<'_>) -> Option<PageIx> {
        if definition.pages.is_empty() {
            self.error("no-pages", definition.name.span, "a journey has at least one page");
        }
        if world.kind == Kind::AdHoc {
            if let Some(start) = &definition.start {
                let message =
                    "an ad-hoc journey has no start: it begins on the page whose `enter` opens first";
                self.error("start-in-ad-hoc", start.span, message);
            }
            return None;
        }
        let Some(start) = &definition.start else { return Some(PageIx(0)) };
        let page = world.pages.find(self, &start.value, start.span)?;
        if world.kind == Kind::Mandated && page != 0 {
            let message = "a mandated journey starts on its first page: no page is skipped";
            self.error("mandated-skip", start.span, message);
        }
        Some(PageIx(page))
    }
}

/// A variable that is wrong is declared all the same: what reads it is not wrong, too.
fn local(def: &VariableDef, variable: &Option<Variable>) -> Local {
    let ty = variable.as_ref().map_or(Type::Int, |variable| variable.of);
    Local { name: def.name.value.clone(), ty }
}

/// The type of what an instance remembers, if the venue knows it.
pub(super) fn kept_type(of: &TypeDef, schema: &Schema) -> Option<Type> {
    match of {
        TypeDef::Is(of) => Some(*of),
        TypeDef::Of(name) => schema.domain_id(&name.value).map(Type::Symbol),
    }
}

/// A share in millionths. The reader has checked that it is one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and a million")]
fn ppm(share: f64) -> u32 {
    libm::round(share.clamp(0.0, 1.0) * 1e6) as u32
}

/// The names that history is asked by. What is beyond a bound is told elsewhere.
fn past(definition: &Definition) -> Past {
    let pages = definition.pages.iter().take(PAGES_MAX).map(|page| page.name.value.clone());
    let offers = definition.offers.iter().take(OFFERS_MAX).map(|offer| offer.name.value.clone());
    Past { pages: pages.collect(), offers: offers.collect() }
}
