//! What every seat looks at when an event comes: one table for all journeys, walked without a turn.
//!
//! A gate is closed by what is unknown as by what is false, so its guard is asked for no more than certainty: a seat's gates
//! are questions side by side, where yes leads to the next one and no to the next gate. Made by `place.rs` of the journeys
//! and never stored. Next: `engine.rs`, which asks; `turn.rs`, which need not look again at what was found open here.

use super::{Journey, Page};
use crate::input::Triggers;
use alloc::vec::Vec;
use core::iter::once;
use turnpage_journeys_expr::{Condition, Env, Program};

/// All seats, with their gates. The memory of a machine keeps all counts within 32 bits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gates {
    seats: Vec<Seat>,
    questions: Vec<Question>,
    /// Guards, where there is more to them than their conditions.
    rests: Vec<Rest>,
}

/// What may happen on a seat at an event: enough to know that nothing does.
#[derive(Clone, Copy, Debug)]
struct Seat {
    /// The triggers of any gate.
    wants: Triggers,
    /// Its first question.
    first: u32,
}

#[derive(Clone, Copy, Debug)]
struct Question {
    asks: Asks,
    /// The question after a no: the next gate's first.
    otherwise: u32,
}

#[derive(Clone, Copy, Debug)]
enum Asks {
    /// Whether the trigger that a gate waits for came.
    Comes(Triggers),
    /// Whether a condition of its guard holds.
    Holds(Condition),
    /// Whether all of its guard does.
    Rest(u32),
    /// Nothing: the gate is open. Most events are admitted, so whether this one is comes last, from `admit` on.
    Opens { choice: Option<u16>, admit: u32 },
    /// Nothing: the event is admitted, too.
    Admitted,
}

#[derive(Clone, Debug)]
struct Rest {
    guard: Program,
    /// Where the variables it reads are in a subject's row.
    locals: (u32, u32),
}

/// The question after the last gate's no. It stands past every end.
const NONE: u32 = u32::MAX;

/// A seat where something is open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opened {
    /// The first open choice of the page; nothing where the turn has to see for itself.
    pub(crate) choice: Option<u16>,
}

impl Gates {
    /// How many seats there are.
    pub(crate) fn seats(&self) -> usize {
        self.seats.len()
    }

    /// Whether some gate waits for exactly this, whatever it reads.
    pub(crate) fn waits_for(&self, triggers: Triggers) -> bool {
        self.questions
            .iter()
            .any(|question| matches!(question.asks, Asks::Comes(wants) if wants.opens(triggers)))
    }

    /// What an event opens on a seat. The variables of `env` are those of the subject's whole row.
    #[inline]
    pub(crate) fn open(&self, seat: u16, triggers: Triggers, env: &Env<'_>) -> Option<Opened> {
        let seat = self.seats.get(usize::from(seat))?;
        if seat.wants.meets(triggers) { self.ask(seat.first, triggers, env) } else { None }
    }

    /// Asks until a gate is open and the event admitted, or there is no gate any more.
    #[inline]
    fn ask(&self, first: u32, triggers: Triggers, env: &Env<'_>) -> Option<Opened> {
        let (mut at, mut opened) = (first, Opened { choice: None });
        loop {
            let Question { asks, otherwise } = self.questions.get(at as usize)?;
            // What is asked most comes first: it is worth a test of its own.
            let yes = if let Asks::Holds(condition) = asks {
                condition.is_sure(env)
            } else {
                match asks {
                    Asks::Comes(wants) => wants.opens(triggers),
                    Asks::Rest(rest) => self.rests.get(*rest as usize)?.holds(env),
                    Asks::Opens { choice, admit } => {
                        (opened.choice, at) = (*choice, *admit);
                        continue;
                    }
                    _ => return Some(opened),
                }
            };
            at = if yes { at + 1 } else { *otherwise };
        }
    }

    /// Adds the seats of a journey whose place in a row is known: of nowhere, of its pages, and of its rest.
    pub(crate) fn push(&mut self, journey: &Journey) {
        let locals = journey.place.locals();
        // 4,096 journeys of 32 variables fit. Where no instance is there are no variables.
        let (inside, outside) = ((locals.start as u32, locals.end as u32), (NONE, NONE));
        let admit = self.push_admit(journey, outside);
        // Whatever event is admitted may begin an instance, unless its caller does, or nobody any more.
        let begins = journey.caller.is_none() && journey.heir.is_none();
        let likely = journey.intent.as_ref().map(|intent| &intent.likely);
        let begins = begins.then_some((Triggers::ANY, likely));
        self.push_seat(begins.into_iter(), outside, |_| Asks::Opens { choice: None, admit });
        let admit_inside = self.push_admit(journey, inside);
        journey.pages.iter().for_each(|page| self.push_page(journey, page, inside, admit_inside));
        if let Some(intent) = &journey.intent {
            // One that is over waits for its goal to be unlikely.
            let unlikely = once((Triggers::ANY, Some(&intent.unlikely)));
            self.push_seat(unlikely, outside, |_| Asks::Opens { choice: None, admit });
        }
    }

    /// On a page: the gates of its choices, or one that is always open where more is to be looked at: entries of other
    /// pages, whether the subject strays, whether the order is broken.
    fn push_page(&mut self, journey: &Journey, page: &Page, locals: (u32, u32), admit: u32) {
        if !journey.entries.is_empty() || page.way.is_some() || page.breach.is_some() {
            let always = once((Triggers::ANY, None));
            return self.push_seat(always, locals, |_| Asks::Opens { choice: None, admit });
        }
        let choices = page.events.iter().map(|choice| (choice.gate.wants, choice.gate.guard.as_ref()));
        match &journey.intent {
            Some(intent) => {
                let there = once((Triggers::ANY, Some(&intent.there)));
                self.push_seat(choices.chain(there), locals, |_| Asks::Opens { choice: None, admit });
            }
            None => self.push_seat(choices, locals, |nth| Asks::Opens { choice: Some(nth), admit }),
        }
    }

    fn push_admit(&mut self, journey: &Journey, locals: (u32, u32)) -> u32 {
        let first = self.questions.len() as u32;
        self.push_gate(Triggers::ANY, journey.admit.as_ref(), locals, Asks::Admitted, true);
        first
    }

    fn push_seat<'a>(
        &mut self,
        gates: impl Iterator<Item = (Triggers, Option<&'a Program>)>,
        locals: (u32, u32),
        opens: impl Fn(u16) -> Asks,
    ) {
        let (first, mut seat_wants) = (self.questions.len() as u32, Triggers::NONE);
        let mut gates = (0..).zip(gates).peekable();
        while let Some((nth, (wants, guard))) = gates.next() {
            seat_wants = seat_wants | wants;
            self.push_gate(wants, guard, locals, opens(nth), gates.peek().is_none());
        }
        self.seats.push(Seat { wants: seat_wants, first });
    }

    fn push_gate(
        &mut self,
        wants: Triggers,
        guard: Option<&Program>,
        locals: (u32, u32),
        opens: Asks,
        is_last: bool,
    ) {
        let (conditions, whole) = guard.map_or((Vec::new(), true), Program::conditions);
        // Every event is any event.
        let comes = (wants != Triggers::ANY).then_some(Asks::Comes(wants));
        let holds = conditions.into_iter().map(|condition| Asks::Holds(condition.of_row(locals.0)));
        let rest = guard.filter(|_| !whole).map(|guard| {
            self.rests.push(Rest { guard: guard.clone(), locals });
            Asks::Rest(self.rests.len() as u32 - 1)
        });
        let asks: Vec<Asks> = comes.into_iter().chain(holds).chain(rest).chain(once(opens)).collect();
        let next = (self.questions.len() + asks.len()) as u32;
        let otherwise = if is_last { NONE } else { next };
        self.questions.extend(asks.into_iter().map(|asks| Question { asks, otherwise }));
    }
}

impl Rest {
    /// Rare, and what is around it is not.
    #[inline(never)]
    fn holds(&self, env: &Env<'_>) -> bool {
        let locals = env.locals.get(self.locals.0 as usize..self.locals.1 as usize).unwrap_or(&[]);
        self.guard.holds(&Env { locals, ..*env }) == Some(true)
    }
}
