//! What an event costs as journeys are loaded and subjects come, and what a live instance takes in memory.
//!
//! `cargo bench -p turnpage-journeys-engine --bench scale`. Every subject is inside every journey, with a timer running in
//! each. Subjects are taken in a scattered order, so that the memory of large crowds is felt.

#[path = "common/clock.rs"]
mod clock;
#[expect(dead_code, reason = "shared with the test of memory")]
#[path = "../tests/common/crowd.rs"]
mod crowd;

use turnpage_journeys_engine::{
    Engine, Event, Input, Step, SubjectIx, SubjectKind, Timestamp, Triggers, Value,
};

const JOURNEYS: [usize; 4] = [1, 10, 100, 1_000];
const SUBJECTS: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// As many instances as a machine has room for beside other work: about 1.5 GB.
const INSTANCES_MAX: usize = 10_000_000;
/// Fewer than these may fit into pages that the process has had already, and would seem to take nothing.
const COUNTED_MIN: u64 = 1_000_000;
/// Looks at one journey's instance in a round: enough to be timed, few enough for all rounds to take seconds.
const LOOKS: usize = 4_000_000;
const EVENTS_MAX: usize = 500_000;
const ROUNDS: usize = 5;

fn main() {
    println!("journeys  subjects  nobody waits     guards say no    bytes an instance");
    for journeys in JOURNEYS {
        for subjects in SUBJECTS.into_iter().filter(|subjects| journeys * *subjects as usize <= INSTANCES_MAX)
        {
            let before = crowd::resident();
            let mut engine = begun(journeys, subjects);
            let instances = u64::from(subjects) * journeys as u64;
            let bytes = crowd::resident().saturating_sub(before) / instances;
            let bytes = if instances < COUNTED_MIN { "-".to_owned() } else { bytes.to_string() };
            let nobody = each(&mut engine, journeys, subjects, Triggers::SIGHTING);
            let guards = each(&mut engine, journeys, subjects, Triggers::ENTER);
            println!("{journeys:8}  {subjects:8}  {nobody:9.1} ns     {guards:9.1} ns     {bytes:>6}");
        }
    }
}

/// An engine on which every journey of every subject has begun and waits for `a` at an entry.
fn begun(journeys: usize, subjects: u32) -> Engine {
    let (mut engine, mut step) = (crowd::engine(journeys), Step::default());
    for nth in 0..subjects {
        let subject =
            engine.subject(SubjectKind::Visitor, &format!("visitor-{nth:08}")).expect("there is room");
        engine.event(&event(subject, Triggers::SIGHTING), &mut step);
        assert_eq!(step.effects.len(), journeys, "each begins");
    }
    engine
}

fn event(subject: SubjectIx, triggers: Triggers) -> Input<'static> {
    Input { at: Timestamp(0), subject, event: Event::Context(triggers), facts: &[Value::Bool(false)] }
}

/// Nanoseconds an event, the least of several rounds.
fn each(engine: &mut Engine, journeys: usize, subjects: u32, triggers: Triggers) -> f64 {
    let (events, mut step) = ((LOOKS / journeys).min(EVENTS_MAX), Step::default());
    let rounds = (0..ROUNDS).map(|_| {
        clock::timed(|clock| {
            let mut effects = 0;
            clock.start();
            for nth in 0..events as u32 {
                let subject = SubjectIx(nth.wrapping_mul(2_654_435_761) % subjects);
                engine.event(&event(subject, triggers), &mut step);
                effects += step.effects.len();
            }
            clock.stop(effects);
            assert_eq!(effects, 0, "nothing happens");
        })
    });
    rounds.fold(f64::INFINITY, f64::min) * 1e9 / events as f64
}
