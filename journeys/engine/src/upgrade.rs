//! A new version with people inside: where each of them goes on.
//!
//! Everything is decided when a subject is restored, from what its bytes say and what the new version says about
//! those inside older ones. A dry run does the same and counts. What cannot go on takes its standing offers with it,
//! and whoever restores is told. What authors may write is `compile/version.rs`; bytes are `state.rs`.

use crate::bounds::PAGES_MAX;
use crate::effect::OfferId;
use crate::engine::{Engine, Error};
use crate::graph::SubjectKind;
use crate::id::{JourneyIx, PageIx, SubjectIx};
use crate::library::{Journey, Library};
use crate::offsets::Offsets;
use crate::state::{self, Saved, SavedInstance};
use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use turnpage_journeys_expr::stored::list;

/// What a version does with those inside an older one; `graph::Upgrade` with its pages found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Inside {
    /// Pages of one name are one page.
    #[default]
    Keep,
    /// They finish where they are.
    Pin,
    /// They begin anew.
    Restart,
    /// As `Keep`, but for these pages of older versions.
    Map(#[serde(deserialize_with = "list::<_, _, PAGES_MAX>")] Vec<(String, PageIx)>),
}

/// An offer that stood when its subject was saved, and that nobody stands by any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lapsed {
    /// Whose it was.
    pub subject: SubjectIx,
    /// The offer.
    pub id: OfferId,
    /// The journey that made it, which may be gone.
    pub journey: String,
    /// Its name there.
    pub offer: String,
}

/// Where a saved instance goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// No journey has its name any more.
    Gone,
    /// It has not begun, or is over: its steps and limits go on there.
    Over(JourneyIx),
    /// On a page of the newest version.
    On(JourneyIx, PageIx),
    /// In its own, older version, if that still has its page.
    Pinned(JourneyIx, PageIx),
    /// It begins anew, because the version says so.
    Restarts(JourneyIx),
    /// It begins anew, because its page is gone.
    NoPage(JourneyIx),
}

impl Fate {
    pub(crate) fn journey(self) -> Option<JourneyIx> {
        match self {
            Fate::Gone => None,
            Fate::Over(ix)
            | Fate::On(ix, _)
            | Fate::Pinned(ix, _)
            | Fate::Restarts(ix)
            | Fate::NoPage(ix) => Some(ix),
        }
    }

    pub(crate) fn page(self) -> Option<PageIx> {
        match self {
            Fate::On(_, page) | Fate::Pinned(_, page) => Some(page),
            Fate::Gone | Fate::Over(_) | Fate::Restarts(_) | Fate::NoPage(_) => None,
        }
    }

    /// Whether what it offered stands on.
    pub(crate) fn stands(self) -> bool {
        matches!(self, Fate::Over(_) | Fate::On(..) | Fate::Pinned(..))
    }
}

/// The fate of every instance of a subject, in their order: a callee goes where its caller goes. [16.1 to 16.6]
pub(crate) fn fates(library: &Library, kind: SubjectKind, saved: &Saved<'_>) -> Vec<Fate> {
    let mut fates: Vec<Fate> = Vec::with_capacity(saved.instances.len());
    for instance in &saved.instances {
        let caller = caller(saved, instance).and_then(|ix| fates.get(ix)?.journey());
        fates.push(fate(library, kind, instance, caller));
    }
    fates
}

/// The instance that called this one: its name ends where the last `>` stands.
fn caller(saved: &Saved<'_>, instance: &SavedInstance<'_>) -> Option<usize> {
    let (caller, _) = instance.journey.rsplit_once('>')?;
    let versions = instance.versions.split_last().map_or(&[][..], |(_, callers)| callers);
    saved.instances.iter().position(|other| other.journey == caller && other.versions == versions)
}

fn fate(
    library: &Library,
    kind: SubjectKind,
    instance: &SavedInstance<'_>,
    caller: Option<JourneyIx>,
) -> Fate {
    let named = || {
        let named = library.named(instance.journey).filter(move |(_, journey)| journey.subject == kind);
        named.filter(move |(_, journey)| caller.is_none() || journey.caller == caller)
    };
    let Some((newest, journey)) = named().last() else { return Fate::Gone };
    let Some(page) = instance.page.as_ref().map(|page| page.name) else {
        let same = named().find(|(_, journey)| journey.versions == *instance.versions);
        return Fate::Over(same.map_or(newest, |(ix, _)| ix));
    };
    let found = |name: &str, ix: JourneyIx, journey: &Journey| {
        journey.page_named(name).map_or(Fate::NoPage(newest), |page| Fate::On(ix, page))
    };
    let version = instance.versions.last().copied();
    // Bytes from before versions were saved are taken for the newest's.
    if version.is_none_or(|version| version == journey.version) {
        return found(page, newest, journey);
    }
    match &journey.inside {
        Inside::Keep => found(page, newest, journey),
        Inside::Map(map) => match map.iter().find(|(from, _)| from == page) {
            Some((_, to)) => Fate::On(newest, *to),
            None => found(page, newest, journey),
        },
        Inside::Restart => Fate::Restarts(newest),
        Inside::Pin => match named().find(|(_, journey)| Some(journey.version) == version) {
            Some((ix, journey)) => {
                journey.page_named(page).map_or(Fate::NoPage(newest), |page| Fate::Pinned(ix, page))
            }
            None => Fate::Restarts(newest),
        },
    }
}

/// What a new library does to those inside a journey of the old one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moves {
    /// The journey's name; that of a callee is `caller>callee`.
    pub journey: String,
    /// Who is inside the old one, by page.
    pub inside: Vec<(String, u64)>,
    /// Who goes on on the page of the same name.
    pub stay: u64,
    /// Who goes on on another page, by old and new page.
    pub moved: Vec<(String, String, u64)>,
    /// Who finishes in the version they are in.
    pub pinned: u64,
    /// Who begins anew because the new version says so, or pins to a version that is not there.
    pub restarted: u64,
    /// Who begins anew because there is no page for them, by old page.
    pub no_page: Vec<(String, u64)>,
}

#[derive(Default)]
struct Counts<'a> {
    inside: BTreeMap<&'a str, u64>,
    stay: u64,
    moved: BTreeMap<(&'a str, String), u64>,
    pinned: u64,
    restarted: u64,
    no_page: BTreeMap<&'a str, u64>,
}

/// Counts where everyone saved under one library goes on under another; journeys in the order of their names, also
/// those that nobody is inside. Nothing is changed.
///
/// # Errors
/// Some bytes are not what `save` wrote: a count without them would not be true.
pub fn dry_run<'a>(
    old: &Library,
    new: &Library,
    saved: impl Iterator<Item = &'a [u8]>,
) -> Result<Vec<Moves>, Error> {
    let mut counts: BTreeMap<String, Counts<'a>> =
        old.journeys().iter().map(|journey| (journey.name.clone(), Counts::default())).collect();
    let mut engine = Engine::new(new.clone(), Offsets::fixed(0), 0);
    for bytes in saved {
        let saved = state::read(bytes)?;
        engine.take_lapsed();
        // All journeys of a subject are for its kind: any that is known says it.
        let known = |library: &Library, name: &str| Some(library.journey(library.find(name)?)?.subject);
        let kind =
            saved.instances.iter().find_map(|i| known(new, i.journey).or_else(|| known(old, i.journey)));
        let kind = kind.unwrap_or_default();
        let subject = engine.restore(kind, "dry-run", bytes)?;
        for (instance, fate) in saved.instances.iter().zip(fates(new, kind, &saved)) {
            let Some(from) = instance.page.as_ref().map(|page| page.name) else { continue };
            let counts = counts.entry(instance.journey.to_owned()).or_default();
            *counts.inside.entry(from).or_default() += 1;
            // A callee whose caller has no page for it is over, whatever its own version says.
            let is_on = fate.journey().is_some_and(|ix| engine.page(subject, ix).is_some());
            match fate {
                Fate::Pinned(..) if is_on => counts.pinned += 1,
                Fate::On(ix, page) if is_on => {
                    let to = new.journey(ix).and_then(|journey| journey.page(page));
                    match to.map(|page| page.name.as_str()).filter(|to| *to != from) {
                        Some(to) => *counts.moved.entry((from, to.to_owned())).or_default() += 1,
                        None => counts.stay += 1,
                    }
                }
                Fate::Restarts(_) => counts.restarted += 1,
                _ => *counts.no_page.entry(from).or_default() += 1,
            }
        }
    }
    let moves = counts.into_iter().map(|(journey, counts)| Moves {
        journey,
        inside: counts.inside.into_iter().map(|(page, n)| (page.to_owned(), n)).collect(),
        stay: counts.stay,
        moved: counts.moved.into_iter().map(|((from, to), n)| (from.to_owned(), to, n)).collect(),
        pinned: counts.pinned,
        restarted: counts.restarted,
        no_page: counts.no_page.into_iter().map(|(page, n)| (page.to_owned(), n)).collect(),
    });
    Ok(moves.collect())
}
