//! Calls at run time: a page that begins another journey, ends it when it is left, and hears what came back.
//!
//! A turn has one instance in hand, so what it does to another is put down here and done by the engine when the
//! turn is over, in the order it was put down. What may call what is `compile/call.rs`. Next: `turn.rs`.

use crate::effect::Effect;
use crate::id::{JourneyIx, PageIx};
use crate::library::Call;
use crate::turn::Turn;
use alloc::vec;
use alloc::vec::Vec;
use turnpage_journeys_expr::{Env, Value};

/// What is left to do when a turn is over.
#[derive(Clone, Debug)]
pub(crate) enum Pending {
    /// A page was entered that calls: the callee begins. Its parameters, nothing where the page gives none.
    Begin(JourneyIx, Vec<Option<Value>>),
    /// The page that called was left: the callee ends.
    End(JourneyIx),
    /// The callee reached an end: its caller looks at the result.
    Return {
        /// Who called.
        caller: JourneyIx,
        /// Who came back.
        callee: JourneyIx,
        /// With what.
        result: Value,
    },
}

impl Turn<'_> {
    /// The page entered calls: parameters are computed from the caller's variables as they are now. [13.2]
    fn call(&mut self, page: PageIx, call: &Call) {
        let given = call.with.iter().map(|(parameter, _)| parameter.index() + 1).max().unwrap_or(0);
        let mut values = vec![None; given];
        for (parameter, program) in &call.with {
            if let Some(value) = values.get_mut(parameter.index()) {
                *value = Some(program.eval(&self.env()));
            }
        }
        self.step.effects.push(Effect::Called { journey: self.ix, page, callee: call.callee });
        self.pending.push_back(Pending::Begin(call.callee, values));
    }

    /// What a page just entered means to other journeys: it calls one, or this one comes back to its caller.
    pub(crate) fn arrive(&mut self, ix: PageIx) {
        let Some(page) = self.journey.page(ix) else { return };
        if let Some(call) = &page.call {
            self.call(ix, call);
        }
        if let Some(caller) = self.journey.caller.filter(|_| page.is_end()) {
            self.come_back(caller);
        }
    }

    /// Begins what was called, on its first page, which does not look at what led here. [13.2, 13.3]
    pub(crate) fn begin_called(&mut self, given: &[Option<Value>]) {
        if let Some(start) = self.journey.start.filter(|_| self.page().is_none()) {
            self.begin_with(start, given);
        }
    }

    /// The instance ends by itself on an end page; what it offered stands on. Its caller hears the result. [13.4]
    fn come_back(&mut self, caller: JourneyIx) {
        let result = self.journey.returns.and_then(|variable| self.locals.get(variable.index()));
        let result = result.copied().unwrap_or_default();
        self.end();
        self.pending.push_back(Pending::Return { caller, callee: self.ix, result });
    }

    /// The journey that the page calls came back: its choices `on: returned` look at it. [13.5]
    pub(crate) fn returned(&mut self, callee: JourneyIx, result: Value) {
        let Some(ix) = self.page() else { return };
        let Some(page) = self.journey.page(ix) else { return };
        if !page.calls().is_some_and(|calls| self.library.is_version_of(callee, calls)) {
            return;
        }
        self.step.effects.push(Effect::Returned { journey: self.ix, page: ix, callee, result });
        let place = self.journey.result.and_then(|place| self.locals.get_mut(place.index()));
        if let Some(place) = place {
            *place = result;
        }
        self.first(&page.returned, crate::input::Triggers::ANY);
    }

    /// The instance is over: its page and timers are gone, its steps, limits and offers stay.
    pub(crate) fn end(&mut self) {
        let Some(page) = self.page() else { return };
        self.count(page, false);
        *self.seat = self.journey.place.nowhere;
        self.step.effects.push(Effect::Ended { journey: self.ix, page });
        self.step.changed = true;
        self.hang_up(page);
    }

    /// What a page called does not outlive the page. [13.6]
    pub(crate) fn hang_up(&mut self, page: PageIx) {
        if let Some(callee) = self.journey.page(page).and_then(|page| page.calls()) {
            // Of a callee that pins, an older version may be the one that runs.
            let name = self.library.journey(callee).map_or("", |journey| journey.name.as_str());
            let versions = self.library.named(name).filter(|(ix, _)| self.library.is_version_of(*ix, callee));
            self.pending.extend(versions.map(|(ix, _)| Pending::End(ix)));
        }
    }

    /// The page that called was left. One that has come back already is not there to be ended. [13.4, 13.6]
    pub(crate) fn hung_up(&mut self) {
        if self.page().is_some() {
            self.stop();
        }
    }

    /// Parameters are what the caller gave, or else their defaults; the variables come after them. [2.3, 13.2]
    pub(crate) fn initial(&mut self, given: &[Option<Value>]) {
        for (ix, variable) in self.journey.variables.iter().enumerate() {
            let given = given.get(ix).copied().flatten();
            let env = Env { locals: self.locals, ..self.env() };
            let initial = || variable.initial.as_ref().map_or(Value::Unknown, |initial| initial.eval(&env));
            let value = given.unwrap_or_else(initial);
            if let Some(local) = self.locals.get_mut(ix) {
                *local = self.library.held(variable.of, value);
            }
        }
    }
}
