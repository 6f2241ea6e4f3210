//! The state of every instance, in flat arrays: one row a subject, one place in it a journey.
//!
//! A row is three slices: seats, the pages of all journeys side by side in two bytes each, so that an event
//! nobody waits for reads one cache line; words, the instants and counters; variables. Places are fixed when
//! the library is compiled. Knows nothing about choices; next: `turn.rs`, which changes it.

use crate::id::{JourneyIx, PageIx, SubjectIx};
use crate::library::{Journey, Library, Timer};
use crate::limits::{self, Standing};
use crate::timers::Started;
use turnpage_journeys_expr::Value;

/// Words of an instance before those of its offers: when its page was entered; its steps and spent timers.
pub(crate) const WORDS: usize = 2;
const ENTERED_AT: usize = 0;
const STEPS: usize = 1;
const SPENT_BITS: u32 = 16;

/// All rows.
#[derive(Clone, Debug)]
pub(crate) struct Instances {
    seats: Vec<u16>,
    words: Vec<i64>,
    locals: Vec<Value>,
    /// A row before anything happened.
    blank_seats: Vec<u16>,
    blank_words: Vec<i64>,
    locals_len: usize,
    /// Instances on each seat.
    live: Vec<u32>,
}

/// One subject's row, and the counts it is part of.
pub(crate) struct Row<'a> {
    pub(crate) seats: &'a mut [u16],
    pub(crate) words: &'a mut [i64],
    pub(crate) locals: &'a mut [Value],
    pub(crate) live: &'a mut [u32],
}

/// One instance, to look at.
#[derive(Clone, Copy)]
pub(crate) struct Instance<'a> {
    pub(crate) page: Option<PageIx>,
    pub(crate) words: &'a [i64],
    pub(crate) locals: &'a [Value],
}

impl Instances {
    pub(crate) fn new(library: &Library) -> Self {
        let mut blank_words = Vec::new();
        for journey in &library.journeys {
            blank_words.extend([0; WORDS]);
            for offer in &journey.offers {
                limits::blank(offer, &mut blank_words);
            }
        }
        Instances {
            seats: Vec::new(),
            words: Vec::new(),
            locals: Vec::new(),
            blank_seats: library.journeys.iter().map(|journey| journey.place.nowhere).collect(),
            blank_words,
            locals_len: library.journeys.iter().map(|journey| journey.variables.len()).sum(),
            live: vec![0; library.gates.len()],
        }
    }

    /// Makes the row of a subject blank, adding rows up to it. Counts are the caller's.
    pub(crate) fn clear(&mut self, subject: SubjectIx) {
        let rows = subject.index() + 1;
        if self.seats.len() < rows * self.blank_seats.len() {
            self.seats.resize(rows * self.blank_seats.len(), 0);
            self.words.resize(rows * self.blank_words.len(), 0);
            self.locals.resize(rows * self.locals_len, Value::Unknown);
        }
        let at = subject.index();
        if let Some(seats) = self.seats.get_mut(span(at, self.blank_seats.len())) {
            seats.copy_from_slice(&self.blank_seats);
        }
        if let Some(words) = self.words.get_mut(span(at, self.blank_words.len())) {
            words.copy_from_slice(&self.blank_words);
        }
        if let Some(locals) = self.locals.get_mut(span(at, self.locals_len)) {
            locals.fill(Value::Unknown);
        }
    }

    /// The seat of an instance. Nothing for a subject without a row.
    #[inline]
    pub(crate) fn seat(&self, subject: SubjectIx, journey: JourneyIx) -> Option<u16> {
        self.seats.get(subject.index() * self.blank_seats.len() + journey.index()).copied()
    }

    /// Variables from one place of a subject's row to another.
    #[inline]
    pub(crate) fn locals(&self, subject: SubjectIx, (from, until): (u32, u32)) -> &[Value] {
        let row = subject.index() * self.locals_len;
        self.locals.get(row + from as usize..row + until as usize).unwrap_or(&[])
    }

    pub(crate) fn row(&mut self, subject: SubjectIx) -> Option<Row<'_>> {
        let at = subject.index();
        Some(Row {
            seats: self.seats.get_mut(span(at, self.blank_seats.len()))?,
            words: self.words.get_mut(span(at, self.blank_words.len()))?,
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
        let seat = *self.seats.get(span(at, self.blank_seats.len()))?.get(ix.index())?;
        let words = self.words.get(span(at, self.blank_words.len()))?;
        let locals = self.locals.get(span(at, self.locals_len))?;
        Some(Instance {
            page: journey.place.page(seat),
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
                instance.page == Some(page)
                    && after
                        .is_some_and(|t| entered_at(instance.words).saturating_add(t.after_ms) == deadline)
                    && spent(instance.words) & (1 << nth) == 0
            }
            Timer::Offer(ix) => journey.offer(ix).is_some_and(|offer| {
                let standing = Standing::of(offer, instance.words);
                let until = standing.zip(offer.valid_ms).map(|(s, valid)| s.made_at.saturating_add(valid));
                until == Some(deadline)
            }),
        }
    }

    pub(crate) fn live(&self, journey: &Journey, page: PageIx) -> u64 {
        let seat = journey.place.seat(page);
        self.live.get(usize::from(seat)).copied().map_or(0, u64::from)
    }
}

/// When the page was entered, in milliseconds since the epoch.
pub(crate) fn entered_at(words: &[i64]) -> i64 {
    words.get(ENTERED_AT).copied().unwrap_or(0)
}

/// How many choices were taken in the life of the subject.
pub(crate) fn steps(words: &[i64]) -> u32 {
    words.get(STEPS).map_or(0, |word| (word >> SPENT_BITS) as u32)
}

/// One bit for each timer of the page that has fired.
pub(crate) fn spent(words: &[i64]) -> u16 {
    words.get(STEPS).map_or(0, |word| *word as u16)
}

pub(crate) fn set_entered_at(words: &mut [i64], at: i64) {
    if let Some(word) = words.get_mut(ENTERED_AT) {
        *word = at;
    }
}

pub(crate) fn set_steps(words: &mut [i64], steps: u32, spent: u16) {
    if let Some(word) = words.get_mut(STEPS) {
        *word = i64::from(steps) << SPENT_BITS | i64::from(spent);
    }
}

fn span(at: usize, len: usize) -> std::ops::Range<usize> {
    at * len..(at + 1) * len
}
