//! Plays as a file that [`read`](super::read()) reads back as the same plays.
//!
//! Writes one line an event, in braces, times with their date only where it is not the play's own.

use std::fmt::Write as _;

use super::calendar::{Clock, date};
use super::{Expected, GivenFact, GivenValue, Happens, Play, Plays, WallTime, What};

/// The file of some plays.
pub fn write(plays: &Plays) -> String {
    let mut text = format!("plays_of: {}\nplays:\n", word(&plays.of.value));
    for (place, play) in plays.plays.iter().enumerate() {
        if place > 0 {
            text.push('\n');
        }
        one(&mut text, play);
    }
    text
}

fn one(text: &mut String, play: &Play) {
    let day =
        play.when.first().map(|beat| beat.at.value.day).or(play.until.as_ref().map(|until| until.value.day));
    let mut given: Vec<String> = Vec::new();
    given.extend(day.map(|day| format!("date: {}", date(day))));
    given.extend((play.given.seed != 0).then(|| format!("seed: {}", play.given.seed)));
    given.extend(play.given.facts.iter().map(fact));
    let time = |at: WallTime| match day {
        Some(day) if day == at.day => format!("\"{}\"", clock(at)),
        _ => format!("\"{} {}\"", date(at.day), clock(at)),
    };
    // A string takes everything: writing to it cannot fail.
    let _ = writeln!(text, "  - play: {}", word(&play.title.value));
    if !given.is_empty() {
        let _ = writeln!(text, "    given: {{ {} }}", given.join(", "));
    }
    if play.when.is_empty() {
        text.push_str("    when: []\n");
    } else {
        text.push_str("    when:\n");
    }
    for beat in &play.when {
        let mut parts = vec![format!("at: {}", time(beat.at.value))];
        parts.extend(happens(&beat.happens));
        parts.extend(beat.facts.iter().map(fact));
        let _ = writeln!(text, "      - {{ {} }}", parts.join(", "));
    }
    if let Some(until) = &play.until {
        let _ = writeln!(text, "    until: {}", time(until.value));
    }
    if play.then.is_empty() {
        text.push_str("    then: nothing\n");
    } else {
        text.push_str("    then:\n");
    }
    for Expected { at, what, text: says, .. } in &play.then {
        let mut parts = vec![format!("at: {}", time(*at)), expects(what)];
        parts.extend(says.as_ref().map(|says| format!("text: {}", quoted(&says.value))));
        let _ = writeln!(text, "      - {{ {} }}", parts.join(", "));
    }
}

fn happens(happens: &Happens) -> Option<String> {
    Some(match happens {
        Happens::Seen(Some(zone)) => format!("zone: {}", word(&zone.value)),
        Happens::Leaves => "leaves: true".to_owned(),
        Happens::Answer(answer) => {
            format!("answer: {}", word(&format!("{}.{}", answer.value.0, answer.value.1.name())))
        }
        Happens::Picks(name) => format!("pick: {}", word(&name.value)),
        Happens::Feedback(score) => format!("feedback: {}", score.value),
        Happens::Signal(Some(name)) => format!("signal: {}", word(&name.value)),
        Happens::Stops => "stops: true".to_owned(),
        Happens::Seen(None) | Happens::Weather | Happens::Signal(None) => return None,
    })
}

fn expects(what: &What) -> String {
    match what {
        What::Offer(name) => format!("offer: {}", word(name)),
        What::Outcome(name, outcome) => format!("outcome: {}", word(&format!("{name}.{}", outcome.name()))),
        What::Dispatch(role) => format!("dispatch: {}", word(role)),
        What::Ticket => "ticket: true".to_owned(),
        What::Breach(page) => format!("breach: {}", word(page)),
        What::Page(page) => format!("page: {}", word(page)),
        What::Nothing => "nothing: true".to_owned(),
    }
}

fn fact(fact: &GivenFact) -> String {
    let value = match &fact.value.value {
        GivenValue::One(value) => word(value),
        GivenValue::Set(values) => {
            format!("[{}]", values.iter().map(|value| word(value)).collect::<Vec<_>>().join(", "))
        }
    };
    format!("{}: {value}", word(&fact.path.value))
}

/// `12:05`, with seconds only where there are some.
fn clock(at: WallTime) -> String {
    let clock = Clock(at.ms).to_string();
    clock.strip_suffix(":00").unwrap_or(&clock).to_owned()
}

/// Bare where YAML takes it for that text in any place, in quotes otherwise.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_>/".contains(c);
    let first = |c: char| c.is_ascii_alphanumeric();
    let bare = text.chars().all(plain) && text.starts_with(first) && !text.ends_with(['>', '-']);
    if bare { text.to_owned() } else { quoted(text) }
}

/// As a double-quoted scalar of YAML, on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || c == '\u{2028}' || c == '\u{2029}' || c == '\u{feff}' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
