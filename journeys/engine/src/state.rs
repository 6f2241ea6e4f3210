//! A subject's state as bytes, for the store: what `Engine::save` writes and `Engine::restore` reads.
//!
//! One version byte, then postcard. Everything is by name and in the author's units (a spent timer by its
//! delay), never by index, so that a journey edited in between finds what is still there. The bytes are checked
//! for shape here; that they are the bytes once written is the store's checksum.

use crate::bounds::{PAGES_MAX, STATE_BYTES_MAX};
use crate::engine::Error;
use crate::id::{JourneyIx, PageIx};
use crate::instances::{self, Instance};
use crate::library::{Journey, Library, Offer};
use crate::limits::{self, Made};
use crate::turn::Turn;
use serde::{Deserialize, Serialize};
use turnpage_journeys_expr::{Env, LocalTime, Timestamp, Type, Value};

/// The layout below. A change of it is a new number, and the old one stays readable.
const VERSION: u8 = 1;

/// All that is known of a subject.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Saved<'a> {
    /// In the order of their journeys' names.
    #[serde(borrow)]
    pub(crate) instances: Vec<SavedInstance<'a>>,
}

/// One instance, or what is kept of it after it ended.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedInstance<'a> {
    pub(crate) journey: &'a str,
    steps: u32,
    #[serde(borrow)]
    page: Option<SavedPage<'a>>,
    #[serde(borrow)]
    variables: Vec<(&'a str, Value)>,
    #[serde(borrow)]
    offers: Vec<(&'a str, Made)>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct SavedPage<'a> {
    name: &'a str,
    entered_at: i64,
    /// The delays of the timers that have fired, in milliseconds.
    spent_ms: Vec<i64>,
}

/// Writes every instance that has anything to say.
pub(crate) fn save<'a>(
    library: &'a Library,
    instance: impl Fn(JourneyIx, &'a Journey) -> Option<Instance<'a>>,
) -> Vec<u8> {
    let journeys = library.journeys().iter().enumerate();
    let instances = journeys
        .filter_map(|(ix, journey)| {
            let instance = instance(JourneyIx(ix as u16), journey)?;
            let begun = instance.page.is_some() || instances::steps(instance.words) != 0;
            begun.then(|| SavedInstance::of(journey, &instance))
        })
        .collect();
    // Writing to memory only fails for types whose length is not known, and there is none.
    postcard::to_extend(&Saved { instances }, vec![VERSION]).unwrap_or_default()
}

/// Reads what `save` wrote.
pub(crate) fn read(bytes: &[u8]) -> Result<Saved<'_>, Error> {
    if bytes.len() > STATE_BYTES_MAX {
        return Err(Error::State("it is too long"));
    }
    let body = match bytes.split_first() {
        Some((&VERSION, body)) => body,
        Some(_) => return Err(Error::State("its version is not known")),
        None => return Err(Error::State("it is empty")),
    };
    let (saved, rest) =
        postcard::take_from_bytes::<Saved<'_>>(body).map_err(|_| Error::State("it is cut off or garbled"))?;
    if !rest.is_empty() {
        return Err(Error::State("something follows it"));
    }
    let ordered = saved.instances.is_sorted_by(|a, b| a.journey < b.journey);
    if !ordered {
        return Err(Error::State("its journeys are out of order"));
    }
    Ok(saved)
}

impl<'a> SavedInstance<'a> {
    fn of(journey: &'a Journey, instance: &Instance<'_>) -> SavedInstance<'a> {
        let page = instance.page.and_then(|page| journey.page(page));
        let variables = journey.variables.iter().zip(instance.locals);
        let made = |offer: &'a Offer| Some((offer.name.as_str(), limits::made(offer, instance.words)?));
        SavedInstance {
            journey: &journey.name,
            steps: instances::steps(instance.words),
            page: page.map(|page| SavedPage {
                name: &page.name,
                entered_at: instances::entered_at(instance.words),
                spent_ms: (page.timers.iter().enumerate())
                    .filter(|(nth, _)| instances::spent(instance.words) & (1 << nth) != 0)
                    .map(|(_, timer)| timer.after_ms)
                    .collect(),
            }),
            variables: match page {
                Some(_) => variables.map(|(variable, value)| (variable.name.as_str(), *value)).collect(),
                None => Vec::new(),
            },
            offers: journey.offers.iter().filter_map(made).collect(),
        }
    }
}

impl Turn<'_> {
    /// Fills a blank instance with a saved one: page, timers that still wait, variables, offers.
    pub(crate) fn restore(&mut self, saved: &SavedInstance<'_>) {
        instances::set_steps(self.words, saved.steps, 0);
        for (name, made) in &saved.offers {
            let Some(offer) = self.journey.offers.iter().find(|offer| offer.name == *name) else { continue };
            limits::restore(offer, self.words, made);
            if let (true, Some(valid), Some(expiry)) = (made.standing, offer.valid_ms, offer.expiry) {
                self.start(expiry, made.made_at.saturating_add(valid));
            }
        }
        let Some(was) = &saved.page else { return };
        let Some(ix) = self.journey.pages.iter().position(|page| page.name == was.name) else { return };
        assert!(ix < PAGES_MAX, "compile bounds the pages of a journey");
        self.restore_page(PageIx(ix as u16), was);
        self.restore_variables(&saved.variables);
    }

    fn restore_page(&mut self, ix: PageIx, was: &SavedPage<'_>) {
        let journey = self.journey;
        *self.seat = journey.place.seat(ix);
        self.count(ix, true);
        instances::set_entered_at(self.words, was.entered_at);
        let mut spent = 0;
        let timers = journey.page(ix).map_or(&[][..], |page| &page.timers);
        for (nth, timer) in timers.iter().enumerate() {
            if was.spent_ms.contains(&timer.after_ms) {
                spent |= 1 << nth;
            } else {
                self.start(timer.timer, was.entered_at.saturating_add(timer.after_ms));
            }
        }
        instances::set_steps(self.words, instances::steps(self.words), spent);
    }

    /// A variable that is new, or of another type than it was, starts as it would without any fact.
    fn restore_variables(&mut self, was: &[(&str, Value)]) {
        let nothing = Env { facts: &[], locals: &[], local: LocalTime::default(), now: Timestamp::default() };
        for (variable, local) in self.journey.variables.iter().zip(self.locals.iter_mut()) {
            let saved = was.iter().find(|(name, value)| *name == variable.name && fits(*value, variable.of));
            let initial =
                || variable.initial.as_ref().map_or(Value::Unknown, |initial| initial.eval(&nothing));
            *local = saved.map_or_else(initial, |(_, value)| *value);
        }
    }
}

fn fits(value: Value, of: Type) -> bool {
    match value {
        Value::Unknown => true,
        Value::Bool(_) => of == Type::Bool,
        Value::Int(_) => matches!(of, Type::Int | Type::Date),
        Value::Double(_) => matches!(of, Type::Double | Type::Quantity(_)),
        Value::Duration(_) => matches!(of, Type::Duration | Type::TimeOfDay),
        // No variable holds a symbol or a set of them: the numbers of symbols are not kept.
        Value::Symbol(_) | Value::Set(_) => false,
    }
}
