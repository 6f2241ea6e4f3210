//! Pages and their choices, sorted by what opens them: events, outcomes, timers, picks, entries.
//!
//! What a choice waits for is read in `waits.rs`, what it does in `does.rs`.

use super::Checker;
use super::journey::World;
use super::waits::Waits;
use crate::bounds::{CHOICES_MAX, PAGES_MAX, TIMERS_MAX};
use crate::graph::{ChoiceDef, Definition, EntryDef, Kind, PageDef};
use crate::id::{ChoiceIx, OfferIx, PageIx};
use crate::input::Triggers;
use crate::library::{Choice, ChoiceInfo, Gate, Page, PageTimer, TimerRef};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use turnpage_journeys_expr::{Diagnostic, Type};

impl Checker<'_> {
    /// The pages, and the ways into them from anywhere.
    pub(super) fn pages(&mut self, definition: &Definition, world: &World<'_>) -> (Vec<Page>, Vec<Choice>) {
        let (mut pages, mut entries) = (Vec::new(), Vec::new());
        for (ix, page) in definition.pages.iter().take(PAGES_MAX).enumerate() {
            let ix = PageIx(ix as u16);
            if page.enter.len() > CHOICES_MAX {
                let message = format!("page `{}` has more than {CHOICES_MAX} ways in", page.name.value);
                self.error("too-many", page.name.span, message);
            }
            let enter = page.enter.iter().take(CHOICES_MAX);
            entries.extend(enter.filter_map(|entry| self.entry(entry, world, ix)));
            pages.push(self.page(page, world, ix));
        }
        if world.kind == Kind::AdHoc && definition.pages.iter().all(|page| page.enter.is_empty()) {
            let message = "an ad-hoc journey needs a page with `enter`, or nobody ever gets in";
            self.error("no-way-in", definition.kind.span, message);
        }
        (pages, entries)
    }

    fn page(&mut self, page: &PageDef, world: &World<'_>, ix: PageIx) -> Page {
        let mut out = Page { name: page.name.value.clone(), ..Page::default() };
        self.watch(page, world, &mut out);
        out.call = self.call(page, world);
        let result = self.result(page);
        if page.choices.len() > CHOICES_MAX {
            let message = format!("page `{}` has more than {CHOICES_MAX} choices", page.name.value);
            self.error("too-many", page.name.span, message);
        }
        for (nth, choice) in page.choices.iter().take(CHOICES_MAX).enumerate() {
            // What came back is read by the choices that wait for it, and by no other.
            let is_returned = self.is_returned(choice, page, world);
            self.locals.extend(result.clone().filter(|_| is_returned));
            self.choice(choice, world, ix, ChoiceIx(nth as u16), &mut out);
            self.locals.truncate(world.variables.len());
        }
        if out.timers.len() > TIMERS_MAX {
            let message =
                format!("page `{}` has more than {TIMERS_MAX} different delays and times", page.name.value);
            self.error("too-many", page.name.span, message);
        }
        out
    }

    /// What is watched on a page beside its choices: the way of a guided journey, the order of a mandated one.
    fn watch(&mut self, page: &PageDef, world: &World<'_>, out: &mut Page) {
        if let Some(way) = &page.way {
            if world.kind != Kind::Guided {
                let message = "only a guided journey has a recommended way";
                self.error("way-not-guided", way.span, message);
            }
            out.way = self.program(way, Type::Bool);
        }
        if let Some(nudge) = &page.nudge {
            if page.way.is_none() {
                let message = "a nudge is made to who strays, and this page has no `way` to stray from";
                self.error("nudge-without-way", nudge.span, message);
            }
            let offer = world.offers.find(self, &nudge.value, nudge.span).map(OfferIx);
            let way = page.way.as_ref().map_or("", |way| way.value.as_str());
            let reads = out.way.as_ref().map_or_else(Vec::new, |way| way.reads().to_vec());
            out.nudge =
                Some(ChoiceInfo { guard: format!("!({way})"), reads, offer, ..ChoiceInfo::default() });
        }
        if let Some(breach) = &page.breach {
            if world.kind != Kind::Mandated {
                let message = "only a mandated journey has an order that can be broken";
                self.error("breach-not-mandated", breach.span, message);
            }
            out.breach = self.program(breach, Type::Bool);
        }
    }

    /// Puts a choice where the engine looks for it. One with an error is left out: there will be no library.
    fn choice(&mut self, def: &ChoiceDef, world: &World<'_>, page: PageIx, ix: ChoiceIx, out: &mut Page) {
        let guard = def.when.as_ref().and_then(|when| self.program(when, Type::Bool));
        let mut choice = self.does(def, world, page, ix);
        choice.gate.guard = guard;
        choice.once = self.once(def, out);
        out.choices.push(self.info(def, &choice));
        match self.waits(def, world, out) {
            None => {}
            Some(Waits::Event(wants)) => {
                choice.gate.wants = wants;
                out.events.push(choice);
            }
            Some(Waits::Outcome(key)) => out.answers.push((key, choice)),
            Some(Waits::Returned) => out.returned.push(choice),
            Some(Waits::Pick) => out.picks.push(choice),
            Some(Waits::Time(wait)) => match out.timers.iter_mut().find(|timer| timer.wait == wait) {
                Some(timer) => timer.choices.push(choice),
                None => {
                    out.timers.push(PageTimer { wait, timer: TimerRef::default(), choices: vec![choice] });
                }
            },
        }
    }

    fn info(&mut self, def: &ChoiceDef, choice: &Choice) -> ChoiceInfo {
        ChoiceInfo {
            guard: def.when.as_ref().map_or_else(String::new, |when| when.value.clone()),
            reads: choice.gate.guard.as_ref().map_or_else(Vec::new, |guard| guard.reads().to_vec()),
            offer: choice.offer,
            turn_to: choice.turn_to,
            alternatives: choice
                .alternatives
                .iter()
                .flat_map(|alternatives| alternatives.all.iter().map(|one| (one.offer, one.turn_to)))
                .collect(),
            pick: def.pick.as_ref().map(|pick| pick.value.clone()),
            label: self.copies(&def.label).unwrap_or_default(),
            dispatch: def.dispatch.as_ref().and_then(|dispatch| self.dispatch(dispatch)),
            ticket: self.copies(&def.ticket).unwrap_or_default(),
        }
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
                Waits::Returned => {
                    self.error("enter-on-returned", on.span, "what comes back is no way into a page");
                    return None;
                }
                _ => {
                    self.error("enter-on-outcome", on.span, "an outcome is no way into a page");
                    return None;
                }
            },
        };
        let gate = Gate { wants, guard: guard.flatten() };
        Some(Choice { gate, turn_to: Some(page), ..Choice::default() })
    }
}
