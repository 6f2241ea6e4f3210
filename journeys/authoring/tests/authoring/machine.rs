//! Reports for machines: the JSON as a whole, and a SARIF log held against what the standard requires.

use expect_test::expect;
use serde_json::Value as Json;
use turnpage_journeys_authoring::{Report, Sources, check, json, sarif};

use crate::stage::schema;

const BROKEN: &str =
    "journey: a\npages:\n  één: { choices: [{ when: weather.rain < 0 && role == \"gest\", turn_to: b }] }\n";

fn report() -> Report {
    check(Sources::of("my journeys/ein #1.yaml", BROKEN), &schema()).report
}

#[test]
fn everything_is_in_the_json() {
    let text = serde_json::to_string_pretty(&json(&report())).expect("JSON is text");
    expect![[r#"
        {
          "errors": 3,
          "findings": [
            {
              "code": "bad-name",
              "end": {
                "column": 6,
                "line": 3,
                "offset": 25
              },
              "file": "my journeys/ein #1.yaml",
              "help": "a name has 1 to 64 ASCII letters, digits, `-` or `_`",
              "message": "`één` cannot be the name of a page",
              "severity": "error",
              "start": {
                "column": 3,
                "line": 3,
                "offset": 20
              }
            },
            {
              "code": "unknown-symbol",
              "end": {
                "column": 62,
                "line": 3,
                "offset": 81
              },
              "file": "my journeys/ein #1.yaml",
              "help": "did you mean `guest`?",
              "message": "`gest` is no role",
              "severity": "error",
              "start": {
                "column": 56,
                "line": 3,
                "offset": 75
              }
            },
            {
              "code": "unknown-page",
              "end": {
                "column": 74,
                "line": 3,
                "offset": 93
              },
              "file": "my journeys/ein #1.yaml",
              "help": null,
              "message": "this journey has no page `b`",
              "severity": "error",
              "start": {
                "column": 73,
                "line": 3,
                "offset": 92
              }
            }
          ],
          "warnings": 0
        }"#]]
    .assert_eq(&text);
}

/// Section numbers are those of SARIF 2.1.0 (OASIS standard, errata 01).
#[test]
fn a_sarif_log_is_what_the_standard_requires() {
    for report in [report(), Report::default()] {
        let log = sarif(&report, "1.2.3");
        // 3.13: version and runs.
        assert_eq!(log["version"], "2.1.0");
        assert!(log["$schema"].as_str().is_some_and(|schema| schema.contains("sarif-2.1.0")));
        let [run] = log["runs"].as_array().expect("runs is an array").as_slice() else { panic!("one run") };
        // 3.14, 3.18, 3.19: a tool with a driver that has a name; its rules have unique ids (3.49.3).
        let driver = &run["tool"]["driver"];
        assert!(driver["name"].is_string() && driver["version"].is_string());
        let rules: Vec<&str> = driver["rules"].as_array().expect("rules are listed").iter().map(id).collect();
        assert!(rules.is_sorted_by(|one, other| one < other), "{rules:?}");
        // 3.14.17: columns are counted in UTF-16 units unless this says otherwise.
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        let results = run["results"].as_array().expect("results is an array, empty where nothing was found");
        assert_eq!(results.len(), report.findings().len());
        results.iter().for_each(|result| is_a_result(result, &rules));
    }
}

fn id(rule: &Json) -> &str {
    rule["id"].as_str().expect("a rule has an id")
}

/// 3.27: a message, a level, a rule by index and id, and where it is.
fn is_a_result(result: &Json, rules: &[&str]) {
    assert!(result["message"]["text"].as_str().is_some_and(|text| !text.is_empty()));
    assert!(matches!(result["level"].as_str(), Some("error" | "warning" | "note" | "none")));
    let index = result["ruleIndex"].as_u64().expect("a rule has an index") as usize;
    assert_eq!(rules.get(index).copied(), result["ruleId"].as_str());
    for location in result["locations"].as_array().expect("locations is an array") {
        let place = &location["physicalLocation"];
        // 3.4.3: a valid URI reference.
        let uri = place["artifactLocation"]["uri"].as_str().expect("a file has a URI");
        assert_eq!(uri, "my%20journeys/ein%20%231.yaml");
        // 3.30: lines and columns from 1, the end not before the start, bytes beside them.
        let number =
            |name: &str| place["region"][name].as_u64().unwrap_or_else(|| panic!("{name} is a number"));
        assert!(number("startLine") >= 1 && number("startColumn") >= 1);
        let start = (number("startLine"), number("startColumn"));
        assert!((number("endLine"), number("endColumn")) >= start);
        let bytes = number("byteOffset")..number("byteOffset") + number("byteLength");
        assert!(bytes.end <= BROKEN.len() as u64);
    }
}
