//! A report as text: what an operator reads in a terminal.
//!
//! Shares are percent with their interval; money has no unit here, because the venue's till says which. Before: report.rs.

use std::fmt::Write as _;

use crate::{By, Estimate, Kept, LiftRow, Report, Row};

/// The report, lines of text.
#[must_use]
pub fn table(report: &Report) -> String {
    let mut text = String::new();
    let Some(period) = report.period else { return "nothing was offered yet\n".to_owned() };
    let days = if period.from == period.to {
        period.from.to_string()
    } else {
        format!("{} to {}", period.from, period.to)
    };
    // Text to memory does not fail.
    let _ = writeln!(text, "{days}\n");
    text += &offers(report);
    if !report.withheld.is_empty() {
        let told: Vec<_> = report.withheld.iter().map(|(why, count)| format!("{why} {count}")).collect();
        let _ = writeln!(text, "\nwithheld: {}", told.join(", "));
    }
    if !report.lifts.is_empty() {
        text += "\nlift over those held out, in percentage points; it holds however often one looks\n";
        text += &columns(&report.lifts.iter().map(lift).collect::<Vec<_>>());
    }
    if !report.promises.is_empty() {
        text += "\nwhat journeys promise\n";
        report.promises.iter().for_each(|kept| text += &promise(kept));
    }
    text
}

fn offers(report: &Report) -> String {
    let mut rows = vec![head(&report.by)];
    rows.extend(report.rows.iter().map(cells));
    if !report.by.is_empty() {
        let mut total = cells(&report.total);
        let mut key = vec![String::new(); report.by.len()];
        if let Some(first) = key.first_mut() {
            "all".clone_into(first);
        }
        total.splice(..0, key);
        rows.push(total);
    }
    columns(&rows)
}

fn head(by: &[By]) -> Vec<String> {
    let counts =
        ["made", "withheld", "seen", "clicked", "accepted", "click-through", "conversion", "value each"];
    by.iter().map(|by| by.name()).chain(counts).map(str::to_owned).collect()
}

fn cells(row: &Row) -> Vec<String> {
    let mut cells: Vec<String> =
        row.key.iter().map(|word| if word.is_empty() { "-".to_owned() } else { word.clone() }).collect();
    let counts = [row.made, row.withheld, row.seen, row.clicked, row.accepted];
    cells.extend(counts.map(|count| count.to_string()));
    cells.push(row.click_through.as_ref().map_or_else(|| "-".to_owned(), share));
    cells.push(row.conversion.as_ref().map_or_else(|| "-".to_owned(), share));
    cells.push(row.worth.map_or_else(
        || "-".to_owned(),
        |worth| match worth.interval {
            Some((low, high)) => format!("{:.2} ({low:.2} to {high:.2})", worth.mean),
            None => format!("{:.2}", worth.mean),
        },
    ));
    cells
}

/// A share in percent with its interval.
fn share(estimate: &Estimate) -> String {
    let Estimate { share, low, high, .. } = estimate;
    format!("{:.1} % ({:.1} to {:.1})", share * 100.0, low * 100.0, high * 100.0)
}

fn lift(row: &LiftRow) -> Vec<String> {
    let group = |estimate: &Estimate| format!("{} of {}", estimate.hits, estimate.of);
    let verdict = match (row.settled, row.difference > 0.0) {
        (false, _) => "may be chance",
        (true, true) => "helps",
        (true, false) => "harms",
    };
    vec![
        row.journey.clone(),
        format!("{:+.1} ({:+.1} to {:+.1})", row.difference * 100.0, row.low * 100.0, row.high * 100.0),
        format!("{}, held out {}", group(&row.treated), group(&row.held_out)),
        verdict.to_owned(),
    ]
}

fn promise(kept: &Kept) -> String {
    let mut text = format!("  {}: ", kept.promise.journey);
    let words = [&kept.promise.outcome, &kept.promise.experience];
    text += &words.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("; ");
    let Some(measure) = &kept.promise.measure else { return text + "\n" };
    let number = |value: f64| {
        if measure.starts_with("value") { format!("{value:.2}") } else { format!("{:.1} %", value * 100.0) }
    };
    let _ = write!(text, "\n    {measure}: ");
    text += &match (kept.now, kept.before) {
        (None, _) => "not counted from offers".to_owned(),
        (Some(now), None) => format!("{} of {} offers", number(now), kept.of),
        (Some(now), Some(before)) => {
            let change = kept.change.map_or_else(String::new, |(low, high)| {
                format!(", a change of {:+.1} to {:+.1} points", low * 100.0, high * 100.0)
            });
            format!(
                "{} of {} offers, {} of {} before{change}",
                number(now),
                kept.of,
                number(before),
                kept.before_of
            )
        }
    };
    text + "\n"
}

/// Rows with their cells one below the other; the first column to the left, the rest to the right of theirs.
fn columns(rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..rows.iter().map(Vec::len).max().unwrap_or_default()).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let is_number = cell.starts_with(|first: char| first.is_ascii_digit() || "+-".contains(first));
            let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
            let (before, after) =
                if is_number && column > 0 { (pad.as_str(), "") } else { ("", pad.as_str()) };
            let _ = write!(line, "{}{before}{cell}{after}", if column == 0 { "  " } else { "   " });
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}
