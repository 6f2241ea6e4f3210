//! Journeys written in Rust, as short as they would be in a file.

use turnpage_journeys_engine::{ChoiceDef, Definition, OfferDef, On, Outcome, OutcomeOf, PageDef};

pub(crate) fn when(guard: &str) -> ChoiceDef {
    ChoiceDef { when: Some(guard.into()), ..ChoiceDef::default() }
}

pub(crate) fn after(after_ms: i64) -> ChoiceDef {
    ChoiceDef { after_ms: Some(after_ms.into()), ..ChoiceDef::default() }
}

pub(crate) fn page(name: &str, choices: Vec<ChoiceDef>) -> PageDef {
    PageDef { name: name.into(), choices, ..PageDef::default() }
}

pub(crate) trait Does: Sized {
    fn on(self, on: On) -> Self;
    fn answers(self, offer: &str, outcome: Outcome) -> Self;
    fn given(self, guard: &str) -> Self;
    fn offers(self, offer: &str) -> Self;
    fn records(self, offer: &str, outcome: Outcome) -> Self;
    fn sets(self, variable: &str, value: &str) -> Self;
    fn turns(self, page: &str) -> Self;
}

impl Does for ChoiceDef {
    fn on(mut self, on: On) -> Self {
        self.on = Some(on.into());
        self
    }

    fn answers(self, offer: &str, outcome: Outcome) -> Self {
        self.on(On::Outcome(OutcomeOf { offer: offer.to_owned(), outcome }))
    }

    fn given(mut self, guard: &str) -> Self {
        self.when = Some(guard.into());
        self
    }

    fn offers(mut self, offer: &str) -> Self {
        self.offer = Some(offer.into());
        self
    }

    fn records(mut self, offer: &str, outcome: Outcome) -> Self {
        self.outcome = Some(OutcomeOf { offer: offer.to_owned(), outcome }.into());
        self
    }

    fn sets(mut self, variable: &str, value: &str) -> Self {
        self.set.push((variable.into(), value.into()));
        self
    }

    fn turns(mut self, page: &str) -> Self {
        self.turn_to = Some(page.into());
        self
    }
}

/// A guided journey whose offers have a name and nothing else.
pub(crate) fn journey(name: &str, offers: &[&str], pages: Vec<PageDef>) -> Definition {
    let offer = |name: &&str| OfferDef { name: (*name).into(), ..OfferDef::default() };
    let offers = offers.iter().map(offer).collect();
    Definition { name: name.into(), version: 1, offers, pages, ..Definition::default() }
}
