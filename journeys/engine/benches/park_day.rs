//! The park-day workload: the engine beside the same rules written by hand, in one run.
//!
//! `cargo bench -p turnpage-journeys-engine --bench park_day -- [--visitors 20000] [--seed 7]`. Events are made
//! from the seed and lie in memory; visitors are numbered already. The time is that of stepping alone, a stretch of a few
//! thousand events at a time, each the least of several rounds: so little is interrupted that other work on the machine
//! does not count.

#[expect(dead_code, reason = "shared with the tests of the rules, which say more")]
#[path = "../tests/common/author.rs"]
mod author;
#[path = "park_day/by_hand.rs"]
mod by_hand;
#[expect(dead_code, reason = "the hostile stream is for tests")]
#[path = "../tests/park_day/crowd.rs"]
mod crowd;
#[path = "../tests/park_day/event.rs"]
mod event;
#[expect(dead_code, reason = "going through saved bytes is for tests")]
#[path = "../tests/park_day/journeys.rs"]
mod journeys;

use by_hand::{ByHand, Said};
use event::{Event, Line};
use journeys::Park;
use std::ops::Range;
use std::time::Instant;

const ROUNDS: usize = 7;

fn main() {
    let (visitors, seed) = (option("--visitors", 20_000), option("--seed", 7));
    let events = crowd::day(seed, visitors as u32);
    check(&events, visitors as u32);
    let (mut engine, mut hand) = (Stretches::default(), Stretches::default());
    for _ in 0..ROUNDS {
        let mut by_hand = ByHand::default();
        by_hand.know(visitors as u32);
        hand.round(events.len(), |range| {
            events[range].iter().for_each(|event| by_hand.event(event));
            by_hand.said.len()
        });
        let mut park = Park::new(journeys::library(), &events, visitors as u32);
        let mut effects = 0;
        engine.round(events.len(), |range| {
            range.for_each(|nth| park.event(nth, |_, step| effects += step.effects.len()));
            effects
        });
    }
    let (engine, hand) = (engine.seconds(), hand.seconds());
    let each = |seconds: f64| seconds * 1e9 / events.len() as f64;
    println!(
        "park-day: {} events of {visitors} visitors, each stretch the least of {ROUNDS} rounds",
        events.len()
    );
    println!("by hand   {hand:.4} s  {:6.1} ns an event", each(hand));
    println!("engine    {engine:.4} s  {:6.1} ns an event", each(engine));
    println!("ratio     {:.2}", engine / hand);
}

fn option(name: &str, otherwise: u64) -> u64 {
    let mut args = std::env::args().skip_while(|arg| arg != name).skip(1);
    args.next().map_or(otherwise, |value| value.parse().expect("options take a number"))
}

/// The least that each stretch of the events took in any round: what others do to the machine in between does not count.
#[derive(Default)]
struct Stretches(Vec<f64>);

impl Stretches {
    /// Few enough events that most stretches of some round are not interrupted: a millisecond.
    const LEN: usize = 4_096;

    /// Runs all events once. What `run` gives is not optimised away.
    fn round(&mut self, events: usize, mut run: impl FnMut(Range<usize>) -> usize) {
        self.0.resize(events.div_ceil(Self::LEN), f64::INFINITY);
        for (nth, least) in self.0.iter_mut().enumerate() {
            let from = nth * Self::LEN;
            let start = Instant::now();
            std::hint::black_box(run(from..events.min(from + Self::LEN)));
            *least = least.min(start.elapsed().as_secs_f64());
        }
    }

    fn seconds(&self) -> f64 {
        self.0.iter().sum()
    }
}

/// Both say the same, or the times mean nothing.
fn check(events: &[Event], visitors: u32) {
    let mut by_hand = ByHand::default();
    by_hand.know(visitors);
    events.iter().for_each(|event| by_hand.event(event));
    let by_hand = by_hand.said.into_iter().map(|(at, visitor, said)| {
        let (journey, offer) = match said {
            Said::Rest => ("heat-rest", "rest"),
            Said::Fastlane => ("loyal", "fastlane"),
            Said::Lunch => ("lunch", "lunch"),
            Said::LunchAccepted => ("lunch", "lunch:accepted"),
            Said::LunchExpired => ("lunch", "lunch:expired"),
            Said::Cocoa => ("rainy-day", "cocoa"),
            Said::CocoaAccepted => ("rainy-day", "cocoa:accepted"),
            Said::CocoaExpired => ("rainy-day", "cocoa:expired"),
            Said::Greet => ("vip-greet", "greet"),
        };
        (at, event::name(visitor), journey, offer)
    });
    let mut by_hand: Vec<Line> = by_hand.collect();
    let (mut park, mut said) = (Park::new(journeys::library(), events, visitors), Vec::new());
    (0..events.len())
        .for_each(|nth| park.event(nth, |engine, step| journeys::lines(engine, step, &mut said)));
    by_hand.sort();
    said.sort();
    assert!(!said.is_empty() && by_hand == said, "the engine and the rules by hand disagree");
}
