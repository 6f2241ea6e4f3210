//! Holds STATEMENTS.md to the tests: every statement has a row, and every test that a row names exists.

use std::collections::BTreeSet;
use std::path::Path;

/// Statements of each section of MQTT 5 (OASIS Standard, appendix B), by its first and last number.
const SECTIONS: &[(&str, u16, u16)] = &[
    ("1.5.4", 1, 3),
    ("1.5.5", 1, 1),
    ("1.5.7", 1, 1),
    ("2.1.3", 1, 1),
    ("2.2.1", 2, 6),
    ("2.2.2", 1, 1),
    ("3.1.0", 1, 2),
    ("3.1.2", 1, 30),
    ("3.1.3", 1, 12),
    ("3.1.4", 1, 6),
    ("3.2.0", 1, 2),
    ("3.2.2", 1, 22),
    ("3.3.1", 1, 13),
    ("3.3.2", 1, 20),
    ("3.3.4", 1, 10),
    ("3.4.2", 1, 3),
    ("3.5.2", 1, 3),
    ("3.6.1", 1, 1),
    ("3.6.2", 1, 3),
    ("3.7.2", 1, 3),
    ("3.8.1", 1, 1),
    ("3.8.3", 1, 5),
    ("3.8.4", 1, 8),
    ("3.9.2", 1, 2),
    ("3.9.3", 1, 2),
    ("3.10.1", 1, 1),
    ("3.10.3", 1, 2),
    ("3.10.4", 1, 6),
    ("3.11.2", 1, 2),
    ("3.11.3", 1, 2),
    ("3.12.4", 1, 1),
    ("3.14.0", 1, 1),
    ("3.14.1", 1, 1),
    ("3.14.2", 1, 4),
    ("3.14.4", 1, 3),
    ("3.15.1", 1, 1),
    ("3.15.2", 1, 3),
    ("4.1.0", 1, 2),
    ("4.2.0", 1, 1),
    ("4.3.1", 1, 1),
    ("4.3.2", 1, 5),
    ("4.3.3", 1, 13),
    ("4.4.0", 1, 2),
    ("4.5.0", 1, 2),
    ("4.6.0", 1, 6),
    ("4.7.0", 1, 1),
    ("4.7.1", 1, 2),
    ("4.7.2", 1, 1),
    ("4.7.3", 1, 4),
    ("4.8.2", 1, 6),
    ("4.9.0", 1, 3),
    ("4.12.0", 1, 7),
    ("4.12.1", 1, 2),
    ("4.13.1", 1, 1),
    ("4.13.2", 1, 1),
    ("6.0.0", 1, 4),
];

/// Every Rust source below `dir`.
fn sources(dir: &Path, into: &mut String) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

/// The statements of a row's first cell: `3.1.2-1`, or `3.1.2-16..19`.
fn statements(cell: &str) -> Vec<String> {
    let (section, numbers) = cell.split_once('-').unwrap();
    let (first, last) = numbers.split_once("..").unwrap_or((numbers, numbers));
    let (first, last): (u16, u16) = (first.parse().unwrap(), last.parse().unwrap());
    (first..=last).map(|number| format!("{section}-{number}")).collect()
}

#[test]
fn every_statement_has_a_row_and_every_test_that_is_named_exists() {
    let table = include_str!("STATEMENTS.md");
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut code = String::new();
    for dir in ["src", "tests", "../server/tests"] {
        sources(&here.join(dir), &mut code);
    }
    let mut told = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| ") && line.contains('-')) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [numbers, kept] = cells[..] else { panic!("{row}") };
        if numbers == "---" {
            continue;
        }
        for statement in statements(numbers) {
            assert!(told.insert(statement.clone()), "{statement} has two rows");
        }
        let named: Vec<_> = kept.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty() || kept.len() > 3, "{numbers} has neither a test nor a reason");
        for test in named {
            assert!(code.contains(&format!("fn {test}")), "{numbers}: there is no test `{test}`");
        }
    }
    let all = SECTIONS
        .iter()
        .flat_map(|(section, first, last)| (*first..=*last).map(move |number| format!("{section}-{number}")));
    assert_eq!(told, all.collect::<BTreeSet<_>>());
}
