//! A compiled set of journeys: dense tables for the engine, names and copy for everyone else.
//!
//! Read-only after `compile`. Journeys are sorted by the bytes of their names. Comes after `compile.rs`;
//! next: `engine.rs`, which walks the tables.

use crate::graph::{Kind, Limit, Serves};
use crate::id::{ChoiceIx, JourneyIx, OfferIx, PageIx};
use turnpage_journeys_expr::{Program, Slot, Template, Type};

/// Every journey that runs, checked and compiled.
#[derive(Clone, Debug, Default)]
pub struct Library {
    pub(crate) journeys: Vec<Journey>,
    pub(crate) reads: Vec<Slot>,
}

impl Library {
    /// The journeys in the order of their names' bytes: the place in the slice is the `JourneyIx`.
    pub fn journeys(&self) -> &[Journey] {
        &self.journeys
    }

    /// A journey by index.
    pub fn journey(&self, ix: JourneyIx) -> Option<&Journey> {
        self.journeys.get(ix.index())
    }

    /// A journey by name.
    pub fn find(&self, name: &str) -> Option<JourneyIx> {
        let at = self.journeys.binary_search_by(|journey| journey.name.as_str().cmp(name)).ok()?;
        u16::try_from(at).ok().map(JourneyIx)
    }

    /// Every fact that some guard, variable or copy of some journey reads, ascending: nothing else needs filling.
    pub fn reads(&self) -> &[Slot] {
        &self.reads
    }
}

/// A compiled journey.
#[derive(Clone, Debug)]
pub struct Journey {
    /// Its name, unique in the library.
    pub name: String,
    /// The author's version number.
    pub version: u32,
    /// How strictly it holds its order.
    pub kind: Kind,
    /// Whom it serves.
    pub serves: Option<Serves>,
    /// Its offers in document order: the place in the vector is the `OfferIx`.
    pub offers: Vec<Offer>,
    /// Its variables in document order: the place in the vector is the `VariableIx`.
    pub variables: Vec<Variable>,
    pub(crate) admit: Option<Program>,
    pub(crate) start: Option<PageIx>,
    pub(crate) pages: Vec<Page>,
}

impl Journey {
    /// Its pages in document order: the place in the slice is the `PageIx`.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// A page by index.
    pub fn page(&self, ix: PageIx) -> Option<&Page> {
        self.pages.get(ix.index())
    }

    /// A choice of a page, for a decision record: what stood in the way or opened it.
    pub fn choice(&self, page: PageIx, choice: ChoiceIx) -> Option<&ChoiceInfo> {
        self.pages.get(page.index())?.choices.get(choice.index())
    }

    /// An offer by index.
    pub fn offer(&self, ix: OfferIx) -> Option<&Offer> {
        self.offers.get(ix.index())
    }
}

/// A compiled offer.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Its name, unique in its journey.
    pub name: String,
    /// Templates by language tag, the author's first language first.
    pub text: Vec<(String, Template)>,
    /// The channels it may go over, best first.
    pub channels: Vec<String>,
    /// How long it stands, in milliseconds.
    pub valid_ms: Option<i64>,
    /// How often it may be made to one subject.
    pub limit: Option<Limit>,
}

/// A compiled variable.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name, unique in its journey.
    pub name: String,
    /// What it holds.
    pub of: Type,
    pub(crate) initial: Program,
}

/// A compiled page.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its name, unique in its journey.
    pub name: String,
    /// Its choices in document order, as written: the place in the vector is the `ChoiceIx`.
    pub choices: Vec<ChoiceInfo>,
}

/// A choice as a decision record shows it.
#[derive(Clone, Debug)]
pub struct ChoiceInfo {
    /// The guard's text; empty when the choice has none.
    pub guard: String,
    /// The facts the guard reads.
    pub reads: Vec<Slot>,
    /// The offer it makes.
    pub offer: Option<OfferIx>,
    /// The page it turns to.
    pub turn_to: Option<PageIx>,
}
