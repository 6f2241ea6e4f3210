//! Explore: walks over everything that can happen to a subject, in search of what its author did not think of.
//!
//! ```text
//! guards -vocabulary-> events -wander, exhaust-> walks -laws-> troubles -shrink-> plays
//! ```
//!
//! Finds properties that are broken, offers that come too often, pages nobody enters or leaves, choices nobody takes
//! and offers never made. All chance comes from a seed, all bounds are counts: the same findings on every machine, on
//! any number of threads. It drives the engine as plays do: no gateway, no caps, no consent. What is not found within
//! the bounds may be there all the same.
//!
//! Order of reading: `property` (what authors write), `law` (compiled), `witness` (asks them), `vocabulary` (what can happen),
//! `walk`, `wander` (at random), `exhaust` (all of it), `shrink`, `found` (in words and as plays).

mod exhaust;
mod found;
pub(crate) mod law;
pub mod property;
mod random;
mod shrink;
mod vocabulary;
mod walk;
mod wander;
pub(crate) mod witness;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use turnpage_journeys_engine::{Definition, Spanned, Timestamp};
use turnpage_journeys_expr::Diagnostic;

use crate::coverage::Coverage;
use crate::guards;
use crate::play::{Beat, Given, WallTime};
use crate::trial::Bench;
use law::Laws;
use property::Properties;
use random::Random;
use vocabulary::Vocabulary;
use walk::{Sight, Trouble, Walk};

pub use found::{Finding, Problem, tell};

const MINUTE_MS: i64 = 60_000;

/// Most events of one walk: a walk is kept whole while it goes.
pub const DEPTH_MAX: usize = 2_000;

/// How far to look.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What chance is drawn from.
    pub seed: u64,
    /// Random walks for each journey.
    pub walks: usize,
    /// Events of each.
    pub depth: usize,
    /// How many events deep the search of everything goes; 0 for none.
    pub exhaustive: usize,
    /// An offer without a limit of its author may be made so often in an hour.
    pub spam_per_hour: usize,
    /// Threads; what is found does not depend on it.
    pub threads: usize,
    /// Stop at the first thing that is broken, and leave it as it was found: for who only asks whether there is one.
    /// Which it is may depend on the threads.
    pub first: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            seed: 1,
            walks: 1_000,
            depth: 80,
            exhaustive: 2,
            spam_per_hour: 6,
            threads: 1,
            first: false,
        }
    }
}

/// What came of exploring one journey.
#[derive(Debug, Clone, Default)]
pub struct Explored {
    /// Its name.
    pub journey: String,
    /// Random walks that were gone.
    pub walks: usize,
    /// States that the search of everything saw.
    pub states: usize,
    /// What was found, the gravest first.
    pub findings: Vec<Finding>,
}

/// Where walks are gone: one journey on its stage.
struct Grounds<'a> {
    bench: Bench<'a>,
    of: Spanned<String>,
    definition: &'a Definition,
    properties: &'a Properties,
    laws: Laws,
    vocabulary: Vocabulary,
    /// Offers whose author said how often they may come.
    bounded: BTreeSet<String>,
    spam_per_hour: usize,
    /// Nothing is made small.
    first: bool,
}

impl std::fmt::Debug for Grounds<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Grounds of {}", self.of.value)
    }
}

/// What all walks showed together.
#[derive(Debug, Default)]
struct Seen {
    /// Each trouble with the first walk that ran into it.
    troubles: BTreeMap<Trouble, (Given, Vec<Beat>)>,
    sight: Sight,
    coverage: Coverage,
    walks: usize,
    states: usize,
}

/// Journeys of a library that can be explored: those that begin by themselves.
pub fn journeys(bench: Bench<'_>) -> Vec<String> {
    let own = |name: &String| !name.contains('>');
    let begins = |name: &String| {
        bench.scripts.find(name).is_some_and(|script| script.definition.parameters.is_empty())
    };
    let names = bench.library.journeys().iter().map(|journey| journey.name.clone());
    names.filter(|name| own(name) && begins(name)).collect()
}

/// Explores one journey. `done` is raised by one for each walk, so that somebody else may look on.
///
/// # Errors
/// There is no such journey, or its properties are wrong.
pub fn explore(
    bench: Bench<'_>,
    properties: &Properties,
    options: &Options,
    done: &AtomicUsize,
) -> Result<Explored, Vec<Diagnostic>> {
    let grounds = Grounds::of(bench, properties, options)?;
    let mut seen =
        Seen { coverage: Coverage::of(bench.library, bench.scripts, bench.guards), ..Seen::default() };
    exhaust::search(&grounds, options.exhaustive, |walk, given| {
        seen.states += 1;
        seen.add(given, walk);
    });
    let walks = if options.first && !seen.troubles.is_empty() { 0 } else { options.walks };
    for (given, mut walk) in wandered(&grounds, &Options { walks, ..*options }, done) {
        seen.walks += 1;
        seen.add(&given, &mut walk);
    }
    Ok(found::of(&grounds, seen))
}

/// Random walks on several threads, in the order of their numbers.
fn wandered<'a>(grounds: &'a Grounds<'a>, options: &Options, done: &AtomicUsize) -> Vec<(Given, Walk<'a>)> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut walks = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= options.walks {
                return walks;
            }
            let walk = wander(grounds, options, number as u64);
            done.fetch_add(1, Ordering::Relaxed);
            let broken = walk.as_ref().is_some_and(|(_, walk)| !walk.sight.troubles.is_empty());
            if options.first && broken {
                next.store(options.walks, Ordering::Relaxed);
            }
            walks.extend(walk.map(|(given, walk)| (number, given, walk)));
        }
    };
    let mut walks = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..options.threads.max(1)).map(|_| scope.spawn(work)).collect();
        let mut walks = Vec::new();
        for thread in threads {
            match thread.join() {
                Ok(some) => walks.extend(some),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        walks
    });
    walks.sort_by_key(|(number, ..)| *number);
    walks.into_iter().map(|(_, given, walk)| (given, walk)).collect()
}

fn wander<'a>(grounds: &'a Grounds<'a>, options: &Options, number: u64) -> Option<(Given, Walk<'a>)> {
    let mut random = Random::of(options.seed, number);
    let (given, mut now) = wander::given(grounds, &mut random);
    let mut walk = Walk::begin(grounds, &given).ok()?.counted();
    let manner = wander::Manner::of(number, &grounds.vocabulary, &mut random);
    for _ in 0..options.depth.min(DEPTH_MAX) {
        let beat = wander::beat(&mut walk, grounds, &manner, now, &mut random);
        now = beat.at.value;
        walk.go(beat);
    }
    Some((given, walk))
}

impl Seen {
    fn add(&mut self, given: &Given, walk: &mut Walk<'_>) {
        for (trouble, (beats, _)) in &walk.sight.troubles {
            // The event on its way is the one that fires the timers before it.
            let beats = walk.beats.iter().take(beats + 1).cloned();
            self.troubles.entry(trouble.clone()).or_insert_with(|| (given.clone(), beats.collect()));
        }
        self.sight.offers.extend(walk.sight.offers.iter().cloned());
        self.sight.entered.extend(walk.sight.entered.iter().cloned());
        self.sight.left.extend(walk.sight.left.iter().cloned());
        if let Some(coverage) = walk.rehearsal.coverage_so_far() {
            self.coverage.merge(coverage);
        }
    }
}

impl<'a> Grounds<'a> {
    /// A minute later.
    fn soon(&self, now: WallTime) -> WallTime {
        let stage = self.bench.stage;
        stage.wall(Timestamp(stage.instant(now).0 + MINUTE_MS))
    }

    fn of(
        bench: Bench<'a>,
        properties: &'a Properties,
        options: &Options,
    ) -> Result<Grounds<'a>, Vec<Diagnostic>> {
        let of = properties.of.clone();
        let found = bench.library.find(&of.value).zip(bench.scripts.find(&of.value));
        let Some((journey, script)) = found else {
            let problem =
                Diagnostic::error("unknown-journey", of.span, format!("no journey is called `{}`", of.value));
            let names = bench.library.journeys().iter().map(|journey| journey.name.as_str());
            return Err(vec![problem.suggesting(&of.value, names)]);
        };
        let laws = Laws::of(properties, bench.library, journey, &bench.stage.schema)?;
        let called = format!("{}>", of.value);
        let inside = bench.library.journeys().iter().filter(|journey| journey.name.starts_with(&called));
        let inside = inside.filter_map(|journey| Some((journey, bench.scripts.find(&journey.name)?)));
        let own = bench.library.journey(journey).map(|journey| (journey, script));
        let (mut definitions, mut expressions) = (Vec::new(), Vec::new());
        for (journey, script) in own.into_iter().chain(inside) {
            let of = guards::expressions(bench.library, journey, &script.definition, &bench.stage.schema);
            expressions.extend(of);
            definitions.push(&script.definition);
        }
        expressions.extend(laws.guards().cloned());
        let mut bounded = BTreeSet::new();
        for journey in bench.library.journeys() {
            let within = match journey.name.strip_prefix(&called) {
                Some(within) => within,
                None if journey.name == of.value => "",
                None => continue,
            };
            let offers = journey.offers.iter().filter_map(|offer| {
                let name = crate::play::within(within, &offer.name);
                (offer.limit.is_some() || laws.bounds(&name)).then_some(name)
            });
            bounded.extend(offers);
        }
        Ok(Grounds {
            vocabulary: Vocabulary::of(&definitions, &expressions, bench.stage),
            bench,
            of,
            definition: &script.definition,
            properties,
            laws,
            bounded,
            spam_per_hour: options.spam_per_hour,
            first: options.first,
        })
    }
}
