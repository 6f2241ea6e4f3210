//! A compiled library as bytes: what comes back is what was written, and bytes that nobody wrote are refused or do no harm.

use super::{Act, Run, WHO, act, engine, library, schema};
use expect_test::expect;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;
use turnpage_journeys_engine::{
    ChoiceIx, Effect, Engine, Error, Event, Input, JourneyIx, Library, OutcomeIn, PageIx, PickIn, Step,
    SubjectIx, Timestamp, bounds, compile,
};
use turnpage_journeys_expr::{Env, Schema, Value};

const HEADER: usize = 18;

/// A body in a frame as `to_bytes` makes it: damage that nobody hides tests only the hash.
fn framed(body: &[u8]) -> Vec<u8> {
    let mut hasher = SipHasher13::new_with_keys(0, u64::from_le_bytes(*b"library."));
    hasher.write(body);
    let mut bytes = b"tpjl\x02\x00".to_vec();
    bytes.extend((body.len() as u32).to_le_bytes());
    bytes.extend(hasher.finish().to_le_bytes());
    bytes.extend(body);
    bytes
}

/// Timers fired for one act: a journey whose delays were made milliseconds is not run through a day.
const TIMERS_MAX: usize = 32;

/// Acts on whatever library: nothing is expected of it but to come back.
fn drive(library: &Library, acts: &[(usize, Act)]) {
    let mut engine = engine(library);
    let (mut now, mut facts, mut step) = (0, Vec::new(), Step::default());
    let mut made = Vec::new();
    for (who, act) in acts {
        let (kind, who) = WHO[*who];
        if let Act::Event { minutes, facts: told, .. } = act {
            (now, facts) = (now + minutes * 60_000, told.clone());
        }
        let at = Timestamp(now);
        for _ in 0..TIMERS_MAX {
            let Some(due) = engine.due(at) else { break };
            engine.timer(&due, &facts, &mut step);
        }
        let subject = engine.subject(kind, who).expect("a short name");
        let event = match act {
            Act::Event { triggers, .. } => Event::Context(*triggers),
            Act::Outcome { outcome, .. } => match made.pop() {
                Some(id) => Event::Outcome(OutcomeIn { id, outcome: *outcome }),
                None => continue,
            },
            Act::Pick { journey, page, choice, .. } => {
                let shown = engine.picks(subject, at, &facts).pop();
                let (journey, page) = (JourneyIx(*journey), PageIx(*page));
                let choice = ChoiceIx(*choice);
                Event::Pick(shown.unwrap_or(PickIn { journey, page, choice }))
            }
            Act::Stop => {
                engine.stop(subject, at, &mut step);
                continue;
            }
            Act::Remove => {
                engine.remove(subject);
                continue;
            }
        };
        engine.event(&Input { at, subject, event, facts: &facts }, &mut step);
        made.extend(step.effects.iter().filter_map(|effect| match effect {
            Effect::Offer { id, .. } => Some(*id),
            _ => None,
        }));
        look(&mut engine, subject, at, &facts);
    }
}

/// Everything that reads: choices, copy, saved state and back.
fn look(engine: &mut Engine, subject: SubjectIx, at: Timestamp, facts: &[Value]) {
    for ix in (0..engine.library().journeys().len()).map(|ix| JourneyIx(ix as u16)) {
        engine.choices(subject, ix, at, facts);
        let env =
            Env { facts, locals: engine.variables(subject, ix), local: engine.offsets().local(at), now: at };
        let journey = engine.library().journey(ix).expect("of the library");
        let offers = journey.offers.iter().flat_map(|offer| &offer.text);
        let choices = journey.pages().iter().flat_map(|page| &page.choices);
        let said = offers.chain(choices.flat_map(|choice| choice.label.iter().chain(&choice.ticket)));
        said.for_each(|copy| drop(copy.template.render(&env, &schema())));
    }
    let name = engine.name(subject).expect("it is known").to_owned();
    let saved = engine.save(subject).expect("it is known");
    engine.restore(subject.kind(), &name, &saved).expect("it was saved");
}

#[derive(Clone, Debug)]
enum Harm {
    /// One byte is another.
    Set(Index, u8),
    /// One byte is one more or one less: indexes and counts.
    Nudge(Index, bool),
    /// Bytes are taken out.
    Cut(Index, usize),
    /// Bytes come twice.
    Double(Index, usize),
    /// Bytes of one place stand at another.
    Move(Index, Index, usize),
}

impl Harm {
    fn of(&self, bytes: &mut Vec<u8>) {
        let span = |at: &Index, len: usize| {
            let at = at.index(bytes.len());
            at..(at + len).min(bytes.len())
        };
        match self {
            Harm::Set(at, with) => {
                let at = at.index(bytes.len());
                bytes[at] = *with;
            }
            Harm::Nudge(at, up) => {
                let at = at.index(bytes.len());
                bytes[at] = if *up { bytes[at].wrapping_add(1) } else { bytes[at].wrapping_sub(1) };
            }
            Harm::Cut(at, len) => drop(bytes.drain(span(at, *len))),
            Harm::Double(at, len) => {
                let span = span(at, *len);
                let twice = bytes[span.clone()].to_vec();
                bytes.splice(span.start..span.start, twice);
            }
            Harm::Move(from, to, len) => {
                let (from, to) = (span(from, *len), to.index(bytes.len()));
                let moved = bytes[from].to_vec();
                let end = (to + moved.len()).min(bytes.len());
                bytes.splice(to..end, moved);
            }
        }
    }
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        3 => (any::<Index>(), any::<u8>()).prop_map(|(at, with)| Harm::Set(at, with)),
        12 => (any::<Index>(), any::<bool>()).prop_map(|(at, up)| Harm::Nudge(at, up)),
        1 => (any::<Index>(), 1..40_usize).prop_map(|(at, len)| Harm::Cut(at, len)),
        1 => (any::<Index>(), 1..40_usize).prop_map(|(at, len)| Harm::Double(at, len)),
        2 => (any::<Index>(), any::<Index>(), 1..8_usize).prop_map(|(from, to, len)| Harm::Move(from, to, len)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn rule_9_6_what_comes_back_is_what_was_written(library in library(), acts in vec(act(), 0..60)) {
        let bytes = library.to_bytes(&schema()).unwrap();
        let (back, venue) = Library::from_bytes(&bytes).unwrap();
        prop_assert_eq!(back.to_bytes(&venue), Ok(bytes));
        prop_assert_eq!(format!("{library:?}"), format!("{back:?}"));
        prop_assert_eq!(format!("{venue:?}"), format!("{:?}", schema()));
        let (own, its) = (Run::of(&library, &acts, false), Run::of(&back, &acts, true));
        prop_assert_eq!(&own.steps, &its.steps);
        prop_assert_eq!(own.saved(), its.saved());
    }

    #[test]
    fn rule_9_6_what_one_saved_goes_on_in_the_other(
        library in library(), before in vec(act(), 0..30), after in vec(act(), 0..30)
    ) {
        let (back, _) = Library::from_bytes(&library.to_bytes(&schema()).unwrap()).unwrap();
        let mut own = Run::of(&library, &before, false);
        let saved = own.saved();
        let mut its = Run::of(&library, &before, false);
        // As after a restart: every subject comes back by its bytes, in the same order in both.
        (own.engine, its.engine) = (engine(&library), engine(&back));
        for run in [&mut own, &mut its] {
            for ((kind, who), saved) in WHO.iter().zip(&saved) {
                if let Some(saved) = saved {
                    run.engine.restore(*kind, who, saved).unwrap();
                }
            }
            prop_assert_eq!(run.engine.take_lapsed(), Vec::new());
            after.iter().for_each(|(who, act)| run.act(WHO[*who], act));
        }
        prop_assert_eq!(&own.steps, &its.steps);
        prop_assert_eq!(own.saved(), its.saved());
    }

    #[test]
    fn bytes_cut_anywhere_are_refused(library in library(), at in any::<Index>()) {
        let bytes = library.to_bytes(&schema()).unwrap();
        prop_assert!(Library::from_bytes(&bytes[..at.index(bytes.len())]).is_err());
        let body = &bytes[HEADER..];
        prop_assert!(Library::from_bytes(&framed(&body[..at.index(body.len())])).is_err());
        prop_assert_eq!(framed(body), bytes);
    }

    #[test]
    fn bytes_of_nobody_are_refused(bytes in vec(any::<u8>(), 0..400)) {
        prop_assert!(Library::from_bytes(&bytes).is_err());
        // An empty library has a venue with its weekdays: nothing as short as this happens to be one.
        prop_assert!(Library::from_bytes(&framed(&bytes)).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_library_that_was_tampered_with_is_refused_or_harmless(
        library in library(), harms in vec(harm(), 1..3), acts in vec(act(), 1..30)
    ) {
        let mut body = library.to_bytes(&schema()).unwrap().split_off(HEADER);
        harms.iter().for_each(|harm| harm.of(&mut body));
        if let Ok((library, venue)) = Library::from_bytes(&framed(&body)) {
            drive(&library, &acts);
            // What was believed once is written as it was read.
            let bytes = library.to_bytes(&venue).unwrap();
            prop_assert_eq!(Library::from_bytes(&bytes).unwrap().0.to_bytes(&venue), Ok(bytes));
        }
    }
}

/// Every byte of a library one more, and one less, nothing or all ones: each index, each count, each word of it.
#[test]
fn no_byte_of_a_library_is_believed() {
    let runner = &mut TestRunner::deterministic();
    let library = library().new_tree(runner).expect("nothing is rejected").current();
    let acts = vec(act(), 8).new_tree(runner).expect("nothing is rejected").current();
    let body = library.to_bytes(&schema()).expect("it can be written").split_off(HEADER);
    let (mut refused, mut harmless) = (0, 0);
    for (at, byte) in body.iter().enumerate() {
        for with in [byte.wrapping_add(1), [byte.wrapping_sub(1), 0, 0xff][at % 3]] {
            let mut body = body.clone();
            body[at] = with;
            match Library::from_bytes(&framed(&body)) {
                Ok((library, _)) => {
                    harmless += 1;
                    drive(&library, &acts);
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 500 && harmless > 500, "{refused} refused, {harmless} harmless");
}

#[test]
fn damage_is_told_from_another_layout() {
    let library = compile(&[], &schema()).library.expect("nothing is wrong");
    let bytes = library.to_bytes(&schema()).expect("it can be written");
    let with = |at: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        Library::from_bytes(&bytes).err()
    };
    assert_eq!(with(0, b'x'), Some(Error::Library("it is none")));
    assert_eq!(with(4, 3), Some(Error::Library("its layout is not known")));
    assert_eq!(with(HEADER, 0xff), Some(Error::Library("it is damaged")));
    assert_eq!(Library::from_bytes(&bytes[..9]).err(), Some(Error::Library("it is cut off")));
    let long = vec![0; bounds::LIBRARY_BYTES_MAX + 1];
    assert_eq!(Library::from_bytes(&long).err(), Some(Error::Library("it is too long")));
    let other = Schema::new();
    let made = compile(&[super::third::third(true)], &schema()).library;
    let made = made.expect("nothing is wrong");
    assert!(made.to_bytes(&other).is_err(), "it reads facts that this venue does not have");
}

/// A change of what is stored changes these numbers: then `LAYOUT` is a new one, too.
#[test]
fn a_layout_is_the_one_of_its_number() {
    let library = compile(&[super::third::third(true)], &schema()).library.expect("nothing is wrong");
    let bytes = library.to_bytes(&schema()).expect("it can be written");
    let hash: String = bytes[10..HEADER].iter().map(|byte| format!("{byte:02x}")).collect();
    let layout = u16::from_le_bytes([bytes[4], bytes[5]]);
    expect!["layout 2, 439 bytes, dafeed94d83c4d53"]
        .assert_eq(&format!("layout {layout}, {} bytes, {hash}", bytes.len()));
}
