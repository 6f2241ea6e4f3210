//! The five park-day journeys against an independent oracle, over hostile streams and an ordinary day.

#[expect(dead_code, reason = "shared with the tests of the rules, which say more")]
#[path = "common/author.rs"]
mod author;
#[path = "park_day/crowd.rs"]
mod crowd;
#[path = "park_day/event.rs"]
mod event;
#[path = "park_day/journeys.rs"]
mod journeys;
#[path = "park_day/oracle.rs"]
mod oracle;

use event::{Event, Line};
use journeys::Park;

/// What the engine says about a stream, in the order of the workload's output. Every so often one visitor's
/// state goes through its bytes and back.
fn run(events: &[Event], visitors: u32, save_every: usize) -> Vec<Line> {
    let mut park = Park::new(journeys::library(), events, visitors);
    let mut said = Vec::new();
    for (nth, event) in events.iter().enumerate() {
        park.event(nth, |engine, step| journeys::lines(engine, step, &mut said));
        if nth % save_every == save_every - 1 {
            park.save_and_restore(event.visitor);
        }
    }
    said.sort();
    said
}

fn compare(events: &[Event], visitors: u32, what: &str) -> usize {
    let expected = oracle::run(events);
    for save_every in [usize::MAX, 7] {
        let said = run(events, visitors, save_every);
        let differ = said.iter().zip(&expected).position(|(a, b)| a != b);
        assert_eq!(differ.map(|at| (&said[at], &expected[at])), None, "{what}, saved every {save_every}");
        assert_eq!(said.len(), expected.len(), "{what}, saved every {save_every}");
    }
    expected.len()
}

#[test]
fn hostile_streams_come_out_as_the_oracle_says() {
    let mut kinds = std::collections::BTreeSet::new();
    for (seed, visitors) in (0..12).zip([1, 2, 3, 5, 8, 13, 21, 34, 40, 40, 40, 40]) {
        let events = crowd::hostile(seed, visitors);
        compare(&events, visitors, &format!("seed {seed}, {visitors} visitors"));
        kinds.extend(oracle::run(&events).into_iter().map(|line| (line.2, line.3)));
    }
    assert_eq!(kinds.len(), 9, "every offer and outcome was seen: {kinds:?}");
}

#[test]
fn an_ordinary_day_comes_out_as_the_oracle_says() {
    let visitors = 150;
    let events = crowd::day(7, visitors);
    let per_visitor = events.len() as f64 / f64::from(visitors);
    assert!((60.0..140.0).contains(&per_visitor), "{per_visitor} events a visitor");
    let said = compare(&events, visitors, "an ordinary day");
    assert!(said > 2 * visitors as usize, "only {said} lines");
}
