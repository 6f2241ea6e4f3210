//! The conformance cases of journeys/conformance, on the engine, each also with every subject saved and restored in between, and with
//! the library it runs on written as bytes and read back.
//!
//! The case files are the rules as an outsider reads them; what they may say is in journeys/conformance/README.md.
//! `UPDATE_EXPECT=1` writes their effects anew. Before: tests/src/case.rs, the files. Next: drive.rs, the engine; tell.rs, its effects as text.

mod drive;
mod tell;

use std::collections::BTreeSet;
use std::path::PathBuf;

use turnpage_gateway_core::Venue;
use turnpage_gateway_core::venue::SourceFile;
use turnpage_journeys_authoring::{Library, Sources, check, render};
use turnpage_tests::case::{Case, Expects};
use turnpage_tests::workspace::root;

fn folder() -> PathBuf {
    root().join("journeys/conformance")
}

fn venue() -> Venue {
    let text = std::fs::read_to_string(folder().join("venue.yaml")).expect("it is committed");
    let files = [SourceFile { name: "venue.yaml", text: &text }];
    Venue::read(&files).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// Every case with its file, by name.
fn cases() -> Vec<(PathBuf, Case)> {
    let entries = std::fs::read_dir(folder().join("cases")).expect("the cases are there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a case is text");
            let case = Case::read(&text).unwrap_or_else(|wrong| panic!("{}: {wrong}", path.display()));
            (path, case)
        })
        .collect()
}

/// How a case is run.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Plain,
    /// Every subject is saved and restored after every event.
    Restored,
    /// The library was written as bytes and read back.
    Stored,
}

/// What came of a case: effects, or the codes of what is wrong with its journeys.
fn came(venue: &Venue, case: &Case, way: Way) -> Vec<String> {
    let mut sources = Sources::default();
    for (nth, journey) in case.journeys.iter().enumerate() {
        sources.add(format!("journey-{nth}.yaml"), journey.as_str());
    }
    let checked = check(sources, &venue.schema());
    match (&case.expects, checked.library) {
        (Expects::Effects(..), Some(library)) => {
            let library = if way == Way::Stored { through_bytes(&library, venue) } else { library };
            drive::run(venue, library, case, way == Way::Restored)
        }
        (Expects::Effects(..), None) => panic!("{}\n{}", case.title, render(&checked.report, false)),
        (Expects::Problems(_), _) => {
            let codes = checked.report.findings().iter().map(|finding| finding.diagnostic.code);
            codes.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
        }
    }
}

#[test]
fn every_case_has_the_effects_it_says() {
    let venue = venue();
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = Vec::new();
    for (path, mut case) in cases() {
        let came = came(&venue, &case, Way::Plain);
        if came == case.expected() {
            continue;
        }
        if update {
            case.expect(came);
            std::fs::write(&path, case.to_string()).expect("the case can be written");
        } else {
            let came = came.join("\n    ");
            wrong.push(format!(
                "{} says\n    {}\nbut came\n    {came}",
                path.display(),
                case.expected().join("\n    ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_case_is_the_same_when_subjects_are_saved_and_restored() {
    let venue = venue();
    for (path, case) in cases() {
        assert_eq!(came(&venue, &case, Way::Restored), case.expected(), "{}", path.display());
    }
}

#[test]
fn every_case_is_the_same_on_a_library_that_came_back_from_bytes() {
    let venue = venue();
    for (path, case) in cases() {
        assert_eq!(came(&venue, &case, Way::Stored), case.expected(), "{}", path.display());
    }
}

fn through_bytes(library: &Library, venue: &Venue) -> Library {
    let bytes = library.to_bytes(&venue.schema()).expect("what was compiled can be written");
    let (back, schema) = Library::from_bytes(&bytes).expect("what was written can be read");
    assert_eq!(back.to_bytes(&schema), Ok(bytes));
    back
}

#[test]
fn cases_are_written_as_they_are_read() {
    for (path, case) in cases() {
        let text = std::fs::read_to_string(&path).expect("a case is text");
        assert_eq!(case.to_string(), text, "{}", path.display());
    }
}

/// Every rule has a case, but those about this engine rather than about journeys.
#[test]
fn every_rule_has_a_case() {
    /// About bytes, bounds, forgetting, barring, looking, drawing lots and versions, which another implementation has in its own way.
    const OWN: &[&str] = &[
        "1.6", "3.8", "7.3", "7.4", "9.1", "9.2", "9.3", "9.4", "9.5", "9.6", "10.1", "10.2", "10.3", "13.7",
        "14.3", "14.4", "14.6", "14.7", "14.8", "14.10", "16.1", "16.2", "16.3", "16.4", "16.5", "16.6",
    ];
    let semantics =
        std::fs::read_to_string(root().join("journeys/engine/SEMANTICS.md")).expect("it is there");
    let rules = semantics
        .lines()
        .filter_map(|line| line.strip_prefix("- **")?.split_once("**"))
        .map(|(rule, _)| rule);
    let covered: BTreeSet<String> = cases()
        .iter()
        .filter_map(|(path, _)| Some(path.file_name()?.to_str()?.split('-').next()?.to_owned()))
        .collect();
    let missing: Vec<&str> = rules.filter(|rule| !covered.contains(*rule) && !OWN.contains(rule)).collect();
    assert!(missing.is_empty(), "no case for the rules {missing:?}");
}
