//! Some hours of made-up events through any library, from one seed: the same walk on the host and on a board.
//!
//! Whatever a step does is told as a line, with the words of its offers, and at the end the saved state of everyone. Two
//! machines that tell the same have run the same. Facts are random within their types; what they mean is nobody's business.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::{Arguments, Write as _};

use turnpage_journeys_engine::{
    Effect, Engine, Event, Input, Library, OfferId, Offsets, Outcome, OutcomeIn, Step, SubjectIx,
    SubjectKind, Timestamp, Transition, Triggers, Value,
};
use turnpage_journeys_expr::{Env, Schema, Symbol, Type};

/// Events of a walk: every kind of journey has begun, offered and ended many times by then.
const EVENTS: usize = 3_000;
/// Subjects of each kind.
const NAMES: [&str; 3] = ["ada", "bo", "cy"];
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 1_440 * MINUTE_MS;
/// 1 November 2026, 00:00 in New York, on the day its clocks go back.
const START: i64 = 1_793_505_600_000;

/// Walks through a library and tells every line.
pub(crate) fn walk(library: Library, schema: &Schema, seed: u64, tell: &mut dyn FnMut(Arguments<'_>)) {
    let change = Transition { at: Timestamp(START + 120 * MINUTE_MS), offset_ms: -300 * MINUTE_MS };
    let engine = Engine::new(library, Offsets::new(-240 * MINUTE_MS, vec![change]), seed);
    let (facts, made, dice) = (BTreeMap::new(), Vec::new(), Dice(seed));
    let mut walk = Walk { engine, schema, facts, made, dice, now: START, step: Step::default(), tell };
    for _ in 0..EVENTS {
        walk.event();
    }
    walk.end();
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.roll() % end.max(1) as u64) as usize
    }
}

struct Walk<'a> {
    engine: Engine,
    schema: &'a Schema,
    facts: BTreeMap<SubjectIx, Vec<Value>>,
    made: Vec<(SubjectIx, OfferId)>,
    dice: Dice,
    now: i64,
    step: Step,
    tell: &'a mut dyn FnMut(Arguments<'_>),
}

impl Walk<'_> {
    fn event(&mut self) {
        self.now += self.dice.below(10) as i64 * MINUTE_MS;
        let at = Timestamp(self.now);
        while let Some(due) = self.engine.due(at) {
            let facts = self.facts.get(&due.subject).cloned().unwrap_or_default();
            self.engine.timer(&due, &facts, &mut self.step);
            self.told(&facts);
        }
        let (kind, name) = (self.dice.below(SubjectKind::ALL.len()), self.dice.below(NAMES.len()));
        // Half of all events are of visitors, as half of all journeys.
        let kind = if self.dice.below(2) == 0 { SubjectKind::Visitor } else { SubjectKind::ALL[kind] };
        let Ok(subject) = self.engine.subject(kind, NAMES[name]) else { return };
        let facts = self.facts_now();
        self.facts.insert(subject, facts.clone());
        match self.dice.below(40) {
            0 => self.engine.stop(subject, at, &mut self.step),
            1 => return self.through_bytes(subject),
            _ => {
                let event = self.what(subject, at, &facts);
                self.engine.event(&Input { at, subject, event, facts: &facts }, &mut self.step);
            }
        }
        self.told(&facts);
    }

    fn what(&mut self, subject: SubjectIx, at: Timestamp, facts: &[Value]) -> Event {
        let standing = self.made.iter().rposition(|(whose, _)| *whose == subject);
        let picks = self.engine.picks(subject, at, facts);
        match (self.dice.below(4), standing) {
            (0, Some(place)) => {
                let (_, id) = self.made.remove(place);
                let outcome = Outcome::ALL[self.dice.below(Outcome::ALL.len())];
                Event::Outcome(OutcomeIn { id, outcome })
            }
            (1, _) if !picks.is_empty() => Event::Pick(picks[self.dice.below(picks.len())]),
            _ => {
                let all = [
                    Triggers::SIGHTING,
                    Triggers::ENTER,
                    Triggers::EXIT,
                    Triggers::WEATHER,
                    Triggers::SIGNAL,
                    Triggers::FEEDBACK,
                ];
                Event::Context(all[self.dice.below(all.len())] | all[self.dice.below(all.len())])
            }
        }
    }

    fn facts_now(&mut self) -> Vec<Value> {
        let schema = self.schema;
        schema.facts().map(|(_, fact)| self.value(fact.ty)).collect()
    }

    /// One of eight is not known.
    fn value(&mut self, of: Type) -> Value {
        let (roll, share) = (self.dice.roll(), self.dice.below(1_000) as f64 / 1_000.0);
        let some = |end: i64| (roll % end as u64) as i64;
        let members = of.domain().map_or(0, |domain| self.schema.members(domain).count());
        match of {
            _ if self.dice.below(8) == 0 => Value::Unknown,
            Type::Bool => Value::Bool(roll % 2 == 0),
            Type::Int => Value::Int(some(8)),
            Type::Double => Value::Double(share),
            Type::Quantity(_) => Value::Double(share * 40.0),
            Type::Duration => Value::Duration(some(120) * MINUTE_MS),
            Type::TimeOfDay => Value::Duration(some(1_440) * MINUTE_MS),
            Type::Date => Value::Int(self.now / DAY_MS + some(3) - 1),
            Type::Symbol(_) => Value::Symbol(Symbol(some(members.max(1) as i64) as u32)),
            Type::Set(_) => Value::set((0..members as u32).filter(|bit| roll >> bit & 1 == 1).map(Symbol)),
            Type::Text => Value::Unknown,
        }
    }

    /// Tells what the last step did, and what its offers say.
    fn told(&mut self, facts: &[Value]) {
        let (at, subject) = (self.step.at, self.step.subject);
        let name = self.engine.name(subject).unwrap_or("nobody");
        for effect in &self.step.effects {
            (self.tell)(format_args!("{} {} {name} {effect:?}", at.0, subject.kind().name()));
            if let Effect::Offer { id, journey, offer, .. } = *effect {
                self.made.push((subject, id));
                let local = self.engine.offsets().local(at);
                let locals = self.engine.variables(subject, journey);
                let env = Env { facts, locals, local, now: at };
                let offer = self.engine.library().journey(journey).and_then(|journey| journey.offer(offer));
                for copy in offer.into_iter().flat_map(|offer| &offer.text) {
                    (self.tell)(format_args!(
                        "  {}: {}",
                        copy.language,
                        copy.template.render(&env, self.schema)
                    ));
                }
            }
        }
        for weighing in &self.step.weighings {
            (self.tell)(format_args!("  {weighing:?}"));
        }
    }

    /// Forgets a subject and gives it back from its saved bytes.
    fn through_bytes(&mut self, subject: SubjectIx) {
        let Some(saved) = self.engine.save(subject) else { return };
        let name = String::from(self.engine.name(subject).unwrap_or_default());
        let back = self.engine.restore(subject.kind(), &name, &saved);
        (self.tell)(format_args!("{} comes back as {back:?}, lapsed {:?}", name, self.engine.take_lapsed()));
    }

    fn end(&mut self) {
        for kind in SubjectKind::ALL {
            for name in NAMES {
                let saved = self.engine.find(kind, name).and_then(|subject| self.engine.save(subject));
                let mut hex = String::new();
                for byte in saved.iter().flatten() {
                    // Writing to a `String` cannot fail.
                    let _ = write!(hex, "{byte:02x}");
                }
                (self.tell)(format_args!("{} {name} is {hex}", kind.name()));
            }
        }
    }
}
