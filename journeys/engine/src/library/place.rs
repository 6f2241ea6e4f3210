//! Journeys side by side: who follows whom, places in a subject's row, lanes of timers, what is read.
//!
//! All of it follows from the journeys themselves. Comes after `compile.rs`; next: `engine.rs`.

use crate::graph::{Kind, SubjectKind};
use crate::id::{JourneyIx, OfferIx, PageIx};
use crate::instances::WORDS;
use crate::library::{Journey, Library, Making, Page, PageTimer, Place, Timer, TimerRef, Wait};
use crate::limits;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use turnpage_journeys_expr::{DomainId, Program, Slot};

/// A lane's number is 16 bits, and every firing looks at all of them. Further delays share the heap.
const LANES_MAX: usize = 1_024;

/// The library of journeys that are all right, in order.
pub(crate) fn library(mut journeys: Vec<Journey>, members: impl Fn(DomainId) -> Vec<String>) -> Library {
    succeed(&mut journeys);
    hold(&mut journeys);
    let lanes: BTreeSet<Lane> = journeys.iter().flat_map(lanes).collect();
    let lanes: Vec<Lane> = lanes.into_iter().collect();
    let (mut next, mut gates) = (<[Place; SubjectKind::ALL.len()]>::default(), Making::default());
    let mut kinds: [Vec<JourneyIx>; SubjectKind::ALL.len()] = Default::default();
    for (journey, ix) in journeys.iter_mut().zip((0..).map(JourneyIx)) {
        timers(journey, &lanes);
        if let (Some(next), Some(kind)) =
            (next.get_mut(journey.subject as usize), kinds.get_mut(journey.subject as usize))
        {
            // `compile` bounds the seats of a library.
            journey.place = Place { nowhere: gates.seats() as u16, ..place(journey, next) };
            kind.push(ix);
        }
        gates.push(journey);
    }
    let reads: BTreeSet<Slot> =
        journeys.iter().flat_map(programs).flat_map(Program::reads).copied().collect();
    let members = domains(&journeys).into_iter().map(|domain| (domain, members(domain))).collect();
    let (reads, lanes) = (reads.into_iter().collect(), lanes.len().min(LANES_MAX));
    let gates = gates.done();
    let mut arms = 0;
    for learn in journeys.iter_mut().filter_map(|journey| journey.learn.as_mut()) {
        learn.first = arms;
        arms += learn.arms.len();
    }
    Library { journeys, reads, gates, lanes, kinds, members, arms }
}

/// Of versions of one name the newest begins, and the others know it as their heir. What is called begins by its caller.
fn succeed(journeys: &mut [Journey]) {
    let heirs: Vec<Option<JourneyIx>> = (journeys.iter().enumerate())
        .map(|(ix, journey)| {
            let later = journeys.iter().enumerate().skip(ix + 1);
            let same = later.take_while(|(_, other)| other.name == journey.name);
            same.last().map(|(ix, _)| JourneyIx(ix as u16))
        })
        .collect();
    for (ix, heir) in (0..).map(JourneyIx).zip(&heirs) {
        if let Some(heir) = heir.and_then(|heir| journeys.get_mut(heir.index())) {
            heir.elders.push(ix);
        }
        if let Some(journey) = journeys.get_mut(ix.index()) {
            journey.heir = *heir;
        }
    }
}

/// Says which journeys make no offers while their subject is inside a mandated one. A mandated journey is held by none,
/// or two of them could wait for each other; nor is what a mandated journey calls.
fn hold(journeys: &mut [Journey]) {
    let mandated: Vec<(JourneyIx, SubjectKind, String)> = (journeys.iter().zip((0..).map(JourneyIx)))
        .filter(|(journey, _)| journey.kind == Kind::Mandated)
        .map(|(journey, ix)| (ix, journey.subject, format!("{}>", journey.name)))
        .collect();
    for journey in journeys.iter_mut().filter(|journey| journey.kind != Kind::Mandated) {
        let holds = mandated.iter().filter(|(_, subject, callee)| {
            *subject == journey.subject && !journey.name.starts_with(callee.as_str())
        });
        journey.held_by = holds.map(|(ix, ..)| *ix).collect();
    }
}

/// The domains that variables are of.
fn domains(journeys: &[Journey]) -> BTreeSet<DomainId> {
    let variables = journeys.iter().flat_map(|journey| &journey.variables);
    variables.filter_map(|variable| variable.of.domain()).collect()
}

/// Timers that queue together: started in the order of time, they are due in the order they were started.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    /// Of one delay.
    After(i64),
    /// Of one time of day.
    Clock(u32),
}

fn lanes(journey: &Journey) -> impl Iterator<Item = Lane> {
    let pages = journey.pages.iter().flat_map(|page| page.timers.iter().map(|timer| lane(timer.wait)));
    let within = journey.intent.iter().map(|intent| Lane::After(intent.within_ms));
    pages.chain(journey.offers.iter().filter_map(|offer| offer.valid_ms).map(Lane::After)).chain(within)
}

fn lane(wait: Wait) -> Lane {
    match wait {
        Wait::After(after_ms) => Lane::After(after_ms),
        Wait::Clock { at_ms, .. } => Lane::Clock(at_ms),
    }
}

/// Numbers the timers of a journey: pages first, in document order, then offers. Timers of one deadline fire in
/// this order.
fn timers(journey: &mut Journey, lanes: &[Lane]) {
    let mut timers = Vec::new();
    let mut number = |lane: Lane, timer: Timer| {
        timers.push(timer);
        // A library with more delays than lanes have numbers leaves the rest to the heap.
        let lane = lanes.binary_search(&lane).ok().filter(|lane| *lane < LANES_MAX);
        TimerRef { lane: lane.map_or(u16::MAX, |lane| lane as u16), number: timers.len() as u16 - 1 }
    };
    for (page, ix) in journey.pages.iter_mut().zip((0..).map(PageIx)) {
        for (nth, timer) in page.timers.iter_mut().enumerate() {
            timer.timer = number(lane(timer.wait), Timer::Page { page: ix, nth: nth as u16 });
        }
    }
    for (offer, ix) in journey.offers.iter_mut().zip((0..).map(OfferIx)) {
        offer.expiry = offer.valid_ms.map(|valid| number(Lane::After(valid), Timer::Offer(ix)));
    }
    if let Some(intent) = &mut journey.intent {
        intent.timer = number(Lane::After(intent.within_ms), Timer::Within);
    }
    journey.timers = timers;
}

/// Gives a journey its words and variables in the row of its kind. What only some journeys need has no words in others.
fn place(journey: &mut Journey, next: &mut Place) -> Place {
    let mut words_len = WORDS;
    let mut take = |len: usize| {
        words_len += len;
        words_len - len
    };
    let evidence = take(if journey.kind == Kind::Mandated { 2 } else { 0 });
    let once = take(usize::from(journey.once).div_ceil(64));
    // Only the page an instance is on has clocks that run, so pages share their words.
    let clock = |timer: &&PageTimer| matches!(timer.wait, Wait::Clock { .. });
    let clocks = journey.pages.iter().map(|page| page.timers.iter().filter(clock).count()).max().unwrap_or(0);
    let first = take(clocks);
    for page in &mut journey.pages {
        let words = page.timers.iter_mut().filter_map(|timer| match &mut timer.wait {
            Wait::Clock { word, .. } => Some(word),
            Wait::After(_) => None,
        });
        words.zip(first..).for_each(|(word, place)| *word = place);
    }
    for offer in &mut journey.offers {
        offer.words = take(limits::words(offer.limit));
    }
    if let Some(learn) = &mut journey.learn {
        learn.words = take(learn.arms.len() + journey.offers.len());
    }
    if let Some(intent) = &mut journey.intent {
        intent.word = take(1);
    }
    let kept: usize = journey.kept.iter().map(|(recall, _)| usize::from(recall.width())).sum();
    let locals_len = journey.variables.len() + usize::from(journey.result.is_some()) + kept;
    let place = Place { words_len, locals_len, evidence, once, pages: journey.pages.len() as u16, ..*next };
    next.nth += 1;
    next.words += words_len;
    next.locals += place.locals_len;
    place
}

/// Every program an event or a timer may run.
fn programs(journey: &Journey) -> impl Iterator<Item = &Program> {
    let choices = journey.pages.iter().flat_map(Page::compiled);
    let parts = choices.chain(&journey.entries).flat_map(|choice| {
        let remembers = choice.remembers.iter().map(|(_, program)| program);
        let sets = choice.sets.iter().map(|(_, program)| program);
        let alternatives = choice.alternatives.iter().flat_map(|alternatives| &alternatives.all);
        let theirs = alternatives.flat_map(|one| one.sets.iter().map(|(_, program)| program));
        choice.gate.guard.iter().chain(remembers).chain(sets).chain(theirs)
    });
    let watches = journey.pages.iter().flat_map(|page| page.way.iter().chain(&page.breach));
    let initials = journey.variables.iter().filter_map(|variable| variable.initial.as_ref());
    let calls = journey.pages.iter().filter_map(|page| page.call.as_ref());
    let given = calls.flat_map(|call| call.with.iter().map(|(_, program)| program));
    let intents = journey.intent.iter().flat_map(|intent| [&intent.likely, &intent.there]);
    parts.chain(watches).chain(intents).chain(&journey.admit).chain(initials).chain(given)
}
