//! What every seat looks at when an event comes: one table for all journeys, walked without a turn.
//!
//! What holds of an event, its triggers and the conditions on its facts and the clock, are bits of a word. They are worked out
//! once, for all journeys, and a gate is the bits it needs: a gate that stays closed mostly costs one comparison. It is
//! closed by what is unknown as by what is false, so its guard is asked for no more than certainty. Made of the journeys by
//! `gates/making.rs` and never stored. Next: `engine.rs`, which asks; `turn.rs`, which need not look again at what was found
//! open here.

mod making;

pub(crate) use making::Making;

use crate::input::Triggers;
use crate::instances::Instances;
use crate::turn::Moment;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use turnpage_journeys_expr::{Condition, Conditions, Env, Program};

/// All seats, with their gates. The memory of a machine keeps all counts within 32 bits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gates {
    seats: Vec<Seat>,
    gates: Vec<Gate>,
    /// The conditions of each word: all that one gate needs are in one.
    words: Vec<Conditions>,
    /// What some gates ask beside bits.
    rests: Vec<Rest>,
    /// Guards that are more than conditions.
    guards: Vec<Guard>,
    /// What choices and entries wait for.
    waits: BTreeSet<Triggers>,
}

/// What has to hold for anything to happen on a seat: what all of its gates need.
#[derive(Clone, Copy, Debug)]
struct Seat {
    needs: u64,
    word: u32,
    /// Its first gate; the others follow in document order.
    first: u32,
}

/// What has to hold for a choice to be open and its event admitted.
#[derive(Clone, Copy, Debug)]
struct Gate {
    /// Bits of a word.
    needs: u64,
    word: u32,
    /// What is asked after them; mostly `NONE`.
    rest: u32,
    /// The choice of the page; nothing where the turn has to see for itself.
    choice: Option<u16>,
    /// Whether no other gate of the seat follows.
    is_last: bool,
}

/// What no bit says: another instance, or a rarer kind of question, would have another answer.
#[derive(Clone, Debug)]
struct Rest {
    /// With the signal that is waited for by name.
    wants: Triggers,
    /// On variables, by their places in a subject's row.
    conditions: Vec<Condition>,
    /// The guards of the choice and of the journey, where they are more than conditions; else `NONE`.
    guards: [u32; 2],
}

#[derive(Clone, Debug)]
struct Guard {
    program: Program,
    /// Where the variables it reads are in a subject's row.
    locals: (u32, u32),
}

/// Nothing more to ask. It stands past every end.
const NONE: u32 = u32::MAX;
/// Where in a word the triggers of the event stand; the conditions are below.
const TRIGGERS: u32 = 48;
const CONDITIONS: u64 = (1 << TRIGGERS) - 1;

/// A seat where something is open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opened {
    /// The first open choice of the page; nothing where the turn has to see for itself.
    pub(crate) choice: Option<u16>,
}

/// What holds of one event, a word at a time. The gates of one journey after the other ask the words in order, so no more
/// than the last is kept.
pub(crate) struct Holding<'a> {
    moment: &'a Moment<'a>,
    triggers: Triggers,
    /// The bits of triggers that did not come, in any word.
    absent: u64,
    word: u32,
    /// These, and those of conditions of the word that do not hold.
    missing: u64,
}

impl<'a> Holding<'a> {
    pub(crate) fn new(moment: &'a Moment<'a>, triggers: Triggers) -> Self {
        let absent = !(u64::from(triggers.bits()) << TRIGGERS) & !CONDITIONS;
        Holding { moment, triggers, absent, word: NONE, missing: absent }
    }

    /// Whether bits of a word all hold. Who waits for something else need not know what holds of this.
    #[inline]
    fn has(&mut self, needs: u64, word: u32, gates: &Gates) -> bool {
        let missing = if self.word == word { self.missing } else { self.absent };
        needs & missing == 0 && (self.word == word || needs & self.turn_to(word, gates) == 0)
    }

    /// Works out what holds of another word; gives what does not.
    #[inline(never)]
    fn turn_to(&mut self, word: u32, gates: &Gates) -> u64 {
        let conditions = gates.words.get(word as usize);
        let holding = conditions.map_or(0, |all| all.holding(self.moment.facts, self.moment.local));
        (self.word, self.missing) = (word, self.absent | !holding & CONDITIONS);
        self.missing
    }
}

impl Gates {
    /// How many seats there are.
    pub(crate) fn seats(&self) -> usize {
        self.seats.len()
    }

    /// Whether some choice or entry waits for exactly this, whatever it reads.
    pub(crate) fn waits_for(&self, triggers: Triggers) -> bool {
        self.waits.iter().any(|wants| wants.opens(triggers))
    }

    /// What an event opens first among the seats of its subject, with its place there, which is `from` or later. Never
    /// inlined: it is walked for every event, and has the registers to itself.
    #[inline(never)]
    pub(crate) fn open(
        &self,
        instances: &Instances,
        from: usize,
        holding: &mut Holding<'_>,
    ) -> Option<(usize, Opened)> {
        let seats = instances.seats(holding.moment.subject);
        for (nth, seat) in (from..).zip(seats.get(from..)?) {
            if let Some(seat) = self.seats.get(usize::from(*seat))
                && holding.has(seat.needs, seat.word, self)
                && let Some(opened) = self.first(seat, holding, instances)
            {
                return Some((nth, opened));
            }
        }
        None
    }

    /// The first open gate of a seat. Never inlined: most seats have none.
    #[inline(never)]
    fn first(&self, seat: &Seat, holding: &mut Holding<'_>, instances: &Instances) -> Option<Opened> {
        for gate in self.gates.get(seat.first as usize..)? {
            if holding.has(gate.needs, gate.word, self)
                && (gate.rest == NONE || self.rest(gate.rest, holding, instances))
            {
                return Some(Opened { choice: gate.choice });
            }
            if gate.is_last {
                break;
            }
        }
        None
    }

    fn rest(&self, rest: u32, holding: &Holding<'_>, instances: &Instances) -> bool {
        let Some(rest) = self.rests.get(rest as usize) else { return false };
        let moment = holding.moment;
        let env = &Env { locals: instances.locals(moment.subject), ..moment.env() };
        rest.wants.opens(holding.triggers)
            && rest.conditions.iter().all(|condition| condition.is_sure(env))
            && rest.guards.iter().all(|guard| *guard == NONE || self.guard(*guard, env))
    }

    fn guard(&self, guard: u32, env: &Env<'_>) -> bool {
        let Some(Guard { program, locals }) = self.guards.get(guard as usize) else { return false };
        let locals = env.locals.get(locals.0 as usize..locals.1 as usize).unwrap_or(&[]);
        program.holds(&Env { locals, ..*env }) == Some(true)
    }
}
