//! What a choice waits for: an event, an outcome, a delay, a time of day, or the subject's own pick. One of them.

use super::Checker;
use super::journey::World;
use crate::graph::{ChoiceDef, On};
use crate::id::OfferIx;
use crate::input::Triggers;
use crate::library::{OutcomeKey, Page, Wait};
use alloc::format;
use turnpage_journeys_expr::{Diagnostic, Span};

/// What a trigger compiles to.
pub(super) enum Waits {
    Event(Triggers),
    Outcome(OutcomeKey),
    Time(Wait),
    Pick,
    Returned,
}

/// Milliseconds of a day on the clock.
const DAY_MS: u32 = 86_400_000;

impl Checker<'_> {
    /// What a choice waits for; any event where it says nothing. `page` holds the choices before it.
    pub(super) fn waits(&mut self, def: &ChoiceDef, world: &World<'_>, page: &Page) -> Option<Waits> {
        if self.waits_twice(def) {
            return None;
        }
        if let Some(pick) = &def.pick {
            self.name("pick", pick);
            // The choice itself is among them already.
            let same = page.choices.iter().filter(|choice| choice.pick.as_ref() == Some(&pick.value));
            if same.count() > 1 {
                let message = format!("another pick of this page is named `{}`, too", pick.value);
                self.error("duplicate-name", pick.span, message);
            }
            return Some(Waits::Pick);
        }
        if let Some(label) = def.label.first() {
            let message = "a label is what a kiosk shows for a pick, and this choice has no `pick`";
            self.error("label-without-pick", label.text.span, message);
        }
        if let Some(after) = &def.after_ms {
            let after_ms = self.duration("bad-after", "a page waits", after).unwrap_or(after.value);
            return Some(Waits::Time(Wait::After(after_ms)));
        }
        if let Some(at) = &def.at_ms {
            if at.value >= DAY_MS {
                self.error("bad-at", at.span, "a day on the clock ends before 24:00; midnight is 00:00");
            }
            return Some(Waits::Time(Wait::Clock { at_ms: at.value, word: 0 }));
        }
        match &def.on {
            Some(on) => self.trigger(&on.value, on.span, world),
            None => Some(Waits::Event(Triggers::ANY)),
        }
    }

    fn waits_twice(&mut self, def: &ChoiceDef) -> bool {
        let said: [(&str, Option<Span>); 4] = [
            ("on", def.on.as_ref().map(|on| on.span)),
            ("after", def.after_ms.as_ref().map(|after| after.span)),
            ("at", def.at_ms.as_ref().map(|at| at.span)),
            ("pick", def.pick.as_ref().map(|pick| pick.span)),
        ];
        let mut said = said.into_iter().filter_map(|(word, span)| Some((word, span?)));
        let (Some((first, span)), Some((second, _))) = (said.next(), said.next()) else { return false };
        if (first, second) == ("on", "after") {
            let message = "a choice waits for an event or for a time, not for both";
            let help = "write two choices, or turn to a page of its own when the event comes";
            self.push(Diagnostic::error("on-and-after", span, message).with_help(help));
        } else {
            let message = format!("a choice waits for one thing, not for `{first}` and `{second}`");
            let help = "write two choices that turn to the same page";
            self.push(Diagnostic::error("waits-twice", span, message).with_help(help));
        }
        true
    }

    pub(super) fn trigger(&mut self, on: &On, span: Span, world: &World<'_>) -> Option<Waits> {
        Some(match on {
            On::Sighting => Waits::Event(Triggers::SIGHTING),
            On::Enter => Waits::Event(Triggers::ENTER),
            On::Exit => Waits::Event(Triggers::EXIT),
            On::Weather => Waits::Event(Triggers::WEATHER),
            On::Signal => Waits::Event(Triggers::SIGNAL),
            On::SignalOf(name) => Waits::Event(self.signal(name, span)?),
            On::Feedback => Waits::Event(Triggers::FEEDBACK),
            On::Returned => Waits::Returned,
            On::Reached => Waits::Event(Triggers::REACHED),
            On::Outcome(of) => {
                let offer = OfferIx(world.offers.find(self, &of.offer, span)?);
                Waits::Outcome(OutcomeKey { offer, outcome: of.outcome })
            }
        })
    }

    fn signal(&mut self, name: &str, span: Span) -> Option<Triggers> {
        let slot = self.schema.slot(&format!("signal.{name}"));
        if slot.is_none() {
            let message = format!("this venue has no signal `{name}`");
            let known = self.schema.facts().filter_map(|(_, fact)| fact.path.strip_prefix("signal."));
            let diagnostic = Diagnostic::error("unknown-signal", span, message).suggesting(name, known);
            self.push(diagnostic);
        }
        slot.map(Triggers::signal)
    }
}
