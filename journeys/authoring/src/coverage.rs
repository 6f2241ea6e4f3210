//! What plays reached: pages entered, choices and ways in taken, and guards that were seen both ways.
//!
//! Counts what a rehearsal looked at; runs nothing. Before: `play/look`. Next: `trial/tell` and the command line show it.

use std::collections::BTreeSet;

use turnpage_journeys_engine::{ChoiceIx, JourneyIx, Library, PageIx};
use turnpage_journeys_expr::Expression;

use crate::guards::{Guards, Worth};
use crate::play::look::Look;
use crate::script::{Scripts, condition, consequence, way_in};

/// What was reached of every journey.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// By name; a journey that is called counts as itself.
    pub journeys: Vec<Reached>,
    /// For every journey of the library, its place above.
    places: Vec<usize>,
}

/// What was reached of one journey.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached {
    /// Its name.
    pub journey: String,
    /// Its pages in document order.
    pub pages: Vec<PageReached>,
}

/// What was reached of one page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageReached {
    /// Its name.
    pub page: String,
    /// Where it is written, in bytes of its file, and in which of the texts checked.
    pub place: (usize, usize),
    /// Somebody was on it.
    pub entered: bool,
    /// Its ways in from anywhere, in document order; taken is come in by.
    pub entries: Vec<ChoiceReached>,
    /// Its choices in document order.
    pub choices: Vec<ChoiceReached>,
}

/// What was reached of one choice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChoiceReached {
    /// As its author wrote it, in short.
    pub says: String,
    /// Where it is written, as of a page.
    pub place: (usize, usize),
    /// It was taken.
    pub taken: bool,
    /// Its guard, condition by condition.
    pub branches: Vec<Branch>,
}

/// One condition of a guard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Branch {
    /// As it is written.
    pub text: String,
    /// It was looked at and held.
    pub held: bool,
    /// It was looked at and did not hold.
    pub failed: bool,
}

/// How many of how many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Reached.
    pub reached: usize,
    /// There are.
    pub of: usize,
}

/// Something no play reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreached {
    /// The journey.
    pub journey: String,
    /// Which text it stands in, and at which byte.
    pub place: (usize, usize),
    /// What it is, in words.
    pub what: String,
}

impl Coverage {
    /// Nothing reached yet of a library.
    pub fn of(library: &Library, scripts: &Scripts, guards: &Guards) -> Self {
        let mut coverage = Self::default();
        for (ix, journey) in (0..).map(JourneyIx).zip(library.journeys()) {
            let Some(script) = scripts.find(&journey.name) else {
                coverage.places.push(usize::MAX);
                continue;
            };
            let name = &script.definition.name.value;
            let known = coverage.journeys.iter().position(|reached| reached.journey == *name);
            coverage.places.push(known.unwrap_or(coverage.journeys.len()));
            if known.is_some() {
                continue;
            }
            let one = |says: String, span, guard: Option<&Expression>| ChoiceReached {
                says,
                place: script.place(span),
                taken: false,
                branches: guard
                    .iter()
                    .flat_map(|guard| guard.leaves())
                    .map(|leaf| Branch::of(&leaf.text))
                    .collect(),
            };
            let pages = (0..).map(PageIx).zip(&script.definition.pages).map(|(number, page)| PageReached {
                page: page.name.value.clone(),
                place: script.place(page.name.span),
                entered: false,
                entries: (page.enter.iter().enumerate())
                    .map(|(at, entry)| one(way_in(entry), entry.span, guards.entry(ix, number, at)))
                    .collect(),
                choices: (0..)
                    .map(ChoiceIx)
                    .zip(&page.choices)
                    .map(|(at, choice)| {
                        let says = format!("{}: {}", condition(choice), consequence(choice));
                        one(says, choice.span, guards.choice(ix, number, at))
                    })
                    .collect(),
            });
            coverage.journeys.push(Reached { journey: name.clone(), pages: pages.collect() });
        }
        coverage
    }

    /// Counts what was looked at.
    pub(crate) fn see(&mut self, look: &Look) {
        let shut_out = look.shut_out.is_some();
        let Some(page) = look.page.and_then(|page| self.pages(look.journey)?.get_mut(page.index())) else {
            // Not begun, and no way in was open.
            if !shut_out {
                self.see_entries(look);
            }
            return;
        };
        page.entered = true;
        if shut_out {
            return;
        }
        // Where a way in was taken to begin, the page did not look at the event.
        let looks = look.choices.iter().filter(|_| !(look.began && look.entered.is_some()));
        for (place, (reached, seen)) in page.choices.iter_mut().zip(looks).enumerate() {
            let taken = look.taken.is_some_and(|taken| taken.index() == place);
            if !taken && !seen.awaited {
                continue;
            }
            reached.see(&seen.worth, taken);
            // What comes after is not looked at any more.
            if taken {
                return;
            }
        }
        self.see_entries(look);
    }

    /// Counts the ways into other pages, up to the one that was taken.
    fn see_entries(&mut self, look: &Look) {
        for (place, seen) in look.entries.iter().enumerate() {
            let other = look.began || look.page != Some(seen.page);
            let page = self.pages(look.journey).and_then(|pages| pages.get_mut(seen.page.index()));
            let reached = page.and_then(|page| page.entries.get_mut(seen.entry));
            if let Some(reached) = reached.filter(|_| other && seen.awaited) {
                let taken = look.entered == Some(place);
                reached.see(&seen.worth, taken);
                if taken {
                    return;
                }
            }
        }
    }

    /// Counts a page that was entered.
    pub(crate) fn enter(&mut self, journey: JourneyIx, page: PageIx) {
        if let Some(page) = self.pages(journey).and_then(|pages| pages.get_mut(page.index())) {
            page.entered = true;
        }
    }

    /// Adds what another play of the same library reached.
    pub fn merge(&mut self, other: &Self) {
        let pages = self.journeys.iter_mut().flat_map(|reached| &mut reached.pages);
        for (page, other) in pages.zip(other.journeys.iter().flat_map(|reached| &reached.pages)) {
            page.entered |= other.entered;
            for (choice, other) in page.entries.iter_mut().zip(&other.entries) {
                choice.merge(other);
            }
            for (choice, other) in page.choices.iter_mut().zip(&other.choices) {
                choice.merge(other);
            }
        }
    }

    /// Everything no play reached, in the order it is written. Of a page nobody entered only the page is told, of a choice
    /// never taken not its guard.
    pub fn unreached(&self) -> Vec<Unreached> {
        self.journeys.iter().flat_map(Reached::unreached).collect()
    }

    fn pages(&mut self, journey: JourneyIx) -> Option<&mut Vec<PageReached>> {
        let place = self.places.get(journey.index())?;
        self.journeys.get_mut(*place).map(|reached| &mut reached.pages)
    }
}

impl Reached {
    /// Pages entered.
    pub fn pages(&self) -> Share {
        Share::of(self.pages.iter().map(|page| page.entered))
    }

    /// Choices taken, and ways in.
    pub fn choices(&self) -> Share {
        Share::of(self.pages.iter().flat_map(PageReached::edges).map(|choice| choice.taken))
    }

    /// Conditions seen to hold and seen not to hold: two for each.
    pub fn branches(&self) -> Share {
        let branches = self.pages.iter().flat_map(PageReached::edges).flat_map(|choice| &choice.branches);
        Share::of(branches.flat_map(|branch| [branch.held, branch.failed]))
    }

    fn unreached(&self) -> Vec<Unreached> {
        let mut unreached = Vec::new();
        let mut tell = |place, what| unreached.push(Unreached { journey: self.journey.clone(), place, what });
        for page in &self.pages {
            if !page.entered {
                tell(page.place, format!("nobody enters the page {}", page.page));
                continue;
            }
            for entry in &page.entries {
                if !entry.taken {
                    tell(entry.place, format!("nobody comes to {} by: {}", page.page, entry.says));
                }
                entry.branches_missed(&page.page, &mut tell);
            }
            for choice in &page.choices {
                if !choice.taken {
                    tell(choice.place, format!("on {}, nobody takes: {}", page.page, choice.says));
                }
                choice.branches_missed(&page.page, &mut tell);
            }
        }
        unreached
    }
}

impl PageReached {
    /// Everything that can be taken.
    fn edges(&self) -> impl Iterator<Item = &ChoiceReached> {
        self.entries.iter().chain(&self.choices)
    }
}

impl ChoiceReached {
    fn see(&mut self, worth: &Worth, taken: bool) {
        for (branch, (_, truth)) in self.branches.iter_mut().zip(&worth.conditions) {
            branch.held |= *truth == Some(true);
            branch.failed |= *truth == Some(false);
        }
        self.taken |= taken;
    }

    fn merge(&mut self, other: &Self) {
        self.taken |= other.taken;
        for (branch, other) in self.branches.iter_mut().zip(&other.branches) {
            branch.held |= other.held;
            branch.failed |= other.failed;
        }
    }

    fn branches_missed(&self, page: &str, tell: &mut impl FnMut((usize, usize), String)) {
        for Branch { text, held, failed } in &self.branches {
            match (held, failed) {
                (false, true) if self.branches.len() > 1 || self.taken => {
                    tell(self.place, format!("on {page}, never true: {text}"));
                }
                (true, false) => tell(self.place, format!("on {page}, never false: {text}")),
                _ => {}
            }
        }
    }
}

impl Branch {
    fn of(text: &str) -> Self {
        Self { text: text.split_whitespace().collect::<Vec<_>>().join(" "), ..Self::default() }
    }
}

impl Share {
    fn of(reached: impl Iterator<Item = bool>) -> Self {
        let mut share = Self::default();
        for reached in reached {
            share.reached += usize::from(reached);
            share.of += 1;
        }
        share
    }

    /// Whole per cent, rounded down so that 100 means all; 100 of nothing.
    pub fn percent(self) -> usize {
        (self.reached * 100).checked_div(self.of).unwrap_or(100)
    }
}

impl Coverage {
    /// The journeys that were played at all.
    pub fn played(&self) -> BTreeSet<&str> {
        let touched = |reached: &&Reached| reached.pages.iter().any(|page| page.entered);
        self.journeys.iter().filter(touched).map(|reached| reached.journey.as_str()).collect()
    }
}
