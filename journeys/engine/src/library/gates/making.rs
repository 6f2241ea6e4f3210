//! The gates of all journeys, put side by side: which conditions share a word, and what no bit can say.
//!
//! A gate needs one word and no other, so a condition may stand in many; within a word it stands once, and gates of one
//! journey after the other fill a word before the next begins. Comes after `compile.rs`; next: `gates.rs`, which walks what
//! is made here.

use super::{Gate, Gates, Guard, NONE, Rest, Seat, TRIGGERS};
use crate::input::Triggers;
use crate::library::{Journey, Page};
use alloc::vec::Vec;
use core::iter::once;
use turnpage_journeys_expr::{Condition, Conditions, Program};

/// Conditions of one word.
const CONDITIONS_MAX: usize = TRIGGERS as usize;
/// Of these, conditions of `admit`: each gate of the journey needs them, and a longer `admit` is left to its program.
const ADMIT_MAX: usize = 8;
/// And conditions of the choice's own guard.
const GUARD_MAX: usize = CONDITIONS_MAX - ADMIT_MAX;

/// Gates in the making.
#[derive(Default)]
pub(crate) struct Making {
    gates: Gates,
    /// The conditions of the word that is being filled.
    word: Vec<Condition>,
}

/// What all gates of a seat have in common.
#[derive(Clone, Copy)]
struct Common<'a> {
    /// Conditions that each of them needs.
    admit: &'a [Condition],
    /// The guard that each of them asks in their place, or `NONE`.
    guard: u32,
    /// Where the variables are in a subject's row.
    locals: (u32, u32),
}

/// What one gate asks, before it has a place.
struct Asking<'a> {
    wants: Triggers,
    conditions: Vec<Condition>,
    on_variables: Vec<Condition>,
    /// Where there is more to it than these.
    guard: Option<&'a Program>,
}

impl<'a> Asking<'a> {
    fn new(wants: Triggers, guard: Option<&'a Program>, common: Common<'_>) -> Self {
        let (conditions, whole) = guard.map_or((Vec::new(), true), Program::conditions);
        let (on_variables, own): (Vec<Condition>, Vec<Condition>) =
            conditions.into_iter().partition(Condition::is_local);
        let whole = whole && own.len() <= GUARD_MAX;
        let conditions = own.into_iter().take(GUARD_MAX).chain(common.admit.iter().copied()).collect();
        let in_row = on_variables.into_iter().map(|condition| condition.of_row(common.locals.0));
        Asking { wants, conditions, on_variables: in_row.collect(), guard: guard.filter(|_| !whole) }
    }
}

/// The bits of triggers in a word.
fn bits(triggers: Triggers) -> u64 {
    u64::from(triggers.bits()) << TRIGGERS
}

impl Making {
    /// How many seats there are.
    pub(crate) fn seats(&self) -> usize {
        self.gates.seats()
    }

    /// Adds the seats of a journey whose place in a row is known: of nowhere, of its pages, and of its rest.
    pub(crate) fn push(&mut self, journey: &Journey) {
        let choices = journey.pages.iter().flat_map(|page| &page.events).chain(&journey.entries);
        let waits = choices.map(|choice| choice.gate.wants).filter(|wants| *wants != Triggers::ANY);
        self.gates.waits.extend(waits);
        let admit = journey.admit.as_ref().map_or((Vec::new(), true), Program::conditions);
        let is_plain = |condition: &Condition| !condition.is_local();
        let is_bits = admit.1 && admit.0.len() <= ADMIT_MAX && admit.0.iter().all(is_plain);
        let (bits, program) =
            if is_bits { (admit.0.as_slice(), None) } else { (&[][..], journey.admit.as_ref()) };
        let place = journey.place.locals();
        // 4,096 journeys of 32 variables fit. Where no instance is there are no variables.
        let (inside, outside) = ((place.start as u32, place.end as u32), (NONE, NONE));
        let [inside, outside] = [inside, outside].map(|locals| {
            let guard = program.map_or(NONE, |admit| self.push_guard(admit, locals));
            Common { admit: bits, guard, locals }
        });
        // Whatever event is admitted may begin an instance, unless its caller does, or nobody any more.
        let begins = journey.caller.is_none() && journey.heir.is_none();
        let likely = journey.intent.as_ref().map(|intent| &intent.likely);
        let begins = begins.then_some((Triggers::ANY, likely));
        self.push_seat(begins.into_iter(), outside, |_| None);
        journey.pages.iter().for_each(|page| self.push_page(journey, page, inside));
        if let Some(intent) = &journey.intent {
            // One that is over waits for its goal to be unlikely.
            let unlikely = once((Triggers::ANY, Some(&intent.unlikely)));
            self.push_seat(unlikely, outside, |_| None);
        }
    }

    /// On a page: the gates of its choices, or one that is always open where more is to be looked at: entries of other
    /// pages, whether the subject strays, whether the order is broken.
    fn push_page(&mut self, journey: &Journey, page: &Page, common: Common<'_>) {
        if !journey.entries.is_empty() || page.way.is_some() || page.breach.is_some() {
            return self.push_seat(once((Triggers::ANY, None)), common, |_| None);
        }
        let choices = page.events.iter().map(|choice| (choice.gate.wants, choice.gate.guard.as_ref()));
        match &journey.intent {
            Some(intent) => {
                let there = once((Triggers::ANY, Some(&intent.there)));
                self.push_seat(choices.chain(there), common, |_| None);
            }
            None => self.push_seat(choices, common, Some),
        }
    }

    fn push_seat<'a>(
        &mut self,
        gates: impl Iterator<Item = (Triggers, Option<&'a Program>)>,
        common: Common<'_>,
        choice: impl Fn(u16) -> Option<u16>,
    ) {
        let asking: Vec<Asking<'_>> = gates.map(|(wants, guard)| Asking::new(wants, guard, common)).collect();
        self.reserve(asking.iter().flat_map(|gate| &gate.conditions));
        let first = self.gates.gates.len();
        for (nth, gate) in (0..).zip(asking) {
            self.push_gate(gate, common, choice(nth));
        }
        let pushed = self.gates.gates.get_mut(first..).unwrap_or(&mut []);
        let word = pushed.first().map_or(0, |gate| gate.word);
        // What gates in other words need says nothing here.
        let needs = pushed.iter().map(|gate| if gate.word == word { gate.needs } else { 0 });
        let needs = needs.reduce(|all, needs| all & needs).unwrap_or(bits(Triggers::NEVER));
        if let Some(last) = pushed.last_mut() {
            last.is_last = true;
        }
        self.gates.seats.push(Seat { needs, word, first: first as u32 });
    }

    fn push_gate(&mut self, asking: Asking<'_>, common: Common<'_>, choice: Option<u16>) {
        let Asking { wants, conditions, on_variables, guard } = asking;
        let (word, conditions) = self.place(&conditions);
        let guard = guard.map_or(NONE, |guard| self.push_guard(guard, common.locals));
        let rest = Rest { wants, conditions: on_variables, guards: [guard, common.guard] };
        let is_rest = wants.named().is_some() || !rest.conditions.is_empty() || rest.guards != [NONE; 2];
        let rest = if is_rest { self.push_rest(rest) } else { NONE };
        // Every event is any event.
        let comes = if wants == Triggers::ANY { 0 } else { bits(wants) };
        self.gates.gates.push(Gate { needs: conditions | comes, word, rest, choice, is_last: false });
    }

    /// Begins the next word, if what is asked would not all have room in this one.
    fn reserve<'a>(&mut self, asked: impl Iterator<Item = &'a Condition>) {
        let missing = asked.filter(|condition| !self.word.contains(condition)).count();
        if self.word.len() + missing > CONDITIONS_MAX {
            self.gates.words.push(Conditions::new(&core::mem::take(&mut self.word)));
        }
    }

    /// The bits of some conditions, all in one word.
    fn place(&mut self, asked: &[Condition]) -> (u32, u64) {
        self.reserve(asked.iter());
        let mut bits = 0;
        for condition in asked {
            let known = self.word.iter().position(|known| known == condition);
            bits |= 1 << known.unwrap_or(self.word.len());
            if known.is_none() {
                self.word.push(*condition);
            }
        }
        (self.gates.words.len() as u32, bits)
    }

    fn push_guard(&mut self, guard: &Program, locals: (u32, u32)) -> u32 {
        self.gates.guards.push(Guard { program: guard.clone(), locals });
        self.gates.guards.len() as u32 - 1
    }

    fn push_rest(&mut self, rest: Rest) -> u32 {
        self.gates.rests.push(rest);
        self.gates.rests.len() as u32 - 1
    }

    /// All of it.
    pub(crate) fn done(mut self) -> Gates {
        self.gates.words.push(Conditions::new(&self.word));
        self.gates
    }
}
