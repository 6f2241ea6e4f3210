//! Whether a page and its choices are such as `compile` makes: what opens a choice is there, what it does can be done.

use super::{Look, Sound, differ, ensure, is_name, is_span};
use crate::bounds::{ALTERNATIVES_MAX, CHOICES_MAX, TIMERS_MAX};
use crate::graph::Kind;
use crate::id::{ChoiceIx, OfferIx, PageIx, VariableIx};
use crate::input::Triggers;
use crate::library::{Call, Choice, ChoiceInfo, Page, Wait};
use alloc::vec::Vec;
use turnpage_journeys_expr::{Program, Slot};

/// Milliseconds of a day on the clock.
const DAY_MS: u32 = 86_400_000;

impl Look<'_> {
    pub(super) fn page(&self, ix: PageIx, page: &Page) -> Sound {
        ensure(self.is_watched(page), "a page watches over what is not there")?;
        ensure(page.call.as_ref().is_none_or(|call| self.calls(call)), "a page calls nobody")?;
        ensure(self.is_timed(page), "a page waits for no time")?;
        let mut places: Vec<ChoiceIx> = Vec::new();
        for choice in page.compiled() {
            places.extend(choice.ix);
            let info = choice.ix.and_then(|ix| page.choices.get(ix.index()));
            let told = info.is_some_and(|info| self.tells(info, choice));
            ensure(told && self.does(ix, choice), "a choice does what cannot be done")?;
        }
        places.sort_unstable();
        let all = (0..page.choices.len() as u16).map(ChoiceIx);
        let in_order = [&page.events, &page.picks, &page.returned]
            .into_iter()
            .chain(page.timers.iter().map(|timer| &timer.choices))
            .all(|choices| choices.is_sorted_by_key(|choice| choice.ix))
            && page.answers.is_sorted_by_key(|(_, choice)| choice.ix);
        let whole = page.choices.len() <= CHOICES_MAX && places.into_iter().eq(all) && in_order;
        ensure(whole, "a page's choices are not those it tells of")?;
        ensure(self.is_opened(page), "a choice waits for what never comes")
    }

    fn fit(&self, programs: &[(impl Sized, Program)]) -> bool {
        programs.iter().all(|(_, program)| program.fits(&self.within))
    }

    fn is_watched(&self, page: &Page) -> bool {
        let kind = self.journey.kind;
        let nudges = page.nudge.as_ref().is_none_or(|nudge| {
            let reads = page.way.as_ref().map(Program::reads);
            nudge.offer.is_some_and(|offer| self.has_offer(offer)) && reads == Some(nudge.reads.as_slice())
        });
        nudges
            && (page.way.is_none() || kind == Kind::Guided)
            && (page.breach.is_none() || kind == Kind::Mandated)
            && page.way.iter().chain(&page.breach).all(|guard| guard.fits(&self.within))
    }

    /// A callee knows its caller, and does not begin where it ends: a step would have no end.
    fn calls(&self, call: &Call) -> bool {
        let Some(callee) = self.journeys.get(call.callee.index()) else { return false };
        let start = callee.start.and_then(|start| callee.page(start));
        let given = |(parameter, _): &(VariableIx, Program)| parameter.index() < callee.parameters;
        callee.caller == Some(self.ix)
            && start.is_some_and(|start| !start.is_end())
            && call.with.iter().all(given)
            && differ(call.with.iter().map(|(parameter, _)| parameter))
            && self.fit(&call.with)
    }

    fn is_timed(&self, page: &Page) -> bool {
        let waits: Vec<(bool, i64)> = (page.timers.iter())
            .map(|timer| match timer.wait {
                Wait::After(after_ms) => (true, after_ms),
                Wait::Clock { at_ms, .. } => (false, i64::from(at_ms)),
            })
            .collect();
        let is_one = |(elapsed, ms): &(bool, i64)| {
            if *elapsed { is_span(*ms) } else { (0..i64::from(DAY_MS)).contains(ms) }
        };
        waits.len() <= TIMERS_MAX && waits.iter().all(is_one) && differ(waits)
    }

    /// What opens the choices of a page comes from where they stand.
    fn is_opened(&self, page: &Page) -> bool {
        let answers = page.answers.iter().map(|(_, choice)| choice);
        let timed = page.timers.iter().flat_map(|timer| &timer.choices);
        let picks = || page.picks.iter().filter_map(|choice| page.choices.get(choice.ix?.index()));
        let picked = page.choices.iter().filter(|info| info.pick.is_some()).count();
        page.events.iter().all(|choice| self.comes(choice.gate.wants))
            && page.picks.iter().chain(&page.returned).chain(answers).chain(timed).all(is_any)
            && page.answers.iter().all(|(key, _)| self.has_offer(key.offer))
            && page.timers.iter().all(|timer| !timer.choices.is_empty())
            && (page.returned.is_empty() || page.call.is_some())
            && picked == page.picks.len()
            && picks().all(|info| info.pick.as_deref().is_some_and(is_name))
            && differ(picks().map(|info| &info.pick))
    }

    /// Whether an event may have these triggers.
    fn comes(&self, wants: Triggers) -> bool {
        let known = wants.is_known(self.journey.kind == Kind::Intent);
        let named = wants.named().and_then(|slot| {
            let (_, fact) = self.within.schema.facts().nth(slot)?;
            fact.path.strip_prefix("signal.")
        });
        known && wants.named().is_some() == named.is_some()
    }

    /// Whether what is told of a choice is what it does.
    fn tells(&self, info: &ChoiceInfo, choice: &Choice) -> bool {
        let alternatives = choice.alternatives.iter().flat_map(|all| &all.all);
        let roles = self.within.schema.domain_id("role");
        let is_role =
            |role: &str| roles.is_some_and(|roles| self.within.schema.symbol(roles, role).is_some());
        info.offer == choice.offer
            && info.turn_to == choice.turn_to
            && info.alternatives.iter().copied().eq(alternatives.map(|one| (one.offer, one.turn_to)))
            && info.reads.as_slice() == choice.gate.guard.as_ref().map_or(&[][..], Program::reads)
            && info.dispatch.is_some() == choice.dispatch
            && info.ticket.is_empty() != choice.ticket
            && self.says(&info.label)
            && self.says(&info.ticket)
            && info.dispatch.iter().all(|dispatch| is_role(&dispatch.role) && self.says(&dispatch.task))
    }

    fn does(&self, page: PageIx, choice: &Choice) -> bool {
        let outcome = choice.outcome.map(|outcome| outcome.offer);
        let mut offers = choice.offer.into_iter().chain(choice.withdraw).chain(outcome);
        let is_of_subject =
            |slot: Slot| self.within.schema.at(slot).is_some_and(|fact| fact.path.starts_with("subject."));
        let learns = choice.alternatives.as_ref().is_none_or(|alternatives| {
            let all = &alternatives.all;
            self.journey.kind == Kind::Learning
                && choice.offer.is_none()
                && (2..=ALTERNATIVES_MAX).contains(&all.len())
                && differ(all.iter().map(|one| one.offer))
                && all.iter().all(|one| {
                    self.has_offer(one.offer) && self.sets(&one.sets) && self.turns(page, one.turn_to)
                })
        });
        offers.all(|offer: OfferIx| self.has_offer(offer))
            && choice.gate.guard.as_ref().is_none_or(|guard| guard.fits(&self.within))
            && self.turns(page, choice.turn_to)
            && self.sets(&choice.sets)
            && choice.remembers.iter().all(|(slot, _)| is_of_subject(*slot))
            && differ(choice.remembers.iter().map(|(slot, _)| slot))
            && self.fit(&choice.remembers)
            && learns
    }

    fn sets(&self, sets: &[(VariableIx, Program)]) -> bool {
        let own = self.journey.parameters..self.journey.variables.len();
        sets.iter().all(|(variable, _)| own.contains(&variable.index()))
            && differ(sets.iter().map(|(variable, _)| variable))
            && self.fit(sets)
    }

    /// Whether a page may turn to another: in a mandated journey no page is skipped.
    fn turns(&self, from: PageIx, to: Option<PageIx>) -> bool {
        to.is_none_or(|to| {
            self.has_page(to) && (self.journey.kind != Kind::Mandated || to.index() <= from.index() + 1)
        })
    }

    /// Ways in from anywhere: they turn to their page and do nothing else.
    pub(super) fn entries(&self) -> Sound {
        let entries = &self.journey.entries;
        let is_one = |entry: &Choice| {
            let nothing = entry.sets.is_empty() && entry.remembers.is_empty() && entry.alternatives.is_none();
            entry.ix.is_none()
                && nothing
                && entry.once.is_none()
                && entry.turn_to.is_some_and(|page| self.has_page(page))
                && self.comes(entry.gate.wants)
                && entry.gate.guard.as_ref().is_none_or(|guard| guard.fits(&self.within))
        };
        let in_order = entries.is_sorted_by_key(|entry| entry.turn_to);
        ensure(in_order && entries.iter().all(is_one), "a way in leads nowhere")
    }
}

fn is_any(choice: &Choice) -> bool {
    choice.gate.wants == Triggers::ANY
}
