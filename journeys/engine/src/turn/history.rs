//! What an instance keeps of its own past, because some guard or copy of its journey asks.
//!
//! The answers stand after the variables, where the programs that ask were told to look. A journey that asks nothing
//! keeps nothing.

use super::Turn;
use crate::graph::Outcome;
use crate::id::{OfferIx, PageIx};
use turnpage_journeys_expr::{Of, Recall, Value};

impl Turn<'_> {
    /// Nothing has happened yet. [12.1]
    pub(crate) fn begin_history(&mut self) {
        let none: &[Value] = &[Value::Int(0)];
        for (recall, place) in &self.journey.kept {
            let blank = match recall {
                Recall::Visits(_) | Recall::Count(_) => none,
                // On a date that never comes, no times.
                Recall::Today(_) => &[Value::Int(i64::MIN), Value::Int(0)],
                Recall::Since(_) => &[Value::Unknown],
            };
            let places = self.locals.iter_mut().skip(*place);
            places.zip(blank).for_each(|(local, value)| *local = *value);
        }
    }

    /// A page was entered. [12.2]
    pub(super) fn keep_visit(&mut self, page: PageIx) {
        for (recall, place) in &self.journey.kept {
            if *recall == Recall::Visits(page.0) {
                count(self.locals.get_mut(*place));
            }
        }
    }

    /// An offer was made, or an outcome of it recorded. [12.3, 12.4]
    pub(super) fn keep_offer(&mut self, offer: OfferIx, outcome: Option<Outcome>) {
        let outcome = outcome.map(|outcome| outcome as u8);
        let what = Of { offer: offer.0, outcome };
        for (recall, place) in &self.journey.kept {
            match recall {
                Recall::Count(of) if *of == what => count(self.locals.get_mut(*place)),
                Recall::Today(of) if *of == what => self.count_today(*place),
                Recall::Since(of) if *of == what => self.keep_latest(*place),
                _ => {}
            }
        }
    }

    /// As for limits, what is dated before the last one counts on that one's date.
    fn count_today(&mut self, place: usize) {
        let today = i64::from(self.moment.local.day);
        let Some([date, times, ..]) = self.locals.get_mut(place..) else { return };
        if matches!(date, Value::Int(date) if *date >= today) {
            count(Some(times));
        } else {
            (*date, *times) = (Value::Int(today), Value::Int(1));
        }
    }

    fn keep_latest(&mut self, place: usize) {
        let now = self.moment.at.0;
        if let Some(local) = self.locals.get_mut(place) {
            *local = Value::Int(match *local {
                Value::Int(before) => before.max(now),
                _ => now,
            });
        }
    }
}

fn count(local: Option<&mut Value>) {
    if let Some(Value::Int(times)) = local {
        *times = times.saturating_add(1);
    }
}
