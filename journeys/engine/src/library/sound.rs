//! Whether journeys that were read from bytes are such as `compile` makes.
//!
//! Every index is looked up, every bound of `bounds.rs` holds again, and what makes a step end (callees that do not come back
//! at once, callers that are no circle) is asked anew. Texts are not read and types not checked: a value of the wrong kind
//! is unknown. Pages and their choices are `sound/page.rs`. Next: `place.rs`.

mod page;

use super::{Journey, Learn, Offer, Once, Wording};
use crate::bounds::{JOURNEYS_MAX, NAME_MAX, ONCE_MAX, PAGES_MAX, SEATS_MAX, SPAN_MS_MAX, WINDOW_COUNT_MAX};
use crate::graph::{Kind, Limit, Outcome};
use crate::id::{JourneyIx, OfferIx, PageIx, VariableIx};
use crate::library::Arm;
use crate::upgrade::Inside;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use turnpage_journeys_expr::stored::Within;
use turnpage_journeys_expr::{Of, Recall, Schema, Type};

/// What is wrong.
type Sound = Result<(), &'static str>;

/// Whether a name is one that anyone may type, and that fits in a topic.
pub(crate) fn is_name(name: &str) -> bool {
    let well_formed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=NAME_MAX).contains(&name.len()) && name.bytes().all(well_formed)
}

/// Whether some journeys could be those of a library.
pub(super) fn sound(schema: &Schema, journeys: &[Journey]) -> Sound {
    let seats: usize = journeys.iter().map(|journey| journey.pages.len() + 1).sum();
    ensure(journeys.len() <= JOURNEYS_MAX && seats <= SEATS_MAX, "it has too many journeys or pages")?;
    let key = |journey: &Journey| (journey.name.clone(), journey.versions.clone());
    ensure(
        journeys.is_sorted_by(|one, other| key(one) < key(other)),
        "its journeys are out of order, or there twice",
    )?;
    for (journey, ix) in journeys.iter().zip((0..).map(JourneyIx)) {
        let own = journey.variables.len() + usize::from(journey.result.is_some());
        let within = Within { schema, locals: own, kept: &|recall| journey.recall(recall) };
        Look { journeys, journey, ix, within }.journey()?;
    }
    Ok(())
}

fn ensure(holds: bool, wrong: &'static str) -> Sound {
    if holds { Ok(()) } else { Err(wrong) }
}

/// Whether all of some things are different.
fn differ<T: Ord>(all: impl IntoIterator<Item = T>) -> bool {
    let mut seen = BTreeSet::new();
    all.into_iter().all(|one| seen.insert(one))
}

fn is_span(ms: i64) -> bool {
    (1..=SPAN_MS_MAX).contains(&ms)
}

/// One journey, looked at among the others.
struct Look<'a> {
    journeys: &'a [Journey],
    journey: &'a Journey,
    ix: JourneyIx,
    within: Within<'a>,
}

impl Look<'_> {
    fn journey(&self) -> Sound {
        let journey = self.journey;
        ensure(self.is_named(), "a journey's name, versions or caller are wrong")?;
        ensure(self.begins(), "a journey begins nowhere")?;
        ensure(self.keeps(), "what a journey keeps is not where it is looked for")?;
        let admits = journey.admit.as_ref().is_none_or(|admit| admit.fits(&self.within));
        ensure(admits, "a journey admits by what is not there")?;
        ensure(self.has_variables(), "a variable is none")?;
        ensure(self.has_offers(), "an offer is none")?;
        ensure(self.is_of_its_kind(), "a journey is not of its kind")?;
        ensure(self.learns(), "what a journey learns is not there")?;
        ensure(self.is_once(), "choices that are taken once are not told apart")?;
        let upgrades = match &journey.inside {
            Inside::Map(pages) => pages.iter().all(|(_, page)| self.has_page(*page)),
            Inside::Keep | Inside::Pin | Inside::Restart => true,
        };
        ensure(upgrades, "an older page goes on nowhere")?;
        for (page, ix) in journey.pages.iter().zip((0..).map(PageIx)) {
            self.page(ix, page)?;
        }
        self.entries()
    }

    fn has_page(&self, page: PageIx) -> bool {
        page.index() < self.journey.pages.len()
    }

    fn has_offer(&self, offer: OfferIx) -> bool {
        offer.index() < self.journey.offers.len()
    }

    /// What is called has its caller's name and versions before its own: so callers are no circle.
    fn is_named(&self) -> bool {
        let journey = self.journey;
        let Some((own, before)) = journey.versions.split_last() else { return false };
        let caller = journey.caller.map(|caller| self.journeys.get(caller.index()));
        *own == journey.version
            && match caller {
                None => before.is_empty() && journey.parameters == 0 && is_name(&journey.name),
                Some(None) => false,
                Some(Some(caller)) => {
                    let name = journey.name.strip_prefix(caller.name.as_str());
                    name.and_then(|name| name.strip_prefix('>')).is_some_and(is_name)
                        && before == caller.versions.as_slice()
                        && journey.subject == caller.subject
                        && !matches!(journey.kind, Kind::AdHoc | Kind::Intent)
                }
            }
    }

    fn begins(&self) -> bool {
        let journey = self.journey;
        (1..=PAGES_MAX).contains(&journey.pages.len())
            && journey.pages.iter().all(|page| is_name(&page.name))
            && differ(journey.pages.iter().map(|page| &page.name))
            && match (journey.kind, journey.start) {
                (Kind::AdHoc, start) => start.is_none(),
                (Kind::Mandated, start) => start == Some(PageIx(0)),
                (_, start) => start.is_some_and(|start| self.has_page(start)),
            }
    }

    /// A result after the variables, where it calls, and then its past.
    fn keeps(&self) -> bool {
        let journey = self.journey;
        let own = journey.variables.len();
        let calls = journey.pages.iter().any(|page| page.call.is_some());
        let is_asked = |recall: &Recall| match *recall {
            Recall::Visits(page) => self.has_page(PageIx(page)),
            Recall::Count(of) | Recall::Today(of) | Recall::Since(of) => self.is_of(of),
        };
        let mut next = self.within.locals;
        let in_place = journey.kept.iter().all(|(recall, place)| {
            let here = *place == next && is_asked(recall);
            next += usize::from(recall.width());
            here
        });
        journey.result == calls.then_some(VariableIx(own as u16))
            && in_place
            && differ(journey.kept.iter().map(|(recall, _)| recall))
    }

    fn is_of(&self, of: Of) -> bool {
        self.has_offer(OfferIx(of.offer))
            && of.outcome.is_none_or(|outcome| usize::from(outcome) < Outcome::ALL.len())
    }

    fn has_variables(&self) -> bool {
        let variables = &self.journey.variables;
        let is_one = variables.iter().all(|variable| {
            let initial = variable.initial.as_ref();
            is_name(&variable.name)
                && variable.of != Type::Text
                && variable.of.domain().is_none_or(|domain| self.within.has_domain(domain))
                && initial.is_none_or(|initial| initial.fits(&self.within))
        });
        is_one
            && differ(variables.iter().map(|variable| &variable.name))
            && self.journey.parameters <= variables.len()
            && self.journey.returns.is_none_or(|returns| returns.index() < variables.len())
    }

    fn has_offers(&self) -> bool {
        let offers = &self.journey.offers;
        let is_one = |offer: &Offer| {
            let limit = match offer.limit {
                None => true,
                Some(Limit::PerDay { count }) => count > 0,
                Some(Limit::PerWindow { count, window_ms }) => {
                    (1..=WINDOW_COUNT_MAX).contains(&count) && is_span(window_ms)
                }
            };
            limit && is_name(&offer.name) && offer.valid_ms.is_none_or(is_span) && self.says(&offer.text)
        };
        offers.iter().all(is_one) && differ(offers.iter().map(|offer| &offer.name))
    }

    fn says(&self, copies: &[Wording]) -> bool {
        copies.iter().all(|copy| copy.template.fits(&self.within))
    }

    fn is_of_its_kind(&self) -> bool {
        let journey = self.journey;
        let intent = journey.intent.as_ref();
        let foretells = intent.is_none_or(|intent| {
            let guards = [&intent.likely, &intent.unlikely, &intent.there];
            guards.iter().all(|guard| guard.fits(&self.within)) && is_span(intent.within_ms)
        });
        foretells
            && intent.is_some() == (journey.kind == Kind::Intent)
            && journey.learn.is_some() == (journey.kind == Kind::Learning)
            && (journey.entries.is_empty() || journey.kind == Kind::AdHoc)
    }

    /// The alternatives are numbered as they stand, page by page and choice by choice.
    fn learns(&self) -> bool {
        let Some(Learn { floor, hold_out, arms, .. }) = &self.journey.learn else { return true };
        let mut rest = arms.as_slice();
        let numbered = self.journey.pages.iter().zip((0..).map(PageIx)).all(|(page, ix)| {
            let learning = page.compiled().filter_map(|choice| choice.ix.zip(choice.alternatives.as_ref()));
            let learning: BTreeMap<_, _> = learning.collect();
            learning.into_iter().zip(0..).all(|((choice, alternatives), nth)| {
                let first = arms.len() - rest.len();
                let Some((here, after)) = rest.split_at_checked(alternatives.all.len()) else { return false };
                rest = after;
                let arm = |offer| Arm { page: ix, choice, nth, offer };
                alternatives.first == first
                    && here.iter().copied().eq(alternatives.all.iter().map(|one| arm(one.offer)))
            })
        });
        let is_share = |share: &f64| (0.0..=1.0).contains(share);
        numbered && rest.is_empty() && is_share(floor) && is_share(hold_out)
    }

    /// A bit of the journey's for each, and a key that no other of its page has.
    fn is_once(&self) -> bool {
        let once = |page: &super::Page| page.compiled().filter_map(|choice| choice.once).collect();
        let pages: Vec<Vec<Once>> = self.journey.pages.iter().map(once).collect();
        let mut bits: Vec<u16> = pages.iter().flatten().map(|once| once.bit).collect();
        bits.sort_unstable();
        usize::from(self.journey.once) <= ONCE_MAX
            && bits.into_iter().eq(0..self.journey.once)
            && pages.iter().all(|page| differ(page.iter().map(|once| once.key)))
    }
}
