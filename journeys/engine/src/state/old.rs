//! The layout before this one: it knew pages, variables that are no symbols, and offers. Nobody writes it any more.

use super::{Saved, SavedInstance, SavedPage, SavedValue};
use crate::limits::Made;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use serde::Deserialize;
use turnpage_journeys_expr::Value;

pub(super) const VERSION: u8 = 1;

#[derive(Deserialize)]
pub(super) struct Old<'a> {
    #[serde(borrow)]
    instances: Vec<OldInstance<'a>>,
}

#[derive(Deserialize)]
struct OldInstance<'a> {
    journey: &'a str,
    steps: u32,
    #[serde(borrow)]
    page: Option<OldPage<'a>>,
    #[serde(borrow)]
    variables: Vec<(&'a str, Value)>,
    #[serde(borrow)]
    offers: Vec<(&'a str, Made)>,
}

#[derive(Deserialize)]
struct OldPage<'a> {
    name: &'a str,
    entered_at: i64,
    spent_ms: Vec<i64>,
}

impl<'a> OldPage<'a> {
    fn renewed(self) -> SavedPage<'a> {
        let OldPage { name, entered_at, spent_ms } = self;
        SavedPage { name, entered_at, spent_ms, clocks: Vec::new(), marks: 0 }
    }
}

/// The same in the layout of today. The version it was saved in is not known.
pub(super) fn renewed(old: Old<'_>) -> Saved<'_> {
    let variable = |(name, value)| (name, SavedValue::Plain(value));
    let instances = old.instances.into_iter().map(|old| SavedInstance {
        journey: old.journey,
        versions: Cow::Borrowed(&[]),
        steps: old.steps,
        evidence: 0,
        page: old.page.map(OldPage::renewed),
        variables: old.variables.into_iter().map(variable).collect(),
        history: Vec::new(),
        once: Vec::new(),
        offers: old.offers,
        learned: Vec::new(),
        foresaw_at: 0,
        rests: false,
    });
    Saved { instances: instances.collect() }
}
