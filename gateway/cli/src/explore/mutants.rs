//! The shipped journeys, broken in every small way we can think of: `check`, `test` or `explore` must notice.
//!
//! It is a test of the shipped plays and their properties as much as of what asks them. What survives is listed in
//! `survivors`, with the reason why nobody need notice; whatever else survives makes this test fail. A run takes a sample;
//! `MUTANTS=1000` takes so many of each journey, which is all of them, and then a listed survivor that is caught fails as
//! well. `MUTANTS_BY=explore` leaves the plays out, for who works on properties.

mod broken;
mod survivors;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use turnpage_gateway_core::Venue;
use turnpage_gateway_core::venue::SourceFile;
use turnpage_journeys_authoring::check;
use turnpage_journeys_authoring::explore::property::{self, Properties};
use turnpage_journeys_authoring::explore::{Options, explore};
use turnpage_journeys_authoring::guards::Guards;
use turnpage_journeys_authoring::library::{Bundle, DAY_OUT, PARK_DAY, THEME_PARK};
use turnpage_journeys_authoring::play::Stage;
use turnpage_journeys_authoring::trial::{self, PlayFile};
use turnpage_journeys_authoring::{Source, Sources};

use crate::{bench, demo, load, stage};
use broken::{Mutant, mutants};

/// Mutants of one journey in a run that does not say how many: two dozen journeys are through in seconds.
const SAMPLE: usize = 4;

/// Which of them: another number is another sample.
const SEED: usize = 11;

/// Files that begin nothing by themselves, each with the journey that shows what they do.
const SHOWN_BY: [(&str, &str); 3] =
    [("briefing", "climb"), ("survey", "farewell"), ("come-in", "quiet-hour")];

/// As `turnpage explore` looks when it is not told how, but for what was found once.
const OPTIONS: Options =
    Options { seed: 1, walks: 1_000, depth: 80, exhaustive: 2, spam_per_hour: 6, threads: 1, first: true };

/// A bundle on its venue, with its plays.
struct Shipped {
    bundle: &'static Bundle,
    stage: Stage,
    plays: Vec<PlayFile>,
}

impl Shipped {
    fn of(bundle: &'static Bundle) -> Self {
        let file = |(name, text): &(&'static str, &'static str)| SourceFile {
            name: name.rsplit('/').next().unwrap_or(name),
            text,
        };
        let files: Vec<SourceFile<'_>> = bundle.venue.iter().map(file).collect();
        let venue = match files.is_empty() {
            true => demo::park::venue().ok(),
            false => Venue::read(&files).ok(),
        };
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let play = |(name, text): &(&'static str, &'static str)| PlayFile {
            source: Source { name: (*name).to_owned(), text: (*text).to_owned() },
            golden: load::text(&root.join(bench::golden_path(name))).ok(),
        };
        Self {
            bundle,
            stage: stage::of(&venue.expect("what ships is sound")),
            plays: bundle.plays.iter().map(play).collect(),
        }
    }

    /// The properties of the journey that shows what a file does.
    fn properties(&self, name: &str) -> Properties {
        let shown = SHOWN_BY.iter().find(|(part, _)| *part == name).map_or(name, |(_, shown)| shown);
        let plays = self.plays.iter().find(|file| file.source.name.ends_with(&format!("/{shown}.yaml")));
        property::read(&plays.expect("it ships with plays").source.text).expect("they are well formed")
    }

    /// Who notices that one file says something else: the first of `check`, `test` and `explore`.
    fn noticed(&self, file: &str, text: &str, properties: &Properties) -> Option<&'static str> {
        let mut sources = Sources::default();
        for (name, shipped) in self.bundle.journeys {
            sources.add(*name, if *name == file { text } else { shipped });
        }
        let mut checked = check(sources, &self.stage.schema);
        let library = checked.library.take();
        let Some(library) = library.filter(|_| checked.report.is_empty()) else { return Some("check") };
        let guards = Guards::of(&library, &checked.scripts, &self.stage.schema);
        let bench = trial::Bench {
            library: &library,
            scripts: &checked.scripts,
            guards: &guards,
            stage: &self.stage,
        };
        let plays = std::env::var("MUTANTS_BY").map_or(true, |by| by != "explore");
        if plays && !trial::run(bench, &self.plays, None, &AtomicUsize::new(0)).passed() {
            return Some("test");
        }
        match explore(bench, properties, &OPTIONS, &AtomicUsize::new(0)) {
            Ok(explored) => explored.findings.first().map(|_| "explore"),
            // A page that properties name is gone.
            Err(_) => Some("explore"),
        }
    }
}

/// Nothing but the listed mutants of a bundle survives.
fn survivors(bundle: &'static Bundle, listed: &[&str]) {
    let wanted = std::env::var("MUTANTS").ok().and_then(|count| count.parse().ok());
    let count: usize = wanted.unwrap_or(SAMPLE).max(1);
    let shipped = Shipped::of(bundle);
    let (mut survive, mut whole, mut noticed) = (BTreeSet::new(), true, BTreeMap::new());
    for (file, text) in bundle.journeys {
        let name = file.rsplit('/').next().and_then(|name| name.strip_suffix(".yaml")).expect("a name");
        let properties = shipped.properties(name);
        let mut all = mutants(text);
        let every = count >= all.len();
        whole &= every;
        if every {
            assert_eq!(shipped.noticed(file, text, &properties), None, "{name} is sound");
        } else {
            // That nobody notices takes as many walks as for what is sound.
            all.retain(|mutant| !listed.contains(&format!("{name} {}", mutant.how).as_str()));
        }
        let stride = all.len().div_ceil(count).max(1);
        let chosen: Vec<Mutant> = all.into_iter().skip(SEED % stride).step_by(stride).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            let mut seen = Vec::new();
            while let Some(mutant) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                seen.push((shipped.noticed(file, &mutant.text, &properties), mutant));
            }
            seen
        };
        let seen = std::thread::scope(|scope| {
            let threads = [scope.spawn(work), scope.spawn(work)];
            threads
                .map(|thread| thread.join().expect("no mutant panics"))
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
        });
        for (by, mutant) in seen {
            *noticed.entry(by.unwrap_or("nobody")).or_insert(0) += 1;
            if by.is_none() {
                survive.insert(format!("{name} {}", mutant.how));
            }
        }
    }
    eprintln!("{}: noticed by {noticed:?}", bundle.name);
    let listed: BTreeSet<String> = listed.iter().map(|how| (*how).to_owned()).collect();
    let new: Vec<&String> = survive.difference(&listed).collect();
    assert!(new.is_empty(), "nobody notices {} mutants:\n{new:#?}", new.len());
    let caught: Vec<&String> = listed.difference(&survive).collect();
    assert!(!whole || caught.is_empty(), "listed, but caught:\n{caught:#?}");
}

#[test]
fn of_theme_park() {
    survivors(&THEME_PARK, survivors::THEME_PARK);
}

#[test]
fn of_park_day() {
    survivors(&PARK_DAY, survivors::PARK_DAY);
}

#[test]
fn of_day_out() {
    survivors(&DAY_OUT, survivors::DAY_OUT);
}
