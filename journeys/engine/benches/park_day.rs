//! The park-day workload: the engine beside the same rules written by hand, in one run.
//!
//! `cargo bench -p turnpage-journeys-engine --bench park_day -- [--visitors 20000] [--seed 7]`. Events are made
//! from the seed and lie in memory; visitors are numbered already. The time is that of stepping alone, on the
//! processor (other work on the machine does not count), the least of several rounds.

#[expect(dead_code, reason = "shared with the tests of the rules, which say more")]
#[path = "../tests/common/author.rs"]
mod author;
#[path = "park_day/by_hand.rs"]
mod by_hand;
#[path = "common/clock.rs"]
mod clock;
#[expect(dead_code, reason = "the hostile stream is for tests")]
#[path = "../tests/park_day/crowd.rs"]
mod crowd;
#[path = "../tests/park_day/event.rs"]
mod event;
#[expect(dead_code, reason = "going through saved bytes is for tests")]
#[path = "../tests/park_day/journeys.rs"]
mod journeys;

use by_hand::{ByHand, Said};
use clock::timed;
use event::{Event, Line};
use journeys::Park;

const ROUNDS: usize = 7;

fn main() {
    let (visitors, seed) = (option("--visitors", 20_000), option("--seed", 7));
    let events = crowd::day(seed, visitors as u32);
    check(&events, visitors as u32);
    let (mut engine, mut hand) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        hand = hand.min(timed(|clock| {
            let mut by_hand = ByHand::default();
            by_hand.know(visitors as u32);
            clock.start();
            events.iter().for_each(|event| by_hand.event(event));
            clock.stop(by_hand.said.len());
        }));
        engine = engine.min(timed(|clock| {
            let mut park = Park::new(journeys::library(), &events, visitors as u32);
            let mut effects = 0;
            clock.start();
            (0..events.len()).for_each(|nth| park.event(nth, |_, step| effects += step.effects.len()));
            clock.stop(effects);
        }));
    }
    let each = |seconds: f64| seconds * 1e9 / events.len() as f64;
    println!("park-day: {} events of {visitors} visitors, least of {ROUNDS} rounds", events.len());
    println!("by hand   {hand:.4} s  {:6.1} ns an event", each(hand));
    println!("engine    {engine:.4} s  {:6.1} ns an event", each(engine));
    println!("ratio     {:.2}", engine / hand);
}

fn option(name: &str, otherwise: u64) -> u64 {
    let mut args = std::env::args().skip_while(|arg| arg != name).skip(1);
    args.next().map_or(otherwise, |value| value.parse().expect("options take a number"))
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
