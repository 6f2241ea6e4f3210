//! The state of every instance, in flat arrays: one row a subject, one place in it a journey.
//!
//! A row is three slices: heads (page, spent timers, step) of all journeys side by side, so that an event
//! nobody waits for reads one cache line; words (instants and counters); variables. Places are fixed when
//! the library is compiled. Knows nothing about choices; next: `turn.rs`, which changes it.

use crate::id::{JourneyIx, PageIx, SubjectIx};
use crate::library::{Journey, Library, Timer};
use crate::limits::{self, Standing};
use crate::timers::Started;
use turnpage_journeys_expr::Value;

/// Where an instance is. A journey that has not begun for a subject has one, too: its steps go on counting
/// when it begins again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    page: u16,
    /// One bit for each timer of the page that has fired.
    pub(crate) spent: u16,
    /// How many choices were taken in the life of the subject.
    pub(crate) step: u32,
}

impl Head {
    const NOWHERE: u16 = u16::MAX;
    pub(crate) const BLANK: Head = Head { page: Head::NOWHERE, spent: 0, step: 0 };

    /// The page, if the instance has begun.
    pub(crate) fn page(self) -> Option<PageIx> {
        (self.page != Head::NOWHERE).then_some(PageIx(self.page))
    }

    /// The page as an index, out of every range when the instance has not begun.
    #[inline]
    pub(crate) fn index(self) -> usize {
        usize::from(self.page)
    }

    /// Moves to a page with none of its timers spent.
    pub(crate) fn set_page(&mut self, page: Option<PageIx>) {
        self.page = page.map_or(Head::NOWHERE, |page| page.0);
        self.spent = 0;
    }
}

/// All rows.
#[derive(Clone, Debug)]
pub(crate) struct Instances {
    heads: Vec<Head>,
    words: Vec<i64>,
    locals: Vec<Value>,
    /// The words of a row before anything happened.
    blank: Vec<i64>,
    heads_len: usize,
    locals_len: usize,
    /// Instances on each page of each journey.
    live: Vec<u32>,
}

/// One subject's row, and the counts it is part of.
pub(crate) struct Row<'a> {
    pub(crate) heads: &'a mut [Head],
    pub(crate) words: &'a mut [i64],
    pub(crate) locals: &'a mut [Value],
    pub(crate) live: &'a mut [u32],
}

/// One instance, to look at.
#[derive(Clone, Copy)]
pub(crate) struct Instance<'a> {
    pub(crate) head: Head,
    pub(crate) words: &'a [i64],
    pub(crate) locals: &'a [Value],
}

impl Instances {
    pub(crate) fn new(library: &Library) -> Self {
        let mut blank = Vec::new();
        for journey in &library.journeys {
            // The instant the page was entered comes first.
            blank.push(0);
            for offer in &journey.offers {
                limits::blank(offer, &mut blank);
            }
        }
        Instances {
            heads: Vec::new(),
            words: Vec::new(),
            locals: Vec::new(),
            blank,
            heads_len: library.journeys.len(),
            locals_len: library.journeys.iter().map(|journey| journey.variables.len()).sum(),
            live: vec![0; library.journeys.iter().map(|journey| journey.pages.len()).sum()],
        }
    }

    /// Makes the row of a subject blank, adding rows up to it. Counts are the caller's.
    pub(crate) fn clear(&mut self, subject: SubjectIx) {
        let rows = subject.index() + 1;
        if self.heads.len() < rows * self.heads_len {
            self.heads.resize(rows * self.heads_len, Head::BLANK);
            self.words.resize(rows * self.blank.len(), 0);
            self.locals.resize(rows * self.locals_len, Value::Unknown);
        }
        let words = span(subject.index(), self.blank.len());
        if let Some(words) = self.words.get_mut(words) {
            words.copy_from_slice(&self.blank);
        }
        if let Some(row) = self.row(subject) {
            row.heads.fill(Head::BLANK);
            row.locals.fill(Value::Unknown);
        }
    }

    #[inline]
    pub(crate) fn row(&mut self, subject: SubjectIx) -> Option<Row<'_>> {
        let at = subject.index();
        Some(Row {
            heads: self.heads.get_mut(span(at, self.heads_len))?,
            words: self.words.get_mut(span(at, self.blank.len()))?,
            locals: self.locals.get_mut(span(at, self.locals_len))?,
            live: &mut self.live,
        })
    }

    pub(crate) fn instance(
        &self,
        subject: SubjectIx,
        ix: JourneyIx,
        journey: &Journey,
    ) -> Option<Instance<'_>> {
        let at = subject.index();
        let words = self.words.get(span(at, self.blank.len()))?;
        let locals = self.locals.get(span(at, self.locals_len))?;
        Some(Instance {
            head: *self.heads.get(span(at, self.heads_len))?.get(ix.index())?,
            words: words.get(journey.place.words())?,
            locals: locals.get(journey.place.locals())?,
        })
    }

    /// Whether a timer that was started for a deadline still waits for it. Whoever leaves a page or settles
    /// an offer stops timers by making this false.
    pub(crate) fn waits(&self, library: &Library, timer: &Started) -> bool {
        let Started { deadline, subject, journey: ix, number } = *timer;
        let found = library.journey(ix).and_then(|journey| {
            let instance = self.instance(subject, ix, journey)?;
            Some((journey, journey.timers.get(usize::from(number))?, instance))
        });
        let Some((journey, timer, instance)) = found else { return false };
        match *timer {
            Timer::Page { page, nth } => {
                let after = journey.page(page).and_then(|page| page.timers.get(usize::from(nth)));
                instance.head.page() == Some(page)
                    && instance.head.spent & (1 << nth) == 0
                    && after.is_some_and(|t| instance.entered_at().saturating_add(t.after_ms) == deadline)
            }
            Timer::Offer(ix) => journey.offer(ix).is_some_and(|offer| {
                let standing = Standing::of(offer, instance.words);
                let until = standing.zip(offer.valid_ms).map(|(s, valid)| s.made_at.saturating_add(valid));
                until == Some(deadline)
            }),
        }
    }

    pub(crate) fn live(&self, journey: &Journey, page: PageIx) -> u64 {
        self.live.get(journey.place.pages + page.index()).copied().map_or(0, u64::from)
    }
}

impl Instance<'_> {
    /// When the page was entered, in milliseconds since the epoch.
    pub(crate) fn entered_at(&self) -> i64 {
        self.words.first().copied().unwrap_or(0)
    }
}

fn span(at: usize, len: usize) -> std::ops::Range<usize> {
    at * len..(at + 1) * len
}
