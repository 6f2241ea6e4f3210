//! Journeys as they were written, beside the library they were compiled to: words and lines for people.
//!
//! A play that fails, a game and a table of coverage show choices as their author wrote them. Before: `check`.

use turnpage_journeys_document::write_duration;
use turnpage_journeys_engine::{ChoiceDef, ChoiceIx, Definition, EntryDef, Limit, On, OutcomeOf, PageDef};
use turnpage_journeys_expr::Span;

use crate::blueprint::{self, Part};
use crate::play::calendar::Clock;

/// One journey as written.
#[derive(Debug, Clone)]
pub struct Script {
    /// Index of its text among those checked.
    pub source: usize,
    /// What it says.
    pub definition: Definition,
    /// Where its blueprint's parts come from.
    pub(crate) parts: Vec<Part>,
}

/// Every journey as written.
#[derive(Debug, Clone, Default)]
pub struct Scripts {
    scripts: Vec<Script>,
}

impl Scripts {
    pub(crate) fn new(scripts: Vec<Script>) -> Self {
        Self { scripts }
    }

    /// The script of a compiled journey. Called from another its name is `caller>callee`, and what is written is the
    /// callee's.
    pub fn find(&self, journey: &str) -> Option<&Script> {
        let name = journey.rsplit('>').next()?;
        self.scripts.iter().find(|script| script.definition.name.value == name)
    }

    /// All of them, in the order they were read.
    pub fn iter(&self) -> impl Iterator<Item = &Script> {
        self.scripts.iter()
    }
}

impl Script {
    /// A page by its name.
    pub fn page(&self, name: &str) -> Option<&PageDef> {
        self.definition.pages.iter().find(|page| page.name.value == name)
    }

    /// A choice of a page.
    pub fn choice(&self, page: &str, choice: ChoiceIx) -> Option<&ChoiceDef> {
        self.page(page)?.choices.get(choice.index())
    }

    /// Where something of it is written: which of the texts checked, and at which byte. What a blueprint says is there.
    pub fn place(&self, span: Span) -> (usize, usize) {
        let (source, span) = blueprint::place(&self.parts, self.source, span);
        (source, span.start as usize)
    }
}

/// The line of a span in its text, from 1.
pub(crate) fn line(text: &str, span: Span) -> usize {
    let before = text.get(..span.start as usize).unwrap_or(text);
    before.bytes().filter(|byte| *byte == b'\n').count() + 1
}

/// When a choice is looked at and what must hold: `on cocoa.accepted, when weather.rain > 0.5`.
pub(crate) fn condition(choice: &ChoiceDef) -> String {
    let mut parts = Vec::new();
    parts.extend(choice.on.as_ref().map(|on| format!("on {}", on_word(&on.value))));
    parts.extend(choice.after_ms.as_ref().map(|after| format!("after {}", write_duration(after.value))));
    parts.extend(choice.at_ms.as_ref().map(|at| format!("at {}", short_clock(at.value))));
    parts.extend(choice.pick.as_ref().map(|pick| format!("pick {}", pick.value)));
    parts.extend(choice.when.as_ref().map(|guard| format!("when {}", one_line(&guard.value))));
    if choice.once {
        parts.push("once".to_owned());
    }
    if parts.is_empty() { "at any event".to_owned() } else { parts.join(", ") }
}

/// When a page is come to from anywhere: `on enter, when place.kind == "ride"`.
pub(crate) fn way_in(entry: &EntryDef) -> String {
    let on = entry.on.as_ref().map(|on| format!("on {}", on_word(&on.value)));
    let when = entry.when.as_ref().map(|when| format!("when {}", one_line(&when.value)));
    let parts: Vec<String> = on.into_iter().chain(when).collect();
    if parts.is_empty() { "at any event".to_owned() } else { parts.join(", ") }
}

/// What taking a choice does: `offer cocoa, turn to shelter`.
pub(crate) fn consequence(choice: &ChoiceDef) -> String {
    let mut parts = Vec::new();
    parts.extend(choice.offer.as_ref().map(|offer| format!("offer {}", offer.value)));
    if !choice.alternatives.is_empty() {
        let offers: Vec<&str> =
            choice.alternatives.iter().map(|alternative| alternative.offer.value.as_str()).collect();
        parts.push(format!("offer {}", offers.join(" or ")));
    }
    parts.extend(choice.withdraw.as_ref().map(|offer| format!("withdraw {}", offer.value)));
    parts.extend(choice.dispatch.as_ref().map(|dispatch| format!("dispatch {}", dispatch.role.value)));
    if !choice.ticket.is_empty() {
        parts.push("open a ticket".to_owned());
    }
    parts.extend(choice.remember.iter().map(|(fact, _)| format!("remember {}", fact.value)));
    parts.extend(choice.outcome.as_ref().map(|outcome| format!("record {}", outcome_word(&outcome.value))));
    parts.extend(choice.set.iter().map(|(variable, _)| format!("set {}", variable.value)));
    parts.extend(choice.turn_to.as_ref().map(|page| format!("turn to {}", page.value)));
    parts.join(", ")
}

pub(crate) fn on_word(on: &On) -> String {
    match on {
        On::Sighting => "sighting".to_owned(),
        On::Enter => "enter".to_owned(),
        On::Exit => "exit".to_owned(),
        On::Weather => "weather".to_owned(),
        On::Signal => "signal".to_owned(),
        On::SignalOf(name) => format!("signal.{name}"),
        On::Feedback => "feedback".to_owned(),
        On::Returned => "returned".to_owned(),
        On::Reached => "reached".to_owned(),
        On::Outcome(outcome) => outcome_word(outcome),
    }
}

fn outcome_word(outcome: &OutcomeOf) -> String {
    format!("{}.{}", outcome.offer, outcome.outcome.name())
}

/// `17:30`, with seconds only where there are some.
pub(crate) fn short_clock(ms: u32) -> String {
    let clock = Clock(ms).to_string();
    clock.strip_suffix(":00").unwrap_or(&clock).to_owned()
}

/// A guard folded over several lines, as one.
pub(crate) fn one_line(guard: &str) -> String {
    guard.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How often an offer may be made: `3 per day`.
pub(crate) fn limit_words(limit: Limit) -> String {
    match limit {
        Limit::PerDay { count } => format!("{count} per day"),
        Limit::PerWindow { count, window_ms } => format!("{count} per {}", write_duration(window_ms)),
    }
}
