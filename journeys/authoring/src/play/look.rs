//! A look at every choice a subject has, just before an event or a timer: what each waits for and what its guard is worth.
//!
//! What was taken is added once the step is done. Before: `rehearsal`. Next: `coverage` counts looks, `trial/record` tells
//! them.

use turnpage_journeys_engine::{
    ChoiceDef, ChoiceIx, ChoiceState, Effect, Event, JourneyIx, On, OutcomeOf, PageIx, Step, Triggers, Waits,
};
use turnpage_journeys_expr::{Env, Timestamp, Value};

use super::Rehearsal;
use crate::guards::{Guards, Worth, worth};
use crate::script::{Script, Scripts};

/// What a rehearsal is looked at with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Eyes<'a> {
    pub(crate) scripts: &'a Scripts,
    pub(crate) guards: &'a Guards,
}

/// One journey of the subject at one instant.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    pub(crate) journey: JourneyIx,
    /// The page it is on; nothing before it begins.
    pub(crate) page: Option<PageIx>,
    /// What `admit` reads, where it does not hold.
    pub(crate) shut_out: Option<Vec<(String, String)>>,
    /// The choices of the page.
    pub(crate) choices: Vec<ChoiceLook>,
    /// The choice taken in the step.
    pub(crate) taken: Option<ChoiceIx>,
    /// The ways in of an ad-hoc journey's other pages.
    pub(crate) entries: Vec<EntryLook>,
    /// The way in that was taken, by its place above.
    pub(crate) entered: Option<usize>,
    /// It began in the step.
    pub(crate) began: bool,
    /// The variables, for a choice that also reads what a call gave back.
    locals: Vec<Value>,
}

/// One way into a page at one instant.
#[derive(Debug, Clone)]
pub(crate) struct EntryLook {
    pub(crate) page: PageIx,
    /// Its place among the ways into that page.
    pub(crate) entry: usize,
    /// Whether it is what the entry waits for.
    pub(crate) awaited: bool,
    /// Whether it is open, if it is awaited.
    open: bool,
    /// What the guard is made of, in words.
    pub(crate) worth: Worth,
}

/// One choice at one instant.
#[derive(Debug, Clone)]
pub(crate) struct ChoiceLook {
    /// Whether it is what the choice waits for.
    pub(crate) awaited: bool,
    /// What the guard is worth: nothing when there is none, unknown inside.
    pub(crate) guard: Option<Option<bool>>,
    /// What the guard is made of, in words.
    pub(crate) worth: Worth,
    /// What the engine says about it; nothing for an instance that only begins.
    pub(crate) state: Option<ChoiceState>,
}

/// What is about to come.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Coming {
    /// An event.
    Event(Event),
    /// A timer of a journey, due at this instant.
    Timer(JourneyIx, Timestamp),
    /// Nothing: somebody only looks.
    Nothing,
}

impl Rehearsal<'_> {
    /// The journey played and those it calls.
    pub(crate) fn look(&self, eyes: Eyes<'_>, at: Timestamp, coming: Coming) -> Vec<Look> {
        let journeys = (0..).map(JourneyIx).take(self.engine.library().journeys().len());
        journeys
            .filter(|journey| self.inside(*journey).is_some())
            .filter(|journey| *journey == self.journey || self.engine.page(self.subject, *journey).is_some())
            .map(|journey| self.look_at(eyes, journey, self.engine.page(self.subject, journey), at, coming))
            .collect()
    }

    /// Says what the step did to the choices looked at. An instance that began in the step is looked at now: its page
    /// was not known before.
    pub(crate) fn look_again(&self, eyes: Eyes<'_>, looks: &mut Vec<Look>, step: &Step, coming: Coming) {
        for effect in &step.effects {
            if let Effect::Began { journey, page } = *effect
                && self.inside(journey).is_some()
            {
                looks.retain(|look| look.journey != journey);
                let look = self.look_at(eyes, journey, Some(page), step.at, coming);
                looks.push(Look { began: true, ..look });
            }
        }
        for look in looks {
            self.await_more(eyes, look, step, coming);
            look.resolve(self, eyes, step);
        }
    }

    /// What a step brings about by itself is waited for as well: an offer that expires, a call that comes back.
    fn await_more(&self, eyes: Eyes<'_>, look: &mut Look, step: &Step, coming: Coming) {
        // What a choice records at an event is looked at by nobody.
        let by_event = matches!(coming, Coming::Event(Event::Context(_)));
        let journey = look.journey;
        let script = look.page.zip(self.script(eyes, journey));
        let Some(page) = script.and_then(|(page, script)| script.page(self.page_name(journey, page)?)) else {
            return;
        };
        for effect in step.effects.iter().filter(|effect| effect.journey() == journey) {
            let brought = match *effect {
                Effect::Outcome { offer, outcome, .. } if !by_event => {
                    self.offer_of(journey, offer).map(|offer| On::Outcome(OutcomeOf { offer, outcome }))
                }
                Effect::Returned { .. } => Some(On::Returned),
                Effect::Foretold { reached: true, .. } => Some(On::Reached),
                _ => None,
            };
            for (seen, defined) in look.choices.iter_mut().zip(&page.choices) {
                seen.awaited |=
                    brought.is_some() && defined.on.as_ref().map(|on| &on.value) == brought.as_ref();
            }
            if let Effect::Returned { result, .. } = *effect {
                self.look_with(eyes, look, result, step.at);
            }
        }
    }

    /// Looks once more at the choices that wait for a call, now that there is what it gave back.
    fn look_with(&self, eyes: Eyes<'_>, look: &mut Look, result: Value, at: Timestamp) {
        let Some((page, journey)) = look.page.zip(self.engine.library().journey(look.journey)) else {
            return;
        };
        look.locals.resize(journey.variables.len().max(look.locals.len()), Value::Unknown);
        match look.locals.get_mut(journey.variables.len()) {
            Some(place) => *place = result,
            None => look.locals.push(result),
        }
        let local = self.stage.offsets.local(at);
        let env = Env { facts: &self.facts, locals: &look.locals, local, now: at };
        for (choice, seen) in (0..).map(ChoiceIx).zip(&mut look.choices).filter(|(_, seen)| seen.awaited) {
            if let Some(guard) = eyes.guards.choice(look.journey, page, choice) {
                seen.guard = Some(guard.program().holds(&env));
                seen.worth = worth(guard, &env, &self.stage.schema);
            }
        }
    }

    fn look_at(
        &self,
        eyes: Eyes<'_>,
        journey: JourneyIx,
        page: Option<PageIx>,
        at: Timestamp,
        coming: Coming,
    ) -> Look {
        let locals = self.engine.variables(self.subject, journey);
        let env = Env { facts: &self.facts, locals, local: self.stage.offsets.local(at), now: at };
        let admit = eyes.guards.admit(journey).filter(|admit| admit.program().holds(&env) != Some(true));
        let shut_out = admit
            .filter(|_| matches!(coming, Coming::Event(Event::Context(_)) | Coming::Nothing))
            .map(|admit| worth(admit, &env, &self.stage.schema).values);
        let mut look = Look {
            journey,
            page,
            shut_out,
            choices: Vec::new(),
            taken: None,
            entries: Vec::new(),
            entered: None,
            began: false,
            locals: locals.to_vec(),
        };
        if let (Some(script), Coming::Event(Event::Context(triggers))) = (self.script(eyes, journey), coming)
        {
            look.entries = self.entries(eyes, journey, script, triggers, &env);
        }
        let Some((page, script)) = page.zip(self.script(eyes, journey)) else { return look };
        let defined = self.page_name(journey, page).and_then(|name| script.page(name));
        // The engine only knows how the page stands that the instance is on.
        let here = self.engine.page(self.subject, journey) == Some(page);
        let states =
            if here { self.engine.choices(self.subject, journey, at, &self.facts) } else { Vec::new() };
        for (choice, defined) in (0..).map(ChoiceIx).zip(defined.map_or(&[][..], |page| &page.choices)) {
            let guard = eyes.guards.choice(journey, page, choice);
            let state = states.iter().find(|state| state.choice == choice).cloned();
            look.choices.push(ChoiceLook {
                awaited: self.awaited(journey, choice, defined, state.as_ref(), coming),
                guard: guard.map(|guard| guard.program().holds(&env)),
                worth: guard.map(|guard| worth(guard, &env, &self.stage.schema)).unwrap_or_default(),
                state,
            });
        }
        look
    }

    /// Every way in, in document order.
    fn entries(
        &self,
        eyes: Eyes<'_>,
        journey: JourneyIx,
        script: &Script,
        triggers: Triggers,
        env: &Env<'_>,
    ) -> Vec<EntryLook> {
        let pages = self.engine.library().journey(journey).map_or(&[][..], |journey| journey.pages());
        let mut looks = Vec::new();
        for (page, info) in (0..).map(PageIx).zip(pages) {
            for (entry, defined) in script.page(&info.name).iter().flat_map(|page| &page.enter).enumerate() {
                let guard = eyes.guards.entry(journey, page, entry);
                looks.push(EntryLook {
                    page,
                    entry,
                    awaited: defined.on.as_ref().is_none_or(|on| triggers_of(&on.value).meets(triggers)),
                    open: guard.is_none_or(|guard| guard.program().holds(env) == Some(true)),
                    worth: guard.map(|guard| worth(guard, env, &self.stage.schema)).unwrap_or_default(),
                });
            }
        }
        looks
    }

    fn script<'a>(&self, eyes: Eyes<'a>, journey: JourneyIx) -> Option<&'a Script> {
        eyes.scripts.find(&self.engine.library().journey(journey)?.name)
    }

    fn page_name(&self, journey: JourneyIx, page: PageIx) -> Option<&str> {
        Some(self.engine.library().journey(journey)?.page(page)?.name.as_str())
    }

    /// Whether what is coming is what a choice waits for.
    fn awaited(
        &self,
        journey: JourneyIx,
        choice: ChoiceIx,
        defined: &ChoiceDef,
        state: Option<&ChoiceState>,
        coming: Coming,
    ) -> bool {
        let timed = defined.after_ms.is_some() || defined.at_ms.is_some();
        let on = defined.on.as_ref().map(|on| &on.value);
        match coming {
            Coming::Nothing => !timed && on.is_none() && defined.pick.is_none(),
            Coming::Timer(of, due) => {
                let deadline = state.map(|state| state.waits);
                timed
                    && of == journey
                    && deadline.is_none_or(|waits| waits == Waits::Timer(due) || waits == Waits::Clock(due))
            }
            Coming::Event(Event::Pick(pick)) => pick.journey == journey && pick.choice == choice,
            Coming::Event(Event::Outcome(outcome)) => match on {
                Some(On::Outcome(OutcomeOf { offer, outcome: awaited })) => {
                    *awaited == outcome.outcome && self.is_offer(journey, outcome.id, offer)
                }
                _ => false,
            },
            Coming::Event(Event::Context(triggers)) => match state.map(|state| state.waits) {
                Some(Waits::Event(waits)) => on.is_none() || waits.opens(triggers),
                Some(_) => false,
                None => {
                    !timed && defined.pick.is_none() && on.is_none_or(|on| triggers_of(on).meets(triggers))
                }
            },
        }
    }

    fn is_offer(&self, journey: JourneyIx, id: turnpage_journeys_engine::OfferId, name: &str) -> bool {
        let Some((of, offer)) = self.engine.standing(self.subject, id) else { return false };
        let offer = self.engine.library().journey(of).and_then(|journey| journey.offer(offer));
        of == journey && offer.is_some_and(|offer| offer.name == name)
    }
}

impl Look {
    /// Finds the choice taken: one that left an effect, or else the first that was open.
    fn resolve(&mut self, rehearsal: &Rehearsal<'_>, eyes: Eyes<'_>, step: &Step) {
        let Some(page) = self.page else { return };
        let journey = self.journey;
        let entered = |to: PageIx| {
            self.entries.iter().position(|entry| entry.page == to && entry.awaited && entry.open)
        };
        for effect in step.effects.iter().filter(|effect| effect.journey() == journey) {
            match *effect {
                Effect::Began { page: to, .. } | Effect::Turned { choice: None, to, .. } => {
                    self.entered = entered(to);
                }
                Effect::Offer { page: on, choice, .. }
                | Effect::Dispatch { page: on, choice, .. }
                | Effect::Ticket { page: on, choice, .. }
                | Effect::Chose { page: on, choice, .. }
                | Effect::Turned { from: on, choice: Some(choice), .. }
                    if on == page =>
                {
                    self.taken = Some(choice);
                }
                _ => {}
            }
        }
        if self.taken.is_some() || self.entered.is_some() || self.shut_out.is_some() {
            return;
        }
        let Some(script) = rehearsal.script(eyes, self.journey) else { return };
        let Some(defined) = rehearsal.page_name(self.journey, page).and_then(|name| script.page(name)) else {
            return;
        };
        // A choice that leaves an effect was not taken, or there would be one.
        let silent = |choice: &ChoiceDef| {
            let turns = choice.turn_to.is_some() || choice.offer.is_some() || !choice.alternatives.is_empty();
            !turns && choice.dispatch.is_none() && choice.ticket.is_empty()
        };
        let open = self.choices.iter().zip(&defined.choices).position(|(look, defined)| {
            let spent = look.state.as_ref().is_some_and(|state| state.spent);
            silent(defined) && look.awaited && !spent && look.guard.is_none_or(|guard| guard == Some(true))
        });
        self.taken = open.and_then(|open| u16::try_from(open).ok()).map(ChoiceIx);
    }
}

fn triggers_of(on: &On) -> Triggers {
    match on {
        On::Sighting => Triggers::SIGHTING,
        On::Enter => Triggers::ENTER,
        On::Exit => Triggers::EXIT,
        On::Weather => Triggers::WEATHER,
        On::Signal | On::SignalOf(_) => Triggers::SIGNAL,
        On::Feedback => Triggers::FEEDBACK,
        On::Returned | On::Reached | On::Outcome(_) => Triggers::NONE,
    }
}
