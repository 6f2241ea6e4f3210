//! The results of plays as text: a line a play, and of one that failed everything there is to know.
//!
//! Knows colours only as the renderer of reports does: asked for, or not. Before: `trial`.

use std::fmt::Write as _;

use super::record::{Decision, Record, Standing};
use super::{Failure, Trial, Trials};
use crate::coverage::{Coverage, Reached, Share};
use crate::play::Row;
use crate::play::calendar::{Clock, date};
use crate::render::render;
use crate::script::line;
use crate::source::Source;

/// Columns of the left side where two stand side by side: most expectations fit, and the right one is on an 80-column
/// terminal still.
const SIDE_MIN: usize = 28;
const SIDE_MAX: usize = 60;

/// Every play in a line, failures in full, and the sum.
pub fn tell(trials: &Trials, colour: bool) -> String {
    let mut text = String::new();
    for trial in &trials.trials {
        let word = if trial.failure.is_some() { "FAIL" } else { "ok  " };
        push(&mut text, format_args!("{word}  {}: {}\n", trial.journey, trial.title));
    }
    for trial in &trials.trials {
        if let Some(failure) = &trial.failure {
            push(&mut text, format_args!("\n{}: {}\n", trial.journey, trial.title));
            text.push_str(&tell_failure(trial, failure, colour));
        }
    }
    if !trials.report.is_empty() {
        push(&mut text, format_args!("\n{}", render(&trials.report, colour)));
    }
    let (all, failed) = (trials.trials.len(), trials.failed());
    if !text.is_empty() {
        text.push('\n');
    }
    match failed {
        0 => push(&mut text, format_args!("{all} {} passed\n", plays(all))),
        _ => {
            push(&mut text, format_args!("{all} {}: {} passed, {failed} failed\n", plays(all), all - failed));
        }
    }
    text
}

/// Coverage by journey, and what no play reached with its place in the texts that were checked.
pub fn tell_coverage(coverage: &Coverage, sources: &[Source]) -> String {
    let width =
        coverage.journeys.iter().map(|reached| reached.journey.chars().count()).max().unwrap_or(0).max(8);
    let mut text =
        format!("{:width$}  {:>14}  {:>14}  {:>14}\n", "coverage", "pages", "choices", "guard branches");
    for reached in &coverage.journeys {
        let Reached { journey, .. } = reached;
        let [pages, choices, branches] = [reached.pages(), reached.choices(), reached.branches()].map(share);
        push(&mut text, format_args!("{journey:width$}  {pages:>14}  {choices:>14}  {branches:>14}\n"));
    }
    let unreached = coverage.unreached();
    if !unreached.is_empty() {
        text.push_str("\nreached by no play\n");
    }
    for one in unreached {
        let (source, start) = one.place;
        let name = sources.get(source).map_or("", |source| source.name.as_str());
        let line = sources.get(source).map_or(0, |source| at_line(&source.text, start));
        push(&mut text, format_args!("  {name}:{line}: {}\n", one.what));
    }
    text
}

/// Everything there is to know about a play that failed.
pub fn tell_failure(trial: &Trial, failure: &Failure, colour: bool) -> String {
    let mut text = String::new();
    if !failure.report.is_empty() {
        let report = render(&failure.report, colour);
        // The sum of one play is no news.
        let report = report.trim_end().rsplit_once("\n\n").map_or(report.as_str(), |(body, _)| body);
        push(&mut text, format_args!("{report}\n"));
    }
    if failure.rows.iter().any(|row| !row.agrees()) {
        push(&mut text, format_args!("\n{}", side_by_side(&failure.rows)));
    }
    for record in &failure.records {
        push(&mut text, format_args!("\n{}", record_text(record)));
    }
    if let Some(difference) = &failure.difference {
        let end = "(the end)".to_owned();
        push(
            &mut text,
            format_args!(
                "its transcript is not the golden one of {}, line {}\n  golden  {}\n  came    {}\n",
                trial.file,
                difference.line,
                difference.expected.as_ref().unwrap_or(&end),
                difference.came.as_ref().unwrap_or(&end),
            ),
        );
    }
    text
}

/// `-` marks what was expected and did not come, `+` what came and was not expected.
fn side_by_side(rows: &[Row]) -> String {
    let length = |row: &Row| row.expected.as_ref().map_or(0, |text| text.chars().count());
    let width = rows.iter().map(length).max().unwrap_or(0).clamp(SIDE_MIN, SIDE_MAX);
    let mut text = format!("    {:8}  {:width$}  came\n", "", "expected");
    let mut day = rows.first().map(|row| row.at.day);
    for row in rows {
        if day.replace(row.at.day) != Some(row.at.day) {
            push(&mut text, format_args!("    {}\n", date(row.at.day)));
        }
        let mark = match (&row.expected, &row.came) {
            _ if row.agrees() => ' ',
            (Some(_), None) => '-',
            (None, Some(_)) => '+',
            _ => '!',
        };
        let side = |text: &Option<String>| text.clone().unwrap_or_default();
        let (expected, came) = (side(&row.expected), side(&row.came));
        let line = format!("  {mark} {}  {expected:width$}  {came}", Clock(row.at.ms));
        push(&mut text, format_args!("{}\n", line.trim_end()));
    }
    text
}

/// A decision record, indented.
pub(crate) fn record_text(record: &Record) -> String {
    let within = if record.within.is_empty() { String::new() } else { format!("{}: ", record.within) };
    let mut text = format!("  {} {}\n", Clock(record.at.ms), record.cause);
    match &record.page {
        Some(page) => push(&mut text, format_args!("  {within}on the page {page}\n")),
        None => push(&mut text, format_args!("  {within}not begun\n")),
    }
    if let Some(values) = &record.shut_out {
        push(&mut text, format_args!("    not admitted: {}\n", listed(values)));
    }
    for decision in &record.choices {
        text.push_str(&decision_text(decision));
    }
    text
}

fn decision_text(decision: &Decision) -> String {
    let Decision { condition, consequence, standing, .. } = decision;
    let word = match standing {
        Standing::Taken => "taken ",
        Standing::Open => "open  ",
        Standing::Waits(_) => "waits ",
        Standing::Closed(_) => "closed",
    };
    let mut text = format!("    {word}  {condition}: {consequence}\n");
    let why = decision.why();
    if !why.is_empty() {
        push(&mut text, format_args!("            {why}\n"));
    }
    text
}

fn listed(values: &[(String, String)]) -> String {
    values.iter().map(|(path, value)| format!("{path} is {value}")).collect::<Vec<_>>().join(", ")
}

fn share(share: Share) -> String {
    match share.of {
        0 => "-".to_owned(),
        of => format!("{}/{of} {:>3} %", share.reached, share.percent()),
    }
}

pub(crate) fn at_line(text: &str, start: usize) -> usize {
    let start = u32::try_from(start).unwrap_or(u32::MAX);
    line(text, turnpage_journeys_expr::Span::new(start, start))
}

fn plays(count: usize) -> &'static str {
    if count == 1 { "play" } else { "plays" }
}

/// A string takes everything: writing to it cannot fail.
fn push(text: &mut String, what: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(what);
}
