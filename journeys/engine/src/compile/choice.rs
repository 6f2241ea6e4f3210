//! Pages and their choices, sorted by what opens them: events, outcomes, timers, entries.

use super::Checker;
use super::journey::World;
use crate::bounds::{CHOICES_MAX, PAGES_MAX, TIMERS_MAX};
use crate::graph::{ChoiceDef, Definition, EntryDef, Kind, On, PageDef};
use crate::id::{ChoiceIx, OfferIx, PageIx, VariableIx};
use crate::input::Triggers;
use crate::library::{Choice, ChoiceInfo, Gate, OutcomeKey, Page, PageTimer, TimerRef};
use turnpage_journeys_expr::{Diagnostic, Local, Program, Span, Type};

impl Checker<'_> {
    /// The pages, and the ways into them from anywhere.
    pub(super) fn pages(&mut self, definition: &Definition, world: &World<'_>) -> (Vec<Page>, Vec<Choice>) {
        let (mut pages, mut entries) = (Vec::new(), Vec::new());
        for (ix, page) in definition.pages.iter().take(PAGES_MAX).enumerate() {
            let ix = PageIx(ix as u16);
            entries.extend(page.enter.iter().filter_map(|entry| self.entry(entry, world, ix)));
            pages.push(self.page(page, world, ix));
        }
        if world.kind == Kind::AdHoc && definition.pages.iter().all(|page| page.enter.is_empty()) {
            let message = "an ad-hoc journey needs a page with `enter`, or nobody ever gets in";
            self.error("no-way-in", definition.kind.span, message);
        }
        (pages, entries)
    }

    fn page(&mut self, page: &PageDef, world: &World<'_>, ix: PageIx) -> Page {
        let mut out = Page {
            name: page.name.value.clone(),
            choices: Vec::new(),
            events: Vec::new(),
            answers: Vec::new(),
            timers: Vec::new(),
        };
        if page.choices.len() > CHOICES_MAX {
            let message = format!("page `{}` has more than {CHOICES_MAX} choices", page.name.value);
            self.error("too-many", page.name.span, message);
        }
        for (nth, choice) in page.choices.iter().take(CHOICES_MAX).enumerate() {
            self.choice(choice, world, ix, ChoiceIx(nth as u16), &mut out);
        }
        if out.timers.len() > TIMERS_MAX {
            let message = format!("page `{}` has more than {TIMERS_MAX} different delays", page.name.value);
            self.error("too-many", page.name.span, message);
        }
        out
    }

    /// Puts a choice where the engine looks for it. One with an error is left out: there will be no library.
    fn choice(&mut self, def: &ChoiceDef, world: &World<'_>, page: PageIx, ix: ChoiceIx, out: &mut Page) {
        let guard = def.when.as_ref().map(|when| self.program(when, Type::Bool));
        let choice = Choice {
            gate: Gate { wants: Triggers::ANY, guard: guard.flatten() },
            ix: Some(ix),
            offer: def.offer.as_ref().and_then(|o| world.offers.find(self, &o.value, o.span)).map(OfferIx),
            outcome: def.outcome.as_ref().and_then(|of| {
                let offer = OfferIx(world.offers.find(self, &of.value.offer, of.span)?);
                Some(OutcomeKey { offer, outcome: of.value.outcome })
            }),
            sets: self.sets(def, world),
            turn_to: self.target(def, world, page),
        };
        out.choices.push(ChoiceInfo {
            guard: def.when.as_ref().map_or_else(String::new, |when| when.value.clone()),
            reads: choice.gate.guard.as_ref().map_or_else(Vec::new, |guard| guard.reads().to_vec()),
            offer: choice.offer,
            turn_to: choice.turn_to,
        });
        if def.offer.is_none() && def.outcome.is_none() && def.set.is_empty() && def.turn_to.is_none() {
            let message = "this choice does nothing but keep later ones from being taken";
            self.push(Diagnostic::warning("empty-choice", def.span, message));
        }
        match (&def.on, &def.after_ms) {
            (Some(on), Some(_)) => {
                let message = "a choice waits for an event or for a time, not for both";
                let help = "write two choices, or turn to a page of its own when the event comes";
                self.push(Diagnostic::error("on-and-after", on.span, message).with_help(help));
            }
            (None, Some(after)) => {
                let after_ms = self.duration("bad-after", "a page waits", after).unwrap_or(after.value);
                match out.timers.iter_mut().find(|timer| timer.after_ms == after_ms) {
                    Some(timer) => timer.choices.push(choice),
                    None => {
                        let timer = TimerRef::default();
                        out.timers.push(PageTimer { after_ms, timer, choices: vec![choice] });
                    }
                }
            }
            (Some(on), None) => match self.trigger(&on.value, on.span, world) {
                Some(Waits::Event(wants)) => {
                    let gate = Gate { wants, ..choice.gate };
                    out.events.push(Choice { gate, ..choice });
                }
                Some(Waits::Outcome(key)) => out.answers.push((key, choice)),
                None => {}
            },
            (None, None) => out.events.push(choice),
        }
    }

    fn trigger(&mut self, on: &On, span: Span, world: &World<'_>) -> Option<Waits> {
        Some(match on {
            On::Sighting => Waits::Event(Triggers::SIGHTING),
            On::Enter => Waits::Event(Triggers::ENTER),
            On::Exit => Waits::Event(Triggers::EXIT),
            On::Weather => Waits::Event(Triggers::WEATHER),
            On::Signal => Waits::Event(Triggers::SIGNAL),
            On::Feedback => Waits::Event(Triggers::FEEDBACK),
            On::SignalOf(_) | On::Returned | On::Reached => return None,
            On::Outcome(of) => {
                let offer = OfferIx(world.offers.find(self, &of.offer, span)?);
                Waits::Outcome(OutcomeKey { offer, outcome: of.outcome })
            }
        })
    }

    /// The page a choice turns to. In a mandated journey it is at most the next.
    fn target(&mut self, def: &ChoiceDef, world: &World<'_>, page: PageIx) -> Option<PageIx> {
        let target = def.turn_to.as_ref()?;
        let to = world.pages.find(self, &target.value, target.span)?;
        if world.kind == Kind::Mandated && usize::from(to) > page.index() + 1 {
            let message = format!("a mandated journey cannot skip to page `{}`", target.value);
            let help = "a choice turns to the next page in the file, to its own or to an earlier one";
            self.push(Diagnostic::error("mandated-skip", target.span, message).with_help(help));
        }
        Some(PageIx(to))
    }

    fn sets(&mut self, def: &ChoiceDef, world: &World<'_>) -> Vec<(VariableIx, Program)> {
        let mut sets: Vec<(VariableIx, Program)> = Vec::new();
        for (name, text) in &def.set {
            let Some(ix) = world.variables.find(self, &name.value, name.span) else { continue };
            if sets.iter().any(|(other, _)| *other == VariableIx(ix)) {
                let message = format!("this choice sets `{}` twice", name.value);
                self.error("duplicate-name", name.span, message);
                continue;
            }
            let Some(&Local { ty, .. }) = self.locals.get(usize::from(ix)) else { continue };
            sets.extend(self.program(text, ty).map(|program| (VariableIx(ix), program)));
        }
        sets
    }

    fn entry(&mut self, def: &EntryDef, world: &World<'_>, page: PageIx) -> Option<Choice> {
        if world.kind != Kind::AdHoc {
            let message = "only pages of an ad-hoc journey have `enter`";
            let help = "say `kind: ad-hoc`, or turn to this page from a choice";
            self.push(Diagnostic::error("enter-not-ad-hoc", def.span, message).with_help(help));
            return None;
        }
        let guard = def.when.as_ref().map(|when| self.program(when, Type::Bool));
        let wants = match &def.on {
            None => Triggers::ANY,
            Some(on) => match self.trigger(&on.value, on.span, world)? {
                Waits::Event(wants) => wants,
                Waits::Outcome(_) => {
                    self.error("enter-on-outcome", on.span, "an outcome is no way into a page");
                    return None;
                }
            },
        };
        Some(Choice {
            gate: Gate { wants, guard: guard.flatten() },
            ix: None,
            offer: None,
            outcome: None,
            sets: Vec::new(),
            turn_to: Some(page),
        })
    }
}

/// What a trigger compiles to.
enum Waits {
    Event(Triggers),
    Outcome(OutcomeKey),
}
