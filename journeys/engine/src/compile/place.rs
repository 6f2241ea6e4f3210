//! Journeys side by side: order, places in a subject's row, lanes of timers, what is read.

use crate::id::{OfferIx, PageIx};
use crate::input::Triggers;
use crate::instances::WORDS;
use crate::library::{Gate, Gates, Journey, Library, Page, Place, Timer, TimerRef};
use crate::limits;
use std::collections::BTreeSet;
use turnpage_journeys_expr::{Program, Slot};

/// A lane's number is 16 bits, and every firing looks at all of them. Further delays share the heap.
const LANES_MAX: usize = 1_024;

/// The library of journeys that are all right.
pub(super) fn library(mut journeys: Vec<Journey>) -> Library {
    journeys.sort_by(|a, b| a.name.cmp(&b.name));
    let delays: BTreeSet<i64> = journeys.iter().flat_map(delays).collect();
    let delays_ms: Vec<i64> = delays.into_iter().collect();
    let (mut next, mut gates) = (Place::default(), Vec::new());
    for journey in &mut journeys {
        timers(journey, &delays_ms);
        journey.place = place(journey, &mut next);
        gates.push(nowhere(journey));
        gates.extend(journey.pages.iter().map(|page| on(journey, page)));
    }
    let reads: BTreeSet<Slot> =
        journeys.iter().flat_map(programs).flat_map(Program::reads).copied().collect();
    Library { reads: reads.into_iter().collect(), journeys, gates, lanes: delays_ms.len().min(LANES_MAX) }
}

fn delays(journey: &Journey) -> impl Iterator<Item = i64> {
    let pages = journey.pages.iter().flat_map(|page| page.timers.iter().map(|timer| timer.after_ms));
    pages.chain(journey.offers.iter().filter_map(|offer| offer.valid_ms))
}

/// Numbers the timers of a journey: pages first, in document order, then offers. Timers of one deadline fire in
/// this order.
fn timers(journey: &mut Journey, delays_ms: &[i64]) {
    let mut timers = Vec::new();
    let mut number = |delay_ms: i64, timer: Timer| {
        timers.push(timer);
        // A library with more delays than lanes have numbers leaves the rest to the heap.
        let lane = delays_ms.binary_search(&delay_ms).ok().filter(|lane| *lane < LANES_MAX);
        TimerRef { lane: lane.map_or(u16::MAX, |lane| lane as u16), number: timers.len() as u16 - 1 }
    };
    for (page, ix) in journey.pages.iter_mut().zip((0..).map(PageIx)) {
        for (nth, timer) in page.timers.iter_mut().enumerate() {
            timer.timer = number(timer.after_ms, Timer::Page { page: ix, nth: nth as u16 });
        }
    }
    for (offer, ix) in journey.offers.iter_mut().zip((0..).map(OfferIx)) {
        offer.expiry = offer.valid_ms.map(|valid| number(valid, Timer::Offer(ix)));
    }
    journey.timers = timers;
}

/// Before an instance has begun: whatever event is admitted may begin it.
fn nowhere(journey: &Journey) -> Gates {
    gates(journey, vec![Gate { wants: Triggers::ANY, guard: journey.admit.clone() }])
}

/// On a page: the gates of its choices, or one that is always open where entries are to be looked at, too.
fn on(journey: &Journey, page: &Page) -> Gates {
    if journey.entries.is_empty() {
        return gates(journey, page.events.iter().map(|choice| choice.gate.clone()).collect());
    }
    gates(journey, vec![Gate { wants: Triggers::ANY, guard: None }])
}

fn gates(journey: &Journey, gates: Vec<Gate>) -> Gates {
    let wants = gates.iter().fold(Triggers::NONE, |wants, gate| wants | gate.wants);
    let locals = journey.place.locals();
    // 4,096 journeys of 32 variables fit.
    let locals = (!locals.is_empty()).then_some((locals.start as u32, locals.end as u32));
    Gates { wants, locals, gates: gates.into_boxed_slice() }
}

fn place(journey: &mut Journey, next: &mut Place) -> Place {
    let mut words_len = WORDS;
    for offer in &mut journey.offers {
        offer.words = words_len;
        words_len += limits::words(offer.limit);
    }
    let place = Place { words_len, locals_len: journey.variables.len(), ..*next };
    next.words += words_len;
    next.locals += journey.variables.len();
    // `compile` bounds the seats of a library.
    next.nowhere = next.nowhere.saturating_add(journey.pages.len() as u16 + 1);
    place
}

/// Every program an event or a timer may run.
fn programs(journey: &Journey) -> impl Iterator<Item = &Program> {
    let choices = journey.pages.iter().flat_map(|page| {
        let answers = page.answers.iter().map(|(_, choice)| choice);
        page.events.iter().chain(answers).chain(page.timers.iter().flat_map(|timer| &timer.choices))
    });
    let parts = choices
        .chain(&journey.entries)
        .flat_map(|choice| choice.gate.guard.iter().chain(choice.sets.iter().map(|(_, program)| program)));
    let initials = journey.variables.iter().filter_map(|variable| variable.initial.as_ref());
    parts.chain(&journey.admit).chain(initials)
}
