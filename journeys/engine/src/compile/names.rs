//! Names of one sort in one journey: well formed, unique, found again or missed with a suggestion.

use super::Checker;
use crate::bounds::NAME_MAX;
use crate::graph::Spanned;
use crate::library::sound::is_name;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use turnpage_journeys_expr::{Diagnostic, Span};

/// The names of one sort and their places.
pub(super) struct Names<'a> {
    sort: &'static str,
    places: BTreeMap<&'a str, u16>,
    order: Vec<&'a str>,
}

impl<'a> Names<'a> {
    /// Reads names in document order. The first of two equal names keeps its place.
    pub(super) fn read(
        checker: &mut Checker<'_>,
        sort: &'static str,
        max: usize,
        names: impl Iterator<Item = &'a Spanned<String>>,
    ) -> Self {
        let (mut places, mut order) = (BTreeMap::new(), Vec::new());
        for name in names {
            checker.name(sort, name);
            if order.len() >= max {
                let message = format!("a journey has at most {max} {sort}s");
                checker.error("too-many", name.span, message);
                break;
            }
            if places.contains_key(name.value.as_str()) {
                let message = format!("another {sort} of this journey is named `{}`, too", name.value);
                checker.error("duplicate-name", name.span, message);
            } else {
                places.insert(name.value.as_str(), order.len() as u16);
            }
            order.push(name.value.as_str());
        }
        Names { sort, places, order }
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    /// The place of a name, or a problem at `span` with the name that was probably meant.
    pub(super) fn find(&self, checker: &mut Checker<'_>, name: &str, span: Span) -> Option<u16> {
        let found = self.places.get(name).copied();
        if found.is_none() {
            let code = match self.sort {
                "page" => "unknown-page",
                "offer" => "unknown-offer",
                _ => "unknown-variable",
            };
            let message = format!("this journey has no {} `{name}`", self.sort);
            let known = self.order.iter().copied();
            checker.push(Diagnostic::error(code, span, message).suggesting(name, known));
        }
        found
    }
}

impl Checker<'_> {
    /// A name anyone may type, and that fits in a topic.
    pub(super) fn name(&mut self, sort: &str, name: &Spanned<String>) {
        if !is_name(&name.value) {
            let help = format!("a name has 1 to {NAME_MAX} ASCII letters, digits, `-` or `_`");
            let message = format!("`{}` cannot be the name of a {sort}", name.value);
            self.push(Diagnostic::error("bad-name", name.span, message).with_help(help));
        }
    }
}
