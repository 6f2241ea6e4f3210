//! Timers against a model that searches all of them, and their bound.

use super::*;
use alloc::collections::BTreeSet;
use proptest::collection::vec;
use proptest::prelude::*;

const DELAYS: [i64; 3] = [5, 20, 60];

fn started(deadline: i64, subject: u32, number: u16) -> Started {
    Started { deadline, subject: SubjectIx(subject), journey: JourneyIx(0), number }
}

/// What the model orders by: names run against the subjects' numbers.
fn key(timer: &Started) -> (Reverse<u32>, u16) {
    (Reverse(timer.subject.0), timer.number)
}

#[derive(Clone, Debug)]
enum Act {
    /// Moves time (also back) and starts a timer of a delay.
    Start(i64, usize, u32),
    /// Stops one that is running.
    Stop(prop::sample::Index),
    /// Fires what is due within a span.
    Fire(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        5 => (prop_oneof![4 => 0..10_i64, 1 => -40..0_i64], 0..DELAYS.len(), 0..4_u32)
            .prop_map(|(by, delay, subject)| Act::Start(by, delay, subject)),
        2 => any::<prop::sample::Index>().prop_map(Act::Stop),
        2 => (0..40_i64).prop_map(Act::Fire),
    ]
}

proptest! {
    #[test]
    fn the_next_is_what_a_search_of_all_finds(acts in vec(act(), 0..200)) {
        let mut timers = Timers::new(DELAYS.len());
        let mut running: BTreeSet<Started> = BTreeSet::new();
        let mut now = 0;
        for act in acts {
            match act {
                Act::Start(by, delay, subject) => {
                    now += by;
                    let timer = started(now + DELAYS[delay], subject, delay as u16);
                    timers.start(delay as u16, timer);
                    running.insert(timer);
                }
                Act::Stop(which) => {
                    if !running.is_empty() {
                        let timer = *running.iter().nth(which.index(running.len())).unwrap();
                        running.remove(&timer);
                    }
                }
                Act::Fire(span) => loop {
                    let until = now + span;
                    let due = running.iter().filter(|timer| timer.deadline <= until);
                    let expected = due.min_by_key(|timer| (timer.deadline, key(timer))).copied();
                    let next = timers.next(until, |timer| running.contains(timer), |timer| key(timer).0);
                    prop_assert_eq!(next, expected);
                    // Looking again finds the same; only what stops waiting goes.
                    let again = timers.next(i64::MAX, |timer| running.contains(timer), |timer| key(timer).0);
                    prop_assert!(next.is_none() || again == next);
                    match next {
                        Some(timer) => running.remove(&timer),
                        None => break,
                    };
                },
            }
            timers.tidy(|timer| running.contains(timer));
        }
    }
}

#[test]
fn rule_10_3_stopped_timers_do_not_gather() {
    let mut timers = Timers::new(1);
    let waits = |timer: &Started| timer.subject.0 < 3_000 || timer.deadline == 99_999;
    for subject in 0..3_000 {
        timers.start(0, started(50_000, subject, 0));
        timers.tidy(waits);
    }
    for nth in 0..100_000 {
        timers.start((nth % 2) as u16, started(nth, 3_000, 0));
        timers.tidy(waits);
        assert!(timers.queued <= 2 * 3_001 + CROWDED_MIN, "{} after {nth}", timers.queued);
    }
    let held = timers.lanes[0].len() + timers.strays.len() + timers.ready.len();
    assert_eq!(timers.queued, held);
}
