//! Names of pages, offers, variables and journeys: which one stands at a place, where it is written, who uses it.

use turnpage_journeys_expr::Span;

use super::place::{Of, named_by, root, value_form};
use super::skeleton::{Entry, Skeleton, Step};
use super::{Desk, Found};
use crate::language::Form;

/// A name at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name<'a> {
    pub(super) of: Of,
    pub(super) text: &'a str,
    pub(super) span: Span,
    /// It stands where it is declared.
    pub(super) declared: bool,
}

/// A word of an expression, with what stands before it.
pub(super) struct Word<'a> {
    pub(super) text: &'a str,
    pub(super) span: Span,
    /// It stands in quotes.
    pub(super) quoted: bool,
    /// The expression up to it, or up to its quote.
    pub(super) before: &'a str,
}

/// The words of an expression: names with their dots, and texts in quotes.
pub(super) fn words<'a>(value: &'a str, at: Span) -> Vec<Word<'a>> {
    let mut words = Vec::new();
    let mut rest = value.char_indices().peekable();
    let span = |start: usize, end: usize| Span::new(at.start + start as u32, at.start + end as u32);
    while let Some((start, c)) = rest.next() {
        let before = value.get(..start).unwrap_or_default();
        if matches!(c, '"' | '\'') {
            // In a double-quoted scalar the inner quotes are escaped; the backslash is no part of the word.
            let mut end = start + 1;
            for (at, inner) in rest.by_ref() {
                end = at;
                if inner == c {
                    break;
                }
                end = at + inner.len_utf8();
            }
            let text = value.get(start + 1..end).unwrap_or_default();
            let text = text.strip_suffix('\\').unwrap_or(text);
            let word = Word { text, span: span(start + 1, start + 1 + text.len()), quoted: true, before };
            words.push(word);
        } else if c.is_alphabetic() || c == '_' {
            let mut end = start + c.len_utf8();
            while let Some((at, inner)) = rest.next_if(|(_, c)| c.is_alphanumeric() || matches!(c, '_' | '.'))
            {
                end = at + inner.len_utf8();
            }
            let text = value.get(start..end).unwrap_or_default();
            words.push(Word { text, span: span(start, end), quoted: false, before });
        }
    }
    words
}

/// The function or index whose bracket stands directly before a text in quotes: `history.visits`, `signal`.
pub(super) fn asked_by(before: &str) -> &str {
    let before = before.trim_end_matches('\\').trim_end();
    let Some(callee) = before.strip_suffix(['(', '[']) else { return "" };
    let start = callee.rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.')));
    callee.get(start.map_or(0, |at| at + 1)..).unwrap_or_default()
}

/// All names of one text.
pub(super) fn names<'a>(skeleton: &Skeleton<'a>) -> Vec<Name<'a>> {
    let root = root(skeleton);
    let variables: Vec<&str> = ["variables", "parameters"]
        .iter()
        .flat_map(|top| skeleton.under(top))
        .map(|entry| entry.key)
        .collect();
    let mut names = Vec::new();
    for entry in &skeleton.entries {
        if let Some(of) = declared_by(entry) {
            names.push(Name { of, text: entry.key, span: entry.key_span, declared: true });
        }
        if let [.., Step::Key("set")] = entry.path.as_slice() {
            names.push(Name { of: Of::Variable, text: entry.key, span: entry.key_span, declared: false });
        }
        let Some((value, span)) = entry.value else { continue };
        let mut path = entry.path.clone();
        if !entry.key.is_empty() {
            path.push(Step::Key(entry.key));
        }
        if let Some(of) = named_by(&path) {
            let declared = entry.path.is_empty() && matches!(entry.key, "journey" | "blueprint");
            names.push(Name { of, text: value, span, declared });
            continue;
        }
        match value_form(root, entry) {
            Some(Form::Trigger | Form::Outcome | Form::OutcomeWithin) => names.extend(offer_of(value, span)),
            Some(Form::Guard | Form::Value | Form::Copy | Form::Scalar) => {
                names.extend(names_within(value, span, &variables));
            }
            _ => {}
        }
    }
    names
}

/// What an entry declares by its key.
fn declared_by(entry: &Entry<'_>) -> Option<Of> {
    match entry.path.as_slice() {
        [Step::Key("pages")] => Some(Of::Page),
        [Step::Key("offers")] => Some(Of::Offer),
        [Step::Key("variables" | "parameters")] => Some(Of::Variable),
        _ => None,
    }
}

/// The offer in `cocoa.accepted`.
fn offer_of(value: &str, span: Span) -> Option<Name<'_>> {
    let (offer, _) = value.split_once('.').filter(|(offer, _)| *offer != "signal")?;
    let span = Span::new(span.start, span.start + offer.len() as u32);
    Some(Name { of: Of::Offer, text: offer, span, declared: false })
}

/// Variables, and names in what is asked of the history.
fn names_within<'a>(value: &'a str, span: Span, variables: &[&str]) -> Vec<Name<'a>> {
    let mut names = Vec::new();
    for word in words(value, span) {
        if !word.quoted && variables.contains(&word.text) {
            names.push(Name { of: Of::Variable, text: word.text, span: word.span, declared: false });
        }
        match asked_by(word.before) {
            "history.visits" if word.quoted => {
                names.push(Name { of: Of::Page, text: word.text, span: word.span, declared: false });
            }
            "history.count" | "history.today" | "history.since" if word.quoted => {
                let offer = word.text.split_once('.').map_or(word.text, |(offer, _)| offer);
                let span = Span::new(word.span.start, word.span.start + offer.len() as u32);
                names.push(Name { of: Of::Offer, text: offer, span, declared: false });
            }
            _ => {}
        }
    }
    names
}

impl<'a> Desk<'a> {
    pub(super) fn name_at(&self, offset: u32) -> Option<Name<'a>> {
        let own = names(&self.skeleton()).into_iter();
        own.filter(|name| name.span.start <= offset && offset <= name.span.end)
            .min_by_key(|name| name.span.end - name.span.start)
    }

    /// Where the name at a place is declared.
    pub fn definition(&self, offset: u32) -> Option<Found> {
        let name = self.name_at(offset)?;
        self.all(&name).into_iter().find(|(_, declared)| *declared).map(|(found, _)| found)
    }

    /// Everywhere the name at a place stands, its declaration included.
    pub fn references(&self, offset: u32) -> Vec<Found> {
        let Some(name) = self.name_at(offset) else { return Vec::new() };
        self.all(&name).into_iter().map(|(found, _)| found).collect()
    }

    /// What to replace so that the page, offer or variable at a place has another name; nothing where that cannot be.
    pub fn rename(&self, offset: u32, to: &str) -> Vec<Found> {
        let well_formed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        match self.name_at(offset) {
            Some(name) if !to.is_empty() && to.chars().all(well_formed) => {
                let minus = name.of == Of::Variable
                    && (to.contains('-') || to.starts_with(|c: char| c.is_ascii_digit()));
                let ours = matches!(name.of, Of::Page | Of::Offer | Of::Variable);
                if ours && !minus { self.references(offset) } else { Vec::new() }
            }
            _ => Vec::new(),
        }
    }

    /// The stretch that a rename would begin from.
    pub fn renamed(&self, offset: u32) -> Option<Span> {
        let name = self.name_at(offset)?;
        matches!(name.of, Of::Page | Of::Offer | Of::Variable).then_some(name.span)
    }

    fn all(&self, name: &Name<'_>) -> Vec<(Found, bool)> {
        let owner = match name.of {
            Of::Journey => None,
            Of::Page | Of::Offer | Of::Variable => self.journey(),
            Of::Domain(_) | Of::Signal => return Vec::new(),
        };
        let owned = owner.as_ref().and_then(|(_, skeleton)| skeleton.top("journey"));
        let mut all = Vec::new();
        for (source, text) in self.sources.iter().enumerate() {
            let skeleton = Skeleton::of(&text.text);
            let mine = match &owner {
                None => true,
                Some((at, _)) => *at == source || (owned.is_some() && skeleton.top("plays_of") == owned),
            };
            if !mine {
                continue;
            }
            let same =
                names(&skeleton).into_iter().filter(|other| other.of == name.of && other.text == name.text);
            all.extend(same.map(|other| (Found { source, span: other.span }, other.declared)));
        }
        all
    }
}
