//! One definition to one journey: kind, variables, offers, pages.
//!
//! Its choices are `choice.rs`.

use super::Checker;
use super::names::Names;
use crate::bounds::{OFFERS_MAX, PAGES_MAX, SPAN_MS_MAX, VARIABLES_MAX, WINDOW_COUNT_MAX};
use crate::graph::{CopyDef, Definition, Kind, Limit, OfferDef, Spanned, SubjectKind, TypeDef, VariableDef};
use crate::id::PageIx;
use crate::library::{Copy, Journey, Offer, Place, Variable};
use turnpage_journeys_expr::{Diagnostic, Local, Scope, Template, Type};

/// What the names in a journey's choices stand for.
pub(super) struct World<'a> {
    pub(super) kind: Kind,
    pub(super) pages: Names<'a>,
    pub(super) offers: Names<'a>,
    pub(super) variables: Names<'a>,
}

impl Checker<'_> {
    /// The journey, its places still to be given. What it is worth when there were errors is not asked.
    pub(super) fn journey(&mut self, definition: &Definition) -> Option<Journey> {
        self.name("journey", &definition.name);
        self.kind(definition);
        let world = World {
            kind: definition.kind.value,
            pages: Names::read(self, "page", PAGES_MAX, definition.pages.iter().map(|page| &page.name)),
            offers: Names::read(self, "offer", OFFERS_MAX, definition.offers.iter().map(|offer| &offer.name)),
            variables: Names::read(
                self,
                "variable",
                VARIABLES_MAX,
                definition.variables.iter().map(|variable| &variable.name),
            ),
        };
        let variables: Vec<Option<Variable>> =
            definition.variables.iter().take(VARIABLES_MAX).map(|v| self.variable(v)).collect();
        self.locals = definition.variables.iter().take(VARIABLES_MAX).map(local).collect();
        let admit = definition.admit.as_ref().map(|admit| self.program(admit, Type::Bool));
        let offers: Vec<Option<Offer>> =
            definition.offers.iter().take(OFFERS_MAX).map(|offer| self.offer(offer)).collect();
        let start = self.start(definition, &world);
        let (pages, entries) = self.pages(definition, &world);
        self.reach(definition, &world);
        Some(Journey {
            name: definition.name.value.clone(),
            version: definition.version,
            kind: definition.kind.value,
            serves: definition.serves.clone(),
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
        })
    }

    fn kind(&mut self, definition: &Definition) {
        let Spanned { value: kind, span } = definition.kind;
        if matches!(kind, Kind::Learning | Kind::Intent) {
            let message = "journeys of this kind do not run yet";
            let help = "`guided` runs the same pages without learning or prediction";
            self.push(Diagnostic::error("unsupported-kind", span, message).with_help(help));
        }
        let Spanned { value: subject, span } = definition.subject;
        if subject != SubjectKind::Visitor {
            self.error("unsupported-subject", span, "only journeys of a `visitor` run yet");
        }
    }

    fn variable(&mut self, variable: &VariableDef) -> Option<Variable> {
        let Some(of) = held(&variable.of) else {
            let message = format!("variable `{}` cannot hold a symbol or a text", variable.name.value);
            let help = "a variable holds a bool, an int, a double, a quantity or a duration";
            self.push(Diagnostic::error("variable-type", variable.name.span, message).with_help(help));
            return None;
        };
        // Variables are not declared yet: an initial value reads facts only.
        let initial = match &variable.initial {
            Some(initial) => Some(self.program(initial, of)?),
            None => None,
        };
        Some(Variable { name: variable.name.value.clone(), of, initial })
    }

    fn offer(&mut self, offer: &OfferDef) -> Option<Offer> {
        let text: Vec<_> = offer.text.iter().map(|copy| self.copy(copy)).collect();
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
            text: text.into_iter().collect::<Option<_>>()?,
            channels: offer.channels.clone(),
            valid_ms,
            limit: offer.limit.as_ref().map(|limit| limit.value),
            words: 0,
            expiry: None,
        })
    }

    fn copy(&mut self, copy: &CopyDef) -> Option<Copy> {
        let template = self.template(&copy.text)?;
        Some(Copy { language: copy.language.clone(), channel: copy.channel.clone(), template })
    }

    fn template(&mut self, text: &Spanned<String>) -> Option<Template> {
        let scope = Scope { schema: self.schema, locals: &self.locals, history: None };
        Template::compile(&text.value, &scope).map_err(|diagnostics| self.inside(text, diagnostics)).ok()
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

fn local(variable: &VariableDef) -> Local {
    Local { name: variable.name.value.clone(), ty: held(&variable.of).unwrap_or(Type::Int) }
}

/// The type of what an instance keeps, if it can be kept.
fn held(of: &TypeDef) -> Option<Type> {
    match of {
        TypeDef::Is(of) => Some(*of).filter(|of| !matches!(of, Type::Symbol(_) | Type::Text)),
        TypeDef::Of(_) => None,
    }
}
