//! The journey as a file: what it was, what was left, what the venue must declare, and then YAML.

use std::fmt::Write as _;

use super::super::Imported;
use super::translate::{Choice, Journey, one_line};

pub(super) fn write(journey: Journey) -> Imported {
    let mut text = String::new();
    let model = one_line(&journey.model);
    let _ = writeln!(text, "# From the AWS IoT Events detector model `{model}`.");
    if let Some(about) = &journey.about {
        let _ = writeln!(text, "# {}", one_line(about));
    }
    if !journey.signals.is_empty() {
        text.push_str("#\n# It reads these signals, which the venue declares in venue.yaml:\n");
        for (name, value) in &journey.signals {
            let _ = writeln!(text, "#   {name}: the input's {}", one_line(value));
        }
    }
    if !journey.left.is_empty() {
        text.push_str("#\n# Not carried over, or not quite the same:\n");
        for left in &journey.left {
            let _ = writeln!(text, "# - {}: {}", left.place, left.reason);
        }
    }
    let _ = writeln!(text, "journey: {}\nversion: 1\nkind: guided\nsubject: venue", plain(&journey.name));
    let _ = writeln!(text, "start: {}", plain(&journey.start));
    if !journey.variables.is_empty() {
        text.push_str("variables:\n");
        for (name, value) in &journey.variables {
            let _ = writeln!(text, "  {}: {value}", plain(name));
        }
    }
    text.push_str("pages:\n");
    for (name, choices) in &journey.pages {
        let _ = writeln!(text, "  {}:", plain(name));
        if !choices.is_empty() {
            text.push_str("    choices:\n");
        }
        for choice in choices {
            write_choice(&mut text, choice);
        }
    }
    Imported { text, left: journey.left, signals: journey.signals.into_iter().collect() }
}

fn write_choice(text: &mut String, choice: &Choice) {
    let _ = writeln!(text, "      # {}", one_line(&choice.event));
    let mut lines = Vec::new();
    if let Some(on) = &choice.on {
        lines.push(format!("on: {on}"));
    }
    if let Some(seconds) = choice.after_s {
        lines.push(format!("after: {seconds}s"));
    }
    if let Some(when) = &choice.when {
        lines.push(format!("when: {}", quoted(when)));
    }
    if !choice.tickets.is_empty() {
        // A brace in copy would begin a hole.
        let words = choice.tickets.join("; ").replace('{', "{{").replace('}', "}}");
        lines.push(format!("ticket: {{ en: {} }}", quoted(&words)));
    }
    if !choice.set.is_empty() {
        lines.push("set:".to_owned());
        lines.extend(choice.set.iter().map(|(name, value)| format!("  {}: {}", plain(name), quoted(value))));
    }
    if let Some(page) = &choice.turn_to {
        lines.push(format!("turn_to: {}", plain(page)));
    }
    for (index, line) in lines.iter().enumerate() {
        let _ = writeln!(text, "      {} {line}", if index == 0 { "-" } else { " " });
    }
}

/// In single quotes nothing is YAML's but the quote.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A name that YAML would read as something else is put in quotes.
fn plain(name: &str) -> String {
    let word = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let other = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&name);
    if word && !other { name.to_owned() } else { quoted(name) }
}
