//! A definition as it is drawn: pages with their ways in and their choices, and which page each choice turns to.
//!
//! Keeps document order everywhere. Names that lead nowhere become pages of their own, marked as missing, because a
//! picture with a hole in it shows the hole best. Next: a format's file.

use std::collections::BTreeMap;

use turnpage_journeys_engine::{AlternativeDef, ChoiceDef, Definition, PageDef, Spanned};

use super::words;

/// One journey.
#[derive(Debug)]
pub(super) struct Picture {
    pub(super) name: String,
    /// Version, kind and subject in one line.
    pub(super) about: String,
    /// Whom it serves and whom it admits, a line each.
    pub(super) notes: Vec<String>,
    /// Document order; pages that are only named come last.
    pub(super) pages: Vec<Page>,
    pub(super) offers: Vec<Offer>,
}

#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) name: String,
    /// An instance begins here.
    pub(super) start: bool,
    /// No choice leads out: a called journey returns here.
    pub(super) end: bool,
    /// Somebody turns to it and nobody wrote it.
    pub(super) missing: bool,
    /// The journey it calls.
    pub(super) calls: Option<String>,
    pub(super) rows: Vec<Row>,
}

/// What a row of a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowKind {
    /// A way in from anywhere.
    Entry,
    /// A condition of the page as a whole: way, nudge, breach.
    Note,
    /// A choice.
    Choice,
    /// A choice whose alternatives follow.
    Choosing,
    /// One of the alternatives of the choice above it, whose condition it repeats.
    Alternative,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) kind: RowKind,
    /// Which of the page's choices it is.
    pub(super) choice: Option<usize>,
    /// What it waits for, whole.
    pub(super) when: String,
    /// What it does.
    pub(super) does: Vec<Deed>,
    /// Where it turns to, as a place in [`Picture::pages`]; it stays when absent.
    pub(super) to: Option<usize>,
}

/// One thing a choice does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deed {
    pub(super) sort: Sort,
    pub(super) text: String,
}

/// Sorts of deeds, each drawn in its own colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Offer,
    Outcome,
    Staff,
    Memory,
}

#[derive(Debug)]
pub(super) struct Offer {
    pub(super) name: String,
    /// The first language's copy for every channel.
    pub(super) copy: String,
    /// Channels, validity and limit in one line.
    pub(super) about: String,
}

/// Choices of one page that go to the same page, drawn as one arrow.
#[derive(Debug)]
pub(super) struct Arrow<'a> {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) rows: Vec<&'a Row>,
}

/// A page that calls a journey, and where that journey begins.
#[derive(Debug)]
pub(super) struct Call {
    /// The picture and the page that call.
    pub(super) from: (usize, usize),
    /// The picture and the start page that are called.
    pub(super) to: (usize, usize),
}

/// The calls between pictures, where both journeys are among them.
pub(super) fn calls(pictures: &[Picture]) -> Vec<Call> {
    let start = |name: &String| {
        let journey = pictures.iter().position(|picture| picture.name == *name)?;
        let page = pictures.get(journey)?.pages.iter().position(|page| page.start)?;
        Some((journey, page))
    };
    let pages = pictures.iter().enumerate().flat_map(|(journey, picture)| {
        picture.pages.iter().enumerate().map(move |(index, page)| ((journey, index), page))
    });
    pages.filter_map(|(from, page)| Some(Call { from, to: start(page.calls.as_ref()?)? })).collect()
}

impl Picture {
    pub(super) fn of(journey: &Definition) -> Self {
        let mut places = Places::default();
        for page in &journey.pages {
            places.of(&page.name.value);
        }
        let written = places.names.len();
        let begins = match (&journey.start, journey.pages.first()) {
            (Some(start), _) => Some(places.of(&start.value)),
            // An ad-hoc journey begins wherever somebody comes in.
            (None, Some(first)) if journey.pages.iter().all(|page| page.enter.is_empty()) => {
                Some(places.of(&first.name.value))
            }
            (None, _) => None,
        };
        let mut pages: Vec<Page> = Vec::new();
        for (index, page) in journey.pages.iter().enumerate() {
            // A second page of the same name is a mistake that check tells; the picture shows the first.
            if places.of(&page.name.value) == pages.len() && pages.len() < written && index >= pages.len() {
                pages.push(page_of(page, &mut places));
            }
        }
        let missing = |name: &String| Page { name: words::line(name), missing: true, ..Page::default() };
        pages.extend(places.names.iter().skip(written).map(missing));
        if let Some(page) = begins.and_then(|begins| pages.get_mut(begins)) {
            page.start = true;
        }
        Self {
            name: words::line(&journey.name.value),
            about: words::about(journey),
            notes: words::notes(journey),
            pages,
            offers: journey.offers.iter().map(words::offer).collect(),
        }
    }

    /// Arrows, those that stay on their page included, in document order.
    pub(super) fn arrows(&self) -> Vec<Arrow<'_>> {
        let mut arrows: Vec<Arrow<'_>> = Vec::new();
        for (from, page) in self.pages.iter().enumerate() {
            let first = arrows.len();
            for row in &page.rows {
                let to = match (row.kind, row.to) {
                    // What a choice with alternatives does is told by each of them.
                    (RowKind::Entry | RowKind::Note | RowKind::Choosing, _) => continue,
                    (RowKind::Choice | RowKind::Alternative, Some(to)) => to,
                    (RowKind::Choice | RowKind::Alternative, None) => from,
                };
                let mut own = arrows.iter_mut().skip(first);
                match own.find(|arrow| arrow.to == to) {
                    Some(arrow) => arrow.rows.push(row),
                    None => arrows.push(Arrow { from, to, rows: vec![row] }),
                }
            }
        }
        arrows
    }
}

/// Names of pages to their places; names that no page has are added at the end.
#[derive(Debug, Default)]
struct Places {
    by_name: BTreeMap<String, usize>,
    names: Vec<String>,
}

impl Places {
    fn of(&mut self, name: &str) -> usize {
        if let Some(place) = self.by_name.get(name) {
            return *place;
        }
        self.names.push(name.to_owned());
        self.by_name.insert(name.to_owned(), self.names.len() - 1);
        self.names.len() - 1
    }
}

fn page_of(page: &PageDef, places: &mut Places) -> Page {
    let mut rows: Vec<Row> = Vec::new();
    let row = |kind, when, does| Row { kind, choice: None, when, does, to: None };
    for entry in &page.enter {
        rows.push(row(RowKind::Entry, words::entry(entry), Vec::new()));
    }
    if let Some(way) = &page.way {
        rows.push(row(RowKind::Note, format!("the way: {}", words::line(&way.value)), Vec::new()));
    }
    if let Some(nudge) = &page.nudge {
        rows.push(row(RowKind::Note, "off the way".to_owned(), vec![words::offered(&nudge.value)]));
    }
    if let Some(breach) = &page.breach {
        rows.push(row(RowKind::Note, format!("a breach: {}", words::line(&breach.value)), Vec::new()));
    }
    for (number, choice) in page.choices.iter().enumerate() {
        choice_rows(number, choice, places, &mut rows);
    }
    let leaves = |row: &Row| matches!(row.kind, RowKind::Choice | RowKind::Alternative);
    Page {
        name: words::line(&page.name.value),
        end: !rows.iter().any(leaves),
        calls: page.call.as_ref().map(|call| words::line(&call.journey.value)),
        rows,
        ..Page::default()
    }
}

fn choice_rows(number: usize, choice: &ChoiceDef, places: &mut Places, rows: &mut Vec<Row>) {
    let number = Some(number);
    let mut place = |name: &Option<Spanned<String>>| name.as_ref().map(|name| places.of(&name.value));
    let when = words::choice(choice);
    let does = words::deeds(choice);
    if choice.alternatives.is_empty() {
        rows.push(Row { kind: RowKind::Choice, choice: number, when, does, to: place(&choice.turn_to) });
        return;
    }
    rows.push(Row { kind: RowKind::Choosing, choice: number, when: when.clone(), does, to: None });
    for AlternativeDef { offer, set, turn_to, .. } in &choice.alternatives {
        let mut does = vec![words::offered(&offer.value)];
        does.extend(words::set(set));
        let to = if turn_to.is_some() { turn_to } else { &choice.turn_to };
        let (kind, when, to) = (RowKind::Alternative, when.clone(), place(to));
        rows.push(Row { kind, choice: number, when, does, to });
    }
}
