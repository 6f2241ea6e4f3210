//! What differs between two versions of the same journeys, page by page: guards, choices, offers.
//!
//! Tells what is written differently, not what it means for whom: where those inside go on is the engine's dry run. Choices have
//! no names, so they are paired by what they wait for, ask and do. Before: `check`, once for each version. Next: the
//! command line, which says how many people are on each page.

mod pair;

use turnpage_journeys_document::write_duration;
use turnpage_journeys_engine::{ChoiceDef, Definition, OfferDef, PageDef, Spanned, WordingDef};
use turnpage_journeys_expr::{Diagnostic, Span};

use crate::blueprint;
use crate::report::Finding;
use crate::script::{Script, Scripts, condition, consequence, limit_words, one_line, way_in};
use pair::{Pairs, pairs};

/// One difference.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The journey.
    pub journey: String,
    /// The page whose people it is about; nothing where it is the whole journey's.
    pub page: Option<String>,
    /// Where in the texts of the new version, and what: a warning.
    pub finding: Finding,
}

/// Everything that is written differently in journeys that both versions have, in the order of the new one.
pub fn compare(was: &Scripts, is: &Scripts) -> Vec<Change> {
    let mut changes = Vec::new();
    for script in is.iter().filter(|script| is_newest(is, script)) {
        let name = &script.definition.name.value;
        let old = was.iter().filter(|old| old.definition.name.value == *name);
        if let Some(old) = old.max_by_key(|old| old.definition.version) {
            let mut look = Look { script, page: None, changes: &mut changes };
            look.journey(&old.definition, &script.definition);
        }
    }
    changes
}

fn is_newest(all: &Scripts, script: &Script) -> bool {
    let own = &script.definition;
    let newer = |other: &Script| {
        other.definition.name.value == own.name.value && other.definition.version > own.version
    };
    !all.iter().any(newer)
}

/// One journey, compared.
struct Look<'a> {
    script: &'a Script,
    page: Option<&'a PageDef>,
    changes: &'a mut Vec<Change>,
}

impl<'a> Look<'a> {
    fn journey(&mut self, was: &Definition, is: &'a Definition) {
        self.guard("admit", is.name.span, was.admit.as_ref(), is.admit.as_ref());
        for offer in &is.offers {
            if let Some(old) = was.offers.iter().find(|old| old.name.value == offer.name.value) {
                self.offer(old, offer);
            }
        }
        for page in &is.pages {
            if let Some(old) = was.pages.iter().find(|old| old.name.value == page.name.value) {
                self.page = Some(page);
                self.page(old, page);
            }
        }
        self.page = None;
    }

    fn offer(&mut self, was: &OfferDef, is: &OfferDef) {
        let valid = |offer: &OfferDef| offer.valid_ms.as_ref().map(|valid| write_duration(valid.value));
        let limit = |offer: &OfferDef| offer.limit.as_ref().map(|limit| limit_words(limit.value));
        let mut parts = Vec::new();
        parts.extend(differs("limit", limit(was), limit(is)));
        parts.extend(differs("valid", valid(was), valid(is)));
        let named = |name: &Option<Spanned<String>>| name.as_ref().map(|name| name.value.clone());
        let number = |offer: &OfferDef| offer.priority.map(|number| number.to_string());
        parts.extend(differs("purpose", named(&was.purpose), named(&is.purpose)));
        parts.extend(differs("priority", number(was), number(is)));
        parts.extend(differs("hold", named(&was.hold), named(&is.hold)));
        parts.extend(differs("vendor", named(&was.vendor), named(&is.vendor)));
        parts.extend(differs("channels", Some(was.channels.join(", ")), Some(is.channels.join(", "))));
        for copy in &is.text {
            let old =
                was.text.iter().find(|old| (&old.language, &old.channel) == (&copy.language, &copy.channel));
            parts.extend(differs(
                &said_where(copy),
                old.map(|old| old.text.value.clone()),
                Some(copy.text.value.clone()),
            ));
        }
        for old in &was.text {
            if !is.text.iter().any(|copy| (&old.language, &old.channel) == (&copy.language, &copy.channel)) {
                parts.extend(differs(&said_where(old), Some(old.text.value.clone()), None));
            }
        }
        if !parts.is_empty() {
            let message = format!("offer `{}` changed: {}", is.name.value, parts.join("; "));
            self.tell("changed-offer", is.name.span, message);
        }
    }

    fn page(&mut self, was: &PageDef, is: &PageDef) {
        let at = is.name.span;
        self.guard("way", at, was.way.as_ref(), is.way.as_ref());
        self.guard("breach", at, was.breach.as_ref(), is.breach.as_ref());
        let offer = |nudge: &Option<Spanned<String>>| nudge.as_ref().map(|nudge| nudge.value.clone());
        let call = |page: &PageDef| {
            page.call.as_ref().map(|call| format!("{} ({})", call.journey.value, pair::assigned(&call.with)))
        };
        let entries = |page: &PageDef| Some(page.enter.iter().map(way_in).collect::<Vec<_>>().join("; "));
        let parts = [
            differs("nudge", offer(&was.nudge), offer(&is.nudge)),
            differs("call", call(was), call(is)),
            differs("enter", entries(was), entries(is)),
        ];
        for part in parts.into_iter().flatten() {
            self.tell("changed-page", at, part);
        }
        self.choices(was, is);
    }

    fn choices(&mut self, was: &PageDef, is: &PageDef) {
        let Pairs { guards, does, waits, new, gone, moved } = pairs(&was.choices, &is.choices);
        for (old, choice) in guards {
            let at = choice.when.as_ref().map_or(choice.span, |when| when.span);
            let (before, now) = (pair::guard(old), pair::guard(choice));
            let message = match (before.is_empty(), now.is_empty()) {
                (true, _) => format!("`{}` has a guard now: `{now}`", does_words(choice)),
                (_, true) => format!("`{}` has no guard any more; it was `{before}`", does_words(choice)),
                _ => format!("the guard of `{}` was `{before}`, is `{now}`", does_words(choice)),
            };
            self.tell("changed-guard", at, message);
        }
        for (old, choice) in does {
            let (before, now) = (does_words(old), does_words(choice));
            let message = match before == now {
                true => format!("`{}: {now}` does so with other values or words", condition(choice)),
                false => format!("`{}` did: {before}; does: {now}", condition(choice)),
            };
            self.tell("changed-choice", choice.span, message);
        }
        for (old, choice) in waits {
            let (before, now) = (condition(old), condition(choice));
            let message = format!("`{}` waited for `{before}`, waits for `{now}`", does_words(choice));
            self.tell("changed-choice", choice.span, message);
        }
        for choice in new {
            self.tell("new-choice", choice.span, format!("new choice `{}`", words(choice)));
        }
        for old in gone {
            self.tell("gone-choice", is.name.span, format!("the choice `{}` is gone", words(old)));
        }
        for choice in moved {
            let message =
                format!("`{}` stands in another place: the first open choice is taken", words(choice));
            self.tell("changed-order", choice.span, message);
        }
    }

    fn guard(&mut self, what: &str, at: Span, was: Option<&Spanned<String>>, is: Option<&Spanned<String>>) {
        let line = |guard: Option<&Spanned<String>>| guard.map(|guard| one_line(&guard.value));
        if let Some(part) = differs(what, line(was), line(is)) {
            self.tell("changed-guard", is.map_or(at, |guard| guard.span), part);
        }
    }

    fn tell(&mut self, code: &'static str, span: Span, message: String) {
        let (source, span) = blueprint::place(&self.script.parts, self.script.source, span);
        self.changes.push(Change {
            journey: self.script.definition.name.value.clone(),
            page: self.page.map(|page| page.name.value.clone()),
            finding: Finding::new(source, Diagnostic::warning(code, span, message)),
        });
    }
}

/// `limit was 3 per day, is 1 per 4h`; nothing when both say the same.
fn differs(what: &str, was: Option<String>, is: Option<String>) -> Option<String> {
    match (was, is) {
        (was, is) if was == is => None,
        (Some(was), Some(is)) => Some(format!("{what} was `{was}`, is `{is}`")),
        (None, Some(is)) => Some(format!("{what} is `{is}`, and was nothing")),
        (Some(was), None) => Some(format!("{what} was `{was}`, and is nothing")),
        (None, None) => None,
    }
}

fn said_where(copy: &WordingDef) -> String {
    match &copy.channel {
        Some(channel) => format!("{} on {channel}", copy.language),
        None => copy.language.clone(),
    }
}

fn words(choice: &ChoiceDef) -> String {
    format!("{}: {}", condition(choice), does_words(choice))
}

fn does_words(choice: &ChoiceDef) -> String {
    let does = consequence(choice);
    if does.is_empty() { "does nothing".to_owned() } else { does }
}
