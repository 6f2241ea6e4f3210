//! A subject's state as bytes, for the store: what `Engine::save` writes and `Engine::restore` reads.
//!
//! One version byte, then postcard. Everything is by name and in the author's units (a spent timer by its
//! delay), never by index, so that a journey edited in between finds what is still there. The bytes are checked
//! for shape here; that they are the bytes once written is the store's checksum. Putting them back is
//! `state/restore.rs`, the layout before this one `state/old.rs`.

mod old;
mod restore;

use crate::bounds::STATE_BYTES_MAX;
use crate::engine::Error;
use crate::graph::Outcome;
use crate::id::JourneyIx;
use crate::instances::{self, Instance};
use crate::library::{Choice, Journey, Library, Offer, Page, Wait};
use crate::limits::{self, Made, Standing};
use alloc::borrow::Cow;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use turnpage_journeys_expr::{Recall, Symbol, Type, Value};

/// The layout below. A change of it is a new number, and the old ones stay readable.
const VERSION: u8 = 2;

/// Bytes of most instances: so that they are seldom moved while they are written.
const INSTANCE_BYTES: usize = 64;

/// All that is known of a subject.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Saved<'a> {
    /// In the order of their journeys' names and versions.
    #[serde(borrow)]
    pub(crate) instances: Vec<SavedInstance<'a>>,
}

/// One instance, or what is kept of it after it ended.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedInstance<'a> {
    pub(crate) journey: &'a str,
    /// The versions of the journey's callers and its own at the time. None in the layout before this one.
    pub(crate) versions: Cow<'a, [u32]>,
    steps: u32,
    /// Of the last passing of a mandated journey; 0 where there was none.
    evidence: u128,
    #[serde(borrow)]
    pub(crate) page: Option<SavedPage<'a>>,
    #[serde(borrow)]
    variables: Vec<(&'a str, SavedValue<'a>)>,
    #[serde(borrow)]
    history: Vec<(SavedRecall<'a>, i64, i64)>,
    /// Choices that were taken and are not taken again: their page, and what they are found by.
    #[serde(borrow)]
    once: Vec<(&'a str, u64)>,
    #[serde(borrow)]
    pub(crate) offers: Vec<(&'a str, Made)>,
    /// What was learned of alternatives.
    #[serde(borrow)]
    learned: Vec<Learned<'a>>,
    /// Of an intent journey: when it began, where it has; whether it does not begin again yet.
    foresaw_at: i64,
    rests: bool,
}

/// What was learned of one alternative.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Learned<'a> {
    page: &'a str,
    /// Its choice, among those of the page that have alternatives.
    nth: u16,
    offer: &'a str,
    tally: i64,
    /// It made the offer that stands.
    made: bool,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SavedPage<'a> {
    pub(crate) name: &'a str,
    entered_at: i64,
    /// The delays of the timers that have fired, in milliseconds.
    spent_ms: Vec<i64>,
    /// Times of day, in milliseconds since midnight, and when they come next.
    clocks: Vec<(u32, i64)>,
    /// What was told on this visit.
    marks: u16,
}

/// A value by what it means, not by what its symbols' numbers are today.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum SavedValue<'a> {
    Plain(Value),
    Member(&'a str),
    #[serde(borrow)]
    Members(Vec<&'a str>),
}

/// A question about the past, by names.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum SavedRecall<'a> {
    Visits(&'a str),
    Count(&'a str, Option<Outcome>),
    Today(&'a str, Option<Outcome>),
    Since(&'a str, Option<Outcome>),
}

/// Writes every instance that has anything to say.
pub(crate) fn save<'a>(
    library: &'a Library,
    journeys: &'a [JourneyIx],
    instance: impl Fn(&'a Journey) -> Option<Instance<'a>>,
) -> Vec<u8> {
    let begun: Vec<(&Journey, Instance<'_>)> = (journeys.iter())
        .filter_map(|ix| library.journey(*ix))
        .filter_map(|journey| Some((journey, instance(journey)?)))
        .filter(|(_, it)| it.page.is_some() || it.rests || instances::steps(it.words) != 0)
        .collect();
    let mut out = Vec::with_capacity(1 + begun.len() * INSTANCE_BYTES);
    out.push(VERSION);
    // As [`Saved`] has it, one instance at a time.
    out = put(&begun.len(), out);
    for (journey, instance) in &begun {
        out = put(&SavedInstance::of(library, journey, instance), out);
    }
    out
}

/// Writing to memory only fails for types whose length is not known, and there is none.
fn put(value: &impl Serialize, out: Vec<u8>) -> Vec<u8> {
    postcard::to_extend(value, out).unwrap_or_default()
}

/// Reads what `save` wrote.
pub(crate) fn read(bytes: &[u8]) -> Result<Saved<'_>, Error> {
    if bytes.len() > STATE_BYTES_MAX {
        return Err(Error::State("it is too long"));
    }
    let saved = match bytes.split_first() {
        Some((&VERSION, body)) => body_of(body)?,
        Some((&old::VERSION, body)) => old::renewed(body_of(body)?),
        Some(_) => return Err(Error::State("its version is not known")),
        None => return Err(Error::State("it is empty")),
    };
    let ordered = saved.instances.is_sorted_by(|a, b| (a.journey, &a.versions) < (b.journey, &b.versions));
    if !ordered {
        return Err(Error::State("its journeys are out of order"));
    }
    Ok(saved)
}

fn body_of<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Error> {
    let (saved, rest) =
        postcard::take_from_bytes::<T>(body).map_err(|_| Error::State("it is cut off or garbled"))?;
    if !rest.is_empty() {
        return Err(Error::State("something follows it"));
    }
    Ok(saved)
}

impl<'a> SavedInstance<'a> {
    fn of(library: &'a Library, journey: &'a Journey, instance: &Instance<'_>) -> SavedInstance<'a> {
        let page = instance.page.and_then(|page| journey.page(page));
        let made = |offer: &'a Offer| Some((offer.name.as_str(), limits::made(offer, instance.words)?));
        let mandated = journey.kind == crate::graph::Kind::Mandated;
        let mut saved = SavedInstance {
            journey: &journey.name,
            versions: Cow::Borrowed(&journey.versions),
            steps: instances::steps(instance.words),
            evidence: if mandated { instances::evidence(instance.words, &journey.place) } else { 0 },
            page: page.map(|page| SavedPage::of(page, instance.words)),
            variables: Vec::new(),
            history: Vec::new(),
            once: Vec::new(),
            offers: journey.offers.iter().filter_map(made).collect(),
            learned: learned(journey, instance.words),
            foresaw_at: 0,
            rests: instance.rests,
        };
        // What belongs to the life of an instance goes with it.
        if page.is_some() {
            let word = journey.intent.as_ref().and_then(|intent| instance.words.get(intent.word));
            saved.foresaw_at = word.copied().unwrap_or(0);
            let values = journey.variables.iter().zip(instance.locals);
            saved.variables = values
                .map(|(variable, value)| (variable.name.as_str(), named(library, variable.of, *value)))
                .collect();
            saved.history = history(journey, instance.locals);
            saved.once = (journey.pages.iter().flat_map(Page::keyed))
                .filter(|(.., once)| instances::taken(instance.words, &journey.place, once.bit))
                .map(|(page, _, once)| (page.name.as_str(), once.key))
                .collect();
        }
        saved
    }
}

impl<'a> SavedPage<'a> {
    fn of(page: &'a Page, words: &[i64]) -> SavedPage<'a> {
        let spent = |nth: u16| instances::spent(words) & (1 << nth) != 0;
        let timers = page.timers.iter().zip(0..);
        SavedPage {
            name: &page.name,
            entered_at: instances::entered_at(words),
            spent_ms: (timers.clone())
                .filter_map(|(timer, nth)| match timer.wait {
                    Wait::After(after_ms) if spent(nth) => Some(after_ms),
                    _ => None,
                })
                .collect(),
            clocks: timers
                .filter_map(|(timer, _)| match timer.wait {
                    Wait::Clock { at_ms, word } => Some((at_ms, *words.get(word)?)),
                    Wait::After(_) => None,
                })
                .collect(),
            marks: instances::marks(words),
        }
    }
}

/// A value by name. A member that the venue did not declare when the library was compiled has no name that would be
/// found again: it is unknown.
fn named<'a>(library: &'a Library, of: Type, value: Value) -> SavedValue<'a> {
    match (of, value) {
        (Type::Symbol(domain), Value::Symbol(symbol)) => {
            library.member(domain, symbol).map_or(SavedValue::Plain(Value::Unknown), SavedValue::Member)
        }
        (Type::Set(domain), Value::Set(bits)) => {
            let members = (0..u64::BITS).filter(|bit| bits >> bit & 1 == 1).map(Symbol);
            SavedValue::Members(members.filter_map(|symbol| library.member(domain, symbol)).collect())
        }
        _ => SavedValue::Plain(value),
    }
}

/// What an instance keeps of its past, by names. The second number is the count of a `today` and 0 elsewhere; what is
/// unknown is not saved.
fn history<'a>(journey: &'a Journey, locals: &[Value]) -> Vec<(SavedRecall<'a>, i64, i64)> {
    let kept = journey.kept.iter().filter_map(|(recall, place)| {
        let number = |place: usize| match locals.get(place) {
            Some(Value::Int(number)) => Some(*number),
            _ => None,
        };
        let second = if recall.width() == 2 { number(*place + 1)? } else { 0 };
        Some((SavedRecall::of(journey, *recall)?, number(*place)?, second))
    });
    kept.collect()
}

/// What an instance learned; of alternatives that nothing is known of, nothing.
fn learned<'a>(journey: &'a Journey, words: &[i64]) -> Vec<Learned<'a>> {
    let Some(learn) = &journey.learn else { return Vec::new() };
    let learned = learn.arms.iter().enumerate().filter_map(|(number, arm)| {
        let offer = journey.offer(arm.offer)?;
        let tally = learn.own(words, number).word();
        let stands = Standing::of(offer, words).is_some();
        let made = stands && learn.made_by(words, arm.offer) == Some(number);
        let (page, offer) = (journey.page(arm.page)?.name.as_str(), offer.name.as_str());
        (tally != 0 || made).then_some(Learned { page, nth: arm.nth, offer, tally, made })
    });
    learned.collect()
}

impl<'a> SavedRecall<'a> {
    fn of(journey: &'a Journey, recall: Recall) -> Option<SavedRecall<'a>> {
        let offer = |of: turnpage_journeys_expr::Of| {
            let outcome = of.outcome.and_then(|ix| Outcome::ALL.get(usize::from(ix)).copied());
            Some((journey.offers.get(usize::from(of.offer))?.name.as_str(), outcome))
        };
        Some(match recall {
            Recall::Visits(page) => SavedRecall::Visits(&journey.pages.get(usize::from(page))?.name),
            Recall::Count(of) => offer(of).map(|(offer, outcome)| SavedRecall::Count(offer, outcome))?,
            Recall::Today(of) => offer(of).map(|(offer, outcome)| SavedRecall::Today(offer, outcome))?,
            Recall::Since(of) => offer(of).map(|(offer, outcome)| SavedRecall::Since(offer, outcome))?,
        })
    }
}

impl Page {
    /// The choices of the page that are taken only once.
    fn keyed(&self) -> impl Iterator<Item = (&Page, &Choice, crate::library::Once)> {
        self.compiled().filter_map(move |choice| Some((self, choice, choice.once?)))
    }
}
