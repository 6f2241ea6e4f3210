//! The state of every instance, in flat arrays: one row a subject, one place in it a journey.
//!
//! A row is three slices: seats, the pages of all journeys side by side in two bytes each, so that an event
//! nobody waits for reads one cache line; words, the instants and counters; variables. Places are fixed when
//! the library is compiled. Knows nothing about choices; next: `turn.rs`, which changes it.

use crate::graph::SubjectKind;
use crate::id::{PageIx, SubjectIx};
use crate::library::{Journey, Library, PageTimer, Place, Timer, Wait};
use crate::limits::{self, Standing};
use crate::timers::Started;
use alloc::vec;
use alloc::vec::Vec;
use turnpage_journeys_expr::Value;

/// Words of an instance before those that only some journeys have: when its page was entered; its steps, with the
/// marks and the spent timers of its page.
pub(crate) const WORDS: usize = 2;
const ENTERED_AT: usize = 0;
const STEPS: usize = 1;
const STEPS_SHIFT: u32 = 16;
const MARKS_SHIFT: u32 = 48;
/// The deadline of a clock timer that does not run.
pub(crate) const NO_DEADLINE: i64 = i64::MAX;

/// All rows: those of each kind of subject are as wide as the kind's own journeys ask.
#[derive(Clone, Debug)]
pub(crate) struct Instances {
    kinds: [Rows; SubjectKind::ALL.len()],
    /// Instances on each seat.
    live: Vec<u32>,
}

/// The rows of one kind of subject.
#[derive(Clone, Debug, Default)]
struct Rows {
    seats: Vec<u16>,
    words: Vec<i64>,
    locals: Vec<Value>,
    /// By subject: somebody had it to change since that was asked last.
    changed: Vec<bool>,
    /// A row before anything happened.
    blank_seats: Vec<u16>,
    blank_words: Vec<i64>,
    locals_len: usize,
}

/// One instance, to change, and the counts it is part of.
pub(crate) struct Own<'a> {
    pub(crate) seat: &'a mut u16,
    pub(crate) words: &'a mut [i64],
    pub(crate) locals: &'a mut [Value],
    pub(crate) live: &'a mut [u32],
}

/// One instance, to look at.
#[derive(Clone, Copy)]
pub(crate) struct Instance<'a> {
    pub(crate) page: Option<PageIx>,
    /// An intent journey that is over and does not begin again yet.
    pub(crate) rests: bool,
    pub(crate) words: &'a [i64],
    pub(crate) locals: &'a [Value],
}

impl Rows {
    fn new<'a>(journeys: impl Iterator<Item = &'a Journey>) -> Rows {
        let mut rows = Rows::default();
        for journey in journeys {
            rows.blank_seats.push(journey.place.nowhere);
            rows.locals_len += journey.place.locals_len;
            let from = rows.blank_words.len();
            rows.blank_words.resize(from + journey.place.words_len, 0);
            if let Some(own) = rows.blank_words.get_mut(from..) {
                journey.offers.iter().for_each(|offer| limits::blank(offer, own));
            }
        }
        rows
    }

    fn clear(&mut self, at: usize) {
        let rows = at + 1;
        if self.seats.len() < rows * self.blank_seats.len()
            || self.words.len() < rows * self.blank_words.len()
        {
            self.seats.resize(rows * self.blank_seats.len(), 0);
            self.words.resize(rows * self.blank_words.len(), 0);
            self.locals.resize(rows * self.locals_len, Value::Unknown);
        }
        if self.changed.len() < rows {
            self.changed.resize(rows, false);
        }
        if let Some(changed) = self.changed.get_mut(at) {
            *changed = true;
        }
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
}

impl Instances {
    pub(crate) fn new(library: &Library) -> Self {
        let of = |kind| library.journeys.iter().filter(move |journey| journey.subject == kind);
        let kinds = SubjectKind::ALL.map(|kind| Rows::new(of(kind)));
        Instances { kinds, live: vec![0; library.gates.seats()] }
    }

    /// The rows of a subject's kind; none for a subject nobody was given.
    #[inline]
    fn rows(&self, subject: SubjectIx) -> Option<&Rows> {
        self.kinds.get(subject.kind_number())
    }

    /// Makes the row of a subject blank, adding rows up to it. Counts are the caller's.
    pub(crate) fn clear(&mut self, subject: SubjectIx) {
        if let Some(rows) = self.kinds.get_mut(subject.kind() as usize) {
            rows.clear(subject.place());
        }
    }

    /// The seats of a subject's instances, in the order of its kind's journeys. None for a subject without a row.
    #[inline]
    pub(crate) fn seats(&self, subject: SubjectIx) -> &[u16] {
        let row = |rows: &Rows| span(subject.place(), rows.blank_seats.len());
        self.rows(subject).and_then(|rows| rows.seats.get(row(rows))).unwrap_or(&[])
    }

    /// Their variables.
    #[inline]
    pub(crate) fn locals(&self, subject: SubjectIx) -> &[Value] {
        let row = |rows: &Rows| span(subject.place(), rows.locals_len);
        self.rows(subject).and_then(|rows| rows.locals.get(row(rows))).unwrap_or(&[])
    }

    /// The words of one instance.
    #[inline]
    fn words(&self, subject: SubjectIx, journey: &Journey) -> &[i64] {
        let words = |rows: &Rows| part(subject.place() * rows.blank_words.len(), journey.place.words());
        self.rows(subject).and_then(|rows| rows.words.get(words(rows))).unwrap_or(&[])
    }

    /// The instance of a journey of the subject's kind, to change; nothing for a subject without a row.
    #[inline]
    pub(crate) fn own(&mut self, subject: SubjectIx, journey: &Journey) -> Option<Own<'_>> {
        let (at, place) = (subject.place(), &journey.place);
        let rows = self.kinds.get_mut(subject.kind_number())?;
        *rows.changed.get_mut(at)? = true;
        Some(Own {
            seat: rows.seats.get_mut(at * rows.blank_seats.len() + place.nth)?,
            words: rows.words.get_mut(part(at * rows.blank_words.len(), place.words()))?,
            locals: rows.locals.get_mut(part(at * rows.locals_len, place.locals()))?,
            live: &mut self.live,
        })
    }

    /// Whether somebody had a subject's row to change since this was asked last.
    pub(crate) fn take_changed(&mut self, subject: SubjectIx) -> bool {
        let rows = self.kinds.get_mut(subject.kind_number());
        rows.and_then(|rows| rows.changed.get_mut(subject.place())).is_some_and(core::mem::take)
    }

    /// The instance of a journey; nothing for a subject without a row, or of another kind than the journey's.
    pub(crate) fn instance(&self, subject: SubjectIx, journey: &Journey) -> Option<Instance<'_>> {
        if subject.kind() != journey.subject {
            return None;
        }
        let seat = self.seats(subject).get(journey.place.nth).copied()?;
        let locals = self.locals(subject).get(journey.place.locals())?;
        Some(Instance {
            page: journey.place.page(seat),
            rests: journey.intent.is_some() && seat == journey.place.resting(),
            words: self.words(subject, journey),
            locals,
        })
    }

    /// Whether a timer that was started for a deadline still waits for it. Whoever leaves a page or settles
    /// an offer stops timers by making this false.
    pub(crate) fn waits(&self, library: &Library, timer: &Started) -> bool {
        let Started { deadline, subject, journey: ix, number } = *timer;
        let Some(journey) = library.journey(ix).filter(|journey| journey.subject == subject.kind()) else {
            return false;
        };
        let Some(seat) = self.seats(subject).get(journey.place.nth).copied() else { return false };
        match journey.timers.get(usize::from(number)).copied() {
            // Most timers are stopped by leaving their page.
            Some(Timer::Page { page, .. }) if seat != journey.place.seat(page) => false,
            Some(Timer::Page { page, nth }) => {
                let timer = journey.page(page).and_then(|page| page.timers.get(usize::from(nth)));
                let words = self.words(subject, journey);
                timer.and_then(|timer| page_deadline(timer, nth, words)) == Some(deadline)
            }
            Some(Timer::Offer(ix)) => journey.offer(ix).is_some_and(|offer| {
                let standing = Standing::of(offer, self.words(subject, journey));
                let until = standing.zip(offer.valid_ms).map(|(s, valid)| s.made_at.saturating_add(valid));
                until == Some(deadline)
            }),
            Some(Timer::Within) => journey.intent.as_ref().is_some_and(|intent| {
                let began_at = self.words(subject, journey).get(intent.word).copied();
                let until = began_at.map(|at| at.saturating_add(intent.within_ms));
                journey.place.page(seat).is_some() && until == Some(deadline)
            }),
            None => false,
        }
    }

    pub(crate) fn live(&self, journey: &Journey, page: PageIx) -> u64 {
        let seat = journey.place.seat(page);
        self.live.get(usize::from(seat)).copied().map_or(0, u64::from)
    }
}

/// When a timer of the page is due; nothing when it will not fire on this visit any more.
pub(crate) fn page_deadline(timer: &PageTimer, nth: u16, words: &[i64]) -> Option<i64> {
    match timer.wait {
        Wait::After(after_ms) if spent(words) & (1 << nth) == 0 => {
            Some(entered_at(words).saturating_add(after_ms))
        }
        Wait::After(_) => None,
        Wait::Clock { word, .. } => words.get(word).copied().filter(|deadline| *deadline != NO_DEADLINE),
    }
}

/// Sets one word.
pub(crate) fn set_word(words: &mut [i64], at: usize, word: i64) {
    if let Some(old) = words.get_mut(at) {
        *old = word;
    }
}

/// When the page was entered, in milliseconds since the epoch.
pub(crate) fn entered_at(words: &[i64]) -> i64 {
    words.get(ENTERED_AT).copied().unwrap_or(0)
}

/// How many choices were taken in the life of the subject.
pub(crate) fn steps(words: &[i64]) -> u32 {
    words.get(STEPS).map_or(0, |word| (word >> STEPS_SHIFT) as u32)
}

/// One bit for each timer of the page that has fired.
pub(crate) fn spent(words: &[i64]) -> u16 {
    words.get(STEPS).map_or(0, |word| *word as u16)
}

/// What was told already on this visit of the page.
pub(crate) fn marks(words: &[i64]) -> u16 {
    words.get(STEPS).map_or(0, |word| (word >> MARKS_SHIFT) as u16)
}

/// A page is entered: nothing was told on this visit yet, and no timer has fired.
pub(crate) fn enter(words: &mut [i64], at: i64) {
    let steps = steps(words);
    set_entered_at(words, at);
    pack(words, steps, 0, 0);
}

pub(crate) fn set_entered_at(words: &mut [i64], at: i64) {
    if let Some(word) = words.get_mut(ENTERED_AT) {
        *word = at;
    }
}

pub(crate) fn set_steps(words: &mut [i64], steps: u32) {
    pack(words, steps, spent(words), marks(words));
}

pub(crate) fn set_spent(words: &mut [i64], spent: u16) {
    pack(words, steps(words), spent, marks(words));
}

pub(crate) fn set_marks(words: &mut [i64], marks: u16) {
    pack(words, steps(words), spent(words), marks);
}

/// Whether a choice that is taken only once was taken.
pub(crate) fn taken(words: &[i64], place: &Place, bit: u16) -> bool {
    words.get(place.once + usize::from(bit / 64)).is_some_and(|word| word >> (bit % 64) & 1 == 1)
}

/// Remembers that a choice that is taken only once was taken.
pub(crate) fn take(words: &mut [i64], place: &Place, bit: u16) {
    if let Some(word) = words.get_mut(place.once + usize::from(bit / 64)) {
        *word |= 1 << (bit % 64);
    }
}

/// The evidence of a mandated journey: what its last passing left.
pub(crate) fn evidence(words: &[i64], place: &Place) -> u128 {
    match words.get(place.evidence..) {
        Some([high, low, ..]) => u128::from(*high as u64) << 64 | u128::from(*low as u64),
        _ => 0,
    }
}

pub(crate) fn set_evidence(words: &mut [i64], place: &Place, evidence: u128) {
    if let Some([high, low, ..]) = words.get_mut(place.evidence..) {
        (*high, *low) = ((evidence >> 64) as i64, evidence as i64);
    }
}

fn pack(words: &mut [i64], steps: u32, spent: u16, marks: u16) {
    if let Some(word) = words.get_mut(STEPS) {
        *word = i64::from(marks) << MARKS_SHIFT | i64::from(steps) << STEPS_SHIFT | i64::from(spent);
    }
}

/// A range that stands further on.
#[inline]
fn part(from: usize, range: core::ops::Range<usize>) -> core::ops::Range<usize> {
    from + range.start..from + range.end
}

#[inline]
fn span(at: usize, len: usize) -> core::ops::Range<usize> {
    at * len..(at + 1) * len
}
