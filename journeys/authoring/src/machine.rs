//! A report for machines: plain JSON for scripts and editors, SARIF 2.1.0 for code review.
//!
//! Both carry everything the text does. Lines and columns count from 1, columns in characters. Next: the command line
//! prints it.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};
use turnpage_journeys_expr::Severity;
use turnpage_journeys_expr::diagnostic::position;

use crate::report::{Finding, Report};
use crate::source::Source;

/// The report as JSON: `findings`, each with `code`, `severity`, `file`, `start` and `end`, `message` and `help`, and how
/// many of them are `errors` and `warnings`.
pub fn json(report: &Report) -> Json {
    let findings = each(report).map(|(source, finding)| {
        let (start, end) = ends(source, finding);
        json!({
            "code": finding.diagnostic.code,
            "severity": severity(finding),
            "file": source.name,
            "start": start.json(),
            "end": end.json(),
            "message": finding.diagnostic.message,
            "help": finding.diagnostic.help,
        })
    });
    let errors = report.errors();
    json!({
        "findings": findings.collect::<Vec<Json>>(),
        "errors": errors,
        "warnings": report.findings().len() - errors,
    })
}

/// The report as a SARIF 2.1.0 log of one run. `version` is the tool's.
pub fn sarif(report: &Report, version: &str) -> Json {
    let codes: BTreeSet<&str> = report.findings().iter().map(|finding| finding.diagnostic.code).collect();
    let rules: Vec<Json> = codes.iter().map(|code| json!({ "id": code })).collect();
    let results = each(report).map(|(source, finding)| {
        let (start, end) = ends(source, finding);
        let diagnostic = &finding.diagnostic;
        let text = match &diagnostic.help {
            Some(help) => format!("{}. Help: {help}", diagnostic.message),
            None => diagnostic.message.clone(),
        };
        json!({
            "ruleId": diagnostic.code,
            "ruleIndex": codes.iter().position(|code| *code == diagnostic.code),
            "level": severity(finding),
            "message": { "text": text },
            "locations": [{
                "physicalLocation": {
                    "artifactLocation": { "uri": uri(&source.name) },
                    "region": {
                        "startLine": start.line,
                        "startColumn": start.column,
                        "endLine": end.line,
                        "endColumn": end.column,
                        "byteOffset": start.offset,
                        "byteLength": end.offset - start.offset,
                    },
                },
            }],
        })
    });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "turnpage", "version": version, "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<Json>>(),
        }],
    })
}

fn each(report: &Report) -> impl Iterator<Item = (&Source, &Finding)> {
    report.findings().iter().filter_map(|finding| Some((report.sources().get(finding.source)?, finding)))
}

fn severity(finding: &Finding) -> &'static str {
    match finding.diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

struct Place {
    line: u32,
    column: u32,
    offset: u32,
}

impl Place {
    fn json(&self) -> Json {
        json!({ "line": self.line, "column": self.column, "offset": self.offset })
    }
}

/// Where a finding starts and ends. What was told about a text that is not there stands at its first character.
fn ends(source: &Source, finding: &Finding) -> (Place, Place) {
    let place = |offset: u32| {
        let offset = offset.min(u32::try_from(source.text.len()).unwrap_or(u32::MAX));
        let at = position(&source.text, offset);
        Place { line: at.line, column: at.column, offset }
    };
    (place(finding.diagnostic.span.start), place(finding.diagnostic.span.end))
}

/// A path as a relative or absolute URI reference: what RFC 3986 does not let stand in one is written as `%` and two digits.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            b'\\' => uri.push('/'),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
