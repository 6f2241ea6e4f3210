//! SECURITY.md names a test for each threat: each of them is there, under that name, and is a test.

use std::collections::BTreeSet;

use turnpage_tests::workspace;

/// Tests that the page has to name at least: a page that lost its table would pass everything.
const NAMED_MIN: usize = 30;

fn read(file: &str) -> String {
    let path = workspace::root().join(file);
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What stands in backquotes in the last column of a table.
fn named(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |"));
    let last = rows.filter_map(|row| row.trim_end_matches(" |").rsplit(" | ").next());
    last.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// The functions below a test's attribute, in all of the workspace.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in workspace::tracked_files().iter().filter(|file| file.ends_with(".rs")) {
        let mut marked = false;
        for line in read(file).lines().map(str::trim) {
            let function = line.trim_start_matches("async ").strip_prefix("fn ");
            if let Some(name) = function.filter(|_| marked).and_then(|rest| rest.split('(').next()) {
                found.insert(name.to_owned());
            }
            // Further attributes and comments may stand between a test's mark and its function.
            marked = line.starts_with("#[test]")
                || line.starts_with("#[tokio::test")
                || (marked && (line.starts_with("#[") || line.starts_with("//")));
        }
    }
    found
}

#[test]
fn every_test_that_the_threat_model_names_is_there() {
    let (named, tests) = (named(&read("SECURITY.md")), tests());
    assert!(named.len() >= NAMED_MIN, "only {} tests are named", named.len());
    let gone: Vec<_> = named.difference(&tests).collect();
    assert!(gone.is_empty(), "named in SECURITY.md and no test: {gone:#?}");
}
