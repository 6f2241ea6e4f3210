//! The shipped journeys, broken in every small way we can think of: `check` or `explore` must notice.
//!
//! A mutant that survives is listed; a new one makes this test fail. It is a test of the properties in the shipped plays
//! as much as of the walks. A run takes a sample; with `MUTANTS=1000` it takes up to so many of each journey, which is all of
//! them, and then one that is listed and no longer survives fails as well. Two kinds survive:
//!
//! - Choices that changed places where both wait for different events, or one for an answer: no event looks at both, so
//!   the journey is the same.
//! - `limit: 4` in `lunch`: one question a day leaves the fourth only to a day on which the venue held back three.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use turnpage_journeys_authoring::explore::property::{self, Properties};
use turnpage_journeys_authoring::explore::{Options, explore};
use turnpage_journeys_authoring::guards::Guards;
use turnpage_journeys_authoring::play::Stage;
use turnpage_journeys_authoring::trial::Bench;
use turnpage_journeys_authoring::{Sources, check};

use crate::stage::stage;

/// Mutants of a journey in a run that does not say how many: all of them take minutes of a debug build.
const SAMPLE: usize = 12;

/// The place of the first of a sample, taken round its stride, so that another number is another sample.
const SEED: usize = 5;

/// A broken text, and how it was broken.
struct Mutant {
    how: String,
    text: String,
}

/// Words that mean the opposite or something near. Each is swapped wherever it stands, one at a time.
const SWAPS: [(&str, &str); 22] = [
    (" > ", " <= "),
    (" < ", " >= "),
    (" >= ", " > "),
    (" == ", " != "),
    (" != ", " == "),
    (" && ", " || "),
    (" || ", " && "),
    ("0.5", "0.7"),
    ("0.1", "0.3"),
    ("18", "19"),
    ("45,", "46,"),
    (">= 45", ">= 44"),
    (">= 4 ", ">= 5 "),
    (">= 2)", ">= 3)"),
    ("hour < 11", "hour < 12"),
    ("\"11:15\"", "\"11:45\""),
    ("\"14:00\"", "\"14:30\""),
    ("\"13:30\"", "\"13:00\""),
    ("rides: 0 }", "rides: 1 }"),
    ("rides + 1", "rides + 2"),
    ("after: 15m", "after: 20m"),
    ("limit: 3", "limit: 4"),
];

/// Whole parts that are left out, from a word to the end of its value.
const DROPPED: [&str; 4] = ["limit: ", "valid: ", ", turn_to: ", ", outcome: "];

fn mutants(text: &str) -> Vec<Mutant> {
    let body = text.find("\nadmit:").unwrap_or_default();
    let mut mutants = Vec::new();
    let mut add = |how: String, text: String| mutants.push(Mutant { how, text });
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    for (from, to) in SWAPS {
        for (at, _) in text[body..].match_indices(from).map(|(at, word)| (at + body, word)) {
            let broken = format!("{}{to}{}", &text[..at], &text[at + from.len()..]);
            add(format!("{}: `{}` -> `{}`", line(at), from.trim(), to.trim()), broken);
        }
    }
    for word in DROPPED {
        for (at, _) in text[body..].match_indices(word).map(|(at, word)| (at + body, word)) {
            let value = at + word.len();
            let end = value + text[value..].find([',', ' ', '\n']).unwrap_or(0);
            let dropped = &text[at..end];
            // A key on a line of its own goes with its line.
            let from = if word.starts_with(',') { at } else { text[..at].rfind('\n').unwrap_or(0) };
            let end = if word.starts_with(',') { end } else { at + text[at..].find('\n').unwrap_or(0) };
            add(format!("{}: without `{}`", line(at), dropped.trim_matches([',', ' '])), {
                format!("{}{}", &text[..from], &text[end..])
            });
        }
    }
    pages_and_choices(text, &mut mutants);
    mutants
}

/// Choices that turn to another page, that are gone, and that have changed places.
fn pages_and_choices(text: &str, mutants: &mut Vec<Mutant>) {
    let pages: Vec<&str> = (text.lines().skip_while(|line| *line != "pages:"))
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'))
        .filter(|name| !name.starts_with(' '))
        .collect();
    let lines: Vec<&str> = text.lines().collect();
    let choice = |line: &str| line.starts_with("      - {");
    for (ix, line) in lines.iter().enumerate() {
        let with =
            |new: Vec<&str>| [&lines[..ix], new.as_slice(), &lines[ix + 1..]].concat().join("\n") + "\n";
        if let Some(at) = line.find("turn_to: ") {
            let target = line[at + 9..].trim_end_matches([' ', '}']);
            let place = pages.iter().position(|page| *page == target).expect("a page");
            let other = pages[(place + 1) % pages.len()];
            let wrong = line.replace(&format!("turn_to: {target}"), &format!("turn_to: {other}"));
            mutants.push(Mutant { how: format!("{}: turns to {other}", ix + 1), text: with(vec![&wrong]) });
        }
        if choice(line) {
            mutants.push(Mutant { how: format!("{}: choice gone", ix + 1), text: with(Vec::new()) });
            if let Some(next) = lines.get(ix + 1).filter(|next| choice(next)) {
                let mut swapped = lines.clone();
                swapped.swap(ix, ix + 1);
                let how = format!("{}: after the next: {}", ix + 1, next.trim());
                mutants.push(Mutant { how, text: swapped.join("\n") + "\n" });
            }
        }
    }
}

/// Whether anything notices. More walks where the first few do not.
fn is_caught(stage: &Stage, text: &str, properties: &Properties, warnings: usize) -> bool {
    let mut sources = Sources::default();
    sources.add("journey.yaml", text);
    let mut checked = check(sources, &stage.schema);
    let Some(library) = checked.library.take() else { return true };
    if checked.report.findings().len() > warnings {
        return true;
    }
    let guards = Guards::of(&library, &checked.scripts, &stage.schema);
    let bench = Bench { library: &library, scripts: &checked.scripts, guards: &guards, stage };
    // Walks are looked at first for what is broken: that nobody gets somewhere takes as many as for the sound journey.
    let options =
        Options { seed: 3, walks: 150, depth: 70, exhaustive: 1, first: true, ..Options::default() };
    match explore(bench, properties, &options, &AtomicUsize::new(0)) {
        Ok(explored) => !explored.findings.is_empty(),
        // A page that properties name is gone.
        Err(_) => true,
    }
}

/// Nothing but the listed mutants of a journey survives.
fn survivors(name: &str, listed: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../library/theme-park");
    let text = |path: String| std::fs::read_to_string(folder.join(path)).expect("it ships");
    let (journey, plays) = (text(format!("{name}.yaml")), text(format!("plays/{name}.yaml")));
    let (stage, properties) = (stage(), property::read(&plays).expect("they are well formed"));
    let mut sources = Sources::default();
    sources.add("journey.yaml", journey.as_str());
    let warnings = check(sources, &stage.schema).report.findings().len();
    // That the sound journey has no findings, in more walks than these, is said in `explore`.
    let count = std::env::var("MUTANTS").ok().and_then(|count| count.parse().ok()).unwrap_or(SAMPLE).max(1);
    let all = mutants(&journey);
    let whole = count >= all.len();
    let stride = all.len().div_ceil(count);
    let chosen: Vec<Mutant> = all.into_iter().skip(SEED % stride).step_by(stride).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut survive = Vec::new();
        while let Some(mutant) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
            if !is_caught(&stage, &mutant.text, &properties, warnings) {
                survive.push(mutant.how.clone());
            }
        }
        survive
    };
    let survive: BTreeSet<String> = std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().flat_map(|thread| thread.join().expect("no mutant panics")).collect()
    });
    let listed: BTreeSet<String> = listed.iter().map(|how| (*how).to_owned()).collect();
    let new: Vec<&String> = survive.difference(&listed).collect();
    assert!(new.is_empty(), "of {} mutants nobody notices {new:#?}", chosen.len());
    let caught: Vec<&String> = listed.difference(&survive).collect();
    assert!(!whole || caught.is_empty(), "listed, and noticed all the same: {caught:#?}");
}

#[test]
fn of_rainy_day() {
    survivors(
        "rainy-day",
        &[
            "27: after the next: - { on: cocoa.expired, turn_to: strolling }",
            "28: after the next: - { on: cocoa.declined, turn_to: left-alone }",
        ],
    );
}

#[test]
fn of_lunch() {
    survivors(
        "lunch",
        &[
            "18: `limit: 3` -> `limit: 4`",
            "25: `limit: 3` -> `limit: 4`",
            "37: after the next: - { on: lunch.accepted, turn_to: asked-enough }",
            "38: after the next: - { on: lunch.declined, turn_to: asked-enough }",
            "39: after the next: - { on: lunch.expired, turn_to: asked-enough }",
            "40: after the next: - { on: lunch.withheld, turn_to: later }",
            "44: after the next: - { on: queue-lunch.accepted, turn_to: asked-enough }",
            "45: after the next: - { on: queue-lunch.declined, turn_to: asked-enough }",
            "46: after the next: - { on: queue-lunch.expired, turn_to: asked-enough }",
            "47: after the next: - { on: queue-lunch.withheld, turn_to: later }",
        ],
    );
}

#[test]
fn of_loyalty() {
    survivors(
        "loyalty",
        &[
            "34: after the next: - { on: fastlane.accepted, turn_to: riding }",
            "35: after the next: - { on: fastlane.declined, turn_to: riding }",
            "36: after the next: - { on: fastlane.expired, turn_to: riding }",
        ],
    );
}
