//! Random walks: from the state a subject is in, one of the events that could come next, by seeded chance.
//!
//! Leans towards what journeys wait for: open offers are answered, timers are met, facts jump over thresholds. Next:
//! `exhaust`, which tries all instead of some.

use turnpage_journeys_engine::{Outcome, Spanned, Timestamp};

use super::random::Random;
use super::vocabulary::{Changing, DAY, Vocabulary};
use super::walk::Walk;
use super::{Grounds, MINUTE_MS};
use crate::play::calendar::date_of;
use crate::play::{Beat, Given, GivenFact, GivenValue, Happens, WallTime};

const DAY_MS: u32 = 86_400_000;
const OPENS_MS: u32 = 9 * 3_600_000;

/// What a walk begins with, and when.
pub(super) fn given(grounds: &Grounds<'_>, random: &mut Random) -> (Given, WallTime) {
    let words = &grounds.vocabulary;
    let mut given = Given { seed: random.below(1_000) as u64, facts: Vec::new() };
    for fact in &words.facts {
        // Most facts are known most of the time.
        let values = if random.percent(90) { known(fact) } else { &fact.values };
        given.facts.extend(random.one(values).map(|value| set(fact, value.clone())));
    }
    let day = random.one(&words.days).copied().or_else(|| date_of(DAY)).unwrap_or_default();
    let mut clocks = vec![OPENS_MS];
    clocks.extend(words.clocks.iter().map(|clock| clock.saturating_sub(30 * MINUTE_MS as u32)));
    let ms = random.one(&clocks).copied().unwrap_or(OPENS_MS);
    (given, WallTime { day, ms })
}

/// The values of a fact that are known.
pub(super) fn known(fact: &Changing) -> &[GivenValue] {
    fact.values.split_last().map_or(&[], |(_, known)| known)
}

/// A fact with a value.
pub(super) fn set(fact: &Changing, value: GivenValue) -> GivenFact {
    GivenFact { path: Spanned::from(fact.path.clone()), value: Spanned::from(value) }
}

/// How a walk goes.
#[derive(Debug, Clone)]
pub(super) struct Manner {
    /// Something happens nearly every minute: that is where offers come too often.
    brisk: bool,
    /// Kinds of zones it keeps to, by their place among the words; all when empty. Who only goes on rides earns what
    /// comes for five.
    fond_of: Vec<usize>,
}

impl Manner {
    /// Of every four walks one is brisk, and two keep to a few zones.
    pub(super) fn of(number: u64, words: &Vocabulary, random: &mut Random) -> Manner {
        let fond_of = match number % 4 {
            1 | 2 => (0..=random.below(2)).map(|_| random.below(words.zones.len())).collect(),
            _ => Vec::new(),
        };
        Manner { brisk: number.is_multiple_of(4), fond_of }
    }
}

/// The next event of a walk.
pub(super) fn beat(
    walk: &mut Walk<'_>,
    grounds: &Grounds<'_>,
    manner: &Manner,
    now: WallTime,
    random: &mut Random,
) -> Beat {
    let brisk = manner.brisk;
    let at = match brisk && random.percent(90) {
        true => grounds.soon(now),
        false => later(walk, grounds, now, random),
    };
    let words = &grounds.vocabulary;
    let open = walk.rehearsal.open_offers();
    let picks = walk.picks(at);
    let seen = (Happens::Seen(None), Vec::new());
    let answer = |random: &mut Random| {
        let outcome = answers(random);
        let offer = random.one(&open).cloned().unwrap_or_default();
        (Happens::Answer(Spanned::from((offer, outcome))), Vec::new())
    };
    let (happens, facts) = match random.below(100) {
        0..60 if brisk && !open.is_empty() => answer(random),
        0..60 if brisk && walk.settled() => seen,
        0..30 if !open.is_empty() => answer(random),
        0..40 if !picks.is_empty() => {
            (Happens::Picks(Spanned::from(random.one(&picks).cloned().unwrap_or_default())), Vec::new())
        }
        30..65 => goes(words, manner, random),
        65..67 => (Happens::Leaves, Vec::new()),
        67..91 => match random.one(&words.facts) {
            // Who somebody is changes seldom.
            Some(fact) if fact.by_itself() || random.percent(25) => change(fact, random),
            Some(_) => goes(words, manner, random),
            None => seen,
        },
        91..94 if words.feedback => {
            (Happens::Feedback(Spanned::from(1 + random.below(5) as i64)), Vec::new())
        }
        94 => (Happens::Stops, Vec::new()),
        _ => seen,
    };
    Beat { span: Default::default(), at: Spanned::from(at), happens, facts }
}

/// Comes to a zone, and where that is the subject mostly with how many are there now.
fn goes(words: &Vocabulary, manner: &Manner, random: &mut Random) -> (Happens, Vec<GivenFact>) {
    let fond = random.one(&manner.fond_of).filter(|_| random.clone().percent(90));
    let alike = fond.map_or_else(|| random.one(&words.zones), |fond| words.zones.get(*fond));
    let zone = alike.and_then(|alike| random.one(alike));
    let happens = Happens::Seen(zone.map(|zone| Spanned::from(zone.clone())));
    let mut facts = Vec::new();
    for fact in words.of_coming() {
        if random.percent(70) {
            facts.extend(random.one(known(fact)).map(|value| set(fact, value.clone())));
        }
    }
    (happens, facts)
}

fn answers(random: &mut Random) -> Outcome {
    match random.below(10) {
        0..3 => Outcome::Accepted,
        3..5 => Outcome::Declined,
        5..8 => Outcome::Withheld,
        8 => Outcome::Seen,
        _ => Outcome::Clicked,
    }
}

fn change(fact: &Changing, random: &mut Random) -> (Happens, Vec<GivenFact>) {
    let values = if random.percent(90) { known(fact) } else { &fact.values };
    let facts: Vec<GivenFact> =
        random.one(values).map(|value| set(fact, value.clone())).into_iter().collect();
    (comes_as(fact), facts)
}

/// The event that a change of a fact is: the weather, a signal, or a sighting that brings it.
pub(super) fn comes_as(fact: &Changing) -> Happens {
    match fact.path.starts_with("weather.") {
        true => Happens::Weather,
        false if fact.by_itself() => Happens::Signal(None),
        false => Happens::Seen(None),
    }
}

/// When the next event comes: soon, around a deadline, around a time of day that matters, or the next morning.
fn later(walk: &mut Walk<'_>, grounds: &Grounds<'_>, now: WallTime, random: &mut Random) -> WallTime {
    let stage = grounds.bench.stage;
    let from = stage.instant(now);
    let around =
        |at: i64, random: &mut Random| at + random.one(&[-1_000, 0, MINUTE_MS]).copied().unwrap_or(0);
    let at = match random.below(100) {
        0..35 => from.0 + MINUTE_MS,
        35..60 => from.0 + 5 * MINUTE_MS,
        60..70 => from.0 + 20 * MINUTE_MS,
        70..74 => from.0 + 90 * MINUTE_MS,
        74..88 => match walk.next_due() {
            Some(due) => around(due.0, random),
            None => from.0 + 10 * MINUTE_MS,
        },
        88..91 => match random.one(&grounds.vocabulary.lengths) {
            Some(length) => around(from.0 + length, random),
            None => from.0 + 40 * MINUTE_MS,
        },
        91..96 => {
            let clock = random.one(&grounds.vocabulary.clocks).copied().unwrap_or(OPENS_MS);
            let day = if clock > now.ms { now.day } else { now.day + 1 };
            around(stage.instant(WallTime { day, ms: clock % DAY_MS }).0, random)
        }
        96..98 => stage.instant(WallTime { day: now.day + 1, ms: OPENS_MS }).0,
        _ => from.0,
    };
    stage.wall(Timestamp(at.max(from.0)))
}

/// Events for a search of all: what can come, once each, from the words alone.
pub(super) fn all(words: &Vocabulary, open: &[String], picks: &[String]) -> Vec<(Happens, Vec<GivenFact>)> {
    let mut events = vec![(Happens::Seen(None), Vec::new()), (Happens::Leaves, Vec::new())];
    let zones = words.zones.iter().filter_map(|alike| alike.first());
    for zone in zones {
        let comes = || Happens::Seen(Some(Spanned::from(zone.clone())));
        events.push((comes(), Vec::new()));
        for fact in words.of_coming() {
            events.extend(known(fact).iter().map(|value| (comes(), vec![set(fact, value.clone())])));
        }
    }
    for fact in &words.facts {
        events.extend(fact.values.iter().map(|value| (comes_as(fact), vec![set(fact, value.clone())])));
    }
    for offer in open {
        let answers = [Outcome::Accepted, Outcome::Declined, Outcome::Withheld];
        let answer = |outcome| (Happens::Answer(Spanned::from((offer.clone(), outcome))), Vec::new());
        events.extend(answers.map(answer));
    }
    events.extend(picks.iter().map(|pick| (Happens::Picks(Spanned::from(pick.clone())), Vec::new())));
    if words.feedback {
        events.extend([1, 3, 5].map(|score| (Happens::Feedback(Spanned::from(score)), Vec::new())));
    }
    events
}
