//! An answer as one screen of text.
//!
//! Knows words and columns and nothing of journeys. Before: why.rs. Next: the terminal.

use std::fmt::Write as _;

use chrono::TimeZone as _;
use chrono_tz::Tz;
use turnpage_gateway_core::{Timestamp, WhyChoice};

use super::{Answer, Happened};

/// The whole screen.
pub(super) fn show(answer: &Answer, subject: &str, at: Timestamp, zone: Tz) -> String {
    let mut text = String::new();
    // Writing to memory does not fail.
    let _ = write(&mut text, answer, subject, at, zone);
    text
}

fn write(
    text: &mut String,
    answer: &Answer,
    subject: &str,
    at: Timestamp,
    zone: Tz,
) -> Result<(), std::fmt::Error> {
    let Some(why) = &answer.why else {
        writeln!(text, "nobody had heard of `{subject}` by {}", clock(at, zone, "%Y-%m-%d %H:%M:%S"))?;
        return happened(text, "after", &answer.after, zone);
    };
    writeln!(text, "{subject} ({}) at {}", why.kind, clock(at, zone, "%Y-%m-%d %H:%M:%S %Z"))?;
    match &why.place {
        Some((place, since)) => {
            writeln!(text, "in {place} since {}", clock(*since, zone, "%Y-%m-%d %H:%M:%S"))?;
        }
        None => writeln!(text, "in no zone")?,
    }
    if why.said_no {
        writeln!(text, "it has said no to offers: none of its journeys runs")?;
    }
    writeln!(text, "\nfacts that journeys read")?;
    let width = why.facts.iter().map(|fact| fact.path.len()).max().unwrap_or(0);
    for fact in &why.facts {
        let age = fact.age_ms.map(|ms| format!("  ({} ago)", length(ms))).unwrap_or_default();
        writeln!(text, "  {:width$}  {}{age}", fact.path, fact.value)?;
    }
    for journey in &why.journeys {
        match &journey.page {
            Some(page) => writeln!(text, "\n{} is on page {page}", journey.name)?,
            None => writeln!(text, "\n{} has not begun", journey.name)?,
        }
        for choice in &journey.choices {
            write_choice(text, choice)?;
        }
    }
    happened(text, "before", &answer.before, zone)?;
    happened(text, "after", &answer.after, zone)
}

fn write_choice(text: &mut String, choice: &WhyChoice) -> Result<(), std::fmt::Error> {
    let state = if choice.open { "open  " } else { "closed" };
    write!(text, "  {state}  {}: {}", choice.waits, choice.does)?;
    if choice.closed_by.is_empty() {
        writeln!(text)?;
    } else {
        writeln!(text, "; {}", choice.closed_by.join(", "))?;
    }
    let width = choice.guard.iter().map(|part| part.depth * 2 + part.text.len()).max().unwrap_or(0);
    for part in &choice.guard {
        let indent = part.depth * 2;
        writeln!(text, "          {:indent$}{:rest$}  {}", "", part.text, part.value, rest = width - indent)?;
    }
    Ok(())
}

fn happened(text: &mut String, title: &str, all: &[Happened], zone: Tz) -> Result<(), std::fmt::Error> {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(text, "\n{title}")?;
    for one in all {
        writeln!(text, "  {}  {}", clock(one.at, zone, "%H:%M:%S"), one.what)?;
    }
    Ok(())
}

fn clock(at: Timestamp, zone: Tz, shape: &str) -> String {
    let local = zone.timestamp_millis_opt(at.0).single();
    local.map_or_else(|| at.0.to_string(), |local| local.format(shape).to_string())
}

fn length(ms: i64) -> String {
    match ms / 1_000 {
        seconds if seconds < 120 => format!("{seconds} s"),
        seconds if seconds < 2 * 3_600 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}
