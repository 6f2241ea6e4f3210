//! The words of one offer in its instance: the offer that stands, and how often it was made.
//!
//! Layout: the instant it was made last; that choice's step, doubled, plus one while it stands; then what
//! its limit counts. Pure arithmetic on a slice; which offer is made and why is `turn.rs`.

use crate::graph::Limit;
use crate::library::Offer;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use turnpage_journeys_expr::{LocalTime, Timestamp};

/// The instant of an offer of a window that was never made. So long ago that no window reaches it.
const NEVER: i64 = i64::MIN;
const MADE_AT: usize = 0;
const MARK: usize = 1;
const COUNTS: usize = 2;

/// An offer that was made and is not settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// When it was made.
    pub(crate) made_at: i64,
    /// The step that made it.
    pub(crate) step: u32,
}

impl Standing {
    /// The offer that stands, in its instance's words.
    pub(crate) fn of(offer: &Offer, words: &[i64]) -> Option<Standing> {
        let own = words.get(offer.words..)?;
        let (made_at, mark) = (*own.get(MADE_AT)?, *own.get(MARK)?);
        (mark & 1 == 1).then_some(Standing { made_at, step: (mark >> 1) as u32 })
    }
}

/// How many words an offer has.
pub(crate) fn words(limit: Option<Limit>) -> usize {
    COUNTS + words_of_limit(limit)
}

/// Writes the words of an offer that was never made, where all are 0.
pub(crate) fn blank(offer: &Offer, words: &mut [i64]) {
    let Some(counts) = words.get_mut(offer.words + COUNTS..) else { return };
    let never = match offer.limit {
        None => return,
        Some(Limit::PerDay { .. }) => day_word(i32::MIN, 0),
        Some(Limit::PerWindow { .. }) => NEVER,
    };
    let len = words_of_limit(offer.limit);
    counts.iter_mut().take(len).for_each(|word| *word = never);
}

fn words_of_limit(limit: Option<Limit>) -> usize {
    match limit {
        None => 0,
        Some(Limit::PerDay { .. }) => 1,
        Some(Limit::PerWindow { count, .. }) => count as usize,
    }
}

/// Records that the offer is made now: it stands, and its limit counts it.
pub(crate) fn make(offer: &Offer, words: &mut [i64], step: u32, at: Timestamp, local: LocalTime) {
    let Some([made_at, mark, counts @ ..]) = words.get_mut(offer.words..) else { return };
    (*made_at, *mark) = (at.0, i64::from(step) << 1 | 1);
    match offer.limit {
        None => {}
        Some(Limit::PerDay { .. }) => {
            let Some(word) = counts.first_mut() else { return };
            let (day, count) = split_day(*word);
            // A late event counts on the last date an offer was made: a limit errs on the quiet side.
            *word =
                if local.day > day { day_word(local.day, 1) } else { day_word(day, count.saturating_add(1)) };
        }
        Some(Limit::PerWindow { count, .. }) => {
            let oldest = counts.iter_mut().take(count as usize).min();
            if let Some(oldest) = oldest {
                *oldest = at.0;
            }
        }
    }
}

/// Whether the limit lets the offer be made now.
pub(crate) fn allows(offer: &Offer, words: &[i64], at: Timestamp, local: LocalTime) -> bool {
    let Some(counts) = words.get(offer.words + COUNTS..) else { return false };
    match offer.limit {
        None => true,
        Some(Limit::PerDay { count }) => counts.first().is_some_and(|word| {
            let (day, made) = split_day(*word);
            local.day > day || made < count
        }),
        Some(Limit::PerWindow { count, window_ms }) => counts
            .iter()
            .take(count as usize)
            .min()
            .is_some_and(|oldest| *oldest == NEVER || at.0.saturating_sub(*oldest) >= window_ms),
    }
}

/// Ends the standing of an offer. What its limit counted stays.
pub(crate) fn settle(offer: &Offer, words: &mut [i64]) {
    if let Some(mark) = words.get_mut(offer.words + MARK) {
        *mark &= !1;
    }
}

/// An offer that was made, as it is saved.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Made {
    pub(crate) made_at: i64,
    step: u32,
    pub(crate) standing: bool,
    counted: Counted,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Counted {
    Not,
    Day(i32, u32),
    /// Instants, ascending.
    Window(Vec<i64>),
}

impl Made {
    /// The offer, if it stood.
    pub(crate) fn standing(&self) -> Option<Standing> {
        self.standing.then_some(Standing { made_at: self.made_at, step: self.step })
    }
}

/// What there is to save of an offer; nothing if it was never made.
pub(crate) fn made(offer: &Offer, words: &[i64]) -> Option<Made> {
    let own = words.get(offer.words..)?;
    let (made_at, mark) = (*own.get(MADE_AT)?, *own.get(MARK)?);
    let counts = own.get(COUNTS..).unwrap_or(&[]);
    let counted = match (offer.limit, counts) {
        (Some(Limit::PerDay { .. }), [word, ..]) => {
            let (day, count) = split_day(*word);
            Counted::Day(day, count)
        }
        (Some(Limit::PerWindow { count, .. }), counts) => {
            let made = counts.iter().take(count as usize).copied().filter(|at| *at != NEVER);
            let mut made: Vec<i64> = made.collect();
            made.sort_unstable();
            Counted::Window(made)
        }
        _ => Counted::Not,
    };
    (mark != 0).then_some(Made { made_at, step: (mark >> 1) as u32, standing: mark & 1 == 1, counted })
}

/// Writes a saved offer into blank words. A count of another kind of limit than the offer has now is dropped;
/// a shorter window keeps the latest.
pub(crate) fn restore(offer: &Offer, words: &mut [i64], saved: &Made) {
    let Some([made_at, mark, counts @ ..]) = words.get_mut(offer.words..) else { return };
    (*made_at, *mark) = (saved.made_at, i64::from(saved.step) << 1 | i64::from(saved.standing));
    match (offer.limit, &saved.counted) {
        (Some(Limit::PerDay { .. }), Counted::Day(day, count)) => {
            if let Some(word) = counts.first_mut() {
                *word = day_word(*day, *count);
            }
        }
        (Some(Limit::PerWindow { count, .. }), Counted::Window(made)) => {
            for (word, at) in counts.iter_mut().take(count as usize).zip(made.iter().rev()) {
                *word = *at;
            }
        }
        _ => {}
    }
}

fn day_word(day: i32, count: u32) -> i64 {
    i64::from(day) << 32 | i64::from(count)
}

fn split_day(word: i64) -> (i32, u32) {
    ((word >> 32) as i32, word as u32)
}
