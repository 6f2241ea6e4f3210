//! What a journey of kind intent waits for: checked, and compiled to the two guards that begin and end it.
//!
//! Its life is `crate::foretell`. Next: `library/place.rs`, which gives it a word, a timer and a seat to rest on.

use super::Checker;
use crate::graph::{Definition, IntentDef, Kind, On};
use crate::library::{Intent, TimerRef};
use alloc::format;
use turnpage_journeys_expr::{Diagnostic, Program, Scope, Type};

/// The domain of kinds of zones, and the fact that says of which kind the subject's zone is.
const KINDS: &str = "kind";

impl Checker<'_> {
    pub(super) fn intent(&mut self, definition: &Definition) -> Option<Intent> {
        let is_intent = definition.kind.value == Kind::Intent;
        let waiting = definition.pages.iter().flat_map(|page| &page.choices).filter_map(|c| c.on.as_ref());
        for on in waiting.filter(|on| !is_intent && on.value == On::Reached) {
            let message = "only a journey of `kind: intent` has a goal to reach";
            self.error("reached-not-intent", on.span, message);
        }
        let Some(def) = &definition.intent else {
            if is_intent {
                let message = "a journey of `kind: intent` says what it waits for";
                let help = "write `intent: { goal: food, likely: 0.6, within: 20m }`";
                let problem = Diagnostic::error("no-intent", definition.kind.span, message);
                self.push(problem.with_help(help));
            }
            return None;
        };
        if !is_intent {
            let message = "only a journey of `kind: intent` has an `intent`";
            self.error("intent-not-intent", def.goal.span, message);
            return None;
        }
        if !(def.likely > 0.0 && def.likely <= 1.0) {
            let message = format!("`likely` is a probability: more than 0 and at most 1, not {}", def.likely);
            self.error("bad-share", def.goal.span, message);
            return None;
        }
        let within_ms = self.duration("bad-within", "a goal is waited for", &def.within_ms)?;
        self.goal(def)?;
        let goal = &def.goal.value;
        let likely = self.foreseen(def, &format!("next(\"{goal}\") >= {:?}", def.likely))?;
        let unlikely = self.foreseen(def, &format!("next(\"{goal}\") < {:?}", def.likely))?;
        let there = self.foreseen(def, &format!("place.kind == \"{goal}\""))?;
        Some(Intent { likely, unlikely, there, within_ms, word: 0, timer: TimerRef::default() })
    }

    /// The goal is a kind of zone of this venue. Checked before it becomes part of a guard.
    fn goal(&mut self, def: &IntentDef) -> Option<()> {
        let schema = self.schema;
        let domain = schema.domain_id(KINDS);
        let known = domain.is_some_and(|domain| schema.symbol(domain, &def.goal.value).is_some());
        if !known {
            let message = format!("`{}` is no kind of zone here", def.goal.value);
            let kinds = domain.into_iter().flat_map(|domain| schema.members(domain));
            let problem = Diagnostic::error("unknown-goal", def.goal.span, message);
            self.push(problem.suggesting(&def.goal.value, kinds));
        }
        known.then_some(())
    }

    fn foreseen(&mut self, def: &IntentDef, guard: &str) -> Option<Program> {
        let scope = Scope { schema: self.schema, locals: &[], history: None };
        let compiled = Program::compile(guard, &scope, Type::Bool);
        if compiled.is_err() {
            let message = format!("this venue does not say `{guard}`");
            let help = "an intent journey needs the facts `place.kind` and `next(..)`";
            self.push(Diagnostic::error("no-prediction", def.goal.span, message).with_help(help));
        }
        compiled.ok()
    }
}
