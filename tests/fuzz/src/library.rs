//! Compiled journeys and saved instances, with hashes that fit: refused, or harmless to run.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;
use turnpage_journeys_engine::{
    Effect, Engine, Event, Input, JourneyIx, Library, Outcome, OutcomeIn, Step, SubjectIx, SubjectKind,
    Timestamp, Triggers,
};
use turnpage_journeys_expr::{Env, Schema, Value};

use crate::stage::{NOON, stage};

/// Timers fired for one event: a journey whose delays are milliseconds is not run through a day.
const TIMERS_MAX: usize = 32;
const WHO: &str = "a1";
const KINDS: [SubjectKind; 3] = [SubjectKind::Visitor, SubjectKind::Zone, SubjectKind::Party];

/// The body of a compiled library, in the frame that `Library::to_bytes` makes.
pub(crate) fn library(body: &[u8]) {
    let mut hasher = SipHasher13::new_with_keys(0, u64::from_le_bytes(*b"library."));
    hasher.write(body);
    let mut bytes = b"tpjl\x01\x00".to_vec();
    bytes.extend((body.len() as u32).to_le_bytes());
    bytes.extend(hasher.finish().to_le_bytes());
    bytes.extend(body);
    let Ok((library, schema)) = Library::from_bytes(&bytes) else { return };
    let written = library.to_bytes(&schema).expect("what was read is written");
    let (again, its) = Library::from_bytes(&written).expect("what was written is read");
    assert_eq!(again.to_bytes(&its).as_ref(), Ok(&written));
    for kind in KINDS {
        let mut engine = Engine::new(library.clone(), stage().venue.offsets(), 7);
        let subject = engine.subject(kind, WHO).expect("a short name");
        drive(&mut engine, &schema, subject);
    }
}

/// Instances of what ships, as the engine saves them: a byte of whose, then theirs.
pub(crate) fn instances(bytes: &[u8]) {
    let Some((kind, saved)) = bytes.split_first() else { return };
    let kind = KINDS[usize::from(*kind) % KINDS.len()];
    let engine = || Engine::new(stage().library.clone(), stage().venue.offsets(), 7);
    let mut first = engine();
    let Ok(subject) = first.restore(kind, WHO, saved) else { return };
    let saved = first.save(subject).expect("it is known");
    let mut second = engine();
    let subject = second.restore(kind, WHO, &saved).expect("what was saved is restored");
    assert_eq!(second.save(subject).as_ref(), Some(&saved), "restored, it is saved as something else");
    drive(&mut second, &stage().schema, subject);
}

/// An hour of events, with outcomes of what was offered and all copy rendered: it comes back.
fn drive(engine: &mut Engine, schema: &Schema, subject: SubjectIx) {
    let facts: Vec<Value> = vec![Value::Unknown; schema.len()];
    let mut step = Step::default();
    for (minute, truth) in [(0, false), (10, true), (30, false), (60, true)] {
        let at = Timestamp(NOON.0 + minute * 60_000);
        let facts: Vec<Value> = facts.iter().map(|_| Value::Bool(truth)).collect();
        for _ in 0..TIMERS_MAX {
            let Some(due) = engine.due(at) else { break };
            engine.timer(&due, &facts, &mut step);
        }
        engine.event(
            &Input { at, subject, event: Event::Context(Triggers::default()), facts: &facts },
            &mut step,
        );
        let made = step.effects.iter().find_map(|effect| match effect {
            Effect::Offer { id, .. } => Some(*id),
            _ => None,
        });
        if let Some(id) = made {
            let event = Event::Outcome(OutcomeIn { id, outcome: Outcome::Accepted });
            engine.event(&Input { at, subject, event, facts: &facts }, &mut step);
        }
        if let Some(pick) = engine.picks(subject, at, &facts).pop() {
            engine.event(&Input { at, subject, event: Event::Pick(pick), facts: &facts }, &mut step);
        }
        said(engine, schema, subject, &facts, at);
        let saved = engine.save(subject).expect("it is known");
        engine.restore(subject.kind(), WHO, &saved).expect("what was saved is restored");
    }
    engine.stop(subject, NOON, &mut step);
}

fn said(engine: &Engine, schema: &Schema, subject: SubjectIx, facts: &[Value], at: Timestamp) {
    for ix in (0..engine.library().journeys().len()).map(|ix| JourneyIx(ix as u16)) {
        engine.choices(subject, ix, at, facts);
        let (locals, local) = (engine.variables(subject, ix), engine.offsets().local(at));
        let env = Env { facts, locals, local, now: at };
        let journey = engine.library().journey(ix).expect("it is one of them");
        for copy in journey.offers.iter().flat_map(|offer| &offer.text) {
            drop(copy.template.render(&env, schema));
        }
    }
}
