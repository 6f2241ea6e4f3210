//! What a version says about those inside older ones: the pages it maps to exist.
//!
//! What is done with it is `crate::upgrade`. Pages of older versions are not known here: only that they are named once.

use super::Checker;
use super::call::Newest;
use super::journey::World;
use crate::graph::{Definition, Upgrade};
use crate::id::PageIx;
use crate::upgrade::Inside;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::vec::Vec;
use turnpage_journeys_expr::Diagnostic;

impl Checker<'_> {
    pub(super) fn upgrade(&mut self, definition: &Definition, world: &World<'_>) -> Inside {
        self.is_of_use(definition);
        let Upgrade::Map(pages) = &definition.upgrade.value else {
            return match definition.upgrade.value {
                Upgrade::Pin => Inside::Pin,
                Upgrade::Restart => Inside::Restart,
                Upgrade::Keep | Upgrade::Map(_) => Inside::Keep,
            };
        };
        let (mut map, mut seen) = (Vec::new(), BTreeSet::new());
        for (from, to) in pages {
            if !seen.insert(from.value.as_str()) {
                let message = format!("page `{}` of older versions goes to two pages", from.value);
                self.error("duplicate-name", from.span, message);
            }
            let to = world.pages.find(self, &to.value, to.span).map(PageIx);
            map.extend(to.map(|to| (from.value.clone(), to)));
        }
        Inside::Map(map)
    }

    /// An older version is there for those whom a newer one pins.
    fn is_of_use(&mut self, definition: &Definition) {
        let newest = self.newest.get(&definition.name.value).and_then(|ix| self.definitions.get(ix));
        let Some(newest) = newest.filter(|newest| newest.version > definition.version) else { return };
        if newest.upgrade.value != Upgrade::Pin {
            let (old, new) = (definition.version, newest.version);
            let message = format!("nobody is in version {old}: version {new} takes everyone over");
            let help = "leave it out, or say `upgrade: pin` in the newer version";
            self.push(Diagnostic::warning("old-version", definition.name.span, message).with_help(help));
        }
    }
}

/// Whether anyone is in a definition: it is the newest of its name, or is pinned by it.
pub(super) fn runs(definitions: &[Definition], newest: &Newest<'_>, ix: usize) -> bool {
    let Some(definition) = definitions.get(ix) else { return false };
    let Some(last) = newest.get(&definition.name.value) else { return false };
    last == ix || definitions.get(last).is_some_and(|last| last.upgrade.value == Upgrade::Pin)
}
