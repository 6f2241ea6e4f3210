//! What a choice waits for and does, in a few words each; what an offer is, in a line.
//!
//! Only words: nothing here is escaped, that is each format's own business.

use turnpage_journeys_document::write_duration;
use turnpage_journeys_engine::{ChoiceDef, Definition, EntryDef, Kind, OfferDef, On, Spanned, WordingDef};

use super::picture::{Deed, Offer, Row, Sort};
use crate::script::{limit_words, on_word, short_clock};

/// Characters of a guard or copy that are kept at all: a longer one says more in the file than on a wall.
const TEXT_MAX: usize = 240;

/// Characters of what a choice waits for, and of each thing it does, on an arrow.
const ARROW_MAX: usize = 60;

/// The text on one line, spaces single, what no screen should be sent replaced, at most [`TEXT_MAX`] characters.
pub(super) fn line(text: &str) -> String {
    let mut line = String::new();
    let mut count = 0;
    for word in text.split(|c: char| c.is_whitespace()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
            count += 1;
        }
        for c in word.chars() {
            if count >= TEXT_MAX {
                line.push('…');
                return line;
            }
            line.push(if is_unprintable(c) { char::REPLACEMENT_CHARACTER } else { c });
            count += 1;
        }
    }
    line
}

/// Controls, marks that turn the direction of what follows, and what XML does not allow.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

pub(super) fn about(journey: &Definition) -> String {
    let kind = match journey.kind.value {
        Kind::AdHoc => "ad-hoc",
        Kind::Mandated => "mandated",
        Kind::Guided => "guided",
        Kind::Learning => "learning",
        Kind::Intent => "intent",
    };
    let mut about = format!("version {}, {kind}, for a {}", journey.version, journey.subject.value.name());
    if let Some(intent) = &journey.intent {
        let within = write_duration(intent.within_ms.value);
        about.push_str(&format!(", on the way to {} within {within}", line(&intent.goal.value)));
    }
    about
}

pub(super) fn notes(journey: &Definition) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(serves) = &journey.serves {
        let parts = [&serves.outcome, &serves.experience, &serves.measure];
        notes.extend(parts.into_iter().flatten().map(|part| line(part)));
    }
    if let Some(admit) = &journey.admit {
        notes.push(format!("admits {}", line(&admit.value)));
    }
    if let Some(returns) = &journey.returns {
        notes.push(format!("returns {}", line(&returns.value)));
    }
    notes
}

pub(super) fn entry(entry: &EntryDef) -> String {
    waits(entry.on.as_ref(), entry.when.as_ref(), Vec::new())
}

pub(super) fn choice(choice: &ChoiceDef) -> String {
    let mut parts = Vec::new();
    if choice.once {
        parts.push("once".to_owned());
    }
    if let Some(after) = &choice.after_ms {
        parts.push(format!("after {}", write_duration(after.value)));
    }
    if let Some(at) = &choice.at_ms {
        parts.push(format!("at {}", short_clock(at.value)));
    }
    if let Some(pick) = &choice.pick {
        let name = line(&pick.value);
        parts.push(match first_copy(&choice.label) {
            Some(label) => format!("pick {name} “{label}”"),
            None => format!("pick {name}"),
        });
    }
    waits(choice.on.as_ref(), choice.when.as_ref(), parts)
}

fn waits(on: Option<&Spanned<On>>, when: Option<&Spanned<String>>, mut parts: Vec<String>) -> String {
    if let Some(on) = on {
        parts.push(format!("on {}", line(&on_word(&on.value))));
    }
    if let Some(when) = when {
        parts.push(format!("when {}", line(&when.value)));
    }
    if parts.is_empty() { "on any event".to_owned() } else { parts.join(" ") }
}

/// What a choice does beside turning the page, its alternatives left out.
pub(super) fn deeds(choice: &ChoiceDef) -> Vec<Deed> {
    let deed = |sort, text: String| Deed { sort, text };
    let mut does = Vec::new();
    if let Some(offer) = &choice.offer {
        does.push(offered(&offer.value));
    }
    if let Some(outcome) = &choice.outcome {
        let text = format!("record {}.{}", line(&outcome.value.offer), outcome.value.outcome.name());
        does.push(deed(Sort::Outcome, text));
    }
    if let Some(offer) = &choice.withdraw {
        does.push(deed(Sort::Offer, format!("withdraw {}", line(&offer.value))));
    }
    if let Some(dispatch) = &choice.dispatch {
        does.push(deed(Sort::Staff, format!("send a {}", line(&dispatch.role.value))));
    }
    if !choice.ticket.is_empty() {
        does.push(deed(Sort::Staff, "open a ticket".to_owned()));
    }
    does.extend(set(&choice.set));
    for (name, value) in &choice.remember {
        let text = format!("remember {} = {}", line(&name.value), line(&value.value));
        does.push(deed(Sort::Memory, text));
    }
    does
}

pub(super) fn offered(offer: &str) -> Deed {
    Deed { sort: Sort::Offer, text: format!("offer {}", line(offer)) }
}

pub(super) fn set(set: &[(Spanned<String>, Spanned<String>)]) -> Vec<Deed> {
    let deed = |(name, value): &(Spanned<String>, Spanned<String>)| Deed {
        sort: Sort::Memory,
        text: format!("{} = {}", line(&name.value), line(&value.value)),
    };
    set.iter().map(deed).collect()
}

pub(super) fn offer(offer: &OfferDef) -> Offer {
    let mut about: Vec<String> = offer.channels.iter().map(|channel| line(channel)).collect();
    if let Some(valid) = &offer.valid_ms {
        about.push(format!("for {}", write_duration(valid.value)));
    }
    if let Some(limit) = &offer.limit {
        about.push(limit_words(limit.value));
    }
    let copy = first_copy(&offer.text).unwrap_or_default();
    Offer { name: line(&offer.name.value), copy, about: about.join(" · ") }
}

/// The copy for every channel in the author's first language, or the first there is.
fn first_copy(copy: &[WordingDef]) -> Option<String> {
    let general = copy.iter().find(|copy| copy.channel.is_none());
    general.or(copy.first()).map(|copy| line(&copy.text.value))
}

/// A row in one line: `when rain > 0.5: offer cocoa`.
pub(super) fn said(row: &Row) -> String {
    let mut line = shortened(&row.when, ARROW_MAX);
    for (index, deed) in row.does.iter().enumerate() {
        line.push_str(if index == 0 { ": " } else { ", " });
        line.push_str(&shortened(&deed.text, ARROW_MAX));
    }
    line
}

/// At most `max` characters.
fn shortened(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
    }
}

/// What an arrow says, a line each, at most `rows_max` choices; the rest is counted.
pub(super) fn label(rows: &[&Row], rows_max: usize, escape: impl Fn(&str) -> String) -> Vec<String> {
    let mut lines: Vec<String> = rows.iter().take(rows_max).map(|row| escape(&said(row))).collect();
    if rows.len() > rows_max {
        lines.push(format!("and {} more", rows.len() - rows_max));
    }
    lines
}
