//! Filling a blank instance with a saved one: whatever of it the library still has, found by name.

use super::{Learned, SavedInstance, SavedPage, SavedRecall, SavedValue};
use crate::id::PageIx;
use crate::instances;
use crate::learn::Tally;
use crate::library::{Library, Offer, Page, PageTimer, Wait};
use crate::limits;
use crate::turn::Turn;
use crate::upgrade::Fate;
use alloc::vec::Vec;
use turnpage_journeys_expr::{Env, LocalTime, Timestamp, Type, Value};

impl Turn<'_> {
    /// Page, timers that still wait, variables, history, offers, wherever its fate puts it. [9.1, 9.2, 16.1]
    pub(crate) fn restore(&mut self, saved: &SavedInstance<'_>, fate: Fate) {
        let journey = self.journey;
        instances::set_steps(self.words, saved.steps);
        if journey.kind == crate::graph::Kind::Mandated {
            instances::set_evidence(self.words, &journey.place, saved.evidence);
        }
        for (name, made) in &saved.offers {
            let Some(offer) = journey.offers.iter().find(|offer| offer.name == *name) else { continue };
            limits::restore(offer, self.words, made);
            if !fate.stands() {
                limits::settle(offer, self.words);
            }
            if let (true, Some(valid), Some(expiry)) =
                (made.standing && fate.stands(), offer.valid_ms, offer.expiry)
            {
                self.start(expiry, made.made_at.saturating_add(valid));
            }
        }
        self.restore_learned(&saved.learned);
        if saved.rests && journey.intent.is_some() {
            *self.seat = journey.place.resting();
        }
        let Some(was) = &saved.page else { return };
        // Bytes that say twice where it is are not ours; the first is as good as the second.
        let Some(ix) = fate.page().filter(|_| self.page().is_none()) else { return };
        self.restore_page(ix, was);
        self.restore_variables(&saved.variables.iter().collect::<Vec<_>>());
        self.restore_history(&saved.history);
        if let Some(intent) = &journey.intent {
            instances::set_word(self.words, intent.word, saved.foresaw_at);
            self.start(intent.timer, saved.foresaw_at.saturating_add(intent.within_ms));
        }
        for (page, _, once) in journey.pages.iter().flat_map(Page::keyed) {
            if saved.once.iter().any(|(name, key)| *name == page.name && *key == once.key) {
                instances::take(self.words, &journey.place, once.bit);
            }
        }
    }

    /// A callee that cannot go on where it was begins anew at once, as of the instant its page was entered: its caller
    /// waits for it. Its parameters are those it was given. [16.6]
    pub(crate) fn call_again(&mut self, saved: &SavedInstance<'_>) {
        let (Some(start), Some(was)) = (self.journey.start, &saved.page) else { return };
        if self.page().is_some() {
            return;
        }
        let name = self.journey.page(start).map_or("", |page| page.name.as_str());
        let fresh = SavedPage {
            name,
            entered_at: was.entered_at,
            spent_ms: Vec::new(),
            clocks: Vec::new(),
            marks: 0,
        };
        self.restore_page(start, &fresh);
        let parameters = self.journey.variables.iter().take(self.journey.parameters);
        let given =
            saved.variables.iter().filter(|(name, _)| parameters.clone().any(|known| known.name == *name));
        self.restore_variables(&given.collect::<Vec<_>>());
        self.begin_history();
    }

    fn restore_learned(&mut self, was: &[Learned<'_>]) {
        let Some(learn) = &self.journey.learn else { return };
        for (number, arm) in learn.arms.iter().enumerate() {
            let names = self.journey.page(arm.page).zip(self.journey.offer(arm.offer));
            let saved = was.iter().find(|saved| {
                let is =
                    |(page, offer): (&Page, &Offer)| saved.page == page.name && saved.offer == offer.name;
                saved.nth == arm.nth && names.is_some_and(is)
            });
            let Some(saved) = saved else { continue };
            learn.set_own(self.words, number, Tally::of(saved.tally));
            if saved.made {
                learn.set_made_by(self.words, arm.offer, Some(number));
            }
        }
    }

    fn restore_page(&mut self, ix: PageIx, was: &SavedPage<'_>) {
        let journey = self.journey;
        *self.seat = journey.place.seat(ix);
        self.count(ix, true);
        instances::set_entered_at(self.words, was.entered_at);
        instances::set_marks(self.words, was.marks);
        let mut spent = 0;
        let timers = journey.page(ix).map_or(&[][..], |page| &page.timers);
        for (nth, timer) in timers.iter().enumerate() {
            match timer.wait {
                Wait::After(after_ms) if was.spent_ms.contains(&after_ms) => spent |= 1 << nth,
                Wait::After(after_ms) => self.start(timer.timer, was.entered_at.saturating_add(after_ms)),
                Wait::Clock { at_ms, word } => self.restore_clock(timer, at_ms, word, was),
            }
        }
        instances::set_spent(self.words, spent);
    }

    /// A time of day that is new on the page comes next as if it had always been there.
    fn restore_clock(&mut self, timer: &PageTimer, at_ms: u32, word: usize, was: &SavedPage<'_>) {
        let saved = was.clocks.iter().find(|(saved, _)| *saved == at_ms).map(|(_, deadline)| *deadline);
        let first = || self.offsets.next(at_ms, Timestamp(was.entered_at)).map(|at| at.0);
        let deadline = saved.or_else(first).unwrap_or(instances::NO_DEADLINE);
        self.wait_until(timer.timer, word, deadline);
    }

    /// A variable that is new, or of another type than it was, starts as it would without any fact.
    fn restore_variables(&mut self, was: &[&(&str, SavedValue<'_>)]) {
        let nothing = Env { facts: &[], locals: &[], local: LocalTime::default(), now: Timestamp::default() };
        for (variable, local) in self.journey.variables.iter().zip(self.locals.iter_mut()) {
            let saved = was.iter().find(|(name, _)| *name == variable.name);
            let saved = saved.and_then(|(_, value)| value.restored(self.library, variable.of));
            let initial =
                || variable.initial.as_ref().map_or(Value::Unknown, |initial| initial.eval(&nothing));
            *local = saved.unwrap_or_else(initial);
        }
    }

    /// What was not kept before begins now.
    fn restore_history(&mut self, was: &[(SavedRecall<'_>, i64, i64)]) {
        self.begin_history();
        for (recall, place) in &self.journey.kept {
            let asked = SavedRecall::of(self.journey, *recall);
            let saved = was.iter().find(|(saved, ..)| Some(saved) == asked.as_ref());
            let Some((_, first, second)) = saved else { continue };
            for (at, value) in [*first, *second].into_iter().take(usize::from(recall.width())).enumerate() {
                if let Some(local) = self.locals.get_mut(place + at) {
                    *local = Value::Int(value);
                }
            }
        }
    }
}

impl SavedValue<'_> {
    /// The value, if it is of a type. A member that is gone is unknown.
    fn restored(&self, library: &Library, of: Type) -> Option<Value> {
        match (self, of) {
            // Symbols are saved by name.
            (SavedValue::Plain(Value::Symbol(_) | Value::Set(_)), _) => None,
            (SavedValue::Plain(Value::Unknown), _) => Some(Value::Unknown),
            (SavedValue::Plain(value), of) => Some(library.held(of, *value)).filter(|held| held.is_known()),
            (SavedValue::Member(name), Type::Symbol(domain)) => {
                Some(library.symbol(domain, name).map_or(Value::Unknown, Value::Symbol))
            }
            (SavedValue::Members(names), Type::Set(domain)) => {
                Some(Value::set(names.iter().filter_map(|name| library.symbol(domain, name))))
            }
            _ => None,
        }
    }
}
